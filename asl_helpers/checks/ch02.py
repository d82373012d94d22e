"""Checkers of chapter 2: activations and pooling."""

import numpy as np

from asl_helpers.checks.core import Changed, case, exercise


@exercise(points=3)
def merge(first, second):
    rows, columns = first.shape
    merged = np.zeros(np.add(first.shape, second.shape) - 1)
    for i, j in np.ndindex(second.shape):
        merged[i : i + rows, j : j + columns] += second[i, j] * first
    return merged


_RNG = np.random.default_rng(1)

merge.cases = {
    "one row, by hand": case(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0, 5.0]])),
    "two kernels of 3 × 3": case(_RNG.normal(size=(3, 3)), _RNG.normal(size=(3, 3))),
    "kernels of two sizes": case(_RNG.normal(size=(2, 3)), _RNG.normal(size=(4, 2))),
}
merge.wrong = {
    "One kernel is turned: no flip is needed.": ("* first", "* first[::-1, ::-1]"),
    "`second` runs backwards: its weight [i, j] belongs to row i, column j.":
        ("second[i, j]", "second[::-1, ::-1][i, j]"),
    "Copies of ones are added: multiply `first` by each weight.":
        ("* first", "* np.ones_like(first)"),
    "Weights are multiplied cell by cell; the second kernel must slide.": np.multiply,
    "This is the matrix product; the second kernel must slide.": np.matmul,
    "The kernels are added; one must work on the other's map.": np.add,
}  # fmt: skip


@exercise(points=2)
def relu_backward(x, upstream):
    return upstream * (x > 0)


_RNG = np.random.default_rng(2)

relu_backward.cases = {
    "four numbers, by hand": case(np.array([-2.0, -1, 1, 2]), np.array([5.0, -5, 5, -5])),
    "a batch of maps": case(_RNG.normal(size=(2, 4, 3)), _RNG.normal(size=(2, 4, 3))),
    "exactly 0 counts as off": case(np.array([0.0, 0, -3, 3]), np.array([1.0, -1, 4, 2])),
}
relu_backward.wrong = {
    "The gradient passes everywhere: it must stop where x was negative.": (" * (x > 0)", ""),
    "The ReLU is applied to the gradient; x decides.": ("* (x > 0)", "* (upstream > 0)"),
    "Negative gradients are dropped: they pass, too.": ("upstream", "np.maximum(upstream, 0)"),
    "This is the derivative alone: multiply it by `upstream`.": ("upstream", "1.0"),
    "The ReLU's value is used; its derivative is 1 or 0.": ("(x > 0)", "np.maximum(x, 0)"),
    "This is the ReLU itself, the forward pass.": ("upstream * (x > 0)", "np.maximum(x, 0)"),
    "At exactly 0 the gradient is 0: compare with `>`.": (">", ">="),
    "It is the other way round: the gradient passes where x is positive.": (">", "<="),
}


@exercise(points=4)
def max_pool(images, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(-2, -1))


def _hanging(images, size, stride):
    """Return the pooling whose last windows may hang over the edge."""
    more = [-(side - size) % stride for side in images.shape[1:3]]
    around = ((0, 0), (0, more[0]), (0, more[1]), (0, 0))
    return max_pool.reference(np.pad(images, around, constant_values=-np.inf), size, stride)


_IMAGES = np.random.default_rng(3).normal(size=(2, 6, 8, 3))

max_pool.cases = {
    "a 4 × 4 image, by hand": case(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2),
    "each image and channel for itself": case(_IMAGES, 2, 2),
    "values that are all negative": case(_IMAGES - 9, 2, 2),
    "windows that overlap": case(_IMAGES, 3, 1),
    "a last step that does not fit": case(_IMAGES, 3, 2),
}
max_pool.wrong = {
    "This is the mean: take the largest value.": ("max", "mean"),
    "This is the smallest value: take the largest.": ("max", "min"),
    "Start from the values, not from zeros.": Changed(lambda maps: np.maximum(maps, 0)),
    "The channels are mixed: each keeps its own largest value.": [
        Changed(lambda maps: maps.max(axis=-1)),
        Changed(lambda maps: 0 * maps + maps.max(axis=-1, keepdims=True)),
    ],
    "`stride` is ignored: the window moves by its own size.": ("::stride", "::size"),
    "`stride` is ignored: the window moves by 1.": ("::stride", "::1"),
    "This is the first value of each window.": (".max(axis=(-2, -1))", "[..., 0, 0]"),
    "The last window hangs over the edge: drop it.": _hanging,
    "This is one value for the whole map, which is global pooling.":
        lambda images, size, stride: images.max(axis=(1, 2)),
}  # fmt: skip


@exercise(points=3)
def shift_change(features, image, shift):
    before, after = features(image), features(np.roll(image, shift, axis=1))
    return np.linalg.norm(np.subtract(after, before)) / np.linalg.norm(before)


_IMAGE, _COLUMNS = np.zeros((8, 9)), np.arange(1.0, 10)
_IMAGE[2:6, 2:4] = [[1, 2], [3, 1], [2, 4], [1, 1]]

shift_change.cases = {
    "no shift, no change": case(np.asarray, _IMAGE, 0),
    "the pixels themselves": case(np.asarray, _IMAGE, 1),
    "features that weigh the right more": case(lambda image: image * _COLUMNS, _IMAGE, 2),
    "a sum does not see it": case(np.sum, _IMAGE, 3),
}
shift_change.wrong = {
    "Divide by the length of the features before the shift.": (" / np.linalg.norm(before)", ""),
    "A root is missing: compare lengths, not squared lengths.": Changed(np.square),
    "The image is shifted to the left.": ("shift, axis", "-shift, axis"),
    "This is the change of the image itself.": ("features(", "np.asarray("),
    "This is what stays the same: return the change.": Changed(lambda change: 1 - change),
    "The lengths are compared; take the length of the difference.":
        ("np.linalg.norm(np.subtract(after, before))",
         "abs(np.linalg.norm(after) - np.linalg.norm(before))"),
}  # fmt: skip
