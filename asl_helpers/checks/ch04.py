"""Checkers of chapter 4: softmax and cross-entropy."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _softmax(logits):
    """Return the shares, kept apart from the lesson's so that neither copies a slip."""
    return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=-1)


def _shifted(logits, by, over=1):
    """Divide exp of shifted logits by their sums over an axis: a softmax with slips."""
    exps = np.exp(logits - by)
    return exps / exps.sum(axis=over, keepdims=True)


softmax = Exercise(
    points=3,
    reference=_softmax,
    cases={
        "one row, by hand": case(np.log([[1.0, 2.0, 5.0]])),
        "negative logits": case(np.array([[-1.0, -2.0, 0.5, -3.0]])),
        "a batch of four": case(np.random.default_rng(4).normal(size=(4, 3))),
        "logits of a thousand": case(np.array([[1000.0, 1001.0, 998.0]])),
        "rows far apart": case(np.array([[0.0, 1.0], [900.0, 901.0], [-900.0, -902.0]])),
    },
    misconceptions={
        "exp overflows: subtract the row's largest logit first.": lambda z: _shifted(z, 0),
        "You subtract one maximum: each row has its own maximum.": lambda z: _shifted(z, z.max()),
        "The shares add up down the columns; a row is a picture.": lambda z: _softmax(z.T).T,
        "The whole batch adds up to 1; each row must.": lambda z: _shifted(z, z.max(), over=None),
        "Divided by the sum of the logits: use exp.": lambda z: z / z.sum(axis=1, keepdims=True),
        "Not divided by the sum: each row must add up to 1.": np.exp,
        "Not divided by the sum yet.": lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        "This is the logarithm of the probabilities.": lambda z: np.log(_softmax(z)),
        "The winner takes all: leave a share.": lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
    },
)  # fmt: skip


def _losses(logits, labels):
    return np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]


def _cross_entropy(logits, labels):
    return _losses(logits, labels).mean()


def _minus_log(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()


_RNG = np.random.default_rng(5)
_LARGE = np.array([[1000.0, 0, 990.0], [0, -900.0, 3.0]])

cross_entropy = Exercise(
    points=3,
    reference=_cross_entropy,
    cases={
        "one picture, by hand": case(np.log([[0.5, 0.25, 0.25]]), np.array([1])),
        "a batch of six": case(_RNG.normal(size=(6, 4)), _RNG.integers(4, size=6)),
        "other logits": case(_RNG.normal(size=(3, 5)), np.array([0, 4, 2])),
        "logits of a thousand": case(_LARGE, np.array([2, 1])),
    },
    misconceptions={
        "exp overflows: use log-sum-exp.": lambda z, y: _minus_log(_shifted(z, 0), y),
        "A probability rounded to 0: do not take log of softmax, subtract log-sum-exp from the "
        "logit.": lambda z, y: _minus_log(_softmax(z), y),
        "One loss for each picture; their mean is asked for.": _losses,
        "This is the sum; the mean does not grow with the batch.": lambda *a: _losses(*a).sum(),
        "The minus sign is missing: log p is negative.": lambda z, y: -_cross_entropy(z, y),
        "Divided by batch times classes.": lambda z, y: _cross_entropy(z, y) / z.shape[1],
        "Taken to base 2; use the natural log.": lambda z, y: _cross_entropy(z, y) / np.log(2),
        "Taken to base 10; use the natural log.": lambda z, y: _cross_entropy(z, y) / np.log(10),
        "This is minus the logit alone.": lambda z, y: -z[np.arange(len(y)), y].mean(),
        "Softmax twice: log-sum-exp takes logits.": lambda z, y: _cross_entropy(_softmax(z), y),
        "This is 1 − p; the loss is −log p.": lambda z, y: (1 - np.exp(-_losses(z, y))).mean(),
        "This sums over all classes: only the true one counts.":
            lambda z, y: -np.log(_softmax(z)).sum(axis=1).mean(),
    },
)  # fmt: skip


def _gradient(logits, labels):
    return (_softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels)


_RNG = np.random.default_rng(6)
_SURE = np.array([[9.0, 0, 0], [9.0, 0, 0]])

gradient = Exercise(
    points=3,
    reference=_gradient,
    cases={
        "one picture, no idea": case(np.zeros((1, 4)), np.array([2])),
        "a batch of five": case(_RNG.normal(size=(5, 3)), _RNG.integers(3, size=5)),
        "sure, once right and once wrong": case(_SURE, np.array([0, 1])),
    },
    misconceptions={
        "The sign is turned: uphill is p − y.": lambda z, y: -_gradient(z, y),
        "This is the gradient of the sum: divide by n.": lambda z, y: _gradient(z, y) * len(y),
        "Divided by batch times classes.": lambda z, y: _gradient(z, y) / z.shape[1],
        "The true class is not subtracted: take y off.": lambda z, y: _softmax(z) / len(y),
        "p is missing: take softmax first.": lambda z, y: (z - np.eye(z.shape[1])[y]) / len(y),
        "The shares add up down the columns; a row is a picture.":
            lambda z, y: (_softmax(z.T).T - np.eye(z.shape[1])[y]) / len(y),
        "Averaged over the batch: keep a row of its own.": lambda z, y: _gradient(z, y).sum(axis=0),
    },
)  # fmt: skip


def _temperature(logits, labels, candidates):
    return min(candidates, key=lambda each: _cross_entropy(logits / each, labels))


def _stretched(stretch):
    """Return the case of labels drawn from a softmax, whose logits are then stretched."""
    calm = _RNG.normal(scale=2, size=(400, 4))
    labels = (calm + _RNG.gumbel(size=calm.shape)).argmax(axis=1)
    return case(stretch * calm, labels, np.array([4.0, 0.5, 1.0, 2.0, 0.25, 3.0]))


_RNG = np.random.default_rng(7)

best_temperature = Exercise(
    points=2,
    reference=_temperature,
    cases={
        "too sure by far": _stretched(3.0),
        "too modest": _stretched(0.4),
        "about right": _stretched(1.0),
    },
    misconceptions={
        "This is its index; return the temperature itself.":
            lambda z, y, c: list(c).index(_temperature(z, y, c)),
        "The temperature of the highest loss; take the lowest.":
            lambda z, y, c: max(c, key=lambda each: _cross_entropy(z / each, y)),
        "This is the lowest loss; return the temperature that gives it.":
            lambda z, y, c: min(_cross_entropy(z / each, y) for each in c),
        "The logits are multiplied: divide them.": lambda z, y, c: 1 / _temperature(z, y, 1 / c),
        "By accuracy all are alike, for no order changes: compare the loss.": lambda z, y, c: c[0],
    },
)  # fmt: skip
