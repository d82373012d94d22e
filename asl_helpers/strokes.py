"""Strokes, the J and the Z: a moving hand made comparable, and how well a reader does on clips.

A camera gives frames when it can, 10 a second or 60, and a tracker loses some. The network wants
`STEPS` numbers at even distances. And a hand that is normalised by itself, wrist at the origin,
has lost where it went: the path has to be kept beside the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.hand.film import Clip
from asl_helpers.landmarks import MCPS

FEATURES = 47
"""Numbers a step: 40 of the shape, 6 of the path, 1 for whether a hand was seen."""

_PATH_POINTS = (0, 8, 20)  # wrist, tips of index and little finger: their path is kept


def features(tracks: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return what the network reads, (n, STEPS, 47) float32, of tracks (n, STEPS, 21, 2).

    One palm length, the window's median, is the unit of all of it. Per step: x and y of the twenty
    landmarks after the wrist relative to the wrist (the shape), x and y of the wrist and of two
    fingertips relative to their mean over the window (the path), and whether a hand was ``seen``.
    """
    wrist = tracks[:, :, :1]
    shape = tracks[:, :, 1:] - wrist
    palm = np.sqrt((shape[:, :, np.array(MCPS) - 1] ** 2).sum(-1).mean(-1))
    unit = np.maximum(np.median(palm, axis=1), 1e-6)[:, None, None]
    path = tracks[:, :, _PATH_POINTS]
    path = path - path.mean(axis=1, keepdims=True)
    n, steps = tracks.shape[:2]
    parts = [
        shape.reshape(n, steps, 40) / unit,
        path.reshape(n, steps, 6) / unit,
        np.asarray(seen, np.float32)[..., None],
    ]
    return np.concatenate(parts, axis=2, dtype=np.float32)


_LATE = 0.7  # seconds after a stroke's end for which an event counts for it, from its half on


@dataclass(frozen=True)
class Events:
    """What came of some clips."""

    strokes: int  # that were drawn
    found: int  # with exactly the right letter at the right time
    swapped: int  # read as the other letter
    false: int  # events at which no stroke ended
    delays: list[float]  # seconds from the end of each stroke that was found to its event
    seconds: float  # length of all clips together

    @property
    def recall(self) -> float:
        """Share of strokes that were found."""
        return self.found / self.strokes if self.strokes else float("nan")


def judge_clips(recogniser, clips: Sequence[Clip]) -> Events:
    """Play clips to a `realtime.reader.MotionReader`; compare its events with the strokes."""
    strokes = found = swapped = false = 0
    delays, seconds = [], 0.0
    for clip in clips:
        open_strokes = list(clip.strokes)
        strokes += len(open_strokes)
        seconds += float(clip.times[-1] - clip.times[0])
        for letter, time in play(recogniser, clip):
            near = [s for s in open_strokes if s.half <= time <= s.end + _LATE]
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
