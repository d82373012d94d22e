"""Pictures of hands: sphere-swept bones, a depth buffer, skin under light, a camera with faults."""

from collections.abc import Sequence

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.hand.raster import (
    PALM,
    PINKY,
    SLEEVE,
    THUMB,
    Flesh,
    Surface,
    box,
    build,
    rasterise,
)
from asl_helpers.hand.sampling import HandBatch
from asl_helpers.hand.scene import (
    SKIN_TONES,
    Look,
    draw_background,
    sample_look,
    to_linear,
)

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
        raise AslError(f"Got {len(looks)} looks for {n} hands; give one, or one for each hand.")
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
    return develop(backdrop(look, size), look, rng)


def backdrop(look, size):
    """Return the background, lit and exposed; paper keeps its colour in any light."""
    if look.background == "paper":
        return draw_background(look, size)
    light = np.array(look.fill_colour) + 0.8 * np.array(look.light_colour)
    return expose(draw_background(look, size) * light.astype(np.float32), look)


def expose(light, look):
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
        colour[surface.covered, :3] = expose(shade(flesh, surface, look), look)
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
    behind = backdrop(look, size)
    return behind * (1 - total[..., 3:]) + total[..., :3]


def develop(picture: np.ndarray, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Turn exposed light (size, size, 3) into a uint8 picture: blur, sRGB, noise."""
    size = len(picture)
    picture = _motion(picture, look.blur, size)
    if look.defocus * size >= 0.5:
        radius = int(look.defocus * size + 0.5)
        picture = box(picture, radius)
    grey = _srgb(picture)
    if look.noise > 0:
        # The sum of four bytes is nearly normal (standard deviation 147.8) and exact everywhere.
        raw = rng.integers(0, 256, (size, size, 3, 4), dtype=np.uint8).sum(-1, dtype=np.int32)
        grey = grey + (raw - 510).astype(np.float32) * np.float32(look.noise / 147.8)
    return np.clip(grey + np.float32(0.5), 0, 255).astype(np.uint8)


def grey_levels(light: np.ndarray) -> np.ndarray:
    """Return linear light as sRGB grey levels, uint8."""
    return (_srgb(light) + np.float32(0.5)).astype(np.uint8)


def _srgb(light):
    """Return linear light as sRGB grey levels, float32 of 0 to 255."""
    return _SRGB[(np.clip(light, 0, 1) * np.float32(_LEVELS) + np.float32(0.5)).astype(np.int32)]


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


f32 = np.float32
_TONES = np.array([to_linear(tone) for tone in SKIN_TONES])
# Palms hold little melanin (Thong et al. 2003, Br. J. Dermatol.): dark tones lighten most there.
_PALM_TARGET = to_linear("#c48e6e")
_NAIL = to_linear("#e6b9a8")
_BLOOD = np.array([1.0, 0.80, 0.77])
# Light that blood sends back whatever the melanin: it keeps the deepest tones brown, not grey.
_SCATTER = np.array([0.026, 0.011, 0.005])


def shade(flesh: Flesh, surface: Surface, look: Look) -> np.ndarray:
    """Return the colour of the covered pixels, (m, 3) float32 linear RGB before exposure."""
    normal, solid = surface.normal, surface.solid
    albedo, gloss = _skin(flesh, surface, look)
    open_to_fill, open_to_light = _occlusion(flesh, surface, look)

    light = np.array(look.light, np.float64)
    light = (light / np.sqrt((light * light).sum())).astype(f32)
    facing = normal[:, 0] * light[0] + normal[:, 1] * light[1] + normal[:, 2] * light[2]
    # Light enters skin and leaves it elsewhere, red farthest: the terminator is soft and warm.
    cloth = flesh.part[solid] == SLEEVE
    wrap = np.array([0.34, 0.20, 0.16], f32)
    lit = (facing[:, None] + wrap) * (1 / (1 + wrap))
    np.maximum(lit, 0, out=lit)
    lit *= open_to_light[:, None] * np.array([0.84, 1.0, 1.0], f32) + np.array([0.16, 0, 0], f32)
    sky = f32(0.72) - f32(0.28) * normal[:, 1] - f32(0.12) * normal[:, 2]
    fill = (sky * open_to_fill)[:, None] * np.array(look.fill_colour, f32)
    bounce = (1 - open_to_fill)[:, None] * np.array([0.055, 0.012, 0.006], f32)
    colour = albedo * (lit * np.array(look.light_colour, f32) + fill + bounce)

    # Highlight (Blinn): half-way between light and camera, sharpened by repeated squaring.
    half = light + np.array([0, 0, -1], f32)
    half = half / np.sqrt((half * half).sum())
    shine = np.maximum(normal[:, 0] * half[0] + normal[:, 1] * half[1] + normal[:, 2] * half[2], 0)
    shine = shine * shine
    shine = shine * shine
    broad = shine * shine * shine  # exponent 12
    sharp = broad * broad * broad  # exponent 36
    rim = 1 + normal[:, 2]
    rim = rim * rim * rim
    shine = (f32(0.10) * broad + f32(0.15) * sharp) * open_to_light * (facing > 0) * gloss
    shine += f32(0.10) * rim * open_to_fill * gloss
    shine = np.where(cloth, 0, shine).astype(f32)
    return colour + shine[:, None] * np.array(look.light_colour, f32)


def _bump(distance, width):
    """A bell without an exponential: 1 at 0, 1/4 at ``width``."""
    ratio = distance * f32(1 / width)
    bell = 1 / (1 + ratio * ratio)
    return bell * bell


def _skin(flesh, surface, look):
    """Return albedo (m, 3) and gloss (m,): tone, paler palm, flushed joints, creases, nails."""
    solid, along, normal = surface.solid, surface.along, surface.normal
    tone = _tone(look)
    dark = 1 - tone.mean()
    palm_tone = tone + (np.minimum(_PALM_TARGET, 0.9) - tone) * (0.06 + 0.26 * dark * dark)
    part, segment = flesh.part[solid], flesh.segment[solid]
    ways = flesh.dorsal.astype(f32)[solid]
    out = ways[:, 0] + (ways[:, 1] - ways[:, 0]) * np.clip(along, 0, 1)[:, None]
    back = normal[:, 0] * out[:, 0] + normal[:, 1] * out[:, 1] + normal[:, 2] * out[:, 2]
    inner = np.clip(f32(0.42) - f32(0.9) * back, 0, 1)
    across, up = _palm_place(flesh, surface)
    inner = inner * np.clip(1 + up * f32(2.2), f32(0.15), 1)  # the arm is as brown as the back
    albedo = tone.astype(f32) + (palm_tone - tone).astype(f32) * inner[:, None]

    finger = (part >= THUMB) & (part <= PINKY)
    tip = finger & (segment == 3)
    flush = np.where(tip, np.clip(along * f32(1.4) - f32(0.4), 0, 1) * f32(0.5), 0).astype(f32)
    # Distance to the nearest hinge along the bone; the finger's base line lies above its knuckle.
    hinge = np.where(segment == 1, 1 - along, along)
    hinge = np.where(segment == 2, np.minimum(along, 1 - along), hinge)
    hinge = np.abs(hinge)
    hinge = np.where(finger, hinge, f32(9)).astype(f32)
    knuckle = _bump(hinge, 0.16) * np.clip(back * f32(1.5), 0, 1)
    knuckle += np.where(part == PALM, _bump(up - f32(0.98), 0.08) * np.clip(back, 0, 1), 0)
    flush = np.minimum(flush + f32(0.35) * knuckle, 1)
    albedo *= 1 + flush[:, None] * (_BLOOD - 1).astype(f32)
    # Creases: across the inner side of the finger joints, and the lines of the palm.
    base = np.where(finger & (segment == 1), np.abs(along - f32(0.38)), f32(9)).astype(f32)
    line = f32(0.24) * _bump(np.minimum(hinge, base), 0.030) * np.clip(-back * 2, 0, 1)
    line += f32(0.16) * _bump(hinge, 0.05) * np.clip(back * 2, 0, 1)
    line += _palm_lines(across, up, part, back)
    line = np.minimum(line, f32(0.5))[:, None]
    albedo *= (1 - line) + line * np.array([0.24, 0.05, 0.04], f32)
    gloss = np.full(len(solid), look.gloss, f32)
    _nails(flesh, surface, tip, out, back, albedo, gloss, look)
    sleeve = part == SLEEVE
    albedo[sleeve] = np.array(look.cloth, f32)
    return albedo, gloss


def _tone(look):
    """Return the skin's albedo, (3,): the scale's swatch, a little redder, as living skin is."""
    swatch = _TONES[look.skin]
    swatch = swatch * min(1.0, 0.78 / swatch.max())
    # Blood shows through where there is little melanin.
    pale = min(max((swatch.max() - 0.2) / 0.5, 0.0), 1.0)
    blood = np.array([1.03, 0.92, 0.86]) * (1 - pale) + np.array([1.03, 0.86, 0.72]) * pale
    return (swatch * blood + _SCATTER) * np.array(look.tint)


def _palm_place(flesh, surface):
    """Return where on the palm each pixel lies: across (-0.5 to 0.5), up (0 wrist, 1 knuckles)."""
    x0, y0, z0, width, length = flesh.palm
    offset = surface.point - np.array([x0, y0, z0], f32)
    frame = flesh.palm_frame.astype(f32)
    return [
        (offset[:, 0] * row[0] + offset[:, 1] * row[1] + offset[:, 2] * row[2]) * f32(1 / scale)
        for row, scale in ((frame[0], width), (frame[1], length))
    ]


def _palm_lines(across, up, part, back):
    """Return how dark the three great lines of the palm are at each pixel, (m,) 0 to 0.3."""
    line = np.zeros(len(part), f32)
    where = np.flatnonzero((part == PALM) & (back < f32(-0.2)))
    if not where.size:
        return line
    u, v = across[where], up[where]
    # u: -0.5 at the little finger's side to 0.5 at the thumb's; v: 0 wrist to 1 knuckles.
    heart = v - (f32(0.80) - f32(0.22) * (f32(0.30) - u) * (f32(0.30) - u))
    head = v - (f32(0.66) + f32(0.30) * (u - f32(0.45)))
    rx, ry = (u - f32(0.62)) * f32(0.85), v - f32(0.22)
    life = np.sqrt(rx * rx + ry * ry) - f32(0.50)
    dark = np.maximum(
        _bump(heart, 0.020) * ((u < f32(0.36)) & (u > f32(-0.5))),
        _bump(head, 0.020) * ((u > f32(-0.36)) & (u < f32(0.5))),
    )
    dark = np.maximum(dark, _bump(life, 0.022) * (v > f32(0.05)) * (v < f32(0.75)))
    line[where] = f32(0.26) * dark
    return line


def _nails(flesh, surface, tip, out, back, albedo, gloss, look):
    """Paint nails: an oval on the back of each last phalanx."""
    where = np.flatnonzero(tip & (back > f32(0.15)) & (surface.solid < len(flesh.cones)))
    if not where.size:
        return
    cones = flesh.cones[surface.solid[where]].astype(f32)
    axis = cones[:, 4:7] - cones[:, :3]
    length = np.sqrt(axis[:, 0] ** 2 + axis[:, 1] ** 2 + axis[:, 2] ** 2) + f32(1e-6)
    axis /= length[:, None]
    n, d = surface.normal[where], out[where]
    sx = axis[:, 1] * d[:, 2] - axis[:, 2] * d[:, 1]
    sy = axis[:, 2] * d[:, 0] - axis[:, 0] * d[:, 2]
    sz = axis[:, 0] * d[:, 1] - axis[:, 1] * d[:, 0]
    offset = surface.point[where] - cones[:, :3]
    radius = cones[:, 7]
    along = (
        offset[:, 0] * axis[:, 0] + offset[:, 1] * axis[:, 1] + offset[:, 2] * axis[:, 2]
    ) - length
    across = (n[:, 0] * sx + n[:, 1] * sy + n[:, 2] * sz) / f32(0.74)
    lengthwise = (along / radius + f32(0.02)) / f32(0.78)
    r4 = across * across * across * across + lengthwise * lengthwise * lengthwise * lengthwise
    inside = np.clip((1 - r4) * f32(5), 0, 1)
    edge = _bump(r4 - 1, 0.30) * f32(0.28)
    tone = _tone(look)
    nail = np.minimum(tone * 0.45 + _NAIL * 0.45, 0.8).astype(f32)
    rim = np.clip((lengthwise - f32(0.62)) * f32(8), 0, 1) * inside  # the free edge is paler
    mixed = albedo[where] + (nail - albedo[where]) * (f32(0.75) * inside)[:, None]
    mixed += (f32(0.78) - mixed) * (f32(0.35) * rim)[:, None]
    albedo[where] = mixed * (1 - edge * (inside < 1))[:, None]
    gloss[where] += inside * f32(0.9)


def _occlusion(flesh, surface, look):
    """Return how open each pixel is to the fill and to the main light, two (m,) in 0-1."""
    depth, covered = surface.depth, surface.covered
    size = len(depth)
    unit = f32(flesh.cones[:, 3].max())  # the fattest radius: the scale of the flesh
    z = surface.point[:, 2]
    behind = f32(z.max() + unit) if z.size else f32(0)
    filled = np.minimum(depth, behind)
    open_fill = np.ones(len(covered), f32)
    for reach, strength in ((0.35, 0.85), (1.1, 0.55)):
        radius = max(int(unit * reach * size + 0.5), 1)
        lower = box(filled, radius).ravel()[covered]
        sunk = np.maximum((z - lower) / (unit * f32(0.55 * (0.5 + reach))), 0)
        open_fill *= 1 - f32(strength * look.shadow) * np.minimum(sunk, 1)

    light = np.array(look.light, np.float64)
    light = light / np.sqrt((light * light).sum())
    open_light = np.ones(len(covered), f32)
    slope = min(-light[2], 0.95)
    flat = (light[0] ** 2 + light[1] ** 2) ** 0.5
    if slope > 0.05 and flat > 0.05:
        rows, columns = covered // size, covered % size
        plain = filled.ravel()
        for step in (0.25, 0.55, 0.95, 1.5, 2.2):
            far = float(unit) * step * 1.3
            dx, dy = round(light[0] / flat * far * size), round(light[1] / flat * far * size)
            at = np.clip(rows + dy, 0, size - 1) * size + np.clip(columns + dx, 0, size - 1)
            over = (z - f32(far * slope / flat)) - plain[at]
            dim = np.clip(over / (unit * f32(0.22 + 0.18 * step)) - f32(0.12), 0, 1)
            dim *= over < unit * f32(3.0)
            np.minimum(open_light, 1 - f32(0.82 * look.shadow) * dim, out=open_light)
    # A pit sees little of the light either.
    open_light *= f32(0.45) + f32(0.55) * open_fill
    return open_fill, open_light
