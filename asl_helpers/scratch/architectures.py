"""Chapter 7: one filter per channel."""

import numpy as np

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
