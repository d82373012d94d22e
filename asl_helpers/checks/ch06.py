"""Checkers of chapter 6: dropout and batch normalization."""

import numpy as np

from asl_helpers.checks.core import Failed, case, compare, exercise, numbers

KEEP = 0.8


@exercise(points=4)
def dropout(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z / keep if training else z


_Z = np.full((200, 100), 3.0)
_Z[::2] = -1.5


def _ratios(call):
    """Return by what each value was multiplied in training, and which ones were dropped."""
    values = numbers(call(_Z, KEEP, np.random.default_rng(7), True))
    if values is None or values.shape != _Z.shape:
        raise Failed(f"An array of the shape of z was expected, {_Z.shape}.")
    return values / _Z, np.isclose(values, 0)


def _scaled(call):
    ratios, dropped = _ratios(call)
    known = {
        1 / KEEP: None,
        1.0: "The values kept are unchanged: divide them by `keep`, or the mean sinks.",
        KEEP: "The values kept are multiplied by `keep`: divide.",
        1 / (1 - KEEP): "Divided by the share that is dropped; `keep` is the share that stays.",
    }
    for factor, message in known.items():
        if not dropped.all() and np.allclose(ratios[~dropped], factor):
            return message
    return f"Expected z times 0 or 1 / keep = {1 / KEEP:g}."


def _share(call):
    share = float(_ratios(call)[1].mean())
    if abs(share - KEEP) < 0.06:
        return "`keep` of the values are dropped: it is the probability to keep a value."
    if abs(share - (1 - KEEP)) >= 0.06:
        return f"With keep = {KEEP}, a share of {share:.2f} is 0; expected about {1 - KEEP:.2f}."


def _masks(call):
    _, dropped = _ratios(call)
    if dropped.all() or not dropped.any():
        return "All values are treated alike: draw a number for each."
    if (dropped == dropped[:1]).all():
        return "Every example has the same mask: draw numbers of the shape of z."
    if (dropped == dropped[:, :1]).all():
        return "Whole examples are dropped: draw numbers of the shape of z."


def _inference(call):
    values = call(_Z, KEEP, np.random.default_rng(7), False)
    if np.any(np.asarray(values) == 0):
        return "Values are dropped although `training` is False."
    known = {
        "The scaling is done in training already: here return z as it is.": _Z * KEEP,
        "Without a mask there is nothing to make up for: return z as it is.": _Z / KEEP,
    }
    return compare(values, _Z, known.items())


dropout.cases = {
    "values kept are scaled": _scaled,
    "the right share is dropped": _share,
    "masks differ": _masks,
    "in inference nothing changes": _inference,
}
dropout.wrong = {
    "Values are dropped although `training` is False.": (" if training else z", ""),
    "divide them by `keep`, or the mean sinks.": (" / keep", ""),
    "The scaling is done in training already": (" / keep", "", "else z", "else z * keep"),
    "Without a mask there is nothing to make up for": ("else z", "else z / keep"),
    "it is the probability to keep a value.": ("< keep", "< 1 - keep"),
    "The values kept are multiplied by `keep`": ("/ keep", "* keep"),
    "Every example has the same mask": ("z.shape", "z.shape[1]"),
    "Whole examples are dropped": ("z.shape", "(len(z), 1)"),
    "All values are treated alike": lambda z, keep, rng, training: z,
}


@exercise(points=4)
def batch_norm(x, gamma, beta, eps=1e-3):
    mean = x.mean(axis=(0, 1, 2), keepdims=True)
    variance = x.var(axis=(0, 1, 2), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


_RNG = np.random.default_rng(1)
_PAIR = np.array([1.0, 5.0]).reshape(2, 1, 1, 1)
_MAPS = _RNG.normal([1, -2, 0.5], [1, 3, 0.2], size=(4, 3, 5, 3))
_GAMMA, _BETA = np.array([2.0, 0.5, -1.0]), np.array([0.0, 1.0, 3.0])

batch_norm.cases = {
    "the numbers 1 and 5": case(_PAIR, np.ones(1), np.zeros(1), eps=1e-3),
    "each channel for itself": case(_MAPS, np.ones(3), np.zeros(3), eps=1e-3),
    "a large eps": case(_MAPS, np.ones(3), np.zeros(3), eps=0.5),
    "gamma and beta": case(_MAPS, _GAMMA, _BETA, eps=1e-3),
}
batch_norm.wrong = {
    "This is one mean for all channels: each channel has its own.": ("(0, 1, 2)", "None"),
    "This is a mean for each position: average over axes 0, 1 and 2.": ("(0, 1, 2)", "0"),
    "This is a mean for each image: average over axes 0, 1 and 2.": ("(0, 1, 2)", "(1, 2)"),
    "The mean runs over the channels: that is layer normalization.": ("(0, 1, 2)", "-1"),
    "`gamma` and `beta` are missing.": ("gamma * ", "", " + beta", ""),
    "Scale first, then shift.": ("* (x", "* ((x", "+ beta", "+ beta)"),
    "This divides by the variance: take its root.": ("np.sqrt", ""),
    "eps is added outside the root; it belongs under it.":
        ("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)"),
    "eps is missing under the root.": (" + eps", ""),
    "The variance divides by n, not by n - 1.": ("x.var(", "x.var(ddof=1, "),
    "Divide by the standard deviation, too.": (" / np.sqrt(variance + eps)", ""),
}  # fmt: skip


@exercise(points=3)
def moving_average(batches, momentum=0.99):
    kept = 0.0
    for new in batches:
        kept = momentum * kept + (1 - momentum) * new
    return kept


_RNG = np.random.default_rng(2)

moving_average.cases = {
    "twice the value 10, by hand": case(np.array([[10.0], [10.0]]), 0.9),
    "two channels": case(_RNG.normal(3, 1, size=(5, 2)), 0.8),
    "a hundred batches": case(_RNG.normal(3, 1, size=(100, 3)), 0.99),
}
moving_average.wrong = {
    "The shares are exchanged: momentum is that of the old value (in PyTorch, of the new one).":
        ("momentum * kept + (1 - momentum) * new", "(1 - momentum) * kept + momentum * new"),
    "This is the plain mean of all batches.": lambda batches, momentum: batches.mean(axis=0),
    "This is the last batch alone: nothing is kept.": lambda batches, momentum: batches[-1],
    "Start from 0 as Keras does, not from the first batch.":
        ("0.0", "batches[0]", "in batches", "in batches[1:]"),
    "The last batch is left out.": ("in batches", "in batches[:-1]"),
}  # fmt: skip
