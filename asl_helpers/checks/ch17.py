"""Checkers of chapter 17: making it read someone else."""

import numpy as np

from asl_helpers.checks.core import case, exercise


@exercise(points=3)
def to_right(points, left):
    points = points.copy()
    points[left] = points[left] * [-1, 1, 1] + [1, 0, 0]
    return points


_RNG = np.random.default_rng(25)
_HANDS = _RNG.random((9, 21, 3)).astype(np.float32)

to_right.cases = {
    "a left and a right hand": case(_HANDS[:2], np.array([True, False])),
    "no left hand among them": case(_HANDS[2:4], np.array([False, False])),
    "five hands": case(_HANDS[4:], np.array([False, True, True, False, True])),
}
to_right.wrong = {
    "These points lie outside the image: mirror x to 1 - x, not to -x.": (" + [1, 0, 0]", ""),
    "The hands are upside down: mirror x, not y.":
        ("[-1, 1, 1] + [1, 0, 0]", "[1, -1, 1] + [0, 1, 0]"),
    "All three coordinates are mirrored: only x changes.":
        ("points[left] * [-1, 1, 1] + [1, 0, 0]", "1 - points[left]"),
    "The depth changes its sign: only x changes.": ("[-1, 1, 1]", "[-1, 1, -1]"),
    "Every hand is mirrored: change only the left ones.": ("[left]", "[...]"),
    "The right hands are mirrored instead of the left ones.": ("[left]", "[~left]"),
    "The order of the joints is reversed, but a thumb stays a thumb.":
        ("points[left] * [-1, 1, 1] + [1, 0, 0]", "points[left, ::-1]"),
}  # fmt: skip


@exercise(points=3)
def suspects(probs, labels, k):
    own = probs[np.arange(len(labels)), labels]
    return np.argsort(own)[:k]


_RNG = np.random.default_rng(35)
_TWELVE = _RNG.dirichlet(np.ones(5), 12), _RNG.integers(5, size=12), 4

suspects.cases = {
    "sure of another letter":
        case(np.array([[0.9, 0.1], [0.4, 0.6], [0.05, 0.95]]), np.array([0, 1, 0]), 1),
    "undecided is not suspicious":
        case(np.array([[0.5, 0.5], [0.02, 0.98], [0.9, 0.1]]), np.array([0, 0, 0]), 2),
    "twelve images": case(*_TWELVE),
}  # fmt: skip
suspects.wrong = {
    "These are the least suspicious: the lowest probability comes first.": ("(own)", "(-own)"),
    "An unsure model does not make the label wrong: look at the given label.":
        ("(own)", "(probs.max(axis=1))"),
    "These are the most confident predictions: look at the given label.":
        ("(own)", "(-probs.max(axis=1))"),
    "These are all rows: return the first k.": ("[:k]", ""),
    "These are probabilities; return rows: `np.argsort`.": ("np.argsort", "np.sort"),
}  # fmt: skip
