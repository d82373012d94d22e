"""Checkers of chapter 17: landmarks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, compare, kind, numbers, run

Function = Callable[..., Any]

_KNUCKLES = [5, 9, 13, 17]
_SIDES = ("left", "right")


@checker(points=5)
def normalise(check: Check, normalise: Function) -> None:
    """Check ``normalise(points, aspect)``: (21, 3) of a picture to wrist at 0, palm length 1."""
    rng = np.random.default_rng(17)
    hand = rng.normal([0.4, 0.6, 0.0], 0.1, (21, 3))
    turned = rng.normal([0.7, 0.3, 0.01], 0.05, (21, 3))
    cases = [
        ("a square picture", hand, 1.0),
        ("a wide picture", hand, 0.75),
        ("a tall picture", turned, 16 / 9),
    ]
    for label, points, aspect in cases:
        mistakes = _normalise_mistakes(points, aspect)
        expected = _normalise(points, aspect)
        check.call(label, normalise, points, aspect, expected=expected, mistakes=mistakes)
    moved = hand * [0.5, 0.5, 0.5] + [0.2, -0.1, 0.0]
    answers = [run(normalise, points, 0.75) for points in (hand, moved)]
    message = next((message for _, message in answers if message), None)
    if message is None:
        arrays = [numbers(answer) for answer, _ in answers]
        if any(array is None for array in arrays):
            message = f"An array of numbers was expected, this is {kind(answers[0][0])}."
        elif compare(arrays[1], arrays[0]):
            message = (
                "The same hand, half as large and elsewhere, comes out differently: place and size "
                "have to go, place first."
            )
        elif not np.any(arrays[0]):
            message = "Everything is zero: nothing is left of the hand."
    check.record("the same hand, half as large and elsewhere", message)


@checker(points=3)
def mirror(check: Check, mirror: Function) -> None:
    """Check ``mirror(points, side)``: landmarks and side of the mirrored picture, a pair."""
    rng = np.random.default_rng(7)
    for label, side in (("a right hand", "right"), ("a left hand", "left")):
        points = rng.uniform(0.2, 0.7, (21, 3)) - [0, 0, 0.4]
        answer, message = run(mirror, points, side)
        if message is None and not (isinstance(answer, (tuple, list)) and len(answer) == 2):
            message = f"A pair was expected, the points and the side; this is {kind(answer)}."
        found, named = answer if message is None else (None, None)
        if message is None:
            message = compare(found, points * [-1, 1, 1] + [1, 0, 0], _mirror_mistakes(points))
        check.record(f"{label}: the points", message)
        other = _SIDES[side == "left"]
        if message is None or named is not None:
            message = None
            if named == side:
                message = (
                    "The side stayed as it was: a mirrored picture of a right hand is a picture of "
                    "a left one, and the points show a left one now."
                )
            elif named != other:
                message = f"Expected {other!r}, got {named!r}."
        check.record(f"{label}: the side", message, share=0.5)


@checker(points=4)
def signer(check: Check, signer: Function) -> None:
    """Check ``signer(points, sides, side, near, aspect)``: the number of the hand, or -1."""
    rng = np.random.default_rng(3)
    hand = rng.normal(0, 0.03, (21, 3))
    hand -= hand[0]

    def scene(*wrists: tuple[float, float]) -> np.ndarray:
        grown = np.array([1.0, 2.5, 0.7])[: len(wrists), None, None]
        return hand * grown + np.array([[[*wrist, 0.0]] for wrist in wrists])

    seat = np.array([0.3, 0.6])
    cases = [
        ("one hand, the right one", scene((0.4, 0.5)), ["right"], "right", 0.5),
        ("the other side is nearer", scene((0.35, 0.6), (0.5, 0.6)), ["left", "right"], "right",
         0.5),
        ("two of one side", scene((0.8, 0.6), (0.4, 0.7), (0.9, 0.1)), ["right"] * 3, "right", 1.0),
        ("a large hand far away", scene((0.32, 0.62), (0.75, 0.5)), ["left"] * 2, "left", 0.75),
        ("a left hand comes first", scene((0.9, 0.1), (0.4, 0.7), (0.8, 0.6)),
         ["left", "right", "right"], "right", 1.0),
        ("a wide picture", scene((0.5, 0.6), (0.3, 0.85)), ["left"] * 2, "left", 0.5),
        ("nobody's", scene((0.3, 0.6), (0.4, 0.6)), ["left", "left"], "right", 0.5),
        ("no hand at all", np.zeros((0, 21, 3)), [], "right", 0.5),
    ]  # fmt: skip
    for label, points, sides, side, aspect in cases:
        arguments = (points, sides, side, seat, aspect)
        expected = _signer(*arguments)
        mistakes = _signer_mistakes(*arguments)
        check.call(label, signer, *arguments, expected=expected, mistakes=mistakes)


def _normalise(points: np.ndarray, aspect: float, z: float = 1.0) -> np.ndarray:
    points = (points - points[0]) * [1, aspect, z]
    return points / _reach(points)


def _reach(points: np.ndarray) -> float:
    """Return the root mean square of the knuckles' distances from the origin, wherever it is."""
    return float(np.sqrt((points[_KNUCKLES] ** 2).sum(axis=1).mean()))


def _normalise_mistakes(points: np.ndarray, aspect: float) -> list[tuple[Any, str]]:
    """Return what usual slips give, and what to say to each."""
    even = (points - points[0]) * [1, aspect, 1]
    shifted = points * [1, aspect, 1]
    one = np.linalg.norm(even[9])
    flat = np.sqrt((even[_KNUCKLES, :2] ** 2).sum(axis=1).mean())
    mean = np.linalg.norm(even[_KNUCKLES], axis=1).mean()
    centred = shifted - shifted.mean(axis=0)
    late = (points - points[0]) / _reach(points - points[0]) * [1, aspect, 1]
    return [
        (_normalise(points, 1.0), "The aspect is not undone: y is a share of the height, x of the "
         "width, and in a picture that is not square these are different lengths."),
        (_normalise(points, 1 / aspect), "The aspect goes the wrong way: `aspect` is height / "
         "width, so y * aspect is in widths."),
        (_normalise(points, aspect, aspect), "z is scaled too: it is in the unit of x already, so "
         "only y needs the aspect."),
        (late, "The aspect is undone after the palm was measured: the unit is then taken from the "
         "squeezed hand."),
        (even, "The wrist is at the origin, but the size has stayed: divide by the palm length."),
        (shifted / _reach(shifted), "The wrist is not at the origin: subtract points[0] first."),
        (even / _reach(shifted), "The palm is measured before the wrist was subtracted: that is a "
         "distance from the picture's corner."),
        (centred / _reach(even), "The origin is the mean of all points, which moves with every "
         "finger: the wrist was asked for."),
        (even / one, "The unit is one knuckle's distance; the root mean square of all four is "
         "steadier, and was asked for."),
        (even / mean, "The unit is the mean of the four distances, their root mean square was "
         "asked for."),
        (even / flat, "z is left out of the palm length: its distances are in space."),
        (even / np.abs(even).max(), "The unit is the largest coordinate, which depends on which "
         "fingers are stretched: the same palm would have another size in another letter."),
        (even / even.std(axis=0), "x, y and z are scaled apart, which changes the hand's shape: "
         "one unit for all three."),
    ]  # fmt: skip


def _mirror_mistakes(points: np.ndarray) -> list[tuple[Any, str]]:
    """Return what usual slips give, and what to say to each."""
    turned = points * [-1, 1, 1]
    right = np.add(turned, [1, 0, 0])
    return [
        (points, "The points stayed as they were."),
        (turned, "x is negative now, outside the picture: what was a share x of the width from the "
         "left is x from the right, so 1 - x."),
        (points * [1, -1, 1] + [0, 1, 0], "That is upside down: a mirror exchanges left and right, "
         "x and not y."),
        (right * [1, 1, -1], "z changed its sign: what was nearer the camera still is."),
        (right[::-1], "The order of the landmarks is turned round: the thumb is still the thumb."),
        (points[::-1], "The order of the landmarks is turned round, not the picture: change x."),
        (points * [-1, -1, 1] + [1, 1, 0], "x and y are turned: that is a turn by 180 degrees, not "
         "a mirror, and the hand is still of the same side."),
        (turned + 2 * points[0] * [1, 0, 0], "That mirrors the hand at its own wrist; the "
         "picture's middle is the axis."),
    ]  # fmt: skip


def _distances(points: np.ndarray, near: np.ndarray, aspect: float) -> np.ndarray:
    return np.linalg.norm((points[:, 0, :2] - near) * [1, aspect], axis=1)


def _signer(points, sides, side, near, aspect) -> int:
    """Return the nearest hand of a side, by its wrist; -1 where there is none."""
    right = [place for place, found in enumerate(sides) if found == side]
    distances = _distances(points, near, aspect)
    return min(right, key=lambda place: distances[place]) if right else -1


def _signer_mistakes(points, sides, side, near, aspect) -> list[tuple[Any, str]]:
    """Return what usual slips give, and what to say to each."""
    none = (0, "No hand of this side was found, and a wrong hand is worse than none: -1.")
    if not len(points):
        return [none]
    right = [place for place, found in enumerate(sides) if found == side]
    any_side = int(_distances(points, near, aspect).argmin())
    squeezed = _signer(points, sides, side, near, 1.0)
    stretched = _signer(points, sides, side, near, 1 / aspect)
    wrong = any_side if right and any_side not in right else None
    found = [
        (wrong, "That is the nearest hand, but not of the signer's side: sort out the other side "
         "first."),
        (squeezed, "The aspect is not undone: in a wide picture a step to the side is longer than "
         "the same share downwards."),
        (stretched, "The aspect goes the wrong way: it is height / width, so y * aspect."),
    ]  # fmt: skip
    if right:
        size = np.linalg.norm((points[:, 9] - points[:, 0])[:, :2] * [1, aspect], axis=1)
        among = _distances(points[right], near, aspect)
        found += [
            (max(right, key=lambda place: size[place]), "That is the largest hand of this side: "
             "whoever walks past near the camera has it. Ask which wrist is nearest to `near`."),
            (right[0], "That is the first hand of this side, whoever's it is: compare the wrists' "
             "distances from `near`."),
            (int(among.argmin()), "That number counts the hands of this side alone: return the "
             "place in `points`."),
            (max(right, key=lambda place: _distances(points, near, aspect)[place]), "That is the "
             "hand farthest from `near`."),
        ]  # fmt: skip
    else:
        found += [none, (any_side, none[1])]
    return found
