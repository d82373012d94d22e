"""Chapter 2: the ReLU and pooling."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from asl_helpers.scratch.convolution import pad, real


def relu(x: np.ndarray) -> np.ndarray:
    """Return max(x, 0), value by value; any shape and real dtype, floating result."""
    return np.maximum(real(x), 0)


def max_pool(
    images: np.ndarray, size: int = 2, stride: int | None = None, padding: str | int = "valid"
) -> np.ndarray:
    """Return the largest value of each window: ``keras.layers.MaxPooling2D``.

    Y[m, n, c] = max over i, j < size of X[s m + i, s n + j, c]

    ``images`` are (height, width), (height, width, channels) or (batch, height, width, channels);
    the result has as many dimensions. ``size`` is the side of the window in pixels and ``stride``
    the step: None takes ``size``, so that windows do not overlap. ``padding`` is as for
    ``output_size``; what is added never wins.
    """
    return _pool(images, size, stride, padding, np.max, -np.inf)


def average_pool(
    images: np.ndarray, size: int = 2, stride: int | None = None, padding: str | int = "valid"
) -> np.ndarray:
    """Return the mean of each window: ``keras.layers.AveragePooling2D``.

    Padded places do not count: at the border the mean is taken over the pixels that are there, as
    TensorFlow does. Arguments as for ``max_pool``.
    """
    return _pool(images, size, stride, padding, np.nanmean, np.nan)


def _pool(
    images: np.ndarray,
    size: int,
    stride: int | None,
    padding: str | int,
    reduce: Callable[..., np.ndarray],
    filler: float,
) -> np.ndarray:
    images = real(images)
    stride = size if stride is None else stride
    axis = 1 if images.ndim == 4 else 0
    _, padded = pad(images, (size, size), stride, padding, axis, filler)
    windows = sliding_window_view(padded, (size, size), (axis, axis + 1))
    steps = (slice(None),) * axis + (slice(None, None, stride),) * 2
    return reduce(windows[steps], axis=(-2, -1))
