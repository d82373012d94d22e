"""Chapter 6: batch normalization, in training and in inference."""

import numpy as np

from asl_helpers.scratch.convolution import real


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of each channel, over the batch and all positions: (channels,) each.

    ``x`` is (batch, ..., channels). The variance is divided by the number of values, as Keras does,
    and not by one less.
    """
    x = real(x)
    axes = tuple(range(x.ndim - 1))
    return x.mean(axis=axes), x.var(axis=axes)


def batch_norm(
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray | float = 1.0,
    beta: np.ndarray | float = 0.0,
    eps: float = 1e-3,
) -> np.ndarray:
    """Return gamma (x - mean) / sqrt(variance + eps) + beta, channel by channel.

    In training the statistics are the batch's own (``batch_statistics``), in inference the moving
    averages. Shapes: x (batch, ..., channels), all others (channels,).
    ``eps`` is Keras's default. Source: Ioffe and Szegedy (2015), algorithms 1 and 2.
    """
    x = real(x)
    normalized = (x - mean) / np.sqrt(np.asarray(variance) + eps)
    return (gamma * normalized + beta).astype(x.dtype)
