"""Cross-correlation: one kernel over one image, a whole layer, and one filter a channel."""

import math

import numpy as np

from asl_helpers.scratch.core import ScratchError, real


def output_size(size: int, kernel: int, stride: int = 1, padding: str | int = "valid") -> int:
    """Return how many places a kernel takes along one axis.

    Parameters
    ----------
    size, kernel, stride:
        Pixels along the axis, of the input, the kernel and one step.
    padding:
        ``"valid"``, ``"same"`` as Keras names them, or a number of zeros added on *each* side.

    Raises
    ------
    ScratchError
        If an argument is impossible, or the kernel does not fit even once.

    Source: Dumoulin and Visin (2016), relationship 6; Keras's rule for ``"same"``.
    """
    before, after = pad_widths(size, kernel, stride, padding)
    padded = size + before + after
    if kernel > padded:
        raise ScratchError(
            f"A kernel of {kernel} does not fit into {padded} pixels. Pad the image or take a "
            "smaller kernel."
        )
    return (padded - kernel) // stride + 1


def pad_widths(
    size: int, kernel: int, stride: int = 1, padding: str | int = "valid"
) -> tuple[int, int]:
    """Return the zeros ``(before, after)`` that ``padding`` adds along one axis.

    With ``"same"`` the output has ceil(size / stride) values. If that takes an odd number of zeros,
    the extra one goes after, as in TensorFlow. Arguments and errors as for ``output_size``.
    """
    if min(size, kernel, stride) < 1:
        raise ScratchError(
            f"Sizes and stride count pixels and start at 1; got size {size}, kernel {kernel}, "
            f"stride {stride}."
        )
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    if isinstance(padding, int) and padding >= 0:
        return padding, padding
    raise ScratchError(
        f"Unknown padding {padding!r}: give 'valid', 'same' or a number of pixels from 0."
    )


def corr2d(
    image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: str | int = "valid"
) -> np.ndarray:
    """Slide a kernel over a one-channel image (cross-correlation).

    Y[m, n] = sum over i, j of X[s m + i, s n + j] K[i, j]

    Parameters
    ----------
    image:
        (height, width), any real dtype; integers are computed as float64, so nothing overflows.
    kernel:
        (kernel height, kernel width).
    stride, padding:
        The same along both axes; padding as for ``output_size``.

    Returns
    -------
    np.ndarray
        (output height, output width), floating.

    Raises
    ------
    ScratchError
        If an argument is not two-dimensional, or the stride or padding is impossible.
    """
    image, kernel = real(image), real(kernel)
    if image.ndim != 2 or kernel.ndim != 2:
        raise ScratchError(
            f"corr2d takes an image and a kernel of two dimensions each; got shapes {image.shape} "
            f"and {kernel.shape}. For channels use conv2d."
        )
    rows, columns = kernel.shape
    sizes, padded = _padded(image, kernel.shape, (0, 1), stride, padding)
    out = np.empty(sizes, dtype=np.result_type(image, kernel))
    for m in range(sizes[0]):
        for n in range(sizes[1]):
            top, left = stride * m, stride * n
            out[m, n] = (padded[top : top + rows, left : left + columns] * kernel).sum()
    return out


def conv2d(
    images: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int = 1,
    padding: str | int = "valid",
) -> np.ndarray:
    """Compute what ``keras.layers.Conv2D`` computes, without its activation.

    Y[m, n, k] = b[k] + sum over i, j, c of X[s m + i, s n + j, c] K[i, j, c, k]

    The formula is evaluated for all places at once: the loop runs over the few places *in the
    kernel*, and each turn adds one strided slice of the images times one slice of weights.

    Parameters
    ----------
    images:
        (height, width, channels) or (batch, height, width, channels), any real dtype.
    kernels:
        (kernel height, kernel width, channels, filters).
    bias:
        (filters,), or None for zeros.
    stride, padding:
        The same along both axes; padding as for ``output_size``.

    Returns
    -------
    np.ndarray
        (output height, output width, filters), with a leading batch if the input had one.

    Raises
    ------
    ScratchError
        If shapes do not go together, or the stride or padding is impossible.
    """
    images, kernels = real(images), real(kernels)
    _check_layer(images, kernels, bias)
    batch = images if images.ndim == 4 else images[np.newaxis]
    rows, columns, _, filters = kernels.shape
    sizes, padded = _padded(batch, (rows, columns), (1, 2), stride, padding)
    down, right = (stride * (size - 1) + 1 for size in sizes)
    out = np.zeros((len(batch), *sizes, filters), dtype=np.result_type(images, kernels))
    for i in range(rows):
        for j in range(columns):
            out += padded[:, i : i + down : stride, j : j + right : stride] @ kernels[i, j]
    if bias is not None:
        out += np.asarray(bias, dtype=out.dtype)
    return out if images.ndim == 4 else out[0]


def depthwise_conv2d(
    images: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int = 1,
    padding: str | int = "valid",
) -> np.ndarray:
    """Compute what ``keras.layers.DepthwiseConv2D`` computes: one filter a channel, no sum over c.

    Y[m, n, c] = b[c] + sum over i, j of X[s m + i, s n + j, c] K[i, j, c]

    Parameters
    ----------
    images:
        (height, width, channels) or (batch, height, width, channels), any real dtype.
    kernels:
        (kernel height, kernel width, channels), or with Keras's last axis of 1.
    bias:
        (channels,), or None for zeros.
    stride, padding:
        The same along both axes; padding as for ``output_size``.

    Returns
    -------
    np.ndarray
        (output height, output width, channels), with a leading batch if the input had one.

    Raises
    ------
    ScratchError
        If shapes do not go together, or the stride or padding is impossible.

    Source: Howard et al. (2017), MobileNets, equation 3.
    """
    kernels = real(kernels)
    if kernels.ndim == 4 and kernels.shape[-1] == 1:
        kernels = kernels[..., 0]
    if kernels.ndim != 3 or np.shape(images)[-1] != kernels.shape[-1]:
        raise ScratchError(
            "depthwise_conv2d has one filter a channel: expected kernels (kernel height, kernel "
            f"width, channels) for images {np.shape(images)}, got {kernels.shape}."
        )
    channels = kernels.shape[-1]
    maps = [
        conv2d(
            np.asarray(images)[..., c : c + 1], kernels[..., c, None, None], None, stride, padding
        )
        for c in range(channels)
    ]
    out = np.concatenate(maps, axis=-1)
    if bias is None:
        return out
    if np.shape(bias) != (channels,):
        raise ScratchError(
            f"One bias for each channel: expected shape {(channels,)}, got {np.shape(bias)}."
        )
    return out + np.asarray(bias, dtype=out.dtype)


def _padded(
    array: np.ndarray, kernel: tuple[int, int], axes: tuple[int, int], stride: int, padding
) -> tuple[list[int], np.ndarray]:
    """Return the output sizes along two axes, and the array with its zeros around these axes."""
    sizes, around = [], [(0, 0)] * array.ndim
    for axis, length in zip(axes, kernel, strict=True):
        sizes.append(output_size(array.shape[axis], length, stride, padding))
        around[axis] = pad_widths(array.shape[axis], length, stride, padding)
    return sizes, np.pad(array, around)


def _check_layer(images: np.ndarray, kernels: np.ndarray, bias: np.ndarray | None) -> None:
    if images.ndim not in (3, 4) or kernels.ndim != 4:
        raise ScratchError(
            "conv2d takes images (height, width, channels), with or without a leading batch, and "
            "kernels (kernel height, kernel width, channels, filters); got shapes "
            f"{images.shape} and {kernels.shape}."
        )
    if images.shape[-1] != kernels.shape[2]:
        raise ScratchError(
            f"The images have {images.shape[-1]} channels and the kernels {kernels.shape[2]}: a "
            "kernel is as deep as its input. Compare images.shape[-1] with kernels.shape[2]."
        )
    if bias is not None and np.shape(bias) != kernels.shape[3:]:
        raise ScratchError(
            f"One bias for each filter: expected shape {kernels.shape[3:]}, got {np.shape(bias)}."
        )
