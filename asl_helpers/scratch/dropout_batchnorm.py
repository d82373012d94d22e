"""Chapter 6: dropout and batch normalization, which differ between training and inference."""

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.scratch.convolution import real


def dropout(
    z: np.ndarray, keep: float, rng: np.random.Generator, training: bool = True
) -> np.ndarray:
    """Zero each value with probability 1 - ``keep`` and divide the others by ``keep``.

    y = r z / p, with r drawn anew for every value: 1 with probability p, else 0. The mean of y over
    many masks is z, so inference needs no correction: there, z is returned as it is.

    ``keep`` is p, above 0 and up to 1; Keras's ``rate`` is 1 - p. The mask comes from ``rng``.

    Source: Srivastava et al. (2014), section 10, the "inverted" form.
    """
    if not 0 < keep <= 1:
        raise AslError(
            f"keep is the probability to keep a value, above 0 and up to 1; got {keep}. From "
            "Keras's rate: keep = 1 - rate."
        )
    z = real(z)
    if not training:
        return z.copy()
    mask = rng.random(z.shape) < keep
    return (mask * z / keep).astype(z.dtype)


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of each channel, over the batch and all places: (channels,) each.

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
    averages (``moving_average``). Shapes: x (batch, ..., channels), all others (channels,).
    ``eps`` is Keras's default. Source: Ioffe and Szegedy (2015), algorithms 1 and 2.
    """
    x = real(x)
    normalized = (x - mean) / np.sqrt(np.asarray(variance) + eps)
    return (gamma * normalized + beta).astype(x.dtype)


def moving_average(
    batches: np.ndarray, momentum: float = 0.99, start: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return what is kept after a series of batches: kept = momentum kept + (1 - momentum) new.

    ``batches`` are (steps,) or (steps, channels): the mean, or the variance, of each batch.
    ``momentum`` is the share of the old; PyTorch's argument of this name is the share of the new.
    ``start`` is kept before the first batch: in Keras 0 for means and 1 for variances.
    """
    batches = real(batches)
    kept = np.full(batches.shape[1:], start, dtype=batches.dtype)
    for new in batches:
        kept = momentum * kept + (1 - momentum) * new
    return kept
