"""A hand that stands: where, in which shape, for how long, and what its frames answered."""

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.landmarks import MCPS
from asl_helpers.realtime.events import Seen

_MEMORY = 20  # frames after which an answer has faded to a third
_FOLLOW = 0.6  # seconds in which a stand's shape follows a hand that drifts


class Stand:
    """Frames in which a hand keeps its place and shape.

    Attributes
    ----------
    place:
        (2,) where the palm was at first, in heights of the picture.
    shape:
        (21, 2) the joints about the palm, palm lengths; follows a hand that drifts.
    seconds:
        For how long.
    said:
        Whether its letter was said.
    answers:
        Class -> sum of its probabilities, in which older ones fade; `share` is the mean.
    """

    def __init__(self, points: np.ndarray) -> None:
        """Begin with a frame's joints (21, 2), in heights of the picture; its answer is not in."""
        self.shape, self.place = shape_of(points), place_of(points)
        self.seconds, self.frames, self.said = 0.0, 0.0, False
        self._added = 1
        self.answers: dict[str, float] = {}

    def share(self, name: str) -> float:
        """Return how likely a class was on average, 0-1."""
        return float(self.answers.get(name, 0.0) / max(self.frames, 1.0))

    def add(self, seen: Seen, passed: float) -> None:
        """Add a frame: the shape is the mean at first and follows later, older answers fade."""
        self.seconds += passed
        fade = 1 - 1 / _MEMORY
        self.frames = fade * self.frames + 1
        answers = seen.probabilities or {seen.letter or NONE: seen.confidence}
        for name, probability in answers.items():
            self.answers[name] = fade * self.answers.get(name, 0.0) + float(probability)
        self._added += 1
        share = max(min(passed / _FOLLOW, 1.0), 1 / self._added)
        self.shape = self.shape + (shape_of(seen.points) - self.shape) * share


def place_of(points: np.ndarray) -> np.ndarray:
    """Return the middle (2,) of the palm's joints, of (21, 2)."""
    return points[[0, *MCPS]].mean(axis=0)


def shape_of(points: np.ndarray) -> np.ndarray:
    """Return the joints about the palm, in palm lengths: wherever the hand is, however near."""
    return (points - place_of(points)) / hand_size(points)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two shapes' joints are from each other on average, palm lengths."""
    return float(np.linalg.norm(one - other, axis=1).mean())


def hand_size(points: np.ndarray) -> float:
    """Return the hand's size: wrist to knuckles, or the palm's width where it points at us."""
    reach = np.linalg.norm(points[list(MCPS)] - points[0], axis=1).mean()
    return float(max(reach, np.linalg.norm(points[5] - points[17]), 1e-3))
