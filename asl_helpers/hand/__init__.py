"""A hand that makes its own training data: joints, letters, people, cameras, images.

>>> from asl_helpers import hand
>>> landmarks, labels = hand.sample_landmarks("ABC", 6, seed=1)
>>> landmarks.shape
(6, 21, 3)
"""

from importlib import import_module

# Each module loads with its first use: landmarks alone do not need the renderer.
_NAMES = {
    "body": ("BONES", "JOINTS"),
    "poses": ("variants",),
    "sampling": ("pose", "sample_hands", "sample_landmarks", "sample_negatives"),
    "rendering": ("render",),
    "drawing": ("draw", "draw_scenes", "sample_clips", "sample_images"),
    "masks": ("silhouettes", "skeleton_mask"),
    "signing": ("sample_motion",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = list(_MODULES)


def __getattr__(name: str):
    """Import a function with its module at its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module 'asl_helpers.hand' has no attribute {name!r}")
    return getattr(import_module(f"asl_helpers.hand.{_MODULES[name]}"), name)
