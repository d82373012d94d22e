"""Checkers of chapter 10: experiments."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Exercise, case

_NONE = float("nan")
_COLUMNS = (
    "optimizer", "rate", "val_loss", "val_accuracy", "train_loss", "test_accuracy", "error",
)  # fmt: skip
_SWEEP = [
    ("SGD", 0.01, 2.1, 0.30, 2.0, 0.33, ""),
    ("SGD", 0.1, 1.4, 0.52, 1.1, 0.50, ""),
    ("SGD", 1.0, 1.9, 0.41, 0.7, 0.58, ""),
    ("Adam", 0.001, 1.2, 0.60, 0.3, 0.55, ""),
    ("Adam", 0.01, 1.7, 0.49, 0.5, 0.61, ""),
]
_FAILED = [
    ("momentum", 1.0, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became nan."),
    ("momentum", 0.1, 1.6, 0.47, 1.4, 0.44, ""),
    ("momentum", 0.01, 1.5, 0.50, 1.2, 0.42, ""),
    ("RMSprop", 0.01, 3.3, 0.04, 3.2, 0.05, ""),
    ("RMSprop", 0.001, 1.3, 0.58, 0.6, 0.57, ""),
    ("RMSprop", 0.03, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became inf."),
]
_ONE = [
    ("Adam", 0.003, 1.5, 0.55, 0.3, 0.57, ""),
    ("Adam", 0.0003, 1.1, 0.61, 0.9, 0.60, ""),
    ("Adam", 0.03, 3.2, 0.05, 3.1, 0.04, ""),
]


def _sweep(rows):
    return case(pd.DataFrame(rows, columns=_COLUMNS))


def _as_pairs(value: Any) -> Any:
    """Compare a dict or a Series as pairs in the order of names."""
    if isinstance(value, dict | pd.Series):
        return tuple(sorted((str(name), float(rate)) for name, rate in value.items()))
    return value


def _best(score, column="rate", ascending=True, failed_first=False):
    """Return a choice by a score, NaN left out unless failed runs come first."""

    def best_rates(table):
        ordered = table.sort_values(
            score, ascending=ascending, na_position="first" if failed_first else "last"
        )
        return dict(ordered.drop_duplicates("optimizer")[["optimizer", column]].values)

    return best_rates


best_rates = Exercise(
    points=3,
    reference=_best("val_loss"),
    read=_as_pairs,
    cases={
        "the lowest validation loss of each": _sweep(_SWEEP),
        "a run that failed": _sweep(_FAILED),
        "one optimizer, in any order": _sweep(_ONE),
    },
    misconceptions={
        "This chooses by the test part: then none is left to test on.":
            _best("test_accuracy", ascending=False),
        "This chooses by the training loss: it may have learned by heart.": _best("train_loss"),
        "This takes the highest loss: lower is better.": _best("val_loss", ascending=False),
        "A failed run has won: leave out NaN (idxmin).": _best("val_loss", failed_first=True),
        "One rate for all: each optimizer has a best rate of its own.":
            lambda t: dict.fromkeys(t["optimizer"], t["rate"][t["val_loss"].idxmin()]),
        "These are the losses; the rates are asked for.": _best("val_loss", "val_loss"),
    },
)  # fmt: skip


def _gaps(scores, others):
    return np.array([scores[seed] - others[seed] for seed in scores if seed in others])


def _paired(scores, others, ddof=1, gaps=_gaps):
    difference = gaps(scores, others)
    return np.array([difference.mean(), difference.std(ddof=ddof)])


def _by_place(scores, others):
    return np.subtract(*(list(each.values()) for each in (scores, others)))


def _unpaired(scores, others):
    one, two = (np.array(list(each.values())) for each in (scores, others))
    return np.array([one.mean() - two.mean(), np.hypot(one.std(ddof=1), two.std(ddof=1))])


paired_difference = Exercise(
    points=4,
    reference=lambda scores, others: _paired(scores, others),
    cases={
        "three seeds that lie far apart":
            case({0: 0.66, 1: 0.81, 2: 0.43}, {0: 0.6, 1: 0.73, 2: 0.4}),
        "a worse variant has a negative difference": case({3: 0.5, 5: 0.45}, {3: 0.55, 5: 0.6}),
        "seeds in another order": case({0: 0.9, 1: 0.5, 2: 0.7}, {2: 0.6, 0: 0.85, 1: 0.47}),
        "only seeds that both have":
            case({0: 0.5, 1: 0.7, 2: 0.8, 4: 0.3}, {0: 0.4, 2: 0.75, 4: 0.1, 7: 0.9}),
    },
    misconceptions={
        "The sign is reversed: the first minus the second.": lambda a, b: _paired(b, a),
        "The deviation divides by n: use ddof=1.": lambda a, b: _paired(a, b, ddof=0),
        "The spread of two unrelated sets: subtract within each seed first.": _unpaired,
        "Pairs are made by place, not by seed.": lambda *a: _paired(*a, gaps=_by_place),
    },
)  # fmt: skip


_RNG = np.random.default_rng(10)


def _pictures(*shape):
    return case(_RNG.integers(0, 256, shape, dtype=np.uint8))


mirror = Exercise(
    points=2,
    reference=lambda images: images[:, :, ::-1],
    cases={
        "a batch of grey pictures": _pictures(2, 4, 4, 1),
        "pictures in colour": _pictures(3, 4, 4, 3),
        "wider than high": _pictures(2, 3, 5, 1),
    },
    misconceptions={
        "Nothing has changed.": lambda x: x,
        "These stand on their heads: rows are exchanged, not columns.": lambda x: x[:, ::-1],
        "These are turned by half a circle: exchange columns only.": lambda x: x[:, ::-1, ::-1],
        "The pictures come in the opposite order, each as it was.": lambda x: x[::-1],
        "This exchanges the channels, red for blue.": lambda x: x[..., ::-1],
        "The first axis counts pictures; rows are the second one.": lambda x: x[::-1, ::-1],
        "This exchanges rows with columns: a turn and a mirror.": lambda x: x.swapaxes(1, 2),
        "These are turned by a quarter: exchange columns.": lambda x: x.swapaxes(1, 2)[:, :, ::-1],
    },
)  # fmt: skip
