"""Two gestures that work the speller and are no signs: a pause is a space, an open hand deletes.

Whoever signs ends a word by lowering the hand, so a pause between two letters is a space. It is
written with the letter that follows it: a hand that goes away for good leaves nothing behind.
An open hand with spread fingers is no letter of the alphabet. Held still it deletes one letter,
and further ones for as long as it is held, as a key does; a hand that waves deletes nothing.
"""

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.landmarks import palm_length
from asl_helpers.realtime.speller import DELETE, SPACE

_STRAIGHT = 0.85  # cosine between a finger's first and last half, in the picture
_SPREAD = np.cos(np.deg2rad(15))  # between index and little finger
_THUMB = 0.6  # palm lengths from the thumb's tip to the index finger's knuckle
_STILL = 0.35  # palm lengths that any joint may move while the gesture is held


class GestureError(AslError):
    """Times that no gesture can have."""


class Gestures:
    """Watches the hand between letters.

    Parameters
    ----------
    pause:
        Seconds without a hand that make a space before the next letter.
    hold:
        Seconds for which an open hand is held to delete a letter, and then the next.
    """

    def __init__(self, pause: float = 0.6, hold: float = 0.8) -> None:
        """Begin without a pause and without a hand."""
        if not (pause > 0 and hold > 0):
            raise GestureError(f"pause={pause}, hold={hold}: expected seconds, more than 0.")
        self.pause, self.hold = pause, hold
        self._gone: float | None = None
        self._spelled = self._paused = False
        self._since: float | None = None
        self._held: np.ndarray | None = None

    def update(self, time: float, points: np.ndarray | None, shows: bool, says: bool) -> str | None:
        """Take the next frame; return ``"space"``, ``"del"`` or None.

        Parameters
        ----------
        time:
            Seconds from the start of the stream.
        points:
            (21, 2) or (21, 3) landmarks whose x and y have one unit; None without a hand.
        shows:
            Whether the frame's answer is a letter; then the hand deletes nothing.
        says:
            Whether the frame completes a letter; then a space, if one is due, goes before it.
        """
        if points is None:
            self._gone = time if self._gone is None else self._gone
            self._since = None
        else:
            if self._gone is not None and time - self._gone >= self.pause:
                self._paused = self._spelled  # before the first letter there is no word to end
            self._gone = None
        if says:
            self._since = None
            was_paused, self._paused, self._spelled = self._paused, False, True
            return SPACE if was_paused else None
        return self._delete(time, points, shows)

    def _delete(self, time: float, points: np.ndarray | None, shows: bool) -> str | None:
        if points is None or shows or not is_open(points):
            self._since = None
            return None
        if self._since is None or _moved(points, self._held) > _STILL:
            self._since, self._held = time, points
        elif time - self._since >= self.hold:
            self._since = time
            return DELETE
        return None


def is_open(points: np.ndarray) -> bool:
    """Tell whether a hand, (21, 2 or 3) with x and y in one unit, shows five spread fingers."""
    flat = np.asarray(points, dtype=np.float64)[:, :2]
    lower = flat[[6, 10, 14, 18]] - flat[[5, 9, 13, 17]]
    upper = flat[[8, 12, 16, 20]] - flat[[6, 10, 14, 18]]
    if (_cosine(lower, upper) < _STRAIGHT).any():
        return False
    fingers = flat[[8, 20]] - flat[[5, 17]]
    palms = flat[[5, 17]] - flat[0]
    if _cosine(fingers[:1], fingers[1:])[0] > _SPREAD or (_cosine(fingers, palms) < 0.5).any():
        return False
    return float(np.linalg.norm(flat[4] - flat[5])) > _THUMB * palm_length(flat)


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / np.maximum(lengths, 1e-9)


def _moved(points: np.ndarray, before: np.ndarray) -> float:
    """Return how far the joint went that moved most, palm lengths."""
    way = np.linalg.norm((points - before)[:, :2], axis=1).max()
    return float(way / max(palm_length(points[:, :2]), 1e-6))
