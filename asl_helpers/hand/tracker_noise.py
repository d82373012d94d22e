"""The mistakes a hand tracker makes, added to perfect landmarks so that a recogniser meets them.

A drawn hand knows where each joint is; a tracker guesses. What it gets wrong was measured by
drawing hands, tracking the pictures and comparing (`tools/measure_tracker.py`): hidden fingers
drift onto their neighbours, crossed ones come apart, and depth is about half of what the camera's
geometry says, fingertips nearer. Each new hand gets the errors of one that is posed much like it,
and on top the parts that are easy to describe.
"""

from functools import lru_cache

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.files import project_data
from asl_helpers.hand.sampling import sample_landmarks, sample_negatives

_FINGERS = np.arange(1, 21).reshape(5, 4)  # landmarks of thumb, index ... little finger
_ALONG = np.concatenate([[0.4], np.tile([0.55, 0.75, 0.95, 1.25], 5)]).astype(np.float32)
_NEAREST = 6  # each hand takes the errors of one of so many
_DEPTH_COUNTS = np.array([1, 1, 0.5], np.float32)  # in the distance between two poses
_CHUNK = 4096
_DEPTH = 0.1  # how much more wrong z is: standard deviation of its log scale; slopes follow it
_SWAP, _COLLAPSE = 0.01, 0.02  # shares of hands

POSE_STEP, ERROR_STEP = 0.02, 0.01  # palm lengths a unit of the arrays of `tracker_errors.npz`
NEGATIVES = 0.08  # share of the hands of `sample_tracked` that spell nothing


def sample_tracked(
    count: int, seed: int, noise: float = 1.0, **switches
) -> tuple[np.ndarray, np.ndarray]:
    """Draw hands as a tracker would see them: what the shipped landmark model learns from.

    Half of them are mirrored. ``switches`` go to `hand.sample_landmarks`; ``noise`` multiplies the
    tracker's jitter. Returns landmarks (count, 21, 3) float32 and labels (count,) int64: index
    into the static letters, or 24 for a hand that spells nothing.
    """
    rng = np.random.default_rng([seed, 1])
    none = int(NEGATIVES * count)
    points, labels = sample_landmarks(STATIC_LETTERS, count - none, seed=seed, **switches)
    points = np.concatenate([points, sample_negatives(none, seed=seed).image])
    labels = np.concatenate([labels, np.full(none, len(STATIC_LETTERS))])
    points = add_tracker_noise(points, rng, jitter=0.015 * noise)
    points[rng.random(count) < 0.5, :, 0] *= -1
    order = rng.permutation(count)
    return points[order], labels[order]


def add_tracker_noise(
    points: np.ndarray,
    rng: np.random.Generator,
    measured: bool = True,
    jitter: float = 0.015,
    flip: float = 0.01,
    stretch: float = 0.3,
) -> np.ndarray:
    """Return noisy copies of hands, (n, 21, 3) float32, in the coordinates of ``points``.

    Parameters
    ----------
    points:
        (n, 21, 3) image coordinates of square images, as ``hand.sample_landmarks`` gives them.
    rng:
        The generator; the same state gives the same noise.
    measured:
        Whether to add the errors that the tracker made on a drawn hand in a similar pose.
    jitter:
        Standard deviation of a landmark, in palm lengths; tips get more, knuckles less, and half
        of it moves a finger as a whole.
    flip:
        Share of hands read inside out: z changes its sign, as when the tracker takes the back of
        a right hand for the palm of a left one.
    stretch:
        Standard deviation of the log of the image's aspect; 0 keeps images square.
    """
    noisy = np.array(points, dtype=np.float32)
    n = len(noisy)
    wrist = noisy[:, :1].copy()
    noisy -= wrist
    palm = landmarks.palm_length(noisy)[:, None, None]
    if measured:
        _add_measured(noisy, palm, rng)
    _swap(noisy, rng)
    _collapse(noisy, rng)

    normal = rng.standard_normal
    fingers = np.repeat(normal((n, 5, 3), dtype=np.float32), 4, axis=1)
    own = normal((n, 21, 3), dtype=np.float32)
    own[:, 1:] = np.sqrt(0.5) * (own[:, 1:] + fingers)
    # Pictures differ in how well they can be read: the noise's size is drawn for each hand.
    size = jitter * np.exp(0.5 * normal((n, 1, 1), dtype=np.float32))
    own[..., 2] *= 1 + 3 * _DEPTH
    noisy += palm * size * _ALONG[:, None] * own

    scale = np.exp(_DEPTH * normal((n, 1), dtype=np.float32))
    slope = 0.5 * _DEPTH * normal((n, 2), dtype=np.float32)
    tilt = slope[:, :1] * noisy[..., 0] + slope[:, 1:] * noisy[..., 1]
    noisy[..., 2] = scale * noisy[..., 2] + tilt
    noisy[rng.random(n) < flip, :, 2] *= -1
    noisy[..., 1] *= np.exp(stretch * normal((n, 1), dtype=np.float32))
    return noisy + wrist


@lru_cache(maxsize=1)
def _errors() -> tuple[np.ndarray, np.ndarray]:
    """Return measured poses and errors, (m, 21, 3) float32 each, right hands, in palm lengths."""
    with np.load(project_data() / "samples" / "tracker_errors.npz", allow_pickle=False) as file:
        pose, error = file["pose"].astype(np.float32), file["error"].astype(np.float32)
    return POSE_STEP * pose, ERROR_STEP * error


def _add_measured(noisy: np.ndarray, palm: np.ndarray, rng: np.random.Generator) -> None:
    """Add to each hand the errors of a measured one near to it; wrist at the origin."""
    poses, errors = _errors()
    measured = (poses * _DEPTH_COUNTS).reshape(len(poses), -1)
    lengths = (measured**2).sum(axis=1)
    side = np.where(landmarks.right_handedness(noisy) < 0, -1, 1).astype(np.float32)
    mirror = np.ones((len(noisy), 1, 3), np.float32)
    mirror[:, 0, 0] = side
    wanted = (noisy / np.maximum(palm, 1e-6) * mirror * _DEPTH_COUNTS).reshape(len(noisy), -1)
    near = min(_NEAREST, len(poses) - 1)
    for start in range(0, len(noisy), _CHUNK):
        part = slice(start, start + _CHUNK)
        # Squared distances less what all candidates of a hand share.
        apart = lengths - 2 * wanted[part] @ measured.T
        nearest = np.argpartition(apart, near, axis=1)[:, :near]
        chosen = nearest[np.arange(len(nearest)), rng.integers(0, near, len(nearest))]
        noisy[part] += errors[chosen] * mirror[part] * palm[part]


def _swap(noisy: np.ndarray, rng: np.random.Generator) -> None:
    """Let two neighbouring fingers, PIP to tip, change places in some of the hands."""
    hands = np.flatnonzero(rng.random(len(noisy)) < _SWAP)
    first = rng.integers(1, 4, len(hands))
    one, other = _FINGERS[first, 1:], _FINGERS[first + 1, 1:]
    rows = hands[:, None]
    noisy[rows, one], noisy[rows, other] = noisy[rows, other], noisy[rows, one]


def _collapse(noisy: np.ndarray, rng: np.random.Generator) -> None:
    """Lay one finger, PIP to tip, partly onto a neighbour in some of the hands."""
    hands = np.flatnonzero(rng.random(len(noisy)) < _COLLAPSE)
    finger = rng.integers(0, 5, len(hands))
    step = np.where(finger == 0, 1, np.where(finger == 4, -1, rng.choice([-1, 1], len(hands))))
    rows, part = hands[:, None], rng.uniform(0.3, 0.9, (len(hands), 1, 1)).astype(np.float32)
    here, there = _FINGERS[finger, 1:], _FINGERS[finger + step, 1:]
    noisy[rows, here] += part * (noisy[rows, there] - noisy[rows, here])
