"""Checkers of chapter 6: architectures, counted."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker

Function = Callable[..., Any]


@checker(points=4)
def depthwise(check: Check, depthwise: Function) -> None:
    """Check ``depthwise(images, kernels)``: (batch, h, w, c) and (r, r, c), nothing padded."""
    rng = np.random.default_rng(61)
    cases = [
        ("one channel, like corr2d", (1, 4, 5, 1), (3, 3, 1)),
        ("two channels keep apart", (1, 4, 4, 2), (2, 2, 2)),
        ("three channels, a batch", (2, 6, 5, 3), (3, 3, 3)),
        ("1 × 1 kernels are factors", (2, 3, 3, 4), (1, 1, 4)),
    ]
    for label, shape, kernel in cases:
        images, kernels = rng.normal(size=shape), rng.normal(size=kernel)
        expected = _filtered(images, kernels)
        check.call(
            label,
            depthwise,
            images,
            kernels,
            expected=expected,
            mistakes=_depthwise_mistakes(images, kernels, expected),
        )


@checker(points=3)
def separable_cost(check: Check, separable_cost: Function) -> None:
    """Check ``separable_cost(size, kernel, channels, filters)``: (parameters, multiply-adds)."""
    cases = [
        ("a layer in the middle", 14, 3, 32, 64),
        ("one pixel, 1 × 1", 1, 1, 5, 7),
        ("a large kernel", 28, 5, 8, 16),
        ("more channels than filters", 10, 3, 96, 24),
    ]
    for label, size, kernel, channels, filters in cases:
        given = (size, kernel, channels, filters)
        weights = kernel**2 * channels + channels * filters
        expected = np.array([weights, size**2 * weights])
        check.call(
            label,
            separable_cost,
            *given,
            expected=expected,
            mistakes=_separable_mistakes(*given),
        )


@checker(points=3)
def inverted_parameters(check: Check, inverted_parameters: Function) -> None:
    """Check ``inverted_parameters(channels, filters, expansion)``, batch normalisation included."""
    cases = [
        ("a block of MobileNetV2", 24, 24, 6),
        ("the ends differ", 16, 40, 6),
        ("another expansion", 8, 8, 3),
    ]
    for label, channels, filters, expansion in cases:
        wide = expansion * channels
        convolutions = channels * wide + 9 * wide + wide * filters
        norms = 4 * (wide + wide + filters)
        check.call(
            label,
            inverted_parameters,
            channels,
            filters,
            expansion,
            expected=convolutions + norms,
            mistakes=_inverted_mistakes(channels, filters, expansion),
        )


@checker(points=4)
def attention(check: Check, attention: Function) -> None:
    """Check ``attention(maps, w1, b1, w2, b2)``: maps (batch, h, w, c), each channel scaled."""
    rng = np.random.default_rng(62)
    cases = [
        ("one image, two channels", (1, 2, 2, 2), 1),
        ("every image has scales of its own", (3, 4, 5, 6), 2),
        ("as many channels as places", (2, 2, 2, 4), 3),
    ]
    for label, shape, units in cases:
        channels = shape[-1]
        maps = rng.normal(0.5, 1, size=shape)
        sizes = (channels, units), (units,), (units, channels), (channels,)
        weights = [rng.normal(size=size) for size in sizes]
        expected = maps * _scales(maps, *weights)[:, None, None]
        check.call(
            label,
            attention,
            maps,
            *weights,
            expected=expected,
            mistakes=_attention_mistakes(maps, *weights),
        )
    maps = np.full((1, 3, 3, 3), 2.0)
    blocked = (np.ones((3, 1)), np.array([-9.0]), np.array([[5.0, -5.0, 1.0]]), np.zeros(3))
    check.call(
        "where the ReLU is silent, every scale is a half",
        attention,
        maps,
        *blocked,
        expected=maps / 2,
        mistakes=_attention_mistakes(maps, *blocked),
    )


def _filtered(images: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Return the depthwise convolution, kept apart from the lesson's so that no slip is copied."""
    view = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijc->nhwc", view, kernels)


def _depthwise_mistakes(
    images: np.ndarray, kernels: np.ndarray, right: np.ndarray
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    summed = (
        "The channels are added up: that is the standard convolution. Depthwise, each channel "
        "stays by itself, and there are as many maps out as in."
    )
    return [
        (right.sum(axis=-1), summed),
        (right.sum(axis=-1, keepdims=True), summed),
        (np.broadcast_to(right.sum(axis=-1, keepdims=True), right.shape), summed),
        (
            right.mean(axis=-1),
            "The channels are averaged: depthwise, each stays by itself.",
        ),
        (
            _filtered(images, np.broadcast_to(kernels[..., :1], kernels.shape)),
            "The first channel's kernel is used for all: channel c has kernels[:, :, c].",
        ),
        (
            _filtered(images, kernels[::-1, ::-1]),
            "The kernels are turned round: here they are laid on as they are, as in chapter 1.",
        ),
        (
            _filtered(images, kernels.transpose(1, 0, 2)),
            "Rows and columns of the kernels are exchanged: kernels[i, j, c] goes with row m + i, "
            "column n + j.",
        ),
        (
            _filtered(images, kernels[..., ::-1]),
            "The kernels are in the wrong order: channel c has kernels[:, :, c].",
        ),
        (np.moveaxis(right, -1, 1), "The channels come second; they belong last."),
        (np.moveaxis(right, -1, 0), "The channels come first; they belong last."),
        (
            right.sum(axis=(1, 2)),
            "Each channel became one number: there is a value for each place of the kernel.",
        ),
    ]


def _separable_mistakes(
    size: int, kernel: int, channels: int, filters: int
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    places = size**2
    deep, mix = kernel**2 * channels, channels * filters
    standard = deep * filters

    def pair(weights: int) -> np.ndarray:
        return np.array([weights, places * weights])

    return [
        (pair(standard), "This is the standard convolution: the two steps add up, here they are "
         "multiplied."),
        (pair(deep), "This is the depthwise step alone: the 1 × 1 mixing is missing."),
        (pair(mix), "This is the pointwise step alone: the filtering of each channel is missing."),
        (pair(deep + mix)[::-1], "The two numbers are exchanged: parameters first."),
        (np.array([deep + mix] * 2), "The weights are used at each of size × size places: the "
         "multiply-adds lack them."),
        (np.array([deep + mix, size * (deep + mix)]), "A map of this size has size × size places, "
         "not size."),
        (pair(kernel * channels + mix), "The kernel has kernel × kernel places, not kernel."),
        (pair(kernel**2 * filters + mix), "One kernel for each channel that comes in, not for each "
         "filter."),
        (pair(kernel**2 + mix), "Every channel has a kernel of its own: one is not enough."),
        (pair(deep + kernel**2 * mix), "The mixing is 1 × 1: the kernel's places were paid for in "
         "the first step."),
        (np.array([deep + channels + mix + filters, places * (deep + mix)]),
         "There are no biases here: batch normalisation follows, and has a shift of its own."),
    ]  # fmt: skip


def _inverted_mistakes(channels: int, filters: int, expansion: int) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    wide = expansion * channels
    expand, deep, project = channels * wide, 9 * wide, wide * filters
    norms = 4 * (wide + wide + filters)
    right = expand + deep + project + norms
    thin = max(channels // expansion, 1)
    return [
        (right - norms, "Batch normalisation is missing: four numbers a channel behind each of the "
         "three convolutions."),
        (right - norms // 2, "Batch normalisation keeps four numbers a channel: scale and shift "
         "are learned, mean and variance noted."),
        (right - 4 * filters, "The projection is linear, but batch normalisation follows it too."),
        (expand + 9 * wide**2 + project + norms, "The middle convolution is depthwise: 9 weights "
         "for each wide channel, and no mixing."),
        (right + channels * filters, "The shortcut has no weights: it adds, or it is not there."),
        (right + wide + wide + filters, "There are no biases: batch normalisation has a shift of "
         "its own."),
        (expand + wide + project + norms, "The middle kernel has 3 × 3 places: 9 weights a "
         "channel."),
        (expand + 9 * channels + project + norms, "The depthwise step works on the wide maps, "
         "expansion × channels of them."),
        (expand + deep + wide * channels + 4 * (2 * wide + channels), "The projection ends at "
         "`filters` channels."),
        (channels * thin + 9 * thin + thin * filters + 4 * (2 * thin + filters), "This block is "
         "thin in the middle, as ResNet's bottleneck. Inverted, the middle is the wide part."),
        (deep + project + norms, "The expansion is missing: a 1 × 1 convolution from `channels` to "
         "the wide middle."),
        (channels**2 + 9 * channels + channels * filters + 4 * (2 * channels + filters),
         "`expansion` is not used: it makes the middle wider."),
    ]  # fmt: skip


def _scales(
    maps: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray
) -> np.ndarray:
    """Return the scales, (batch, channels), kept apart from the lesson's."""
    means = np.einsum("nhwc->nc", maps) / (maps.shape[1] * maps.shape[2])
    return _sigmoid(np.clip(means @ w1 + b1, 0, None) @ w2 + b2)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(x / 2)) / 2


def _attention_mistakes(
    maps: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""

    def scaled(scales: np.ndarray) -> np.ndarray:
        return maps * scales[:, None, None]

    def hidden(squeezed: np.ndarray) -> np.ndarray:
        return np.maximum(squeezed @ w1 + b1, 0)

    means = maps.mean(axis=(1, 2))
    last = hidden(means) @ w2 + b2
    exps = np.exp(last - last.max(axis=1, keepdims=True))
    alone = _sigmoid(last)
    place_by_place = maps * _sigmoid(np.maximum(maps @ w1 + b1, 0) @ w2 + b2)
    return [
        (alone, "These are the scales alone: multiply the maps by them."),
        (alone[:, None, None], "These are the scales alone: multiply the maps by them."),
        (
            scaled(exps / exps.sum(axis=1, keepdims=True)),
            "This is softmax: here channels do not compete for one whole, each has a sigmoid.",
        ),
        (scaled(last), "The sigmoid is missing: a scale lies between 0 and 1."),
        (
            scaled(_sigmoid((means @ w1 + b1) @ w2 + b2)),
            "The ReLU between the two layers is missing.",
        ),
        (
            scaled(_sigmoid(hidden(maps.sum(axis=(1, 2))) @ w2 + b2)),
            "The squeeze takes the mean over the places, not the sum.",
        ),
        (
            scaled(_sigmoid(hidden(maps.max(axis=(1, 2))) @ w2 + b2)),
            "The squeeze takes the mean over the places, not the largest value.",
        ),
        (
            maps * _sigmoid(hidden(maps.mean(axis=(0, 1, 2))) @ w2 + b2),
            "The mean is taken over the batch too: every image has scales of its own.",
        ),
        (place_by_place, "Nothing is squeezed: take the mean over the places first."),
        (maps + alone[:, None, None], "The scales are added: they multiply."),
        (
            scaled(_sigmoid(np.maximum(means @ w1, 0) @ w2)),
            "The biases b1 and b2 are missing.",
        ),
        (
            scaled(np.maximum(last, 0)),
            "The second layer ends with a sigmoid; the ReLU is the first one's.",
        ),
    ]
