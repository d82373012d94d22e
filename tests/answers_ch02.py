"""Right and plausibly wrong answers to the exercises of chapter 2."""

import numpy as np

from asl_helpers.checks import ch02


def merge(first, second):
    rows, columns = first.shape
    merged = np.zeros((rows + second.shape[0] - 1, columns + second.shape[1] - 1))
    for i, j in np.ndindex(second.shape):
        merged[i : i + rows, j : j + columns] += second[i, j] * first
    return merged


def relu_backward(x, upstream):
    return upstream * (x > 0)


def max_pool(images, size, stride):
    height = (images.shape[1] - size) // stride + 1
    width = (images.shape[2] - size) // stride + 1
    out = np.full((len(images), height, width, images.shape[3]), -np.inf)
    for i, j in np.ndindex(size, size):
        moved = images[:, i : i + (height - 1) * stride + 1, j : j + (width - 1) * stride + 1]
        out = np.maximum(out, moved[:, ::stride, ::stride])
    return out


def shift_change(features, image, shift):
    before, after = features(image), features(np.roll(image, shift, axis=1))
    return np.linalg.norm(after - before) / np.linalg.norm(before)


REFERENCES = {
    ch02.merge: (merge,),
    ch02.relu_backward: (relu_backward,),
    ch02.max_pool: (max_pool,),
    ch02.shift_change: (shift_change,),
}


def turned(first, second):
    return merge(first[::-1, ::-1], second)


def backwards(first, second):
    return merge(first, second[::-1, ::-1])


def unweighted(first, second):
    return merge(np.ones_like(first), second)


def masks_its_argument(x, upstream):
    upstream[x <= 0] = 0
    return upstream


def from_zeros(images, size, stride):
    return np.maximum(max_pool(images, size, stride), 0)


def overhanging(images, size, stride):
    more = [-(side - size) % stride for side in images.shape[1:3]]
    around = ((0, 0), (0, more[0]), (0, more[1]), (0, 0))
    return max_pool(np.pad(images, around, constant_values=-np.inf), size, stride)


def compared_lengths(features, image, shift):
    before, after = (np.linalg.norm(features(np.roll(image, d, 1))) for d in (0, shift))
    return abs(after - before) / before


WRONG = [
    (ch02.merge, turned, 0, "turned"),
    (ch02.merge, backwards, 0, "run backwards"),
    (ch02.merge, unweighted, 0, "Copies of ones"),
    (ch02.merge, lambda a, b: a * b, 0, "cell by cell"),
    (ch02.merge, lambda a, b: merge(a, b)[1:-1, 1:-1], 0, "The shape is"),
    (ch02.relu_backward, lambda x, g: g, 0, "passes everywhere"),
    (ch02.relu_backward, lambda x, g: np.maximum(g, 0), 0, "applied to the gradient"),
    (ch02.relu_backward, lambda x, g: (x > 0) * 1.0, 0, "chain rule"),
    (ch02.relu_backward, lambda x, g: np.maximum(x, 0) * g, 0, "value is multiplied"),
    (ch02.relu_backward, lambda x, g: np.maximum(x, 0), 0, "way forward"),
    (ch02.relu_backward, lambda x, g: g * (x >= 0), 1.33, "compare with `>`"),
    (ch02.relu_backward, masks_its_argument, 0, "work on a copy"),
    (ch02.max_pool, lambda x, k, s: -max_pool(-x, k, s), 0, "smallest"),
    (ch02.max_pool, from_zeros, 2.4, "not from zeros"),
    (ch02.max_pool, lambda x, k, s: max_pool(x, k, k), 2.4, "by its own size"),
    (ch02.max_pool, lambda x, k, s: max_pool(x, k, 1), 0.8, "moves by 1"),
    (ch02.max_pool, lambda x, k, s: x[:, ::s, ::s], 0, "first value"),
    (ch02.max_pool, overhanging, 3.2, "hangs over"),
    (ch02.max_pool, lambda x, k, s: x.max(axis=(1, 2)), 0, "global pooling"),
    (ch02.max_pool, lambda x, k, s: max_pool(x, k, s).max(-1), 0, "channels are mixed"),
    (ch02.shift_change, lambda f, x, d: shift_change(f, x, -d), 2.25, "to the left"),
    (ch02.shift_change, compared_lengths, 1.5, "length of the difference"),
    (ch02.shift_change,
     lambda f, x, d: np.linalg.norm(f(np.roll(x, d, 1)) - f(x)), 1.5, "before the shift"),
    (ch02.shift_change, lambda f, x, d: 1 - shift_change(f, x, d), 0, "stays the same"),
    (ch02.shift_change, lambda f, x, d: shift_change(f, x, d) ** 2, 1.5, "root is missing"),
    (ch02.shift_change,
     lambda f, x, d: shift_change(lambda y: y, x, d), 1.5, "change of the image"),
]  # fmt: skip
