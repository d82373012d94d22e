"""Checkers of chapter 12: looking inside a model."""

import numpy as np

from asl_helpers.checks.core import Changed, case, exercise


def _one(values):
    """Return the values with 1 in place of 0, to divide by."""
    return np.where(values == 0, 1, values)


@exercise(points=3)
def scores(matrix):
    right = matrix.diagonal()
    precision = right / _one(matrix.sum(axis=0))
    recall = right / _one(matrix.sum(axis=1))
    f1 = 2 * precision * recall / _one(precision + recall)
    return np.array([precision, recall, f1])


scores.cases = {
    "three letters": case(np.array([[8, 1, 1], [4, 5, 1], [0, 2, 8]])),
    "classes of different size": case(np.array([[40, 10, 0], [2, 6, 2], [0, 1, 1]])),
    "a letter that is never predicted": case(np.array([[9, 0, 3], [1, 0, 4], [2, 0, 8]])),
    "a letter without images": case(np.array([[5, 1, 2], [0, 0, 0], [1, 0, 7]])),
}
scores.wrong = {
    "Precision and recall are exchanged: rows are true letters.":
        lambda matrix: scores.reference(matrix.T),
    "0 / 0 gave nan: a letter that is never predicted, or never shown, has a score of 0.": [
        ("_one", ""),
        ("_one(matrix", "(matrix", "f1 = 2", "f1 = np.nan_to_num(2", "+ recall)", "+ recall))"),
    ],
    "F1 is the harmonic mean, 2PR / (P + R): it stays near the smaller of the two.":
        ("2 * precision * recall / _one(precision + recall)", "(precision + recall) / 2"),
    "A row is a score, a column a class: transpose it.": Changed(np.transpose),
    "This divides by all images: use the sums of columns and rows.":
        lambda matrix: [matrix.diagonal() / matrix.sum()] * 3,
}  # fmt: skip


@exercise(points=4)
def heatmap(maps, slopes):
    heat = maps @ slopes.mean(axis=(0, 1))
    heat = np.maximum(heat, 0)
    return heat / _one(heat.max())


_RNG = np.random.default_rng(11)
_MIXED = _RNG.random((5, 4, 6)), _RNG.normal(size=(5, 4, 6))
_MAPS, _SLOPES = np.zeros((3, 3, 2)), np.full((3, 3, 2), 0.5) * [1, -1]
_MAPS[0, 1, 0], _MAPS[1, 0, 0], _MAPS[2, 2, 1] = 3.0, 1.5, 3.0
_UNEVEN = _SLOPES.copy()
_UNEVEN[1, 0, 0] = 2.5

heatmap.cases = {
    "a channel for, a channel against": case(_MAPS, _SLOPES),
    "slopes that differ from position to position": case(_MAPS, _UNEVEN),
    "many channels": case(*_MIXED),
    "nothing speaks for the class": case(_MAPS[..., 1:], _SLOPES[..., 1:]),
}
heatmap.wrong = {
    "0 / 0 gave nan: here the map stays 0.": ("_one", ""),
    "The largest value must be 1: divide by it, unless it is 0.": (" / _one(heat.max())", ""),
    "Cut off what speaks against the class, then divide by the largest value.":
        ("np.maximum(heat, 0)", "heat", " / _one(heat.max())", ""),
    "Cut off what speaks against the class: set it to 0.": ("np.maximum(heat, 0)", "heat"),
    "The absolute value turns evidence against the class into evidence for it.":
        ("np.maximum(heat, 0)", "np.abs(heat)"),
    "The slopes are used position by position: take their mean first.":
        ("maps @ slopes.mean(axis=(0, 1))", "(maps * slopes).sum(axis=-1)"),
    "Each channel is cut off by itself: add the channels first, so that they can cancel.":
        ("maps @ slopes.mean(axis=(0, 1))",
         "np.maximum(maps * slopes.mean(axis=(0, 1)), 0).sum(axis=-1)"),
    "The slopes are not used: this maps all that is active.":
        ("@ slopes.mean(axis=(0, 1))", "@ np.ones(len(slopes.T))"),
}  # fmt: skip


@exercise(points=3)
def calibration_error(confidence, right, bins):
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(index, minlength=bins)
    gaps = np.bincount(index, confidence - right, bins) / _one(counts)
    return np.abs(gaps) @ counts / len(index)


def _answers(confidence, right, bins=10):
    return case(np.array(confidence, dtype=float), np.array(right, dtype=bool), bins)


_RNG = np.random.default_rng(12)
_CLAIMED = _RNG.random(400)
_MANY = _CLAIMED, _RNG.random(400) < 3 * _CLAIMED**2 - 2 * _CLAIMED**3

calibration_error.cases = {
    "one bin too sure, one too modest":
        _answers([0.95] * 6 + [0.55] * 4, [1] * 4 + [0] * 2 + [1] * 4),
    "bins of different weight":
        _answers([0.9] * 90 + [0.3] * 10, [1] * 72 + [0] * 18 + [1] * 10),
    "a confidence of exactly 1": _answers([1.0, 1.0, 0.62, 0.66, 0.4], [1, 0, 1, 0, 0]),
    "many answers": _answers(*_MANY),
    "many answers, 15 bins": _answers(*_MANY, 15),
}  # fmt: skip
calibration_error.wrong = {
    "Gaps of opposite sign cancel: take each bin's absolute value first.": ("np.abs(gaps)", "gaps"),
    "Every bin counts alike: weight each by its share.":
        (" @ counts / len(index)", "[counts > 0].mean()"),
    "The gaps are added up without their shares of the answers.":
        (" @ counts / len(index)", ".sum()"),
    "This is the largest gap; the weighted mean is asked for.":
        (" @ counts / len(index)", ".max()"),
    "Each answer is compared by itself: compare the means of a bin.":
        lambda confidence, right, bins: np.abs(confidence - right).mean(),
    "The result is nan: an empty bin has no mean. Leave it out.": ("_one(counts)", "counts"),
    "A confidence of 1 falls into no bin of yours: it belongs to the last one.": [
        ("np.minimum((confidence * bins).astype(int), bins - 1)", "(confidence * bins).astype(int)",
         "gaps) @ counts / len(index)", "gaps[:bins]) @ counts[:bins] / _one(counts[:bins].sum())"),
        ("np.minimum((confidence * bins).astype(int), bins - 1)", "(confidence * bins).astype(int)",
         "gaps) @ counts", "gaps[:bins]) @ counts[:bins]"),
    ],
}  # fmt: skip


@exercise(points=2)
def summary(seconds, batch, warmup):
    median, late = np.quantile(seconds[warmup:], [0.5, 0.95])
    return 1000 * median, 1000 * late, batch / median


_RNG = np.random.default_rng(13)

summary.cases = {
    "a slow start": case(np.array([2.0, 0.5, 0.010, 0.012, 0.011, 0.013, 0.041]), 1, 2),
    "a batch of 32": case(np.array([0.9, *_RNG.gamma(9, 0.004, 40)]), 32, 1),
    "without a warm-up": case(_RNG.gamma(3, 0.001, 21), 4, 0),
}
summary.wrong = {
    "The warm-up is counted: leave the first calls out.": ("[warmup:]", ""),
    "This is the mean, which one slow call moves. The median is asked for.": [
        ("* median", "* seconds[warmup:].mean()", "/ median", "/ seconds[warmup:].mean()"),
        ("* median", "* seconds[warmup:].mean()"),
    ],
    "These are seconds: multiply by 1000 for milliseconds.": ("1000 * ", ""),
    "These are calls per second, but each answers a whole batch.": ("batch /", "1 /"),
    "These are images per millisecond: divide by the median in seconds.":
        ("batch /", "batch / 1000 /"),
    "This is the fast end: 95 of 100 take at most p95.": ("0.95", "0.05"),
    "This is the slowest call: 5 of 100 may take longer than p95.": ("0.95", "1"),
}  # fmt: skip
