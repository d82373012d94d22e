"""When to believe an answer: a temperature for the logits, and the price of staying silent."""

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.evaluation import log_loss, softmax


class ConfidenceError(AslError):
    """Confidences and answers that do not belong together, or that no threshold can serve."""


TEMPERATURES = 0.3 * (4 / 0.3) ** (np.arange(-82, 194) / 119)
"""What is tried: 0.05 to 20 in steps of 2.2 %, 120 of them from 0.3 to 4, where most lie."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the one of `TEMPERATURES` that divides the logits for the lowest cross-entropy.

    Parameters
    ----------
    logits:
        (n, classes) of pictures that trained nothing; or (views, n, classes), where the mean of
        the probabilities of several views of a picture is the answer.
    labels:
        Integers (n,).

    Source: Guo et al. (2017), "On Calibration of Modern Neural Networks", section 4.2.
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    views = logits if logits.ndim == 3 else logits[None]
    if views.ndim != 3 or labels.shape != views.shape[1:2] or not labels.size or not len(views):
        raise ConfidenceError(
            "Expected logits (n, classes) or (views, n, classes) and labels (n,), got "
            f"{logits.shape} and {labels.shape}."
        )

    def loss(temperature: float) -> float:
        return log_loss(labels, np.mean([softmax(view / temperature) for view in views], axis=0))

    return float(min(TEMPERATURES, key=loss))


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coverage and risk when the surest 1, 2, ... n pictures are answered.

    Parameters
    ----------
    confidence:
        (n,) how sure each answer is.
    right:
        bool (n,), whether it is right.

    Returns
    -------
    Coverage (n,), the share of pictures answered, ascending to 1, and risk (n,), the share of wrong
    answers among them (El-Yaniv and Wiener 2010, JMLR 11, 1605-1641).
    """
    confidence, right = _pair(confidence, right)
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(~right[order]) / answered


def threshold_for(confidence: np.ndarray, right: np.ndarray, risk: float) -> float:
    """Return the lowest confidence to answer at, so that at most ``risk`` of the answers err.

    Among pictures of equal confidence either all are answered or none.

    Raises
    ------
    ConfidenceError
        If even the surest answers err more often.
    """
    confidence, right = _pair(confidence, right)
    best = None
    for level in np.unique(confidence)[::-1]:
        kept = confidence >= level
        if (~right[kept]).mean() <= risk:
            best = float(level)
    if best is None:
        raise ConfidenceError(
            f"No threshold keeps the risk at {risk:g}: among the surest answers more are wrong. "
            "Allow a higher risk, or train a better model."
        )
    return best


def _pair(confidence, right) -> tuple[np.ndarray, np.ndarray]:
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right)
    if right.dtype != bool or confidence.shape != right.shape or confidence.ndim != 1:
        raise ConfidenceError(
            f"Expected confidences (n,) and as many booleans, got {confidence.shape} and "
            f"{right.shape} of {right.dtype}."
        )
    if not len(right):
        raise ConfidenceError("There is no answer to look at.")
    return confidence, right
