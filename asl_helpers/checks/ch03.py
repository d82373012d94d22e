"""Checkers of chapter 3: dropout and batch normalisation."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, Exercise, case, compare, numbers, run

KEEP = 0.8


def _dropout(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z / keep if training else z


def _masked_and_scaled(check: Check, answer: Any) -> None:
    """Check that values are 0 or z / keep, by masks that differ, and in training alone."""
    z = np.full((200, 100), 3.0)
    z[::2] = -1.5
    (value, message), (used, failed) = (
        run(answer, z, KEEP, np.random.default_rng(7), training) for training in (True, False)
    )
    ratios = numbers(value)
    if message is None and (ratios is None or ratios.shape != z.shape):
        message = f"An array of the shape of z was expected, {z.shape}."
    known = {
        "The scaling is done in training already: here return z as it is.": z * KEEP,
        "Without a mask there is nothing to make up for: return z as it is.": z / KEEP,
        "Values are dropped although `training` is False.": None if message else value,
    }
    faults = [message] * 3 if message else _faults(ratios / z)
    labels = "values kept are scaled", "the right share is dropped", "masks differ"
    for label, fault in zip(labels, faults, strict=True):
        check.record(label, fault)
    check.record("in inference nothing changes", failed or compare(used, z, known.items()))


def _faults(ratios: np.ndarray) -> Iterator[str | None]:
    """Yield what is wrong with the factors, the share of zeros and the masks, or None."""
    dropped = np.isclose(ratios, 0)
    share, factors = float(dropped.mean()), ratios[~dropped]
    known = {
        1 / KEEP: None,
        1.0: "The values kept are unchanged: divide them by `keep`, or the mean sinks.",
        KEEP: "The values kept are multiplied by `keep`: divide.",
        1 / (1 - KEEP): "Divided by the share that is dropped; `keep` is the share that stays.",
    }
    found = [factor for factor in known if factors.size and np.allclose(factors, factor)]
    yield known[found[0]] if found else f"Expected z times 0 or 1 / keep = {1 / KEEP:g}."
    message = f"With keep = {KEEP}, a share of {share:.2f} is 0; expected about {1 - KEEP:.2f}."
    if abs(share - KEEP) < 0.06:
        message = "`keep` of the values are dropped: it is the probability to keep a value."
    yield None if abs(share - (1 - KEEP)) < 0.06 else message
    if dropped.all() or not dropped.any():
        yield "All values are treated alike: draw a number for each."
    elif (dropped == dropped[:1]).all():
        yield "Every example has the same mask: draw numbers of the shape of z."
    else:
        whole = "Whole examples are dropped: draw numbers of the shape of z."
        yield whole if (dropped == dropped[:, :1]).all() else None


def _wrong_dropout(mask=lambda z: z.shape, kept=lambda z, keep: z / keep, used=lambda z, keep: z):
    """Return a dropout with another shape of mask, another scaling, or another use."""

    def dropout(z, keep, rng, training=True):
        return (rng.random(mask(z)) < keep) * kept(z, keep) if training else used(z, keep)

    return dropout


dropout = Exercise(
    points=4,
    reference=_dropout,
    tests=_masked_and_scaled,
    wrong_answers={
        "Values are dropped although `training` is False.":
            lambda z, keep, rng, training=True: _dropout(z, keep, rng),
        "divide them by `keep`, or the mean sinks.": _wrong_dropout(kept=lambda z, keep: z),
        "The scaling is done in training already":
            _wrong_dropout(kept=lambda z, keep: z, used=lambda z, keep: z * keep),
        "Without a mask there is nothing to make up for":
            _wrong_dropout(used=lambda z, keep: z / keep),
        "it is the probability to keep a value.":
            lambda z, keep, rng, training=True: _dropout(z, 1 - keep, rng, training),
        "The values kept are multiplied by `keep`": _wrong_dropout(kept=lambda z, keep: z * keep),
        "Every example has the same mask": _wrong_dropout(mask=lambda z: z.shape[1]),
        "Whole examples are dropped": _wrong_dropout(mask=lambda z: (len(z), 1)),
        "All values are treated alike": lambda z, keep, rng, training=True: z,
    },
)  # fmt: skip


def _normalised(axis=(0, 1, 2), divisor=lambda variance, eps: np.sqrt(variance + eps), **options):
    """Return a normalisation by the statistics over some axes."""

    def batch_norm(x, gamma, beta, eps=1e-3):
        mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True, **options)
        return gamma * ((x - mean) / divisor(variance, eps)) + beta

    return batch_norm


_batch_norm = _normalised()
_RNG = np.random.default_rng(1)
_PAIR = np.array([1.0, 5.0]).reshape(2, 1, 1, 1)
_MAPS = _RNG.normal([1, -2, 0.5], [1, 3, 0.2], size=(4, 3, 5, 3))
_GAMMA, _BETA = np.array([2.0, 0.5, -1.0]), np.array([0.0, 1.0, 3.0])

batch_norm = Exercise(
    points=4,
    reference=_batch_norm,
    cases={
        "the numbers 1 and 5": case(_PAIR, np.ones(1), np.zeros(1), eps=1e-3),
        "each channel for itself": case(_MAPS, np.ones(3), np.zeros(3), eps=1e-3),
        "a large eps": case(_MAPS, np.ones(3), np.zeros(3), eps=0.5),
        "gamma and beta": case(_MAPS, _GAMMA, _BETA, eps=1e-3),
    },
    misconceptions={
        "One mean for all channels: each channel has its own.": _normalised(None),
        "A mean for each place: average over axes 0, 1 and 2.": _normalised(0),
        "A mean for each image: average over axes 0, 1 and 2.": _normalised((1, 2)),
        "The mean runs over the channels: that is layer normalisation.": _normalised(-1),
        "`gamma` and `beta` are missing.": lambda x, a, e, p: _batch_norm(x, 1, 0, p),
        "Scale first, then shift.": lambda x, a, e, p: a * _batch_norm(x, 1, e, p),
        "Divided by the variance: take its root.": _normalised(divisor=np.add),
        "eps is added outside the root; it belongs under it.":
            _normalised(divisor=lambda variance, p: np.sqrt(variance) + p),
        "eps is missing under the root.": lambda x, g, b, p: _batch_norm(x, g, b, 0),
        "The variance divides by n, not by n - 1.": _normalised(ddof=1),
        "Divide by the deviation, too.": _normalised(divisor=lambda variance, p: 1),
    },
)  # fmt: skip


def _moving_average(batches, momentum=0.99, kept=0.0):
    for new in batches:
        kept = momentum * kept + (1 - momentum) * new
    return kept


_RNG = np.random.default_rng(2)

moving_average = Exercise(
    points=3,
    reference=lambda batches, momentum=0.99: _moving_average(batches, momentum),
    cases={
        "twice the value 10, by hand": case(np.array([[10.0], [10.0]]), 0.9),
        "two channels": case(_RNG.normal(3, 1, size=(5, 2)), 0.8),
        "a hundred batches": case(_RNG.normal(3, 1, size=(100, 3)), 0.99),
    },
    misconceptions={
        "The shares are exchanged: momentum is that of the old value (in PyTorch, of the new).":
            lambda b, m: _moving_average(b, 1 - m),
        "This is the plain mean of all batches.": lambda b, m: b.mean(axis=0),
        "This is the last batch alone: nothing is kept.": lambda b, m: b[-1],
        "Start from 0 as Keras does, not from the first batch.":
            lambda b, m: _moving_average(b[1:], m, kept=b[0]),
        "The last batch is left out.": lambda b, m: _moving_average(b[:-1], m),
    },
)  # fmt: skip
