"""Frame in, letter out: tracker, landmarks, model, threshold, smoothing; and how long each took."""

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.realtime.events import LetterEvent, Seen
from asl_helpers.realtime.frames import Frame
from asl_helpers.realtime.models import SILENT, fast, reader_model
from asl_helpers.realtime.smoothing import Said, SteadyHand, smoother
from asl_helpers.recognisers import NONE, Recogniser
from asl_helpers.tracking import Hand, HandTracker

__all__ = ["LetterEvent", "LetterReader", "Reading", "ReadingError", "completed"]

SIDES = ("left", "right")

_NOTHING = 0.2
"""`SteadyHand.nothing` for models other than the shipped one of landmarks, whose answers are less
sharp; chosen with the masks on the clips that `SteadyHand` names."""


class ReadingError(AslError):
    """A reader that cannot be made this way, or a frame that it cannot read."""


@dataclass(frozen=True)
class Reading:
    """What one frame says.

    Attributes
    ----------
    hand:
        The hand that was read, in the frame's own coordinates; None without one.
    letter:
        The frame's best letter if it is sure enough, else None.
    confidence:
        Probability of the best class, 0-1; 0 without a hand.
    probabilities:
        (classes,) float32 in the order of `LetterReader.classes`; zeros without a hand.
    event:
        The letter that this frame completes, or None.
    latency_ms:
        Milliseconds: ``"tracker"``, ``"model"``, ``"smoothing"``, and ``"total"``.
    """

    hand: Hand | None
    letter: str | None
    confidence: float
    probabilities: np.ndarray
    event: LetterEvent | None
    latency_ms: dict[str, float]


class LetterReader:
    """Reads letters from a stream of frames. Close it, or use ``with``.

    Parameters
    ----------
    model:
        Name of a shipped recogniser, ``"landmarks"`` or ``"masks"`` (two skeleton pictures), a
        .keras file of one's own that reads landmarks (`realtime.models`), or a loaded
        `recognisers.Recogniser`.
    threshold:
        The least probability that counts as an answer, 0-1; None takes the model card's.
    smoothing:
        ``"steady"``, ``"neutral"`` (the same without a thought of English) or ``"majority"``
        (`realtime.smoothing`), or an object with the same methods.
    mirror:
        Whether the frames are mirrored, as many webcam previews are.
    side:
        Read only this hand of the signer, ``"left"`` or ``"right"``; None reads the surest. With
        a side, up to two hands are looked for, which takes the tracker longer.
    motion:
        Whether letters that are a movement, J and Z, are read too; or an object like
        `realtime.motion.MotionRecogniser`.
    tracker:
        An object like `tracking.HandTracker`, for tests.

    Raises
    ------
    ReadingError, RecogniserError, TrackingError
        For options that do not exist, or where model or tracker cannot be had.
    """

    def __init__(
        self,
        model: str | Path | Recogniser = "landmarks",
        threshold: float | None = None,
        smoothing="steady",
        mirror: bool = False,
        side: str | None = None,
        motion=True,
        tracker=None,
    ) -> None:
        """Load the networks, which takes some seconds the first time."""
        if side is not None and side not in SIDES:
            raise ReadingError(f"No side {side!r}.{did_you_mean(side, SIDES)}")
        if threshold is not None and not 0 <= threshold <= 1:
            raise ReadingError(f"threshold={threshold}: expected a probability, 0 to 1.")
        loaded = isinstance(model, Recogniser)
        self.recogniser = model if loaded else reader_model(model)
        self.smoothing = smoother(smoothing) if isinstance(smoothing, str) else smoothing
        named = isinstance(smoothing, str) and isinstance(self.smoothing, SteadyHand)
        if named and self.recogniser.card.get("name") != "landmarks":
            self.smoothing.nothing = _NOTHING
        self._ask = fast(self.recogniser, "this model" if loaded else str(model))
        self.threshold = self.recogniser.threshold if threshold is None else threshold
        self.classes = tuple(NONE if each in SILENT else each for each in self.recogniser.classes)
        self.mirror, self.side = mirror, side
        self.motion = _motion() if motion is True else (motion or None)
        self._tracker = tracker or HandTracker(video=True, hands=1 if side is None else 2)
        self._last = -1  # the tracker's clock, milliseconds
        self._start, self._time = 0.0, -1.0  # the stream's begin on that clock, its last frame

    def read(self, frame: Frame) -> Reading:
        """Read the next frame of the stream; a time before the last one begins a new stream."""
        start = perf_counter()
        if frame.time < self._time:
            self.smoothing.reset()
            if self.motion is not None:
                self.motion.reset()
            self._start = self._last + 100.0 - 1000 * frame.time
        self._time = frame.time
        hand = self._track(frame)
        tracked = perf_counter()
        letter, sure, probabilities = None, 0.0, np.zeros(len(self.classes), np.float32)
        points = square = None
        if hand is not None:
            height, width = frame.image.shape[:2]
            probabilities = self._ask(hand.points[None], height / width)[0]
            best = int(probabilities.argmax())
            sure = float(probabilities[best])
            if self.classes[best] != NONE and sure >= self.threshold:
                letter = self.classes[best]
            square = hand.points * np.array([width / height, 1, width / height], np.float32)
            points = square[:, :2]
        asked = perf_counter()
        classes = {} if hand is None else dict(zip(self.classes, probabilities, strict=True))
        seen = Seen(frame.time, letter, sure, points, classes)
        said = completed(seen, square, self.smoothing, self.motion)
        done = perf_counter()
        latency = {
            "tracker": 1000 * (tracked - start),
            "model": 1000 * (asked - tracked),
            "smoothing": 1000 * (done - asked),
            "total": 1000 * (done - start),
        }
        event = LetterEvent(*said, frame.time, latency["total"]) if said else None
        return Reading(hand, letter, sure, probabilities, event, latency)

    def _track(self, frame: Frame) -> Hand | None:
        """Return the hand to read, in the coordinates of the frame as it came."""
        # The tracker wants whole milliseconds that grow; a stream may stutter.
        self._last = max(self._last + 1, round(self._start + 1000 * frame.time))
        image = frame.image[:, ::-1] if self.mirror else frame.image
        hands = self._tracker.track(image, self._last)
        hands = [hand for hand in hands if self.side in (None, hand.side)]
        if not hands:
            return None
        if not self.mirror:
            return hands[0]
        back = np.array([-1, 1, 1], np.float32) * hands[0].points + np.array([1, 0, 0], np.float32)
        return Hand(back, hands[0].side, hands[0].score)

    def close(self) -> None:
        """Free the tracker; safe to call twice."""
        self._tracker.close()

    def __enter__(self) -> "LetterReader":
        """Return the reader."""
        return self

    def __exit__(self, *exception) -> None:
        """Close the reader."""
        self.close()


def completed(seen: Seen, square: np.ndarray | None, smoothing, motion) -> Said | None:
    """Return the letter that a frame completes: a movement that ends, or a shape that has stood.

    ``square`` are its landmarks (21, 3) in heights of the picture, or None without a hand;
    ``motion`` may be None: then no letter is a movement.
    """
    if motion is None:
        return smoothing.update(seen)
    letter, sure = motion.update(square, seen.time)
    seen = replace(seen, moving=sure)
    if letter is None:
        return smoothing.update(seen)
    smoothing.settle(seen)
    return letter, sure


def _motion():
    """Return the shipped recogniser of letters that move."""
    from asl_helpers.realtime.motion import MotionRecogniser

    return MotionRecogniser()
