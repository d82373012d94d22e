"""Right and plausibly wrong answers to the exercises of chapter 4."""

import numpy as np

from asl_helpers.checks import ch04


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
    ch04.softmax: (softmax,),
    ch04.cross_entropy: (cross_entropy,),
    ch04.gradient: (gradient,),
    ch04.best_temperature: (best_temperature,),
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
    (ch04.softmax, overflowing, 1.8, "exp overflows"),
    (ch04.softmax, one_maximum, 2.4, "its own maximum"),
    (ch04.softmax, one_sum, 1.8, "The whole batch adds up to 1"),
    (ch04.softmax, lambda o: softmax(o.T).T, 0, "down the columns"),
    (ch04.softmax, lambda o: o / o.sum(axis=1, keepdims=True), 0, "sum of the logits"),
    (ch04.softmax, np.exp, 0, "Not divided by the sum"),
    (ch04.softmax, lambda o: np.eye(o.shape[1])[o.argmax(axis=1)], 0, "winner takes all"),
    (ch04.softmax, in_place, 0, "work on a copy"),
    (ch04.cross_entropy, log_of_softmax, 2.25, "do not take log of softmax"),
    (ch04.cross_entropy, log_of_overflow, 2.25, "exp overflows"),
    (ch04.cross_entropy, losses, 0, "their mean"),
    (ch04.cross_entropy, lambda o, t: losses(o, t).sum(), 0.75, "This is the sum"),
    (ch04.cross_entropy, lambda o, t: -cross_entropy(o, t), 0, "minus sign"),
    (ch04.cross_entropy, lambda o, t: losses(o, t).sum() / o.size, 0, "batch times classes"),
    (ch04.cross_entropy, lambda o, t: cross_entropy(o, t) / np.log(2), 0, "base 2"),
    (ch04.cross_entropy, lambda o, t: cross_entropy(softmax(o), t), 0, "Softmax twice"),
    (ch04.cross_entropy, lambda o, t: -np.log(softmax(o)).sum(1).mean(), 0, "Summed over"),
    (ch04.gradient, lambda o, t: gradient(o, t) * len(t), 1, "the loss is a mean"),
    (ch04.gradient, lambda o, t: -gradient(o, t), 0, "sign is turned"),
    (ch04.gradient, lambda o, t: gradient(o, t) / o.shape[1], 0, "batch times classes"),
    (ch04.gradient, lambda o, t: softmax(o) / len(t), 0, "not subtracted"),
    (ch04.gradient, lambda o, t: (o - np.eye(o.shape[1])[t]) / len(t), 0, "p is missing"),
    (ch04.gradient, lambda o, t: gradient(o, t).sum(axis=0), 0, "a row of its own"),
    (ch04.best_temperature, by_accuracy, 0, "compare the loss"),
    (ch04.best_temperature, the_loss, 0, "return the temperature that gives it"),
    (ch04.best_temperature, lambda o, t, c: c.tolist().index(best_temperature(o, t, c)), 0,
     "return the temperature itself"),
    (ch04.best_temperature, lambda o, t, c: best_temperature(o, t, 1 / c) ** -1, 0.67,
     "a temperature divides"),
    (ch04.best_temperature, lambda o, t, c: max(c, key=lambda T: cross_entropy(o / T, t)), 0,
     "the highest loss"),
]  # fmt: skip
