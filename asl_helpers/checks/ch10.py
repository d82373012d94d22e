"""Checkers of chapter 10: experiments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Check, checker

_NONE = float("nan")

# optimizer, rate, validation loss, validation accuracy, training loss, test accuracy, error
_SWEEPS = [
    (
        "the lowest validation loss of each",
        [
            ("SGD", 0.01, 2.1, 0.30, 2.0, 0.33, ""),
            ("SGD", 0.1, 1.4, 0.52, 1.1, 0.50, ""),
            ("SGD", 1.0, 1.9, 0.41, 0.7, 0.58, ""),
            ("Adam", 0.001, 1.2, 0.60, 0.3, 0.55, ""),
            ("Adam", 0.01, 1.7, 0.49, 0.5, 0.61, ""),
        ],
    ),
    (
        "a run that failed",
        [
            ("momentum", 1.0, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became nan."),
            ("momentum", 0.1, 1.6, 0.47, 1.4, 0.44, ""),
            ("momentum", 0.01, 1.5, 0.50, 1.2, 0.42, ""),
            ("RMSprop", 0.01, 3.3, 0.04, 3.2, 0.05, ""),
            ("RMSprop", 0.001, 1.3, 0.58, 0.6, 0.57, ""),
            ("RMSprop", 0.03, _NONE, _NONE, _NONE, _NONE, "TrainingError: The loss became inf."),
        ],
    ),
    (
        "one optimizer, in any order",
        [
            ("Adam", 0.003, 1.5, 0.55, 0.3, 0.57, ""),
            ("Adam", 0.0003, 1.1, 0.61, 0.9, 0.60, ""),
            ("Adam", 0.03, 3.2, 0.05, 3.1, 0.04, ""),
        ],
    ),
]
_COLUMNS = (
    "optimizer", "rate", "val_loss", "val_accuracy", "train_loss", "test_accuracy", "error",
)  # fmt: skip


@checker(points=3)
def best_rates(check: Check, best_rates: Callable[[pd.DataFrame], dict[str, float]]) -> None:
    """Check ``best_rates(table)``: optimizer -> its rate with the lowest validation loss."""
    for label, rows in _SWEEPS:
        table = pd.DataFrame(rows, columns=_COLUMNS)
        chosen = _rates(table, "val_loss", lowest=True)
        mistakes = [
            (
                _rates(table, "test_accuracy", lowest=False),
                "This chooses by the test part. Then nothing is left to test the choice on.",
            ),
            (
                _rates(table, "train_loss", lowest=True),
                "This chooses by the training loss: the winner may have learned by heart.",
            ),
            (
                _rates(table, "val_loss", lowest=False),
                "This takes the highest loss: a loss is better when it is lower.",
            ),
            (
                _nan_first(table),
                "A failed run has won: NaN is below nothing, but NumPy's argmin takes it. Use "
                "pandas's idxmin, or leave failed runs out.",
            ),
            (
                tuple((name, _overall(table)) for name, _ in chosen),
                "One rate for all: each optimizer has a best rate of its own.",
            ),
            (
                _losses(table),
                "These are the losses; the rates are asked for.",
            ),
        ]
        check.call(label, _as_pairs(best_rates), rows, expected=chosen, mistakes=mistakes)


@checker(points=4)
def paired_difference(
    check: Check,
    paired_difference: Callable[[dict[int, float], dict[int, float]], tuple[float, float]],
) -> None:
    """Check ``paired_difference(scores, others)``: mean and sd of the differences seed by seed."""
    cases = [
        ("three seeds that lie far apart", {0: 0.66, 1: 0.81, 2: 0.43}, {0: 0.6, 1: 0.73, 2: 0.4}),
        ("a worse variant has a negative difference", {3: 0.5, 5: 0.45}, {3: 0.55, 5: 0.6}),
        ("seeds in another order", {0: 0.9, 1: 0.5, 2: 0.7}, {2: 0.6, 0: 0.85, 1: 0.47}),
        (
            "only seeds that both have",
            {0: 0.5, 1: 0.7, 2: 0.8, 4: 0.3},
            {0: 0.4, 2: 0.75, 4: 0.1, 7: 0.9},
        ),
    ]
    for label, scores, others in cases:
        both = [seed for seed in scores if seed in others]
        gaps = np.array([scores[seed] - others[seed] for seed in both])
        answer = np.array([gaps.mean(), gaps.std(ddof=1)])
        check.call(
            label,
            paired_difference,
            scores,
            others,
            expected=answer,
            mistakes=_paired_mistakes(scores, others, gaps),
        )


@checker(points=2)
def mirror(check: Check, mirror: Callable[[np.ndarray], np.ndarray]) -> None:
    """Check ``mirror(images)``: (n, height, width, channels) with left and right exchanged."""
    rng = np.random.default_rng(10)
    cases = [
        ("a batch of grey pictures", (2, 4, 4, 1)),
        ("pictures in colour", (3, 4, 4, 3)),
        ("wider than high", (2, 3, 5, 1)),
    ]
    for label, shape in cases:
        images = rng.integers(0, 256, shape, dtype=np.uint8)
        mistakes = [
            (images, "Nothing has changed."),
            (images[:, ::-1], "These stand on their heads: rows are exchanged, not columns."),
            (images[:, ::-1, ::-1], "These are turned by half a circle: exchange columns only."),
            (images[::-1], "The pictures come in the opposite order, each as it was."),
            (images[..., ::-1], "This exchanges the channels, red for blue."),
            (images[::-1, ::-1], "The first axis counts pictures; rows are the second one."),
            (images.swapaxes(1, 2), "This exchanges rows with columns: a turn and a mirror."),
            (
                images.swapaxes(1, 2)[:, :, ::-1],
                "These are turned by a quarter: no hand does that by changing sides.",
            ),
        ]
        check.call(label, mirror, images, expected=images[:, :, ::-1], mistakes=mistakes)


def _rates(table: pd.DataFrame, score: str, lowest: bool) -> tuple[tuple[str, float], ...]:
    """Return (optimizer, rate of the best score) in the order of names; NaN is left out."""
    ordered = table.dropna(subset=[score]).sort_values(score, ascending=lowest)
    return _sorted(ordered.drop_duplicates("optimizer"), "rate")


def _losses(table: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    ordered = table.dropna(subset=["val_loss"]).sort_values("val_loss")
    return _sorted(ordered.drop_duplicates("optimizer"), "val_loss")


def _nan_first(table: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    ordered = table.sort_values("val_loss", na_position="first")
    return _sorted(ordered.drop_duplicates("optimizer"), "rate")


def _overall(table: pd.DataFrame) -> float:
    return float(table["rate"][table["val_loss"].idxmin()])


def _sorted(table: pd.DataFrame, column: str) -> tuple[tuple[str, float], ...]:
    return tuple(
        sorted((str(n), float(v)) for n, v in zip(table.optimizer, table[column], strict=True))
    )


def _as_pairs(function: Any) -> Any:
    """Let the student's function have a table, and its dict or Series be compared as pairs."""
    if not callable(function):
        return function

    def answer(rows: list[tuple]) -> Any:
        value = function(pd.DataFrame(rows, columns=_COLUMNS))
        if isinstance(value, (dict, pd.Series)):
            return tuple(sorted((str(name), float(rate)) for name, rate in value.items()))
        return value

    return answer


def _paired_mistakes(
    scores: dict[int, float], others: dict[int, float], gaps: np.ndarray
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for these scores, and what to say to it."""
    one, two = np.array(list(scores.values())), np.array(list(others.values()))
    mean, sd = gaps.mean(), gaps.std(ddof=1)
    mistakes: list[tuple[Any, str]] = [
        (np.array([-mean, sd]), "The sign is reversed: the first minus the second."),
        (
            np.array([mean, gaps.std()]),
            "The deviation divides by n: with few seeds divide by n − 1 (ddof=1).",
        ),
        (
            np.array([mean, sd / np.sqrt(len(gaps))]),
            "This is the standard error of the mean; the spread of the differences is asked for.",
        ),
        (
            np.array([np.abs(gaps).mean(), np.abs(gaps).std(ddof=1)]),
            "The signs are lost: a seed where the first is worse must count against it.",
        ),
        (
            np.array([one.mean() - two.mean(), np.hypot(one.std(ddof=1), two.std(ddof=1))]),
            "This is the spread of two sets that have nothing in common. Subtract within each "
            "seed first; what the seed does to both runs then drops out.",
        ),
        (
            np.array([one.mean() - two.mean(), one.std(ddof=1) - two.std(ddof=1)]),
            "This subtracts the deviations: take the deviation of the differences.",
        ),
    ]
    if len(one) == len(two):
        places = one - two
        mistakes.append(
            (
                np.array([places.mean(), places.std(ddof=1)]),
                "Pairs are made by place: look each seed up by its number.",
            )
        )
    missing = sorted({*scores} | {*others})
    filled = np.array([scores.get(seed, 0.0) - others.get(seed, 0.0) for seed in missing])
    mistakes.append(
        (
            np.array([filled.mean(), filled.std(ddof=1)]),
            "A seed that one of them lacks counts as 0: leave it out.",
        )
    )
    return mistakes
