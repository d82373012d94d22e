"""Checkers of chapter 14: variants."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Exercise, case


def _units(channels):
    return max(4, channels // 16)


def _attention(channels, units=_units, biases=1, norms=0):
    """Count two dense layers, from the channels to ``units`` and back, at each place."""
    return sum(2 * c * units(c) + biases * (units(c) + c) + norms * c for c in channels)


attention_parameters = Exercise(
    points=3,
    reference=lambda channels: _attention(channels),
    cases={
        "one place with 320 channels": case([320]),
        "the six places of MobileNetV2": case([24, 32, 64, 96, 160, 320]),
        "few channels: never fewer than 4 units": case([8, 16, 40]),
        "no place": case([]),
    },
    misconceptions={
        "The biases are missing: one for each unit.": lambda c: _attention(c, biases=0),
        "At least 4 units are kept everywhere.": lambda c: _attention(c, lambda c: c // 16),
        "This is the first layer; the second one goes back to the channels.":
            lambda c: sum((c + 1) * _units(c) for c in c),
        "From all channels to all: the narrow one avoids it.": lambda c: sum(c * c + c for c in c),
        "Batch normalisation is counted too; there is none.": lambda c: _attention(c, norms=4),
        "The channels are added up first: keep places apart.":
            lambda c: _attention([sum(c)] if c else []),
        "These are each place's: sum them.": lambda c: [_attention([c]) for c in c],
    },
)  # fmt: skip


def _wilson(correct, n, z, under=1.0):
    share = correct / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + under * z * z / (4 * n * n))
    return np.array([centre - half, centre + half]) / (1 + z * z / n)


def _wald(correct, n, z):
    share = correct / n
    half = z * np.sqrt(share * (1 - share) / n)
    return np.array([share - half, share + half])


def _centre_and_half(correct, n, z):
    low, high = _wilson(correct, n, z)
    return [(low + high) / 2, (high - low) / 2]


wilson = Exercise(
    points=4,
    reference=lambda correct, n, z: _wilson(correct, n, z),
    cases={
        "57 of 63": case(57, 63, 1.96),
        "19 of 20": case(19, 20, 1.96),
        "none right": case(0, 15, 1.96),
        "another z": case(30, 40, 1.2816),
    },
    misconceptions={
        "The share plus or minus z standard errors *of that share*: put the unknown p under the "
        "root.": _wald,
        "Cut off at 0 and 1, it still is plus or minus.": lambda *a: np.clip(_wald(*a), 0, 1),
        "This is Agresti and Coull's interval, near it and not the same.":
            lambda c, n, z: _wald(c + z * z / 2, n + z * z, z),
        "The two ends are exchanged: the lower one first.": lambda *a: _wilson(*a)[::-1],
        "z is fixed at 1.96: use the z that is given.": lambda c, n, z: _wilson(c, n, 1.96),
        "Under the root z² / (4n²) is missing.": lambda *a: _wilson(*a, under=0),
        "These are percent; shares from 0 to 1 are asked for.": lambda *a: 100 * _wilson(*a),
        "z is squared once too often.": lambda c, n, z: _wilson(c, n, z * z),
    },
)  # fmt: skip

_HIGHEST = [
    ("wide", 0, 0.86, 0.78), ("wide", 1, 0.84, 0.82), ("wide", 2, 0.88, 0.76),
    ("narrow", 0, 0.80, 0.90), ("narrow", 1, 0.79, 0.88), ("narrow", 2, 0.82, 0.91),
]  # fmt: skip
_LUCKY = [
    ("lucky", 0, 0.95, 0.70), ("lucky", 1, 0.61, 0.66), ("lucky", 2, 0.60, 0.71),
    ("steady", 0, 0.78, 0.74), ("steady", 1, 0.80, 0.79), ("steady", 2, 0.79, 0.72),
]  # fmt: skip
_UNORDERED = [
    ("b", 1, 0.70, 0.60), ("a", 0, 0.66, 0.83), ("c", 0, 0.50, 0.95),
    ("b", 0, 0.72, 0.64), ("a", 1, 0.64, 0.81), ("a", 2, 0.69, 0.80),
]  # fmt: skip


def _runs(rows):
    return case(pd.DataFrame(rows, columns=["name", "seed", "val_accuracy", "test_accuracy"]))


def _rounded(value: Any) -> Any:
    """Compare a pair of name and score to four digits."""
    if isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[1], int | float):
        return str(value[0]), round(float(value[1]), 4)
    return value


def _choose(runs, by="val_accuracy", report="test_accuracy", over="mean", reported="mean"):
    """Return the name of the highest score over its seeds, and the score that is reported."""
    seeds = runs.groupby("name")
    best = seeds[by].agg(over).idxmax()
    return best, float(seeds[report].agg(reported)[best])


def _luckiest_run(runs):
    return tuple(runs.loc[runs["val_accuracy"].idxmax(), ["name", "test_accuracy"]])


choose = Exercise(
    points=3,
    reference=lambda runs: _choose(runs),
    read=_rounded,
    cases={
        "the highest mean on validation, and its test score": _runs(_HIGHEST),
        "one lucky seed does not win": _runs(_LUCKY),
        "more seeds of one, and rows in any order": _runs(_UNORDERED),
    },
    misconceptions={
        "This chooses by the test score: then no test is left.":
            lambda r: _choose(r, by="test_accuracy"),
        "The name is right. Report its test score.": lambda r: _choose(r, report="val_accuracy"),
        "One run has won: choose by the mean over the seeds.": (
            _luckiest_run,
            lambda r: _choose(r, over="max"),
        ),
        "The test score of its luckiest seed: report the mean.":
            lambda r: _choose(r, reported="max"),
    },
)  # fmt: skip


_RNG = np.random.default_rng(14)
_THREE = np.array(
    [
        [[0.52, 0.40, 0.08], [0.5, 0.3, 0.2], [0.45, 0.1, 0.45 - 1e-3]],
        [[0.51, 0.43, 0.06], [0.1, 0.6, 0.3], [0.05, 0.9, 0.05]],
        [[0.02, 0.95, 0.03], [0.1, 0.5, 0.4], [0.5, 0.1, 0.4]],
    ]
)
_THREE[0, 2] /= _THREE[0, 2].sum()

ensemble = Exercise(
    points=3,
    reference=lambda probs: probs.mean(axis=0).argmax(axis=1),
    cases={
        "two that are unsure against one that is sure": case(_THREE),
        "four members, five classes": case(_RNG.dirichlet([0.35] * 5, (4, 40))),
        "two members": case(_RNG.dirichlet([0.4] * 4, (2, 25))),
    },
    misconceptions={
        "These are votes: two that lean outvote one that knows. Take mean probabilities.":
            lambda p: [np.bincount(column).argmax() for column in p.argmax(axis=2).T],
        "The mean of labels means nothing: between C and L lies no letter.": (
            lambda p: np.round(p.argmax(axis=2).mean(axis=0)),
            lambda p: p.argmax(axis=2).mean(axis=0),
        ),
        "Multiplied: one member that says 0 has a veto.": lambda p: p.prod(axis=0).argmax(axis=1),
        "The surest speaks for all; take the mean.": lambda p: p.max(axis=0).argmax(axis=1),
        "This is the first member alone.": lambda p: p[0].argmax(axis=1),
        "These are mean probabilities; their classes are asked for.": lambda p: p.mean(axis=0),
        "The highest probabilities; return their classes.": lambda p: p.mean(axis=0).max(axis=1),
    },
)  # fmt: skip
