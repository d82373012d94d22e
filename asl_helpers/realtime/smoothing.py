"""From an answer a frame to letters: when is a letter meant, and when is it the same one again?

Frames disagree, a hand on its way from A to Y passes through other letters' shapes, and LL is not
one long L. Two ways to make letters of frames:

`MajorityWindow`
    The most frequent answer of the last frames, said when it changes. Simple, and blind to time:
    LL is one L, and a shape in passing is a letter if it fills half a window.
`SteadyHand`
    A small state machine. A letter is said when the hand has stood for a moment, and it is said
    again only after the hand has let go of it or slid aside. Where two letters are nearly equally
    likely, the pairs of letters of English help to decide.
"""

from collections import Counter, deque
from functools import partial

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.realtime.events import Seen
from asl_helpers.realtime.letter_pairs import frequencies
from asl_helpers.realtime.stands import Stand, apart, hand_size, place_of, shape_of

_LONGEST = 0.25  # seconds that one frame can count for, where a stream stutters
_ALIKE = 1.3  # of `change`: how far the two of a double letter may differ
_HAIR = 1e-6  # sums of frame times are not exact

# The tracker often loses an R's crossing, which leaves a U, and hardly ever crosses a U's fingers.
_LOST_IN_TRACKING = {"R": 2.0}
# A relaxed hand is much like one of these two, and lies between them: for them less doubt is let
# pass, and less still where both have at least this share. Parts of `nothing`.
_RELAXED, _BOTH = ("C", "O"), 0.1
_ONE_RELAXED, _TORN = 0.3, 0.043
_ENDS_A_J = "I"  # where the stroke ends; a J comes a moment later than this shape
_MOVING = 0.5  # from this probability on, a letter that is a movement is being drawn

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
        The least share of a letter in what the stand may be, 0-1, English considered.
    nothing:
        The most that a stand may look like a hand that spells nothing, 0-1; less for C and O,
        which a relaxed hand looks like.
    english:
        A letter that looks so many times as likely as any other is said whatever comes before it.
        Below that, the one counts more that follows more often in English (`letter_pairs`), by
        the root of how often it does. 1: English does not count.
    speed:
        The fastest that a standing hand's joints move on average, palm lengths a second.
    change:
        How far the joints of a standing hand may stray from its shape on average, palm lengths.
    slide:
        How far a standing hand may drift sideways, palm lengths.
    slip:
        Seconds of movement that end a stand in which nothing was said.
    release:
        Seconds of movement that end one in which a letter was said.
    lost:
        Seconds without a hand that end it, and with it the word.
    """

    def __init__(
        self,
        hold: float = 0.12,
        sure: float = 0.5,
        nothing: float = 0.1,
        english: float = 4.0,
        speed: float = 1.5,
        change: float = 0.085,
        slide: float = 0.4,
        slip: float = 0.1,
        release: float = 0.12,
        lost: float = 0.25,
    ) -> None:
        """Wait for a hand.

        The numbers, those at the head of this module too, were chosen on words, names and idle
        hands of drawn signers whom the benchmark never meets: `benchmarks/realtime_clips.py`,
        words of seeds 27, 28 and 31, signers from 29000 on, idle hands from 9100 on.
        """
        if min(hold, sure, nothing, speed, change, slide, slip, release, lost) <= 0 or english < 1:
            raise SmoothingError(
                "Times, shares, speeds and lengths must be positive, english at least 1."
            )
        self.hold, self.sure, self.nothing, self.english = hold, sure, nothing, english
        self.speed, self.change, self.slide = speed, change, slide
        self.slip, self.release, self.lost = slip, release, lost
        self.reset()

    def reset(self) -> None:
        """Forget all frames: another stream begins."""
        self._recent: tuple[Seen, ...] = ()  # the last two frames
        self._stand: Stand | None = None
        self._next: Stand | None = None  # what the hand does since it left the stand
        self._away = 0.0  # seconds since it left
        self._last: str | None = None  # the letter that was said last, and how it looked
        self._looked = np.zeros((21, 2), np.float32)

    def settle(self, seen: Seen) -> None:
        """Take a frame as the end of a letter that was a movement: its shape is none of its own."""
        self.reset()
        self._recent = (seen,)
        if seen.points is not None:
            self._stand = Stand(seen.points)
            self._stand.said = True

    def update(self, seen: Seen) -> Said | None:
        """Take the next frame; return the letter that it completes, or None."""
        recent, self._recent = self._recent, (*self._recent[-1:], seen)
        passed = min(seen.time - recent[-1].time, _LONGEST) if recent else 0.0
        if seen.points is None:
            self._away += passed
            if self._away >= self.lost - _HAIR:
                self._stand = self._next = self._last = None
            return None
        still = self._is_still(seen, recent)
        if still and self._fits(seen, self._stand):
            self._next, self._away = None, 0.0
            self._stand.add(seen, passed)
            return self._said(seen)
        self._away += passed
        if still and self._fits(seen, self._next):
            self._next.add(seen, passed)
        else:
            self._next = Stand(seen.points)
        if self._stand is None or self._away >= self._patience() - _HAIR:
            self._stand, self._next, self._away = self._next, None, 0.0
            return self._said(seen)
        return None

    def _is_still(self, seen: Seen, recent: tuple[Seen, ...]) -> bool:
        """Tell whether the hand has hardly moved since one of the last two frames.

        One of them may be a slip of the tracker, which goes and comes back at any speed.
        """
        hands = [frame for frame in recent if frame.points is not None]
        reach = self.speed * hand_size(seen.points)
        return not hands or any(
            np.linalg.norm(seen.points - frame.points, axis=1).mean()
            <= reach * max(seen.time - frame.time, 1e-3)
            for frame in hands
        )

    def _fits(self, seen: Seen, stand: Stand | None) -> bool:
        """Tell whether the hand is where and as it was in a stand."""
        if stand is None:
            return False
        aside = abs(place_of(seen.points) - stand.place)[0] / hand_size(seen.points)
        return bool(
            aside <= self.slide and apart(shape_of(seen.points), stand.shape) <= self.change
        )

    def _patience(self) -> float:
        return self.release if self._stand.said else self.slip

    def _said(self, seen: Seen) -> Said | None:
        """Return the letter of this stand, the first time that it is clear."""
        stand = self._stand
        if stand.said or stand.seconds < self.hold - _HAIR:
            return None
        shares = {name: share * self._usual(name) for name, share in stand.answers.items()}
        letter = max(shares, key=shares.get)
        if letter == NONE or stand.share(NONE) > self._doubt(letter):
            return None
        if shares[letter] < self.sure * sum(shares.values()):
            return None
        if letter in _ENDS_A_J and seen.moving >= _MOVING:
            return None
        # Half-way through a release a slow hand stands, too; a second letter looks like the first.
        if letter == self._last and apart(stand.shape, self._looked) > _ALIKE * self.change:
            return None
        stand.said = True
        self._last, self._looked = letter, stand.shape
        return letter, stand.share(letter)

    def _doubt(self, letter: str) -> float:
        """Return how much this stand may look like a hand that spells nothing."""
        if letter not in _RELAXED:
            return self.nothing
        torn = min(map(self._stand.share, _RELAXED)) >= _BOTH
        return self.nothing * (_TORN if torn else _ONE_RELAXED)

    def _usual(self, name: str) -> float:
        """Return how much a class counts after the last letter, as the eyes miss it or not."""
        often = frequencies(self._last).get(name, 1.0)  # NONE is in no word
        hint = min(max(often, 1 / self.english), self.english) ** 0.5
        return hint * _LOST_IN_TRACKING.get(name, 1.0)


SMOOTHINGS = {
    "steady": SteadyHand,
    "neutral": partial(SteadyHand, english=1.0),
    "majority": MajorityWindow,
}
"""Ways of smoothing by name; ``"neutral"`` is `SteadyHand` for texts that are not English."""


def smoother(name: str, **options) -> MajorityWindow | SteadyHand:
    """Return a way of smoothing by its name."""
    if name not in SMOOTHINGS:
        raise SmoothingError(f"No smoothing {name!r}.{did_you_mean(name, SMOOTHINGS)}")
    return SMOOTHINGS[name](**options)
