"""From joints to what each pixel sees: flesh as simple solids, drawn into a depth buffer.

A *round cone* is a sphere swept between two centres while its radius changes evenly; a *plate* is
the front of a sphere swept over a triangle. Everything is in image units: x right, y down, z away
from the camera. Proportions of the fleshy parts were set by eye against anatomical drawings.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import uniform_filter

from asl_helpers.hand.body import CHAINS

PALM, THUMB, INDEX, MIDDLE, RING, PINKY, FOREARM, SLEEVE = range(8)
"""The parts that a surface point can belong to."""

FAR = np.float32(9.0)
"""The depth of a pixel that no solid covers."""

f32 = np.float32


@dataclass(frozen=True)
class Flesh:
    """One hand as c round cones and p plates, float64; solids are numbered cones first."""

    cones: np.ndarray  # (c, 8): centre a (x, y, z), radius a, centre b (x, y, z), radius b
    plates: np.ndarray  # (p, 3, 3): front corners of the swept triangles
    plate_normals: np.ndarray  # (p, 3): their unit normals, towards the camera
    part: np.ndarray  # (c + p,) int: the part of each solid
    segment: np.ndarray  # (c + p,) int: 0 metacarpal or palm, 1 to 3 the phalanges, root to tip
    span: np.ndarray  # (c + p, 2): which stretch of its bone a cone covers, 0 root to 1 tip
    dorsal: np.ndarray  # (c + p, 2, 3): the way to the hand's back at the bone's root and tip
    blend: np.ndarray  # (c + p, c + p): depth over which two solids melt into each other
    palm_frame: np.ndarray  # (3, 3): unit vectors to the thumb's side, the fingers, out of the palm
    palm: np.ndarray  # (x, y, z, width, length): middle of the wrist, and the size of the palm


@dataclass(frozen=True)
class Surface:
    """What the m covered pixels of an image of s pixels a side see."""

    depth: np.ndarray  # (s, s) float32, FAR where empty
    covered: np.ndarray  # (m,) int64, flat indices of the covered pixels
    normal: np.ndarray  # (m, 3) float32 unit vectors
    point: np.ndarray  # (m, 3) float32, where the surface is
    solid: np.ndarray  # (m,) int64, the foremost solid
    along: np.ndarray  # (m,) float32, place along its bone, 0 root to 1 tip; 0.5 for a plate


def dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the scalar products over the last axis, which has length 3."""
    return one[..., 0] * other[..., 0] + one[..., 1] * other[..., 1] + one[..., 2] * other[..., 2]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (..., 3) scaled to length 1."""
    return vectors / np.maximum(np.sqrt(dot(vectors, vectors)), 1e-9)[..., None]


class _Builder:
    """The measures of one hand, and its solids; each solid belongs to the part named last."""

    def __init__(self, points: np.ndarray, radii: np.ndarray, side: str):
        mirror = -1.0 if side == "left" else 1.0
        self.p = p = points.astype(np.float64)
        self.r = r = 1.12 * radii.astype(np.float64)  # flesh around the joints, which r measures
        across, self.along = unit(p[5] - p[17]), unit(p[9] - p[0])
        self.palmar = unit(np.cross(across, self.along)) * mirror
        self.across = np.cross(self.along, self.palmar) * mirror
        # The way to the back of each phalanx, (5, 3, 3): square to its bone and to the palm's
        # width. The thumb's nail looks sideways and out, and away from its own bend.
        axis = unit(np.diff(p[1:].reshape(5, 4, 3), axis=1))
        bend = (p[2] + p[3] - p[1] - p[4]) / max(np.sqrt(((p[4] - p[1]) ** 2).sum()), 1e-9)
        out = 0.75 * self.across - 0.55 * self.palmar + 1.2 * bend
        self.dorsal = np.cross(axis, self.across) * mirror
        self.dorsal[0] = out - axis[0] * (axis[0] @ out)[:, None]
        self.dorsal = unit(self.dorsal)
        self.width = np.sqrt(((p[5] - p[17]) ** 2).sum())  # of the palm
        self.length = np.sqrt(((p[9] - p[0]) ** 2).sum())
        self.knuckle = max(0.5 * (r[5] + r[9]), 1e-4)  # a radius: the scale of the flesh
        # The wrist is wider than thick and so has two centres, this far from the middle.
        self.half = max(0.62 * self.width * 0.5, 0.4 * self.knuckle)
        self.cones, self.plates, self.cone_tags, self.plate_tags = [], [], [], []

    def joint(self, index: int, factor: float = 1.0):
        """Return a joint as (centre, radius)."""
        return self.p[index], factor * self.r[index]

    def at_wrist(self, sideways: float):
        """Return a point of the wrist as (centre, radius): -1 little finger's side, 1 thumb's."""
        return self.p[0] + self.across * self.half * sideways, 0.80 * self.knuckle

    def on(self, part: int, dorsal: np.ndarray, segment: int = 0):
        """Name the part, the way to the back of the hand (one, or root and tip), the segment."""
        self.tag = part, segment, np.broadcast_to(dorsal, (2, 3))

    def cone(self, a, b, span=(0.0, 1.0)):
        """Add a round cone between two (centre, radius); ``span`` is its stretch of the bone."""
        self.cones.append((*a[0], a[1], *b[0], b[1]))
        self.cone_tags.append((*self.tag, span))

    def plate(self, *corners):
        """Add the front of a triangle of three (centre, radius)."""
        self.plates.append([(*centre, radius) for centre, radius in corners])
        self.plate_tags.append((*self.tag, (0.5, 0.5)))

    def quad(self, a, b, c, d):
        """Fill a, b, c, d (b and d opposite): a round cone closes the fold along b-d."""
        self.plate(a, b, d)
        self.plate(b, c, d)
        self.cone(b, d)

    def finish(self) -> Flesh:
        """Pack the solids that the camera sees, saying which melt into each other."""
        plates, normals, seen = _fronts(np.array(self.plates))
        tags = self.cone_tags + [self.plate_tags[i] for i in np.flatnonzero(seen)]
        part, segment, dorsal, span = (np.array(column) for column in zip(*tags, strict=True))
        body = (part == PALM) | (part == FOREARM)
        root = (segment == 1) & (part >= THUMB) & (part <= PINKY)
        same = part[:, None] == part
        blend = np.where(same & (np.abs(segment[:, None] - segment) <= 1), 0.60, 0.0)
        blend[body[:, None] & body] = 0.75
        blend[(body[:, None] & root) | (root[:, None] & body)] = 0.55
        return Flesh(
            cones=np.array(self.cones),
            plates=plates[seen],
            plate_normals=normals[seen],
            part=part,
            segment=segment,
            span=span,
            dorsal=dorsal,
            blend=blend * self.knuckle,
            palm_frame=np.array([self.across, self.along, self.palmar]),
            palm=np.array([*self.p[0], self.width, self.length]),
        )


def _fronts(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay planes on the camera's side of three spheres each, (p, 3, 4).

    Returns the planes' corners (p, 3, 3), unit normals (p, 3), and which of them the camera sees:
    those seen edge-on are covered by the round cones of their sides.
    """
    centres, radii = corners[..., :3], corners[..., 3:]
    edge_1, edge_2 = centres[:, 1] - centres[:, 0], centres[:, 2] - centres[:, 0]
    normal = np.cross(edge_1, edge_2)
    area = np.maximum(dot(normal, normal), 1e-12)[:, None]
    # n = p + s * normal with n.edge_i = -(r_i - r_0): p lies in the triangle's own plane.
    lift_1, lift_2 = radii[:, 0] - radii[:, 1], radii[:, 0] - radii[:, 2]
    in_plane = (lift_1 * np.cross(edge_2, normal) + lift_2 * np.cross(normal, edge_1)) / area
    rest = 1.0 - dot(in_plane, in_plane)[:, None]
    out = normal * np.sqrt(np.maximum(rest, 0) / area)
    normal = in_plane + np.where(out[:, 2:] < 0, out, -out)
    fronts = centres + radii * normal[:, None]
    flat_1, flat_2 = fronts[:, 1] - fronts[:, 0], fronts[:, 2] - fronts[:, 0]
    flat = flat_1[:, 0] * flat_2[:, 1] - flat_2[:, 0] * flat_1[:, 1]
    return fronts, normal, (rest[:, 0] > 0) & (normal[:, 2] <= -0.02) & (np.abs(flat) > 1e-9)


def build(
    points: np.ndarray, radii: np.ndarray, side: str, elbow: np.ndarray, cuff: float | None
) -> Flesh:
    """Return the Flesh of one hand: points (21, 3) and radii (21,) in image units.

    ``elbow`` (3,) is the unit vector from the wrist along the forearm; ``cuff`` is where a sleeve
    begins, in palm lengths from the wrist, or None for a bare arm.
    """
    hand = _Builder(points, radii, side)
    hand.on(PALM, -hand.palmar)
    _palm(hand)
    _ball_and_edge(hand)
    _finger_webs(hand)
    _fingers(hand)
    _arm(hand, elbow, cuff)
    return hand.finish()


def _palm(hand):
    """A slab between the wrist and the four knuckles."""
    knuckles = [hand.joint(i) for i in (5, 9, 13, 17)]
    roots = [hand.at_wrist(sideways) for sideways in (0.9, 0.3, -0.3, -0.9)]
    for root, knuckle in zip(roots, knuckles, strict=True):
        hand.cone(root, knuckle)
    for one, two in pairwise(knuckles):
        hand.cone(one, two)
    hand.cone(roots[0], roots[3])
    for i in range(3):
        hand.quad(knuckles[i], roots[i], roots[i + 1], knuckles[i + 1])


def _ball_and_edge(hand):
    """The thumb's ball, the hand's edge and the pads below the fingers, raised out of the palm."""
    p, r, knuckle = hand.p, hand.r, hand.knuckle
    out = hand.palmar * knuckle
    ball = (0.55 * p[1] + 0.45 * p[2] + 0.12 * out, 1.22 * knuckle)
    hand.cone((0.72 * hand.at_wrist(0.9)[0] + 0.28 * p[1], 0.95 * knuckle), ball)
    hand.on(PALM, hand.dorsal[0, 0])
    hand.cone(ball, hand.joint(2))
    hand.on(PALM, -hand.palmar)
    aside = hand.across * hand.width
    low = (p[0] * 0.78 + p[17] * 0.22 - 0.25 * aside + 0.18 * out, 0.92 * knuckle)
    high = (p[0] * 0.32 + p[17] * 0.68 - 0.09 * aside + 0.18 * out, knuckle)
    hand.cone(low, high)
    hand.cone(high, hand.joint(17))
    down = 0.20 * out - hand.along * 0.12 * hand.length
    pads = [(p[i] + down, 0.95 * r[i]) for i in (5, 9, 13, 17)]
    for one, two in pairwise(pads):
        hand.cone(one, two)
    # The web between thumb and index finger: thin, and it folds when the thumb closes.
    web = (0.55 * p[2] + 0.45 * p[5] + 0.12 * (p[0] - p[5]), 0.45 * knuckle)
    body = (0.5 * p[1] + 0.5 * p[0], 0.9 * knuckle)
    hand.plate(hand.joint(5, 0.75), web, body)
    hand.plate(hand.joint(2, 0.8), web, body)
    hand.plate(ball, pads[0], body)
    hand.plate(ball, web, pads[0])
    hand.cone(hand.joint(5, 0.75), web)
    hand.cone(web, hand.joint(2, 0.8))
    hand.plate(pads[1], pads[2], high)
    hand.plate(pads[2], pads[3], high)
    hand.quad(low, high, pads[1], hand.at_wrist(0.3))


def _finger_webs(hand):
    """Webs between the fingers reach a third up the first phalanx, unless the fingers part."""
    p, r = hand.p, hand.r
    for (a, a_next, *_), (b, b_next, *_) in pairwise(CHAINS[1:]):
        one, two = p[a_next] - p[a], p[b_next] - p[b]
        agree = dot(unit(one), unit(two))
        reach = 0.34 * min(max((agree - 0.75) / 0.2, 0.0), 1.0)
        if reach > 0:
            tip_a, tip_b = (p[a] + reach * one, 0.72 * r[a]), (p[b] + reach * two, 0.72 * r[b])
            hand.quad(hand.joint(a, 0.8), hand.joint(b, 0.8), tip_b, tip_a)
            hand.cone(tip_a, tip_b)


def _fingers(hand):
    """Three bones a finger; each has a pad on its inner side, which leaves a notch at the joint."""
    p, r, dorsal = hand.p, hand.r, hand.dorsal
    for finger, chain in enumerate(CHAINS):
        for bone, (i, j) in enumerate(pairwise(chain)):
            out = dorsal[finger, bone]
            # Half-way between two bones at their joint, so that a bend has no seam.
            before = dorsal[finger, bone - 1] if bone else (-hand.palmar if finger else out)
            after = dorsal[finger, min(bone + 1, 2)]
            hand.on(THUMB + finger, (unit(before + out), unit(out + after)), bone + 1)
            hand.cone(hand.joint(i), hand.joint(j))
            if finger == 0 and bone == 0:
                continue
            low, high = (0.25, 0.75) if bone < 2 else (0.35, 0.85)
            one = (p[i] + low * (p[j] - p[i]) - 0.10 * out * r[i], r[i] + low * (r[j] - r[i]))
            two = (p[i] + high * (p[j] - p[i]) - 0.10 * out * r[j], r[i] + high * (r[j] - r[i]))
            hand.cone(one, two, (low, high))


def _arm(hand, elbow, cuff):
    """The forearm, which widens away from the wrist, and a sleeve over it."""
    spread = unit(hand.across - elbow * (hand.across * elbow).sum()) * 0.9 * hand.half

    def ring(away, wide, thick):
        centre = hand.p[0] + elbow * away * hand.length
        return [(centre + side * wide * spread, thick * 0.80 * hand.knuckle) for side in (1, -1)]

    def tube(near, far):
        for one, two in zip(near, far, strict=True):
            hand.cone(one, two)
        hand.quad(near[0], near[1], far[1], far[0])

    hand.on(FOREARM, -hand.palmar)
    waist = ring(0.35, 0.86, 0.92)
    tube([hand.at_wrist(0.9), hand.at_wrist(-0.9)], waist)
    tube(waist, ring(3.2, 1.25, 1.45))
    if cuff is not None:
        hand.on(SLEEVE, -hand.palmar)
        opening = ring(cuff, 1.25, 1.28)
        hand.cone(*opening)
        tube(opening, ring(3.2, 1.875, 1.9))


def rasterise(flesh: Flesh, size: int) -> Surface:
    """Return the Surface that a square image of ``size`` pixels a side sees."""
    grid = (np.arange(size, dtype=f32) + 0.5) / size
    near = np.full((size, size), FAR, f32)
    first_id = np.full((size, size), -1, np.int16)
    buffers = near, near.copy(), first_id, first_id.copy()
    count, table = len(flesh.cones), _cone_table(flesh.cones)
    plates = list(zip(flesh.plates.tolist(), flesh.plate_normals.tolist(), strict=True))
    a, b = np.split(flesh.cones, 2, axis=1)
    low = np.minimum(a - a[:, 3:], b - b[:, 3:])[:, :2]
    high = np.maximum(a + a[:, 3:], b + b[:, 3:])[:, :2]
    low = np.concatenate([low, flesh.plates[..., :2].min(axis=1)])
    high = np.concatenate([high, flesh.plates[..., :2].max(axis=1)])
    start = np.maximum((low * size - 0.5).astype(int), 0)
    stop = np.minimum((high * size + 1.5).astype(int), size)
    for solid in np.flatnonzero((start < stop).all(axis=1)):
        (left, top), (right, bottom) = start[solid], stop[solid]
        x, y = grid[left:right], grid[top:bottom, None]
        if solid < count:
            t, f, _, _ = _foremost(table[:, solid], x, y)
            z, hit = t * table[6, solid] + table[2, solid] - np.sqrt(np.maximum(f, 0)), f > 0
        else:
            z, hit = _draw_plate(*plates[solid - count], x, y)
        _keep(z, hit, solid, [buffer[top:bottom, left:right] for buffer in buffers])
    return _surface(flesh, table, grid, *(buffer.ravel() for buffer in buffers))


def _surface(flesh, table, grid, near, second, first_id, second_id):
    """Return what the buffers of the two nearest solids show, solids melting into each other."""
    size = len(grid)
    covered = np.flatnonzero(near < FAR)
    first, other = first_id[covered].astype(np.int64), second_id[covered]
    xy = np.stack([grid[covered % size], grid[covered // size]], 1)
    normal = _normals(flesh, table, first, xy)
    z, gap = near[covered], second[covered] - near[covered]
    reach = flesh.blend.astype(f32)[first, other]
    mix = np.flatnonzero((other >= 0) & (gap < reach))
    # Two solids melt where they are nearly equally near (a polynomial smooth minimum).
    weight = 0.5 * (1 - gap[mix] / reach[mix])
    normal_2 = _normals(flesh, table, other[mix], xy[mix])
    normal[mix] = unit(normal[mix] * (1 - weight[:, None]) + normal_2 * weight[:, None])
    z[mix] -= weight * weight * reach[mix]
    near[covered] = z
    point = np.concatenate([xy, z[:, None]], 1)
    along = _along(flesh, first, point)
    surface = Surface(near.reshape(size, size), covered, normal, point, first, along)
    _melt(flesh, surface)
    return surface


def box(image: np.ndarray, radius: int) -> np.ndarray:
    """Return an image (h, w, ...) averaged over squares of 2 radius + 1 pixels, edges repeated."""
    return uniform_filter(image, 2 * radius + 1, mode="nearest", axes=(0, 1))


def _melt(flesh, surface):
    """Smooth palm, wrist and finger roots, in place: many solids become one flesh."""
    size = len(surface.depth)
    radius = int(np.median(flesh.cones[:, 3]) * 0.50 * size + 0.5)
    part = flesh.part[surface.solid]
    root = (flesh.segment[surface.solid] == 1) & (surface.along < 0.2)
    body = np.flatnonzero((part == PALM) | (part == FOREARM) | root)
    if not body.size or radius < 1:
        return
    at = surface.covered[body]
    rows, columns = at // size, at % size
    rows_in, columns_in = rows - rows.min(), columns - columns.min()
    field = np.zeros((rows_in.max() + 1, columns_in.max() + 1, 5), f32)
    field[rows_in, columns_in, :3] = surface.normal[body]
    field[rows_in, columns_in, 3] = surface.point[body, 2]
    field[rows_in, columns_in, 4] = 1
    smooth = box(box(field, radius), radius)[rows_in, columns_in]
    smooth = smooth[:, :4] / smooth[:, 4:]
    # Towards the outline a normal must keep turning away, or the hand looks cut from paper.
    share = np.minimum(1.6 * -surface.normal[body, 2], 0.92)[:, None]
    mixed = surface.normal[body] * (1 - share) + smooth[:, :3] * share
    surface.normal[body] = unit(mixed)
    surface.point[body, 2] += share[:, 0] * (smooth[:, 3] - surface.point[body, 2])
    surface.depth.ravel()[at] = surface.point[body, 2]


def _cone_table(cones):
    """Return what drawing a cone needs, (13, c) float32."""
    ax, ay, az, ra, bx, by, bz, rb = cones.T
    ux, uy, uz, dr = bx - ax, by - ay, bz - az, rb - ra
    # One sphere inside the other (a bone along the line of sight): a hair less taper mends it.
    c = np.minimum(dr * dr - ux * ux - uy * uy, -1e-7)
    slope = uz / np.sqrt(uz * uz - c)
    rows = ax, ay, az, ra, ux, uy, uz, dr, ra * ra, ra * dr, c, 1 / c, slope
    return np.array(rows, f32)


def _foremost(table, x, y):
    """Find the foremost of the spheres swept along cones over pixels.

    Of the spheres c(t), r(t) the foremost point over a pixel p is the least of
    z(t) = cz(t) - sqrt(f(t)), f(t) = r(t)^2 - |p - c(t)|^2 = A + 2 B t + C t^2; setting the
    derivative to zero gives f = (B^2 - A C) / (dz^2 - C), and t from it. Returns t, f(t), and
    where the pixel lies from the first centre.
    """
    ax, ay, _, _, ux, uy, _, _, rr, rdr, c, inverse, slope = table
    qx, qy = x - ax, y - ay
    a = (rr - qx * qx) - qy * qy
    b = (rdr + qx * ux) + qy * uy
    t = np.clip((slope * np.sqrt(np.maximum(b * b - a * c, 0)) - b) * inverse, 0, 1)
    return t, (t * c + b + b) * t + a, qx, qy


def _draw_plate(corners, normal, x, y):
    """Return the depth of one triangle that faces the camera over a window, and where it is."""
    (x0, y0, z0), (x1, y1, _), (x2, y2, _) = corners
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)

    def plane(slope_x, slope_y, value):
        return (x - x0) * slope_x + value + (y - y0) * slope_y

    v = plane((y2 - y0) / area, -(x2 - x0) / area, 0.0)
    w = plane(-(y1 - y0) / area, (x1 - x0) / area, 0.0)
    z = plane(-normal[0] / normal[2], -normal[1] / normal[2], z0)
    return z, (v >= 0) & (w >= 0) & (v + w <= 1)


def _keep(z, hit, solid, windows):
    """Enter depths into the buffers of the nearest and the second nearest solid."""
    near, second, first_id, second_id = windows
    np.copyto(z, FAR, where=~hit)
    nearer = z < near
    between = (z < second) & ~nearer
    np.copyto(second, z, where=between)
    np.copyto(second_id, solid, where=between, casting="unsafe")
    np.copyto(second, near, where=nearer)
    np.copyto(second_id, first_id, where=nearer)
    np.copyto(near, z, where=nearer)
    np.copyto(first_id, solid, where=nearer, casting="unsafe")


def _along(flesh, solid, point):
    """Return where along their solid's bone points (m, 3) lie, (m,)."""
    count = len(flesh.cones)
    axis = flesh.cones[:, 4:7] - flesh.cones[:, :3]
    start, end = flesh.span[:count].T
    # One linear function of x, y, z for each solid: w . p + offset.
    weight = np.zeros((len(flesh.part), 4))
    weight[:, 3] = 0.5
    weight[:count, :3] = axis * ((end - start) / np.maximum(dot(axis, axis), 1e-9))[:, None]
    weight[:count, 3] = start - dot(weight[:count], flesh.cones)
    weight = weight.astype(f32)[solid]
    return dot(point, weight) + weight[:, 3]


def _normals(flesh, table, solid, xy):
    """Return the unit normals (m, 3) of these solids at these pixels."""
    count = len(flesh.cones)
    normal = np.empty((len(solid), 3), f32)
    normal[solid >= count] = flesh.plate_normals.astype(f32)[solid[solid >= count] - count]
    on_cone = np.flatnonzero(solid < count)
    rows = table[:, solid[on_cone]]
    t, _, qx, qy = _foremost(rows, *xy[on_cone].T)
    ra, ux, uy, dr = rows[[3, 4, 5, 7]]
    radius = ra + t * dr
    nx, ny = (qx - t * ux) / radius, (qy - t * uy) / radius
    normal[on_cone] = np.stack([nx, ny, -np.sqrt(np.maximum(1 - nx * nx - ny * ny, 0))], 1)
    return normal
