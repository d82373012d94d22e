"""A moving hand made comparable: one time base whatever the camera's pace, one size, one place.

A camera gives frames when it can, 10 a second or 60, and a tracker loses some. The network wants
`STEPS` numbers at even distances. And a hand that is normalised by itself, wrist at the origin,
has lost where it went: the path has to be kept beside the shape.
"""

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.landmarks import MCPS

RATE = 20
"""Steps a second of the common time base."""

STEPS = 29
"""Steps of a window: what the network's last output depends on."""

WINDOW = (STEPS - 1) / RATE
"""Seconds from a window's first step to its last, 1.4."""

FEATURES = 47
"""Numbers a step: 40 of the shape, 6 of the path, 1 for whether a hand was seen."""

PATH_POINTS = (0, 8, 20)
"""WRIST, INDEX_FINGER_TIP, PINKY_TIP: the points whose path is kept."""

_NEAR = 0.1  # seconds: a step counts as seen if a frame with a hand is this near


class MotionError(AslError):
    """Landmarks in time of the wrong shape, or times that do not rise."""


def resample(times: np.ndarray, points: np.ndarray, ends: np.ndarray | float):
    """Return windows on the common time base, by straight lines between frames.

    Parameters
    ----------
    times:
        (m,) seconds, rising: when each frame that shows a hand was taken.
    points:
        (m, 21, 2 or more): its landmarks; only x and y are used.
    ends:
        (n,) seconds: when each window ends.

    Returns
    -------
    tracks:
        (n, STEPS, 21, 2) float32. Before the first and after the last frame the hand stays.
    seen:
        (n, STEPS) bool: whether a frame lies within 0.1 s of the step.

    Raises
    ------
    MotionError
        For no frames, times that do not rise, or points of another shape.
    """
    times = np.asarray(times, float)
    points = np.asarray(points)
    if points.shape[:2] != (len(times), 21) or points.ndim != 3 or not len(times):
        raise MotionError(
            f"A window needs frames: points (m, 21, 2 or more) and times (m,), m at least 1; "
            f"found {points.shape} and {times.shape}."
        )
    if (np.diff(times) <= 0).any():
        raise MotionError("Times must rise from frame to frame. Sort them, and drop repeats.")
    wanted = np.atleast_1d(np.asarray(ends, float))[:, None] + np.arange(1 - STEPS, 1) / RATE
    after = np.searchsorted(times, wanted).clip(1, max(1, len(times) - 1))
    before = after - 1
    after = np.minimum(after, len(times) - 1)
    span = np.maximum(times[after] - times[before], 1e-9)
    share = ((wanted - times[before]) / span).clip(0, 1).astype(np.float32)[..., None, None]
    flat = points[..., :2].astype(np.float32)
    tracks = flat[before] + share * (flat[after] - flat[before])
    distance = np.minimum(np.abs(wanted - times[before]), np.abs(wanted - times[after]))
    return tracks, distance <= _NEAR


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
    path = tracks[:, :, PATH_POINTS]
    path = path - path.mean(axis=1, keepdims=True)
    n, steps = tracks.shape[:2]
    parts = [
        shape.reshape(n, steps, 40) / unit,
        path.reshape(n, steps, 6) / unit,
        np.asarray(seen, np.float32)[..., None],
    ]
    return np.concatenate(parts, axis=2, dtype=np.float32)
