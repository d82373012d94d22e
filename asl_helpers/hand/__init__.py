"""A hand that makes its own training data: joints, letters, people, cameras, pictures.

>>> from asl_helpers import hand
>>> landmarks, labels = hand.sample_landmarks("ABC", 6, seed=1)
>>> landmarks.shape
(6, 21, 3)
"""

from importlib import import_module

from asl_helpers.hand.body import BONES, FINGERS, JOINTS
from asl_helpers.hand.motion import sample_motion
from asl_helpers.hand.poses import POSES, Pose, variants
from asl_helpers.hand.sampling import (
    HandBatch,
    pose,
    sample_hands,
    sample_landmarks,
    sample_negatives,
)

# The renderer loads with its first use: landmarks alone do not need it.
_LAZY = {
    "draw": "drawing",
    "draw_scenes": "drawing",
    "render": "rendering",
    "sample_clips": "drawing",
    "sample_images": "drawing",
    "silhouettes": "drawing",
    "skeleton_mask": "drawing",
}

__all__ = [
    "BONES",
    "FINGERS",
    "JOINTS",
    "POSES",
    "HandBatch",
    "Pose",
    "pose",
    "sample_hands",
    "sample_landmarks",
    "sample_motion",
    "sample_negatives",
    "variants",
    *_LAZY,
]


def __getattr__(name: str):
    """Import the drawing functions at their first use."""
    if name in _LAZY:
        return getattr(import_module(f"asl_helpers.hand.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'asl_helpers.hand' has no attribute {name!r}")
