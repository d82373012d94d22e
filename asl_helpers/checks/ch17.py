"""Checkers of chapter 17: landmarks."""

from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, Exercise, case, compare, kind, numbers, run

_KNUCKLES = [5, 9, 13, 17]


def _reach(points, dimensions=3):
    """Return the root mean square of the knuckles' distances from the origin, wherever it is."""
    return np.sqrt((points[_KNUCKLES, :dimensions] ** 2).sum(axis=1).mean())


def _even(points, aspect, z=1.0):
    """Return the points from the wrist on, in widths of the picture."""
    return (points - points[0]) * [1, aspect, z]


def _normalise(points, aspect, z=1.0):
    return _even(points, aspect, z) / _reach(_even(points, aspect, z))


def _centred(points, aspect):
    even = _even(points, aspect)
    return (even - even.mean(axis=0)) / _reach(even)


def _by_unit(unit):
    """Return a normalisation whose unit is measured in another way."""
    return lambda points, aspect: _even(points, aspect) / unit(_even(points, aspect))


_RNG = np.random.default_rng(17)
_HAND = _RNG.normal([0.4, 0.6, 0.0], 0.1, (21, 3))
_OTHER = _RNG.normal([0.7, 0.3, 0.01], 0.05, (21, 3))


def _ignores_place_and_size(check: Check, answer: Any) -> None:
    """Check that place and size of the hand do not matter."""
    (here, message), (there, failed) = (
        run(answer, points, 0.75) for points in (_HAND, _HAND * 0.5 + [0.2, -0.1, 0.0])
    )
    message = message or failed
    if message is None and (numbers(here) is None or numbers(there) is None):
        message = f"An array of numbers was expected, this is {kind(here)}."
    elif message is None and compare(there, np.asarray(here)):
        message = (
            "The same hand, half as large and elsewhere, comes out differently: place and size "
            "have to go, place first."
        )
    elif message is None and not np.any(here):
        message = "Everything is zero: nothing is left of the hand."
    check.record("the same hand, half as large and elsewhere", message)


normalise = Exercise(
    points=5,
    reference=lambda points, aspect: _normalise(points, aspect),
    cases={
        "a square picture": case(_HAND, 1.0),
        "a wide picture": case(_HAND, 0.75),
        "a tall picture": case(_OTHER, 16 / 9),
    },
    tests=_ignores_place_and_size,
    misconceptions={
        "The aspect is not undone: y is a share of the height.": lambda p, a: _normalise(p, 1.0),
        "The aspect goes the wrong way: `y * aspect`.": lambda p, a: _normalise(p, 1 / a),
        "z is in the unit of x already: leave it.": lambda p, a: _normalise(p, a, z=a),
        "Undo the aspect before the palm.": lambda p, a: _normalise(p, 1.0) * [1, a, 1],
        "The wrist is at the origin, but the size has stayed: divide by the palm length.": _even,
        "The wrist is not at the origin: subtract points[0] first.":
            lambda p, a: p * [1, a, 1] / _reach(p * [1, a, 1]),
        "The origin is the mean of all points, which moves with every finger.": _centred,
        "One knuckle's distance: take all four.": _by_unit(lambda even: np.linalg.norm(even[9])),
        "z is left out of the palm length.": _by_unit(lambda even: _reach(even, dimensions=2)),
        "It depends on which fingers are stretched.": _by_unit(lambda even: np.abs(even).max()),
        "x, y and z are scaled apart: use one unit.": _by_unit(lambda even: even.std(axis=0)),
    },
    wrong_answers={"nothing is left of the hand.": lambda points, aspect: points * 0},
)  # fmt: skip

_OTHER_SIDE = {"left": "right", "right": "left"}
_ORDER = "The order of the landmarks is turned round"


def _flipped(points):
    return points * [-1, 1, 1] + [1, 0, 0]


_WRONG_MIRRORS = {
    "The points stayed as they were.": lambda points: points,
    "x is negative now, outside the picture: what was a share x of the width from the left is x "
    "from the right, so 1 - x.": lambda points: points * [-1, 1, 1],
    "That is upside down: a mirror exchanges left and right, x and not y.":
        lambda points: points * [1, -1, 1] + [0, 1, 0],
    "z changed its sign: what was nearer the camera still is.":
        lambda points: _flipped(points) * [1, 1, -1],
    f"{_ORDER}: the thumb is still the thumb.": lambda points: _flipped(points)[::-1],
    f"{_ORDER}, not the picture: change x.": lambda points: points[::-1],
    "x and y are turned: that is a turn by 180 degrees, not a mirror, and the hand is still of the "
    "same side.": lambda points: points * [-1, -1, 1] + [1, 1, 0],
    "That mirrors the hand at its own wrist; the picture's middle is the axis.":
        lambda points: points * [-1, 1, 1] + 2 * points[0] * [1, 0, 0],
}  # fmt: skip


def _mirrors_both(check: Check, answer: Any) -> None:
    """Check that points and side are those of the mirror image."""
    rng = np.random.default_rng(7)
    for side, other in (("right", "left"), ("left", "right")):
        points = rng.uniform(0.2, 0.7, (21, 3)) - [0, 0, 0.4]
        result, message = run(answer, points, side)
        if message is None and not (isinstance(result, tuple | list) and len(result) == 2):
            message = f"A pair was expected, the points and the side; this is {kind(result)}."
        failed = message
        if not failed:
            known = ((words, wrong(points)) for words, wrong in _WRONG_MIRRORS.items())
            message = compare(result[0], _flipped(points), known)
        check.record(f"a {side} hand: the points", message)
        message = failed
        if not failed and result[1] == side:
            message = (
                "The side stayed as it was: a mirrored picture of a right hand is a picture of a "
                "left one, and the points show a left one now."
            )
        elif not failed and result[1] != other:
            message = f"Expected {other!r}, got {result[1]!r}."
        check.record(f"a {side} hand: the side", message, share=0.5)


mirror = Exercise(
    points=3,
    reference=lambda points, side: (_flipped(points), _OTHER_SIDE[side]),
    tests=_mirrors_both,
    wrong_answers={
        **{
            message: lambda points, side, wrong=wrong: (wrong(points), _OTHER_SIDE[side])
            for message, wrong in _WRONG_MIRRORS.items()
        },
        "The side stayed as it was": lambda points, side: (_flipped(points), side),
        "A pair was expected": lambda points, side: _flipped(points),
    },
)


def _distances(points, near, aspect):
    return np.linalg.norm((points[:, 0, :2] - near) * [1, aspect], axis=1)


def _palms(points, near, aspect):
    """Return minus the size of each palm in the picture: the largest is chosen."""
    return -np.linalg.norm((points[:, 9] - points[:, 0])[:, :2] * [1, aspect], axis=1)


def _signer(points, sides, side, near, aspect, by=_distances):
    """Return the nearest hand of a side, by its wrist; -1 where there is none."""
    right = [index for index, found in enumerate(sides) if found == side]
    return min(right, key=by(points, near, aspect).__getitem__) if right else -1


def _among_themselves(points, sides, side, near, aspect):
    kept = points[np.array(sides) == side]
    return _signer(kept, [side] * len(kept), side, near, aspect)


def _any_side(points, sides, side, near, aspect):
    """Return the nearest hand; where the signer has none, no hand is the answer after all."""
    return _signer(points, [side] * len(sides), side, near, aspect) if side in sides else -1


_RNG = np.random.default_rng(3)
_SHAPE = _RNG.normal(0, 0.03, (21, 3))
_SHAPE -= _SHAPE[0]


def _scene(wrists, sides, side, aspect):
    """Return the case of hands of three sizes at these wrists, and a signer at (0.3, 0.6)."""
    grown = _SHAPE * np.array([1.0, 2.5, 0.7])[: len(wrists), None, None]
    points = grown + [[[x, y, 0.0]] for x, y in wrists] if wrists else np.zeros((0, 21, 3))
    return case(points, sides, side, np.array([0.3, 0.6]), aspect)


_LEFT_FIRST = [(0.9, 0.1), (0.4, 0.7), (0.8, 0.6)], ["left", "right", "right"]

signer = Exercise(
    points=4,
    reference=lambda points, sides, side, near, aspect: _signer(points, sides, side, near, aspect),
    cases={
        "one hand, the right one": _scene([(0.4, 0.5)], ["right"], "right", 0.5),
        "the other side is nearer":
            _scene([(0.35, 0.6), (0.5, 0.6)], ["left", "right"], "right", 0.5),
        "two of one side":
            _scene([(0.8, 0.6), (0.4, 0.7), (0.9, 0.1)], ["right"] * 3, "right", 1.0),
        "a large hand far away": _scene([(0.32, 0.62), (0.75, 0.5)], ["left"] * 2, "left", 0.75),
        "a left hand comes first": _scene(*_LEFT_FIRST, "right", 1.0),
        "a wide picture": _scene([(0.5, 0.6), (0.3, 0.85)], ["left"] * 2, "left", 0.5),
        "nobody's": _scene([(0.3, 0.6), (0.4, 0.6)], ["left", "left"], "right", 0.5),
        "no hand at all": _scene([], [], "right", 0.5),
    },
    misconceptions={
        "That is the nearest hand, but not of the signer's side.": _any_side,
        "The aspect is not undone.": lambda p, s, i, n, a: _signer(p, s, i, n, 1.0),
        "No hand of this side was found, and a wrong hand is worse than none: -1.": (
            lambda p, s, i, n, a: max(_signer(p, s, i, n, a), 0),
            lambda p, s, i, n, a: _signer(p, [i] * len(s), i, n, a),
        ),
        "That is the largest hand of this side.": lambda *a: _signer(*a, by=_palms),
        "The first hand of this side, whoever's it is: compare distances.":
            lambda p, s, i, n, a: s.index(i) if i in s else -1,
        "That number counts this side alone: return the place in `points`.": _among_themselves,
    },
)  # fmt: skip
