"""What a signer's hand does over some seconds: a J or a Z, and all that a hand may do besides.

How large a stroke is, how fast, how much comes from the wrist and how much from the arm differs
from story to story. Each kind is a function from a generator to a `Story`; `KINDS` names them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asl_helpers.alphabet import LETTERS, MOVING
from asl_helpers.hand.body import eased
from asl_helpers.hand.poses import LOOSE, OPEN
from asl_helpers.hand.signing import PATHS, Keys, along_path, choose_form

# A stroke is no letter yet before the first share of its way, and is one from the second on.
_HALF, _READY = 0.55, 0.9
_HABIT = 5.0  # degrees by which a story's angles differ from the table's
# Hands with one finger out, which a falling hand may draw with.
_ALIKE = ("X", "D", "G", "Z", "I", "J", "Y", "L", "P", "Q")


@dataclass(frozen=True)
class Stroke:
    """One J or Z: when it begins, is half drawn, nearly complete, and ends; seconds."""

    letter: str
    start: float
    half: float
    ready: float
    end: float


@dataclass(frozen=True)
class Story:
    """Key poses in time, of a hand that may draw letters and make movements that are none."""

    kind: str  # what it tells: a name of `KINDS`
    times: np.ndarray  # (k,) seconds from 0, rising
    states: np.ndarray  # (k, 26), as in `signing`
    strokes: tuple[Stroke, ...]  # in the order of time
    feints: tuple[float, ...]  # seconds at which half a stroke, a line, a hand let down ended


class Teller(Keys):
    """Writes a story key by key, beginning with a hand that holds a letter."""

    def __init__(self, rng: np.random.Generator, letter: str) -> None:
        """Begin at time 0."""
        self.strokes: list[Stroke] = []
        self.feints: list[float] = []
        self.rng = rng
        self._habit = _HABIT * rng.standard_normal(21).astype(np.float32)
        super().__init__(rng, self._form(letter, np.zeros(2, np.float32)))

    def go(self, letter: str, seconds: float, place=None, angles: np.ndarray | None = None) -> None:
        """Change to another letter (or other ``angles``) and place, slowly at both ends."""
        aim = self._form(letter, self.state[24:] if place is None else place)
        if angles is not None:
            aim[:21] = angles + self._habit
        self.change(aim, seconds)

    def change(self, aim: np.ndarray, seconds: float) -> None:
        """Move to a state, the wrist turning the shorter way round."""
        turns = self.state[21:24]
        aim = aim.copy()
        aim[21:24] = turns + (aim[21:24] - turns + 180) % 360 - 180
        self.move(aim, seconds)

    def stroke(self, letter: str, seconds: float, until: float, size: float | None) -> None:
        """Draw a J or a Z from the pose that the hand has, or only its first part."""
        path = _varied(letter, self.rng, size)
        time = np.linspace(0, 1, 25)
        done = time ** np.exp(0.2 * self.rng.standard_normal())
        done = done + self.rng.random() * (eased(done) - done)
        begin = self.time
        count = 1 + int(np.argmax(done[1:] >= until))
        shares = np.minimum(done[1 : count + 1], until)
        self.along(along_path(path, shares), seconds * count / 24)
        if until == 1.0:
            half, ready = begin + seconds * np.interp([_HALF, _READY], done, time)
            self.strokes.append(Stroke(letter, begin, float(half), float(ready), self.time))
        else:
            self.feints.append(self.time)

    def wander(self, places: np.ndarray, seconds: float, turns: np.ndarray | None = None) -> None:
        """Move the wrist along ``places`` (k, 2), relative to where it is: no letter."""
        turns = np.zeros((len(places), 3)) if turns is None else turns
        self.along(np.concatenate([turns, places], axis=1), seconds)
        self.feints.append(self.time)

    def rise(self) -> None:
        """Begin below: come into the image, in the letter's shape or forming it on the way."""
        aim = self.state
        self.state = self._let_down()
        self.rows[-1] = (self.time, self.state)
        self.change(aim, self.rng.uniform(0.25, 0.8))
        self.feints.append(self.time)

    def sink(self) -> None:
        """Leave the image downwards, in the letter's shape or letting go of it."""
        aim = self._let_down()
        self.change(aim, self.rng.uniform(0.2, 0.9))
        self.feints.append(self.time)

    def spell(self, count: int, pace: float) -> None:
        """Spell ``count`` letters at random, J and Z held like the others."""
        rng = self.rng
        for _ in range(count):
            share = rng.uniform(0.25, 0.7)
            place = None if rng.random() < 0.5 else around(rng, 0.12)
            self.go(rng.choice(LETTERS), share * pace, place)
            self.hold((1 - share) * pace)

    def story(self, kind: str) -> Story:
        """Return the story."""
        return Story(kind, *self.told(), tuple(self.strokes), tuple(self.feints))

    def _let_down(self) -> np.ndarray:
        """Return the state of this hand somewhere below."""
        rng, state = self.rng, self.state.copy()
        state[24:] += np.array([rng.normal(0, 0.8), rng.uniform(1, 4.5)], np.float32)
        if rng.random() < 0.4:
            return state
        state[21:24] = np.array([0, 0, -20]) + [15, 15, 30] * rng.standard_normal(3)
        state[:21] = LOOSE + self._habit
        return state

    def _form(self, letter: str, place: np.ndarray) -> np.ndarray:
        """Return a state with one way to form a letter, at a place (2,)."""
        angles, turns = choose_form(letter, self.rng)
        turns = turns + 5 * self.rng.standard_normal(3)
        return np.concatenate([angles + self._habit, turns, place]).astype(np.float32)


def around(rng: np.random.Generator, spread: float) -> np.ndarray:
    """Draw a place (2,) near the middle."""
    return (spread * rng.standard_normal(2)).astype(np.float32)


def _varied(letter: str, rng: np.random.Generator, size: float | None) -> np.ndarray:
    """Return one signer's stroke (k, 5), as in `PATHS`."""
    path = PATHS[letter]
    drawn = np.exp(rng.uniform(np.log(0.5), np.log(1.8)))
    shrunk = 1.0 if size is None else size
    size = drawn if size is None else size
    wide, high = size * np.exp(0.2 * rng.standard_normal(2))
    place = path[:, 3:] * [wide, high] + 0.06 * size * rng.standard_normal((len(path), 2))
    place[0] = 0
    tilt = np.deg2rad(12 * rng.standard_normal())
    place = place @ np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    turn = path[:, :3].astype(float)
    if letter == "J":  # some turn the forearm far, some mostly move the arm
        turn = turn * rng.uniform(0.4, 1.2, 3)
        place = place * rng.uniform(0.4, 1)
    else:  # some draw the Z with the arm, some with the wrist: it points to where it goes
        place[:, 1] += 0.1 * rng.standard_normal() * place[:, 0]  # lines that are not level
        place[5:] = place[4] + rng.uniform(0.65, 1.15) * (place[5:] - place[4])
        wrist = rng.uniform(0, 30, 2)
        turn = turn * rng.uniform(0, 1.2, 3)
        turn[:, 0] += wrist[0] * (path[:, 3] + 0.6)
        turn[:, 1] += wrist[1] * path[:, 4]
        place = place * rng.uniform(0.3, 1)
    return np.concatenate([min(shrunk, 1.0) * (turn - turn[0]), place], axis=1)


# The kinds of stories


def stroke_story(
    rng: np.random.Generator,
    letter: str,
    until: float = 1.0,
    seconds: float | None = None,
    size: float | None = None,
) -> Story:
    """Tell of one ``"J"`` or ``"Z"``, with other letters before and after it.

    ``until`` is the share of the stroke after which the hand stops; below 1 it is no letter. The
    stroke takes so many ``seconds``, else 0.25 to 1.4. ``size`` is a factor of its usual size,
    turns of the wrist included where it is below 1. ``rng`` draws what is not given.
    """
    pace = np.exp(rng.uniform(np.log(0.3), np.log(1.2)))
    first = letter if rng.random() < 0.3 else rng.choice(LETTERS)
    teller = Teller(rng, first)
    if rng.random() < 0.25:
        teller.rise()
    teller.hold(rng.uniform(0.1, 1))
    teller.spell(rng.integers(0, 3), pace)
    # The handshape of J is that of I; many reach for a Z with any pointing hand.
    shape = rng.choice({"J": ["J", "J", "I"], "Z": ["Z", "Z", "Z", "D"]}[letter])
    teller.go(shape, rng.uniform(0.12, 0.4), around(rng, 0.1))
    teller.hold(rng.uniform(0.02, 0.4))
    usual = np.exp(rng.uniform(np.log(0.25), np.log(1.4)))
    teller.stroke(letter, seconds or usual, until, size)
    teller.hold(rng.uniform(0.02, 0.8))
    teller.spell(rng.integers(0, 4), pace)
    teller.hold(0.3)
    if rng.random() < 0.3:
        teller.sink()
    return teller.story(letter if until == 1.0 else "partial")


def _spelling(rng: np.random.Generator) -> Story:
    teller = Teller(rng, rng.choice(LETTERS))
    pace = np.exp(rng.uniform(np.log(0.3), np.log(1.5)))
    if rng.random() < 0.3:
        teller.rise()
    teller.spell(max(2, int(4 / pace)), pace)
    if rng.random() < 0.3:
        teller.sink()
    return teller.story("spelling")


def _held(rng: np.random.Generator) -> Story:
    """Hold the hand of a J or a Z, or one that looks like it, with no stroke."""
    shapes = ["I", "J", "J", "D", "Z", "Z", "Y", "G", "X", "L"]
    teller = Teller(rng, rng.choice(shapes))
    if rng.random() < 0.6:
        teller.rise()
    teller.hold(rng.uniform(1, 2.5))
    teller.go(rng.choice(shapes), rng.uniform(0.15, 0.5), around(rng, 0.2))
    teller.hold(rng.uniform(0.5, 1.5))
    if rng.random() < 0.5:
        teller.sink()
    return teller.story("held")


def _waving(rng: np.random.Generator) -> Story:
    teller = Teller(rng, "B")
    angles = OPEN if rng.random() < 0.7 else None
    teller.go(rng.choice(["B", "Y", "D", "I"]), 0.3, angles=angles)
    time = np.arange(0, 3.5, 0.04)
    swing = np.sin(2 * np.pi * rng.uniform(1, 3) * time + rng.uniform(0, 6))[:, None]
    side = swing * rng.uniform(0, 1) * np.array([1, rng.normal(0, 0.2)])
    turn = swing * np.array([rng.uniform(5, 35), rng.normal(0, 6), rng.normal(0, 15)])
    teller.wander(side, 3.5, turn)
    return teller.story("waving")


def _rest(rng: np.random.Generator) -> Story:
    teller = Teller(rng, "B")
    teller.go("B", 0.1, angles=LOOSE if rng.random() < 0.6 else OPEN)
    for _ in range(3):
        teller.hold(rng.uniform(0.3, 1))
        angles = LOOSE + 8 * rng.standard_normal(21).astype(np.float32)
        teller.go("B", rng.uniform(0.2, 1), around(rng, 0.8), angles)
    return teller.story("rest")


def _wander(rng: np.random.Generator) -> Story:
    """Point about: a hand of J or Z that goes somewhere else, in lines, rings or loose curves."""
    teller = Teller(rng, rng.choice(["Z", "D", "G", "I", "J", "Y", "L", "U", "B"]))
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
            turned = 2 * np.pi * rng.choice([-1, 1]) * rng.uniform(0.8, 2) * t
            ring = np.concatenate([np.cos(angle + turned), np.sin(angle + turned)], axis=1)
            places = 0.4 * size * (ring - [np.cos(angle), np.sin(angle)])
        elif kind == 2:  # up and down, as if to stress
            places = np.concatenate([0 * t, 0.3 * size * np.sin(2 * np.pi * 2 * t)], axis=1)
        else:
            phase, speed = rng.uniform(0, 6, 2), rng.uniform(0.3, 1, 2)
            places = 0.6 * size * (np.sin(2 * np.pi * speed * t + phase) - np.sin(phase))
        turns = places @ np.array([[rng.uniform(-5, 20), 0, 0], [0, rng.uniform(-5, 20), 0]])
        teller.wander(places, seconds, turns)
        teller.hold(rng.uniform(0.05, 0.6))
    return teller.story("wander")


def _slide(rng: np.random.Generator) -> Story:
    """Double letters: the hand slides aside, or bounces, and holds the same letter again."""
    teller = Teller(rng, rng.choice(LETTERS))
    for _ in range(3):
        teller.go(rng.choice(LETTERS), rng.uniform(0.15, 0.4))
        teller.hold(rng.uniform(0.1, 0.5))
        t = np.linspace(0.1, 1, 10)[:, None]
        aside = t * [rng.choice([-1, 1]) * rng.uniform(0.3, 1), 0]
        bounce = np.concatenate([0 * t, -rng.uniform(0.1, 0.3) * np.sin(np.pi * t)], axis=1)
        teller.wander(aside if rng.random() < 0.6 else bounce, rng.uniform(0.12, 0.4))
        teller.hold(rng.uniform(0.1, 0.4))
    return teller.story("slide")


def _leave(rng: np.random.Generator) -> Story:
    """Letters, and between them a hand that goes down and comes back, as at a space."""
    teller = Teller(rng, rng.choice(_ALIKE if rng.random() < 0.5 else LETTERS))
    teller.rise()
    for _ in range(3):
        teller.hold(rng.uniform(0.1, 0.6))
        if rng.random() < 0.5:
            teller.go(rng.choice(LETTERS), rng.uniform(0.12, 0.4), around(rng, 0.12))
            teller.hold(rng.uniform(0.05, 0.4))
        teller.sink()
        teller.hold(rng.uniform(0.05, 0.6))
        letters = _ALIKE if rng.random() < 0.5 else LETTERS
        teller.go(rng.choice(letters), rng.uniform(0.25, 0.7), around(rng, 0.3))
        teller.feints.append(teller.time)
    teller.hold(0.3)
    return teller.story("leave")


KINDS: dict[str, Callable[[np.random.Generator], Story]] = {
    "J": lambda rng: stroke_story(rng, "J"),
    "Z": lambda rng: stroke_story(rng, "Z"),
    "partial": lambda rng: stroke_story(rng, rng.choice(MOVING), rng.uniform(0.15, 0.55)),
    "spelling": _spelling,
    "held": _held,
    "waving": _waving,
    "rest": _rest,
    "wander": _wander,
    "slide": _slide,
    "leave": _leave,
}
"""What a story can tell, and who tells it."""
