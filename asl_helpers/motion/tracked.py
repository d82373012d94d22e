"""What a tracker makes of true landmarks in time: it errs, trembles, and loses the hand.

It does so more where the hand is fast and the picture blurred: then a finger may curl that is
straight, or there may be no hand at all.
"""

import numpy as np

from asl_helpers.tracker_noise import add_tracker_noise

_KNOT = 0.12  # seconds over which the tracker's tremble changes
_STRETCH = 0.15  # log of the picture's aspect: not every picture is square
_FLOOR = (1.5, 3.2)  # palm lengths below the usual place at which the picture ends


def tracked(
    points: np.ndarray,
    moment: np.ndarray,
    who: np.ndarray,
    n: int,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add a tracker's errors: those of a pose change slowly, a tremble changes fast.

    Parameters
    ----------
    points:
        (m, 21, 3) float32 image coordinates of the frames of ``n`` clips, clip after clip.
    moment, who:
        (m,) each frame's time, seconds, and clip.
    noise:
        A factor of all errors.
    """
    slow, at_slow, share_slow = _knots(moment, who, n, 3 * _KNOT)
    nearest = np.searchsorted(at_slow, np.arange(slow)).clip(0, len(points) - 1)
    hands = points[nearest]
    errors = noise * (add_tracker_noise(hands, rng, jitter=0.01, stretch=0, flip=0) - hands)
    wrong = errors[at_slow] + share_slow * (errors[at_slow + 1] - errors[at_slow])
    fast, at_fast, share_fast = _knots(moment, who, n, _KNOT)
    tremble = rng.standard_normal((fast + 1, 21, 3), np.float32)
    shake = tremble[at_fast] + share_fast * (tremble[at_fast + 1] - tremble[at_fast])
    shake += 0.5 * rng.standard_normal(shake.shape, np.float32)
    shake += rng.standard_normal((fast + 1, 1, 3), np.float32)[at_fast]  # the hand as a whole
    palm = _palm(points)[:, None, None]
    size = 0.012 * noise * np.exp(0.6 * rng.standard_normal((n, 1, 1), np.float32))
    speed = _speed(points, moment, who)
    points = points + wrong + palm * size[who] * shake
    _curl(points, speed, who, n, noise, rng)
    points[..., 1] *= np.exp(_STRETCH * rng.standard_normal((n, 1), np.float32))[who]
    return points


def lost(
    points: np.ndarray,
    places: np.ndarray,
    moment: np.ndarray,
    who: np.ndarray,
    n: int,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mark (m,) the frames in which there is no hand: lost for one to four frames, or far down.

    ``places`` (m, 2) are the wrist's, palm lengths; the rest is as in `tracked`.
    """
    speed = _speed(points, moment, who)
    often = np.where(rng.random(n) < 0.5, 0, 0.03 * rng.exponential(size=n))[who]
    blur = np.clip((speed - 5) / 60, 0, 0.15) * (rng.random(n) < 0.5)[who]
    gone = _spells(noise * (often + blur), who, rng)
    return gone | (places[:, 1] > rng.uniform(*_FLOOR, n)[who])


def _curl(
    points: np.ndarray,
    speed: np.ndarray,
    who: np.ndarray,
    n: int,
    noise: float,
    rng: np.random.Generator,
) -> None:
    """Shorten one finger of a fast hand for one to four frames, in place."""
    chance = np.clip((speed - 2) / 40, 0, 0.15) * (rng.random(n) < 0.5)[who]
    rows = np.flatnonzero(_spells(noise * chance, who, rng))
    # A clip's blurred finger is always the same one, mostly one that points.
    finger = rng.choice(5, n, p=[0.1, 0.4, 0.15, 0.1, 0.25])[who[rows]]
    left = rng.uniform(0, 0.7, n)[who[rows]].astype(np.float32)[:, None, None]
    joints = 4 * finger[:, None] + [2, 3, 4]
    base = points[rows, 4 * finger + 1][:, None]
    points[rows[:, None], joints] = base + left * (points[rows[:, None], joints] - base)


def _palm(points: np.ndarray) -> np.ndarray:
    """Return (m,) from WRIST to MIDDLE_FINGER_MCP in the picture."""
    return np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1)


def _speed(points: np.ndarray, moment: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Return (m,) the wrist's speed since the frame before, palm lengths a second."""
    same = np.diff(who, prepend=-1) == 0
    step = np.linalg.norm(np.diff(points[:, 0, :2], axis=0, prepend=points[:1, 0, :2]), axis=-1)
    seconds = np.maximum(np.diff(moment, prepend=0), 5e-3)
    return np.where(same, step / (_palm(points) * seconds), 0)


def _spells(chance: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mark (m,) frames in spells of one to four, each begun by chance within one clip."""
    begun = rng.random(len(who)) < chance
    marked = begun.copy()
    length = rng.integers(1, 5, len(who))
    for later in range(1, 4):
        marked[later:] |= begun[:-later] & (length[:-later] > later) & (who[later:] == who[:-later])
    return marked


def _knots(
    moment: np.ndarray, who: np.ndarray, n: int, seconds: float
) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the number of knots, each frame's last knot and how far it is to the next one."""
    exact = moment.clip(0) / seconds
    within = exact.astype(int)
    last = np.zeros(n, int)
    np.maximum.at(last, who, within)
    first = np.concatenate([[0], np.cumsum(last + 2)])
    return int(first[-1]), first[who] + within, (exact - within).astype(np.float32)[:, None, None]
