"""Frame in, letter out: tracker, landmarks, model, threshold, smoothing; and letters into a text.

>>> from asl_helpers.realtime.reader import LetterReader  # doctest: +SKIP
>>> from asl_helpers.realtime.sources import open_source  # doctest: +SKIP
>>> with open_source("drawn:CHAIR") as source, LetterReader() as reader:  # doctest: +SKIP
...     for frame in source.frames():
...         event = reader.read(frame).event
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from asl_helpers import classifier
from asl_helpers.alphabet import KAGGLE_CLASSES, NONE
from asl_helpers.classifier import Classifier
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.hand.film import STEPS, WINDOW, resample
from asl_helpers.realtime.journal import Journal
from asl_helpers.realtime.letters import Observation, SteadyHand, smoother
from asl_helpers.realtime.sources import Frame
from asl_helpers.realtime.text import SPACE, Gestures, Speller
from asl_helpers.strokes import features
from asl_helpers.tracking import Hand, HandTracker

_SIDES = ("left", "right")
_SILENT = (NONE, "nothing")  # classes that are no letter: they are never written
# `SteadyHand.max_none_probability` for models other than the shipped one of landmarks, whose
# answers are less sharp; chosen with the masks on the clips that `SteadyHand` names.
_MAX_NONE_PROBABILITY = 0.2


@dataclass(frozen=True)
class Event:
    """One letter, spelled once; in a session also a space or a deletion."""

    letter: str  # "A" to "Z", "space" or "del"
    confidence: float | None  # mean over the frames that decided, 0-1; a gesture has none
    time: float  # seconds from the start of the stream, of the frame that decided
    latency_ms: float  # from that frame to the letter

    def as_dict(self) -> dict:
        """Return what `asl webcam --json` prints: numbers rounded to what they can mean."""
        return {
            "letter": self.letter,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "time": round(self.time, 3),
            "latency_ms": round(self.latency_ms, 2),
        }


@dataclass(frozen=True)
class Reading:
    """What one frame says."""

    hand: Hand | None
    letter: str | None  # the best one, if it is sure enough
    confidence: float  # of the best class, 0-1; 0 without a hand
    probabilities: np.ndarray  # (classes,) float32 in `LetterReader.classes`' order, or zeros
    event: Event | None  # the letter that this frame completes
    latency_ms: dict[str, float]  # "tracker", "model", "smoothing", and "total"


class LetterReader(AbstractContextManager):
    """Reads letters from a stream of frames. Close it, or use ``with``.

    Parameters
    ----------
    model:
        Name of a shipped model, ``"landmarks"`` or ``"masks"`` (two skeleton images), a
        .keras file of one's own that reads landmarks, or a loaded one.
    threshold:
        The least probability that counts as an answer, 0-1; None takes the model card's.
    smoothing:
        ``"steady"``, ``"neutral"`` (the same without a thought of English) or ``"majority"``; see
        `realtime.letters`.
    side:
        Read only this hand of the signer, ``"left"`` or ``"right"``; None reads the surest. With
        a side, up to two hands are looked for, which takes the tracker longer.
    tracker:
        An object like `tracking.HandTracker`, for tests.
    """

    def __init__(
        self,
        model: str | Path | Classifier = "landmarks",
        threshold: float | None = None,
        smoothing: str = "steady",
        side: str | None = None,
        tracker=None,
    ) -> None:
        """Load the networks, which takes some seconds the first time."""
        if side is not None and side not in _SIDES:
            raise AslError(f"No side {side!r}.{did_you_mean(side, _SIDES)}")
        if threshold is not None and not 0 <= threshold <= 1:
            raise AslError(f"threshold={threshold}: expected a probability, 0 to 1.")
        self.classifier = model if isinstance(model, Classifier) else classifier.load(model)
        _check_letters(self.classifier)
        self.smoothing = smoother(smoothing)
        if self.classifier.name != "landmarks" and isinstance(self.smoothing, SteadyHand):
            self.smoothing.max_none_probability = _MAX_NONE_PROBABILITY
        self.threshold = self.classifier.threshold if threshold is None else threshold
        self.classes = tuple(NONE if each in _SILENT else each for each in self.classifier.classes)
        self.side, self.motion = side, MotionReader()
        self._tracker = tracker or HandTracker(video=True, hands=1 if side is None else 2)
        self._last = -1  # the tracker's clock, milliseconds

    def read(self, frame: Frame) -> Reading:
        """Read the next frame of the stream: its time is after that of the last."""
        start = perf_counter()
        # The tracker wants whole milliseconds that grow; a stream may stutter.
        self._last = max(self._last + 1, round(1000 * frame.time))
        hands = self._tracker.track(frame.image, self._last)
        hand = next((each for each in hands if self.side in (None, each.side)), None)
        tracked = perf_counter()
        letter, sure, probabilities = None, 0.0, np.zeros(len(self.classes), np.float32)
        square, named = None, {}
        if hand is not None:
            height, width = frame.image.shape[:2]
            square = hand.points * np.array([width / height, 1, width / height], np.float32)
            probabilities = self.classifier.probabilities(hand.points[None], height / width)[0]
            named = dict(zip(self.classes, probabilities, strict=True))
            best = int(probabilities.argmax())
            sure = float(probabilities[best])
            if self.classes[best] != NONE and sure >= self.threshold:
                letter = self.classes[best]
        asked = perf_counter()
        points = None if square is None else square[:, :2]
        seen = Observation(frame.time, letter, sure, points, named)
        completes = completed(seen, square, self.smoothing, self.motion)
        done = perf_counter()
        latency = {
            "tracker": 1000 * (tracked - start),
            "model": 1000 * (asked - tracked),
            "smoothing": 1000 * (done - asked),
            "total": 1000 * (done - start),
        }
        event = Event(*completes, frame.time, latency["total"]) if completes else None
        return Reading(hand, letter, sure, probabilities, event, latency)

    def close(self) -> None:
        """Free the tracker; safe to call twice."""
        self._tracker.close()

    def __exit__(self, *exception) -> None:
        """Close the reader."""
        self.close()


def _check_letters(model: Classifier) -> None:
    """Raise AslError for a model that reads no single hands, or whose classes are no letters."""
    known = {*KAGGLE_CLASSES, *_SILENT}
    strange = [name for name in model.classes if name not in known]
    if model.reads != "landmarks":
        raise AslError(
            f"{model.name} reads {model.reads}, inputs of shape {model.shape}; the camera's reader "
            "gives one hand's landmarks, (21, 3). Use landmarks or masks, or train one: asl train "
            "landmarks."
        )
    if strange:
        raise AslError(
            f"{model.name} knows classes that cannot be spelled: {', '.join(strange[:5])}. "
            "Expected letters A to Z, space, del, nothing or none."
        )


def completed(
    seen: Observation, square: np.ndarray | None, smoothing, motion
) -> tuple[str, float] | None:
    """Return the letter that a frame completes, and its confidence, or None.

    A movement that ends, or a shape that was held. ``square`` are the landmarks (21, 3) in heights
    of the image, None without a hand.
    """
    letter, sure = motion.update(square, seen.time)
    seen = replace(seen, moving=sure)
    if letter is None:
        return smoothing.update(seen)
    smoothing.settle(seen)
    return letter, sure


# Letters that move

_EVERY = 0.045  # seconds between two runs of the network, at least: not each frame needs one
_CALM = 0.25  # the next stroke counts only after both letters have been less likely than this
_LOST = 0.3  # seconds without a hand, after which no stroke can end
_ENOUGH = 8  # steps of a window that must show a hand


class MotionReader:
    """Says when a J or a Z has been drawn: a window kept by time, one answer a stroke.

    Feed it each frame's hand, or None where there was none; it needs no even pace. A stroke needs
    a probability of ``threshold`` in the mean of two runs; ``probabilities`` (3,) are of the last
    run: J, Z, none.
    """

    def __init__(self, model: Classifier | None = None) -> None:
        """Take the shipped model, or another one of the same form, and its card's threshold."""
        self._model = model or classifier.load("motion")
        self.classes, self.threshold = self._model.classes, self._model.threshold
        self._none = self.classes.index(NONE)
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new clip begins, and its times may start anew."""
        self._frames: deque[tuple[float, np.ndarray]] = deque()
        self._now = self._run = -np.inf
        self._is_armed = True
        self._before = self.probabilities = self._no_letter()

    def update(self, points: np.ndarray | None, time: float) -> tuple[str | None, float]:
        """Take one frame; return a letter in the moment in which its stroke ended, else None.

        ``points`` are (21, 2 or 3) landmarks of either hand, mirrored or not, x and y in one
        unit, and ``time`` is seconds from any start, rising; a frame with the time of the last one
        is passed over. With the letter comes the probability of the likelier of the two, 0-1.
        """
        if not time >= self._now:
            raise AslError(
                f"Frame at {time:.3f} s after one at {self._now:.3f} s: times must rise. "
                "Call reset() where a new clip begins."
            )
        letter = None
        if time > self._now:
            self._now = time
            if points is not None:
                self._frames.append((time, np.asarray(points, np.float32)[:, :2]))
            while len(self._frames) > 1 and self._frames[1][0] < time - WINDOW:
                self._frames.popleft()
            if time - self._run >= _EVERY:
                self._run = time
                self._before, self.probabilities = self.probabilities, self._read(time)
                letter = self._ended()
        return letter, float(np.delete(self.probabilities, self._none).max())

    def _read(self, time: float) -> np.ndarray:
        """Return the network's probabilities (3,) of the window that ends now."""
        if not self._frames or time - self._frames[-1][0] > _LOST:
            return self._no_letter()
        times, hands = zip(*self._frames, strict=True)
        tracks, seen = resample(np.array(times), np.stack(hands), time)
        if seen.sum() < min(_ENOUGH, STEPS):
            return self._no_letter()
        return self._model.probabilities(features(tracks, seen))[0]

    def _ended(self) -> str | None:
        """Return the letter whose stroke has ended with this run, once."""
        if not self._is_armed:
            self._is_armed = bool(np.delete(self.probabilities, self._none).max() < _CALM)
            return None
        mean = (self._before + self.probabilities) / 2
        mean[self._none] = 0
        best = int(mean.argmax())
        if mean[best] < self.threshold:
            return None
        self._is_armed = False
        return self.classes[best]

    def _no_letter(self) -> np.ndarray:
        return np.eye(len(self.classes), dtype=np.float32)[self._none]


# Letters into a text


@dataclass(frozen=True)
class Step:
    """What one frame brought: its ``reading``, the events that the speller was told, the text.

    A space goes before the letter that follows the pause.
    """

    frame: Frame
    reading: Reading
    events: tuple[Event, ...]
    text: str


class Session(AbstractContextManager):
    """Reads frames into a text. Close it, or use ``with``: that closes reader and journal.

    ``reader`` is a `LetterReader`, or an object like it. ``journal`` is a file to note the letters
    in; if that fails, ``say`` is told once, and the session goes on without it. ``speller`` holds
    the text, which buttons may work too; ``fps`` is frames a second, a mean that forgets.
    """

    def __init__(
        self,
        reader,
        journal: str | Path | None = None,
        say: Callable[[str], None] = print,
        speller: Speller | None = None,
    ) -> None:
        """Begin with the speller's text, an empty one if there is none."""
        self.reader, self.say, self.speller = reader, say, speller or Speller()
        self.journal: Journal | None = None
        self.fps = 0.0
        self._gestures, self._came = Gestures(), None
        if journal is not None:
            model = reader.classifier
            with self._journal_may_fail():
                self.journal = Journal(journal, model.name, model.card.get("sha256", "")[:8])

    @contextmanager
    def _journal_may_fail(self) -> Iterator[None]:
        """Go on without the journal, and say so, where it fails."""
        try:
            yield
        except AslError as error:
            self._end_journal()
            self.say(f"{error} The session goes on without the journal; the text is kept.")

    def _end_journal(self) -> None:
        if self.journal is not None:
            self.journal.close()
        self.journal = None

    def step(self, frame: Frame) -> Step:
        """Read the next frame; write its letter, if it has one, to speller and journal."""
        reading = self.reader.read(frame)
        self._tick(perf_counter())
        events = []
        gesture = self._gesture(frame, reading)
        if gesture is not None:
            events.append(Event(gesture, None, frame.time, reading.latency_ms["total"]))
        if reading.event is not None:
            events.append(reading.event)
        for event in events:
            self.speller.add(event.letter)
            if self.journal is not None:
                with self._journal_may_fail():
                    self.journal.write(event.letter, event.confidence, event.latency_ms)
        return Step(frame, reading, tuple(events), self.speller.text)

    def _gesture(self, frame: Frame, reading: Reading) -> str | None:
        """Return a gesture that changes the text: a space ends a word, a deletion needs a text."""
        points = None
        if reading.hand is not None:
            height, width = frame.image.shape[:2]
            points = reading.hand.points[:, :2] * np.array([width / height, 1])
        shows, says = reading.letter is not None, reading.event is not None
        gesture = self._gestures.update(frame.time, points, shows, says)
        does = self.speller.word if gesture == SPACE else self.speller.text
        return gesture if does else None

    def _tick(self, now: float) -> None:
        if self._came is not None and now > self._came:
            seconds = now - self._came
            self.fps = 1 / (0.9 / self.fps + 0.1 * seconds if self.fps else seconds)
        self._came = now

    def close(self) -> None:
        """Free the tracker and close the journal; the text stays. Safe to call twice."""
        self.reader.close()
        self._end_journal()

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()
