"""Images of hands: a depth buffer, skin under light, a camera with faults.

Pixels meet only correctly rounded float32 operations; the two curves that are none (sRGB and its
inverse) are tables rounded to fixed digits, so that every machine draws nearly the same image.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import shift

from asl_helpers.errors import AslError
from asl_helpers.hand import raster
from asl_helpers.hand.body import eased
from asl_helpers.hand.raster import PALM, PINKY, SLEEVE, THUMB, box, dot, f32, unit
from asl_helpers.hand.sampling import HandBatch
from asl_helpers.hand.scene import Look, draw_background, sample_look, skin_tone, to_linear

# sRGB's curve (IEC 61966-2-1) as a table, rounded: the power function differs between machines.
_LEVELS = 4096
_STEPS = np.arange(_LEVELS + 1) / _LEVELS
_SRGB = np.round(
    np.where(_STEPS <= 0.0031308, 12.92 * _STEPS, 1.055 * _STEPS ** (1 / 2.4) - 0.055) * 255, 3
).astype(f32)

# Palms hold little melanin (Thong et al. 2003, Br. J. Dermatol.): dark tones lighten most there.
_PALM_TARGET = to_linear("#c48e6e")
_NAIL = to_linear("#e6b9a8")
_BLOOD = np.array([1.0, 0.80, 0.77])
# Light that blood sends back whatever the melanin: it keeps the deepest tones brown, not grey.
_SCATTER = np.array([0.026, 0.011, 0.005])


def render(
    batch: HandBatch,
    size: int,
    seed: int = 0,
    look: Look | Sequence[Look] | None = None,
    supersample: int = 2,
) -> np.ndarray:
    """Draw each hand of a batch: (n, size, size, 3) uint8 sRGB.

    ``look`` is one for all, one for each hand, or None to draw them at random with the batch's
    skin; ``supersample`` is the number of surface samples a pixel, a side: 2 for data, 3 or 4 for
    a figure. The same seed gives the same bytes; on another machine a grey level may differ by one.
    """
    n = len(batch)
    if look is None:
        rng = np.random.default_rng([seed, 1])
        look = [sample_look(rng, skin) for skin in batch.skin]
    looks = [look] * n if isinstance(look, Look) else list(look)
    if len(looks) != n:
        raise AslError(f"Got {len(looks)} looks for {n} hands; give one, or one for each hand.")
    images = np.empty((n, size, size, 3), np.uint8)
    for row, each in enumerate(looks):
        rng = np.random.default_rng([seed, 2, row])
        images[row] = render_row(batch, row, size, each, rng, supersample)
    return images


def render_row(
    batch: HandBatch,
    row: int,
    size: int,
    look: Look,
    rng: np.random.Generator,
    supersample: int = 2,
) -> np.ndarray:
    """Draw one hand of a batch, (size, size, 3) uint8; ``rng`` decides the noise alone."""
    # On a grid of 2^-16 a joint that another machine's sine moved by a hair lands on the same spot.
    points, radii = (
        np.round(values[row].astype(np.float64) * 65536) / 65536
        for values in (batch.image, batch.radius)
    )
    elbow = forearm(points)
    layer = paint(points, radii, str(batch.side[row]), elbow, look, size * supersample)
    layer = layer.reshape(size, supersample, size, supersample, 4).mean(axis=(1, 3))
    return develop(backdrop(look, size) * (1 - layer[..., 3:]) + layer[..., :3], look, rng)


def paint(
    points: np.ndarray, radii: np.ndarray, side: str, elbow: np.ndarray, look: Look, size: int
) -> np.ndarray:
    """Draw one hand and its arm in linear light, exposed: RGBA float32 (size, size, 4)."""
    flesh = raster.build(points, radii, side, elbow, look.cuff)
    surface = raster.rasterise(flesh, size)
    layer = np.zeros((size * size, 4), f32)
    if surface.covered.size:
        layer[surface.covered, :3] = expose(shade(flesh, surface, look), look)
        layer[surface.covered, 3] = 1
        if look.fade is not None:
            start, end = look.fade
            away = (surface.point - points[0]) @ elbow / flesh.palm[4]
            ink = np.clip((end - away) / (end - start), 0, 1).astype(f32)
            layer[surface.covered] *= eased(ink)[:, None]
    return layer.reshape(size, size, 4)


def backdrop(look: Look, size: int) -> np.ndarray:
    """Return the background, lit and exposed; paper keeps its colour in any light."""
    if look.background == "paper":
        return draw_background(look, size)
    light = np.array(look.fill_colour) + 0.8 * np.array(look.light_colour)
    return expose(draw_background(look, size) * light.astype(f32), look)


def expose(light: np.ndarray, look: Look) -> np.ndarray:
    """Apply exposure and white balance; highlights roll off above 0.8 instead of being cut."""
    light = light * (np.array(look.white, f32) * f32(look.exposure))
    high = np.maximum(light - 0.8, 0)
    return np.minimum(light, 0.8) + high / (1 + high * 5)


def forearm(points: np.ndarray) -> np.ndarray:
    """Return where the elbow lies from the wrist, a unit vector (3,), for points (21, 3)."""
    p = points.astype(np.float64)
    back, across = unit(p[0] - 0.5 * (p[9] + p[13])), p[5] - p[17]
    across = unit(across - back * (across @ back))
    flat = np.cross(back, across)  # out of the palm or out of the back: the wrist bends both ways
    # The elbow hangs down as far as the wrist allows: about 75 degrees forwards or backwards and
    # 25 sideways (American Academy of Orthopaedic Surgeons, Joint Motion, 1965).
    down = np.array([0.0, 1.0, 0.25])
    bend, lean = np.arctan2([down @ flat, down @ across], down @ back)
    bend, lean = np.clip([bend, lean], *np.deg2rad([[-75, -25], [75, 25]]))
    elbow = back + np.tan(0.8 * bend) * flat + np.tan(lean) * across
    # An arm that points at the camera or away from it would end inside the image.
    if np.hypot(*elbow[:2]) < 0.3:
        elbow = elbow + np.array([0.0, 0.5, 0.0])
    most = 0.6 * np.hypot(*elbow[:2])
    elbow[2] = np.clip(elbow[2], -most, most)
    # Rounded, so that the last bit of a machine's tangent does not matter.
    return np.round(unit(elbow), 5)


def develop(image: np.ndarray, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Turn exposed light (size, size, 3) into a uint8 image: blur, sRGB, noise."""
    size = len(image)
    image = _motion_blur(image, look.blur)
    if look.defocus * size >= 0.5:
        image = box(image, int(look.defocus * size + 0.5))
    grey = _srgb(image)
    if look.noise > 0:
        # The sum of four bytes is nearly normal (standard deviation 147.8) and exact everywhere.
        raw = rng.integers(0, 256, (size, size, 3, 4), dtype=np.uint8).sum(-1, dtype=np.int32)
        grey = grey + (raw - 510).astype(f32) * (look.noise / 147.8)
    return np.clip(grey + 0.5, 0, 255).astype(np.uint8)


def grey_levels(light: np.ndarray) -> np.ndarray:
    """Return linear light as sRGB grey levels, uint8."""
    return (_srgb(light) + 0.5).astype(np.uint8)


def _srgb(light):
    """Return linear light as sRGB grey levels, float32 of 0 to 255."""
    return _SRGB[(np.clip(light, 0, 1) * _LEVELS + 0.5).astype(np.int32)]


def _motion_blur(image, blur):
    """Average the image along a short straight path, its edges repeated."""
    dx, dy = np.array(blur) * len(image)
    steps = int(max(abs(dx), abs(dy)) + 0.5)
    if not steps:
        return image
    parts = np.arange(steps + 1) / steps - 0.5
    offsets = [(round(dy * part), round(dx * part), 0) for part in parts]
    return np.mean([shift(image, each, order=0, mode="nearest") for each in offsets], axis=0)


def shade(flesh: raster.Flesh, surface: raster.Surface, look: Look) -> np.ndarray:
    """Return the colour of the covered pixels, (m, 3) float32 linear RGB before exposure."""
    normal = surface.normal
    albedo, gloss = _skin(flesh, surface, look)
    open_to_fill, open_to_light = _occlusion(flesh, surface, look)

    light = unit(np.array(look.light, np.float64)).astype(f32)
    facing = dot(normal, light)
    # Light enters skin and leaves it elsewhere, red farthest: the terminator is soft and warm.
    wrap = np.array([0.34, 0.20, 0.16], f32)
    lit = np.maximum((facing[:, None] + wrap) * (1 / (1 + wrap)), 0)
    lit *= open_to_light[:, None] * np.array([0.84, 1.0, 1.0], f32) + np.array([0.16, 0, 0], f32)
    sky = 0.72 - 0.28 * normal[:, 1] - 0.12 * normal[:, 2]
    fill = (sky * open_to_fill)[:, None] * np.array(look.fill_colour, f32)
    bounce = (1 - open_to_fill)[:, None] * np.array([0.055, 0.012, 0.006], f32)
    colour = albedo * (lit * np.array(look.light_colour, f32) + fill + bounce)

    # Highlight (Blinn): half-way between light and camera, sharpened to the powers 12 and 36.
    half = unit(light + np.array([0, 0, -1], f32))
    shine = np.maximum(dot(normal, half), 0) ** 2
    shine = shine * shine
    broad = shine * shine * shine
    sharp = broad * broad * broad
    rim = 1 + normal[:, 2]
    shine = (0.10 * broad + 0.15 * sharp) * open_to_light * (facing > 0)
    shine = (shine + 0.10 * rim * rim * rim * open_to_fill) * gloss
    return colour + shine[:, None] * np.array(look.light_colour, f32)


def _bump(distance, width):
    """A bell without an exponential: 1 at 0, 1/4 at ``width``."""
    ratio = distance * (1 / width)
    bell = 1 / (1 + ratio * ratio)
    return bell * bell


def _skin(flesh, surface, look):
    """Return albedo (m, 3) and gloss (m,): tone, paler palm, flushed joints, creases, nails."""
    solid, along = surface.solid, surface.along
    part, segment = flesh.part[solid], flesh.segment[solid]
    finger = (part >= THUMB) & (part <= PINKY)
    tip = finger & (segment == 3)
    ways = flesh.dorsal.astype(f32)[solid]
    out = ways[:, 0] + (ways[:, 1] - ways[:, 0]) * np.clip(along, 0, 1)[:, None]
    back = dot(surface.normal, out)  # 1 on the back of the hand, -1 on the inner side
    # Where on the palm: across -0.5 (little finger) to 0.5 (thumb), up 0 (wrist) to 1 (knuckles).
    offset, frame = surface.point - flesh.palm[:3].astype(f32), flesh.palm_frame.astype(f32)
    across, up = (dot(offset, frame[i]) * f32(1 / flesh.palm[3 + i]) for i in (0, 1))

    tone = _tone(look)
    dark = 1 - tone.mean()
    palm_tone = tone + (np.minimum(_PALM_TARGET, 0.9) - tone) * (0.06 + 0.26 * dark * dark)
    inner = np.clip(0.42 - 0.9 * back, 0, 1)
    inner = inner * np.clip(1 + up * 2.2, 0.15, 1)  # the arm is as brown as the back
    albedo = tone.astype(f32) + (palm_tone - tone).astype(f32) * inner[:, None]

    # Distance to the nearest hinge along the bone; the finger's base line lies above its knuckle.
    ends = [1 - along, np.minimum(along, 1 - along)]
    hinge = np.abs(np.select([segment == 1, segment == 2], ends, along))
    hinge = np.where(finger, hinge, 9)
    base = np.where(finger & (segment == 1), np.abs(along - 0.38), 9)
    flush = np.where(tip, np.clip(along * 1.4 - 0.4, 0, 1) * 0.5, 0)
    knuckle = _bump(hinge, 0.16) * np.clip(back * 1.5, 0, 1)
    knuckle += np.where(part == PALM, _bump(up - 0.98, 0.08) * np.clip(back, 0, 1), 0)
    flush = np.minimum(flush + 0.35 * knuckle, 1)
    albedo *= 1 + flush[:, None] * (_BLOOD - 1).astype(f32)
    # Creases: across the inner side of the finger joints, and the lines of the palm.
    line = 0.24 * _bump(np.minimum(hinge, base), 0.030) * np.clip(-back * 2, 0, 1)
    line += 0.16 * _bump(hinge, 0.05) * np.clip(back * 2, 0, 1)
    line += np.where((part == PALM) & (back < -0.2), _palm_lines(across, up), 0)
    line = np.minimum(line, 0.5)[:, None]
    albedo *= (1 - line) + line * np.array([0.24, 0.05, 0.04], f32)
    gloss = np.full(len(solid), look.gloss, f32)
    nails = np.flatnonzero(tip & (back > 0.15) & (solid < len(flesh.cones)))
    _paint_nails(flesh, surface, nails, out[nails], albedo, gloss, tone)
    cloth = part == SLEEVE
    albedo[cloth], gloss[cloth] = np.array(look.cloth, f32), 0
    return albedo, gloss


def _tone(look):
    """Return the skin's albedo, (3,): the scale's swatch, a little redder, as living skin is."""
    swatch = skin_tone(look.skin)
    swatch = swatch * min(1.0, 0.78 / swatch.max())
    # Blood shows through where there is little melanin.
    pale = np.clip((swatch.max() - 0.2) / 0.5, 0.0, 1.0)
    blood = np.array([1.03, 0.92, 0.86]) * (1 - pale) + np.array([1.03, 0.86, 0.72]) * pale
    return (swatch * blood + _SCATTER) * np.array(look.tint)


def _palm_lines(u, v):
    """Return how dark the three great lines of the palm are, 0 to 0.3; u is across, v up."""
    heart = v - (0.80 - 0.22 * (0.30 - u) * (0.30 - u))
    head = v - (0.66 + 0.30 * (u - 0.45))
    rx, ry = (u - 0.62) * 0.85, v - 0.22
    life = np.sqrt(rx * rx + ry * ry) - 0.50
    dark = np.maximum(
        _bump(heart, 0.020) * ((u < 0.36) & (u > -0.5)),
        _bump(head, 0.020) * ((u > -0.36) & (u < 0.5)),
    )
    dark = np.maximum(dark, _bump(life, 0.022) * (v > 0.05) * (v < 0.75))
    return 0.26 * dark


def _paint_nails(flesh, surface, where, out, albedo, gloss, tone):
    """Paint nails, in place: an oval on the back of each last phalanx."""
    cones = flesh.cones[surface.solid[where]].astype(f32)
    axis = cones[:, 4:7] - cones[:, :3]
    length = np.sqrt(dot(axis, axis)) + 1e-6
    axis /= length[:, None]
    along = dot(surface.point[where] - cones[:, :3], axis) - length
    across = dot(surface.normal[where], np.cross(axis, out)) / 0.74
    lengthwise = (along / cones[:, 7] + 0.02) / 0.78
    oval = 1 - (across * across * across * across + lengthwise**2 * lengthwise**2)
    inside = np.clip(oval * 5, 0, 1)
    edge = _bump(oval, 0.30) * 0.28 * (inside < 1)
    nail = np.minimum(tone * 0.45 + _NAIL * 0.45, 0.8).astype(f32)
    rim = np.clip((lengthwise - 0.62) * 8, 0, 1) * inside  # the free edge is paler
    mixed = albedo[where] + (nail - albedo[where]) * (0.75 * inside)[:, None]
    mixed += (0.78 - mixed) * (0.35 * rim)[:, None]
    albedo[where] = mixed * (1 - edge)[:, None]
    gloss[where] += inside * 0.9


def _occlusion(flesh, surface, look):
    """Return how open each pixel is to the fill and to the main light, two (m,) in 0-1."""
    covered, size, z = surface.covered, len(surface.depth), surface.point[:, 2]
    scale = f32(flesh.cones[:, 3].max())  # the fattest radius
    filled = np.minimum(surface.depth, z.max() + scale)
    open_fill = np.ones(len(covered), f32)
    for reach, strength in ((0.35, 0.85), (1.1, 0.55)):
        lower = box(filled, max(int(scale * reach * size + 0.5), 1)).ravel()[covered]
        sunk = np.clip((z - lower) / (scale * (0.55 * (0.5 + reach))), 0, 1)
        open_fill *= 1 - strength * look.shadow * sunk

    light = unit(np.array(look.light, np.float64))
    open_light = np.ones(len(covered), f32)
    slope, flat = min(-light[2], 0.95), np.hypot(*light[:2])
    if slope > 0.05 and flat > 0.05:
        rows, columns = covered // size, covered % size
        for step in (0.25, 0.55, 0.95, 1.5, 2.2):
            far = float(scale) * step * 1.3
            dx, dy = (round(way / flat * far * size) for way in light[:2])
            nearer = filled[np.clip(rows + dy, 0, size - 1), np.clip(columns + dx, 0, size - 1)]
            over = (z - f32(far * slope / flat)) - nearer
            dim = np.clip(over / (scale * (0.22 + 0.18 * step)) - 0.12, 0, 1)
            dim *= over < scale * 3.0
            open_light = np.minimum(open_light, 1 - 0.82 * look.shadow * dim)
    # A pit sees little of the light either.
    open_light *= 0.45 + 0.55 * open_fill
    return open_fill, open_light
