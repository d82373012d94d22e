"""What a model's answers are worth: scores with intervals, confusions, calibration, confidence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats
from sklearn.metrics import (
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from asl_helpers.errors import AslError

TEMPERATURES = 0.3 * (4 / 0.3) ** (np.arange(-82, 194) / 119)
"""What `fit_temperature` tries: 0.05 to 20 in steps of 2.2 %."""


@dataclass(frozen=True)
class Report:
    """A model's answers on labelled images, and what follows from them."""

    class_names: tuple[str, ...]  # of each index
    labels: np.ndarray  # int64 (n,), the true class
    predictions: np.ndarray  # int64 (n,), the class with the highest probability
    probs: np.ndarray  # float32 (n, classes), rows sum to 1
    accuracy: float  # share of right answers, 0-1
    interval: tuple[float, float]  # Wilson's 95 % of the accuracy, for n independent images
    balanced_accuracy: float  # mean recall of the classes that occur
    macro_f1: float  # mean F1 of the classes that occur
    confusion: np.ndarray  # int64 (classes, classes): row the true class, column the predicted one
    calibration_error: float  # expected, in 15 bins, 0-1

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    @property
    def confidence(self) -> np.ndarray:
        """The probability of each prediction, float32 of shape (n,)."""
        return self.probs.max(axis=1)

    def mistakes(self) -> np.ndarray:
        """Return the indices of the wrong answers, the most confident first, int64."""
        wrong = np.flatnonzero(self.labels != self.predictions)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]

    def per_class(self) -> pd.DataFrame:
        """Return precision, recall, f1 (0-1) and images, one row a class."""
        scores = precision_recall_fscore_support(
            self.labels, self.predictions, labels=range(len(self.class_names)), zero_division=0
        )
        table = pd.DataFrame(
            dict(zip(("precision", "recall", "f1", "images"), scores, strict=True)),
            index=pd.Index(self.class_names, name="class"),
        )
        return table.astype({"images": int})

    def top_confusions(self, n: int = 5) -> pd.DataFrame:
        """Return the ``n`` commonest mistakes: true, predicted, count, and its share of the class.

        The share is of all images of the true class. Equal counts keep the order of the classes.
        """
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:n]
        rows, columns = np.unravel_index(order, wrong.shape)
        counts = wrong[rows, columns]
        table = pd.DataFrame(
            {
                "true": [self.class_names[row] for row in rows],
                "predicted": [self.class_names[column] for column in columns],
                "count": counts,
                "share": counts / np.maximum(1, self.confusion.sum(axis=1)[rows]),
            }
        )
        return table[table["count"] > 0]

    def summary(self) -> dict[str, Any]:
        """Return the scores as plain numbers and lists, ready for JSON."""
        return {
            "images": len(self),
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "calibration_error": self.calibration_error,
            "recall": {name: float(row.recall) for name, row in self.per_class().iterrows()},
            "top_confusions": self.top_confusions().to_dict("records"),
        }


def wilson(correct: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (low, high) for a share of ``correct`` out of ``n``.

    Unlike the textbook's plus-or-minus, it stays inside 0-1 and holds for small n and for shares
    near 0 or 1 (Wilson 1927, doi:10.1080/01621459.1927.10502953). It assumes independent trials.
    """
    result = stats.binomtest(int(correct), int(n)).proportion_ci(0.95, method="wilson")
    return float(result.low), float(result.high)


def grouped_interval(right: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return a 95 % interval (low, high) of the accuracy that counts groups, not images.

    Copies of one photo, or frames of one clip, are right or wrong together, so n images tell less
    than n independent ones. Here whole groups are drawn with replacement 2,000 times (the cluster
    bootstrap) and the interval is read off the accuracies of the draws. ``right`` (n,) says whether
    each answer is right, ``groups`` (n,) which photo, clip or person its image comes from.
    """
    right, groups = np.asarray(right, dtype=float), np.asarray(groups)
    if right.shape != groups.shape:
        raise AslError(f"Expected one group per answer, got {right.shape} and {groups.shape}.")
    _, index = np.unique(groups, return_inverse=True)
    hits, sizes = np.bincount(index, right), np.bincount(index)
    picked = np.random.default_rng(0).integers(len(sizes), size=(2000, len(sizes)))
    shares = hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def expected_calibration_error(labels: np.ndarray, probs: np.ndarray, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy, 0-1, in bins of equal width.

    0 means: of the answers given with confidence 0.8, four in five are right, and so on for every
    confidence (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3).
    """
    labels, probs = np.asarray(labels), np.asarray(probs)
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    in_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(in_bin, confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, float32, of logits of shape (n, classes); safe for large logits."""
    return special.softmax(np.asarray(logits, np.float64), axis=1).astype(np.float32)


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the one of `TEMPERATURES` that divides the logits for the lowest cross-entropy.

    Logits are (n, classes) of images that trained nothing; or (views, n, classes), where the mean
    of the probabilities of several views of an image is the answer. Labels are integers (n,).

    Source: Guo et al. (2017), "On Calibration of Modern Neural Networks", section 4.2.
    """
    logits = np.asarray(logits, np.float64)
    views = logits if logits.ndim == 3 else logits[None]

    def loss(temperature: float) -> float:
        probs = special.softmax(views / temperature, axis=-1).mean(axis=0)
        return log_loss(labels, probs, labels=range(logits.shape[-1]))

    return float(min(TEMPERATURES, key=loss))


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coverage and risk, (n,) each, when the surest 1, 2, ... n images are answered.

    Coverage is the share of images answered, risk the share of wrong answers among them (El-Yaniv
    and Wiener 2010, JMLR 11, 1605-1641). ``right`` (n,) says whether each answer is right.
    """
    order = np.argsort(-np.asarray(confidence, np.float64), kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(~np.asarray(right, bool)[order]) / answered


def threshold_for(confidence: np.ndarray, right: np.ndarray, risk: float) -> float:
    """Return the lowest confidence to answer at, so that at most ``risk`` of the answers err.

    Among images of equal confidence either all are answered or none. Raises AslError if even the
    surest answers err more often.
    """
    confidence = np.asarray(confidence, np.float64)
    _, risks = risk_coverage(confidence, right)
    ranked = np.sort(confidence)[::-1]
    is_last = np.append(ranked[1:] != ranked[:-1], True)  # of the images of equal confidence
    good = np.flatnonzero(is_last & (risks <= risk))
    if not len(good):
        raise AslError(
            f"No threshold keeps the risk at {risk:g}: among the surest answers more are wrong. "
            "Allow a higher risk, or train a better model."
        )
    return float(ranked[good[-1]])


def report_from_probs(labels, probs, class_names) -> Report:
    """Return the Report of probabilities, float (n, classes), against integer labels (n,)."""
    labels, probs = np.asarray(labels), np.asarray(probs, dtype=np.float32)
    class_names = tuple(class_names)
    _check(labels, probs, class_names)
    labels, predictions = labels.astype(np.int64), probs.argmax(axis=1)
    right = labels == predictions
    confusion = confusion_matrix(labels, predictions, labels=range(len(class_names)))
    # A class without a single image has no recall: the means go over those that occur.
    present = np.unique(labels)
    recall = confusion.diagonal()[present] / confusion.sum(axis=1)[present]
    return Report(
        class_names=class_names,
        labels=labels,
        predictions=predictions,
        probs=probs,
        accuracy=float(right.mean()),
        interval=wilson(int(right.sum()), len(labels)),
        balanced_accuracy=float(recall.mean()),
        macro_f1=float(
            f1_score(labels, predictions, labels=present, average="macro", zero_division=0)
        ),
        confusion=confusion.astype(np.int64),
        calibration_error=expected_calibration_error(labels, probs),
    )


def report(model, images, labels=None, class_names=()) -> Report:
    """Return the Report of a model whose output is logits.

    Parameters
    ----------
    model:
        A Keras model; it is given the images as they are, so preprocess them first.
    images, labels:
        Arrays (n, height, width, channels) and (n,); or a batched dataset of both, and no labels.
    class_names:
        The class of each index.

    Errors
    ------
    AslError if labels, probabilities and ``class_names`` do not belong together.
    """
    if hasattr(images, "as_numpy_iterator"):
        batches = images.as_numpy_iterator()
    else:
        parts = [slice(start, start + 256) for start in range(0, len(images), 256)]
        batches = ((images[part], labels[part]) for part in parts)
    pairs = [(np.asarray(model(batch, training=False)), part) for batch, part in batches]
    logits, labels = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return report_from_probs(labels, softmax(logits), class_names)


def _check(labels: np.ndarray, probs: np.ndarray, class_names: tuple[str, ...]) -> None:
    """Raise AslError unless labels, probabilities and names fit each other."""
    if probs.shape != (len(labels), len(class_names)) or not len(labels):
        raise AslError(
            f"Expected probabilities of shape ({len(labels)}, {len(class_names)}): one row per "
            f"label, one column per class name; got {probs.shape}."
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise AslError(f"Expected integer labels, got {labels.dtype}: see alphabet.encode.")
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise AslError(
            f"Labels run from {labels.min()} to {labels.max()}, but {len(class_names)} class names "
            f"allow 0-{len(class_names) - 1}."
        )
    if not np.allclose(probs.sum(axis=1), 1, atol=1e-3):
        raise AslError("Each row of probabilities must sum to 1: pass logits to softmax first.")
