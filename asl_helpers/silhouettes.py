"""Where the hand is in a picture, from its landmarks: what a new background must leave alone."""

import numpy as np
from PIL import Image, ImageDraw

from asl_helpers.errors import AslError
from asl_helpers.hand.skeleton import BONES

_FINE = 4  # samples a pixel, a side
_PALM = (0, 1, 2, 5, 9, 13, 17)
_ACROSS = ((5, 9), (9, 13), (13, 17), (0, 17))
_FLESH, _THUMB = 0.1, 0.15  # radii in palm lengths


class SilhouetteError(AslError):
    """Landmarks that give no silhouette."""


def silhouettes(points: np.ndarray, size: int) -> np.ndarray:
    """Return the share of each pixel that is hand, float32 (n, size, size, 1) from 0 to 1.

    Bones are drawn as thick as flesh, with the palm between them; the arm is left out.

    Parameters
    ----------
    points:
        (n, 21, 3) in shares of a square picture. A hand that was not found (NaN) gives ones: all
        of its picture is to stay.
    size:
        Pixels a side.
    """
    points = np.asarray(points, np.float32)
    if points.ndim != 3 or points.shape[1:] != (21, 3) or size < 1:
        raise SilhouetteError(
            f"Expected landmarks (n, 21, 3) and a size in pixels, got {points.shape} and {size}."
        )
    found = np.ones((len(points), size, size, 1), np.float32)
    for row in np.flatnonzero(np.isfinite(points).all(axis=(1, 2))):
        found[row, ..., 0] = _silhouette(points[row, :, :2], size)
    return found


def _silhouette(points: np.ndarray, size: int) -> np.ndarray:
    fine = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(fine)
    places = points * size * _FINE
    palm = float(np.linalg.norm(places[[5, 9, 13, 17]] - places[0], axis=1).max())
    pen.polygon([tuple(places[joint]) for joint in _PALM], fill=255)
    for start, end in (*BONES, *_ACROSS):
        radius = palm * (_THUMB if start in (0, 1) else _FLESH)
        pen.line([tuple(places[start]), tuple(places[end])], fill=255, width=round(2 * radius))
        for x, y in places[[start, end]]:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    small = fine.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255
