"""Stand-ins for a stream: a source that films one colour, a reader that says what it is told."""

from types import SimpleNamespace

import numpy as np

from asl_helpers import hand
from asl_helpers.realtime.reader import Event
from asl_helpers.realtime.sources import Frame, Source

HAND = SimpleNamespace(points=hand.pose("V").image[0])


class Told:
    """A reader that says one thing a frame: a letter completes it, "." a hand, " " no hand."""

    threshold = 0.6
    classifier = SimpleNamespace(name="told", card={})

    def __init__(self, script):
        self.script, self.closed = iter(script), False

    def read(self, frame):
        said = next(self.script, ".")
        event = Event(said, 0.91234, frame.time, 7.777) if said.isalpha() else None
        return SimpleNamespace(
            hand=None if said == " " else HAND,
            letter=said if event else None,
            confidence=0.9,
            event=event,
            latency_ms={"total": 7.777},
        )

    def close(self):
        self.closed = True


class Film(Source):
    """As many frames as asked for, ten a second, not paced, then an end, an error or Ctrl-C."""

    def __init__(self, count=8, end=None, live=False):
        super().__init__("a film", self._film(count, end), live=live)

    def _film(self, count, end):
        for index in range(count):
            yield Frame(np.full((60, 80, 3), (0, 90, 200), np.uint8), index / 10)
        if end is not None:
            raise end

    def frames(self, pace=False):
        return super().frames(pace=False)
