"""Right and plausibly wrong answers to the exercises of chapter 11."""

import numpy as np

from asl_helpers.checks import ch11


def scores(matrix):
    right = matrix.diagonal()
    read, true = matrix.sum(axis=0), matrix.sum(axis=1)
    precision = right / np.maximum(read, 1)
    recall = right / np.maximum(true, 1)
    both = np.maximum(precision + recall, 1e-12)
    return np.array([precision, recall, 2 * precision * recall / both])


def heatmap(maps, slopes):
    weights = slopes.mean(axis=(0, 1))
    heat = np.maximum((maps * weights).sum(axis=-1), 0)
    return heat / heat.max() if heat.any() else heat


def calibration_error(confidence, right, bins):
    total, place = 0.0, np.minimum((confidence * bins).astype(int), bins - 1)
    for each in range(bins):
        here = place == each
        if here.any():
            total += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return total


def summary(seconds, batch, warmup):
    counted = seconds[warmup:]
    median, p95 = np.quantile(counted, [0.5, 0.95])
    return 1000 * median, 1000 * p95, batch / median


REFERENCES = {
    ch11.scores: (scores,),
    ch11.heatmap: (heatmap,),
    ch11.calibration_error: (calibration_error,),
    ch11.summary: (summary,),
}


def bare_division(matrix):
    right = matrix.diagonal()
    precision, recall = right / matrix.sum(axis=0), right / matrix.sum(axis=1)
    return np.array([precision, recall, 2 * precision * recall / (precision + recall)])


def plain_mean(matrix):
    precision, recall, _ = scores(matrix)
    return np.array([precision, recall, (precision + recall) / 2])


def of_all(matrix):
    return np.array([matrix.diagonal() / matrix.sum()] * 3)


def unscaled(maps, slopes):
    return np.maximum(maps @ slopes.mean(axis=(0, 1)), 0)


def uncut(maps, slopes):
    heat = maps @ slopes.mean(axis=(0, 1))
    return heat / heat.max()


def absolute(maps, slopes):
    heat = np.abs(maps @ slopes.mean(axis=(0, 1)))
    return heat / heat.max()


def always_divides(maps, slopes):
    return unscaled(maps, slopes) / unscaled(maps, slopes).max()


def place_by_place(maps, slopes):
    heat = np.maximum((maps * slopes).sum(axis=-1), 0)
    return heat / (heat.max() or 1)


def cut_too_early(maps, slopes):
    heat = np.maximum(maps * slopes.mean(axis=(0, 1)), 0).sum(axis=-1)
    return heat / (heat.max() or 1)


def no_slopes(maps, slopes):
    return maps.sum(axis=-1) / maps.sum(axis=-1).max()


def gaps_and_shares(confidence, right, bins):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    held = [place == each for each in range(bins) if (place == each).any()]
    gaps = [confidence[here].mean() - right[here].mean() for here in held]
    return np.array(gaps), np.array([here.mean() for here in held])


def signed(confidence, right, bins):
    gaps, shares = gaps_and_shares(confidence, right, bins)
    return gaps @ shares


def unweighted(confidence, right, bins):
    return np.abs(gaps_and_shares(confidence, right, bins)[0]).mean()


def largest(confidence, right, bins):
    return np.abs(gaps_and_shares(confidence, right, bins)[0]).max()


def empty_bins(confidence, right, bins):
    place, total = np.minimum((confidence * bins).astype(int), bins - 1), 0.0
    for each in range(bins):
        here = place == each
        total += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return total


def loses_one(confidence, right, bins):
    total = 0.0
    for each in range(bins):
        here = (confidence >= each / bins) & (confidence < (each + 1) / bins)
        if here.any():
            total += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return total


def one_by_one(confidence, right, bins):
    return np.abs(confidence - right).mean()


def counts_all(seconds, batch, warmup):
    return summary(seconds, batch, 0)


def by_mean(seconds, batch, warmup):
    _, p95, _ = summary(seconds, batch, warmup)
    mean = seconds[warmup:].mean()
    return 1000 * mean, p95, batch / mean


def in_seconds(seconds, batch, warmup):
    median, p95, rate = summary(seconds, batch, warmup)
    return median / 1000, p95 / 1000, rate


def calls_a_second(seconds, batch, warmup):
    return summary(seconds, 1, warmup)


def fast_end(seconds, batch, warmup):
    median, _, rate = summary(seconds, batch, warmup)
    return median, 1000 * np.quantile(seconds[warmup:], 0.05), rate


WRONG = [
    (ch11.scores, lambda matrix: scores(matrix.T), 0, "Precision and recall are exchanged"),
    (ch11.scores, bare_division, 1.5, "gave nan"),
    (ch11.scores, plain_mean, 0, "harmonic mean"),
    (ch11.scores, of_all, 0, "Divided by all pictures"),
    (ch11.scores, lambda matrix: 100 * scores(matrix), 0, "percent"),
    (ch11.scores, lambda matrix: scores(matrix).T, 0, "transpose"),
    (ch11.heatmap, unscaled, 1, "The largest value must be 1"),
    (ch11.heatmap, uncut, 0, "cut them off"),
    (ch11.heatmap, absolute, 0, "evidence against the class"),
    (ch11.heatmap, always_divides, 3, "0 / 0 gave nan"),
    (ch11.heatmap, place_by_place, 2, "mean slope first"),
    (ch11.heatmap, cut_too_early, 3, "cut off by itself"),
    (ch11.heatmap, no_slopes, 0, "The slopes are not used"),
    (ch11.calibration_error, signed, 0.6, "cancel"),
    (ch11.calibration_error, unweighted, 0, "counts alike"),
    (ch11.calibration_error, largest, 0, "largest gap"),
    (ch11.calibration_error, empty_bins, 1.2, "an empty bin"),
    (ch11.calibration_error, loses_one, 2.4, "Confidence 1"),
    (ch11.calibration_error, one_by_one, 0, "each answer by itself"),
    (ch11.summary, counts_all, 0.67, "warm-up is counted"),
    (ch11.summary, by_mean, 0, "moves it"),
    (ch11.summary, in_seconds, 0, "multiply by 1000"),
    (ch11.summary, calls_a_second, 0.67, "a whole batch"),
    (ch11.summary, fast_end, 0, "the fast end"),
]
