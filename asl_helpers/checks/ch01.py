"""Checkers of chapter 1: convolution."""

import math
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, Exercise, case, kind, numbers, run

FLIPPED = (
    "Your kernel is flipped: this is convolution as mathematics defines it; a layer computes "
    "cross-correlation, which slides the kernel as it is."
)


def _is_an_int(check: Check, answer: Any) -> None:
    """Check that the size is an int."""
    size, message = run(answer, 28, 3)
    if message is None and not isinstance(size, int | np.integer):
        message = f"This is {kind(size)}: divide with `//`, so that a shape can be made of it."
    check.record("the size is an int", message)


output_size = Exercise(
    points=2,
    reference=lambda n, k, stride=1, padding=0: (n + 2 * padding - k) // stride + 1,
    cases={
        "28 pixels, a kernel of 3": case(28, 3, stride=1, padding=0),
        "padding on both sides": case(28, 5, stride=1, padding=2),
        "stride 2": case(28, 4, stride=2, padding=0),
        "a stride that leaves pixels over": case(200, 3, stride=2, padding=1),
    },
    tests=_is_an_int,
    misconceptions={
        "One is missing: add 1 for the first place.": lambda n, k, s, p: (n + 2 * p - k) // s,
        "The padding is counted once; it is at both ends.": lambda n, k, s, p: (n + p - k) // s + 1,
        "The padding is ignored.": lambda n, k, s, p: (n - k) // s + 1,
        "The stride is ignored.": lambda n, k, s, p: n + 2 * p - k + 1,
        "Rounded up: a last step that does not fit is not taken, so round down.":
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
        "A step that does not fit is not taken: `//`.": lambda n, k, s, p: (n + 2 * p - k) / s + 1,
    },
)  # fmt: skip


def _corr2d(image, kernel, stride=1, padding=0):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, padding), kernel.shape)
    return np.einsum("mnij,ij->mn", windows[::stride, ::stride], kernel)


def _dilated(image, kernel, stride, padding):
    spread = np.zeros([(side - 1) * stride + 1 for side in kernel.shape])
    spread[::stride, ::stride] = kernel
    return _corr2d(image, spread, 1, padding)


def _padded(image, kernel, stride, around, **options):
    """Slide over an image padded by a rule of its own: (before, after) for rows and columns."""
    return _corr2d(np.pad(image, around, **options), kernel, stride)


_RNG = np.random.default_rng(1)
_IMAGE, _KERNEL = _RNG.normal(size=(6, 7)), _RNG.normal(size=(3, 2))

corr2d = Exercise(
    points=4,
    reference=_corr2d,
    cases={
        "one row and one column, by hand": case(np.array([[1.0, 2, 3]]), np.array([[1.0, 0]])),
        "a kernel without symmetry": case(_IMAGE, _KERNEL),
        "a stride of 2": case(_IMAGE, _KERNEL, stride=2, padding=0),
        "a padding of 1": case(_IMAGE, _KERNEL, stride=1, padding=1),
        "stride and padding together": case(_IMAGE, _KERNEL, stride=2, padding=1),
    },
    misconceptions={
        FLIPPED: lambda i, k, s, p: _corr2d(i, k[::-1, ::-1], s, p),
        "The stride is ignored: the kernel moves by 1.": lambda i, k, s, p: _corr2d(i, k, 1, p),
        "The padding is ignored.": lambda i, k, s, p: _corr2d(i, k, s),
        "The stride is applied to the rows only.": lambda i, k, s, p: _corr2d(i, k, 1, p)[::s],
        "The padding is at one end, not all sides.": lambda i, k, s, p: _padded(i, k, s, (0, p)),
        "You used 'full' padding: the image is padded too far.":
            lambda i, k, s, p: _padded(i, k, s, [(side - 1, side - 1) for side in k.shape]),
        "You used 'same' padding, whatever was asked for.":
            lambda i, k, s, p: _padded(i, k, s, [((side - 1) // 2, side // 2) for side in k.shape]),
        "This is a mean; sum the products.": lambda i, k, s, p: _corr2d(i, k, s, p) / k.size,
        "The last row and column are missing: add 1.": lambda *given: _corr2d(*given)[:-1, :-1],
        "This is one number: each place gives a number.": lambda *given: _corr2d(*given).sum(),
        "The stride is applied to the kernel: it moves the kernel, no more.": _dilated,
    },
)  # fmt: skip


def _finds_horizontal_edges(check: Check, kernel: Any) -> None:
    """Check that the kernel answers to horizontal edges only."""
    weights = None if callable(kernel) else numbers(kernel)
    message = None
    if weights is None:
        message = f"A 3 × 3 array of numbers was expected, this is {kind(kernel)}."
    elif weights.shape != (3, 3):
        message = f"The shape is {weights.shape}, expected (3, 3)."
    if not check.record("the kernel is 3 × 3", message):
        return
    below = np.repeat([[0.0]] * 3 + [[1.0]] * 3, 6, axis=1)  # dark above bright
    even = abs(float(weights.sum()))
    # What the step itself adds to the answer: brightness alone is no edge.
    rise, side = (np.abs(_corr2d(step, weights)).max() - even for step in (below, below.T))
    message = silent = None
    if rise <= 1e-6:
        message = "Dark above bright gives no peak: the upper and lower row must differ in sign."
        # A kernel of zeros is silent everywhere: that alone earns nothing.
        silent = "It finds no horizontal edge yet, so its silence says nothing."
        if side > 1e-6:
            message = "This kernel is turned: it finds vertical edges. Transpose it."
    check.record("it answers to a horizontal edge", message)
    message = f"It answers {side:.3g}: the weights of each column must add up alike: the step from "
    message = message + "left to right is seen." if side > 1e-6 else silent
    check.record("it stays at 0 on a vertical edge", message)
    message = f"It answers {even:.3g} to plain brightness: the nine weights must add up to 0."
    check.record("it stays at 0 on an even area", message if even > 1e-6 else silent)


_SOBEL = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])

horizontal = Exercise(
    points=2,
    reference=_SOBEL,
    tests=_finds_horizontal_edges,
    wrong_answers={
        "This kernel is turned: it finds vertical edges. Transpose it.": _SOBEL.T,
        "It finds no horizontal edge yet, so its silence says nothing.": np.zeros((3, 3)),
        "Dark above bright gives no peak": np.ones((3, 3)) / 9,
        "the nine weights must add up to 0.": _SOBEL + np.diag([0, 1, 0]),
        "the step from left to right is seen.": _SOBEL + _SOBEL.T,
        "The shape is (2, 3), expected (3, 3).": _SOBEL[:2],
    },
)


def _conv2d(images, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel) + bias


_RNG = np.random.default_rng(2)
_IMAGES, _KERNELS = _RNG.normal(size=(2, 5, 6, 3)), _RNG.normal(size=(3, 2, 3, 4))

conv2d = Exercise(
    points=4,
    reference=_conv2d,
    cases={
        "one channel, one filter": case(_IMAGES[:1, ..., :1], _KERNELS[:, :, :1, :1], np.zeros(1)),
        "a sum over three channels": case(_IMAGES, _KERNELS, np.zeros(4)),
        "a bias for each filter": case(_IMAGES, _KERNELS, _RNG.normal(size=4)),
    },
    misconceptions={
        "You forgot the bias: add it once to each value.": lambda x, k, b: _conv2d(x, k, 0),
        "The bias is added once a channel.": lambda x, k, b: _conv2d(x, k, k.shape[2] * b),
        FLIPPED: lambda x, k, b: _conv2d(x, k[::-1, ::-1], b),
        "A mean over the channels; sum them.": lambda x, k, b: _conv2d(x, k, 0) / k.shape[2] + b,
        "Only the first channel is used.": lambda x, k, b: _conv2d(x[..., :1], k[:, :, :1], b),
        "The filters are summed: keep their maps.": lambda x, k, b: _conv2d(x, k, 0).sum(axis=-1),
        "The ReLU comes later: keep negatives.": lambda x, k, b: np.maximum(_conv2d(x, k, b), 0),
    },
)  # fmt: skip
