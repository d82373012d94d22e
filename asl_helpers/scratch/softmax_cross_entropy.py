"""Chapter 3: from logits to probabilities, to the loss, to its gradient."""

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.scratch.convolution import real


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(o) over its sum, along the last axis; safe for logits of any size.

    ``logits`` are (classes,) or (batch, classes), any real dtype; the probabilities have the same
    shape, and each row sums to 1.

    Source: Goodfellow, Bengio and Courville (2016), sections 4.1 and 6.2.2.3.
    """
    logits = real(logits)
    # The largest becomes 0, so exp gives at most 1; a shift changes no probability.
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithm of ``softmax(logits)``, finite where the probability rounds to 0.

    log p = o - max - log(sum of exp(o - max)), the log-sum-exp trick. Shapes as for ``softmax``.
    """
    logits = real(logits)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the batch's mean of -log(probability of the true class).

    ``logits`` are (batch, classes), before any softmax; ``labels`` (batch,) integers from 0 to
    classes - 1.
    """
    logits, labels = _checked(logits, labels)
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def cross_entropy_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the gradient of ``cross_entropy`` with respect to the logits: (p - y) / batch.

    ``y`` has a 1 at the true class of each row. Arguments as for ``cross_entropy``; the result has
    the shape of the logits.
    """
    logits, labels = _checked(logits, labels)
    gradient = softmax(logits)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def _checked(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Refuse what NumPy would broadcast or count from the end, to a wrong number."""
    logits, labels = real(logits), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or labels.dtype.kind not in "iu":
        raise AslError(
            "Expected logits (batch, classes) and integer labels (batch,); got shapes "
            f"{logits.shape} and {labels.shape}, labels of type {labels.dtype}. One-hot labels "
            "become integers by labels.argmax(axis=-1)."
        )
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise AslError(
            f"Labels count the {logits.shape[1]} classes from 0; got {labels.min()} to "
            f"{labels.max()}."
        )
    return logits, labels
