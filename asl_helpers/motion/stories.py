"""The stories that are told: strokes, and all that a hand may do which is none.

Each kind is a function from a generator to a `teller.Story`; `KINDS` has them by name.
"""

from collections.abc import Callable

import numpy as np

from asl_helpers.alphabet import LETTERS
from asl_helpers.motion.teller import LOOSE, MOVING, Story, Teller

_OPEN = np.array(
    [50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0], np.float32
)  # an open hand, fingers spread
_ALIKE = ("X", "D", "G", "Z", "I", "J", "Y", "L", "P", "Q")
"""Hands with one finger out, which a falling hand may draw with."""


def _around(rng: np.random.Generator, spread: float) -> np.ndarray:
    """Draw a place (2,) near the middle."""
    return (spread * rng.standard_normal(2)).astype(np.float32)


def _letters(teller: Teller, count: int, pace: float, letters=LETTERS) -> None:
    """Spell ``count`` letters at random, J and Z held like the others."""
    rng = teller.rng
    for _ in range(count):
        share = rng.uniform(0.25, 0.7)
        place = None if rng.random() < 0.5 else _around(rng, 0.12)
        teller.go(rng.choice(letters), share * pace, place)
        teller.hold((1 - share) * pace)


def stroke_story(
    rng: np.random.Generator,
    letter: str,
    until: float = 1.0,
    seconds: float | None = None,
    size: float | None = None,
) -> Story:
    """Tell of one J or Z, with other letters before and after it.

    Parameters
    ----------
    rng:
        Draws all that is not given.
    letter:
        ``"J"`` or ``"Z"``.
    until:
        The share of the stroke after which the hand stops; below 1 it is no letter.
    seconds:
        How long the stroke takes; None draws 0.25 to 1.4 s.
    size:
        A factor of the usual size of the stroke, turns of the wrist included where it is below 1.
    """
    pace = np.exp(rng.uniform(np.log(0.3), np.log(1.2)))
    first = letter if rng.random() < 0.3 else rng.choice(LETTERS)
    teller = Teller(rng, first)
    if rng.random() < 0.25:
        teller.rise()
    teller.hold(rng.uniform(0.1, 1))
    _letters(teller, rng.integers(0, 3), pace)
    # The handshape of J is that of I; many reach for a Z with any pointing hand.
    shape = rng.choice({"J": ["J", "J", "I"], "Z": ["Z", "Z", "Z", "D"]}[letter])
    teller.go(shape, rng.uniform(0.12, 0.4), _around(rng, 0.1))
    teller.hold(rng.uniform(0.02, 0.4))
    usual = np.exp(rng.uniform(np.log(0.25), np.log(1.4)))
    teller.stroke(letter, seconds or usual, until, size)
    teller.hold(rng.uniform(0.02, 0.8))
    _letters(teller, rng.integers(0, 4), pace)
    teller.hold(0.3)
    if rng.random() < 0.3:
        teller.sink()
    return teller.told(letter if until == 1.0 else "partial")


def _drawn_j(rng: np.random.Generator) -> Story:
    return stroke_story(rng, "J")


def _drawn_z(rng: np.random.Generator) -> Story:
    return stroke_story(rng, "Z")


def _partial(rng: np.random.Generator) -> Story:
    return stroke_story(rng, rng.choice(MOVING), rng.uniform(0.15, 0.55))


def _spelling(rng: np.random.Generator) -> Story:
    teller = Teller(rng, rng.choice(LETTERS))
    pace = np.exp(rng.uniform(np.log(0.3), np.log(1.5)))
    if rng.random() < 0.3:
        teller.rise()
    _letters(teller, max(2, int(4 / pace)), pace)
    if rng.random() < 0.3:
        teller.sink()
    return teller.told("spelling")


def _held(rng: np.random.Generator) -> Story:
    """Hold the hand of a J or a Z, or one that looks like it, with no stroke."""
    shapes = ["I", "J", "J", "D", "Z", "Z", "Y", "G", "X", "L"]
    teller = Teller(rng, rng.choice(shapes))
    if rng.random() < 0.6:
        teller.rise()
    teller.hold(rng.uniform(1, 2.5))
    teller.go(rng.choice(shapes), rng.uniform(0.15, 0.5), _around(rng, 0.2))
    teller.hold(rng.uniform(0.5, 1.5))
    if rng.random() < 0.5:
        teller.sink()
    return teller.told("held")


def _waving(rng: np.random.Generator) -> Story:
    teller = Teller(rng, "B")
    shape = _OPEN if rng.random() < 0.7 else None
    teller.go(rng.choice(["B", "Y", "D", "I"]), 0.3, shape=shape)
    time = np.arange(0, 3.5, 0.04)
    swing = np.sin(2 * np.pi * rng.uniform(1, 3) * time + rng.uniform(0, 6))[:, None]
    side = swing * rng.uniform(0, 1) * np.array([1, rng.normal(0, 0.2)])
    turn = swing * np.array([rng.uniform(5, 35), rng.normal(0, 6), rng.normal(0, 15)])
    teller.along(side, 3.5, turn)
    return teller.told("waving")


def _rest(rng: np.random.Generator) -> Story:
    teller = Teller(rng, "B")
    teller.go("B", 0.1, shape=LOOSE if rng.random() < 0.6 else _OPEN)
    for _ in range(3):
        teller.hold(rng.uniform(0.3, 1))
        shape = LOOSE + 8 * rng.standard_normal(21).astype(np.float32)
        teller.go("B", rng.uniform(0.2, 1), _around(rng, 0.8), shape)
    return teller.told("rest")


def _wander(rng: np.random.Generator) -> Story:
    """Point about: a hand of J or Z that goes somewhere else, in lines, rings or loose curves."""
    shape = rng.choice(["Z", "D", "G", "I", "J", "Y", "L", "U", "B"])
    teller = Teller(rng, shape)
    teller.hold(rng.uniform(0.1, 0.8))
    for _ in range(3):
        seconds = rng.uniform(0.3, 1.3)
        size = rng.uniform(0.3, 2)
        kind = rng.integers(4)
        t = np.linspace(0.04, 1, 25)[:, None]
        if kind == 0:  # there, perhaps and back
            angle = rng.uniform(0, 2 * np.pi)
            way = t if rng.random() < 0.5 else 1 - np.abs(2 * t - 1)
            places = size * way * [np.cos(angle), np.sin(angle)]
        elif kind == 1:  # a ring
            angle = rng.uniform(0, 2 * np.pi)
            around = 2 * np.pi * rng.choice([-1, 1]) * rng.uniform(0.8, 2) * t
            ring = np.concatenate([np.cos(angle + around), np.sin(angle + around)], axis=1)
            places = 0.4 * size * (ring - [np.cos(angle), np.sin(angle)])
        elif kind == 2:  # up and down, as if to stress
            places = np.concatenate([0 * t, 0.3 * size * np.sin(2 * np.pi * 2 * t)], axis=1)
        else:
            phase, speed = rng.uniform(0, 6, 2), rng.uniform(0.3, 1, 2)
            places = 0.6 * size * (np.sin(2 * np.pi * speed * t + phase) - np.sin(phase))
        turns = places @ np.array([[rng.uniform(-5, 20), 0, 0], [0, rng.uniform(-5, 20), 0]])
        teller.along(places, seconds, turns)
        teller.hold(rng.uniform(0.05, 0.6))
    return teller.told("wander")


def _slide(rng: np.random.Generator) -> Story:
    """Double letters: the hand slides aside, or bounces, and holds the same letter again."""
    teller = Teller(rng, rng.choice(LETTERS))
    for _ in range(3):
        teller.go(rng.choice(LETTERS), rng.uniform(0.15, 0.4))
        teller.hold(rng.uniform(0.1, 0.5))
        t = np.linspace(0.1, 1, 10)[:, None]
        aside = t * [rng.choice([-1, 1]) * rng.uniform(0.3, 1), 0]
        bounce = np.concatenate([0 * t, -rng.uniform(0.1, 0.3) * np.sin(np.pi * t)], axis=1)
        teller.along(aside if rng.random() < 0.6 else bounce, rng.uniform(0.12, 0.4))
        teller.hold(rng.uniform(0.1, 0.4))
    return teller.told("slide")


def _leave(rng: np.random.Generator) -> Story:
    """Letters, and between them a hand that goes down and comes back, as at a space."""
    teller = Teller(rng, rng.choice(_ALIKE if rng.random() < 0.5 else LETTERS))
    teller.rise()
    for _ in range(3):
        teller.hold(rng.uniform(0.1, 0.6))
        if rng.random() < 0.5:
            teller.go(rng.choice(LETTERS), rng.uniform(0.12, 0.4), _around(rng, 0.12))
            teller.hold(rng.uniform(0.05, 0.4))
        teller.sink()
        teller.hold(rng.uniform(0.05, 0.6))
        letters = _ALIKE if rng.random() < 0.5 else LETTERS
        teller.go(rng.choice(letters), rng.uniform(0.25, 0.7), _around(rng, 0.3))
        teller.feints.append(teller.keys[-1][0])
    teller.hold(0.3)
    return teller.told("leave")


KINDS: dict[str, Callable[[np.random.Generator], Story]] = {
    "J": _drawn_j,
    "Z": _drawn_z,
    "partial": _partial,
    "spelling": _spelling,
    "held": _held,
    "waving": _waving,
    "rest": _rest,
    "wander": _wander,
    "slide": _slide,
    "leave": _leave,
}
"""What a story can tell, and who tells it."""
