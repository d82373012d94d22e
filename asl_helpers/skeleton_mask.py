"""A hand's landmarks drawn as a skeleton on black, and the same picture mirrored.

The picture shows neither skin nor room nor clothes: a network that reads it cannot learn them.
"""

import numpy as np

from asl_helpers.hand.skeleton import BONES

_BATCH = 256


def skeleton_mask(points: np.ndarray, size: int = 64, width: float = 0.035) -> np.ndarray:
    """Return skeletons and their mirror pictures, uint8 of shape (n, size, size, 2).

    Parameters
    ----------
    points:
        (n, 21, 3) landmarks whose x and y have one unit (``landmarks.normalise`` sees to it);
        z is not drawn.
    size:
        Height and width in pixels; the hand fills 84 % of the longer side.
    width:
        Width of a bone as a share of ``size``. Each finger has its own grey, so that crossed
        fingers stay apart; edges are smooth.
    """
    flat = np.asarray(points, dtype=np.float32)[..., :2]
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    extent = np.maximum((high - low).max(axis=-1, keepdims=True), 1e-6)
    placed = ((flat - (low + high) / 2) / extent * 0.84 + 0.5) * size
    masks = np.empty((len(placed), size, size, 2), dtype=np.uint8)
    for start in range(0, len(placed), _BATCH):
        masks[start : start + _BATCH, ..., 0] = _draw(placed[start : start + _BATCH], size, width)
    masks[..., 1] = masks[:, :, ::-1, 0]
    return masks


def _draw(placed: np.ndarray, size: int, width: float) -> np.ndarray:
    """Return uint8 (n, size, size): each pixel takes the brightest bone that covers it."""
    centres = np.arange(size, dtype=np.float32) + 0.5
    x, y = centres[None, None, :], centres[None, :, None]
    canvas = np.zeros((len(placed), size, size), dtype=np.float32)
    half = max(width * size / 2, 0.6)
    for number, (start, end) in enumerate(BONES):
        a, b = placed[:, start, :, None, None], placed[:, end, :, None, None]
        along = b - a
        length = np.maximum((along**2).sum(axis=1), 1e-6)
        from_x, from_y = x - a[:, 0], y - a[:, 1]
        share = np.clip((from_x * along[:, 0] + from_y * along[:, 1]) / length, 0, 1)
        distance = np.hypot(from_x - share * along[:, 0], from_y - share * along[:, 1])
        cover = np.clip(half + 0.5 - distance, 0, 1)
        np.maximum(canvas, cover * (255 - 35 * (number // 4)), out=canvas)
    return canvas.astype(np.uint8)
