"""Right and plausibly wrong answers to the exercises of chapter 17."""

import numpy as np

from asl_helpers.checks import ch17

KNUCKLES = [5, 9, 13, 17]


def normalise(points, aspect):
    points = (points - points[0]) * [1, aspect, 1]
    return points / np.sqrt((points[KNUCKLES] ** 2).sum(axis=1).mean())


def mirror(points, side):
    points = points * [-1, 1, 1] + [1, 0, 0]
    return points, "left" if side == "right" else "right"


def signer(points, sides, side, near, aspect):
    away = np.linalg.norm((points[:, 0, :2] - near) * [1, aspect], axis=1)
    away[np.array(sides, dtype=str) != side] = np.inf
    return int(away.argmin()) if np.isfinite(away).any() else -1


REFERENCES = {
    ch17.normalise: (normalise,),
    ch17.mirror: (mirror,),
    ch17.signer: (signer,),
}


def squeeze_z(points, aspect):
    points = (points - points[0]) * [1, aspect, aspect]
    return points / np.sqrt((points[KNUCKLES] ** 2).sum(axis=1).mean())


def late_aspect(points, aspect):
    return normalise(points, 1.0) * [1, aspect, 1]


def not_moved(points, aspect):
    points = points * [1, aspect, 1]
    return points / np.sqrt((points[KNUCKLES] ** 2).sum(axis=1).mean())


def middle(points, aspect):
    even = (points - points[0]) * [1, aspect, 1]
    return (even - even.mean(axis=0)) / np.sqrt((even[KNUCKLES] ** 2).sum(axis=1).mean())


def one_knuckle(points, aspect):
    even = (points - points[0]) * [1, aspect, 1]
    return even / np.linalg.norm(even[9])


def flat_palm(points, aspect):
    even = (points - points[0]) * [1, aspect, 1]
    return even / np.sqrt((even[KNUCKLES, :2] ** 2).sum(axis=1).mean())


def largest_coordinate(points, aspect):
    even = (points - points[0]) * [1, aspect, 1]
    return even / np.abs(even).max()


def any_side(points, sides, side, near, aspect):
    return signer(points, [side] * len(sides), side, near, aspect)


def first_of_side(points, sides, side, near, aspect):
    return sides.index(side) if side in sides else -1


def largest(points, sides, side, near, aspect):
    size = np.linalg.norm((points[:, 9] - points[:, 0])[:, :2] * [1, aspect], axis=1)
    size[np.array(sides, dtype=str) != side] = -1
    return int(size.argmax()) if (size > 0).any() else -1


def among_themselves(points, sides, side, near, aspect):
    kept = points[np.array(sides, dtype=str) == side]
    return signer(kept, [side] * len(kept), side, near, aspect)


def never_none(points, sides, side, near, aspect):
    return max(signer(points, sides, side, near, aspect), 0)


WRONG = [
    (ch17.normalise, lambda p, a: normalise(p, 1.0), 2.5, "aspect is not undone"),
    (ch17.normalise, lambda p, a: normalise(p, 1 / a), 2.5, "goes the wrong way"),
    (ch17.normalise, squeeze_z, 2.5, "unit of x already"),
    (ch17.normalise, late_aspect, 2.5, "after the palm was measured"),
    (ch17.normalise, lambda p, a: (p - p[0]) * [1, a, 1], 0, "the size has stayed"),
    (ch17.normalise, not_moved, 0, "wrist is not at the origin"),
    (ch17.normalise, middle, 1.25, "moves with every finger"),
    (ch17.normalise, one_knuckle, 1.25, "one knuckle's distance"),
    (ch17.normalise, flat_palm, 1.25, "left out of the palm length"),
    (ch17.normalise, largest_coordinate, 1.25, "which fingers are stretched"),
    (ch17.normalise, lambda p, a: p * 0, 0, "nothing is left of the hand"),
    (ch17.mirror, lambda p, s: (mirror(p, s)[0], s), 2, "side stayed as it was"),
    (ch17.mirror, lambda p, s: (p * [-1, 1, 1], mirror(p, s)[1]), 1, "so 1 - x"),
    (ch17.mirror, lambda p, s: (p * [1, -1, 1] + [0, 1, 0], mirror(p, s)[1]), 1,
     "upside down"),
    (ch17.mirror, lambda p, s: (mirror(p, s)[0][::-1], mirror(p, s)[1]), 1,
     "the thumb is still the thumb"),
    (ch17.mirror, lambda p, s: (mirror(p, s)[0] * [1, 1, -1], mirror(p, s)[1]), 1,
     "nearer the camera still is"),
    (ch17.mirror, lambda p, s: (p, mirror(p, s)[1]), 1, "stayed as they were"),
    (ch17.mirror, lambda p, s: mirror(p, s)[0], 0, "A pair was expected"),
    (ch17.signer, any_side, 3, "not of the signer's side"),
    (ch17.signer, first_of_side, 3, "whoever's it is"),
    (ch17.signer, largest, 3.5, "largest hand of this side"),
    (ch17.signer, among_themselves, 3, "return the place in `points`"),
    (ch17.signer, never_none, 3, "worse than none"),
    (ch17.signer, lambda p, s, d, n, a: signer(p, s, d, n, 1.0), 3.5,
     "aspect is not undone"),
    (ch17.signer, lambda p, s, d, n, a: None, 0, "`return` is missing"),
]  # fmt: skip
