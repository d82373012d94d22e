"""From an answer a frame to letters: when is a letter meant, and when is it the same one again?

Frames disagree, a hand on its way from A to Y passes through other letters' shapes, and LL is not
one long L. Two ways to make letters of frames:

`MajorityWindow`
    The most frequent answer of the last frames, said when it changes. Simple, and blind to time:
    LL is one L, and a shape in passing is a letter if it fills half a window.
`SteadyHand`
    A small state machine. A letter is said when the hand has stood still for a moment, and it is
    said again only after the hand has let go of it or slid aside. Where two letters are nearly
    equally likely, the pairs of letters of English help to decide.

J and Z are movements: `reader.MotionReader` reads those.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np

from asl_helpers.alphabet import LETTERS, NONE
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.landmarks import MCPS

_SURE = 0.5  # the least share of a letter in what the hand may show, English considered
_SPEED = 1.5  # palm lengths a second, the fastest that a still hand's joints move on average
_CHANGE = 0.085  # palm lengths that the joints of a still hand may stray from its shape on average
_SLIDE = 0.4  # palm lengths that a still hand may drift sideways
_SLIP, _RELEASE = 0.1, 0.12  # seconds of movement that end a still period: silent, said
_LOST = 0.25  # seconds without a hand that end it, and with it the word
_LONGEST = 0.25  # seconds that one frame can count for, where a stream stutters
_ALIKE = 1.3 * _CHANGE  # how far the two of a double letter may differ
_HAIR = 1e-6  # sums of frame times are not exact
_MEMORY = 20  # frames after which an answer has faded to a third
_FOLLOW = 0.6  # seconds in which a still period's shape follows a hand that drifts

# The tracker often loses an R's crossing, which leaves a U, and hardly ever crosses a U's fingers.
_LOST_IN_TRACKING = {"R": 2.0}
# A relaxed hand is much like one of these two, and lies between them: for them less doubt is let
# pass, and less still where both have at least this share. Parts of `max_none_probability`.
_RELAXED, _BOTH = ("C", "O"), 0.1
_ONE_RELAXED, _TORN = 0.3, 0.043
_ENDS_A_J = "I"  # where the stroke ends; a J comes a moment later than this shape
_MOVING = 0.5  # from this probability on, a letter that is a movement is being drawn


@dataclass(frozen=True)
class Observation:
    """What one frame shows."""

    time: float  # seconds from the start of the stream
    letter: str | None  # the best one, if the frame's answer is sure enough
    confidence: float  # of the best class, 0-1
    points: np.ndarray | None  # (21, 2) float32 landmarks in heights of the image
    probabilities: Mapping[str, float] = field(default_factory=dict)  # by class, if known
    moving: float = 0.0  # probability that a letter which is a movement is being drawn


class MajorityWindow:
    """Say the most frequent answer of the last ``frames``, when it is another than before.

    It must fill half of the window.
    """

    def __init__(self, frames: int = 10) -> None:
        """Start with an empty window."""
        self._window: deque[tuple[str | None, float]] = deque(maxlen=frames)
        self._last: str | None = None

    def settle(self, seen: Observation) -> None:
        """Take a frame as the end of a letter that was a movement: its shape is none of its own."""
        self._window.clear()
        self._last = seen.letter

    def update(self, seen: Observation) -> tuple[str, float] | None:
        """Take the next frame; return the letter that it completes and its confidence, or None."""
        self._window.append((seen.letter, seen.confidence))
        letter, count = Counter(name for name, _ in self._window).most_common(1)[0]
        if count < self._window.maxlen / 2 or letter == self._last:
            return None
        self._last = letter
        if letter is None:
            return None
        return letter, float(np.mean([sure for name, sure in self._window if name == letter]))


class SteadyHand:
    """Say a letter when the hand stands still in its shape; again after a release or a slide.

    Movement cuts the stream into still periods. Within one the mean of all answers decides, so
    that two letters that look alike do not take turns, and each says at most one letter. What ends
    a still period is the hand, not the answers: it moves, changes its shape, slides aside, or is
    gone; and only if it does so for longer than a tracker slips.

    Parameters
    ----------
    hold:
        Seconds that the hand must stand still before a letter is said.
    max_none_probability:
        The most that it may look like a hand that spells nothing, 0-1; less for C and O, which a
        relaxed hand looks like.
    english:
        A letter that looks so many times as likely as any other is said whatever comes before it.
        Below that, the one counts more that follows more often in English, by the root of how
        often it does. 1: English does not count.
    """

    def __init__(
        self, hold: float = 0.12, max_none_probability: float = 0.1, english: float = 4.0
    ) -> None:
        """Wait for a hand.

        The numbers, those at the head of this module too, were chosen on words, names and idle
        hands of drawn signers whom the benchmark never meets: `benchmarks/realtime_clips.py`,
        words of seeds 27, 28 and 31, signers from 29000 on, idle hands from 9100 on.
        """
        self.hold, self.max_none_probability, self.english = hold, max_none_probability, english
        self._begin()

    def _begin(self) -> None:
        self._recent: tuple[Observation, ...] = ()  # the last two frames
        self._period: StillPeriod | None = None
        self._next: StillPeriod | None = None  # what the hand does since it left the period
        self._away = 0.0  # seconds since it left
        self._last: str | None = None  # the letter that was said last, and how it looked
        self._looked = np.zeros((21, 2), np.float32)

    def settle(self, seen: Observation) -> None:
        """Take a frame as the end of a letter that was a movement: its shape is none of its own."""
        self._begin()
        self._recent = (seen,)
        if seen.points is not None:
            self._period = StillPeriod(seen.points)
            self._period.is_said = True

    def update(self, seen: Observation) -> tuple[str, float] | None:
        """Take the next frame; return the letter that it completes and its confidence, or None."""
        recent, self._recent = self._recent, (*self._recent[-1:], seen)
        passed = min(seen.time - recent[-1].time, _LONGEST) if recent else 0.0
        if seen.points is None:
            self._away += passed
            if self._away >= _LOST - _HAIR:
                self._period = self._next = self._last = None
            return None
        is_still = self._is_still(seen, recent)
        if is_still and self._fits(seen, self._period):
            self._next, self._away = None, 0.0
            self._period.add(seen, passed)
            return self._letter(seen)
        self._away += passed
        if is_still and self._fits(seen, self._next):
            self._next.add(seen, passed)
        else:
            self._next = StillPeriod(seen.points)
        patience = _RELEASE if self._period and self._period.is_said else _SLIP
        if self._period is None or self._away >= patience - _HAIR:
            self._period, self._next, self._away = self._next, None, 0.0
            return self._letter(seen)
        return None

    def _is_still(self, seen: Observation, recent: tuple[Observation, ...]) -> bool:
        """Tell whether the hand has hardly moved since one of the last two frames.

        One of them may be a slip of the tracker, which goes and comes back at any speed.
        """
        hands = [frame for frame in recent if frame.points is not None]
        reach = _SPEED * _hand_size(seen.points)
        return not hands or any(
            _distance(seen.points, frame.points) <= reach * max(seen.time - frame.time, 1e-3)
            for frame in hands
        )

    def _fits(self, seen: Observation, period: "StillPeriod | None") -> bool:
        """Tell whether the hand is where and as it was in a still period."""
        if period is None:
            return False
        aside = abs(_palm_center(seen.points) - period.center)[0] / _hand_size(seen.points)
        is_alike = _distance(_shape(seen.points), period.shape) <= _CHANGE
        return bool(aside <= _SLIDE and is_alike)

    def _letter(self, seen: Observation) -> tuple[str, float] | None:
        """Return the letter of this still period, the first time that it is clear."""
        period = self._period
        if period.is_said or period.seconds < self.hold - _HAIR:
            return None
        shares = {name: share * self._weight(name) for name, share in period.answers.items()}
        letter = max(shares, key=shares.get)
        if letter == NONE or period.share(NONE) > self._max_none(letter):
            return None
        if shares[letter] < _SURE * sum(shares.values()):
            return None
        if letter in _ENDS_A_J and seen.moving >= _MOVING:
            return None
        # Half-way through a release a slow hand is still, too; a double letter looks as before.
        if letter == self._last and _distance(period.shape, self._looked) > _ALIKE:
            return None
        period.is_said = True
        self._last, self._looked = letter, period.shape
        return letter, period.share(letter)

    def _max_none(self, letter: str) -> float:
        """Return how much this still period may look like a hand that spells nothing."""
        if letter not in _RELAXED:
            return self.max_none_probability
        is_torn = min(map(self._period.share, _RELAXED)) >= _BOTH
        return self.max_none_probability * (_TORN if is_torn else _ONE_RELAXED)

    def _weight(self, name: str) -> float:
        """Return how much a class counts after the last letter, as the tracker misses it or not."""
        ratio = pair_frequencies(self._last).get(name, 1.0)  # NONE is in no word
        hint = min(max(ratio, 1 / self.english), self.english) ** 0.5
        return hint * _LOST_IN_TRACKING.get(name, 1.0)


SMOOTHINGS = {
    "steady": SteadyHand,
    "neutral": partial(SteadyHand, english=1.0),
    "majority": MajorityWindow,
}
"""Ways of smoothing by name; ``"neutral"`` is `SteadyHand` for texts that are not English."""


def smoother(name: str) -> MajorityWindow | SteadyHand:
    """Return a way of smoothing by its name."""
    if name not in SMOOTHINGS:
        raise AslError(f"No smoothing {name!r}.{did_you_mean(name, SMOOTHINGS)}")
    return SMOOTHINGS[name]()


class StillPeriod:
    """Frames in which a hand keeps its place and shape.

    ``center`` (2,) is where the palm was at first, in heights of the image; ``shape`` (21, 2) the
    joints about it, palm lengths, which follow a hand that drifts; ``seconds`` how long it lasts;
    ``answers`` the sum of each class's probabilities, in which older ones fade.
    """

    def __init__(self, points: np.ndarray) -> None:
        """Begin with a frame's joints (21, 2), in heights of the image; its answer is not in."""
        self.shape, self.center = _shape(points), _palm_center(points)
        self.seconds, self.frames, self.is_said = 0.0, 0.0, False
        self._added = 1
        self.answers: dict[str, float] = {}

    def share(self, name: str) -> float:
        """Return how likely a class was on average, 0-1."""
        return float(self.answers.get(name, 0.0) / max(self.frames, 1.0))

    def add(self, seen: Observation, passed: float) -> None:
        """Add a frame: the shape is the mean at first and follows later, older answers fade."""
        self.seconds += passed
        fade = 1 - 1 / _MEMORY
        self.frames = fade * self.frames + 1
        answers = seen.probabilities or {seen.letter or NONE: seen.confidence}
        for name, probability in answers.items():
            self.answers[name] = fade * self.answers.get(name, 0.0) + float(probability)
        self._added += 1
        share = max(min(passed / _FOLLOW, 1.0), 1 / self._added)
        self.shape = self.shape + (_shape(seen.points) - self.shape) * share


def _palm_center(points: np.ndarray) -> np.ndarray:
    return points[[0, *MCPS]].mean(axis=0)


def _shape(points: np.ndarray) -> np.ndarray:
    """Return the joints about the palm, in palm lengths: wherever the hand is, however near."""
    return (points - _palm_center(points)) / _hand_size(points)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two hands' joints are from each other on average."""
    return float(np.linalg.norm(one - other, axis=1).mean())


def _hand_size(points: np.ndarray) -> float:
    """Return the hand's size: wrist to knuckles, or the palm's width where it points at us."""
    reach = np.linalg.norm(points[list(MCPS)] - points[0], axis=1).mean()
    return float(max(reach, np.linalg.norm(points[5] - points[17]), 1e-3))


@cache
def pair_frequencies(before: str | None = None) -> Mapping[str, float]:
    """Return how often each letter follows ``before`` in English, as a multiple of 1 in 26.

    ``before`` is ``"A"`` to ``"Z"``, or None: whatever came before. Rare pairs count as 1/23. It
    must stay a hint: who spells a name spells what English does not.
    """
    lines = Path(__file__).with_name("letter_pairs.txt").read_text(encoding="utf-8").splitlines()
    digits = dict(line.split() for line in lines if line[0] != "#")[before or "*"]
    return {name: 2.0 ** (int(digit) - 4.5) for name, digit in zip(LETTERS, digits, strict=True)}
