"""What a signer's hand does over some seconds: letters held, strokes, and the way between them.

A story is a list of key poses in time, and when a J or a Z was drawn. Between two keys, angles,
wrist turns and the wrist's place change evenly. The strokes follow `hand.motion.PATHS`; how large,
how fast, how much from the wrist and how much from the arm differs from story to story.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asl_helpers.alphabet import LETTERS
from asl_helpers.hand.motion import PATHS
from asl_helpers.hand.poses import variants

MOVING = tuple(PATHS)
"""The letters that are a movement: J and Z."""

_HABIT = 5.0  # degrees by which this story's angles differ from the table's
_OPEN = np.array(
    [50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0], np.float32
)  # an open hand, fingers spread
_LOOSE = np.array(
    [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12], np.float32
)  # a hand at rest


@dataclass(frozen=True)
class Stroke:
    """One J or Z: when it begins, is half drawn, nearly whole, and ends; seconds."""

    letter: str
    start: float
    half: float
    ready: float
    end: float


@dataclass(frozen=True)
class Story:
    """Key poses in time.

    Attributes
    ----------
    kind:
        What it tells: a name of `KINDS`.
    times:
        (k,) seconds from 0, rising.
    angles, turns:
        (k, 21) and (k, 3) degrees, as in the pose table.
    places:
        (k, 2) of the wrist, palm lengths, x right and y down as the viewer sees a right hand.
    strokes:
        The J and Z in it, in order of time.
    """

    kind: str
    times: np.ndarray
    angles: np.ndarray
    turns: np.ndarray
    places: np.ndarray
    strokes: tuple[Stroke, ...]


class Teller:
    """Writes a story key by key; ``seconds`` is always how long a step takes."""

    def __init__(self, rng: np.random.Generator, letter: str) -> None:
        """Begin at time 0 with a hand that holds ``letter``."""
        self.rng = rng
        self.keys: list[tuple[float, np.ndarray, np.ndarray, np.ndarray]] = []
        self.strokes: list[Stroke] = []
        self._habit = _HABIT * rng.standard_normal(21).astype(np.float32)
        self._time, self._place = 0.0, np.zeros(2, np.float32)
        self._angles, self._turns = self._pose(letter)
        self._key()

    def hold(self, seconds: float) -> None:
        """Stay."""
        self._time += seconds
        self._key()

    def go(self, letter: str, seconds: float, place: np.ndarray | None = None, shape=None) -> None:
        """Change to another letter (or ``shape`` of angles) and place, slowly at both ends."""
        angles, turns = self._pose(letter)
        if shape is not None:
            angles = shape + self._habit
        turns = self._turns + (turns - self._turns + 180) % 360 - 180  # the shorter way round
        place = self._place if place is None else np.asarray(place, np.float32)
        start = self._time, self._angles, self._turns, self._place
        for part in (0.25, 0.5, 0.75, 1.0):
            self._time = start[0] + part * seconds
            self._angles, self._turns, self._place = (
                old + np.float32(_eased(part)) * (new - old)
                for old, new in zip(start[1:], (angles, turns, place), strict=True)
            )
            self._key()

    def stroke(
        self, letter: str, seconds: float, until: float = 1.0, size: float | None = None
    ) -> None:
        """Draw a J or a Z from the pose that the hand has, or only its first part."""
        moves, turns = _way(letter, self.rng, size)
        time = np.linspace(0, 1, 25)
        done = time ** np.exp(0.2 * self.rng.standard_normal())
        done = done + self.rng.random() * (_eased(done) - done)
        start, place, turn = self._time, self._place, self._turns
        at = np.linspace(0, 1, len(moves))
        for now, share in zip(time[1:], done[1:], strict=True):
            share = min(share, until)
            self._time = start + now * seconds
            self._place = place + [np.interp(share, at, column) for column in moves.T]
            self._turns = turn + [np.interp(share, at, column) for column in turns.T]
            self._key()
            if share == until:
                break
        if until == 1.0:
            half, ready = start + seconds * np.interp([0.55, 0.9], done, time)
            self.strokes.append(Stroke(letter, start, float(half), float(ready), self._time))

    def along(self, places: np.ndarray, seconds: float, turns: np.ndarray | None = None) -> None:
        """Move the wrist along ``places`` (k, 2), relative to where it is, in even steps."""
        start, place, turn = self._time, self._place, self._turns
        turns = np.zeros((len(places), 3)) if turns is None else turns
        for step, (move, bend) in enumerate(zip(places, turns, strict=True), 1):
            self._time = start + seconds * step / len(places)
            self._place, self._turns = place + move, turn + bend
            self._key()

    def rise(self) -> None:
        """Come into the picture from below."""
        aim = self._place
        self._place = aim + np.array([self.rng.normal(0, 0.8), self.rng.uniform(1, 4)], np.float32)
        self.keys[-1] = (self._time, self._angles, self._turns, self._place)
        self._drift_to(aim, self.rng.uniform(0.3, 0.8))

    def sink(self) -> None:
        """Leave the picture downwards."""
        down = np.array([self.rng.normal(0, 0.8), self.rng.uniform(1, 4)], np.float32)
        self._drift_to(self._place + down, self.rng.uniform(0.3, 0.8))

    def told(self, kind: str) -> Story:
        """Return the story."""
        times, *rest = zip(*self.keys, strict=True)
        angles, turns, places = (np.array(part, np.float32) for part in rest)
        return Story(kind, np.array(times), angles, turns, places, tuple(self.strokes))

    def _drift_to(self, place: np.ndarray, seconds: float) -> None:
        """Change the place alone, slowly at both ends."""
        start, from_place = self._time, self._place
        for part in (0.25, 0.5, 0.75, 1.0):
            self._time = start + part * seconds
            self._place = from_place + _eased(part) * (place - from_place)
            self._key()

    def _key(self) -> None:
        self.keys.append((self._time, self._angles, self._turns, self._place))

    def _pose(self, letter: str) -> tuple[np.ndarray, np.ndarray]:
        """Return one way to form a letter: angles (21,) and wrist turns (3,)."""
        found = variants(letter)
        weights = np.array([row.weight for row in found])
        row = found[self.rng.choice(len(found), p=weights / weights.sum())]
        low, high = row.wrist.T
        turns = low + self.rng.random(3) * (high - low) + 5 * self.rng.standard_normal(3)
        return row.angles + self._habit, turns.astype(np.float32)


def _eased(share):
    """Return shares 0 to 1 that start and end slowly."""
    return share * share * (3 - 2 * share)


def _way(
    letter: str, rng: np.random.Generator, size: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return one signer's stroke: places (k, 2) and turns (k, 3), as in `PATHS`."""
    path = PATHS[letter]
    drawn = np.exp(rng.uniform(np.log(0.5), np.log(1.8)))
    shrunk = 1.0 if size is None else size
    size = drawn if size is None else size
    wide, high = size * np.exp(0.15 * rng.standard_normal(2))
    place = path.place * [wide, high] + 0.06 * size * rng.standard_normal(path.place.shape)
    place[0] = 0
    tilt = np.deg2rad(10 * rng.standard_normal())
    place = place @ np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    turn = path.turn.astype(float)
    if letter == "J":  # some turn the forearm far, some mostly move the arm
        turn = turn * rng.uniform(0.4, 1.2, 3)
        place = place * rng.uniform(0.4, 1)
    else:  # some draw the Z with the arm, some with the wrist: it points to where it goes
        wrist = rng.uniform(0, 30, 2)
        turn = turn * rng.uniform(0, 1.2, 3)
        turn[:, 0] += wrist[0] * (path.place[:, 0] + 0.6)
        turn[:, 1] += wrist[1] * path.place[:, 1]
        place = place * rng.uniform(0.3, 1)
    return place, min(shrunk, 1.0) * (turn - turn[0])


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
    return stroke_story(rng, rng.choice(MOVING), rng.uniform(0.2, 0.5))


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
    teller.go("B", 0.1, shape=_LOOSE if rng.random() < 0.6 else _OPEN)
    for _ in range(3):
        teller.hold(rng.uniform(0.3, 1))
        shape = _LOOSE + 8 * rng.standard_normal(21).astype(np.float32)
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
}
"""What a story can tell, and who tells it."""
