"""Checkers of chapter 3: softmax and cross-entropy."""

import numpy as np

from asl_helpers.checks.core import Changed, case, exercise


@exercise(points=3)
def softmax(logits):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


softmax.cases = {
    "one row, by hand": case(np.log([[1.0, 2.0, 5.0]])),
    "negative logits": case(np.array([[-1.0, -2.0, 0.5, -3.0]])),
    "a batch of four": case(np.random.default_rng(4).normal(size=(4, 3))),
    "logits of a thousand": case(np.array([[1000.0, 1001.0, 998.0]])),
    "rows far apart": case(np.array([[0.0, 1.0], [900.0, 901.0], [-900.0, -902.0]])),
}
softmax.wrong = {
    "exp overflows: subtract the row's largest logit first.":
        (" - logits.max(axis=1, keepdims=True)", ""),
    "You subtract one maximum, but each row has its own.": ("max(axis=1, keepdims=True)", "max()"),
    "The probabilities add up down the columns; a row is an image.": ("axis=1", "axis=0"),
    "The whole batch adds up to 1; each row must.": ("axis=1, keepdims=True", ""),
    "This divides by the sum of the logits: use exp.":
        lambda logits: logits / logits.sum(axis=1, keepdims=True),
    "Not divided by the sum: each row must add up to 1.": np.exp,
    "Not divided by the sum yet.": (" / exps.sum(axis=1, keepdims=True)", ""),
    "This is the logarithm of the probabilities.": Changed(np.log),
    "The winner takes all: leave a share to each class.":
        lambda logits: np.eye(logits.shape[1])[logits.argmax(axis=1)],
}  # fmt: skip


@exercise(points=3)
def cross_entropy(logits, labels):
    true = logits[np.arange(len(labels)), labels]
    losses = np.logaddexp.reduce(logits, axis=1) - true
    return losses.mean()


def _minus_log(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()


_RNG = np.random.default_rng(5)
_LARGE = np.array([[1000.0, 0, 990.0], [0, -900.0, 3.0]])

cross_entropy.cases = {
    "one image, by hand": case(np.log([[0.5, 0.25, 0.25]]), np.array([1])),
    "a batch of six": case(_RNG.normal(size=(6, 4)), _RNG.integers(4, size=6)),
    "other logits": case(_RNG.normal(size=(3, 5)), np.array([0, 4, 2])),
    "logits of a thousand": case(_LARGE, np.array([2, 1])),
}
cross_entropy.wrong = {
    "exp overflows: use log-sum-exp.":
        lambda z, labels: _minus_log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), labels),
    "A probability was rounded to 0: do not take the log of the softmax; subtract log-sum-exp from "
    "the logit.": lambda logits, labels: _minus_log(softmax.reference(logits), labels),
    "This is one loss for each image; their mean is asked for.": (".mean()", ""),
    "This is the sum; the mean does not grow with the batch.": ("mean", "sum"),
    "The minus sign is missing: log p is negative.": ("return ", "return -"),
    "This is divided by the classes, too.": (".mean()", ".mean() / logits.shape[1]"),
    "This is the logarithm to base 2; use the natural one.": ("mean()", "mean() / np.log(2)"),
    "This is the logarithm to base 10; use the natural one.": ("mean()", "mean() / np.log(10)"),
    "This is minus the logit alone.": ("np.logaddexp.reduce(logits, axis=1)", "0"),
    "The softmax is taken twice: log-sum-exp takes logits.":
        lambda logits, labels: cross_entropy.reference(softmax.reference(logits), labels),
    "This is 1 − p; the loss is −log p.": ("losses.mean()", "(1 - np.exp(-losses)).mean()"),
    "This sums over all classes, but only the true one counts.":
        lambda logits, labels: -np.log(softmax.reference(logits)).sum(axis=1).mean(),
}  # fmt: skip


@exercise(points=3)
def gradient(logits, labels):
    probs = softmax.reference(logits)
    probs[np.arange(len(labels)), labels] -= 1
    return probs / len(labels)


_RNG = np.random.default_rng(6)
_SURE = np.array([[9.0, 0, 0], [9.0, 0, 0]])

gradient.cases = {
    "one image, no idea": case(np.zeros((1, 4)), np.array([2])),
    "a batch of five": case(_RNG.normal(size=(5, 3)), _RNG.integers(3, size=5)),
    "sure, once right and once wrong": case(_SURE, np.array([0, 1])),
}
gradient.wrong = {
    "The sign is reversed: uphill is p − y.": Changed(np.negative),
    "This is the gradient of the sum: divide by n.": (" / len(labels)", ""),
    "This is divided by the classes, too.": ("/ len(labels)", "/ probs.size"),
    "The true class is not subtracted: take y off.": ("-= 1", "-= 0"),
    "p is missing: take the softmax first.": ("softmax.reference(logits)", "logits.copy()"),
    "The probabilities add up down the columns; a row is an image.":
        ("softmax.reference(logits)", "softmax.reference(logits.T).T"),
    "This is averaged over the batch: keep a row for each image.":
        Changed(lambda slopes: slopes.sum(axis=0)),
}  # fmt: skip


@exercise(points=2)
def best_temperature(logits, labels, candidates):
    losses = [cross_entropy.reference(logits / each, labels) for each in candidates]
    return candidates[np.argmin(losses)]


def _stretched(stretch):
    """Return the case of labels drawn from a softmax, whose logits are then stretched."""
    calm = _RNG.normal(scale=2, size=(400, 4))
    labels = (calm + _RNG.gumbel(size=calm.shape)).argmax(axis=1)
    return case(stretch * calm, labels, np.array([4.0, 0.5, 1.0, 2.0, 0.25, 3.0]))


_RNG = np.random.default_rng(7)

best_temperature.cases = {
    "much too sure": _stretched(3.0),
    "too modest": _stretched(0.4),
    "about right": _stretched(1.0),
}
best_temperature.wrong = {
    "This is its index; return the temperature itself.":
        ("candidates[np.argmin(losses)]", "np.argmin(losses)"),
    "This is the temperature of the highest loss; take the lowest.": ("argmin", "argmax"),
    "This is the lowest loss; return the temperature that gives it.":
        ("candidates[np.argmin(losses)]", "min(losses)"),
    "The logits are multiplied: divide them.": ("logits / each", "logits * each"),
    "By accuracy all are alike, because no order changes: compare the loss.":
        lambda logits, labels, candidates: candidates[0],
}  # fmt: skip
