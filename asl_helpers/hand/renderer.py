"""Pictures of hands: sphere-swept bones, a depth buffer, skin under light, a camera with faults."""

from collections.abc import Sequence

import numpy as np

from asl_helpers.hand.backgrounds import draw_background
from asl_helpers.hand.flesh import build
from asl_helpers.hand.looks import Look, LookError, sample_look
from asl_helpers.hand.raster import box, rasterise
from asl_helpers.hand.sampling import HandBatch
from asl_helpers.hand.shading import shade

_LEVELS = 4096
_STEPS = np.arange(_LEVELS + 1) / _LEVELS
# sRGB's curve (IEC 61966-2-1) as a table, rounded: the power function differs between machines.
_SRGB = np.round(
    np.where(_STEPS <= 0.0031308, 12.92 * _STEPS, 1.055 * _STEPS ** (1 / 2.4) - 0.055) * 255, 3
).astype(np.float32)


def render(
    batch: HandBatch,
    size: int,
    seed: int = 0,
    look: Look | Sequence[Look] | None = None,
    supersample: int = 2,
) -> np.ndarray:
    """Draw each hand of a batch.

    Parameters
    ----------
    batch:
        n hands; ``image``, ``radius``, ``side`` and ``skin`` are used.
    size:
        Pixels a side of the square pictures.
    seed:
        Decides the looks that are not given, and the noise.
    look:
        One Look for all, one for each hand, or None to draw them at random (with the batch's skin).
    supersample:
        Surface samples a pixel, a side: 2 for data, 3 or 4 for a figure.

    Returns
    -------
    (n, size, size, 3) uint8 sRGB. The same seed gives the same bytes; on another machine a grey
    level may differ by one where NumPy's trigonometry moved a joint by a rounding error.
    """
    n = len(batch.label)
    if isinstance(look, Look):
        looks = [look] * n
    elif look is None:
        rng = np.random.default_rng([seed, 1])
        looks = [sample_look(rng, skin) for skin in batch.skin]
    else:
        looks = list(look)
    if len(looks) != n:
        raise LookError(f"Got {len(looks)} looks for {n} hands; give one, or one for each hand.")
    pictures = np.empty((n, size, size, 3), np.uint8)
    for i, one in enumerate(looks):
        rng = np.random.default_rng([seed, 2, i])
        pictures[i] = render_row(batch, i, size, one, rng, supersample)
    return pictures


def render_row(
    batch: HandBatch,
    row: int,
    size: int,
    look: Look,
    rng: np.random.Generator,
    supersample: int = 2,
) -> np.ndarray:
    """Draw one hand of a batch, (size, size, 3) uint8; ``rng`` decides the noise alone."""
    hand = (batch.image[row], batch.radius[row], str(batch.side[row]))
    return develop(_linear(hand, look, size, supersample), look, rng)


def render_background(look: Look, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return a picture without a hand, (size, size, 3) uint8: the look's background and camera."""
    return develop(_backdrop(look, size), look, rng)


def _backdrop(look, size):
    """Return the background, lit and exposed; paper keeps its colour in any light."""
    if look.background == "paper":
        return draw_background(look, size)
    light = np.array(look.fill_colour) + 0.8 * np.array(look.light_colour)
    return _exposed(draw_background(look, size) * light.astype(np.float32), look)


def _exposed(light, look):
    """Apply exposure and white balance; highlights roll off above 0.8 instead of being cut."""
    light = light * (np.array(look.white, np.float32) * np.float32(look.exposure))
    high = np.maximum(light - np.float32(0.8), 0)
    return np.minimum(light, np.float32(0.8)) + high / (1 + high * np.float32(5))


def forearm(points: np.ndarray, look: Look) -> np.ndarray:
    """Return where the elbow lies from the wrist, a unit vector (3,), for points (21, 3)."""
    if look.elbow is not None:
        direction = np.array(look.elbow, np.float64)
        return direction / np.sqrt((direction * direction).sum())
    p = points.astype(np.float64)
    back, across = p[0] - 0.5 * (p[9] + p[13]), p[5] - p[17]
    back = back / np.sqrt((back * back).sum())
    across = across - back * (across * back).sum()
    across = across / max(np.sqrt((across * across).sum()), 1e-9)
    flat = np.cross(back, across)  # out of the palm or out of the back: the wrist bends both ways
    # The elbow hangs down as far as the wrist allows: about 75 degrees forwards or backwards and
    # 25 sideways (American Academy of Orthopaedic Surgeons, Joint Motion, 1965).
    down = np.array([0.0, 1.0, 0.25])
    bend = _within(np.arctan2((down * flat).sum(), (down * back).sum()), np.deg2rad(75))
    lean = _within(np.arctan2((down * across).sum(), (down * back).sum()), np.deg2rad(25))
    elbow = back + np.tan(0.8 * bend) * flat + np.tan(lean) * across
    # An arm that points at the camera or away from it would end inside the picture.
    side = np.sqrt(elbow[0] ** 2 + elbow[1] ** 2)
    if side < 0.3:
        elbow = elbow + np.array([0.0, 0.5, 0.0])
        side = np.sqrt(elbow[0] ** 2 + elbow[1] ** 2)
    elbow[2] = _within(elbow[2], 0.6 * side)
    # Rounded, so that the last bit of a machine's tangent does not matter.
    return np.round(elbow / np.sqrt((elbow * elbow).sum()), 5)


def _within(value, limit):
    return min(max(value, -limit), limit)


def _linear(hand, look, size, supersample):
    """Return one sharp picture in linear light, exposed, (size, size, 3) float32."""
    points, radii, side = hand
    # On a grid of 2^-16 a joint that another machine's sine moved by a hair lands on the same spot.
    points, radii = (
        np.round(values.astype(np.float64) * 65536) / 65536 for values in (points, radii)
    )
    fine = size * supersample
    elbow = forearm(points, look)
    flesh = build(points, radii, side, elbow, look.cuff)
    surface = rasterise(flesh, fine)
    colour = np.zeros((fine * fine, 4), np.float32)
    if surface.covered.size:
        colour[surface.covered, :3] = _exposed(shade(flesh, surface, look), look)
        colour[surface.covered, 3] = 1
        if look.fade is not None:
            away = (surface.point - points[0]) @ elbow / flesh.palm[4]
            start, end = look.fade
            ink = np.clip((end - away) / (end - start), 0, 1).astype(np.float32)
            colour[surface.covered] *= (ink * ink * (3 - 2 * ink))[:, None]
    colour = colour.reshape(size, supersample, size, supersample, 4)
    total = colour[:, 0, :, 0]
    for y in range(supersample):
        for x in range(supersample):
            if x or y:
                total = total + colour[:, y, :, x]
    total *= np.float32(1 / supersample**2)
    backdrop = _backdrop(look, size)
    return backdrop * (1 - total[..., 3:]) + total[..., :3]


def develop(picture: np.ndarray, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Turn exposed light (size, size, 3) into a uint8 picture: blur, sRGB, noise."""
    size = len(picture)
    picture = _motion(picture, look.blur, size)
    if look.defocus * size >= 0.5:
        radius = int(look.defocus * size + 0.5)
        picture = box(picture, radius)
    level = (np.clip(picture, 0, 1) * np.float32(_LEVELS) + np.float32(0.5)).astype(np.int32)
    grey = _SRGB[level]
    if look.noise > 0:
        # The sum of four bytes is nearly normal (standard deviation 147.8) and exact everywhere.
        raw = rng.integers(0, 256, (size, size, 3, 4), dtype=np.uint8).sum(-1, dtype=np.int32)
        grey = grey + (raw - 510).astype(np.float32) * np.float32(look.noise / 147.8)
    return np.clip(grey + np.float32(0.5), 0, 255).astype(np.uint8)


def _motion(picture, blur, size):
    """Average the picture along a short straight path."""
    dx, dy = blur[0] * size, blur[1] * size
    steps = int(max(abs(dx), abs(dy)) + 0.5)
    if not steps:
        return picture
    total = np.zeros_like(picture)
    for step in range(steps + 1):
        part = step / steps - 0.5
        shift = (round(dy * part), round(dx * part))
        total += _shifted(picture, shift)
    return total * np.float32(1 / (steps + 1))


def _shifted(picture, shift):
    """Return the picture moved by whole pixels, its edges repeated."""
    size = len(picture)
    rows = np.clip(np.arange(size) - shift[0], 0, size - 1)
    columns = np.clip(np.arange(size) - shift[1], 0, size - 1)
    return picture[rows][:, columns]
