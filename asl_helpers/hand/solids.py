"""Simple solids for a renderer that looks along z: round cones, plates, and what melts together.

A *round cone* is a sphere swept between two centres while its radius changes evenly; a *plate* is
the front of a sphere swept over a triangle.
"""

from dataclasses import dataclass

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
