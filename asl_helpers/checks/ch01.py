"""Checkers of chapter 1: convolution."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, kind, numbers, run

FLIPPED = (
    "Your kernel is flipped: this is convolution as mathematics defines it; a layer computes "
    "cross-correlation, which slides the kernel as it is."
)


@checker(points=2)
def output_size(check: Check, output_size: Callable[..., int]) -> None:
    """Check ``output_size(n, k, stride=1, padding=0) -> int``, outputs along one axis."""
    cases = [
        ("28 pixels, a kernel of 3", 28, 3, 1, 0),
        ("padding on both sides", 28, 5, 1, 2),
        ("stride 2", 28, 4, 2, 0),
        ("a stride that leaves pixels over", 200, 3, 2, 1),
    ]
    for label, n, k, stride, padding in cases:
        room = n + 2 * padding - k
        mistakes = [
            (room // stride, "One is missing: the kernel's first place counts too, so add 1."),
            (
                (n + padding - k) // stride + 1,
                "The padding is counted once; it is added at both ends.",
            ),
            ((n - k) // stride + 1, "The padding is ignored."),
            (room + 1, "The stride is ignored."),
            (
                math.ceil(room / stride) + 1,
                "Rounded up: a last step that does not fit is not taken, so round down.",
            ),
            (room / stride + 1, "Not a whole number: a step that does not fit is not taken."),
            ((room + 1) // stride, "Divide the room to move by the stride first, then add 1."),
        ]
        expected = room // stride + 1
        options = {"stride": stride, "padding": padding}
        check.call(label, output_size, n, k, named=options, expected=expected, mistakes=mistakes)
    answer, message = run(output_size, 28, 3)
    if message is None and not isinstance(answer, (int, np.integer)):
        message = f"This is {kind(answer)}: divide with `//`, so that a shape can be made of it."
    check.record("the size is an int", message)


@checker(points=4)
def corr2d(check: Check, corr2d: Callable[..., np.ndarray]) -> None:
    """Check ``corr2d(image, kernel, stride=1, padding=0)``: (h, w), (k, l) -> 2-D array."""
    rng = np.random.default_rng(1)
    image, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 2))
    cases = [
        ("one row and one column, by hand", np.array([[1.0, 2, 3]]), np.array([[1.0, 0]]), 1, 0),
        ("a kernel without symmetry", image, kernel, 1, 0),
        ("a stride of 2", image, kernel, 2, 0),
        ("a padding of 1", image, kernel, 1, 1),
        ("stride and padding together", image, kernel, 2, 1),
    ]
    for label, picture, weights, stride, padding in cases:
        options = {} if (stride, padding) == (1, 0) else {"stride": stride, "padding": padding}
        check.call(
            label,
            corr2d,
            picture,
            weights,
            named=options,
            expected=_corr2d(picture, weights, stride, padding),
            mistakes=_corr2d_mistakes(picture, weights, stride, padding),
        )


@checker(points=2)
def horizontal(check: Check, kernel: Any) -> None:
    """Check a 3 x 3 kernel that answers to horizontal edges only."""
    weights = numbers(kernel)
    if callable(kernel) or weights is None:
        check.record("a kernel", f"A 3 × 3 array of numbers was expected, this is {kind(kernel)}.")
        return
    shape = None if weights.shape == (3, 3) else f"The shape is {weights.shape}, expected (3, 3)."
    if not check.record("the kernel is 3 × 3", shape):
        return
    below = np.repeat([[0.0]] * 3 + [[1.0]] * 3, 6, axis=1)  # dark above bright
    even = abs(float(weights.sum()))
    horizontal, vertical = (
        # What the step itself adds to the answer: brightness alone is no edge.
        float(np.abs(_corr2d(picture, weights)).max()) - even
        for picture in (below, below.T)
    )
    found = horizontal > 1e-6
    message = None
    if not found:
        message = "Dark above bright gives no peak: the upper and lower row must differ in sign."
    if not found and vertical > 1e-6:
        message = "This kernel is turned: it finds vertical edges. Transpose it."
    check.record("it answers to a horizontal edge", message)
    # A kernel of zeros is silent everywhere: that alone earns nothing.
    silent = None if found else "It finds no horizontal edge yet, so its silence says nothing."
    message = "the weights of each column must add up alike: the step from left to right is seen."
    check.record(
        "it stays at 0 on a vertical edge",
        f"It answers {vertical:.3g}: {message}" if vertical > 1e-6 else silent,
    )
    check.record(
        "it stays at 0 on an even area",
        f"It answers {even:.3g} to plain brightness: the nine weights must add up to 0."
        if even > 1e-6
        else silent,
    )


@checker(points=4)
def conv2d(check: Check, conv2d: Callable[..., np.ndarray]) -> None:
    """Check ``conv2d(images, kernel, bias)``: a layer's sum over channels, one map a filter.

    The shapes are (n, h, w, c), (k, l, c, filters) and (filters,), as Keras has them.
    """
    rng = np.random.default_rng(2)
    images, kernel = rng.normal(size=(2, 5, 6, 3)), rng.normal(size=(3, 2, 3, 4))
    bias = rng.normal(size=4)
    one, flat = images[:1, :, :, :1], kernel[:, :, :1, :1]
    cases = [
        ("one channel, one filter", one, flat, np.zeros(1)),
        ("a sum over three channels", images, kernel, np.zeros(4)),
        ("a bias for each filter", images, kernel, bias),
    ]
    for label, pictures, weights, offsets in cases:
        plain = _conv2d(pictures, weights)
        mistakes = [
            (plain, "You forgot the bias: it is added once to each value of its map."),
            (
                plain + weights[..., 0, 0].size * offsets,
                "The bias is added once a product; once a sum is meant.",
            ),
            (
                plain + offsets * weights.shape[2],
                "The bias is added once a channel; once a sum is meant.",
            ),
            (_conv2d(pictures, weights[::-1, ::-1]) + offsets, FLIPPED),
            (
                plain / weights.shape[2] + offsets,
                "This is the mean over the channels; it is their sum.",
            ),
            (
                _conv2d(pictures[..., :1], weights[:, :, :1]) + offsets,
                "Only the first channel is used: sum over all of them.",
            ),
            (plain.sum(axis=-1), "The filters are summed up: each one gives a map of its own."),
            (np.maximum(plain + offsets, 0), "The negative values are gone: the ReLU comes later."),
        ]
        expected = plain + offsets
        check.call(label, conv2d, pictures, weights, offsets, expected=expected, mistakes=mistakes)


def _corr2d(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Return the cross-correlation, kept apart from the lesson's so that neither copies a slip."""
    padded = np.pad(image, padding)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("mnij,ij->mn", windows[::stride, ::stride], kernel)


def _corr2d_mistakes(
    image: np.ndarray, kernel: np.ndarray, stride: int, padding: int
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    rows, columns = kernel.shape
    right = _corr2d(image, kernel, stride, padding)
    full = np.pad(image, ((rows - 1, rows - 1), (columns - 1, columns - 1)))
    same = np.pad(image, (((rows - 1) // 2, rows // 2), ((columns - 1) // 2, columns // 2)))
    spread = np.zeros(((rows - 1) * stride + 1, (columns - 1) * stride + 1))
    spread[::stride, ::stride] = kernel
    mistakes = [
        (_corr2d(image, kernel[::-1, ::-1], stride, padding), FLIPPED),
        (_corr2d(image, kernel, 1, padding), "The stride is ignored: the kernel moves by 1."),
        (_corr2d(image, kernel, stride, 0), "The padding is ignored."),
        (
            _corr2d(image, kernel, 1, padding)[::stride],
            "The stride is applied to the rows only: the kernel moves in both directions.",
        ),
        (
            _corr2d(np.pad(image, ((0, padding), (0, padding))), kernel, stride),
            "The padding is at one end only: zeros go on all four sides.",
        ),
        (
            _corr2d(np.pad(image, padding, mode="edge"), kernel, stride),
            "The border is repeated: padding means zeros here.",
        ),
        (_corr2d(full, kernel, stride), "You used 'full' padding: the image is padded too far."),
        (_corr2d(same, kernel, stride), "You used 'same' padding, whatever was asked for."),
        (right / kernel.size, "This is the mean of the products; it is their sum."),
        (right[:-1, :-1], "The last row and column are missing: add 1 to the number of places."),
        (right.sum(), "This is one number: each place of the kernel gives a number of its own."),
        (right.T, "Rows and columns are exchanged."),
    ]
    if stride > 1 and padding:
        mistakes.append((_corr2d(image, kernel), "Stride and padding are ignored."))
    if spread.shape[0] <= image.shape[0] and spread.shape[1] <= image.shape[1]:
        spread_answer = _corr2d(np.pad(image, padding), spread)
        mistakes.append(
            (spread_answer, "The stride is applied to the kernel: it moves the kernel, no more.")
        )
    return mistakes


def _conv2d(images: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the sum over window and channels, (n, h, w, filters), without a bias."""
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)
