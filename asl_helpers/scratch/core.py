"""Floating arrays, which everything here computes with."""

import numpy as np


def real(array: np.ndarray) -> np.ndarray:
    """Return floating numbers: products of uint8 pixels would wrap around at 256."""
    array = np.asarray(array)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
