"""Hands that spell nothing: at rest, on their way from one letter to the next, in any shape.

A recogniser that only ever sees letters calls every hand a letter. These are the counterexamples.
"""

import numpy as np

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand import skeleton
from asl_helpers.hand.people import LEFT_HANDED, sample_people
from asl_helpers.hand.poses import POSES, variants
from asl_helpers.hand.sampling import SIGNS_PER_PERSON, HandBatch, photograph

# An open hand, a relaxed one, a flat one with the thumb along it, a loose grip, a hanging hand.
_REST = np.array(
    [
        [50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0],
        [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12],
        [20, 10, 10, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [40, 35, 25, 15, 20, 45, 3, 45, 20, 48, 0, 45, 20, 50, -3, 45, 20, 52, -6, 42, 20],
    ],
    np.float32,
)
_NEAR = 0.26
"""A shape nearer than this to a letter's (mean joint distance, palm lengths) may be that letter."""


def sample_negatives(n: int, seed: int = 0, *, left_share: float = LEFT_HANDED) -> HandBatch:
    """Draw ``n`` hands that are none of the 24 static letters, labels all 0.

    A quarter are at rest or an interface class (space, del), a half between two letters, a quarter
    in a random shape; the last two only where the shape is far enough from every letter's.
    """
    rng = np.random.default_rng(seed)
    angles, wrist = (np.concatenate(parts) for parts in zip(*_kinds(n, rng), strict=True))
    order = rng.permutation(n)
    crowd = sample_people(max(1, -(-n // SIGNS_PER_PERSON)), rng, left_share=left_share)
    return photograph(np.zeros(n, np.int64), angles[order], wrist[order], crowd, rng)


def _kinds(n: int, rng: np.random.Generator):
    """Yield angles (k, 21) and wrist turns (k, 3) of each kind, n in all."""
    rest, random = n // 4, n // 4
    rows = [*variants("space"), *variants("del")]
    shapes = np.concatenate([_REST, [row.angles for row in rows]])
    turns = [[[-60, 60], [-30, 40], [-180, 180]]] * len(_REST) + [row.wrist for row in rows]
    chosen = rng.integers(0, len(shapes), rest)
    yield shapes[chosen], _within(np.array(turns, np.float32)[chosen], rng)

    low, high = np.array(list(skeleton.LIMITS.values()), np.float32).T
    anywhere = np.array([[-180, 180], [-40, 60], [-180, 180]], np.float32)

    def whatever(k: int) -> tuple[np.ndarray, np.ndarray]:
        angles = rng.uniform(low, high, (k, 21)).astype(np.float32)
        return angles, _within(np.broadcast_to(anywhere, (k, 3, 2)), rng)

    yield _far(random, whatever)

    letters = [row for row in POSES if row.name in STATIC_LETTERS]
    shapes = np.stack([row.angles for row in letters])
    turns = np.stack([row.wrist for row in letters])

    def between(k: int) -> tuple[np.ndarray, np.ndarray]:
        one, other = rng.integers(0, len(letters), (2, k))
        share = rng.uniform(0.3, 0.7, (k, 1)).astype(np.float32)
        start, end = _within(turns[one], rng), _within(turns[other], rng)
        end = start + (end - start + 180) % 360 - 180  # the shorter way round
        return shapes[one] + share * (shapes[other] - shapes[one]), start + share * (end - start)

    yield _far(n - rest - random, between)


def _within(ranges: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw wrist turns (k, 3) from ranges (k, 3, 2)."""
    share = rng.random(ranges.shape[:-1], np.float32)
    return (ranges[..., 0] + share * (ranges[..., 1] - ranges[..., 0])).astype(np.float32)


def _far(count: int, draw) -> tuple[np.ndarray, np.ndarray]:
    """Call ``draw(k)`` until ``count`` of its shapes lie far from every letter's."""
    letters = skeleton.forward(
        np.stack([row.angles for row in POSES if row.name in STATIC_LETTERS])
    ).reshape(-1, 63)
    angles, wrist = draw(0)
    while len(angles) < count:
        more, turns = draw(2 * (count - len(angles)) + 8)
        shapes = skeleton.forward(skeleton.clamp(more)).reshape(-1, 63)
        # Squared distances by the binomial formula: no (k, letters, 63) array is made.
        square = (shapes**2).sum(1)[:, None] + (letters**2).sum(1) - 2 * shapes @ letters.T
        far = np.sqrt(square.min(axis=1).clip(0) / 21) > _NEAR
        angles, wrist = np.concatenate([angles, more[far]]), np.concatenate([wrist, turns[far]])
    return angles[:count], wrist[:count]
