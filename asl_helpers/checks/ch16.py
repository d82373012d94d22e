"""Checkers of chapter 16: does it read someone else?"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import case, exercise, kind, run


@exercise(points=3)
def drawn_again(right, groups, picked):
    hits, sizes = np.bincount(groups, right), np.bincount(groups)
    return hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)


def _draws(right, groups, picked):
    return case(np.array(right, bool), np.array(groups), np.array(picked))


_RNG = np.random.default_rng(15)
_UNEVEN = np.repeat(np.arange(4), [1, 6, 3, 10])

drawn_again.cases = {
    "three films, one of them read":
        _draws([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 2, 2], [[0, 0, 1], [1, 2, 2]]),
    "films of different lengths":
        _draws(_RNG.random(20) < 0.5, _UNEVEN, _RNG.integers(4, size=(8, 4))),
    "images in mixed order":
        _draws(_RNG.random(20) < 0.7, _RNG.permutation(_UNEVEN), _RNG.integers(4, size=(8, 4))),
}  # fmt: skip
drawn_again.wrong = {
    "Single images are drawn, but `picked` numbers films.":
        lambda right, groups, picked: right[picked].mean(axis=1),
    "The mean over films counts a short film as much as a long one.":
        ("hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)",
         "(hits / sizes)[picked].mean(axis=1)"),
    "A film drawn twice counts twice, but `np.isin` takes it once.":
        lambda right, groups, picked: [right[np.isin(groups, draw)].mean() for draw in picked],
    "A draw has its own number of images: divide by it.":
        ("sizes[picked].sum(axis=1)", "len(right)"),
    "Every draw gives the same: use `picked`.":
        lambda right, groups, picked: np.full(len(picked), right.mean()),
    "These are counts: divide by the images of the draw.": (" / sizes[picked].sum(axis=1)", ""),
}  # fmt: skip


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
    "This is outside the image: it is 1 - x, not -x.": (" + [1, 0, 0]", ""),
    "This is upside down: y runs down, x across.":
        ("[-1, 1, 1] + [1, 0, 0]", "[1, -1, 1] + [0, 1, 0]"),
    "All three coordinates are mirrored: only x changes.":
        ("points[left] * [-1, 1, 1] + [1, 0, 0]", "1 - points[left]"),
    "The depth changes its sign: only x changes.": ("[-1, 1, 1]", "[-1, 1, -1]"),
    "Every hand is mirrored: only the left ones change.": ("[left]", "[...]"),
    "The right hands are mirrored instead of the left ones.": ("[left]", "[~left]"),
    "The joints change places, but a thumb stays a thumb.":
        ("points[left] * [-1, 1, 1] + [1, 0, 0]", "points[left, ::-1]"),
}  # fmt: skip


@exercise(points=3)
def suspects(probs, labels, k):
    own = probs[np.arange(len(labels)), labels]
    return np.argsort(own)[:k]


_RNG = np.random.default_rng(35)
_TWELVE = _RNG.dirichlet(np.ones(5), 12), _RNG.integers(5, size=12), 4

suspects.cases = {
    "sure, and of another letter":
        case(np.array([[0.9, 0.1], [0.4, 0.6], [0.05, 0.95]]), np.array([0, 1, 0]), 1),
    "undecided is not suspicious":
        case(np.array([[0.5, 0.5], [0.02, 0.98], [0.9, 0.1]]), np.array([0, 0, 0]), 2),
    "twelve images": case(*_TWELVE),
}  # fmt: skip
suspects.wrong = {
    "These are the least doubtful.": ("(own)", "(-own)"),
    "To be unsure of everything is not to be wrong: look at the given label.":
        ("(own)", "(probs.max(axis=1))"),
    "These are the surest, whatever they say: look at the given label.":
        ("(own)", "(-probs.max(axis=1))"),
    "These are all rows: the first k are asked for.": ("[:k]", ""),
    "These are probabilities; return rows: `np.argsort`.": ("np.argsort", "np.sort"),
}  # fmt: skip


@exercise(points=3)
def risk_when_answering(confidence, right):
    wrong = ~right[np.argsort(-confidence, kind="stable")]
    answered = np.arange(1, len(wrong) + 1)
    return np.cumsum(wrong) / answered


_RNG = np.random.default_rng(45)
_FOUR = np.array([0.9, 0.3, 0.8, 0.5]), np.array([False, True, True, False])

risk_when_answering.cases = {
    "four answers, the surest is wrong": case(*_FOUR),
    "all right": case(np.array([0.2, 0.7, 0.6]), np.array([True, True, True])),
    "thirty answers": case(_RNG.permutation(30) / 30, _RNG.random(30) < 0.6),
}
risk_when_answering.wrong = {
    "Sort from the surest down.": ("-confidence", "confidence"),
    "The order of the list is kept: sort, the surest first.": ("-confidence", "0 * confidence"),
    "This is a share of all answers; a share of those *given* is asked for.":
        ("/ answered", "/ len(right)"),
    "These are right answers: risk counts the wrong ones.": ("~right", "right"),
    "These are counts: divide by the answers so far.": (" / answered", ""),
    "This is each answer for itself: the risk is that of all so far.":
        ("np.cumsum(wrong) / answered", "wrong * 1.0"),
}  # fmt: skip


STATEMENTS = {
    "a": (2, "Frames of the same films on both sides: which question asks about that?"),
    "b": (5, "Nothing was learned between the two scores; what was done to the test?"),
    "c": (6, "How far could chance move a score of so few images?"),
    "d": (4, "The images that stop the training are the ones that are reported."),
    "e": (1, "Whose hands, and whose language? Look at what the images are."),
    "f": (2, "Each photograph is there some twenty times, on both sides of the split."),
    "g": (11, "A number from a softmax is taken at its word, in front of other people."),
    "h": (10, "What became of the images in which no hand was found?"),
}
"""Statement of the exercise -> the question that meets it, and what to say to another."""

QUESTIONS = 12


@exercise(points=2)
def checklist():
    return {name: question for name, (question, _) in STATEMENTS.items()}


def _each_statement(answer: Any) -> Iterator[tuple[str, str | None]]:
    """Check that each statement names its question."""
    named = run(answer)
    if not isinstance(named, dict):
        yield "a question for each statement", f"A dict was expected, this is {kind(named)}."
        return
    for name, (question, hint) in STATEMENTS.items():
        given = named.get(name)
        message = None if given == question else f"Not question {given}. {hint}"
        if given is None:
            message = "No question is named for it."
        elif given not in range(1, QUESTIONS + 1):
            message = f"There is no question {given!r}: 1 to {QUESTIONS}."
        yield f"statement {name}", message


checklist.cases = _each_statement
checklist.wrong = {
    "A dict was expected": lambda: list("abc"),
    "No question is named for it.": lambda: {},
    "what was done to the test?": lambda: checklist.reference() | {"b": 4},
    "There is no question": lambda: checklist.reference() | {"c": 13},
    "on both sides of the split.": lambda: dict.fromkeys("abcdefgh", 1),
}
