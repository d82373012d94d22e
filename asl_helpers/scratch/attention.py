"""Channel attention: how much of each channel passes on, decided from all of them."""

import numpy as np

from asl_helpers.scratch.activations import relu
from asl_helpers.scratch.core import ScratchError, real
from asl_helpers.scratch.pooling import global_average_pool


def squeeze_excitation(
    maps: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray
) -> np.ndarray:
    """Scale each channel by a number between 0 and 1 that all channels' means decide.

    z[c] = mean of X over the places
    s = sigmoid(relu(z W1 + b1) W2 + b2)
    Y[m, n, c] = s[c] X[m, n, c]

    Parameters
    ----------
    maps:
        (batch, height, width, channels).
    w1, b1:
        (channels, units) and (units,).
    w2, b2:
        (units, channels) and (channels,).

    Returns
    -------
    np.ndarray
        The shape of ``maps``.

    Raises
    ------
    ScratchError
        If the shapes do not go together.

    Source: Hu, Shen and Sun (2018), equations 2 to 4.
    """
    maps, w1, w2 = real(maps), real(w1), real(w2)
    if maps.ndim != 4 or w1.shape != w2.shape[::-1] or w1.shape[:1] != maps.shape[-1:]:
        raise ScratchError(
            "squeeze_excitation takes maps (batch, height, width, channels), w1 (channels, units) "
            f"and w2 (units, channels); got {maps.shape}, {w1.shape} and {w2.shape}."
        )
    hidden = relu(global_average_pool(maps) @ w1 + b1)
    scales = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    return maps * scales[:, np.newaxis, np.newaxis, :]
