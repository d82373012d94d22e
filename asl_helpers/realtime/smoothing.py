"""From an answer a frame to letters: when is a letter meant, and when is it the same one again?

Frames disagree, a hand on its way from A to Y passes through other letters' shapes, and LL is not
one long L. Two ways to make letters of frames:

`MajorityWindow`
    The most frequent answer of the last frames, said when it changes. Simple, and blind to time:
    LL is one L, and a shape in passing is a letter if it fills half a window.
`SteadyHand`
    A small state machine. A letter is said when the hand has stood for a moment, and it is said
    again only after the hand has let go of it or slid aside.
"""

from collections import Counter, deque

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.realtime.events import Seen

_LONGEST = 0.25  # seconds that one frame can count for, where a stream stutters
_MEMORY = 20  # frames after which an answer has faded to a third
_FOLLOW = 0.6  # seconds in which a stand's shape follows a hand that drifts
_ALIKE = 1.3  # of `change`: how far the two of a double letter may differ
_HAIR = 1e-6  # sums of frame times are not exact

Said = tuple[str, float]
"""A letter and its confidence."""


class SmoothingError(AslError):
    """A way of smoothing that does not exist, or numbers that cannot work."""


class MajorityWindow:
    """Say the most frequent answer of the last frames, when it is another than before.

    Parameters
    ----------
    frames:
        Length of the window.
    share:
        Which share of the window an answer must fill.
    """

    def __init__(self, frames: int = 10, share: float = 0.5) -> None:
        """Start with an empty window."""
        if frames < 1 or not 0 < share <= 1:
            raise SmoothingError(
                f"A window of {frames} frames and a share of {share}: expected at least one frame "
                "and a share above 0, up to 1."
            )
        self.share = share
        self._window: deque[tuple[str | None, float]] = deque(maxlen=frames)
        self.reset()

    def reset(self) -> None:
        """Forget all frames: another stream begins."""
        self._window.clear()
        self._last: str | None = None

    def settle(self, seen: Seen) -> None:
        """Take a frame as the end of a letter that was a movement: its shape is none of its own."""
        self._window.clear()
        self._last = seen.letter

    def update(self, seen: Seen) -> Said | None:
        """Take the next frame; return the letter that it completes, or None."""
        self._window.append((seen.letter, seen.confidence))
        letter, count = Counter(name for name, _ in self._window).most_common(1)[0]
        if count < self.share * self._window.maxlen or letter == self._last:
            return None
        self._last = letter
        if letter is None:
            return None
        return letter, float(np.mean([sure for name, sure in self._window if name == letter]))


class SteadyHand:
    """Say a letter when the hand stands in its shape; again after a release or a slide.

    Movement cuts the stream into stands. Within a stand the mean of all answers decides, so that
    two letters that look alike do not take turns, and each stand says at most one letter. What
    ends a stand is the hand, not the answers: it moves, changes its shape, slides aside, or is
    gone; and only if it does so for longer than a tracker slips.

    Parameters
    ----------
    hold:
        Seconds that the hand must stand before a letter is said.
    sure:
        The least mean probability of a letter.
    speed:
        The fastest that a standing hand's joints move on average, palm lengths a second.
    change:
        How far the joints of a standing hand may stray from its shape on average, palm lengths.
    slide:
        How far a standing hand may drift sideways, palm lengths.
    release:
        Seconds of movement that end a stand in which a letter was said.
    lost:
        Seconds without a hand that end it.
    """

    def __init__(
        self,
        hold: float = 0.12,
        sure: float = 0.5,
        speed: float = 1.5,
        change: float = 0.085,
        slide: float = 0.4,
        release: float = 0.12,
        lost: float = 0.25,
    ) -> None:
        """Wait for a hand."""
        if min(hold, sure, speed, change, slide, release, lost) <= 0:
            raise SmoothingError("Times, shares, speeds and lengths must be positive.")
        self.hold, self.sure, self.speed = hold, sure, speed
        self.change, self.slide = change, slide
        self.release, self.lost = release, lost
        self.reset()

    def reset(self) -> None:
        """Forget all frames: another stream begins."""
        self._before: Seen | None = None
        self._stand: _Stand | None = None
        self._away = 0.0  # seconds since the hand last stood in the stand's shape
        self._last: str | None = None  # the letter that was said last, and how it looked
        self._looked = np.zeros((21, 2), np.float32)

    def settle(self, seen: Seen) -> None:
        """Take a frame as the end of a letter that was a movement: its shape is none of its own."""
        self.reset()
        self._before = seen
        if seen.points is not None:
            self._stand = _Stand(seen.points)
            self._stand.said = True

    def update(self, seen: Seen) -> Said | None:
        """Take the next frame; return the letter that it completes, or None."""
        before, self._before = self._before, seen
        passed = 0.0 if before is None else min(seen.time - before.time, _LONGEST)
        if seen.points is None:
            self._away += passed
            if self._away >= self.lost - _HAIR:
                self._stand = self._last = None
            return None
        if self._stand is None or not self._stands(seen, before):
            self._away += passed
            begun = self._stand is not None and self._stand.said
            if not begun or self._away >= self.release - _HAIR:
                self._stand, self._away = _Stand(seen.points), 0.0
            return None
        self._away = 0.0
        self._stand.add(seen, passed)
        return self._said()

    def _stands(self, seen: Seen, before: Seen | None) -> bool:
        """Tell whether the hand stands as it has stood."""
        palm = _palm(seen.points)
        if before is not None and before.points is not None:
            steps = np.linalg.norm(seen.points - before.points, axis=1).mean()
            if steps > self.speed * palm * max(seen.time - before.time, 1e-3):
                return False
        aside = abs(_place(seen.points) - self._stand.place)[0] / palm
        apart = _apart(_shape(seen.points), self._stand.shape)
        return bool(aside <= self.slide and apart <= self.change)

    def _said(self) -> Said | None:
        """Return the letter of this stand, the first time that it is clear."""
        stand = self._stand
        if stand.said or stand.seconds < self.hold - _HAIR:
            return None
        letter = max(stand.answers, key=stand.answers.get)
        mean = stand.answers[letter] / stand.frames
        if letter == NONE or mean < self.sure:
            return None
        # Half-way through a release a slow hand stands, too; a second letter looks like the first.
        if letter == self._last and _apart(stand.shape, self._looked) > _ALIKE * self.change:
            return None
        stand.said = True
        self._last, self._looked = letter, stand.shape
        return letter, float(mean)


class _Stand:
    """A hand that stands: its shape and place, for how long, and what its frames answered."""

    def __init__(self, points: np.ndarray) -> None:
        self.shape, self.place = _shape(points), _place(points)
        self.seconds, self.frames, self.said = 0.0, 0.0, False
        self.answers: dict[str, float] = {}

    def add(self, seen: Seen, passed: float) -> None:
        """Add a frame; the shape follows slowly, older answers fade."""
        self.seconds += passed
        fade = 1 - 1 / _MEMORY
        self.frames = fade * self.frames + 1
        answers = seen.probabilities or {seen.letter or NONE: seen.confidence}
        for name, probability in answers.items():
            self.answers[name] = fade * self.answers.get(name, 0.0) + float(probability)
        self.shape = self.shape + (_shape(seen.points) - self.shape) * min(passed / _FOLLOW, 1.0)


SMOOTHINGS = {"steady": SteadyHand, "majority": MajorityWindow}
"""Ways of smoothing by name."""


def smoother(name: str, **options) -> MajorityWindow | SteadyHand:
    """Return a way of smoothing by its name."""
    if name not in SMOOTHINGS:
        raise SmoothingError(f"No smoothing {name!r}.{did_you_mean(name, SMOOTHINGS)}")
    return SMOOTHINGS[name](**options)


def _place(points: np.ndarray) -> np.ndarray:
    return points[[0, 5, 9, 13, 17]].mean(axis=0)


def _shape(points: np.ndarray) -> np.ndarray:
    """Return the joints about the palm, in palm lengths: wherever the hand is, however near."""
    return (points - _place(points)) / _palm(points)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two shapes' joints are from each other on average, palm lengths."""
    return float(np.linalg.norm(one - other, axis=1).mean())


def _palm(points: np.ndarray) -> float:
    """Return the hand's size: wrist to knuckles, or the palm's width where it points at us."""
    reach = np.linalg.norm(points[[5, 9, 13, 17]] - points[0], axis=1).mean()
    return float(max(reach, np.linalg.norm(points[5] - points[17]), 1e-3))
