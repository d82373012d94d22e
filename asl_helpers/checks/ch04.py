"""Checkers of chapter 4: softmax and cross-entropy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker

Function = Callable[..., Any]

SCALED = (
    "Divided by the sum of the logits: they may be negative and are no shares; take exp of each "
    "one first."
)


@checker(points=3)
def softmax(check: Check, softmax: Function) -> None:
    """Check ``softmax(logits)``: (batch, classes) -> probabilities of the same shape."""
    rng = np.random.default_rng(4)
    cases = [
        ("one row, by hand", np.log([[1.0, 2.0, 5.0]])),
        ("negative logits", np.array([[-1.0, -2.0, 0.5, -3.0]])),
        ("a batch of four", rng.normal(size=(4, 3))),
        ("logits of a thousand", np.array([[1000.0, 1001.0, 998.0]])),
        ("rows far apart", np.array([[0.0, 1.0], [900.0, 901.0], [-900.0, -902.0]])),
    ]
    for label, logits in cases:
        check.call(
            label, softmax, logits, expected=_softmax(logits), mistakes=_softmax_mistakes(logits)
        )


@checker(points=3)
def cross_entropy(check: Check, cross_entropy: Function) -> None:
    """Check ``cross_entropy(logits, labels)``: (batch, classes), (batch,) -> a number."""
    rng = np.random.default_rng(5)
    cases = [
        ("one picture, by hand", np.log([[0.5, 0.25, 0.25]]), np.array([1])),
        ("a batch of six", rng.normal(size=(6, 4)), rng.integers(4, size=6)),
        ("other logits", rng.normal(size=(3, 5)), np.array([0, 4, 2])),
        (
            "logits of a thousand",
            np.array([[1000.0, 0, 990.0], [0, -900.0, 3.0]]),
            np.array([2, 1]),
        ),
    ]
    for label, logits, labels in cases:
        losses = _losses(logits, labels)
        check.call(
            label,
            cross_entropy,
            logits,
            labels,
            expected=losses.mean(),
            mistakes=_loss_mistakes(logits, labels, losses),
        )


@checker(points=3)
def gradient(check: Check, gradient: Function) -> None:
    """Check ``gradient(logits, labels)``: the slope of the batch's mean loss by each logit."""
    rng = np.random.default_rng(6)
    cases = [
        ("one picture, no idea", np.zeros((1, 4)), np.array([2])),
        ("a batch of five", rng.normal(size=(5, 3)), rng.integers(3, size=5)),
        ("sure, once right and once wrong", np.array([[9.0, 0, 0], [9.0, 0, 0]]), np.array([0, 1])),
    ]
    for label, logits, labels in cases:
        count, classes = logits.shape
        probs, truth = _softmax(logits), np.eye(classes)[labels]
        wrong = probs - truth
        across = np.exp(logits - logits.max(axis=0)) / np.exp(logits - logits.max(axis=0)).sum(0)
        mistakes = [
            (-wrong / count, "The sign is turned: uphill is p − y, and a step goes against it."),
            (-wrong, "The sign is turned, and the mean's 1 / batch is missing."),
            (wrong, "This is the gradient of the sum; the loss is a mean: divide by the batch."),
            (wrong / wrong.size, "Divided by batch times classes; the mean is over the batch."),
            (probs / count, "The true class is not subtracted: y has a 1 in its place."),
            ((logits - truth) / count, "p is missing: the logits are not probabilities yet."),
            ((across - truth) / count, "The shares add up down the columns; a row is a picture."),
            (wrong.mean(axis=0), "Averaged over the batch: each picture keeps a row of its own."),
        ]
        check.call(label, gradient, logits, labels, expected=wrong / count, mistakes=mistakes)


@checker(points=2)
def best_temperature(check: Check, best_temperature: Function) -> None:
    """Check ``best_temperature(logits, labels, candidates)``: the one of the lowest loss."""
    rng = np.random.default_rng(7)
    candidates = np.array([4.0, 0.5, 1.0, 2.0, 0.25, 3.0])
    for label, stretch in [("too sure by far", 3.0), ("too modest", 0.4), ("about right", 1.0)]:
        calm = rng.normal(scale=2, size=(400, 4))
        labels = (calm + rng.gumbel(size=calm.shape)).argmax(axis=1)  # drawn from softmax(calm)
        logits = stretch * calm
        losses = np.array([_losses(logits / each, labels).mean() for each in candidates])
        turned = np.array([_losses(logits * each, labels).mean() for each in candidates])
        best = int(losses.argmin())
        mistakes = [
            (best, "This is the place of the best candidate; return the temperature itself."),
            (candidates[losses.argmax()], "The temperature of the highest loss; take the lowest."),
            (losses.min(), "This is the lowest loss; return the temperature that gives it."),
            (
                candidates[turned.argmin()],
                "The logits are multiplied by T; a temperature divides them.",
            ),
            (
                candidates[0],
                "The first candidate. By accuracy all are alike, for no order changes: compare "
                "the loss.",
            ),
        ]
        check.call(
            label,
            best_temperature,
            logits,
            labels,
            candidates,
            expected=candidates[best],
            mistakes=mistakes,
        )


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Return the shares, kept apart from the lesson's so that neither copies a slip."""
    return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=-1)


def _losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    true = logits[np.arange(len(labels)), labels]
    return np.logaddexp.reduce(logits, axis=1) - true


def _softmax_mistakes(logits: np.ndarray) -> list[tuple[Any, str]]:
    """Return what each misconception would give for these logits, and what to say to it."""
    naive, shifted = np.exp(logits), np.exp(logits - logits.max())
    column = np.exp(logits - logits.max(axis=0))
    return [
        (
            naive / naive.sum(axis=1, keepdims=True),
            "exp overflows: inf / inf is nan. Subtract the row's largest logit first; no share "
            "changes.",
        ),
        (
            shifted / shifted.sum(axis=1, keepdims=True),
            "You subtract the largest of the whole batch, and the other rows become 0 / 0: each "
            "row has its own maximum.",
        ),
        (column / column.sum(axis=0), "The shares add up down the columns; a row is a picture."),
        (shifted / shifted.sum(), "The whole batch adds up to 1; each row must."),
        (logits / logits.sum(axis=1, keepdims=True), SCALED),
        (naive, "Not divided by the sum: each row must add up to 1."),
        (np.exp(logits - logits.max(axis=1, keepdims=True)), "Not divided by the sum yet."),
        (np.log(_softmax(logits)), "This is the logarithm of the probabilities."),
        (
            np.eye(logits.shape[1])[logits.argmax(axis=1)],
            "The winner takes all: softmax leaves a share to every class.",
        ),
    ]


def _loss_mistakes(
    logits: np.ndarray, labels: np.ndarray, losses: np.ndarray
) -> list[tuple[Any, str]]:
    rows = np.arange(len(labels))
    naive = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rounded = -np.log(_softmax(logits)[rows, labels])
    return [
        (-np.log(naive[rows, labels]).mean(), "exp overflows: use log-sum-exp of shifted logits."),
        (
            rounded.mean(),
            "A probability has rounded to 0 and its logarithm is infinite: do not take log of "
            "softmax, subtract log-sum-exp from the logit.",
        ),
        (losses, "One loss for each picture; their mean is asked for."),
        (losses.sum(), "This is the sum; the mean does not grow with the batch."),
        (-losses.mean(), "The minus sign is missing: log of a probability is negative."),
        (losses.sum() / logits.size, "Divided by batch times classes; the mean is over the batch."),
        (losses.mean() / np.log(2), "Taken to base 2; the field and Keras use the natural log."),
        (losses.mean() / np.log(10), "Taken to base 10; use np.log, the natural logarithm."),
        (-logits[rows, labels].mean(), "This is minus the logit; subtract it from log-sum-exp."),
        (
            _losses(_softmax(logits), labels).mean(),
            "Softmax twice: what goes through log-sum-exp must be logits, not probabilities.",
        ),
        ((1 - np.exp(-losses)).mean(), "This is 1 − p; the loss is −log p."),
        (
            -np.log(_softmax(logits)).sum(axis=1).mean(),
            "Summed over all classes: only the true class counts, y is 0 elsewhere.",
        ),
    ]
