"""Chapter 1: cross-correlation, one kernel over one image, and a whole layer."""

import math

import numpy as np

from asl_helpers.errors import AslError


def real(array: np.ndarray) -> np.ndarray:
    """Return floating numbers: products of uint8 pixels would wrap around at 256."""
    array = np.asarray(array)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)


def output_size(size: int, kernel: int, stride: int = 1, padding: str | int = "valid") -> int:
    """Return how many positions a kernel takes along one axis; all sizes in pixels.

    ``padding`` is ``"valid"``, ``"same"`` as in Keras, or a number of zeros added on *each* side.
    Source: Dumoulin and Visin (2016), relationship 6; Keras's rule for ``"same"``.
    """
    padded = size + sum(pad_widths(size, kernel, stride, padding))
    if kernel > padded:
        raise AslError(
            f"A kernel of {kernel} does not fit into {padded} pixels. Pad the image or take a "
            "smaller kernel."
        )
    return (padded - kernel) // stride + 1


def pad_widths(
    size: int, kernel: int, stride: int = 1, padding: str | int = "valid"
) -> tuple[int, int]:
    """Return the zeros ``(before, after)`` that ``padding`` adds along one axis.

    With ``"same"`` the output has ceil(size / stride) values. If that takes an odd number of zeros,
    the extra one goes after, as in TensorFlow. Arguments as for ``output_size``.
    """
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    if isinstance(padding, int) and padding >= 0:
        return padding, padding
    raise AslError(
        f"Unknown padding {padding!r}: give 'valid', 'same' or a number of pixels from 0."
    )


def pad(
    array: np.ndarray,
    kernel: tuple[int, int],
    stride: int,
    padding: str | int,
    axis: int = 0,
    filler: float = 0.0,
) -> tuple[list[int], np.ndarray]:
    """Return the output's height and width, and the array with ``filler`` around its image.

    The image's rows are counted along ``axis``, its columns along the next one.
    """
    sizes, around = [], [(0, 0)] * array.ndim
    for along, length in enumerate(kernel, axis):
        sizes.append(output_size(array.shape[along], length, stride, padding))
        around[along] = pad_widths(array.shape[along], length, stride, padding)
    return sizes, np.pad(array, around, constant_values=filler)


def corr2d(
    image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: str | int = "valid"
) -> np.ndarray:
    """Slide a kernel over a one-channel image (cross-correlation).

    Y[m, n] = sum over i, j of X[s m + i, s n + j] K[i, j]

    ``image`` is (height, width) and ``kernel`` (kernel height, kernel width), of any real dtype:
    integers are computed as float64, so nothing overflows. ``stride`` and ``padding``, as for
    ``output_size``, are the same along both axes.
    """
    image, kernel = real(image), real(kernel)
    if image.ndim != 2 or kernel.ndim != 2:
        raise AslError(
            f"corr2d takes an image and a kernel of two dimensions each; got shapes {image.shape} "
            f"and {kernel.shape}. For channels use conv2d."
        )
    rows, columns = kernel.shape
    sizes, padded = pad(image, kernel.shape, stride, padding)
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

    ``images`` are (height, width, channels), with or without a leading batch, as is the result;
    ``kernels`` (kernel height, kernel width, channels, filters), ``bias`` (filters,), None for
    zeros. ``stride`` and ``padding``, as for ``output_size``, are the same along both axes.
    """
    images, kernels = real(images), real(kernels)
    if images.ndim not in (3, 4) or images.shape[-1:] != kernels.shape[2:3]:
        raise AslError(
            "conv2d takes images (height, width, channels), with or without a leading batch, and "
            "kernels as deep as they are (kernel height, kernel width, channels, filters); got "
            f"shapes {images.shape} and {kernels.shape}."
        )
    batch = images if images.ndim == 4 else images[np.newaxis]
    rows, columns, _, filters = kernels.shape
    sizes, padded = pad(batch, (rows, columns), stride, padding, axis=1)
    down, right = (stride * (size - 1) + 1 for size in sizes)
    out = np.zeros((len(batch), *sizes, filters), dtype=np.result_type(images, kernels))
    for i in range(rows):
        for j in range(columns):
            out += padded[:, i : i + down : stride, j : j + right : stride] @ kernels[i, j]
    if bias is not None:
        out += np.asarray(bias, dtype=out.dtype)
    return out if images.ndim == 4 else out[0]
