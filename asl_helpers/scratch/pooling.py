"""Pooling: the largest or the mean of each window, channel by channel."""

from collections.abc import Callable

import numpy as np

from asl_helpers.scratch.convolution import output_size, pad_widths
from asl_helpers.scratch.core import ScratchError, real


def max_pool(
    images: np.ndarray, size: int = 2, stride: int | None = None, padding: str | int = "valid"
) -> np.ndarray:
    """Return the largest value of each window: ``keras.layers.MaxPooling2D``.

    Y[m, n, c] = max over i, j < size of X[s m + i, s n + j, c]

    Parameters
    ----------
    images:
        (height, width), (height, width, channels) or (batch, height, width, channels), any real
        dtype.
    size:
        Side of the window in pixels.
    stride:
        Step in pixels; None takes ``size``, so that windows do not overlap, as Keras does.
    padding:
        ``"valid"``, ``"same"`` or a number of pixels. What is added never wins.

    Returns
    -------
    np.ndarray
        As many dimensions as ``images``, with the output's height and width; floating.

    Raises
    ------
    ScratchError
        If ``images`` has another number of dimensions, or size, stride or padding is impossible.
    """
    return _pool(images, size, stride, padding, np.max, -np.inf)


def average_pool(
    images: np.ndarray, size: int = 2, stride: int | None = None, padding: str | int = "valid"
) -> np.ndarray:
    """Return the mean of each window: ``keras.layers.AveragePooling2D``.

    Padded places do not count: at the border the mean is taken over the pixels that are there, as
    TensorFlow does. Arguments and errors as for ``max_pool``.
    """
    return _pool(images, size, stride, padding, np.nanmean, np.nan)


def global_average_pool(images: np.ndarray) -> np.ndarray:
    """Return one mean a channel: (batch, h, w, channels) to (batch, channels)."""
    return _checked(images).mean(axis=(1, 2))


def global_max_pool(images: np.ndarray) -> np.ndarray:
    """Return one maximum a channel: (batch, h, w, channels) to (batch, channels)."""
    return _checked(images).max(axis=(1, 2))


def _pool(
    images: np.ndarray,
    size: int,
    stride: int | None,
    padding: str | int,
    reduce: Callable[..., np.ndarray],
    filler: float,
) -> np.ndarray:
    images = real(images)
    if images.ndim not in (2, 3, 4):
        raise ScratchError(
            "Pooling takes (height, width), (height, width, channels) or a batch of the latter; "
            f"got shape {images.shape}."
        )
    stride = size if stride is None else stride
    rows = 1 if images.ndim == 4 else 0
    around = [(0, 0)] * images.ndim
    for axis in (rows, rows + 1):
        output_size(images.shape[axis], size, stride, padding)  # says what does not fit
        around[axis] = pad_widths(images.shape[axis], size, stride, padding)
    padded = np.pad(images, around, constant_values=filler)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (rows, rows + 1))
    steps = (slice(None),) * rows + (slice(None, None, stride),) * 2
    return reduce(windows[steps], axis=(-2, -1))


def _checked(images: np.ndarray) -> np.ndarray:
    images = real(images)
    if images.ndim != 4:
        raise ScratchError(
            f"Global pooling takes (batch, height, width, channels); got shape {images.shape}. Add "
            "the batch with images[np.newaxis]."
        )
    return images
