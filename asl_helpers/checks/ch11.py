"""Checkers of chapter 11: experiments."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import case, exercise


def _as_pairs(value: Any) -> Any:
    """Compare a dict or a Series as pairs in the order of names."""
    if isinstance(value, dict | pd.Series):
        return tuple(sorted((str(name), float(rate)) for name, rate in value.items()))
    return value


@exercise(points=3, read=_as_pairs)
def best_rates(table):
    best = table.sort_values("val_loss").drop_duplicates("optimizer")
    return dict(zip(best["optimizer"], best["rate"], strict=True))


def _sweep(*rows):
    names = "optimizer rate val_loss val_accuracy train_loss test_accuracy error"
    return case(pd.DataFrame(rows, columns=names.split()))


_NONE = float("nan")

best_rates.cases = {
    "the lowest validation loss of each": _sweep(
        ("SGD", 0.01, 2.1, 0.30, 2.0, 0.33, ""),
        ("SGD", 0.1, 1.4, 0.52, 1.1, 0.50, ""),
        ("SGD", 1.0, 1.9, 0.41, 0.7, 0.58, ""),
        ("Adam", 0.001, 1.2, 0.60, 0.3, 0.55, ""),
        ("Adam", 0.01, 1.7, 0.49, 0.5, 0.61, ""),
    ),
    "a run that failed": _sweep(
        ("momentum", 1.0, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became nan."),
        ("momentum", 0.1, 1.6, 0.47, 1.4, 0.44, ""),
        ("momentum", 0.01, 1.5, 0.50, 1.2, 0.42, ""),
        ("RMSprop", 0.01, 3.3, 0.04, 3.2, 0.05, ""),
        ("RMSprop", 0.001, 1.3, 0.58, 0.6, 0.57, ""),
        ("RMSprop", 0.03, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became inf."),
    ),
    "one optimizer, in any order": _sweep(
        ("Adam", 0.003, 1.5, 0.55, 0.3, 0.57, ""),
        ("Adam", 0.0003, 1.1, 0.61, 0.9, 0.60, ""),
        ("Adam", 0.03, 3.2, 0.05, 3.1, 0.04, ""),
    ),
}
best_rates.wrong = {
    "This chooses by the test set: then nothing is left to test on.":
        ('"val_loss"', '"test_accuracy", ascending=False'),
    "This chooses by the training loss: the model may have memorized the training set.":
        ("val_loss", "train_loss"),
    "This takes the highest loss: lower is better.": ('"val_loss"', '"val_loss", ascending=False'),
    "A failed run has won: leave out NaN (idxmin does).":
        ('"val_loss"', '"val_loss", na_position="first"'),
    "This is one rate for all: each optimizer has a best rate of its own.":
        lambda table: dict.fromkeys(table["optimizer"], table["rate"][table["val_loss"].idxmin()]),
    "These are the losses; the rates are asked for.": ('best["rate"]', 'best["val_loss"]'),
}  # fmt: skip


@exercise(points=4)
def paired_difference(scores, others):
    gaps = [scores[seed] - others[seed] for seed in scores if seed in others]
    return np.mean(gaps), np.std(gaps, ddof=1)


def _unpaired(scores, others):
    one, two = (np.array(list(each.values())) for each in (scores, others))
    return one.mean() - two.mean(), np.hypot(one.std(ddof=1), two.std(ddof=1))


paired_difference.cases = {
    "three seeds that lie far apart":
        case({0: 0.66, 1: 0.81, 2: 0.43}, {0: 0.6, 1: 0.73, 2: 0.4}),
    "a worse variant has a negative difference": case({3: 0.5, 5: 0.45}, {3: 0.55, 5: 0.6}),
    "seeds in another order": case({0: 0.9, 1: 0.5, 2: 0.7}, {2: 0.6, 0: 0.85, 1: 0.47}),
    "only seeds that both have":
        case({0: 0.5, 1: 0.7, 2: 0.8, 4: 0.3}, {0: 0.4, 2: 0.75, 4: 0.1, 7: 0.9}),
}  # fmt: skip
paired_difference.wrong = {
    "The sign is reversed: the first minus the second.":
        ("scores[seed] - others[seed]", "others[seed] - scores[seed]"),
    "The standard deviation divides by n: use ddof=1.": (", ddof=1", ""),
    "This is the spread of two unrelated sets: subtract within each seed first.": _unpaired,
    "The pairs are made by position, not by seed.":
        ("scores[seed] - others[seed] for seed in scores if seed in others",
         "a - b for a, b in zip(scores.values(), others.values(), strict=True)"),
}  # fmt: skip


@exercise(points=2)
def mirror(images):
    return images[:, :, ::-1]


_RNG = np.random.default_rng(10)

mirror.cases = {
    "a batch of gray images": case(_RNG.integers(256, size=(2, 4, 4, 1), dtype=np.uint8)),
    "color images": case(_RNG.integers(256, size=(3, 4, 4, 3), dtype=np.uint8)),
    "wider than high": case(_RNG.integers(256, size=(2, 3, 5, 1), dtype=np.uint8)),
}
mirror.wrong = {
    "Nothing has changed.": ("[:, :, ::-1]", ""),
    "These are upside down: rows are exchanged, not columns.": ("[:, :, ::-1]", "[:, ::-1]"),
    "These are turned by half a circle: exchange columns only.":
        ("[:, :, ::-1]", "[:, ::-1, ::-1]"),
    "The images come in the opposite order, each as it was.": ("[:, :, ::-1]", "[::-1]"),
    "This exchanges the channels, red for blue.": ("[:, :, ::-1]", "[..., ::-1]"),
    "The first axis counts images; rows are the second one.": ("[:, :, ::-1]", "[::-1, ::-1]"),
    "This exchanges rows with columns: a turn and a mirror.":
        ("[:, :, ::-1]", ".swapaxes(1, 2)"),
    "These are turned by a quarter of a circle: exchange columns.":
        ("images", "images.swapaxes(1, 2)"),
}  # fmt: skip
