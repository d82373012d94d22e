"""Checkers of chapter 19: landmarks."""

from typing import Any

import numpy as np

from asl_helpers.checks.core import Changed, Failed, case, compare, exercise, kind


@exercise(points=5)
def normalise(points, aspect):
    even = (points - points[0]) * [1, aspect, 1]
    knuckles = even[[5, 9, 13, 17]]
    palm = np.sqrt((knuckles**2).sum(axis=1).mean())
    return even / palm


_RNG = np.random.default_rng(17)
_HAND = _RNG.normal([0.4, 0.6, 0.0], 0.1, (21, 3))
_OTHER = _RNG.normal([0.7, 0.3, 0.01], 0.05, (21, 3))


def _ignores_place_and_size(call):
    here, there = call(_HAND, 0.75), call(_HAND * 0.5 + [0.2, -0.1, 0.0], 0.75)
    if compare(there, np.asarray(here, float)):
        return (
            "The same hand, half as large and elsewhere, comes out differently: remove its "
            "position, then its size."
        )
    if not np.any(np.nan_to_num(here)):
        return "Everything is zero: nothing is left of the hand."


normalise.cases = {
    "a square image": case(_HAND, 1.0),
    "a wide image": case(_HAND, 0.75),
    "a tall image": case(_OTHER, 16 / 9),
    "the same hand, half as large and elsewhere": _ignores_place_and_size,
}
normalise.wrong = {
    "The aspect is not undone: y is a share of the height.": ("aspect", "1"),
    "The aspect goes the wrong way: `y * aspect`.": ("aspect", "1 / aspect"),
    "z is in the unit of x already: leave it.": ("aspect, 1", "aspect, aspect"),
    "Undo the aspect before you measure the palm.":
        (" * [1, aspect, 1]", "", "even / palm", "even / palm * [1, aspect, 1]"),
    "The wrist is at the origin, but the size is unchanged: divide by the palm length.":
        (" / palm", ""),
    "The wrist is not at the origin: subtract points[0] first.": (" - points[0]", ""),
    "The origin is the mean of all points, which moves with every finger.":
        ("even / palm", "(even - even.mean(axis=0)) / palm"),
    "This is one knuckle's distance: take all four.": ("/ palm", "/ np.linalg.norm(even[9])"),
    "z is left out of the palm length.": ("knuckles**2", "knuckles[:, :2] ** 2"),
    "The unit depends on which fingers are stretched.": ("/ palm", "/ np.abs(even).max()"),
    "x, y and z are scaled apart: use one unit.": ("/ palm", "/ even.std(axis=0)"),
    "Everything is zero: nothing is left of the hand.": lambda points, aspect: points * 0,
}  # fmt: skip


def _points(value: Any) -> Any:
    """Compare the points of a pair of points and side."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Failed(f"A pair was expected, the points and the side; this is {kind(value)}.")
    return value[0]


@exercise(points=3, read=_points)
def mirror(points, side):
    return points * [-1, 1, 1] + [1, 0, 0], "left" if side == "right" else "right"


def _other_side(call):
    for side, other in (("right", "left"), ("left", "right")):
        pair = call(_HAND, side)
        _points(pair)
        if pair[1] == side:
            return (
                "The side stayed as it was, but a mirrored image of a right hand is an image of a "
                "left one."
            )
        if pair[1] != other:
            return f"Expected {other!r}, got {pair[1]!r}."


_DRAWN = np.random.default_rng(7).uniform(0.2, 0.7, (2, 21, 3)) - [0, 0, 0.4]

mirror.cases = {
    "a right hand: the points": case(_DRAWN[0], "right"),
    "a left hand: the points": case(_DRAWN[1], "left"),
    "the side of both": _other_side,
}
mirror.wrong = {
    "The points stayed as they were.": (" * [-1, 1, 1] + [1, 0, 0]", ""),
    "x is negative now, outside the image: what was a share x of the width from the left is x from "
    "the right, so 1 - x.": (" + [1, 0, 0]", ""),
    "This is upside down: a mirror exchanges left and right, x and not y.":
        ("[-1, 1, 1] + [1, 0, 0]", "[1, -1, 1] + [0, 1, 0]"),
    "z changed its sign, but what was nearer the camera still is.": ("[-1, 1, 1]", "[-1, 1, -1]"),
    "The order of the landmarks is reversed, but the thumb is still the thumb.":
        ("points * [-1, 1, 1]", "points[::-1] * [-1, 1, 1]"),
    "The order of the landmarks is reversed, not the image: change x.":
        ("points * [-1, 1, 1] + [1, 0, 0]", "points[::-1]"),
    "x and y are turned: that is a turn by 180 degrees, not a mirror, and the hand is still of the "
    "same side.": ("[-1, 1, 1] + [1, 0, 0]", "[-1, -1, 1] + [1, 1, 0]"),
    "That mirrors the hand at its own wrist, but the middle of the image is the axis.":
        ("+ [1, 0, 0]", "+ [2 * points[0, 0], 0, 0]"),
    "The side stayed as it was": ('"left" if side == "right" else "right"', "side"),
    "A pair was expected": lambda points, side: points * [-1, 1, 1] + [1, 0, 0],
}  # fmt: skip


@exercise(points=4)
def signer(points, sides, side, near, aspect):
    away = np.linalg.norm((points[:, 0, :2] - near) * [1, aspect], axis=1)
    own = [index for index, found in enumerate(sides) if found == side]
    return min(own, key=away.__getitem__, default=-1)


_RNG = np.random.default_rng(3)
_SHAPE = _RNG.normal(0, 0.03, (21, 3))
_SHAPE -= _SHAPE[0]


def _scene(wrists, sides, side, aspect):
    """Return the case of hands of three sizes at these wrists, and a signer at (0.3, 0.6)."""
    grown = _SHAPE * np.array([1.0, 2.5, 0.7])[: len(wrists), None, None]
    points = grown + [[[x, y, 0.0]] for x, y in wrists] if wrists else np.zeros((0, 21, 3))
    return case(points, sides, side, np.array([0.3, 0.6]), aspect)


_LEFT_FIRST = [(0.9, 0.1), (0.4, 0.7), (0.8, 0.6)], ["left", "right", "right"]

signer.cases = {
    "one hand, the right one": _scene([(0.4, 0.5)], ["right"], "right", 0.5),
    "the other side is nearer":
        _scene([(0.35, 0.6), (0.5, 0.6)], ["left", "right"], "right", 0.5),
    "two of one side":
        _scene([(0.8, 0.6), (0.4, 0.7), (0.9, 0.1)], ["right"] * 3, "right", 1.0),
    "a large hand far away": _scene([(0.32, 0.62), (0.75, 0.5)], ["left"] * 2, "left", 0.75),
    "a left hand comes first": _scene(*_LEFT_FIRST, "right", 1.0),
    "a wide image": _scene([(0.5, 0.6), (0.3, 0.85)], ["left"] * 2, "left", 0.5),
    "nobody's": _scene([(0.3, 0.6), (0.4, 0.6)], ["left", "left"], "right", 0.5),
    "no hand at all": _scene([], [], "right", 0.5),
}  # fmt: skip
signer.wrong = {
    "That is the nearest hand, but not of the signer's side.": ("found == side", "side in sides"),
    "The aspect is not undone.": ("aspect", "1"),
    "No hand of this side was found, and a wrong hand is worse than none: -1.": [
        Changed(lambda index: max(index, 0)),
        ("found == side", "True"),
    ],
    "That is the largest hand of this side.":
        ("np.linalg.norm((points[:, 0, :2] - near)",
         "-np.linalg.norm((points[:, 9, :2] - points[:, 0, :2])"),
    "That is the first hand of this side, whoever's it is: compare distances.":
        (", key=away.__getitem__", ""),
    "That number counts this side alone: return the index in `points`.":
        ("min(own", "own.index(min(own", "=-1)", "=-1)) if own else -1"),
}  # fmt: skip
