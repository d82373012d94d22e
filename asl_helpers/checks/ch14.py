"""Checkers of chapter 14: variants."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Check, checker


@checker(points=3)
def attention_parameters(
    check: Check, attention_parameters: Callable[[Sequence[int]], int]
) -> None:
    """Check ``attention_parameters(channels)``: what channel attention adds at these places."""
    cases = [
        ("one place with 320 channels", [320]),
        ("the six places of MobileNetV2", [24, 32, 64, 96, 160, 320]),
        ("few channels: never fewer than 4 units", [8, 16, 40]),
        ("no place", []),
    ]
    for label, channels in cases:
        mistakes = [
            (
                sum(2 * c * _units(c) for c in channels),
                "The biases are missing: a dense layer has one a unit.",
            ),
            (
                sum(_pair(c, c // 16) for c in channels),
                "channels // 16 leaves hardly a unit where channels are few: at least 4 are kept.",
            ),
            (
                sum(c * _units(c) + _units(c) for c in channels),
                "This counts the first dense layer; the second one goes back to the channels.",
            ),
            (
                sum(c * c + c for c in channels),
                "A dense layer from all channels to all is what the narrow one in between avoids.",
            ),
            (
                sum(_pair(c, _units(c)) + 4 * c for c in channels),
                "Batch normalisation is counted too; channel attention has none.",
            ),
            (
                _pair(sum(channels), _units(sum(channels))) if channels else 0,
                "The channels are added up first: each place has an attention of its own.",
            ),
            (
                [_pair(c, _units(c)) for c in channels],
                "These are the numbers of each place; their sum is asked for.",
            ),
        ]
        check.call(
            label,
            attention_parameters,
            channels,
            expected=sum(_pair(c, _units(c)) for c in channels),
            mistakes=mistakes,
        )


@checker(points=4)
def wilson(check: Check, wilson: Callable[[int, int, float], tuple[float, float]]) -> None:
    """Check ``wilson(correct, n, z)``: the shares that n pictures do not contradict."""
    cases = [
        ("57 of 63", 57, 63, 1.96),
        ("19 of 20", 19, 20, 1.96),
        ("none right", 0, 15, 1.96),
        ("another z", 30, 40, 1.2816),
    ]
    for label, correct, n, z in cases:
        share = correct / n
        low, high = _wilson(share, n, z)
        wald = z * np.sqrt(share * (1 - share) / n)
        centre = (low + high) / 2
        two_more = (correct + z * z / 2) / (n + z * z)
        plus = z * np.sqrt(two_more * (1 - two_more) / (n + z * z))
        fixed = _wilson(share, n, 1.96)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n)
        mistakes: list[tuple[Any, str]] = [
            (
                [share - wald, share + wald],
                "This is the share plus or minus z standard errors *of that share*. Its width is "
                "0 when no answer is right; put the unknown p under the root.",
            ),
            (
                np.clip([share - wald, share + wald], 0, 1),
                "Cut off at 0 and 1, plus or minus is still plus or minus: put the unknown p "
                "under the root.",
            ),
            (
                [two_more - plus, two_more + plus],
                "This is Agresti and Coull's interval, near it and not the same: it may leave 0 "
                "to 1.",
            ),
            ([high, low], "The two ends are exchanged: the lower one first."),
            ([centre, high - centre], "These are centre and half width: return both ends."),
            (fixed, "z is fixed at 1.96: use the z that is given."),
            (
                [centre - half, centre + half],
                "Under the root z² / (4n²) is missing: it keeps a width when none is right.",
            ),
            ([100 * low, 100 * high], "These are percent; shares from 0 to 1 are asked for."),
            (
                _wilson(share, n, z * z),
                "z is squared once too often: the inequality is squared, z is not.",
            ),
        ]
        check.call(label, wilson, correct, n, z, expected=np.array([low, high]), mistakes=mistakes)


_COLUMNS = ("name", "seed", "val_accuracy", "test_accuracy")
_TABLES = [
    (
        "the highest mean on validation, and its test score",
        [
            ("wide", 0, 0.86, 0.78), ("wide", 1, 0.84, 0.82), ("wide", 2, 0.88, 0.76),
            ("narrow", 0, 0.80, 0.90), ("narrow", 1, 0.79, 0.88), ("narrow", 2, 0.82, 0.91),
        ],
    ),
    (
        "one lucky seed does not win",
        [
            ("lucky", 0, 0.95, 0.70), ("lucky", 1, 0.61, 0.66), ("lucky", 2, 0.60, 0.71),
            ("steady", 0, 0.78, 0.74), ("steady", 1, 0.80, 0.79), ("steady", 2, 0.79, 0.72),
        ],
    ),
    (
        "more seeds of one, and rows in any order",
        [
            ("b", 1, 0.70, 0.60), ("a", 0, 0.66, 0.83), ("c", 0, 0.50, 0.95),
            ("b", 0, 0.72, 0.64), ("a", 1, 0.64, 0.81), ("a", 2, 0.69, 0.80),
        ],
    ),
]  # fmt: skip


@checker(points=3)
def choose(check: Check, choose: Callable[[pd.DataFrame], tuple[str, float]]) -> None:
    """Check ``choose(runs)``: the name with the best mean validation score, its mean test score."""
    for label, rows in _TABLES:
        runs = pd.DataFrame(rows, columns=list(_COLUMNS))
        means = runs.groupby("name")[["val_accuracy", "test_accuracy"]].mean()
        best = means["val_accuracy"].idxmax()
        by_test = means["test_accuracy"].idxmax()
        lucky = runs.loc[runs["val_accuracy"].idxmax()]
        mine = runs[runs["name"] == best]
        mistakes = [
            (
                _answer(by_test, means["test_accuracy"][by_test]),
                "This chooses by the test score. The number is then the luckiest of several, and "
                "nothing is left to test it on.",
            ),
            (
                _answer(best, means["val_accuracy"][best]),
                "The name is right; the score reported is the validation score that it was chosen "
                "for. Report its test score.",
            ),
            (
                _answer(lucky["name"], lucky["test_accuracy"]),
                "One run has won. A setting is chosen by its mean over the seeds, or one lucky "
                "seed decides.",
            ),
            (
                _answer(lucky["name"], means["test_accuracy"][lucky["name"]]),
                "One run has won. A setting is chosen by its mean over the seeds, or one lucky "
                "seed decides.",
            ),
            (
                _answer(best, mine["test_accuracy"].max()),
                "The name is right; this is the test score of its luckiest seed. Report the mean.",
            ),
            (
                _answer(
                    means["val_accuracy"].idxmin(),
                    means["test_accuracy"][means["val_accuracy"].idxmin()],
                ),
                "This takes the lowest score: an accuracy is better when it is higher.",
            ),
        ]
        expected = _answer(best, means["test_accuracy"][best])
        check.call(label, _as_answer(choose), rows, expected=expected, mistakes=mistakes)


@checker(points=3)
def ensemble(check: Check, ensemble: Callable[[np.ndarray], np.ndarray]) -> None:
    """Check ``ensemble(probs)``: (members, n, classes) -> the answers of all together, (n,)."""
    rng = np.random.default_rng(14)
    sure = np.array(
        [
            [[0.52, 0.40, 0.08], [0.5, 0.3, 0.2], [0.45, 0.1, 0.45 - 1e-3]],
            [[0.51, 0.43, 0.06], [0.1, 0.6, 0.3], [0.05, 0.9, 0.05]],
            [[0.02, 0.95, 0.03], [0.1, 0.5, 0.4], [0.5, 0.1, 0.4]],
        ]
    )
    sure[0, 2] /= sure[0, 2].sum()
    many = rng.dirichlet([0.35] * 5, (4, 40))
    two = rng.dirichlet([0.4] * 4, (2, 25))
    cases = [
        ("two that are unsure against one that is sure", sure),
        ("four members, five classes", many),
        ("two members", two),
    ]
    for label, probs in cases:
        answers = probs.argmax(axis=2)
        classes = probs.shape[2]
        votes = np.stack([np.bincount(column, minlength=classes) for column in answers.T])
        loudest = probs.max(axis=0).argmax(axis=1)
        mean = probs.mean(axis=0)
        mistakes = [
            (
                votes.argmax(axis=1),
                "These are votes: two that lean one way outvote one that knows. Take the mean of "
                "the probabilities first, the answer last.",
            ),
            (
                np.round(answers.mean(axis=0)).astype(int),
                "The mean of labels means nothing: between C and L lies no letter. Take the mean "
                "of the probabilities.",
            ),
            (
                answers.mean(axis=0),
                "The mean of labels means nothing: between C and L lies no letter. Take the mean "
                "of the probabilities.",
            ),
            (
                np.log(np.maximum(probs, 1e-12)).mean(axis=0).argmax(axis=1),
                "This multiplies the probabilities: one member that says 0 has a veto. Take their "
                "mean.",
            ),
            (loudest, "The one with the highest probability speaks for all; take the mean."),
            (answers[0], "This is the first member alone."),
            (
                mean,
                "These are the mean probabilities; the most probable class of each is asked for.",
            ),
            (
                mean.max(axis=1),
                "These are the highest probabilities; the classes that have them are asked for.",
            ),
        ]
        check.call(label, ensemble, probs, expected=mean.argmax(axis=1), mistakes=mistakes)


def _units(channels: int) -> int:
    return max(4, channels // 16)


def _pair(channels: int, units: int) -> int:
    return channels * units + units + units * channels + channels


def _wilson(share: float, n: int, z: float) -> np.ndarray:
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.array([centre - half, centre + half]) / (1 + z * z / n)


def _answer(name: str, score: float) -> tuple[str, float]:
    return str(name), round(float(score), 4)


def _as_answer(function: Any) -> Any:
    """Let the student's function have a table, and its pair be compared to four digits."""
    if not callable(function):
        return function

    def answer(rows: list[tuple]) -> Any:
        value = function(pd.DataFrame(rows, columns=list(_COLUMNS)))
        if isinstance(value, (tuple, list)) and len(value) == 2:
            name, score = value
            return _answer(name, score) if isinstance(score, (int, float)) else value
        return value

    return answer
