"""Checkers of chapter 15: variants."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Changed, as_tuple, case, exercise


@exercise(points=3)
def attention_parameters(channels):
    total = 0
    for c in channels:
        units = max(4, c // 16)
        total += c * units + units + units * c + c
    return total


attention_parameters.cases = {
    "one place with 320 channels": case([320]),
    "the six places of MobileNetV2": case([24, 32, 64, 96, 160, 320]),
    "few channels: never fewer than 4 units": case([8, 16, 40]),
    "no place": case([]),
}
attention_parameters.wrong = {
    "The biases are missing: one for each unit.": (" + units + units * c + c", " + units * c"),
    "Every place keeps at least 4 units.": ("max(4, c // 16)", "c // 16"),
    "This is the first layer; the second one leads back to the channels.": (" + units * c + c", ""),
    "This leads from all channels to all; the narrow layer between avoids it.":
        ("c * units + units + units * c + c", "c * c + c"),
    "Batch normalization is counted, too; there is none.": ("* c + c", "* c + 5 * c"),
    "The channels are added up first: keep places apart.":
        lambda channels: attention_parameters.reference([sum(channels)] if channels else []),
    "These are the numbers of each place: sum them.":
        lambda channels: [attention_parameters.reference([c]) for c in channels],
}  # fmt: skip


@exercise(points=4)
def wilson(correct, n, z):
    share = correct / n
    center = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.array([center - half, center + half]) / (1 + z * z / n)


def _wald(correct, n, z):
    share = correct / n
    half = z * np.sqrt(share * (1 - share) / n)
    return np.array([share - half, share + half])


wilson.cases = {
    "57 of 63": case(57, 63, 1.96),
    "19 of 20": case(19, 20, 1.96),
    "none right": case(0, 15, 1.96),
    "another z": case(30, 40, 1.2816),
}
wilson.wrong = {
    "This is the share plus or minus z standard errors *of that share*: put the unknown p under "
    "the root.": _wald,
    "Cut off at 0 and 1, it is still plus or minus.":
        lambda correct, n, z: np.clip(_wald(correct, n, z), 0, 1),
    "This is Agresti and Coull's interval, which is near but not the same.":
        lambda correct, n, z: _wald(correct + z * z / 2, n + z * z, z),
    "The two ends are exchanged: the lower one comes first.": Changed(lambda ends: ends[::-1]),
    "z is fixed at 1.96: use the z that is given.":
        lambda correct, n, z: wilson.reference(correct, n, 1.96),
    "Under the root z² / (4n²) is missing.": (" + z * z / (4 * n * n)", ""),
    "z is squared once too often.": lambda correct, n, z: wilson.reference(correct, n, z * z),
}  # fmt: skip


def _rounded(value: Any) -> Any:
    """Compare a pair of name and score to four digits."""
    value = as_tuple(value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], int | float):
        return str(value[0]), round(float(value[1]), 4)
    return value


@exercise(points=3, read=_rounded)
def choose(runs):
    names = runs.groupby("name")
    best = names["val_accuracy"].mean().idxmax()
    return best, names["test_accuracy"].mean()[best]


def _runs(*rows):
    return case(pd.DataFrame(rows, columns=["name", "seed", "val_accuracy", "test_accuracy"]))


choose.cases = {
    "the highest mean on validation, and its test score": _runs(
        ("wide", 0, 0.86, 0.78), ("wide", 1, 0.84, 0.82), ("wide", 2, 0.88, 0.76),
        ("narrow", 0, 0.80, 0.90), ("narrow", 1, 0.79, 0.88), ("narrow", 2, 0.82, 0.91),
    ),
    "one lucky seed does not win": _runs(
        ("lucky", 0, 0.95, 0.70), ("lucky", 1, 0.61, 0.66), ("lucky", 2, 0.60, 0.71),
        ("steady", 0, 0.78, 0.74), ("steady", 1, 0.80, 0.79), ("steady", 2, 0.79, 0.72),
    ),
    "more seeds of one, and rows in any order": _runs(
        ("b", 1, 0.70, 0.60), ("a", 0, 0.66, 0.83), ("c", 0, 0.50, 0.95),
        ("b", 0, 0.72, 0.64), ("a", 1, 0.64, 0.81), ("a", 2, 0.69, 0.80),
    ),
}  # fmt: skip
choose.wrong = {
    "This chooses by the test score: then no test is left.":
        ("val_accuracy", "test_accuracy"),
    "The name is right. Report its test score.": ("test_accuracy", "val_accuracy"),
    "One run has won: choose by the mean over the seeds.": [
        lambda runs: runs.loc[runs["val_accuracy"].idxmax(), ["name", "test_accuracy"]].tolist(),
        ("mean().idxmax", "max().idxmax"),
    ],
    "This is the test score of its luckiest seed: report the mean.": ("mean()[", "max()["),
}  # fmt: skip


@exercise(points=3)
def ensemble(probs):
    return probs.mean(axis=0).argmax(axis=1)


_RNG = np.random.default_rng(14)
_THREE = np.array(
    [
        [[0.52, 0.40, 0.08], [0.5, 0.3, 0.2], [0.45, 0.1, 0.45 - 1e-3]],
        [[0.51, 0.43, 0.06], [0.1, 0.6, 0.3], [0.05, 0.9, 0.05]],
        [[0.02, 0.95, 0.03], [0.1, 0.5, 0.4], [0.5, 0.1, 0.4]],
    ]
)
_THREE[0, 2] /= _THREE[0, 2].sum()

ensemble.cases = {
    "two that are unsure against one that is sure": case(_THREE),
    "four members, five classes": case(_RNG.dirichlet([0.35] * 5, (4, 40))),
    "two members": case(_RNG.dirichlet([0.4] * 4, (2, 25))),
}
ensemble.wrong = {
    "These are votes: two members that lean outvote one that is sure. Take mean probabilities.":
        lambda probs: [np.bincount(votes).argmax() for votes in probs.argmax(axis=2).T],
    "The mean of labels means nothing: there is no letter between C and L.": [
        lambda probs: np.round(probs.argmax(axis=2).mean(axis=0)),
        lambda probs: probs.argmax(axis=2).mean(axis=0),
    ],
    "The probabilities are multiplied, so one member that says 0 has a veto.": ("mean", "prod"),
    "The surest member speaks for all; take the mean.": ("mean", "max"),
    "This is the first member alone.": (".mean(axis=0)", "[0]"),
    "These are mean probabilities; their classes are asked for.": (".argmax(axis=1)", ""),
    "These are the highest probabilities; return their classes.": ("argmax", "max"),
}  # fmt: skip
