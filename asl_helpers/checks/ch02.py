"""Checkers of chapter 2: activations and pooling."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _merge(first, second):
    """Return the full convolution by Fourier's way, apart from the lesson's stamping."""
    shape = [a + b - 1 for a, b in zip(first.shape, second.shape, strict=True)]
    return np.fft.irfft2(np.fft.rfft2(first, shape) * np.fft.rfft2(second, shape), shape)


_RNG = np.random.default_rng(1)

merge = Exercise(
    points=3,
    reference=_merge,
    cases={
        "one row, by hand": case(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0, 5.0]])),
        "two kernels of 3 × 3": case(_RNG.normal(size=(3, 3)), _RNG.normal(size=(3, 3))),
        "kernels of two sizes": case(_RNG.normal(size=(2, 3)), _RNG.normal(size=(4, 2))),
    },
    misconceptions={
        "One kernel is turned: no flip is needed.": lambda f, s: _merge(f[::-1, ::-1], s),
        "`second` runs backwards: its weight [i, j] goes with row i, column j.":
            lambda f, s: _merge(f, s[::-1, ::-1]),
        "Copies of ones are added: multiply `first` by each weight.":
            lambda f, s: _merge(np.ones_like(f), s),
        "Weights are multiplied cell by cell; the second kernel slides.": np.multiply,
        "This is the matrix product; the second kernel slides.": np.matmul,
        "The kernels are added; one works on the other's map.": np.add,
    },
)  # fmt: skip


_RNG = np.random.default_rng(2)
_EDGE = np.array([0.0, 0.0, -3.0, 3.0]), np.array([1.0, -1.0, 4.0, 2.0])

relu_backward = Exercise(
    points=2,
    reference=lambda x, upstream: upstream * (x > 0),
    cases={
        "four numbers, by hand": case(np.array([-2.0, -1, 1, 2]), np.array([5.0, -5, 5, -5])),
        "a batch of maps": case(_RNG.normal(size=(2, 4, 3)), _RNG.normal(size=(2, 4, 3))),
        "exactly 0 counts as off": case(*_EDGE),
    },
    misconceptions={
        "The gradient passes everywhere: where x was negative it stops.": lambda x, u: u,
        "The ReLU is applied to the gradient; x decides.": lambda x, u: np.maximum(u, 0),
        "Negative gradients are dropped: they pass too.": lambda x, u: np.maximum(u, 0) * (x > 0),
        "This is the derivative alone: multiply by `upstream`.": lambda x, u: (x > 0) * 1.0,
        "The ReLU's value is used; its derivative is 1 or 0.": lambda x, u: np.maximum(x, 0) * u,
        "This is the ReLU itself, the forward pass.": lambda x, u: np.maximum(x, 0),
        "At exactly 0 the gradient is 0: compare with `>`.": lambda x, u: u * (x >= 0),
        "The other way round: it passes where x is positive.": lambda x, u: u * (x <= 0),
    },
)  # fmt: skip


def _windows(images, size, stride):
    """Return every window, (n, rows, columns, channels, size, size)."""
    view = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return view[:, ::stride, ::stride]


def _max_pool(images, size, stride):
    return _windows(images, size, stride).max(axis=(-2, -1))


def _hanging(images, size, stride):
    """Return the pooling whose last windows may hang over the edge."""
    more = [-(side - size) % stride for side in images.shape[1:3]]
    around = ((0, 0), (0, more[0]), (0, more[1]), (0, 0))
    return _max_pool(np.pad(images, around, constant_values=-np.inf), size, stride)


_IMAGES = np.random.default_rng(3).normal(size=(2, 6, 8, 3))
_MIXED = "The channels are mixed: each keeps its own largest value."

max_pool = Exercise(
    points=4,
    reference=_max_pool,
    cases={
        "a 4 × 4 image, by hand": case(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2),
        "each image and channel for itself": case(_IMAGES, 2, 2),
        "values that are all negative": case(_IMAGES - 9, 2, 2),
        "windows that overlap": case(_IMAGES, 3, 1),
        "a last step that does not fit": case(_IMAGES, 3, 2),
    },
    misconceptions={
        "This is the mean: take the largest.": lambda *given: _windows(*given).mean(axis=(-2, -1)),
        "This is the smallest value.": lambda *given: _windows(*given).min(axis=(-2, -1)),
        "Start from the values, not from zeros.": lambda *given: np.maximum(_max_pool(*given), 0),
        _MIXED: (
            lambda *given: _max_pool(*given).max(axis=-1),
            lambda *given: _max_pool(*given) * 0 + _max_pool(*given).max(axis=-1, keepdims=True),
        ),
        "`stride` is ignored: the window moves by its own size.":
            lambda x, s, t: _max_pool(x, s, s),
        "`stride` is ignored: the window moves by 1.": lambda x, s, t: _max_pool(x, s, 1),
        "This is the first value of each window.": lambda *given: _windows(*given)[..., 0, 0],
        "The last window hangs over: drop it.": _hanging,
        "One value for the whole map: that is global pooling.": lambda x, s, t: x.max(axis=(1, 2)),
    },
)  # fmt: skip


def _shift_change(features, image, shift):
    before, after = features(image), features(np.roll(image, shift, axis=1))
    return np.linalg.norm(np.subtract(after, before)) / np.linalg.norm(before)


def _uneven(image):
    """Return features whose length depends on the place: columns count more to the right."""
    return image * np.arange(1.0, image.shape[1] + 1)


def _compared_lengths(features, image, shift):
    before, after = (np.linalg.norm(features(np.roll(image, d, axis=1))) for d in (0, shift))
    return abs(after - before) / before


_IMAGE = np.zeros((8, 9))
_IMAGE[2:6, 2:4] = [[1, 2], [3, 1], [2, 4], [1, 1]]

shift_change = Exercise(
    points=3,
    reference=_shift_change,
    cases={
        "no shift, no change": case(np.asarray, _IMAGE, 0),
        "the pixels themselves": case(np.asarray, _IMAGE, 1),
        "features that scale": case(_uneven, _IMAGE, 2),
        "a sum does not see it": case(np.sum, _IMAGE, 3),
    },
    misconceptions={
        "Divide by the length of the features before the shift.":
            lambda f, x, d: _shift_change(f, x, d) * np.linalg.norm(f(x)),
        "A root is missing: lengths, not squared lengths.": lambda *a: _shift_change(*a) ** 2,
        "The image is shifted to the left.": lambda f, x, d: _shift_change(f, x, -d),
        "This is the change of the image itself.": lambda f, x, d: _shift_change(np.asarray, x, d),
        "This is what stays the same: return the change.": lambda *given: 1 - _shift_change(*given),
        "The lengths are compared; take the length of the difference.": _compared_lengths,
    },
)  # fmt: skip
