"""Checkers of chapter 3: dropout and batch normalisation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, numbers, run

KEEP = 0.8


@checker(points=4)
def dropout(check: Check, dropout: Callable[..., np.ndarray]) -> None:
    """Check ``dropout(z, keep, rng, training=True)``: zero or z / keep, mask by ``rng``."""
    z = np.full((200, 100), 3.0)
    z[::2] = -1.5
    answer, message = run(_seeded(dropout), z, KEEP, True)
    ratios = None if message else numbers(answer)
    if message is None and (ratios is None or ratios.shape != z.shape):
        message = f"An array of the shape of z was expected, {z.shape}."
    if message:
        for label in ("values kept are scaled", "the right share is dropped", "masks differ"):
            check.record(label, message)
    else:
        ratios = ratios / z
        check.record("values kept are scaled", _scaling(ratios))
        check.record("the right share is dropped", _share(ratios))
        check.record("masks differ", _masks(ratios))
    check.call(
        "in inference nothing changes",
        _seeded(dropout),
        z,
        KEEP,
        False,
        expected=z,
        mistakes=[
            (z * KEEP, "The scaling is done in training already: here return z as it is."),
            (z / KEEP, "Without a mask there is nothing to make up for: return z as it is."),
            *(
                [(answer, "Values are dropped although `training` is False.")]
                if message is None
                else []
            ),
        ],
    )


@checker(points=4)
def batch_norm(check: Check, batch_norm: Callable[..., np.ndarray]) -> None:
    """Check ``batch_norm(x, gamma, beta, eps=1e-3)``: (n, h, w, c) by the batch's statistics."""
    rng = np.random.default_rng(1)
    pair = np.array([1.0, 5.0]).reshape(2, 1, 1, 1)
    x = rng.normal([1, -2, 0.5], [1, 3, 0.2], size=(4, 3, 5, 3))
    ones, zeros = np.ones(3), np.zeros(3)
    gamma, beta = np.array([2.0, 0.5, -1.0]), np.array([0.0, 1.0, 3.0])
    cases = [
        ("the numbers 1 and 5", pair, np.ones(1), np.zeros(1), 1e-3),
        ("each channel for itself", x, ones, zeros, 1e-3),
        ("a large eps", x, ones, zeros, 0.5),
        ("gamma and beta", x, gamma, beta, 1e-3),
    ]
    for label, given, scale, shift, eps in cases:
        expected = _normalised(given, (0, 1, 2), scale, shift, eps)
        plain = _normalised(given, (0, 1, 2), 1, 0, eps)
        centred = given - given.mean((0, 1, 2))
        variance = given.var((0, 1, 2))
        mistakes = [
            (
                _normalised(given, None, scale, shift, eps),
                "One mean for all channels: each channel has its own.",
            ),
            (
                _normalised(given, 0, scale, shift, eps),
                "A mean for each place: average over the places too, axes 0, 1 and 2.",
            ),
            (
                _normalised(given, (1, 2), scale, shift, eps),
                "A mean for each image: average over the batch too, axes 0, 1 and 2.",
            ),
            (
                _normalised(given, -1, scale, shift, eps),
                "The mean runs over the channels: that is layer normalisation's axis.",
            ),
            (plain, "`gamma` and `beta` are missing: scale, then shift."),
            (plain * scale, "`beta` is missing."),
            (plain + shift, "`gamma` is missing."),
            ((plain + shift) * scale, "Scale first, then shift: gamma times the rest, plus beta."),
            (scale * centred / (variance + eps) + shift, "Divided by the variance: take its root."),
            (
                scale * centred / (np.sqrt(variance) + eps) + shift,
                "eps is added outside the root; it belongs under it, to the variance.",
            ),
            (scale * centred / np.sqrt(variance) + shift, "eps is missing under the root."),
            (
                scale * centred / np.sqrt(given.var((0, 1, 2), ddof=1) + eps) + shift,
                "The variance is divided by one less than the number of values; here by all.",
            ),
            (scale * centred + shift, "The mean is taken off; divide by the deviation, too."),
        ]
        check.call(
            label,
            batch_norm,
            given,
            scale,
            shift,
            named={"eps": eps},
            expected=expected,
            mistakes=mistakes,
        )


@checker(points=3)
def moving_average(check: Check, moving_average: Callable[..., np.ndarray]) -> None:
    """Check ``moving_average(batches, momentum=0.99)``: (steps, channels) to (channels,)."""
    rng = np.random.default_rng(2)
    cases = [
        ("twice the value 10, by hand", np.array([[10.0], [10.0]]), 0.9),
        ("two channels", rng.normal(3, 1, size=(5, 2)), 0.8),
        ("a hundred batches", rng.normal(3, 1, size=(100, 3)), 0.99),
    ]
    for label, batches, momentum in cases:
        first = batches[0] * momentum ** (len(batches) - 1) + _kept(batches[1:], momentum)
        expected = _kept(batches, momentum)
        mistakes = [
            (
                _kept(batches, 1 - momentum),
                "The shares are exchanged: momentum is that of the old value (in PyTorch's "
                "argument it is that of the new).",
            ),
            (batches.mean(axis=0), "This is the plain mean of all batches."),
            (batches[-1], "This is the last batch alone: nothing is kept."),
            (first, "Start from 0 as Keras does, not from the first batch."),
            (
                expected / (1 - momentum ** len(batches)),
                "A correction for the start is in it; Keras's batch normalisation has none.",
            ),
            (_kept(batches[:-1], momentum), "The last batch is left out."),
            (_kept(batches[::-1], momentum), "The batches are taken in reverse."),
        ]
        check.call(label, moving_average, batches, momentum, expected=expected, mistakes=mistakes)


def _seeded(dropout: Any) -> Any:
    """Return the answer with a generator of its own; what is no function is left as it is."""
    if not callable(dropout):
        return dropout
    return lambda z, keep, training: dropout(z, keep, np.random.default_rng(7), training)


def _scaling(ratios: np.ndarray) -> str | None:
    """Return what is wrong with the values that were not dropped, or None."""
    kept = ratios[~np.isclose(ratios, 0)]
    if not kept.size:
        return "Everything is 0."
    for factor, message in (
        (1 / KEEP, None),
        (1.0, "The values kept are unchanged: divide them by `keep`, or the mean sinks."),
        (KEEP, "The values kept are multiplied by `keep`: divide."),
        (1 / (1 - KEEP), "Divided by the share that is dropped; `keep` is the share that stays."),
    ):
        if np.allclose(kept, factor):
            return message
    return f"A value kept was multiplied by {kept[0]:.3g}; expected 1 / keep = {1 / KEEP:g}."


def _share(ratios: np.ndarray) -> str | None:
    dropped = float(np.isclose(ratios, 0).mean())
    if abs(dropped - (1 - KEEP)) < 0.06:
        return None
    if abs(dropped - KEEP) < 0.06:
        return "`keep` of the values are dropped: it is the probability to keep a value."
    return f"With keep = {KEEP}, a share of {dropped:.2f} is 0; expected about {1 - KEEP:.2f}."


def _masks(ratios: np.ndarray) -> str | None:
    """Return a message unless rows and columns have masks of their own, or None."""
    mask = np.isclose(ratios, 0)
    if mask.all() or not mask.any():
        return "All values are treated alike: draw a number for each."
    if (mask == mask[:1]).all():
        return "Every example has the same mask: draw numbers of the shape of z."
    if (mask == mask[:, :1]).all():
        return "Whole examples are dropped: draw numbers of the shape of z."
    return None


def _normalised(x: np.ndarray, axis: Any, gamma: Any, beta: Any, eps: float) -> np.ndarray:
    mean = x.mean(axis=axis, keepdims=True)
    deviation = np.sqrt(np.mean((x - mean) ** 2, axis=axis, keepdims=True) + eps)
    return gamma * ((x - mean) / deviation) + beta


def _kept(batches: np.ndarray, momentum: float) -> np.ndarray:
    """Return the moving average as the weighted sum that it is, apart from the lesson's loop."""
    weights = (1 - momentum) * momentum ** np.arange(len(batches))[::-1]
    return weights @ batches
