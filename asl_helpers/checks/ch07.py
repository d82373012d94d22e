"""Checkers of chapter 7: architectures, counted."""

import numpy as np
from scipy import special

from asl_helpers.checks.core import Changed, case, exercise


@exercise(points=4)
def depthwise(images, kernels):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijc->nhwc", windows, kernels)


_RNG = np.random.default_rng(61)

depthwise.cases = {
    "one channel, like corr2d": case(_RNG.normal(size=(1, 4, 5, 1)), _RNG.normal(size=(3, 3, 1))),
    "two channels keep apart": case(_RNG.normal(size=(1, 4, 4, 2)), _RNG.normal(size=(2, 2, 2))),
    "three channels, a batch": case(_RNG.normal(size=(2, 6, 5, 3)), _RNG.normal(size=(3, 3, 3))),
    "1 × 1 kernels are factors": case(_RNG.normal(size=(2, 3, 3, 4)), _RNG.normal(size=(1, 1, 4))),
}
depthwise.wrong = {
    "The channels are added up, which is the standard convolution. A depthwise one returns as many "
    "maps as it gets.": [
        ("->nhwc", "->nhw"),
        Changed(lambda maps: maps.sum(axis=-1, keepdims=True)),
        Changed(lambda maps: 0 * maps + maps.sum(axis=-1, keepdims=True)),
    ],
    "The channels are averaged: keep each.": Changed(lambda maps: maps.mean(axis=-1)),
    "One channel's kernel is used for all.": (", kernels)", ", 0 * kernels + kernels[..., :1])"),
    "The kernels are turned round: do not flip them.": (", kernels)", ", kernels[::-1, ::-1])"),
    "Rows and columns are exchanged.": (", kernels)", ", kernels.swapaxes(0, 1))"),
    "The channels belong last, not second.": ("->nhwc", "->nchw"),
    "Each channel became one number.": ("->nhwc", "->nc"),
}


@exercise(points=3)
def separable_cost(size, kernel, channels, filters):
    weights = kernel**2 * channels + channels * filters
    return weights, size**2 * weights


separable_cost.cases = {
    "a layer in the middle": case(14, 3, 32, 64),
    "one pixel, 1 × 1": case(1, 1, 5, 7),
    "a large kernel": case(28, 5, 8, 16),
    "more channels than filters": case(10, 3, 96, 24),
}
separable_cost.wrong = {
    "This is the standard convolution: here the two steps add up.": (" + channels", ""),
    "This is the depthwise step alone: the 1 × 1 mixing is missing.": (" + channels * filters", ""),
    "This is the pointwise step alone: the filtering is missing.": ("kernel**2 * channels + ", ""),
    "The two numbers are exchanged: parameters first.": Changed(lambda pair: pair[::-1]),
    "The multiply-adds lack the size × size positions.": ("size**2 * ", ""),
    "A map has size × size positions, not size.": ("size**2", "size"),
    "The kernel has kernel × kernel weights, not kernel.": ("kernel**2", "kernel"),
    "There is one kernel per channel, not per filter.": ("**2 * channels", "**2 * filters"),
    "Every channel has a kernel of its own.": ("**2 * channels", "**2"),
    "The mixing is 1 × 1, not kernel × kernel.": ("+ channels", "+ kernel**2 * channels"),
    "There are no biases here: the batch normalization that follows has a shift of its own.":
        ("return weights", "return weights + channels + filters"),
}  # fmt: skip


@exercise(points=3)
def inverted_parameters(channels, filters, expansion):
    wide = expansion * channels
    norms = 4 * (2 * wide + filters)
    return channels * wide + 9 * wide + wide * filters + norms


inverted_parameters.cases = {
    "a block of MobileNetV2": case(24, 24, 6),
    "the ends differ": case(16, 40, 6),
    "another expansion": case(8, 8, 3),
}
inverted_parameters.wrong = {
    "Batch normalization is missing: 4 numbers per channel.": (" + norms", ""),
    "Batch normalization keeps four numbers per channel.": ("4 *", "2 *"),
    "The projection has batch normalization, too.": (" + filters", ""),
    "The middle is depthwise: it does not mix channels.": ("9 * wide", "9 * wide * wide"),
    "The shortcut has no weights: it adds.": ("+ norms", "+ norms + channels * filters"),
    "The kernel in the middle has 3 × 3 weights.": ("9 * wide", "wide"),
    "The projection ends at `filters` channels.": ("filters", "channels"),
    "This block is thin in the middle, like ResNet's bottleneck; here the middle is wide.":
        ("expansion * channels", "max(channels // expansion, 1)"),
    "`expansion` is not used: it makes the middle wider.": ("expansion * ", ""),
}  # fmt: skip


@exercise(points=4)
def attention(maps, w1, b1, w2, b2):
    squeezed = maps.mean(axis=(1, 2), keepdims=True)
    hidden = np.maximum(squeezed @ w1 + b1, 0)
    return maps * special.expit(hidden @ w2 + b2)


def _drawn_maps(shape, units):
    maps, channels = _RNG.normal(0.5, 1, size=shape), shape[-1]
    sizes = (channels, units), (units,), (units, channels), (channels,)
    return case(maps, *(_RNG.normal(size=size) for size in sizes))


_RNG = np.random.default_rng(62)
_SILENT = np.ones((3, 1)), np.array([-9.0]), np.array([[5.0, -5.0, 1.0]]), np.zeros(3)

attention.cases = {
    "one image, two channels": _drawn_maps((1, 2, 2, 2), 1),
    "every image has scales of its own": _drawn_maps((3, 4, 5, 6), 2),
    "as many channels as positions": _drawn_maps((2, 2, 2, 4), 3),
    "where the ReLU is silent, every scale is a half": case(np.full((1, 3, 3, 3), 2.0), *_SILENT),
}
attention.wrong = {
    "These are the scales alone: multiply the maps by them.": [
        ("maps * ", "", "b2)", "b2)[:, 0, 0]"),
        ("maps * ", ""),
    ],
    "This is softmax: channels do not compete, so use a sigmoid.":
        ("expit(", "softmax(axis=-1, x="),
    "The sigmoid is missing: a scale lies between 0 and 1.": ("special.expit", ""),
    "The ReLU between the two layers is missing.":
        ("np.maximum(squeezed @ w1 + b1, 0)", "squeezed @ w1 + b1"),
    "The squeeze takes the mean over the positions, not the sum.": ("mean", "sum"),
    "The squeeze takes the mean over the positions, not the largest value.": ("mean", "max"),
    "Every image has scales of its own.": ("(1, 2)", "(0, 1, 2)"),
    "Nothing is squeezed: take the mean over the positions first.":
        (".mean(axis=(1, 2), keepdims=True)", ""),
    "The scales are added: multiply by them.": ("maps *", "maps +"),
    "The biases b1 and b2 are missing.": (" + b1", "", " + b2", ""),
    "The second layer ends with a sigmoid, not with a ReLU.":
        ("special.expit(hidden @ w2 + b2)", "np.maximum(hidden @ w2 + b2, 0)"),
}  # fmt: skip
