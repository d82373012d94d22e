"""Whether fingers pass through each other or the palm: bones as capsules of flesh.

A capsule is all points nearer to a bone than its flesh radius. Flesh gives way, so two fingers
that press on each other may overlap by a share of their radii; a finger that overlaps by more has
gone through.
"""

import numpy as np

from asl_helpers.hand.skeleton import BONES

GIVE = 0.35
"""Share of two touching radii by which flesh may overlap."""

_STARTS, _ENDS = (np.array(side) for side in zip(*BONES, strict=True))


def _pairs() -> tuple[np.ndarray, np.ndarray]:
    """List the pairs of bones that must stay apart, as indices into `skeleton.BONES`.

    Bones of one finger cannot meet. Bones inside the palm share its flesh, and so does the ball
    of the thumb.
    """
    inside = {0, 1, 4, 8, 12, 16}
    return tuple(
        np.array(side)
        for side in zip(
            *(
                (a, b)
                for a in range(20)
                for b in range(a + 1, 20)
                if a // 4 != b // 4 and not {a, b} <= inside and not {*BONES[a]} & {*BONES[b]}
            ),
            strict=True,
        )
    )


_FIRST, _SECOND = _pairs()


def overlap(joints: np.ndarray, flesh: np.ndarray) -> np.ndarray:
    """Return how far bones run into each other, (n, pairs) float32, as shares of their radii.

    0 or less: they do not touch; 1: the bones themselves cross.

    Parameters
    ----------
    joints:
        (n, 21, 3) in any unit.
    flesh:
        (n, 21) radii in the same unit.
    """
    # One row a coordinate and pair: long contiguous arrays are what NumPy is fast at.
    points = np.ascontiguousarray(joints.transpose(2, 1, 0))
    start, along = points[:, _STARTS], points[:, _ENDS] - points[:, _STARTS]
    square = np.maximum(_dot(along, along), 1e-9)
    radius = np.ascontiguousarray(flesh.T)
    narrow, taper = radius[_STARTS], radius[_ENDS] - radius[_STARTS]

    gap = start[:, _FIRST] - start[:, _SECOND]
    first, second = along[:, _FIRST], along[:, _SECOND]
    a, e = square[_FIRST], square[_SECOND]
    b, c, f = _dot(first, second), _dot(first, gap), _dot(second, gap)
    # Closest points of two segments (Ericson, Real-Time Collision Detection, 2005, 5.1.9).
    s = _share((b * f - c * e) / np.maximum(a * e - b * b, 1e-9))
    t = _share((b * s + f) / e)
    s = _share((b * t - c) / a)
    gap += s * first - t * second
    reach = narrow[_FIRST] + s * taper[_FIRST] + narrow[_SECOND] + t * taper[_SECOND]
    return (1 - np.sqrt(_dot(gap, gap)) / reach).T


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the scalar products over the first axis."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _share(values: np.ndarray) -> np.ndarray:
    """Move values into 0..1, in place."""
    return np.clip(values, 0, 1, out=values)
