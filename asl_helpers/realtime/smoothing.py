"""From an answer a frame to letters: when is a letter meant, and when is it the same one again?

Frames disagree, a hand on its way from A to Y passes through other letters' shapes, and LL is not
one long L. Two ways to make letters of frames:

`MajorityWindow`
    The most frequent answer of the last frames, said when it changes. Simple, and blind to time:
    LL is one L, and a shape in passing is a letter if it fills half a window.
`SteadyHand`
    A small state machine. A letter is said when the hand has stood still in its shape for a
    moment; it is said again only after the hand has let go of it or slid aside.
"""

from collections import Counter, deque

import numpy as np

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.realtime.events import Seen

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
        self._last: str | None = None

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
    """Say a letter when the hand has stood in its shape; again after a release or a slide.

    Parameters
    ----------
    hold:
        Seconds for which the letter must stand.
    speed:
        The fastest that a standing hand's joints move, palm lengths a second.
    release:
        Seconds without the letter that let go of it: shorter gaps are slips of the tracker.
    lost:
        Seconds for which the hand may be lost while a letter is held.
    slide:
        Palm lengths sideways that make a held letter a second one.
    """

    def __init__(
        self,
        hold: float = 0.12,
        speed: float = 2.5,
        release: float = 0.1,
        lost: float = 0.25,
        slide: float = 0.4,
    ) -> None:
        """Start without a letter."""
        if min(hold, speed, release, lost, slide) <= 0:
            raise SmoothingError("Times, speeds and lengths must be positive.")
        self.hold, self.speed, self.release = hold, speed, release
        self.lost, self.slide = lost, slide
        self._said: str | None = None  # the letter that is being held
        self._place = np.zeros(2)  # where it was said
        self._left: float | None = None  # since when the hand has let go of it
        self._since: float | None = None  # since when the candidate stands
        self._candidate: str | None = None
        self._sure: list[float] = []
        self._before: tuple[float, np.ndarray] | None = None

    def update(self, seen: Seen) -> Said | None:
        """Take the next frame; return the letter that it completes, or None."""
        speed = self._pace(seen)
        self._let_go(seen)
        if seen.letter is None or speed > self.speed:
            self._candidate = None
            return None
        if seen.letter != self._candidate:
            self._candidate, self._since, self._sure = seen.letter, seen.time, []
        self._sure.append(seen.confidence)
        if seen.time - self._since < self.hold - 1e-6:
            return None
        if seen.letter == self._said and not self._slid(seen.points):
            return None
        self._said, self._place, self._left = seen.letter, _place(seen.points), None
        self._candidate = None
        return seen.letter, float(np.mean(self._sure))

    def _pace(self, seen: Seen) -> float:
        """Return how fast the joints move on average, palm lengths a second."""
        before = self._before
        self._before = None if seen.points is None else (seen.time, seen.points)
        if before is None or seen.points is None or seen.time <= before[0]:
            return 0.0
        steps = np.linalg.norm(seen.points - before[1], axis=1).mean()
        return float(steps / _palm(seen.points) / (seen.time - before[0]))

    def _let_go(self, seen: Seen) -> None:
        """Forget the letter that was said once the hand has shown something else for a while."""
        if self._said is None or seen.letter == self._said:
            self._left = None
        elif self._left is None:
            self._left = seen.time
        elif seen.time - self._left >= (self.lost if seen.points is None else self.release):
            self._said = None

    def _slid(self, points: np.ndarray) -> bool:
        aside = abs(_place(points)[0] - self._place[0])
        return bool(aside > self.slide * _palm(points))


SMOOTHINGS = {"steady": SteadyHand, "majority": MajorityWindow}
"""Ways of smoothing by name."""


def smoother(name: str, **options) -> MajorityWindow | SteadyHand:
    """Return a way of smoothing by its name."""
    if name not in SMOOTHINGS:
        raise SmoothingError(f"No smoothing {name!r}.{did_you_mean(name, SMOOTHINGS)}")
    return SMOOTHINGS[name](**options)


def edit_distance(said: str, meant: str) -> int:
    """Return how many letters must be put in, left out or changed to make one word the other.

    Levenshtein's distance, letter by letter; divided by ``len(meant)`` it is the character error
    rate.
    """
    row = list(range(len(meant) + 1))
    for place, letter in enumerate(said, 1):
        above, row[0] = row[0], place
        for column, other in enumerate(meant, 1):
            above, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, above + (letter != other)),
            )
    return row[-1]


def _place(points: np.ndarray) -> np.ndarray:
    return points[[0, 5, 9, 13, 17]].mean(axis=0)


def _palm(points: np.ndarray) -> float:
    """Return the hand's size: wrist to knuckles, or the palm's width where it points at us."""
    reach = np.linalg.norm(points[[5, 9, 13, 17]] - points[0], axis=1).mean()
    return float(max(reach, np.linalg.norm(points[5] - points[17]), 1e-3))
