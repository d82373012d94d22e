"""One session: frames in, a text out. The reader, the gestures, the speller and the journal.

Nothing here knows where frames come from or where they are shown; the window, the JSON lines and
the notebook's app are built upon it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from asl_helpers.realtime.frames import Frame
from asl_helpers.realtime.gestures import Gestures
from asl_helpers.realtime.journal import Journal, JournalError
from asl_helpers.realtime.overlay import Pace, draw_overlay
from asl_helpers.realtime.speller import SPACE, Speller

_WIDEST = 1280  # pixels of a picture that is shown: a telephone's photograph is no window's size


@dataclass(frozen=True)
class Event:
    """One thing that the speller was told.

    Attributes
    ----------
    letter:
        ``"A"`` to ``"Z"``, ``"space"`` or ``"del"``.
    confidence:
        The reader's, 0-1; None for a gesture, which is there or not.
    time:
        Seconds from the start of the stream.
    latency_ms:
        Milliseconds from the frame to the letter.
    """

    letter: str
    confidence: float | None
    time: float
    latency_ms: float

    def as_dict(self) -> dict:
        """Return what `asl webcam --json` prints: numbers rounded to what they can mean."""
        sure = None if self.confidence is None else round(self.confidence, 4)
        return {
            "letter": self.letter,
            "confidence": sure,
            "time": round(self.time, 3),
            "latency_ms": round(self.latency_ms, 2),
        }


@dataclass(frozen=True)
class Step:
    """What one frame brought.

    Attributes
    ----------
    frame, reading:
        The frame, and what the reader said of it.
    events:
        What the speller was told: a space goes before the letter that follows the pause.
    text:
        The text after it.
    """

    frame: Frame
    reading: object
    events: tuple[Event, ...]
    text: str


class Session:
    """Reads frames into a text. Close it, or use ``with``: that closes reader and journal.

    Parameters
    ----------
    reader:
        A `recogniser.LetterReader`, or an object with ``read`` and ``close``.
    journal:
        Where events are written down; None writes nothing.
    gestures:
        What watches for spaces and deletions; None leaves them to the buttons.
    say:
        Told, once, why the journal stopped; the session goes on without it.

    Attributes
    ----------
    speller:
        Holds the text; buttons may work it too.
    events:
        How many events there were.
    """

    def __init__(
        self,
        reader,
        journal: Journal | None = None,
        gestures: Gestures | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        """Begin with an empty text."""
        self.reader, self.journal, self.gestures, self.say = reader, journal, gestures, say
        self.speller = Speller()
        self.pace = Pace()
        self.events = 0

    def note_in(self, path: str | Path | None = None) -> None:
        """Note the letters in the journal at ``path``; where that fails, say why and go on."""
        recogniser = getattr(self.reader, "recogniser", None)
        card = {} if recogniser is None else recogniser.card
        model, version = str(card.get("name", "")), str(card.get("sha256", ""))[:8]
        try:
            self.journal = Journal(path, model, version)
        except JournalError as error:
            self.say(f"{error} The session goes on without the journal.")

    def step(self, frame: Frame) -> Step:
        """Read the next frame; write its letter, if it has one, to speller and journal."""
        reading = self.reader.read(frame)
        self.pace.tick(perf_counter())
        found, took = reading.event, reading.latency_ms["total"]
        events = []
        gesture = self._gesture(frame, reading)
        if gesture is not None and self._tells(gesture):
            events.append(Event(gesture, None, frame.time, took))
        if found is not None:
            events.append(Event(found.letter, found.confidence, found.time, found.latency_ms))
        for event in events:
            self.speller.add(event.letter)
            self._note(event)
        self.events += len(events)
        return Step(frame, reading, tuple(events), self.speller.text)

    def picture(self, step: Step, flip: bool = False) -> np.ndarray:
        """Return the frame with all that was read drawn onto it, uint8 (height, width, 3).

        Frames wider than a screen come out smaller.
        """
        image, threshold = step.frame.image, getattr(self.reader, "threshold", None)
        if image.shape[1] > _WIDEST:
            height = max(2, round(image.shape[0] * _WIDEST / image.shape[1]))
            image = np.asarray(Image.fromarray(image).resize((_WIDEST, height)))
        return draw_overlay(image, step.reading, step.text, threshold, self.pace.fps, flip)

    def close(self) -> None:
        """Free the tracker and close the journal; the text stays. Safe to call twice."""
        self.reader.close()
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def __enter__(self) -> "Session":
        """Return the session."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()

    def _gesture(self, frame: Frame, reading) -> str | None:
        if self.gestures is None:
            return None
        points = None
        if reading.hand is not None:
            height, width = frame.image.shape[:2]
            points = reading.hand.points[:, :2] * np.array([width / height, 1])
        shows, says = reading.letter is not None, reading.event is not None
        return self.gestures.update(frame.time, points, shows, says)

    def _tells(self, gesture: str) -> bool:
        """Tell whether a gesture changes the text: a space ends a word, a deletion needs a text."""
        return bool(self.speller.word if gesture == SPACE else self.speller.text)

    def _note(self, event: Event) -> None:
        if self.journal is None:
            return
        try:
            self.journal.write(event.letter, event.confidence, event.latency_ms)
        except JournalError as error:
            self.journal.close()
            self.journal = None
            self.say(f"{error} The session goes on without the journal; the text is kept.")
