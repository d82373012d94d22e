"""From the hand frame to the picture: wrist turns, the camera's place, perspective."""

import numpy as np

from asl_helpers.hand.skeleton import rotation


def wrist_rotation(turns: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of wrist turns (n, 3): ``point``, ``tilt``, ``palm`` in degrees."""
    point, tilt, palm = np.asarray(turns, np.float32).T
    # In the hand frame the fingers lie along -y: first roll about it, then lean, then point.
    return rotation("z", point) @ rotation("x", tilt) @ rotation("y", palm)


def view_rotation(views: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of camera views (n, 3): azimuth, elevation, roll in degrees.

    A positive azimuth moves the camera to its right, a positive elevation moves it up.
    """
    azimuth, elevation, roll = np.asarray(views, np.float32).T
    return rotation("z", roll) @ rotation("x", elevation) @ rotation("y", azimuth)


def rotate(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Turn points (n, k, 3) by matrices (n, 3, 3); returns (n, k, 3)."""
    return points @ matrices.transpose(0, 2, 1)


def project(
    joints: np.ndarray, distance: np.ndarray, scale: np.ndarray, wrist_at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Project joints (n, k, 3) into a square picture.

    Parameters
    ----------
    joints:
        Camera-facing coordinates in palm lengths, the wrist at the origin.
    distance:
        (n,) camera to wrist, palm lengths; small values exaggerate perspective.
    scale:
        (n,) one palm length at the wrist's depth, in widths of the picture.
    wrist_at:
        (n, 2) where the wrist appears, in widths of the picture.

    Returns
    -------
    image:
        (n, k, 3) float32: x and y in 0..1 inside the picture; z in the same unit, 0 at the wrist,
        negative nearer the camera (MediaPipe's convention).
    magnification:
        (n, k) float32: picture widths per palm length at each joint.
    """
    depth = np.maximum(distance[:, None] + joints[..., 2], 0.5)
    magnification = scale[:, None] * distance[:, None] / depth
    image = np.empty_like(joints)
    image[..., :2] = joints[..., :2] * magnification[..., None] + wrist_at[:, None]
    image[..., 2] = joints[..., 2] * scale[:, None]
    return image, magnification
