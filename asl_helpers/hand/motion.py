"""Letters in time: J and Z draw their shape in the air, the other letters are held.

A path is written as the facing viewer sees a right hand: its J and Z are mirrored, for the signer
draws them for their own eyes. Source: the manual alphabet as described in current ASL
dictionaries; the little finger draws the J while the forearm turns the palm towards the signer,
the index finger draws the Z.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.hand import sampling, scene
from asl_helpers.hand.body import LEFT_HANDED, form, sample_people


@dataclass(frozen=True)
class Path:
    """Where the wrist goes and how it turns, at equal steps along the way.

    Attributes
    ----------
    place:
        (k, 2) palm lengths, x right and y down.
    turn:
        (k, 3) degrees added to the pose's ``point``, ``tilt`` and ``palm``.
    """

    place: np.ndarray
    turn: np.ndarray


PATHS = {
    "J": Path(
        np.array([[0, 0], [0, 0.5], [0.05, 0.9], [0.3, 1.1], [0.6, 0.95], [0.75, 0.6]]),
        np.array(
            [[0, 0, 0], [0, 15, 0], [0, 35, -35], [10, 45, -80], [15, 30, -120], [15, 10, -140]]
        ),
    ),
    "Z": Path(
        np.array([[0, 0], [-0.6, 0], [-1.2, 0], [-0.6, 0.5], [0, 1], [-0.6, 1], [-1.2, 1]]),
        np.array(
            [[0, 0, 0], [-4, 4, 0], [-8, 8, 0], [0, 12, 0], [8, 16, 0], [0, 16, 0], [-8, 16, 0]]
        ),
    ),
}
"""The letters that are a movement."""

_HOLD = Path(np.zeros((2, 2)), np.zeros((2, 3)))
_DRIFT, _SWAY = 0.05, 2.0  # how far a held hand wanders: palm lengths, degrees


def sample_motion(
    letters: Sequence[str],
    n: int,
    frames: int = 30,
    seed: int = 0,
    *,
    left_share: float = LEFT_HANDED,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``n`` sequences of landmarks, each letter equally often.

    Parameters
    ----------
    letters:
        Classes with a pose; those in `PATHS` move, the others are held.
    n, frames:
        Number of sequences and of pictures in each.
    seed:
        The same seed gives the same sequences.
    left_share:
        Share of left-handed people.

    Returns
    -------
    landmarks:
        (n, frames, 21, 3) float32 image coordinates; the whole way lies inside the picture.
    labels:
        (n,) int64, index into ``letters``.
    """
    letters = list(letters)
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n) % len(letters))
    angles, wrist = sampling.choose_variants(letters, label, rng, ways=True)
    crowd = sample_people(max(1, -(-n // sampling.SIGNS_PER_PERSON)), rng, left_share=left_share)
    person = np.arange(n) % len(crowd)
    joints = form(angles, crowd[person], rng)
    place, turn = _ways([letters[i] for i in label], frames, rng)

    wrist = wrist + sampling.WRIST_SPREAD * rng.standard_normal((n, 3), np.float32)
    view = scene.view_rotation(sampling.VIEW_SPREAD * rng.standard_normal((n, 3), np.float32))
    turns = scene.wrist_rotation((wrist[:, None] + turn).reshape(-1, 3))
    posed = scene.rotate(turns, joints.repeat(frames, axis=0)).reshape(n, frames, 21, 3)
    posed[..., :2] += place[:, :, None]
    posed = scene.rotate(view, posed.reshape(n, -1, 3))
    posed[crowd.left[person], :, 0] *= -1
    landmarks = _frame(posed, rng).reshape(n, frames, 21, 3)
    landmarks[..., 2] -= landmarks[:, :, :1, 2]
    return landmarks, label.astype(np.int64)


def _frame(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Project points (n, k, 3) into a square picture that holds all of them."""
    n = len(points)
    low, high = np.log(sampling.DISTANCE)
    # The way's nearest point keeps its distance from the camera.
    distance = np.exp(rng.uniform(low, high, n)).astype(np.float32) - points[..., 2].min(axis=1)
    flat, _ = scene.project(points, distance, np.ones(n, np.float32), np.zeros((n, 2)))
    start, end = flat[..., :2].min(axis=1), flat[..., :2].max(axis=1)
    fill = rng.uniform(*sampling.FILL, n).astype(np.float32)
    scale = fill / (end - start).max(axis=1)
    slack = (rng.random((n, 2), np.float32) - 0.5) * (1 - fill)[:, None]
    centre = 0.5 + slack - scale[:, None] * (start + end) / 2
    return scene.project(points, distance, scale, centre)[0]


def _ways(
    letters: list[str], frames: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return places (n, frames, 2) and turns (n, frames, 3): start, pace and size vary."""
    n = len(letters)
    time = np.linspace(0, 1, frames)
    first, last = rng.uniform(0, 0.2, n), rng.uniform(0.8, 1, n)
    done = np.clip((time - first[:, None]) / (last - first)[:, None], 0, 1)
    done = done ** np.exp(0.2 * rng.standard_normal((n, 1)))  # slower or faster at the start
    done = done + 0.5 * (done * done * (3 - 2 * done) - done)  # ease in and out
    size = np.exp(0.15 * rng.standard_normal((n, 1)))
    place, turn = np.empty((n, frames, 2)), np.empty((n, frames, 3))
    for row, letter in enumerate(letters):
        path = PATHS.get(letter.upper(), _HOLD)
        steps = np.linspace(0, 1, len(path.place))
        for axis in range(2):
            place[row, :, axis] = size[row] * np.interp(done[row], steps, path.place[:, axis])
        for axis in range(3):
            turn[row, :, axis] = size[row] * np.interp(done[row], steps, path.turn[:, axis])
    sway = np.sin(
        2 * np.pi * (rng.uniform(0.5, 2, (n, 1, 5)) * time[:, None] + rng.random((n, 1, 5)))
    )
    return (
        (place + _DRIFT * sway[..., :2]).astype(np.float32),
        (turn + _SWAY * sway[..., 2:]).astype(np.float32),
    )
