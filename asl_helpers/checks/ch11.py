"""Checkers of chapter 11: looking inside a model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker

Function = Callable[..., Any]


@checker(points=3)
def scores(check: Check, scores: Function) -> None:
    """Check ``scores(matrix)``: precision, recall and F1 of each class, (3, classes)."""
    cases = [
        ("three letters", [[8, 1, 1], [4, 5, 1], [0, 2, 8]]),
        ("classes of different size", [[40, 10, 0], [2, 6, 2], [0, 1, 1]]),
        ("a letter that is never read", [[9, 0, 3], [1, 0, 4], [2, 0, 8]]),
        ("a letter without pictures", [[5, 1, 2], [0, 0, 0], [1, 0, 7]]),
    ]
    for label, rows in cases:
        matrix = np.array(rows)
        expected = _scores(matrix)
        precision, recall, _ = expected
        right, count = matrix.diagonal(), matrix.sum()
        with np.errstate(all="ignore"):
            bare = right / matrix.sum(axis=0), right / matrix.sum(axis=1)
            bare_f1 = 2 * bare[0] * bare[1] / (bare[0] + bare[1])
        mistakes = [
            (
                _scores(matrix.T),
                "Precision and recall are exchanged: rows are the true letters, so recall divides "
                "by the sum of a row.",
            ),
            (
                np.array([*bare, bare_f1]),
                "0 / 0 gave nan: a letter that is never read, or never shown, has a score of 0.",
            ),
            (
                np.array([*bare, np.nan_to_num(bare_f1)]),
                "0 / 0 gave nan: a letter that is never read, or never shown, has a score of 0.",
            ),
            (
                np.array([precision, recall, (precision + recall) / 2]),
                "F1 is the harmonic mean, 2PR / (P + R): it stays near the smaller of the two.",
            ),
            (
                np.array([precision, recall, precision * recall / _one(precision + recall)]),
                "The factor 2 is missing in F1: with P = R it must be P.",
            ),
            (expected.T, "One row a score and one column a class: transpose it."),
            (100 * expected, "These are percent: shares from 0 to 1 are asked for."),
            (
                np.array([right / count] * 2 + [right / count]),
                "Divided by all pictures: precision divides by those read as the letter, recall by "
                "those of the letter.",
            ),
        ]
        check.call(label, scores, matrix, expected=expected, mistakes=mistakes)


@checker(points=4)
def heatmap(check: Check, heatmap: Function) -> None:
    """Check ``heatmap(maps, slopes)``: Grad-CAM of one picture, (rows, columns) in 0-1."""
    rng = np.random.default_rng(11)
    mixed = rng.random((5, 4, 6)), rng.normal(size=(5, 4, 6))
    one = np.zeros((3, 3, 2))
    one[0, 1, 0], one[1, 0, 0], one[2, 2, 1] = 3.0, 1.5, 3.0
    slopes = np.zeros((3, 3, 2))
    slopes[..., 0], slopes[..., 1] = 0.5, -0.5
    uneven = slopes.copy()
    uneven[1, 0, 0] = 2.5
    cases = [
        ("a channel for, a channel against", one, slopes),
        ("slopes that differ from place to place", one, uneven),
        ("many channels", *mixed),
        ("nothing speaks for the class", one[..., 1:], slopes[..., 1:]),
    ]
    for label, maps, given in cases:
        check.call(
            label,
            heatmap,
            maps,
            given,
            expected=_heat(maps, given),
            mistakes=_heat_mistakes(maps, given),
        )


@checker(points=3)
def calibration_error(check: Check, calibration_error: Function) -> None:
    """Check ``calibration_error(confidence, right, bins)``, the expected calibration error."""
    rng = np.random.default_rng(12)
    claimed = rng.random(400)
    cases = [
        ("one bin too sure, one too modest", [0.95] * 6 + [0.55] * 4, [1] * 4 + [0] * 2 + [1] * 4),
        ("bins of different weight", [0.9] * 90 + [0.3] * 10, [1] * 72 + [0] * 18 + [1] * 10),
        ("a confidence of exactly 1", [1.0, 1.0, 0.62, 0.66, 0.4], [1, 0, 1, 0, 0]),
        ("many answers", claimed, rng.random(400) < 3 * claimed**2 - 2 * claimed**3),
    ]
    for label, confidence, right in cases:
        confidence, right = np.array(confidence, dtype=float), np.array(right, dtype=bool)
        for bins in (10,) if label != "many answers" else (10, 15):
            check.call(
                label if bins == 10 else f"{label}, {bins} bins",
                calibration_error,
                confidence,
                right,
                bins,
                expected=_calibration(confidence, right, bins),
                mistakes=_calibration_mistakes(confidence, right, bins),
            )


@checker(points=2)
def summary(check: Check, summary: Function) -> None:
    """Check ``summary(seconds, batch, warmup)``: median ms, p95 ms, pictures a second."""
    rng = np.random.default_rng(13)
    cases = [
        ("a slow start", np.array([2.0, 0.5, 0.010, 0.012, 0.011, 0.013, 0.041]), 1, 2),
        ("a batch of 32", np.array([0.9, *rng.gamma(9, 0.004, 40)]), 32, 1),
        ("without a warm-up", rng.gamma(3, 0.001, 21), 4, 0),
    ]
    for label, seconds, batch, warmup in cases:
        counted = seconds[warmup:]
        expected = _summary(counted, batch)
        median, tail, rate = expected
        mean = float(counted.mean())
        mistakes = [
            (_summary(seconds, batch), "The warm-up is counted: leave the first calls out."),
            (_summary(seconds[: -warmup or None], batch), "The last calls are left out: the first "
             "ones are the warm-up."),
            (
                np.array([1000 * mean, tail, batch / mean]),
                "This is the mean: one slow call moves it. The median is asked for.",
            ),
            (
                np.array([1000 * mean, tail, rate]),
                "This is the mean: one slow call moves it. The median is asked for.",
            ),
            (np.array([median / 1000, tail / 1000, rate]), "Seconds: multiply by 1000 for ms."),
            (
                np.array([median, tail, rate / batch]),
                "These are calls a second: each call answers a whole batch.",
            ),
            (
                np.array([median, tail, rate / 1000]),
                "Pictures a millisecond: divide by the median in seconds.",
            ),
            (
                np.array([median, 1000 * float(np.quantile(counted, 0.05)), rate]),
                "This is the fast end: 95 of 100 calls take at most p95.",
            ),
            (
                np.array([median, 1000 * float(counted.max()), rate]),
                "This is the slowest call: 5 of 100 calls may take longer than p95.",
            ),
        ]  # fmt: skip
        check.call(label, summary, seconds, batch, warmup, expected=expected, mistakes=mistakes)


def _one(values: np.ndarray) -> np.ndarray:
    """Return the values with 1 in place of 0, to divide by."""
    return np.where(values == 0, 1, values)


def _scores(matrix: np.ndarray) -> np.ndarray:
    right = matrix.diagonal()
    precision, recall = (right / _one(matrix.sum(axis=axis)) for axis in (0, 1))
    return np.array([precision, recall, 2 * precision * recall / _one(precision + recall)])


def _heat(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the heatmap, kept apart from the lesson's so that neither copies a slip."""
    heat = np.clip(np.tensordot(maps, slopes.mean(axis=(0, 1)), axes=1), 0, None)
    return heat / (heat.max() or 1)


def _heat_mistakes(maps: np.ndarray, slopes: np.ndarray) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    weights = slopes.mean(axis=(0, 1))
    total = maps @ weights
    cut = np.maximum(total, 0)

    def scaled(heat: np.ndarray) -> np.ndarray:
        return heat / _one(np.asarray(heat.max()))

    with np.errstate(all="ignore"):
        undivided = cut / cut.max()
    span = np.ptp(total)
    return [
        (undivided, "0 / 0 gave nan: where nothing speaks for the class the map stays 0."),
        (cut, "The largest value must be 1: divide by it, unless it is 0."),
        (
            total,
            "Negative places speak against the class: cut them off, then divide by the largest.",
        ),
        (scaled(total), "Negative places speak against the class: cut them off at 0."),
        (
            scaled(np.abs(total)),
            "The absolute value turns evidence against the class into evidence for it.",
        ),
        (
            (total - total.min()) / (span or 1),
            "Shifted so that the smallest is 0: then 0 no longer means no evidence. Cut off "
            "the negative part instead.",
        ),
        (
            scaled(np.maximum((maps * slopes).sum(axis=-1), 0)),
            "Maps and slopes are multiplied place by place: Grad-CAM takes each channel's mean "
            "slope first.",
        ),
        (
            scaled(np.maximum(maps * weights, 0).sum(axis=-1)),
            "Each channel is cut off by itself: add the channels first, so that they can cancel.",
        ),
        (
            scaled(maps.sum(axis=-1)),
            "The slopes are not used: a map of all that is active, whatever the class.",
        ),
        (
            scaled(np.maximum(maps.mean(axis=(0, 1)) * slopes, 0).sum(axis=-1)),
            "The roles are exchanged: the slopes are averaged, the maps stay maps.",
        ),
        (
            scaled(np.maximum(maps @ slopes.max(axis=(0, 1)), 0)),
            "The weight of a channel is the mean of its slopes, not the largest.",
        ),
    ]


def _calibration(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [np.sum(confidence[place == b] - right[place == b]) for b in range(bins)]
    return float(np.abs(gaps).sum() / len(confidence))


def _calibration_mistakes(
    confidence: np.ndarray, right: np.ndarray, bins: int
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    held = [place == each for each in range(bins) if (place == each).any()]
    gaps = np.array([confidence[here].mean() - right[here].mean() for here in held])
    weights = np.array([here.mean() for here in held])
    ece = float(np.abs(gaps) @ weights)
    below = confidence < 1
    lost = _calibration(confidence[below], right[below], bins) if below.any() else 0.0
    return [
        (
            float(gaps @ weights),
            "Gaps of opposite sign cancel: take each bin's absolute value before you add.",
        ),
        (
            abs(float(gaps @ weights)),
            "The absolute value is taken of the whole: take each bin's before you add.",
        ),
        (
            float(np.abs(gaps).mean()),
            "Every bin counts alike: weight each with its share of the answers.",
        ),
        (
            float(np.abs(gaps).sum() / bins),
            "Every bin counts alike, empty ones too: weight each with its share of the answers.",
        ),
        (float(np.abs(gaps).sum()), "The gaps are added up without their shares of the answers."),
        (float(np.abs(gaps).max()), "This is the largest gap; the weighted mean is asked for."),
        (float(np.sqrt(gaps**2 @ weights)), "Absolute values, not squares under a root."),
        (
            float(np.abs(confidence - right).mean()),
            "This compares each answer by itself: one answer is right or wrong, never 80 percent "
            "right. Compare the means of a bin.",
        ),
        (100 * ece, "This is in percent: a share from 0 to 1 is asked for."),
        (float("nan"), "nan: an empty bin has no mean. Leave it out."),
        (lost, "Confidence 1 falls into no bin of yours: it belongs to the last one."),
        (
            lost * float(below.mean()),
            "Confidence 1 falls into no bin of yours: it belongs to the last one.",
        ),
    ]


def _summary(seconds: np.ndarray, batch: int) -> np.ndarray:
    median, tail = (1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.95))
    return np.array([median, tail, 1000 * batch / median])
