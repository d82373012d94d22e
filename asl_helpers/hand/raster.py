"""From round cones and plates to a depth buffer: what each pixel sees, and how near it is.

Only sums, products, quotients, square roots and comparisons of float32 numbers touch the pixels:
operations that IEEE 754 fixes to the last bit, so that another machine draws the same picture.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

PALM, THUMB, INDEX, MIDDLE, RING, PINKY, FOREARM, SLEEVE = range(8)
"""The parts that a surface point can belong to."""


@dataclass(frozen=True)
class Flesh:
    """One hand as simple solids, float64, image units.

    Attributes
    ----------
    cones:
        (c, 8): centre a (x, y, z), radius a, centre b (x, y, z), radius b.
    plates:
        (p, 3, 3): front corners of the swept triangles.
    plate_normals:
        (p, 3): their unit normals, towards the camera.
    part:
        (c + p,) int: the part of each solid, cones first.
    segment:
        (c + p,) int: 0 metacarpal or palm, 1 to 3 the phalanges from root to tip.
    span:
        (c + p, 2): which stretch of its bone a round cone covers, 0 root to 1 tip.
    dorsal:
        (c + p, 2, 3): the way to the back of the hand at the root and at the tip of the bone.
    blend:
        (c + p, c + p): depth over which two solids melt into each other; 0 keeps the crease.
    palm_frame:
        (3, 3): rows are the unit vectors to the thumb's side, to the fingers, out of the palm.
    palm:
        (x, y, z, width, length): middle of the wrist, and the size of the palm.
    """

    cones: np.ndarray
    plates: np.ndarray
    plate_normals: np.ndarray
    part: np.ndarray
    segment: np.ndarray
    span: np.ndarray
    dorsal: np.ndarray
    blend: np.ndarray
    palm_frame: np.ndarray
    palm: np.ndarray


def unit_vector(vector: np.ndarray) -> np.ndarray:
    """Return vectors (..., 3) scaled to length 1."""
    length = np.sqrt((vector * vector).sum(-1, keepdims=True))
    return vector / np.maximum(length, 1e-9)


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of two vectors (3,)."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def _touching_plane(centres, radii):
    """Return the plane on three spheres, the camera's side: corners and normal, or None."""
    edge_1, edge_2 = centres[1] - centres[0], centres[2] - centres[0]
    normal = cross(edge_1, edge_2)
    area = (normal * normal).sum()
    if area < 1e-12:
        return None
    # n = p + s * normal with n.edge_i = -(r_i - r_0): p lies in the triangle's own plane.
    lift_1, lift_2 = radii[0] - radii[1], radii[0] - radii[2]
    in_plane = (lift_1 * cross(edge_2, normal) + lift_2 * cross(normal, edge_1)) / area
    rest = 1.0 - (in_plane * in_plane).sum()
    if rest <= 0:
        return None
    out = normal * np.sqrt(rest / area)
    normal = in_plane + (out if out[2] < 0 else -out)
    if normal[2] > -0.02:  # seen edge-on: the round cones of its sides cover it
        return None
    return centres + radii[:, None] * normal, normal


class Builder:
    """Collects solids; each belongs to the part that was named last."""

    def __init__(self):
        """Start with nothing; call :meth:`on` before the first solid."""
        self._cones, self._plates, self._normals = [], [], []
        self._cone_tags, self._plate_tags = [], []
        self._part, self._segment, self._dorsal = PALM, 0, np.zeros(3)

    def on(self, part: int, dorsal, segment: int = 0):
        """Name the part, the way to the back of the hand (one, or root and tip), the segment."""
        self._part, self._segment = part, segment
        self._dorsal = np.broadcast_to(dorsal, (2, 3))

    def cone(self, a, b, span=(0.0, 1.0)):
        """Add a round cone between two (centre, radius); ``span`` is its stretch of the bone."""
        self._cones.append((*a[0], a[1], *b[0], b[1]))
        self._cone_tags.append((self._part, self._segment, self._dorsal, span))

    def plate(self, *corners):
        """Add the front of a triangle of three (centre, radius), if the camera sees it."""
        front = _touching_plane(
            np.array([c for c, _ in corners]), np.array([r for _, r in corners])
        )
        if front is not None:
            self._plates.append(front[0])
            self._normals.append(front[1])
            self._plate_tags.append((self._part, self._segment, self._dorsal, (0.5, 0.5)))

    def quad(self, a, b, c, d):
        """Fill a, b, c, d (b and d opposite): a round cone closes the fold along b-d."""
        self.plate(a, b, d)
        self.plate(b, c, d)
        self.cone(b, d)

    def finish(self, palm_frame, palm, unit: float) -> Flesh:
        """Pack the solids, saying which melt into each other; ``unit`` is a knuckle's radius."""
        tags = self._cone_tags + self._plate_tags
        part = np.array([t[0] for t in tags])
        segment = np.array([t[1] for t in tags])
        body = (part == PALM) | (part == FOREARM)
        same = part[:, None] == part[None, :]
        next_to = np.abs(segment[:, None] - segment[None, :]) <= 1
        blend = np.where(same & next_to, 0.60 * unit, 0.0)
        blend = np.where(body[:, None] & body[None, :], 0.75 * unit, blend)
        root = (segment == 1) & (part >= THUMB) & (part <= PINKY)
        joins = body[:, None] & root[None, :]
        blend = np.where(joins | joins.T, 0.55 * unit, blend)
        return Flesh(
            cones=np.array(self._cones).reshape(-1, 8),
            plates=np.array(self._plates).reshape(-1, 3, 3),
            plate_normals=np.array(self._normals).reshape(-1, 3),
            part=part,
            segment=segment,
            span=np.array([t[3] for t in tags]),
            dorsal=np.array([t[2] for t in tags]),
            blend=blend,
            palm_frame=palm_frame,
            palm=palm,
        )


_FULLER = 1.12
"""Flesh over the radii of the hand model, which measure the joints."""

from asl_helpers.hand.body import CHAINS as _CHAINS


def finger_frames(points: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the palm's frame (3, 3) and the dorsal direction (5, 3, 3) of each phalanx.

    ``points`` is (21, 3). A finger's back is square to its bone and to the palm's width; the
    thumb's nail looks sideways and out, and away from its own bend.
    """
    mirror = -1.0 if side == "left" else 1.0
    across = unit_vector(points[5] - points[17])
    along = unit_vector(points[9] - points[0])
    palmar = unit_vector(cross(across, along)) * mirror
    across = cross(along, palmar) * mirror
    dorsal = np.empty((5, 3, 3))
    for finger, chain in enumerate(_CHAINS):
        for bone in range(3):
            axis = unit_vector(points[chain[bone + 1]] - points[chain[bone]])
            if finger == 0:
                bend = 2 * points[2] - points[1] - points[3] + 2 * points[3] - points[2] - points[4]
                bend = bend / max(np.sqrt(((points[4] - points[1]) ** 2).sum()), 1e-9)
                guess = 0.75 * across - 0.55 * palmar + 1.2 * bend
                guess = guess - axis * (guess * axis).sum()
            else:
                guess = cross(axis, across) * mirror
            dorsal[finger, bone] = unit_vector(guess)
    return np.array([across, along, palmar]), dorsal


@dataclass(frozen=True)
class _Hand:
    """What every part of the flesh is measured by."""

    p: np.ndarray  # (21, 3) joints
    r: np.ndarray  # (21,) radii
    across: np.ndarray  # unit vectors: to the thumb's side, to the fingers, out of the palm
    along: np.ndarray
    palmar: np.ndarray
    dorsal: np.ndarray  # (5, 3, 3), of each phalanx
    length: float  # of the palm, wrist to middle knuckle
    width: float  # index knuckle to little knuckle
    unit: float  # a knuckle's radius
    wrist: float  # radius of the wrist, which is wider than thick and so has two centres
    half: float  # distance of those centres from the middle

    def joint(self, index, factor=1.0):
        """Return a joint as (centre, radius)."""
        return self.p[index], factor * self.r[index]

    def at_wrist(self, sideways):
        """Return a point of the wrist as (centre, radius): -1 little finger's side, 1 thumb's."""
        return self.p[0] + self.across * self.half * sideways, self.wrist


def build(
    points: np.ndarray, radii: np.ndarray, side: str, elbow: np.ndarray, cuff: float | None
) -> Flesh:
    """Return the Flesh of one hand.

    Parameters
    ----------
    points, radii:
        (21, 3) and (21,) in image units.
    side:
        "left" or "right".
    elbow:
        (3,) unit vector from the wrist along the forearm.
    cuff:
        Where a sleeve begins, in palm lengths from the wrist; None for a bare arm.
    """
    p, r = points.astype(np.float64), _FULLER * radii.astype(np.float64)
    frame, dorsal = finger_frames(p, side)
    width = np.sqrt(((p[5] - p[17]) ** 2).sum())
    length = np.sqrt(((p[9] - p[0]) ** 2).sum())
    unit = max(0.5 * (r[5] + r[9]), 1e-4)
    half = max(0.62 * width * 0.5, 0.4 * unit)
    hand = _Hand(p, r, *frame, dorsal, length, width, unit, 0.80 * unit, half)
    made = Builder()
    made.on(PALM, -hand.palmar)
    _palm(made, hand)
    _ball_and_edge(made, hand)
    _finger_webs(made, hand)
    _fingers(made, hand)
    _arm(made, hand, elbow, cuff)
    return made.finish(frame, np.array([*p[0], width, length]), unit)


def _palm(made, hand):
    """A slab between the wrist and the four knuckles."""
    knuckles = [hand.joint(i) for i in (5, 9, 13, 17)]
    roots = [hand.at_wrist(sideways) for sideways in (0.9, 0.3, -0.3, -0.9)]
    for root, knuckle in zip(roots, knuckles, strict=True):
        made.cone(root, knuckle)
    for one, two in pairwise(knuckles):
        made.cone(one, two)
    made.cone(roots[0], roots[3])
    for i in range(3):
        made.quad(knuckles[i], roots[i], roots[i + 1], knuckles[i + 1])


def _ball_and_edge(made, hand):
    """The thumb's ball, the hand's edge and the pads below the fingers, raised out of the palm."""
    p, r, unit = hand.p, hand.r, hand.unit
    out = hand.palmar * unit
    ball = (0.55 * p[1] + 0.45 * p[2] + 0.12 * out, 1.22 * unit)
    made.cone((0.72 * hand.at_wrist(0.9)[0] + 0.28 * p[1], 0.95 * unit), ball)
    made.on(PALM, hand.dorsal[0, 0])
    made.cone(ball, hand.joint(2))
    made.on(PALM, -hand.palmar)
    aside = hand.across * hand.width
    low = (p[0] * 0.78 + p[17] * 0.22 - 0.25 * aside + 0.18 * out, 0.92 * unit)
    high = (p[0] * 0.32 + p[17] * 0.68 - 0.09 * aside + 0.18 * out, unit)
    made.cone(low, high)
    made.cone(high, hand.joint(17))
    down = 0.20 * out - hand.along * 0.12 * hand.length
    pads = [(p[i] + down, 0.95 * r[i]) for i in (5, 9, 13, 17)]
    for one, two in pairwise(pads):
        made.cone(one, two)
    # The web between thumb and index finger: thin, and it folds when the thumb closes.
    web = (0.55 * p[2] + 0.45 * p[5] + 0.12 * (p[0] - p[5]), 0.45 * unit)
    body = (0.5 * p[1] + 0.5 * p[0], 0.9 * unit)
    made.plate(hand.joint(5, 0.75), web, body)
    made.plate(hand.joint(2, 0.8), web, body)
    made.plate(ball, pads[0], body)
    made.plate(ball, web, pads[0])
    made.cone(hand.joint(5, 0.75), web)
    made.cone(web, hand.joint(2, 0.8))
    made.plate(pads[1], pads[2], high)
    made.plate(pads[2], pads[3], high)
    made.quad(low, high, pads[1], hand.at_wrist(0.3))


def _finger_webs(made, hand):
    """Webs between the fingers reach a third up the first phalanx, unless the fingers part."""
    p, r = hand.p, hand.r
    for (a, a_next, *_), (b, b_next, *_) in pairwise(_CHAINS[1:]):
        one, two = p[a_next] - p[a], p[b_next] - p[b]
        agree = (unit_vector(one) * unit_vector(two)).sum()
        reach = 0.34 * min(max((agree - 0.75) / 0.2, 0.0), 1.0)
        if reach > 0:
            tip_a, tip_b = (p[a] + reach * one, 0.72 * r[a]), (p[b] + reach * two, 0.72 * r[b])
            made.quad(hand.joint(a, 0.8), hand.joint(b, 0.8), tip_b, tip_a)
            made.cone(tip_a, tip_b)


def _fingers(made, hand):
    """Three bones a finger; each has a pad on its inner side, which leaves a notch at the joint."""
    p, r, dorsal = hand.p, hand.r, hand.dorsal
    for finger, chain in enumerate(_CHAINS):
        for bone, (i, j) in enumerate(pairwise(chain)):
            out = dorsal[finger, bone]
            # Half-way between two bones at their joint, so that a bend has no seam.
            before = dorsal[finger, bone - 1] if bone else (-hand.palmar if finger else out)
            after = dorsal[finger, min(bone + 1, 2)]
            made.on(THUMB + finger, (unit_vector(before + out), unit_vector(out + after)), bone + 1)
            made.cone(hand.joint(i), hand.joint(j))
            if finger == 0 and bone == 0:
                continue
            low, high = (0.25, 0.75) if bone < 2 else (0.35, 0.85)
            one = (p[i] + low * (p[j] - p[i]) - 0.10 * out * r[i], r[i] + low * (r[j] - r[i]))
            two = (p[i] + high * (p[j] - p[i]) - 0.10 * out * r[j], r[i] + high * (r[j] - r[i]))
            made.cone(one, two, (low, high))


def _arm(made, hand, elbow, cuff):
    """The forearm, which widens away from the wrist, and a sleeve over it."""
    spread = unit_vector(hand.across - elbow * (hand.across * elbow).sum()) * 0.9 * hand.half
    sides = (1, -1)

    def ring(away, wide, thick):
        centre = hand.p[0] + elbow * away * hand.length
        return [(centre + side * wide * spread, thick * hand.wrist) for side in sides]

    def tube(near, far):
        for one, two in zip(near, far, strict=True):
            made.cone(one, two)
        made.quad(near[0], near[1], far[1], far[0])

    made.on(FOREARM, -hand.palmar)
    waist, end = ring(0.35, 0.86, 0.92), ring(3.2, 1.25, 1.45)
    tube([hand.at_wrist(0.9 * side) for side in sides], waist)
    tube(waist, end)
    if cuff is not None:
        made.on(SLEEVE, -hand.palmar)
        opening = ring(cuff, 1.25, 1.28)
        made.cone(*opening)
        tube(opening, ring(3.2, 1.875, 1.9))


FAR = np.float32(9.0)
"""The depth of a pixel that no solid covers."""


@dataclass(frozen=True)
class Surface:
    """What the covered pixels of one picture see; m covered pixels.

    Attributes
    ----------
    depth:
        (s, s) float32, image units, FAR where empty.
    covered:
        (m,) int64: flat indices of the covered pixels.
    normal:
        (m, 3) float32 unit vectors.
    point:
        (m, 3) float32: where the surface is.
    solid:
        (m,) int64: index of the foremost solid.
    along:
        (m,) float32: place along that solid's bone, 0 root to 1 tip, beyond them on the rounded
        ends; 0.5 for a plate.
    """

    depth: np.ndarray
    covered: np.ndarray
    normal: np.ndarray
    point: np.ndarray
    solid: np.ndarray
    along: np.ndarray


def rasterise(flesh: Flesh, size: int) -> Surface:
    """Return the Surface that a square picture of ``size`` pixels a side sees."""
    near = np.full((size, size), FAR, np.float32)
    second = near.copy()
    first_id = np.full((size, size), -1, np.int16)
    second_id = first_id.copy()
    grid = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    buffers = (near, second, first_id, second_id)
    count = len(flesh.cones)
    for index, cone in enumerate(flesh.cones.tolist()):
        _cone(cone, index, grid, size, buffers)
    for index, (corners, normal) in enumerate(
        zip(flesh.plates.tolist(), flesh.plate_normals.tolist(), strict=True)
    ):
        _plate(corners, normal, count + index, grid, size, buffers)

    covered = np.flatnonzero(near.ravel() < FAR)
    first, other = first_id.ravel()[covered], second_id.ravel()[covered]
    z_1, z_2 = near.ravel()[covered], second.ravel()[covered]
    xy = np.stack([grid[covered % size], grid[covered // size]], 1)
    normal = _normals(flesh, first, xy)
    reach = flesh.blend.astype(np.float32)[first, other]
    gap = z_2 - z_1
    mix = np.flatnonzero((other >= 0) & (gap < reach))
    if mix.size:
        # Two solids melt where they are nearly equally near (a polynomial smooth minimum).
        weight = np.float32(0.5) * (1 - gap[mix] / reach[mix])
        normal_2 = _normals(flesh, other[mix], xy[mix])
        blended = normal[mix] * (1 - weight[:, None]) + normal_2 * weight[:, None]
        length = np.sqrt(
            blended[:, 0] * blended[:, 0]
            + blended[:, 1] * blended[:, 1]
            + blended[:, 2] * blended[:, 2]
        )
        normal[mix] = blended / np.maximum(length, np.float32(1e-6))[:, None]
        z_1[mix] -= weight * weight * reach[mix]
        near.ravel()[covered[mix]] = z_1[mix]
    point = np.concatenate([xy, z_1[:, None]], 1)
    along = _along(flesh, first, point)
    surface = Surface(near, covered, normal, point, first.astype(np.int64), along)
    _melt(flesh, surface)
    return surface


def box(picture: np.ndarray, radius: int) -> np.ndarray:
    """Return a picture (h, w, ...) averaged over squares of 2 radius + 1 pixels, edges repeated.

    Sums run in float64, one number after the other, so they round the same everywhere.
    """
    window = 2 * radius + 1
    for axis in (0, 1):
        size = picture.shape[axis]
        rows = np.clip(np.arange(-radius - 1, size + radius), 0, size - 1)
        total = np.cumsum(np.take(picture, rows, axis=axis), axis=axis, dtype=np.float64)
        if axis == 0:
            picture = (total[window:] - total[:size]) / window
        else:
            picture = (total[:, window:] - total[:, :size]) / window
    return picture.astype(np.float32)


def _melt(flesh, surface):
    """Smooth palm, wrist and finger roots, in place: many solids become one flesh."""
    part = flesh.part[surface.solid]
    root = (flesh.segment[surface.solid] == 1) & (surface.along < np.float32(0.2))
    body = np.flatnonzero((part == PALM) | (part == FOREARM) | root)
    if not body.size:
        return
    size = len(surface.depth)
    at = surface.covered[body]
    rows, columns = at // size, at % size
    y0, y1, x0, x1 = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    field = np.zeros((y1 - y0, x1 - x0, 5), np.float32)
    field[rows - y0, columns - x0, :3] = surface.normal[body]
    field[rows - y0, columns - x0, 3] = surface.point[body, 2]
    field[rows - y0, columns - x0, 4] = 1
    radius = int(np.median(flesh.cones[:, 3]) * 0.50 * size + 0.5)
    if radius < 1:
        return
    smooth = box(box(field, radius), radius)[rows - y0, columns - x0]
    # Towards the outline a normal must keep turning away, or the hand looks cut from paper.
    share = np.minimum(np.float32(1.6) * -surface.normal[body, 2], np.float32(0.92))[:, None]
    mixed = surface.normal[body] * (1 - share) + smooth[:, :3] / smooth[:, 4:] * share
    surface.point[body, 2] += share[:, 0] * (smooth[:, 3] / smooth[:, 4] - surface.point[body, 2])
    surface.depth.ravel()[at] = surface.point[body, 2]
    length = np.sqrt(mixed[:, 0] ** 2 + mixed[:, 1] ** 2 + mixed[:, 2] ** 2)
    surface.normal[body] = mixed / np.maximum(length, np.float32(1e-6))[:, None]


def _window(low_x, high_x, low_y, high_y, size):
    """Return the pixel rectangle (slices) that holds these image coordinates, or None."""
    x0, x1 = max(int(low_x * size - 0.5), 0), min(int(high_x * size + 1.5), size)
    y0, y1 = max(int(low_y * size - 0.5), 0), min(int(high_y * size + 1.5), size)
    return None if x0 >= x1 or y0 >= y1 else (slice(y0, y1), slice(x0, x1))


def _cone(cone, index, grid, size, buffers):
    """Draw one round cone.

    Of the spheres c(t), r(t) the foremost point over a pixel p is the least of
    z(t) = cz(t) - sqrt(f(t)), f(t) = r(t)^2 - |p - c(t)|^2 = A + 2 B t + C t^2; setting the
    derivative to zero gives f = (B^2 - A C) / (dz^2 - C), and t from it.
    """
    ax, ay, az, ra, bx, by, bz, rb = cone
    window = _window(
        min(ax - ra, bx - rb),
        max(ax + ra, bx + rb),
        min(ay - ra, by - rb),
        max(ay + ra, by + rb),
        size,
    )
    if window is None:
        return
    ux, uy, dz, dr = bx - ax, by - ay, bz - az, rb - ra
    # One sphere inside the other (a bone along the line of sight): a hair less taper mends it.
    c = min(dr * dr - ux * ux - uy * uy, -1e-7)
    f32 = np.float32
    qx = grid[window[1]] - f32(ax)
    qy = grid[window[0]] - f32(ay)
    a = (f32(ra * ra) - qx * qx)[None, :] - (qy * qy)[:, None]
    b = (qx * f32(ux) + f32(ra * dr))[None, :] + (qy * f32(uy))[:, None]
    d = b * b - a * f32(c)
    np.maximum(d, 0, out=d)
    t = np.sqrt(d)
    t *= f32(dz / (dz * dz - c) ** 0.5)
    t -= b
    t *= f32(1 / c)
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    f = t * f32(c)
    f += b
    f += b
    f *= t
    f += a
    hit = f > 0
    np.maximum(f, 0, out=f)
    np.sqrt(f, out=f)
    t *= f32(dz)
    t += f32(az)
    t -= f
    _keep(t, hit, index, window, buffers)


def _plate(corners, normal, index, grid, size, buffers):
    """Draw one flat triangle that faces the camera."""
    (x0, y0, z0), (x1, y1, _), (x2, y2, _) = corners
    window = _window(min(x0, x1, x2), max(x0, x1, x2), min(y0, y1, y2), max(y0, y1, y2), size)
    if window is None:
        return
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if abs(area) < 1e-9:
        return
    f32 = np.float32
    gx, gy = grid[window[1]], grid[window[0]]

    def plane(at_x, at_y, slope_x, slope_y, value):
        return ((gx - f32(at_x)) * f32(slope_x) + f32(value))[None, :] + (
            (gy - f32(at_y)) * f32(slope_y)
        )[:, None]

    v = plane(x0, y0, (y2 - y0) / area, -(x2 - x0) / area, 0.0)
    w = plane(x0, y0, -(y1 - y0) / area, (x1 - x0) / area, 0.0)
    hit = (v >= 0) & (w >= 0) & (v + w <= 1)
    nx, ny, nz = normal
    z = plane(x0, y0, -nx / nz, -ny / nz, z0)
    _keep(z, hit, index, window, buffers)


def _keep(z, hit, index, window, buffers):
    """Enter depths into the buffers of the nearest and the second nearest solid."""
    near, second, first_id, second_id = (buffer[window] for buffer in buffers)
    np.copyto(z, FAR, where=~hit)
    nearer = z < near
    between = (z < second) & ~nearer
    np.copyto(second, z, where=between)
    np.copyto(second_id, index, where=between)
    np.copyto(second, near, where=nearer)
    np.copyto(second_id, first_id, where=nearer)
    np.copyto(near, z, where=nearer)
    np.copyto(first_id, index, where=nearer)


def _along(flesh, solid, point):
    """Return where along their solid's bone points (m, 3) lie, (m,)."""
    f32 = np.float32
    count = len(flesh.cones)
    axis = flesh.cones[:, 4:7] - flesh.cones[:, :3]
    length = np.maximum((axis * axis).sum(1), 1e-9)
    start, end = flesh.span.T
    # One linear function of x, y, z for each solid: w . p + offset.
    weight = np.zeros((len(flesh.part), 4))
    weight[:, 3] = 0.5
    weight[:count, :3] = axis * ((end - start)[:count] / length)[:, None]
    weight[:count, 3] = start[:count] - (weight[:count, :3] * flesh.cones[:, :3]).sum(1)
    wx, wy, wz, offset = weight.T.astype(f32)[:, solid]
    return point[:, 0] * wx + point[:, 1] * wy + point[:, 2] * wz + offset


def _normals(flesh, solid, xy):
    """Return the unit normals (m, 3) of these solids at these pixels."""
    f32 = np.float32
    count = len(flesh.cones)
    normal = np.empty((len(solid), 3), f32)
    flat = solid >= count
    if flat.any():
        normal[flat] = flesh.plate_normals.astype(f32)[solid[flat] - count]
    on_cone = np.flatnonzero(~flat)
    cones = flesh.cones
    u = cones[:, 4:7] - cones[:, :3]
    dr = cones[:, 7] - cones[:, 3]
    c = np.minimum(dr * dr - u[:, 0] * u[:, 0] - u[:, 1] * u[:, 1], -1e-7)
    table = np.stack(
        [
            cones[:, 0],
            cones[:, 1],
            cones[:, 3],
            u[:, 0],
            u[:, 1],
            dr,
            cones[:, 3] ** 2,
            cones[:, 3] * dr,
            c,
            1 / c,
            u[:, 2] / np.sqrt(u[:, 2] * u[:, 2] - c),
        ]
    ).astype(f32)
    ax, ay, ra, ux, uy, dr, rr, rdr, c, inverse, slope = table[:, solid[on_cone]]
    qx, qy = xy[on_cone, 0] - ax, xy[on_cone, 1] - ay
    a = rr - qx * qx - qy * qy
    b = rdr + qx * ux + qy * uy
    t = (slope * np.sqrt(np.maximum(b * b - a * c, 0)) - b) * inverse
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    radius = ra + t * dr
    nx, ny = (qx - t * ux) / radius, (qy - t * uy) / radius
    normal[on_cone, 0], normal[on_cone, 1] = nx, ny
    normal[on_cone, 2] = -np.sqrt(np.maximum(1 - nx * nx - ny * ny, 0))
    return normal
