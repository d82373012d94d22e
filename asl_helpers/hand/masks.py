"""Masks drawn from landmarks: where the hand is, and its skeleton on black."""

import numpy as np
from PIL import Image, ImageDraw

from asl_helpers.hand.body import BONES

_FINE = 4  # samples of a silhouette's pixel, a side
_PALM = (0, 1, 2, 5, 9, 13, 17)
_ACROSS = ((5, 9), (9, 13), (13, 17), (0, 17))
_FLESH, _THUMB = 0.1, 0.15  # a silhouette's radii in palm lengths
_BONE = 0.035  # width of a skeleton's bone, share of the mask's side


def silhouettes(points: np.ndarray, size: int) -> np.ndarray:
    """Return the share of each pixel that is hand, float32 (n, size, size, 1) from 0 to 1.

    Bones are drawn as thick as flesh, with the palm between them; the arm is left out. ``points``
    are (n, 21, 3) in shares of a square image. A hand that was not found (NaN) gives ones: all of
    its image is to stay.
    """
    masks = np.ones((len(points), size, size, 1), np.float32)
    for row in np.flatnonzero(np.isfinite(points).all(axis=(1, 2))):
        masks[row, ..., 0] = _silhouette(np.asarray(points[row, :, :2], np.float32), size)
    return masks


def _silhouette(points: np.ndarray, size: int) -> np.ndarray:
    fine = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(fine)
    joints = points * size * _FINE
    palm = float(np.linalg.norm(joints[[5, 9, 13, 17]] - joints[0], axis=1).max())
    pen.polygon([tuple(joints[joint]) for joint in _PALM], fill=255)
    for start, end in (*BONES, *_ACROSS):
        radius = palm * (_THUMB if start in (0, 1) else _FLESH)
        pen.line([tuple(joints[start]), tuple(joints[end])], fill=255, width=round(2 * radius))
        for x, y in joints[[start, end]]:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    return np.asarray(fine.resize((size, size), Image.Resampling.BOX), np.float32) / 255


def skeleton_mask(points: np.ndarray, size: int = 64) -> np.ndarray:
    """Return skeletons on black and their mirror images, uint8 of shape (n, size, size, 2).

    They show neither skin nor room nor clothes: a network that reads them cannot learn these.
    ``points`` (n, 21, 3) have one unit in x and y (`landmarks.normalise` sees to it); z is not
    drawn. The hand fills 84 % of the longer side; a bone is 3.5 % of it wide. Each
    finger has its own grey, so that crossed fingers stay apart; edges are smooth.
    """
    flat = np.asarray(points, np.float32)[..., :2]
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    extent = np.maximum((high - low).max(axis=-1, keepdims=True), 1e-6)
    placed = ((flat - (low + high) / 2) / extent * 0.84 + 0.5) * size
    masks = np.empty((len(placed), size, size, 2), np.uint8)
    for start in range(0, len(placed), 256):  # a batch at a time, for memory
        masks[start : start + 256, ..., 0] = _bones(placed[start : start + 256], size)
    masks[..., 1] = masks[:, :, ::-1, 0]
    return masks


def _bones(placed: np.ndarray, size: int) -> np.ndarray:
    """Return uint8 (n, size, size): each pixel takes the brightest bone that covers it."""
    centres = np.arange(size, dtype=np.float32) + 0.5
    x, y = centres[None, None, :], centres[None, :, None]
    canvas = np.zeros((len(placed), size, size), np.float32)
    half = max(_BONE * size / 2, 0.6)
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
