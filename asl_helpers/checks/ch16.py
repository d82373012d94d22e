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
    "Single images are drawn, but `picked` holds numbers of films.":
        lambda right, groups, picked: right[picked].mean(axis=1),
    "The mean over films counts a short film as much as a long one.":
        ("hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)",
         "(hits / sizes)[picked].mean(axis=1)"),
    "A film that was drawn twice counts twice, but `np.isin` takes it once.":
        lambda right, groups, picked: [right[np.isin(groups, draw)].mean() for draw in picked],
    "Every draw has its own number of images: divide by that.":
        ("sizes[picked].sum(axis=1)", "len(right)"),
    "Every draw gives the same accuracy: use `picked`.":
        lambda right, groups, picked: np.full(len(picked), right.mean()),
    "These are counts: divide by the images of the draw.": (" / sizes[picked].sum(axis=1)", ""),
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
    "Sort from the most confident answer down.": ("-confidence", "confidence"),
    "The order is unchanged: sort, the most confident first.": ("-confidence", "0 * confidence"),
    "This is a share of all images: divide by the number of answers so far.":
        ("/ answered", "/ len(right)"),
    "These are the correct answers: risk counts the wrong ones.": ("~right", "right"),
    "These are counts: divide by the number of answers so far.": (" / answered", ""),
    "These are single answers: the risk is over all answers so far.":
        ("np.cumsum(wrong) / answered", "wrong * 1.0"),
}  # fmt: skip


STATEMENTS = {
    "a": (2, "Frames of the same films on both sides: which question asks about that?"),
    "b": (5, "Nothing was learned between the two scores; what was done to the test?"),
    "c": (6, "How much could a score of so few images change by chance?"),
    "d": (4, "The images that stop the training are the ones that are reported."),
    "e": (1, "Whose hands, and whose language? Look at what the images are."),
    "f": (2, "Each photograph occurs some twenty times, on both sides of the split."),
    "g": (11, "A softmax output is taken for a probability, for people the model has not met."),
    "h": (10, "What happened to the images in which no hand was found?"),
}
"""Statement of the exercise -> its question, and what to say to another answer."""

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
