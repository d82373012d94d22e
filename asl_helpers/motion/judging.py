"""How well a recogniser of strokes does on clips: what it found, missed, made up, and how late."""

from collections.abc import Sequence
from dataclasses import dataclass

from asl_helpers.motion.film import Clip

LATE = 0.7
"""An event counts for a stroke from its half to so many seconds after its end."""


@dataclass(frozen=True)
class Events:
    """What came of some clips.

    Attributes
    ----------
    strokes, found:
        Strokes that were drawn, and those with exactly the right letter at the right time.
    swapped, false:
        Strokes that were read as the other letter; events at which no stroke ended.
    delays:
        Seconds from the end of each stroke that was found to its event.
    seconds:
        Length of all clips together.
    """

    strokes: int
    found: int
    swapped: int
    false: int
    delays: list[float]
    seconds: float

    @property
    def recall(self) -> float:
        """Share of strokes that were found."""
        return self.found / self.strokes if self.strokes else float("nan")

    @property
    def false_a_minute(self) -> float:
        """Events without a stroke in a minute of clips."""
        return 60 * self.false / self.seconds


def judge_clips(recogniser, clips: Sequence[Clip]) -> Events:
    """Play clips to a `realtime.reader.MotionReader`; compare its events with the strokes."""
    strokes = found = swapped = false = 0
    delays, seconds = [], 0.0
    for clip in clips:
        open_strokes = list(clip.strokes)
        strokes += len(open_strokes)
        seconds += float(clip.times[-1] - clip.times[0])
        for letter, time in play(recogniser, clip):
            near = [s for s in open_strokes if s.half <= time <= s.end + LATE]
            if not near:
                false += 1
                continue
            open_strokes.remove(near[0])
            if near[0].letter == letter:
                found += 1
                delays.append(time - near[0].end)
            else:
                swapped += 1
    return Events(strokes, found, swapped, false, delays, seconds)


def play(recogniser, clip: Clip) -> list[tuple[str, float]]:
    """Return the events of one clip, frame by frame: letters and their times."""
    recogniser.reset()
    events = []
    for time, points, found in zip(clip.times, clip.points, clip.found, strict=True):
        letter, _ = recogniser.update(points if found else None, float(time))
        if letter:
            events.append((letter, float(time)))
    return events
