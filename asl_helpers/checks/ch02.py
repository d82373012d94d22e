"""Checkers of chapter 2: activations and pooling."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker


@checker(points=3)
def merge(check: Check, merge: Callable[..., np.ndarray]) -> None:
    """Check ``merge(first, second)``: the one kernel that does what two in a row do."""
    rng = np.random.default_rng(1)
    cases = [
        ("one row, by hand", np.array([[1.0, 2.0]]), np.array([[3.0, 0.0, 5.0]])),
        ("two kernels of 3 × 3", rng.normal(size=(3, 3)), rng.normal(size=(3, 3))),
        ("kernels of two sizes", rng.normal(size=(2, 3)), rng.normal(size=(4, 2))),
    ]
    for label, first, second in cases:
        expected = _merged(first, second)
        mistakes = [
            (
                _merged(first[::-1, ::-1], second),
                "One kernel is turned: stamp it as it is, no flip is needed.",
            ),
            (
                _merged(first, second[::-1, ::-1]),
                "The places of `second` run backwards: its weight [i, j] puts a copy of `first` "
                "at row i, column j.",
            ),
            (
                _merged(np.ones_like(first), second),
                "Copies of ones are added: multiply each copy of `first` by its weight.",
            ),
            (np.ones_like(expected) * 0, "All zeros: nothing has been added to the kernel."),
        ]
        if first.shape == second.shape:
            mistakes += [
                (first * second, "Weights are multiplied cell by cell; the second kernel slides."),
                (first @ second, "This is the matrix product; the second kernel slides."),
                (first + second, "The kernels are added; one works on the other's map."),
            ]
        given = (first, second)
        check.call(label, merge, *given, expected=expected, mistakes=mistakes)


@checker(points=2)
def relu_backward(check: Check, relu_backward: Callable[..., np.ndarray]) -> None:
    """Check ``relu_backward(x, upstream)``: the gradient behind a ReLU, two arrays alike."""
    rng = np.random.default_rng(2)
    cases = [
        ("four numbers, by hand", np.array([-2.0, -1, 1, 2]), np.array([5.0, -5, 5, -5])),
        ("a batch of maps", rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))),
        (
            "exactly 0 counts as off",
            np.array([0.0, 0.0, -3.0, 3.0]),
            np.array([1.0, -1.0, 4.0, 2.0]),
        ),
    ]
    for label, x, upstream in cases:
        on = x > 0
        mistakes = [
            (upstream, "The gradient passes everywhere: where x was negative it stops."),
            (
                np.maximum(upstream, 0),
                "The ReLU is applied to the gradient; the sign of x decides, not that of the "
                "gradient.",
            ),
            (
                np.where(upstream > 0, upstream, 0) * on,
                "Negative gradients are dropped: where x is positive they pass as they are.",
            ),
            (on * 1.0, "This is the derivative alone: multiply it by `upstream` (chain rule)."),
            (
                np.maximum(x, 0) * upstream,
                "The ReLU's value is multiplied in; its derivative is 1 or 0.",
            ),
            (np.maximum(x, 0), "This is the ReLU itself, the way forward."),
            (
                np.where(x >= 0, upstream, 0),
                "At exactly 0 the gradient is 0 here, as in TensorFlow: compare with `>`.",
            ),
            (np.where(on, 0, upstream), "The other way round: it passes where x is positive."),
        ]
        check.call(label, relu_backward, x, upstream, expected=upstream * on, mistakes=mistakes)


@checker(points=4)
def max_pool(check: Check, max_pool: Callable[..., np.ndarray]) -> None:
    """Check ``max_pool(images, size, stride)``: (n, h, w, c) to the largest of each window."""
    rng = np.random.default_rng(3)
    small = np.arange(16.0).reshape(1, 4, 4, 1)
    images = rng.normal(size=(2, 6, 8, 3))
    cases = [
        ("a 4 × 4 image, by hand", small, 2, 2),
        ("each image and channel for itself", images, 2, 2),
        ("values that are all negative", images - 9, 2, 2),
        ("windows that overlap", images, 3, 1),
        ("a last step that does not fit", images, 3, 2),
    ]
    for label, pictures, size, stride in cases:
        windows = _windows(pictures, size)
        kept = windows[:, ::stride, ::stride]
        expected = kept.max(axis=(-2, -1))
        mistakes = [
            (kept.mean(axis=(-2, -1)), "This is the mean of each window: the largest is asked."),
            (kept.min(axis=(-2, -1)), "This is the smallest value of each window."),
            (
                np.maximum(expected, 0),
                "Negative values have become 0: start from the window's own values, not from "
                "zeros.",
            ),
            (expected.max(axis=-1), "The channels are mixed: each keeps its own largest value."),
            (
                np.broadcast_to(expected.max(axis=-1, keepdims=True), expected.shape),
                "The channels are mixed: each keeps its own largest value.",
            ),
            (
                windows[:, ::size, ::size].max(axis=(-2, -1)),
                "`stride` is ignored: the window moves by it, not by its own size.",
            ),
            (windows.max(axis=(-2, -1)), "`stride` is ignored: the window moves by 1."),
            (
                kept[..., 0, 0],
                "This is the window's first value: that drops pixels without looking at them.",
            ),
            (_hanging(pictures, size, stride), "The last window hangs over: drop it."),
            (pictures.max(axis=(1, 2)), "One value for the whole map: that is global pooling."),
        ]
        check.call(label, max_pool, pictures, size, stride, expected=expected, mistakes=mistakes)


@checker(points=3)
def shift_change(check: Check, shift_change: Callable[..., float]) -> None:
    """Check ``shift_change(features, image, shift)``: a relative change, shift to the right."""
    image = np.zeros((8, 9))
    image[2:6, 2:4] = [[1, 2], [3, 1], [2, 4], [1, 1]]
    cases = [
        ("no shift, no change", _pixels, 0),
        ("the pixels themselves", _pixels, 1),
        ("features that scale", _uneven, 2),
        ("a sum does not see it", np.sum, 3),
    ]
    for label, features, shift in cases:
        moved = {
            name: np.asarray(features(np.roll(image, step, axis)), dtype=float)
            for name, step, axis in (
                ("right", shift, 1),
                ("left", -shift, 1),
                ("down", shift, 0),
                ("flat", shift, None),
            )
        }
        before = np.asarray(features(image), dtype=float)
        length = _length(before)
        difference = _length(moved["right"] - before)
        mistakes = [
            (difference, "Divide by the length of the features before the shift."),
            (difference / _length(moved["right"]), "Divided by the features after the shift."),
            ((difference / length) ** 2, "A root is missing: lengths, not squared lengths."),
            (_length(moved["left"] - before) / length, "The image is shifted to the left."),
            (_length(moved["down"] - before) / length, "The image is shifted down: axis 1."),
            (_length(moved["flat"] - before) / length, "np.roll needs `axis=1`."),
            (
                _length(np.roll(image, shift, 1) - image) / _length(image),
                "This is the change of the image; the features of both are to be compared.",
            ),
            (1 - difference / length, "This is what stays the same: return the change."),
            (
                abs(_length(moved["right"]) - length) / length,
                "The lengths are compared; take the length of the difference.",
            ),
        ]
        check.call(
            label,
            shift_change,
            features,
            image,
            shift,
            expected=difference / length,
            mistakes=mistakes,
        )


def _pixels(image: np.ndarray) -> np.ndarray:
    return image


def _uneven(image: np.ndarray) -> np.ndarray:
    """Return features whose length depends on the place: columns count more to the right."""
    return image * np.arange(1.0, image.shape[1] + 1)


def _length(values: Any) -> float:
    return float(np.sqrt(np.sum(np.square(values))))


def _merged(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the full convolution by Fourier's way, apart from the lesson's stamping."""
    shape = [a + b - 1 for a, b in zip(first.shape, second.shape, strict=True)]
    return np.fft.irfft2(np.fft.rfft2(first, shape) * np.fft.rfft2(second, shape), shape)


def _windows(images: np.ndarray, size: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))


def _hanging(images: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the pooling whose last windows may hang over the edge."""
    more = [-(side - size) % stride for side in images.shape[1:3]]
    around = ((0, 0), (0, more[0]), (0, more[1]), (0, 0))
    padded = np.pad(images, around, constant_values=-np.inf)
    return _windows(padded, size)[:, ::stride, ::stride].max(axis=(-2, -1))
