"""The flesh around 21 projected joints: round cones along the bones, plates across the palm.

Everything is in image units (x right, y down, z away from the camera), so that a renderer can
look straight along z. A *round cone* is a sphere swept between two centres while its radius
changes evenly; a *plate* is the front of a sphere swept over a triangle. Proportions of the
fleshy parts (thenar, hypothenar, webs, wrist) were set by eye against anatomical drawings.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

PALM, THUMB, INDEX, MIDDLE, RING, PINKY, FOREARM, SLEEVE = range(8)
"""The parts that a surface point can belong to."""

_CHAINS = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))


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


def _unit(vector):
    length = np.sqrt((vector * vector).sum(-1, keepdims=True))
    return vector / np.maximum(length, 1e-9)


def _cross(a, b):
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def _front(centres, radii):
    """Return the plane on three spheres, the camera's side: corners and normal, or None."""
    edge_1, edge_2 = centres[1] - centres[0], centres[2] - centres[0]
    normal = _cross(edge_1, edge_2)
    area = (normal * normal).sum()
    if area < 1e-12:
        return None
    # n = p + s * normal with n.edge_i = -(r_i - r_0): p lies in the triangle's own plane.
    lift_1, lift_2 = radii[0] - radii[1], radii[0] - radii[2]
    in_plane = (lift_1 * _cross(edge_2, normal) + lift_2 * _cross(normal, edge_1)) / area
    rest = 1.0 - (in_plane * in_plane).sum()
    if rest <= 0:
        return None
    out = normal * np.sqrt(rest / area)
    normal = in_plane + (out if out[2] < 0 else -out)
    if normal[2] > -0.02:  # seen edge-on: the round cones of its sides cover it
        return None
    return centres + radii[:, None] * normal, normal


class _Builder:
    """Collects solids with their part, segment and dorsal direction."""

    def __init__(self):
        self.cones, self.plates, self.normals = [], [], []
        self.cone_tags, self.plate_tags = [], []

    def cone(self, a, ra, b, rb, part, segment, dorsal, span=(0.0, 1.0)):
        self.cones.append((*a, ra, *b, rb))
        self.cone_tags.append((part, segment, dorsal, span))

    def plate(self, corners, part, segment, dorsal):
        front = _front(np.array([c for c, _ in corners]), np.array([r for _, r in corners]))
        if front is not None:
            self.plates.append(front[0])
            self.normals.append(front[1])
            self.plate_tags.append((part, segment, dorsal, (0.5, 0.5)))

    def quad(self, a, b, c, d, part, segment, dorsal):
        """Fill a, b, c, d (b and d opposite): a round cone closes the fold along b-d."""
        self.plate((a, b, d), part, segment, dorsal)
        self.plate((b, c, d), part, segment, dorsal)
        self.cone(*b, *d, part, segment, dorsal)


def finger_frames(points: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the palm's frame (3, 3) and the dorsal direction (5, 3, 3) of each phalanx.

    ``points`` is (21, 3). A finger's back is square to its bone and to the palm's width; the
    thumb's nail looks sideways and out, and away from its own bend.
    """
    mirror = -1.0 if side == "left" else 1.0
    across = _unit(points[5] - points[17])
    along = _unit(points[9] - points[0])
    palmar = _unit(_cross(across, along)) * mirror
    across = _cross(along, palmar) * mirror
    dorsal = np.empty((5, 3, 3))
    for finger, chain in enumerate(_CHAINS):
        for bone in range(3):
            axis = _unit(points[chain[bone + 1]] - points[chain[bone]])
            if finger == 0:
                bend = 2 * points[2] - points[1] - points[3] + 2 * points[3] - points[2] - points[4]
                bend = bend / max(np.sqrt(((points[4] - points[1]) ** 2).sum()), 1e-9)
                guess = 0.75 * across - 0.55 * palmar + 1.2 * bend
                guess = guess - axis * (guess * axis).sum()
            else:
                guess = _cross(axis, across) * mirror
            dorsal[finger, bone] = _unit(guess)
    return np.array([across, along, palmar]), dorsal


def build(points: np.ndarray, radii: np.ndarray, side: str, elbow: np.ndarray, cuff: float | None):
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
    p, r = points.astype(np.float64), 1.12 * radii.astype(np.float64)
    frame, dorsal = finger_frames(p, side)
    across, along, palmar = frame
    back = -palmar
    length = np.sqrt(((p[9] - p[0]) ** 2).sum())
    width = np.sqrt(((p[5] - p[17]) ** 2).sum())
    unit = max(0.5 * (r[5] + r[9]), 1e-4)  # the flesh's own measure: a knuckle's radius
    made = _Builder()

    # Wrist: wider than thick, so two centres; the landmark lies between them.
    wrist_r = 0.80 * unit
    half = max(0.62 * width * 0.5, 0.4 * unit)
    wrist = {1: p[0] + across * half * 0.9, -1: p[0] - across * half * 0.9}
    knuckle = [(p[i], r[i]) for i in (5, 9, 13, 17)]
    roots = [
        (wrist[1], wrist_r),
        (p[0] + across * half * 0.3, wrist_r),
        (p[0] - across * half * 0.3, wrist_r),
        (wrist[-1], wrist_r),
    ]
    for (a, ra), (b, rb) in zip(roots, knuckle, strict=True):
        made.cone(a, ra, b, rb, PALM, 0, back)
    for (a, ra), (b, rb) in pairwise(knuckle):
        made.cone(a, ra, b, rb, PALM, 0, back)
    made.cone(wrist[1], wrist_r, wrist[-1], wrist_r, PALM, 0, back)
    for i in range(3):
        made.quad(knuckle[i], roots[i], roots[i + 1], knuckle[i + 1], PALM, 0, back)

    # The thumb's ball and the edge of the hand, raised out of the palm.
    ball = 0.55 * p[1] + 0.45 * p[2] + palmar * 0.12 * unit
    ball_r = 1.22 * unit
    made.cone(0.72 * wrist[1] + 0.28 * p[1], 0.95 * unit, ball, ball_r, PALM, 0, back)
    made.cone(ball, ball_r, p[2], 1.0 * r[2], PALM, 0, dorsal[0, 0])
    edge_a = p[0] * 0.78 + p[17] * 0.22 - across * 0.25 * width + palmar * 0.18 * unit
    edge_b = p[0] * 0.32 + p[17] * 0.68 - across * 0.09 * width + palmar * 0.18 * unit
    made.cone(edge_a, 0.92 * unit, edge_b, 1.0 * unit, PALM, 0, back)
    made.cone(edge_b, 1.0 * unit, p[17], r[17], PALM, 0, back)
    pad = [(c + palmar * 0.20 * unit - along * 0.12 * length, 0.95 * s) for c, s in knuckle]
    for (a, ra), (b, rb) in pairwise(pad):
        made.cone(a, ra, b, rb, PALM, 0, back)
    # The web between thumb and index finger: thin, and it folds when the thumb closes.
    web_tip = (0.55 * p[2] + 0.45 * p[5] + 0.12 * (p[0] - p[5]), 0.45 * unit)
    body = (0.5 * p[1] + 0.5 * p[0], 0.9 * unit)
    made.plate(((p[5], 0.75 * r[5]), web_tip, body), PALM, 0, back)
    made.plate(((p[2], 0.8 * r[2]), web_tip, body), PALM, 0, back)
    made.plate(((ball, ball_r), pad[0], body), PALM, 0, back)
    made.plate(((ball, ball_r), web_tip, pad[0]), PALM, 0, back)
    made.cone(p[5], 0.75 * r[5], *web_tip, PALM, 0, back)
    made.cone(*web_tip, p[2], 0.8 * r[2], PALM, 0, back)
    made.plate((pad[1], pad[2], (edge_b, unit)), PALM, 0, back)
    made.plate((pad[2], pad[3], (edge_b, unit)), PALM, 0, back)
    made.quad((edge_a, 0.92 * unit), (edge_b, unit), pad[1], roots[1], PALM, 0, back)

    # Webs between the fingers reach a third up the first phalanx, unless the fingers part.
    for f in range(1, 4):
        a, b = _CHAINS[f], _CHAINS[f + 1]
        one, two = p[a[1]] - p[a[0]], p[b[1]] - p[b[0]]
        agree = (_unit(one) * _unit(two)).sum()
        reach = 0.34 * min(max((agree - 0.75) / 0.2, 0.0), 1.0)
        if reach > 0:
            tip_a = (p[a[0]] + reach * one, 0.72 * r[a[0]])
            tip_b = (p[b[0]] + reach * two, 0.72 * r[b[0]])
            root_a, root_b = (p[a[0]], 0.8 * r[a[0]]), (p[b[0]], 0.8 * r[b[0]])
            made.quad(root_a, root_b, tip_b, tip_a, PALM, 0, back)
            made.cone(*tip_a, *tip_b, PALM, 0, back)

    # Fingers; each phalanx has a pad on its inner side, which leaves a notch at the joint.
    for finger, chain in enumerate(_CHAINS):
        for bone in range(3):
            i, j = chain[bone], chain[bone + 1]
            out = dorsal[finger, bone]
            # Half-way between two bones at their joint, so that a bend has no seam.
            before = dorsal[finger, bone - 1] if bone else (back if finger else out)
            after = dorsal[finger, min(bone + 1, 2)]
            turn = (_unit(before + out), _unit(out + after))
            part = THUMB + finger
            made.cone(p[i], r[i], p[j], r[j], part, bone + 1, turn)
            if finger == 0 and bone == 0:
                continue
            low, high = (0.25, 0.75) if bone < 2 else (0.35, 0.85)
            lift = -0.10 * out
            a = p[i] + low * (p[j] - p[i]) + lift * r[i]
            b = p[i] + high * (p[j] - p[i]) + lift * r[j]
            ra = r[i] + low * (r[j] - r[i])
            rb = r[i] + high * (r[j] - r[i])
            made.cone(a, ra, b, rb, part, bone + 1, turn, (low, high))

    _arm(made, p[0], wrist, wrist_r, across, elbow, length, back, cuff)
    return _finish(made, frame, np.array([*p[0], width, length]), unit)


def _arm(made, middle, wrist, wrist_r, across, elbow, length, back, cuff):
    """Add the forearm, which widens away from the wrist, and a sleeve over it."""
    spread = across - elbow * (across * elbow).sum()
    spread = _unit(spread)
    half = np.sqrt(((wrist[1] - wrist[-1]) ** 2).sum()) / 2
    waist = middle + elbow * 0.35 * length
    far = middle + elbow * 3.2 * length
    for sign in (1, -1):
        made.cone(
            wrist[sign],
            wrist_r,
            waist + sign * spread * 0.86 * half,
            0.92 * wrist_r,
            FOREARM,
            0,
            back,
        )
        made.cone(
            waist + sign * spread * 0.86 * half,
            0.92 * wrist_r,
            far + sign * spread * 1.25 * half,
            1.45 * wrist_r,
            FOREARM,
            0,
            back,
        )
    near = [(wrist[1], wrist_r), (wrist[-1], wrist_r)]
    mid = [(waist + s * spread * 0.86 * half, 0.92 * wrist_r) for s in (1, -1)]
    end = [(far + s * spread * 1.25 * half, 1.45 * wrist_r) for s in (1, -1)]
    for first, second in ((near, mid), (mid, end)):
        made.quad(first[0], first[1], second[1], second[0], FOREARM, 0, back)
    if cuff is None:
        return
    start = middle + elbow * cuff * length
    wide = 1.25 * half
    a = [(start + s * spread * wide, 1.28 * wrist_r) for s in (1, -1)]
    b = [(far + s * spread * 1.5 * wide, 1.9 * wrist_r) for s in (1, -1)]
    for i in range(2):
        made.cone(*a[i], *b[i], SLEEVE, 0, back)
    made.cone(*a[0], *a[1], SLEEVE, 0, back)
    made.quad(a[0], a[1], b[1], b[0], SLEEVE, 0, back)


def _finish(made, frame, palm, unit):
    """Pack the solids into arrays and say which of them melt into each other."""
    tags = made.cone_tags + made.plate_tags
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
        cones=np.array(made.cones).reshape(-1, 8),
        plates=np.array(made.plates).reshape(-1, 3, 3),
        plate_normals=np.array(made.normals).reshape(-1, 3),
        part=part,
        segment=segment,
        dorsal=np.array([np.broadcast_to(t[2], (2, 3)) for t in tags]),
        span=np.array([t[3] for t in tags]),
        blend=blend,
        palm_frame=frame,
        palm=palm,
    )
