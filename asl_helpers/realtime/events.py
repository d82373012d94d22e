"""What the recogniser sees in one frame, and what it says in the end: letters, one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Seen:
    """What one frame shows, as smoothing needs it.

    Attributes
    ----------
    time:
        Seconds from the start of the stream.
    letter:
        The best letter if the frame's answer is sure enough, else None.
    confidence:
        Its probability, 0-1; of the best class where ``letter`` is None.
    points:
        (21, 2) float32 landmarks in heights of the picture, or None without a hand.
    probabilities:
        Class -> probability, of all classes; empty without a hand, or where only the best one
        is known.
    moving:
        Probability, 0-1, that a letter which is a movement is being drawn.
    """

    time: float
    letter: str | None
    confidence: float
    points: np.ndarray | None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    moving: float = 0.0


@dataclass(frozen=True)
class LetterEvent:
    """One letter, spelled once.

    Attributes
    ----------
    letter:
        ``"A"`` to ``"Z"``.
    confidence:
        Mean probability over the frames that decided, 0-1.
    time:
        Seconds from the start of the stream, of the frame that decided.
    latency_ms:
        Milliseconds from that frame to the letter.
    """

    letter: str
    confidence: float
    time: float
    latency_ms: float
