"""The mistakes a hand tracker makes, added to perfect landmarks so that a recogniser meets them.

A drawn hand knows where each joint is; a tracker guesses. Fingertips jitter, a hidden finger is
laid onto its neighbour, two crossed fingers change places, depth is off in scale and slope.
"""

import numpy as np

_FINGERS = np.arange(1, 21).reshape(5, 4)  # landmarks of thumb, index ... little finger
_ALONG = np.concatenate([[0.4], np.tile([0.55, 0.75, 0.95, 1.25], 5)]).astype(np.float32)


def add_tracker_noise(
    points: np.ndarray,
    rng: np.random.Generator,
    jitter: float = 0.03,
    depth: float = 0.3,
    swap: float = 0.04,
    collapse: float = 0.08,
    flip: float = 0.02,
    stretch: float = 0.3,
) -> np.ndarray:
    """Return noisy copies of hands, (n, 21, 3) float32, in the coordinates of ``points``.

    Parameters
    ----------
    points:
        (n, 21, 3) image coordinates, as ``hand.sample_landmarks`` gives them.
    rng:
        The generator; the same state gives the same noise.
    jitter:
        Standard deviation of a landmark, in palm lengths; tips get more, knuckles less, and half
        of it moves a finger as a whole.
    depth:
        How wrong z is: standard deviation of its log scale; slopes and errors follow it.
    swap, collapse:
        Share of hands in which two neighbouring fingers change places from their middle joints on,
        or in which a finger is laid partly onto its neighbour.
    flip:
        Share of hands read inside out: z changes its sign, as when the tracker takes the back of
        a right hand for the palm of a left one.
    stretch:
        Standard deviation of the log of the picture's aspect; 0 keeps pictures square.
    """
    noisy = np.array(points, dtype=np.float32)
    n = len(noisy)
    wrist = noisy[:, :1].copy()
    noisy -= wrist
    palm = np.sqrt((noisy[:, [5, 9, 13, 17]] ** 2).sum(axis=-1).mean(axis=1))[:, None, None]

    _swap(noisy, rng, swap)
    _collapse(noisy, rng, collapse)

    normal = rng.standard_normal
    fingers = np.repeat(normal((n, 5, 3), dtype=np.float32), 4, axis=1)
    own = normal((n, 21, 3), dtype=np.float32)
    own[:, 1:] = np.sqrt(0.5) * (own[:, 1:] + fingers)
    # Pictures differ in how well they can be read: the noise's size is drawn for each hand.
    size = jitter * np.exp(0.5 * normal((n, 1, 1), dtype=np.float32))
    own[..., 2] *= 1 + 3 * depth
    noisy += palm * size * _ALONG[:, None] * own

    scale = np.exp(depth * normal((n, 1), dtype=np.float32))
    slope = 0.5 * depth * normal((n, 2), dtype=np.float32)
    tilt = slope[:, :1] * noisy[..., 0] + slope[:, 1:] * noisy[..., 1]
    noisy[..., 2] = scale * noisy[..., 2] + tilt
    noisy[rng.random(n) < flip, :, 2] *= -1
    if stretch:
        noisy[..., 1] *= np.exp(stretch * normal((n, 1), dtype=np.float32))
    return noisy + wrist


def _swap(noisy: np.ndarray, rng: np.random.Generator, share: float) -> None:
    """Let two neighbouring fingers, PIP to tip, change places in a share of the hands."""
    hands = np.flatnonzero(rng.random(len(noisy)) < share)
    first = rng.integers(1, 4, len(hands))
    one, other = _FINGERS[first, 1:], _FINGERS[first + 1, 1:]
    rows = hands[:, None]
    noisy[rows, one], noisy[rows, other] = noisy[rows, other], noisy[rows, one]


def _collapse(noisy: np.ndarray, rng: np.random.Generator, share: float) -> None:
    """Lay one finger, PIP to tip, partly onto a neighbour in a share of the hands."""
    hands = np.flatnonzero(rng.random(len(noisy)) < share)
    finger = rng.integers(0, 5, len(hands))
    step = np.where(finger == 0, 1, np.where(finger == 4, -1, rng.choice([-1, 1], len(hands))))
    rows, part = hands[:, None], rng.uniform(0.3, 0.9, (len(hands), 1, 1)).astype(np.float32)
    here, there = _FINGERS[finger, 1:], _FINGERS[finger + step, 1:]
    noisy[rows, here] += part * (noisy[rows, there] - noisy[rows, here])
