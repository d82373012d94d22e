"""Twenty-one landmarks of a hand made comparable: whoever signs, with either hand, from any crop.

Points are arrays (n, 21, 3) in MediaPipe's order and convention: x to the right and y down as
shares of the image's width and height, z away from the camera in the unit of x, 0 at the wrist.
Either absolute or already relative to the wrist will do.

Source: MediaPipe Hands (Zhang et al., 2020, arXiv:2006.10214) for the convention.
"""

from collections.abc import Callable

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.hand.body import BONES

MCPS = (5, 9, 13, 17)  # the knuckles, INDEX_FINGER_MCP to PINKY_MCP
TIPS = (4, 8, 12, 16, 20)  # the fingertips, the thumb's first

_STARTS, _ENDS = (np.array(side) for side in zip(*BONES, (5, 9), (9, 13), (13, 17), strict=True))

# Usual lengths of the twenty bones and of the three gaps between knuckles, in palm lengths
# (WRIST to MIDDLE_FINGER_MCP), as MediaPipe places its landmarks; and how far (in log units) a
# length departs from it between people and views. Only the proportions matter.
_LENGTHS = np.concatenate(
    [
        (0.45, 0.42, 0.37, 0.31),  # thumb
        (1.05, 0.45, 0.30, 0.24),  # index finger
        (1.00, 0.49, 0.34, 0.26),  # middle finger
        (0.94, 0.41, 0.33, 0.25),  # ring finger
        (0.89, 0.33, 0.24, 0.21),  # little finger
        (0.27, 0.26, 0.26),  # between the knuckles
    ]
)
_SPREADS = np.concatenate(
    [
        (0.13, 0.15, 0.18, 0.13),
        (0.10, 0.18, 0.23, 0.31),
        (0.11, 0.22, 0.15, 0.21),
        (0.13, 0.22, 0.19, 0.21),
        (0.14, 0.22, 0.21, 0.22),
        (0.26, 0.27, 0.28),
    ]
)
_WEIGHTS = 1 / (_SPREADS**2 + 0.02)
_STRETCHES = np.exp(np.linspace(np.log(0.4), np.log(2.5), 31))
_PRIOR = 0.5  # log units: most images are squarish, nearly all between 1:3 and 3:1
_OUTLIER = 0.6  # log units: a bone that is off by more counts no more


def _checked(points: np.ndarray) -> np.ndarray:
    """Return ``points`` as float32 (n, 21, 3); raise AslError when they cannot be that."""
    points = np.asarray(points)
    if points.dtype.kind not in "fiu" or points.ndim != 3 or points.shape[1:] != (21, 3):
        raise AslError(
            f"Landmarks must be numbers of shape (n, 21, 3), found {points.dtype} of shape "
            f"{points.shape}. One hand is points[None]."
        )
    bad = ~np.isfinite(points).all(axis=(1, 2))
    if bad.any():
        raise AslError(
            f"{bad.sum()} of {len(points)} hands hold NaN or infinite landmarks, the first at "
            f"index {bad.argmax()}. Leave them out: points[landmarks.usable(points)]."
        )
    return points.astype(np.float32)


def usable(points: np.ndarray) -> np.ndarray:
    """Return a mask (n,) bool: True where all numbers are finite and the hand has a size."""
    points = np.asarray(points, dtype=np.float32)
    finite = np.isfinite(points).all(axis=(1, 2))
    extent = np.where(finite[:, None, None], points, 0.0)[..., :2]
    return finite & (np.ptp(extent, axis=1).max(axis=1) > 1e-6)


def estimate_aspect(points: np.ndarray) -> np.ndarray:
    """Return the height of each image as a multiple of its width, (n,) float32, from the hand.

    Shares of an image's width and height lose its aspect. The stretch of y that brings the bones
    nearest to their usual lengths gives it back; stretches far from 1 have little weight.
    """
    bones = (points[:, _ENDS] - points[:, _STARTS]) ** 2
    across = bones[..., 0] + bones[..., 2] + 1e-10
    costs = np.empty((len(points), len(_STRETCHES)), dtype=np.float32)
    expected = np.log(_LENGTHS).astype(np.float32)
    weights = (_WEIGHTS / _WEIGHTS.sum()).astype(np.float32)
    for column, stretch in enumerate(_STRETCHES):
        log_ratio = 0.5 * np.log(across + np.float32(stretch**2) * bones[..., 1]) - expected
        residual = np.abs(log_ratio - (log_ratio @ weights)[:, None])
        costs[:, column] = np.minimum(residual, _OUTLIER) ** 2 @ weights
        costs[:, column] += (np.log(stretch) / _PRIOR) ** 2 / _WEIGHTS.sum()
    return _STRETCHES[costs.argmin(axis=1)].astype(np.float32)


def right_handedness(points: np.ndarray) -> np.ndarray:
    """Return a score (n,) float32: positive for a right hand, negative for a left one.

    The image must not be mirrored. Thumb and bent fingers lie on the palm's side of the plane
    through wrist and knuckles; seen from there, the right hand's index finger is on its right.
    """
    points = points - points[:, :1]
    normal = np.cross(points[:, 5], points[:, 17])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    thumb = points[:, 2:5].mean(axis=1) - points[:, 5]
    fingers = points[:, [6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20]].mean(axis=1)
    curl = fingers - points[:, MCPS].mean(axis=1)
    return np.einsum("ni,ni->n", normal, thumb + 0.5 * curl)


def palm_length(points: np.ndarray) -> np.ndarray:
    """Return each hand's unit: the root mean square of the knuckles' distances from the wrist.

    ``points`` are (..., 21, 2 or 3) in one unit for all axes; the result has the shape (...).
    """
    spokes = points[..., MCPS, :] - points[..., :1, :]
    return np.sqrt((spokes**2).sum(axis=-1).mean(axis=-1))


def normalise(points: np.ndarray, aspect="estimate", mirror: bool = True) -> np.ndarray:
    """Return the hands as right hands, wrist at the origin, palm length 1: (n, 21, 3) float32.

    ``points`` are (n, 21, 3), absolute or relative to the wrist; ``aspect`` is the height / width
    of the images, a number or (n,), or ``"estimate"``, which takes it from the hand. ``mirror``
    turns left hands into right ones; which hand it is follows from the points. Raises AslError for
    a wrong shape or numbers that are not finite.
    """
    points = _checked(points)
    points -= points[:, :1]
    if isinstance(aspect, str):
        if aspect != "estimate":
            raise AslError(f"aspect={aspect!r}: give height / width, or 'estimate'.")
        aspect = estimate_aspect(points)
    points[..., 1] *= np.broadcast_to(np.asarray(aspect, np.float32), len(points))[:, None]
    if mirror:
        points[right_handedness(points) < 0, :, 0] *= -1
    return points / np.maximum(palm_length(points), 1e-6)[:, None, None]


_NEAR = (4, 8, 12, 16, 20, 5, 6, 9, 10, 13, 14, 17, 18)
PAIRS = tuple((a, b) for a in TIPS for b in _NEAR if a < b or b not in TIPS)
"""The pairs of landmarks whose distances are features."""

_PAIR_FROM, _PAIR_TO = (np.array(side) for side in zip(*PAIRS, strict=True))


def features(normalised: np.ndarray) -> np.ndarray:
    """Return what a recogniser reads, (n, 90) float32, from normalised points.

    x and y of the twenty landmarks after the wrist, and the distances in the image from each
    fingertip to the other tips, the knuckles and the middle joints (who touches whom), all in palm
    lengths. Depth is left out: a tracker guesses it, and with it a recogniser that has learnt from
    drawn hands reads real ones worse.
    """
    flat = normalised[:, 1:, :2].reshape(len(normalised), -1)
    reach = normalised[:, _PAIR_FROM, :2] - normalised[:, _PAIR_TO, :2]
    distances = np.linalg.norm(reach, axis=-1)
    return np.concatenate([flat, distances], axis=1).astype(np.float32)


def encoder(shape: tuple) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return what makes a model's input of normalised points (n, 21, 3); None if nothing does.

    By the input's ``shape`` without the batch: `features`, the points themselves as (21, 3) or
    (63,), or (size, size, 2) skeleton masks.
    """
    if shape == (40 + len(PAIRS),):
        return features
    if shape in ((21, 3), (63,)):
        return lambda points: points.reshape(-1, *shape)
    if len(shape) == 3 and shape[0] == shape[1] and shape[2] == 2:
        from asl_helpers.hand.masks import skeleton_mask

        return lambda points: skeleton_mask(points, shape[0]).astype(np.float32)
    return None
