"""Chapter 7: one filter per channel, and channel attention."""

import numpy as np

from asl_helpers.scratch.activations_pooling import global_average_pool, relu
from asl_helpers.scratch.convolution import conv2d, real


def depthwise_conv2d(
    images: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | float = 0.0,
    stride: int = 1,
    padding: str | int = "valid",
) -> np.ndarray:
    """Compute what ``keras.layers.DepthwiseConv2D`` computes: one filter per channel.

    Y[m, n, c] = b[c] + sum over i, j of X[s m + i, s n + j, c] K[i, j, c]

    ``images`` are as for ``conv2d``, as are ``stride`` and ``padding``; ``kernels`` are (kernel
    height, kernel width, channels), or with Keras's last axis of 1; ``bias`` is (channels,).

    Source: Howard et al. (2017), MobileNets, equation 3.
    """
    images, kernels = real(images), real(kernels)
    if kernels.ndim == 3:
        kernels = kernels[..., np.newaxis]
    maps = [
        conv2d(images[..., c : c + 1], kernels[:, :, c : c + 1], None, stride, padding)
        for c in range(images.shape[-1])
    ]
    out = np.concatenate(maps, axis=-1)
    return out + np.asarray(bias, dtype=out.dtype)


def squeeze_excitation(
    maps: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray
) -> np.ndarray:
    """Scale each channel by a number between 0 and 1 that all channels' means decide.

    z[c] = mean of X over the places
    s = sigmoid(relu(z W1 + b1) W2 + b2)
    Y[m, n, c] = s[c] X[m, n, c]

    ``maps`` are (batch, height, width, channels), ``w1`` (channels, units), ``b1`` (units,),
    ``w2`` (units, channels), ``b2`` (channels,); the result has the shape of ``maps``.

    Source: Hu, Shen and Sun (2018), equations 2 to 4.
    """
    hidden = relu(global_average_pool(maps) @ real(w1) + b1)
    scales = 1 / (1 + np.exp(-(hidden @ real(w2) + b2)))
    return real(maps) * scales[:, np.newaxis, np.newaxis, :]
