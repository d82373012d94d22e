"""From a surface to colour: skin under a main light and a fill, with contact shadows and creases.

As in :mod:`asl_helpers.hand.raster`, pixels meet only correctly rounded float32 operations; the
two curves that are none (sRGB, its inverse) are tables rounded to fixed digits.
"""

import numpy as np

from asl_helpers.hand.looks import SKIN_TONES, Look, to_linear
from asl_helpers.hand.raster import Surface, box
from asl_helpers.hand.solids import PALM, PINKY, SLEEVE, THUMB, Flesh

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
