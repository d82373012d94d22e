"""What answers are worth when some hands were never found."""

from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import f1_score

from asl_helpers.evaluation import report_from_probs, wilson

_CONFUSIONS = 10
_JUDGED = {
    "static": "static letters",
    "all": "all letters",
    "classes": "every class of the model",
}


@dataclass(frozen=True)
class Judgement:
    """How a model did on data. Shares are 0-1; the field names are the keys of ``--json``.

    Attributes
    ----------
    model, data, letters:
        What was judged, on what, and which classes: ``"static"`` 24, ``"all"`` 26 letters, or
        ``"classes"``, all of the model's.
    n:
        Hands or pictures judged.
    coverage:
        Share in which a hand was found; 1 for landmarks and for models that read pictures.
    accuracy, interval:
        Share of right answers of all n, a missed hand being an error; Wilson's 95 % interval.
    accuracy_covered:
        Share of right answers where a hand was found.
    balanced_accuracy, macro_f1:
        Means over the classes that occur, of recall and of F1; a missed hand is an error.
    ece:
        Expected calibration error in 15 bins, where a hand was found.
    per_class_recall:
        Recall of each class that occurs.
    confusions:
        The commonest mistakes: true, predicted, count, share of the class.
    skipped, skipped_why:
        How many were left out, in all and by reason.
    """

    model: str
    data: str
    letters: str
    n: int
    coverage: float
    accuracy: float
    interval: tuple[float, float]
    accuracy_covered: float
    balanced_accuracy: float
    macro_f1: float
    ece: float
    per_class_recall: dict[str, float]
    confusions: list[dict]
    skipped: int
    skipped_why: dict[str, int]

    def as_dict(self) -> dict:
        """Return everything as plain numbers, strings, lists and dicts, ready for JSON.

        Where no hand was found, what needs one is None: JSON has no NaN.
        """
        return {
            name: None if isinstance(value, float) and np.isnan(value) else value
            for name, value in asdict(self).items()
        }

    def text(self) -> str:
        """Return a report of a screenful."""
        low, high = self.interval
        lines = [
            f"{self.model} on {self.data}, {_JUDGED[self.letters]}",
            f"  n                  {self.n}",
            f"  coverage           {self.coverage:.1%}",
            f"  accuracy           {self.accuracy:.1%}  (95 % interval {low:.1%} to {high:.1%})",
            f"  accuracy, covered  {self.accuracy_covered:.1%}",
            f"  balanced accuracy  {self.balanced_accuracy:.1%}",
            f"  macro F1           {self.macro_f1:.3f}",
            f"  calibration error  {self.ece:.3f}",
            "  recall             " + _wrap(self.per_class_recall),
        ]
        mistakes = (f"{c['true']} as {c['predicted']} {c['count']}" for c in self.confusions)
        lines.append("  confused           " + (", ".join(mistakes) or "none"))
        lines += [f"  skipped            {why}: {n}" for why, n in self.skipped_why.items()]
        return "\n".join(lines)


def _wrap(recall: dict[str, float]) -> str:
    """Lay recalls out in lines of eight."""
    cells = [f"{name} {share:4.0%}" for name, share in recall.items()]
    rows = ["  ".join(cells[start : start + 8]) for start in range(0, len(cells), 8)]
    return ("\n" + " " * 21).join(rows)


def score(labels, probs, found, class_names) -> dict:
    """Return the scores of answers as a dict with the names of `Judgement`'s fields.

    Parameters
    ----------
    labels:
        (n,) int, indices into ``class_names``.
    probs:
        (m, classes): the answers for the m hands that were found, in order.
    found:
        (n,) bool, m of them true.
    class_names:
        The class of each index.
    """
    labels, found = np.asarray(labels, np.int64), np.asarray(found, bool)
    predictions = np.full(len(labels), -1)  # no class: a missed hand is wrong for every metric
    covered = {"accuracy_covered": float("nan"), "ece": float("nan"), "confusions": []}
    if found.any():
        predictions[found] = np.argmax(probs, axis=1)
        report = report_from_probs(labels[found], probs, class_names)
        covered = {
            "accuracy_covered": report.accuracy,
            "ece": report.calibration_error,
            "confusions": report.top_confusions(_CONFUSIONS).to_dict("records"),
        }
    right = predictions == labels
    present = np.unique(labels)
    recall = {class_names[place]: float(right[labels == place].mean()) for place in present}
    return {
        "n": len(labels),
        "coverage": float(found.mean()),
        "accuracy": float(right.mean()),
        "interval": wilson(int(right.sum()), len(labels)),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "macro_f1": float(
            f1_score(labels, predictions, labels=present, average="macro", zero_division=0)
        ),
        "per_class_recall": recall,
        **covered,
    }
