"""What a signer's hand does over some seconds, written key pose by key pose.

A story is a list of key poses in time, and when a J or a Z was drawn. Between two keys, angles,
wrist turns and the wrist's place change evenly. The strokes follow `hand.motion.PATHS`; how large,
how fast, how much from the wrist and how much from the arm differs from story to story.
"""

from dataclasses import dataclass

import numpy as np

from asl_helpers.hand.motion import PATHS
from asl_helpers.hand.poses import variants

MOVING = tuple(PATHS)
"""The letters that are a movement: J and Z."""

LOOSE = np.array(
    [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12], np.float32
)
"""Angles (21,) of a hand at rest."""

HALF, READY = 0.55, 0.9
"""A stroke is no letter yet before the first share of its way, and is one from the second on."""

_HABIT = 5.0  # degrees by which this story's angles differ from the table's


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
        What it tells: a name of `stories.KINDS`.
    times:
        (k,) seconds from 0, rising.
    angles, turns:
        (k, 21) and (k, 3) degrees, as in the pose table.
    places:
        (k, 2) of the wrist, palm lengths, x right and y down as the viewer sees a right hand.
    strokes:
        The J and Z in it, in order of time.
    feints:
        Seconds at which a movement that is no letter ended: half a stroke, a line, a hand let down.
    """

    kind: str
    times: np.ndarray
    angles: np.ndarray
    turns: np.ndarray
    places: np.ndarray
    strokes: tuple[Stroke, ...]
    feints: tuple[float, ...] = ()


class Teller:
    """Writes a story key by key; ``seconds`` is always how long a step takes."""

    def __init__(self, rng: np.random.Generator, letter: str) -> None:
        """Begin at time 0 with a hand that holds ``letter``."""
        self.rng = rng
        self.keys: list[tuple[float, np.ndarray, np.ndarray, np.ndarray]] = []
        self.strokes: list[Stroke] = []
        self.feints: list[float] = []
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
        place = self._place if place is None else np.asarray(place, np.float32)
        self._move(angles, turns, place, seconds)

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
            half, ready = start + seconds * np.interp([HALF, READY], done, time)
            self.strokes.append(Stroke(letter, start, float(half), float(ready), self._time))
        else:
            self.feints.append(self._time)

    def along(self, places: np.ndarray, seconds: float, turns: np.ndarray | None = None) -> None:
        """Move the wrist along ``places`` (k, 2), relative to where it is, in even steps."""
        start, place, turn = self._time, self._place, self._turns
        turns = np.zeros((len(places), 3)) if turns is None else turns
        for step, (move, bend) in enumerate(zip(places, turns, strict=True), 1):
            self._time = start + seconds * step / len(places)
            self._place, self._turns = place + move, turn + bend
            self._key()
        self.feints.append(self._time)

    def rise(self) -> None:
        """Begin below: come into the picture, in the letter's shape or forming it on the way."""
        angles, turns, place = self._angles, self._turns, self._place
        self._angles, self._turns, self._place = self._let_down()
        self.keys[-1] = (self._time, self._angles, self._turns, self._place)
        self._move(angles, turns, place, self.rng.uniform(0.25, 0.8))
        self.feints.append(self._time)

    def sink(self) -> None:
        """Leave the picture downwards, in the letter's shape or letting go of it."""
        self._move(*self._let_down(), self.rng.uniform(0.2, 0.9))
        self.feints.append(self._time)

    def told(self, kind: str) -> Story:
        """Return the story."""
        times, *rest = zip(*self.keys, strict=True)
        angles, turns, places = (np.array(part, np.float32) for part in rest)
        strokes, feints = tuple(self.strokes), tuple(self.feints)
        return Story(kind, np.array(times), angles, turns, places, strokes, feints)

    def _let_down(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return angles, turns and place of this hand somewhere below."""
        rng = self.rng
        place = self._place + np.array([rng.normal(0, 0.8), rng.uniform(1, 4.5)], np.float32)
        if rng.random() < 0.4:
            return self._angles, self._turns, place
        turns = np.array([0, 0, -20]) + [15, 15, 30] * rng.standard_normal(3)
        return LOOSE + self._habit, turns.astype(np.float32), place

    def _move(
        self, angles: np.ndarray, turns: np.ndarray, place: np.ndarray, seconds: float
    ) -> None:
        """Change angles, turns and place together, slowly at both ends."""
        turns = self._turns + (turns - self._turns + 180) % 360 - 180  # the shorter way round
        start = self._time, self._angles, self._turns, self._place
        for part in (0.25, 0.5, 0.75, 1.0):
            self._time = start[0] + part * seconds
            self._angles, self._turns, self._place = (
                old + np.float32(_eased(part)) * (new - old)
                for old, new in zip(start[1:], (angles, turns, place), strict=True)
            )
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
    wide, high = size * np.exp(0.2 * rng.standard_normal(2))
    place = path.place * [wide, high] + 0.06 * size * rng.standard_normal(path.place.shape)
    place[0] = 0
    tilt = np.deg2rad(12 * rng.standard_normal())
    place = place @ np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    turn = path.turn.astype(float)
    if letter == "J":  # some turn the forearm far, some mostly move the arm
        turn = turn * rng.uniform(0.4, 1.2, 3)
        place = place * rng.uniform(0.4, 1)
    else:  # some draw the Z with the arm, some with the wrist: it points to where it goes
        place[:, 1] += 0.1 * rng.standard_normal() * place[:, 0]  # lines that are not level
        place[5:] = place[4] + rng.uniform(0.65, 1.15) * (place[5:] - place[4])
        wrist = rng.uniform(0, 30, 2)
        turn = turn * rng.uniform(0, 1.2, 3)
        turn[:, 0] += wrist[0] * (path.place[:, 0] + 0.6)
        turn[:, 1] += wrist[1] * path.place[:, 1]
        place = place * rng.uniform(0.3, 1)
    return place, min(shrunk, 1.0) * (turn - turn[0])
