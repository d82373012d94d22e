"""Checkers of chapter 6: architectures, counted."""

import numpy as np
from scipy.special import expit, softmax

from asl_helpers.checks.core import Exercise, case


def _depthwise(images, kernels):
    view = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijc->nhwc", view, kernels)


_RNG = np.random.default_rng(61)
_SHAPES = {
    "one channel, like corr2d": ((1, 4, 5, 1), (3, 3, 1)),
    "two channels keep apart": ((1, 4, 4, 2), (2, 2, 2)),
    "three channels, a batch": ((2, 6, 5, 3), (3, 3, 3)),
    "1 × 1 kernels are factors": ((2, 3, 3, 4), (1, 1, 4)),
}

depthwise = Exercise(
    points=4,
    reference=_depthwise,
    cases={
        label: case(_RNG.normal(size=images), _RNG.normal(size=kernels))
        for label, (images, kernels) in _SHAPES.items()
    },
    misconceptions={
        "The channels are added up: that is the standard convolution. Depthwise, there are as "
        "many maps out as in.": (
            lambda x, k: _depthwise(x, k).sum(axis=-1),
            lambda x, k: _depthwise(x, k).sum(axis=-1, keepdims=True),
            lambda x, k: 0 * _depthwise(x, k) + _depthwise(x, k).sum(axis=-1, keepdims=True),
        ),
        "The channels are averaged: keep each.": lambda x, k: _depthwise(x, k).mean(axis=-1),
        "One channel's kernel is used for all.": lambda x, k: _depthwise(x, 0 * k + k[..., :1]),
        "The kernels are turned round: do not flip.": lambda x, k: _depthwise(x, k[::-1, ::-1]),
        "Rows and columns are exchanged.": lambda x, k: _depthwise(x, k.swapaxes(0, 1)),
        "The channels belong last, not second.": lambda x, k: np.moveaxis(_depthwise(x, k), -1, 1),
        "Each channel became one number.": lambda x, k: _depthwise(x, k).sum(axis=(1, 2)),
    },
)  # fmt: skip


def _cost(weights):
    """Return a count of (parameters, multiply-adds): each weight is used at every place."""
    return lambda size, *layer: np.array([weights(*layer), size**2 * weights(*layer)])


_separable = _cost(lambda k, c, f: k**2 * c + c * f)

separable_cost = Exercise(
    points=3,
    reference=lambda size, kernel, channels, filters: _separable(size, kernel, channels, filters),
    cases={
        "a layer in the middle": case(14, 3, 32, 64),
        "one pixel, 1 × 1": case(1, 1, 5, 7),
        "a large kernel": case(28, 5, 8, 16),
        "more channels than filters": case(10, 3, 96, 24),
    },
    misconceptions={
        "The standard convolution: here the two steps add up.": _cost(lambda k, c, f: k**2 * c * f),
        "The depthwise step alone: the 1 × 1 mixing is missing.": _cost(lambda k, c, f: k**2 * c),
        "The pointwise step alone: the filtering is missing.": _cost(lambda k, c, f: c * f),
        "The two numbers are exchanged: parameters first.": lambda *a: _separable(*a)[::-1],
        "The multiply-adds lack the size × size places.": lambda n, *layer: _separable(1, *layer),
        "A map has size × size places.": lambda n, *layer: _separable(n, *layer) // [1, n],
        "The kernel has kernel × kernel places, not kernel.": _cost(lambda k, c, f: k * c + c * f),
        "A kernel for each channel, not for each filter.": _cost(lambda k, c, f: k**2 * f + c * f),
        "Every channel has a kernel of its own.": _cost(lambda k, c, f: k**2 + c * f),
        "The mixing is 1 × 1, not kernel × kernel.": _cost(lambda k, c, f: k**2 * (c + c * f)),
        "There are no biases here: batch normalisation follows, and has a shift of its own.":
            lambda n, k, c, f: np.add(_separable(n, k, c, f), [c + f, 0]),
    },
)  # fmt: skip


def _inverted(channels, filters, expansion, wide=None, kernel=9, norms=4):
    wide = wide or expansion * channels
    return channels * wide + kernel * wide + wide * filters + norms * (2 * wide + filters)


inverted_parameters = Exercise(
    points=3,
    reference=lambda channels, filters, expansion: _inverted(channels, filters, expansion),
    cases={
        "a block of MobileNetV2": case(24, 24, 6),
        "the ends differ": case(16, 40, 6),
        "another expansion": case(8, 8, 3),
    },
    misconceptions={
        "Batch normalisation is missing: 4 numbers each.": lambda *a: _inverted(*a, norms=0),
        "Batch normalisation keeps four numbers a channel.": lambda *a: _inverted(*a, norms=2),
        "The projection has batch normalisation too.": lambda c, f, t: _inverted(c, f, t) - 4 * f,
        "The middle is depthwise: no mixing.": lambda c, f, t: _inverted(c, f, t, kernel=9 * t * c),
        "The shortcut has no weights: it adds.": lambda c, f, t: _inverted(c, f, t) + c * f,
        "The middle kernel has 3 × 3 places.": lambda *a: _inverted(*a, kernel=1),
        "The projection ends at `filters` channels.": lambda c, f, t: _inverted(c, c, t),
        "This block is thin in the middle, as ResNet's bottleneck; here it is the wide part.":
            lambda c, f, t: _inverted(c, f, t, wide=max(c // t, 1)),
        "`expansion` is not used: it makes the middle wider.": lambda c, f, t: _inverted(c, f, 1),
    },
)  # fmt: skip


def _relu(x):
    return np.maximum(x, 0)


def _attended(squeeze=np.mean, middle=_relu, last=expit, how=np.multiply):
    """Return channel attention made of these parts; ``squeeze`` keeps the axes."""

    def attention(maps, w1, b1, w2, b2):
        squeezed = squeeze(maps, axis=(1, 2), keepdims=True)
        return how(maps, last(middle(squeezed @ w1 + b1) @ w2 + b2))

    return attention


def _attention_case(shape, units):
    maps, channels = _RNG.normal(0.5, 1, size=shape), shape[-1]
    sizes = (channels, units), (units,), (units, channels), (channels,)
    return case(maps, *(_RNG.normal(size=size) for size in sizes))


_RNG = np.random.default_rng(62)
_SILENT = np.ones((3, 1)), np.array([-9.0]), np.array([[5.0, -5.0, 1.0]]), np.zeros(3)

attention = Exercise(
    points=4,
    reference=_attended(),
    cases={
        "one image, two channels": _attention_case((1, 2, 2, 2), 1),
        "every image has scales of its own": _attention_case((3, 4, 5, 6), 2),
        "as many channels as places": _attention_case((2, 2, 2, 4), 3),
        "where the ReLU is silent, every scale is a half":
            case(np.full((1, 3, 3, 3), 2.0), *_SILENT),
    },
    misconceptions={
        "These are the scales alone: multiply the maps by them.": (
            _attended(how=lambda maps, scales: scales[:, 0, 0]),
            _attended(how=lambda maps, scales: scales),
        ),
        "This is softmax: channels do not compete, use a sigmoid.":
            _attended(last=lambda x: softmax(x, axis=-1)),
        "The sigmoid is missing: a scale lies between 0 and 1.": _attended(last=lambda x: x),
        "The ReLU between the two layers is missing.": _attended(middle=lambda x: x),
        "The squeeze takes the mean over the places, not the sum.":
            _attended(np.sum),
        "The squeeze takes the mean over the places, not the largest value.":
            _attended(np.max),
        "Every image has scales of its own.":
            _attended(lambda maps, **_: maps.mean(axis=(0, 1, 2))),
        "Nothing is squeezed: take the mean over the places first.":
            _attended(lambda maps, **_: maps),
        "The scales are added: they multiply.": _attended(how=np.add),
        "The biases b1 and b2 are missing.": lambda x, w, b, w2, b2: _attended()(x, w, 0, w2, 0),
        "The second layer ends with a sigmoid, not with a ReLU.": _attended(last=_relu),
    },
)  # fmt: skip
