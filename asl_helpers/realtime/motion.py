"""J and Z from a stream of landmarks: a window kept by time, one answer a stroke.

Feed it each frame's hand, or None where there was none, with the time at which the frame was
taken. It needs no even pace. A letter comes once, at the end of its stroke.
"""

from collections import deque

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.landmarks import palm_length
from asl_helpers.motion.features import STEPS, WINDOW, MotionError, features, resample
from asl_helpers.motion.model import FastMotion, MotionModel, load_motion

EVERY = 0.045
"""Seconds between two runs of the network, at least: it need not run at each frame."""

CALM = 0.25
"""The next stroke counts only after both letters have been less likely than this."""

_LOST = 0.3  # seconds without a hand, after which no stroke can end
_ENOUGH = 8  # steps of a window that must show a hand
_LATELY = 0.25  # seconds over which `speed` is taken


class MotionRecogniser:
    """Says when a J or a Z has been drawn.

    Attributes
    ----------
    threshold:
        Probability that a stroke needs, in the mean of two runs.
    probabilities:
        (3,) of the last run: J, Z, none.
    """

    def __init__(
        self,
        model: MotionModel | None = None,
        threshold: float | None = None,
        aspect: float = 1.0,
    ) -> None:
        """Take the shipped model, or another one of the same form.

        Parameters
        ----------
        model:
            As `motion.model.load_motion` returns it, which is the default.
        threshold:
            Default: the model card's.
        aspect:
            Height / width of the pictures, if x and y are shares of width and height.
        """
        model = model or load_motion()
        self.classes = model.classes
        self.threshold = model.threshold if threshold is None else threshold
        self._none = self.classes.index(NONE)
        self._network = FastMotion(model.model)
        self._scale = np.array([1, aspect], np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new clip begins, and its times may start anew."""
        self._frames: deque[tuple[float, np.ndarray]] = deque()
        self._now = self._run = -np.inf
        self._armed = True
        self._before = self.probabilities = self._nothing()

    def update(self, points: np.ndarray | None, time: float) -> tuple[str | None, float]:
        """Take one frame; return a letter in the moment in which its stroke ended, else None.

        Parameters
        ----------
        points:
            (21, 3) landmarks in MediaPipe's order, either hand, mirrored or not; None: no hand.
        time:
            Seconds at which the frame was taken, from any start, rising. A frame with the time of
            the last one is passed over.

        Returns
        -------
        letter:
            ``"J"``, ``"Z"`` or None.
        confidence:
            Probability of the likelier of the two at the last run, 0 to 1.

        Raises
        ------
        MotionError
            For another shape, numbers that are not finite, or a time before the last one's.
        """
        time = float(time)
        if not time >= self._now:
            raise MotionError(
                f"Frame at {time:.3f} s after one at {self._now:.3f} s: times must rise. "
                "Call reset() where a new clip begins."
            )
        hand = None if points is None else self._checked(points)
        if time == self._now:
            return None, self._confidence()
        self._now = time
        if hand is not None:
            self._frames.append((time, hand))
        while len(self._frames) > 1 and self._frames[1][0] < time - WINDOW:
            self._frames.popleft()
        if time - self._run < EVERY:
            return None, self._confidence()
        self._run = time
        self._before, self.probabilities = self.probabilities, self._read(time)
        return self._decide(), self._confidence()

    @property
    def speed(self) -> float:
        """Palm lengths a second of the fastest of wrist, index and little finger's tip, lately."""
        recent = [frame for frame in self._frames if frame[0] >= self._now - _LATELY]
        if len(recent) < 2:
            return 0.0
        places = np.stack([hand[[0, 8, 20]] for _, hand in recent])
        way = np.linalg.norm(np.diff(places, axis=0), axis=-1).sum(axis=0).max()
        hand = recent[-1][1]
        return float(way / max(palm_length(hand), 1e-6) / (recent[-1][0] - recent[0][0]))

    def _checked(self, points: np.ndarray) -> np.ndarray:
        """Return x and y, (21, 2) float32, in square pixels."""
        points = np.asarray(points)
        if points.shape != (21, 3) or points.dtype.kind not in "fiu":
            raise MotionError(
                f"One hand is an array of numbers (21, 3), found {points.dtype} of shape "
                f"{points.shape}. No hand is None."
            )
        if not np.isfinite(points).all():
            raise MotionError("Landmarks with NaN or infinite numbers. Give None for a lost hand.")
        return points[:, :2].astype(np.float32) * self._scale

    def _read(self, time: float) -> np.ndarray:
        """Return the network's probabilities (3,) of the window that ends now."""
        if not self._frames or time - self._frames[-1][0] > _LOST:
            return self._nothing()
        times, hands = zip(*self._frames, strict=True)
        tracks, seen = resample(np.array(times), np.stack(hands), time)
        if seen.sum() < min(_ENOUGH, STEPS):
            return self._nothing()
        return self._network(features(tracks, seen)[0])

    def _decide(self) -> str | None:
        """Return the letter whose stroke has ended with this run, once."""
        letters = np.delete(self.probabilities, self._none)
        if not self._armed:
            self._armed = bool(letters.max() < CALM)
            return None
        mean = (self._before + self.probabilities) / 2
        mean[self._none] = 0
        best = int(mean.argmax())
        if mean[best] < self.threshold:
            return None
        self._armed = False
        return self.classes[best]

    def _confidence(self) -> float:
        return float(np.delete(self.probabilities, self._none).max())

    def _nothing(self) -> np.ndarray:
        return np.eye(len(self.classes), dtype=np.float32)[self._none]
