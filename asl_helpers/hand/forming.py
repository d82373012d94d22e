"""From a row of the pose table to one person's hand: deviations, and fingers kept apart."""

import numpy as np

from asl_helpers.hand import contact, skeleton
from asl_helpers.hand.people import People

# Standard deviations in degrees. A person's habit is the same in every sign; the rest is drawn
# anew. Fingers bend together more than apart.
_HABIT, _TOGETHER, _APART = 3.0, 5.0, 4.0
_CALM = (1.0, 0.9, 0.7, 0.5)  # sizes of deviation, tried until no finger passes another
_NUDGES = 6
_PIECE = 200  # hands whose overlaps are found at a time: they fit the processor's cache
# Each hinge of the thumb and the knuckles of index and middle finger, a little less or more.
_NUDGE = np.concatenate(
    [sign * 6 * np.eye(21, dtype=np.float32)[[0, 1, 2, 3, 4, 5, 9]] for sign in (-1, 1)]
)
_SPREAD_SHARE = 0.35  # sideways hinges vary less than bending ones

_IS_SPREAD = np.array([name.endswith("spread") for name in skeleton.ANGLES])
_IS_THUMB = np.array([name.startswith("thumb") for name in skeleton.ANGLES])


def form(
    base: np.ndarray,
    crowd: People,
    person: np.ndarray,
    rng: np.random.Generator,
    *,
    jitter: bool = True,
) -> np.ndarray:
    """Return joints (n, 21, 3) in the hand frame, angles drawn around ``base`` (n, 21).

    Where fingers would pass through each other the angles are drawn again, each time nearer to
    the table. Then single hinges give way.
    """
    angles = base.copy()
    joints = np.empty((len(base), 21, 3), np.float32)
    todo = np.arange(len(base))
    for size in _CALM if jitter else (0.0,):
        who = person[todo]
        angles[todo] = skeleton.clamp(
            base[todo] + size * _angle_noise(crowd.habit[who], rng) if size else base[todo]
        )
        joints[todo] = skeleton.forward(angles[todo], crowd.lengths[who], crowd.bases[who])
        todo = todo[_overlap(joints[todo], crowd.flesh[who]) > contact.GIVE]
    # What is left lies in the proportions: one hinge gives way, a few degrees at a time.
    for _ in range(_NUDGES):
        if not len(todo):
            break
        who = person[todo].repeat(len(_NUDGE))
        tried = skeleton.clamp((angles[todo, None] + _NUDGE).reshape(-1, 21))
        places = skeleton.forward(tried, crowd.lengths[who], crowd.bases[who])
        through = _overlap(places, crowd.flesh[who]).reshape(len(todo), -1)
        best = through.argmin(axis=1) + len(_NUDGE) * np.arange(len(todo))
        angles[todo], joints[todo] = tried[best], places[best]
        todo = todo[through.min(axis=1) > contact.GIVE]
    return joints


def _overlap(joints: np.ndarray, flesh: np.ndarray) -> np.ndarray:
    """Return the worst overlap of each hand, (n,)."""
    pieces = [slice(start, start + _PIECE) for start in range(0, len(joints), _PIECE)]
    worst = [contact.overlap(joints[piece], flesh[piece]).max(axis=1) for piece in pieces]
    return np.concatenate(worst) if worst else np.zeros(0, np.float32)


def _angle_noise(habit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return deviations (n, 21) in degrees: habit, a common tightness, and each hinge's own."""
    n = len(habit)
    noise = _HABIT * habit + _APART * rng.standard_normal((n, 21), np.float32)
    together = _TOGETHER * rng.standard_normal((n, 1), np.float32)
    noise += np.where(_IS_THUMB | _IS_SPREAD, 0, together)
    return np.where(_IS_SPREAD & ~_IS_THUMB, _SPREAD_SHARE * noise, noise).astype(np.float32)
