"""Right and plausibly wrong answers to the exercises of chapter 14."""

import numpy as np

from asl_helpers import counting
from asl_helpers.checks import ch14


def attention_parameters(channels):
    total = 0
    for c in channels:
        units = max(4, c // 16)
        total += c * units + units + units * c + c
    return total


def wilson(correct, n, z):
    a, b, c = 1 + z**2 / n, -(2 * correct / n + z**2 / n), (correct / n) ** 2
    root = np.sqrt(b**2 - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def choose(runs):
    means = runs.groupby("name")[["val_accuracy", "test_accuracy"]].mean()
    best = means["val_accuracy"].idxmax()
    return best, float(means["test_accuracy"][best])


def ensemble(probs):
    return probs.mean(axis=0).argmax(axis=1)


REFERENCES = {
    ch14.attention_parameters: (attention_parameters,),
    ch14.wilson: (wilson,),
    ch14.choose: (choose,),
    ch14.ensemble: (ensemble,),
}


def by_package(channels):
    """The same, by the package's own count."""
    return sum(counting.squeeze_excitation(c).parameters for c in channels)


assert by_package([24, 320]) == attention_parameters([24, 320])


def wald(correct, n, z):
    share = correct / n
    half = z * np.sqrt(share * (1 - share) / n)
    return share - half, share + half


def clipped(correct, n, z):
    return np.clip(wald(correct, n, z), 0, 1)


def agresti(correct, n, z):
    return wald(correct + z * z / 2, n + z * z, z)


def no_square(correct, n, z):
    low, high = wilson(correct, n, z)
    half = z / (1 + z * z / n) * np.sqrt(correct / n * (1 - correct / n) / n)
    return (low + high) / 2 - half, (low + high) / 2 + half


def luckiest(runs):
    row = runs.loc[runs["val_accuracy"].idxmax()]
    return row["name"], row["test_accuracy"]


def by_test(runs):
    means = runs.groupby("name")["test_accuracy"].mean()
    return means.idxmax(), means.max()


def its_validation(runs):
    means = runs.groupby("name")["val_accuracy"].mean()
    return means.idxmax(), means.max()


def best_seed(runs):
    name, _ = choose(runs)
    return name, runs[runs["name"] == name]["test_accuracy"].max()


def votes(probs):
    answers = probs.argmax(axis=2)
    return np.array([np.bincount(column).argmax() for column in answers.T])


WRONG = [
    (ch14.attention_parameters, lambda cs: sum(2 * c * max(4, c // 16) for c in cs), 0.75,
     "The biases are missing"),
    (ch14.attention_parameters, lambda cs: sum(c * (c // 16) * 2 + c // 16 + c for c in cs), 1.5,
     "at least 4"),
    (ch14.attention_parameters, lambda cs: sum((c + 1) * max(4, c // 16) for c in cs), 0.75,
     "the second one goes back"),
    (ch14.attention_parameters, lambda cs: sum(c * c + c for c in cs), 0.75, "narrow one"),
    (ch14.attention_parameters, lambda cs: attention_parameters([sum(cs)]) if cs else 0, 1.5,
     "added up first"),
    (ch14.attention_parameters, lambda cs: [attention_parameters([c]) for c in cs], 0,
     "their sum is asked for"),
    (ch14.wilson, wald, 0, "standard errors *of that share*"),
    (ch14.wilson, clipped, 0, "Cut off at 0 and 1"),
    (ch14.wilson, agresti, 0, "Agresti and Coull"),
    (ch14.wilson, no_square, 0, "is missing"),
    (ch14.wilson, lambda k, n, z: wilson(k, n, 1.96), 3, "use the z that is given"),
    (ch14.wilson, lambda k, n, z: wilson(k, n, z)[::-1], 0, "exchanged"),
    (ch14.wilson, lambda k, n, z: 100 * np.array(wilson(k, n, z)), 0, "These are percent"),
    (ch14.choose, by_test, 1, "chooses by the test score"),
    (ch14.choose, its_validation, 0, "Report its test score"),
    (ch14.choose, luckiest, 0, "One run has won"),
    (ch14.choose, best_seed, 0, "its luckiest seed"),
    (ch14.ensemble, votes, 0, "These are votes"),
    (ch14.ensemble, lambda p: np.round(p.argmax(axis=2).mean(axis=0)).astype(int), 0,
     "between C and L"),
    (ch14.ensemble, lambda p: np.prod(p, axis=0).argmax(axis=1), 0, "has a veto"),
    (ch14.ensemble, lambda p: p.max(axis=0).argmax(axis=1), 1, "speaks for all"),
    (ch14.ensemble, lambda p: p.mean(axis=0), 0, "mean probabilities"),
    (ch14.ensemble, lambda p: p[0].argmax(axis=1), 0, "first member"),
]  # fmt: skip
