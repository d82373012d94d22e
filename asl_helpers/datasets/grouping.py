"""Which pictures are the same picture twice: near-copies that a split must not part.

Sign Language MNIST is the reason. Its rows are 1,704 photographs, each repeated about twenty times
with another brightness, contrast, blur or a turn of a few degrees, and shuffled. Undoing brightness
and contrast shows it: within a class, the correlation of two rows is either above 0.97 (the same
photograph) or mostly far below 0.95.
"""

import numpy as np

SAME_PHOTO = 0.95
"""Two pictures of a class with at least this correlation count as copies of one photograph."""


def fingerprints(images: np.ndarray, side: int = 28) -> np.ndarray:
    """Return unit vectors, float32 (n, pixels), whose dot products are correlations of pictures.

    Parameters
    ----------
    images:
        uint8 of shape (n, height, width, channels).
    side:
        Larger pictures are averaged down to about this many pixels a side.

    Brightness (the mean) and contrast (the length) are taken out, so that a brighter copy of a
    picture has the same fingerprint.
    """
    images = np.asarray(images)
    step = max(1, min(images.shape[1:3]) // side)
    rows, columns = (images.shape[1] // step, images.shape[2] // step)
    cut = images[:, : rows * step, : columns * step]
    small = cut.reshape(len(images), rows, step, columns, step, -1).mean((2, 4, 5), np.float32)
    flat = small.reshape(len(images), -1)
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.maximum(length, 1e-6)


def near_copies(
    images: np.ndarray, labels: np.ndarray, threshold: float = SAME_PHOTO
) -> np.ndarray:
    """Number the photographs behind the pictures: equal numbers are copies of one photograph.

    Parameters
    ----------
    images:
        uint8 of shape (n, height, width, channels).
    labels:
        int64 of shape (n,); only pictures of one class are compared.
    threshold:
        The smallest correlation of two copies. Chains count: if a is a copy of b and b of c, all
        three share a number, so that no near pair can be parted.

    Returns
    -------
    int64 of shape (n,).
    """
    groups = np.empty(len(labels), np.int64)
    first = 0
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        prints = fingerprints(images[places])
        components = _components(prints @ prints.T >= threshold)
        groups[places] = components + first
        first += components.max() + 1
    return groups


def _components(linked: np.ndarray) -> np.ndarray:
    """Number the connected components of a symmetric boolean matrix from 0, int64 (n,)."""
    number = np.full(len(linked), -1, np.int64)
    found = 0
    for start in range(len(linked)):
        if number[start] >= 0:
            continue
        reached = np.zeros(len(linked), bool)
        edge = np.array([start])
        while edge.size:
            reached[edge] = True
            edge = np.flatnonzero(linked[edge].any(axis=0) & ~reached)
        number[reached] = found
        found += 1
    return number
