"""Right and plausibly wrong answers to the exercises of chapter 4."""

import numpy as np

from asl_helpers import checks


def softmax(logits):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


def losses(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def cross_entropy(logits, labels):
    return losses(logits, labels).mean()


def gradient(logits, labels):
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels)


def best_temperature(logits, labels, candidates):
    return min(candidates, key=lambda each: cross_entropy(logits / each, labels))


REFERENCES = {
    checks.ch04_softmax: (softmax,),
    checks.ch04_cross_entropy: (cross_entropy,),
    checks.ch04_gradient: (gradient,),
    checks.ch04_temperature: (best_temperature,),
}


def overflowing(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def one_maximum(logits):
    exps = np.exp(logits - logits.max())
    return exps / exps.sum(axis=1, keepdims=True)


def one_sum(logits):
    exps = np.exp(logits - logits.max())
    return exps / exps.sum()


def in_place(logits):
    logits -= logits.max(axis=1, keepdims=True)
    return softmax(logits)


def log_of_softmax(logits, labels):
    return -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean()


def log_of_overflow(logits, labels):
    return -np.log(overflowing(logits)[np.arange(len(labels)), labels]).mean()


def by_accuracy(logits, labels, candidates):
    right = [(softmax(logits / each).argmax(axis=1) == labels).mean() for each in candidates]
    return candidates[np.argmax(right)]


def the_loss(logits, labels, candidates):
    return min(cross_entropy(logits / each, labels) for each in candidates)


WRONG = [
    (checks.ch04_softmax, overflowing, 1.8, "exp overflows"),
    (checks.ch04_softmax, one_maximum, 2.4, "its own maximum"),
    (checks.ch04_softmax, one_sum, 1.8, "The whole batch adds up to 1"),
    (checks.ch04_softmax, lambda o: softmax(o.T).T, 0, "down the columns"),
    (checks.ch04_softmax, lambda o: o / o.sum(axis=1, keepdims=True), 0, "sum of the logits"),
    (checks.ch04_softmax, np.exp, 0, "Not divided by the sum"),
    (checks.ch04_softmax, lambda o: np.eye(o.shape[1])[o.argmax(axis=1)], 0, "winner takes all"),
    (checks.ch04_softmax, in_place, 0, "work on a copy"),
    (checks.ch04_cross_entropy, log_of_softmax, 2.25, "do not take log of softmax"),
    (checks.ch04_cross_entropy, log_of_overflow, 2.25, "exp overflows"),
    (checks.ch04_cross_entropy, losses, 0, "their mean"),
    (checks.ch04_cross_entropy, lambda o, t: losses(o, t).sum(), 0.75, "This is the sum"),
    (checks.ch04_cross_entropy, lambda o, t: -cross_entropy(o, t), 0, "minus sign"),
    (checks.ch04_cross_entropy, lambda o, t: losses(o, t).sum() / o.size, 0, "batch times classes"),
    (checks.ch04_cross_entropy, lambda o, t: cross_entropy(o, t) / np.log(2), 0, "base 2"),
    (checks.ch04_cross_entropy, lambda o, t: cross_entropy(softmax(o), t), 0, "Softmax twice"),
    (checks.ch04_cross_entropy, lambda o, t: -np.log(softmax(o)).sum(1).mean(), 0, "Summed over"),
    (checks.ch04_gradient, lambda o, t: gradient(o, t) * len(t), 1, "the loss is a mean"),
    (checks.ch04_gradient, lambda o, t: -gradient(o, t), 0, "sign is turned"),
    (checks.ch04_gradient, lambda o, t: gradient(o, t) / o.shape[1], 0, "batch times classes"),
    (checks.ch04_gradient, lambda o, t: softmax(o) / len(t), 0, "not subtracted"),
    (checks.ch04_gradient, lambda o, t: (o - np.eye(o.shape[1])[t]) / len(t), 0, "p is missing"),
    (checks.ch04_gradient, lambda o, t: gradient(o, t).sum(axis=0), 0, "a row of its own"),
    (checks.ch04_temperature, by_accuracy, 0, "compare the loss"),
    (checks.ch04_temperature, the_loss, 0, "return the temperature that gives it"),
    (checks.ch04_temperature, lambda o, t, c: c.tolist().index(best_temperature(o, t, c)), 0,
     "return the temperature itself"),
    (checks.ch04_temperature, lambda o, t, c: best_temperature(o, t, 1 / c) ** -1, 0.67,
     "a temperature divides"),
    (checks.ch04_temperature, lambda o, t, c: max(c, key=lambda T: cross_entropy(o / T, t)), 0,
     "the highest loss"),
]  # fmt: skip
