"""Checkers of chapter 1: convolution."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import Changed, Exercise, case, exercise, kind, numbers

FLIPPED = (
    "Your kernel is flipped: this is convolution as mathematics defines it. A layer computes "
    "cross-correlation, which slides the kernel as it is."
)


@exercise(points=2)
def output_size(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride + 1


def _is_an_int(call):
    size = call(28, 3)
    if numbers(size) is None or np.asarray(size).dtype.kind not in "iu":
        return f"This is {kind(size)}: divide with `//`, so that a shape can be made of it."


output_size.cases = {
    "28 pixels, a kernel of 3": case(28, 3, stride=1, padding=0),
    "padding on both sides": case(28, 5, stride=1, padding=2),
    "stride 2": case(28, 4, stride=2, padding=0),
    "a stride that leaves pixels over": case(200, 3, stride=2, padding=1),
    "the size is an int": _is_an_int,
}
output_size.wrong = {
    "One is missing: add 1 for the first position.": (" + 1", ""),
    "The padding is counted once, but it is added at both ends.": ("2 * padding", "padding"),
    "The padding is ignored.": (" + 2 * padding", ""),
    "The stride is ignored.": (" // stride", ""),
    "This is rounded up: a last step that does not fit is not taken, so round down.":
        ("(n", "-(-(n", "stride", "stride)"),
    "A step that does not fit is not taken: divide with `//`.": ("//", "/"),
}  # fmt: skip


@exercise(points=4)
def corr2d(image, kernel, stride=1, padding=0):
    image = np.pad(image, padding)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("mnij,ij->mn", windows[::stride, ::stride], kernel)


def _dilated(image, kernel, stride, padding):
    spread = np.zeros([(side - 1) * stride + 1 for side in kernel.shape])
    spread[::stride, ::stride] = kernel
    return corr2d.reference(image, spread, 1, padding)


_RNG = np.random.default_rng(1)
_IMAGE, _KERNEL = _RNG.normal(size=(6, 7)), _RNG.normal(size=(3, 2))

corr2d.cases = {
    "one row and one column, by hand": case(np.array([[1.0, 2, 3]]), np.array([[1.0, 0]])),
    "a kernel without symmetry": case(_IMAGE, _KERNEL),
    "a stride of 2": case(_IMAGE, _KERNEL, stride=2, padding=0),
    "a padding of 1": case(_IMAGE, _KERNEL, stride=1, padding=1),
    "stride and padding together": case(_IMAGE, _KERNEL, stride=2, padding=1),
}
corr2d.wrong = {
    FLIPPED: ("], kernel", "], kernel[::-1, ::-1]"),
    "The stride is ignored: the kernel moves by 1.": ("[::stride, ::stride]", ""),
    "The padding is ignored.": ("np.pad(image, padding)", "image"),
    "The stride is applied to the rows only.": ("[::stride, ::stride]", "[::stride]"),
    "The padding is at one end, not on all sides.": ("padding)", "(0, padding))"),
    "You used 'full' padding: the image is padded too far.":
        ("padding)", "[(side - 1, side - 1) for side in kernel.shape])"),
    "You used 'same' padding, whatever was asked for.":
        ("padding)", "[((side - 1) // 2, side // 2) for side in kernel.shape])"),
    "This is a mean; sum the products.": ("], kernel", "], kernel / kernel.size"),
    "The last row and column are missing: add 1.": Changed(lambda maps: maps[:-1, :-1]),
    "This is one number, but each position gives one.": Changed(np.sum),
    "The stride spreads the kernel; it must only move it.": _dilated,
}  # fmt: skip


_SOBEL = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])

horizontal = Exercise(_SOBEL, points=2)


def _finds_horizontal_edges(kernel: Any) -> Iterator[tuple[str, str | None]]:
    """Check that the kernel responds to horizontal edges only."""
    weights, message = numbers(kernel), None
    if weights is None:
        message = f"A 3 × 3 array of numbers was expected, this is {kind(kernel)}."
    elif weights.shape != (3, 3):
        message = f"The shape is {weights.shape}, expected (3, 3)."
    yield "the kernel is 3 × 3", message
    if message:
        return
    below = np.repeat([[0.0]] * 3 + [[1.0]] * 3, 6, axis=1)  # dark above bright
    even = abs(float(weights.sum()))
    # What the step itself adds to the response: brightness alone is no edge.
    rise, side = (np.abs(corr2d.reference(step, weights)).max() - even for step in (below, below.T))
    message = silent = None
    if rise <= 1e-6:
        message = "Dark above bright gives no peak: the upper and lower row must differ in sign."
        # A kernel of zeros is silent everywhere: that alone earns nothing.
        silent = "It finds no horizontal edge yet, so its silence says nothing."
        if side > 1e-6:
            message = "This kernel is turned: it finds vertical edges. Transpose it."
    yield "it responds to a horizontal edge", message
    message = f"It gives {side:.3g}, so it sees the step from left to right: the weights of each "
    message += "column must have the same sum."
    yield "it stays at 0 on a vertical edge", message if side > 1e-6 else silent
    message = f"It gives {even:.3g} for plain brightness: the nine weights must add up to 0."
    yield "it stays at 0 on an even area", message if even > 1e-6 else silent


horizontal.cases = _finds_horizontal_edges
horizontal.wrong = {
    "This kernel is turned: it finds vertical edges. Transpose it.": _SOBEL.T,
    "It finds no horizontal edge yet, so its silence says nothing.": np.zeros((3, 3)),
    "Dark above bright gives no peak": np.ones((3, 3)) / 9,
    "the nine weights must add up to 0.": _SOBEL + np.diag([0, 1, 0]),
    "so it sees the step from left to right": _SOBEL + _SOBEL.T,
    "The shape is (2, 3), expected (3, 3).": _SOBEL[:2],
}


@exercise(points=4)
def conv2d(images, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel) + bias


_RNG = np.random.default_rng(2)
_IMAGES, _KERNELS = _RNG.normal(size=(2, 5, 6, 3)), _RNG.normal(size=(3, 2, 3, 4))

conv2d.cases = {
    "one channel, one filter": case(_IMAGES[:1, ..., :1], _KERNELS[:, :, :1, :1], np.zeros(1)),
    "a sum over three channels": case(_IMAGES, _KERNELS, np.zeros(4)),
    "a bias for each filter": case(_IMAGES, _KERNELS, _RNG.normal(size=4)),
}
conv2d.wrong = {
    "You forgot the bias: add it once to each value.": (" + bias", ""),
    "The bias is added once per channel.": ("+ bias", "+ bias * kernel.shape[2]"),
    FLIPPED: ("windows, kernel", "windows, kernel[::-1, ::-1]"),
    "This is a mean over the channels; sum them.": (", kernel)", ", kernel / kernel.shape[2])"),
    "Only the first channel is used.":
        ("windows, kernel", "windows[..., :1, :, :], kernel[:, :, :1]"),
    "The filters are summed: keep one map per filter.": ("->nhwf", "->nhw", " + bias", ""),
    "The ReLU comes later: keep negative values.": Changed(lambda maps: np.maximum(maps, 0)),
}  # fmt: skip
