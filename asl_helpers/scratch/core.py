"""What all modules here share: the error, and floating arrays."""

import numpy as np

from asl_helpers.errors import AslError


class ScratchError(AslError):
    """Shapes or settings with which an operation cannot be computed."""


def real(array: np.ndarray) -> np.ndarray:
    """Return floating numbers: products of uint8 pixels would wrap around at 256."""
    array = np.asarray(array)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
