"""Checkers of chapter 11: looking inside a model."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _one(values):
    """Return the values with 1 in place of 0, to divide by."""
    return np.where(values == 0, 1, values)


def _harmonic(precision, recall):
    return 2 * precision * recall / _one(precision + recall)


def _scores(matrix, f1=_harmonic, total=_one):
    right = matrix.diagonal()
    precision, recall = (right / total(matrix.sum(axis=axis)) for axis in (0, 1))
    return np.array([precision, recall, f1(precision, recall)])


def _matrix(*rows):
    return case(np.array(rows))


scores = Exercise(
    points=3,
    reference=lambda matrix: _scores(matrix),
    cases={
        "three letters": _matrix([8, 1, 1], [4, 5, 1], [0, 2, 8]),
        "classes of different size": _matrix([40, 10, 0], [2, 6, 2], [0, 1, 1]),
        "a letter that is never read": _matrix([9, 0, 3], [1, 0, 4], [2, 0, 8]),
        "a letter without pictures": _matrix([5, 1, 2], [0, 0, 0], [1, 0, 7]),
    },
    misconceptions={
        "Precision and recall are exchanged: rows are true letters.": lambda m: _scores(m.T),
        "0 / 0 gave nan: a letter that is never read, or never shown, has a score of 0.": (
            lambda m: _scores(m, lambda p, r: 2 * p * r / (p + r), total=np.asarray),
            lambda m: _scores(m, lambda *a: np.nan_to_num(_harmonic(*a)), np.asarray),
        ),
        "F1 is the harmonic mean, 2PR / (P + R): it stays near the smaller of the two.":
            lambda m: _scores(m, lambda precision, recall: (precision + recall) / 2),
        "A row is a score, a column a class: transpose it.": lambda m: _scores(m).T,
        "These are percent: shares from 0 to 1 are asked for.": lambda m: 100 * _scores(m),
        "Divided by all pictures: use columns and rows.": lambda m: [m.diagonal() / m.sum()] * 3,
    },
)  # fmt: skip


def _heat(total, cut=lambda heat: np.maximum(heat, 0)):
    """Cut off what speaks against the class, and divide by the largest."""
    heat = cut(total)
    return heat / _one(heat.max())


def _weighted(maps, slopes):
    return maps @ slopes.mean(axis=(0, 1))


def _undivided(maps, slopes):
    return np.maximum(_weighted(maps, slopes), 0)


_RNG = np.random.default_rng(11)
_MIXED = _RNG.random((5, 4, 6)), _RNG.normal(size=(5, 4, 6))
_MAPS, _SLOPES = np.zeros((3, 3, 2)), np.full((3, 3, 2), 0.5) * [1, -1]
_MAPS[0, 1, 0], _MAPS[1, 0, 0], _MAPS[2, 2, 1] = 3.0, 1.5, 3.0
_UNEVEN = _SLOPES.copy()
_UNEVEN[1, 0, 0] = 2.5

heatmap = Exercise(
    points=4,
    reference=lambda maps, slopes: _heat(_weighted(maps, slopes)),
    cases={
        "a channel for, a channel against": case(_MAPS, _SLOPES),
        "slopes that differ from place to place": case(_MAPS, _UNEVEN),
        "many channels": case(*_MIXED),
        "nothing speaks for the class": case(_MAPS[..., 1:], _SLOPES[..., 1:]),
    },
    misconceptions={
        "0 / 0 gave nan: here the map stays 0.": lambda *a: _undivided(*a) / _undivided(*a).max(),
        "The largest value must be 1: divide by it, unless it is 0.": _undivided,
        "Cut off what speaks against the class, then divide by the largest.": _weighted,
        "Cut off what speaks against it at 0.": lambda *a: _heat(_weighted(*a), cut=np.asarray),
        "The absolute value turns evidence against into evidence for it.":
            lambda *a: _heat(_weighted(*a), cut=np.abs),
        "Place by place: take the mean slope first.": lambda m, s: _heat((m * s).sum(axis=-1)),
        "Each channel is cut off by itself: add the channels first, so that they can cancel.":
            lambda m, s: _heat(np.maximum(m * s.mean((0, 1)), 0).sum(axis=-1)),
        "The slopes are not used: this maps all that is active.":
            lambda m, s: _heat(m.sum(axis=-1)),
    },
)  # fmt: skip


def _bins(confidence, right, bins):
    """Return each bin's gap and its share of the answers; an empty bin has a gap of 0."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    return np.bincount(place, confidence - right, bins) / _one(counts), counts / len(place)


def _calibration(confidence, right, bins):
    gaps, shares = _bins(confidence, right, bins)
    return np.abs(gaps) @ shares


def _gaps(confidence, right, bins):
    gaps, shares = _bins(confidence, right, bins)
    return np.abs(gaps[shares > 0])


def _without_one(confidence, right, bins):
    below = confidence < 1
    return _calibration(confidence[below], right[below], bins) if below.any() else 0.0


def _answers(confidence, right, bins=10):
    return case(np.array(confidence, dtype=float), np.array(right, dtype=bool), bins)


_RNG = np.random.default_rng(12)
_CLAIMED = _RNG.random(400)
_MANY = _CLAIMED, _RNG.random(400) < 3 * _CLAIMED**2 - 2 * _CLAIMED**3

calibration_error = Exercise(
    points=3,
    reference=_calibration,
    cases={
        "one bin too sure, one too modest":
            _answers([0.95] * 6 + [0.55] * 4, [1] * 4 + [0] * 2 + [1] * 4),
        "bins of different weight":
            _answers([0.9] * 90 + [0.3] * 10, [1] * 72 + [0] * 18 + [1] * 10),
        "a confidence of exactly 1": _answers([1.0, 1.0, 0.62, 0.66, 0.4], [1, 0, 1, 0, 0]),
        "many answers": _answers(*_MANY),
        "many answers, 15 bins": _answers(*_MANY, 15),
    },
    misconceptions={
        "Gaps of opposite sign cancel: take each bin's absolute value first.":
            lambda *a: np.dot(*_bins(*a)),
        "Every bin counts alike: weight each with its share.": lambda *a: _gaps(*a).mean(),
        "The gaps are added up without their shares of the answers.": lambda *a: _gaps(*a).sum(),
        "This is the largest gap; the weighted mean is asked for.": lambda *a: _gaps(*a).max(),
        "Each answer by itself: compare the means of a bin.": lambda c, r, b: np.abs(c - r).mean(),
        "In percent: a share from 0 to 1 is asked for.": lambda *a: 100 * _calibration(*a),
        "nan: an empty bin has no mean. Leave it out.":
            lambda *a: _calibration(*a) if _bins(*a)[1].all() else np.nan,
        "Confidence 1 falls into no bin of yours: it belongs to the last one.": (
            _without_one,
            lambda c, r, b: _without_one(c, r, b) * (c < 1).mean(),
        ),
    },
)  # fmt: skip


def _summary(seconds, batch, warmup=0, tail=0.95):
    median, late = np.quantile(seconds[warmup:], [0.5, tail])
    return np.array([1000 * median, 1000 * late, batch / median])


def _by_mean(seconds, batch, warmup):
    mean = seconds[warmup:].mean()
    return np.array([1000 * mean, _summary(seconds, batch, warmup)[1], batch / mean])


_RNG = np.random.default_rng(13)

summary = Exercise(
    points=2,
    reference=lambda seconds, batch, warmup: _summary(seconds, batch, warmup),
    cases={
        "a slow start": case(np.array([2.0, 0.5, 0.010, 0.012, 0.011, 0.013, 0.041]), 1, 2),
        "a batch of 32": case(np.array([0.9, *_RNG.gamma(9, 0.004, 40)]), 32, 1),
        "without a warm-up": case(_RNG.gamma(3, 0.001, 21), 4, 0),
    },
    misconceptions={
        "The warm-up is counted: leave the first calls out.": lambda s, n, w: _summary(s, n),
        "This is the mean: one slow call moves it. The median is asked for.": (
            _by_mean,
            lambda s, n, w: [*_by_mean(s, n, w)[:2], _summary(s, n, w)[2]],
        ),
        "Seconds: multiply by 1000 for ms.": lambda *a: _summary(*a) * [0.001, 0.001, 1],
        "These are calls a second: each answers a whole batch.": lambda s, n, w: _summary(s, 1, w),
        "Pictures a millisecond: use the median in s.": lambda *a: _summary(*a) * [1, 1, 0.001],
        "This is the fast end: 95 of 100 take at most p95.": lambda *a: _summary(*a, tail=0.05),
        "This is the slowest call: 5 of 100 may take longer.": lambda *a: _summary(*a, tail=1),
    },
)  # fmt: skip
