"""Checkers of chapter 15: does it read someone else?"""

from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, Exercise, case, kind, run


def _drawn_again(right, groups, picked):
    """Return the accuracy of each draw: all pictures of the groups, as often as they are drawn."""
    hits, sizes = _films(right, groups)
    return hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)


def _films(right, groups):
    """Return right answers and pictures of each film."""
    return np.bincount(groups, right), np.bincount(groups)


def _draws(right, groups, picked):
    return case(np.array(right, bool), np.array(groups), np.array(picked))


_RNG = np.random.default_rng(15)
_UNEVEN = np.repeat(np.arange(4), [1, 6, 3, 10])

drawn_again = Exercise(
    points=3,
    reference=_drawn_again,
    cases={
        "three films, one of them read":
            _draws([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 2, 2], [[0, 0, 1], [1, 2, 2]]),
        "films of different lengths":
            _draws(_RNG.random(20) < 0.5, _UNEVEN, _RNG.integers(4, size=(8, 4))),
        "pictures in mixed order":
            _draws(_RNG.random(20) < 0.7, _RNG.permutation(_UNEVEN), _RNG.integers(4, size=(8, 4))),
    },
    misconceptions={
        "Single pictures are drawn: `picked` numbers films.": lambda r, g, p: r[p].mean(axis=1),
        "The mean over films counts a short film as much as a long one.":
            lambda r, g, p: np.divide(*_films(r, g))[p].mean(axis=1),
        "A film drawn twice counts twice: `np.isin` takes it once.":
            lambda r, g, p: [r[np.isin(g, draw)].mean() for draw in p],
        "A draw has its own number of pictures: divide by it.":
            lambda r, g, p: _films(r, g)[0][p].sum(axis=1) / len(r),
        "Every draw gives the same: use `picked`.": lambda r, g, p: np.full(len(p), r.mean()),
        "These are counts: divide by the pictures of the draw.":
            lambda r, g, p: _films(r, g)[0][p].sum(axis=1),
    },
)  # fmt: skip


def _mirrored(mirror=lambda points: points * [-1, 1, 1] + [1, 0, 0], who=lambda left: left):
    """Return an answer that changes some hands in some way: the left ones, mirrored."""

    def to_right(points, left):
        points = points.copy()
        points[who(left)] = mirror(points[who(left)])
        return points

    return to_right


_RNG = np.random.default_rng(25)


def _hands(*left):
    return case(_RNG.random((len(left), 21, 3)).astype(np.float32), np.array(left))


to_right = Exercise(
    points=3,
    reference=_mirrored(),
    cases={
        "a left and a right hand": _hands(True, False),
        "no left hand among them": _hands(False, False),
        "five hands": _hands(False, True, True, False, True),
    },
    misconceptions={
        "Outside the picture: it is 1 - x, not -x.": _mirrored(lambda p: p * [-1, 1, 1]),
        "Upside down: y runs down, x across.": _mirrored(lambda p: p * [1, -1, 1] + [0, 1, 0]),
        "All three coordinates are mirrored: only x changes.": _mirrored(lambda p: 1 - p),
        "The depth changes sign: only x changes.": _mirrored(lambda p: p * [-1, 1, -1] + [1, 0, 0]),
        "Every hand is mirrored: only the left ones change.": _mirrored(who=lambda left: ...),
        "The right hands are mirrored instead of the left ones.": _mirrored(who=np.invert),
        "The joints change places: a thumb stays a thumb.": _mirrored(lambda p: p[:, ::-1]),
        "Nothing has changed: mirror the rows where `left` is True.": lambda p, left: p,
    },
)  # fmt: skip


def _own(probs, labels):
    return probs[np.arange(len(labels)), labels]


_RNG = np.random.default_rng(35)
_TWELVE = _RNG.dirichlet(np.ones(5), 12), _RNG.integers(5, size=12), 4

suspects = Exercise(
    points=3,
    reference=lambda probs, labels, k: np.argsort(_own(probs, labels))[:k],
    cases={
        "sure, and of another letter":
            case(np.array([[0.9, 0.1], [0.4, 0.6], [0.05, 0.95]]), np.array([0, 1, 0]), 1),
        "undecided is not suspicious":
            case(np.array([[0.5, 0.5], [0.02, 0.98], [0.9, 0.1]]), np.array([0, 0, 0]), 2),
        "twelve pictures": case(*_TWELVE),
    },
    misconceptions={
        "These are the least doubtful.": lambda p, y, k: np.argsort(-_own(p, y))[:k],
        "Unsure of everything is not wrong: look at the given label.":
            lambda p, y, k: np.argsort(p.max(axis=1))[:k],
        "The surest, whatever it says: look at the given label.":
            lambda p, y, k: np.argsort(-p.max(axis=1))[:k],
        "All rows: the first k are asked for.": lambda p, y, k: np.argsort(_own(p, y)),
        "Probabilities; return rows: `np.argsort`.": lambda p, y, k: np.sort(_own(p, y))[:k],
    },
)  # fmt: skip


def _running(wrong):
    """Return the share of wrong answers among the first, the first two, and so on."""
    return np.cumsum(wrong) / np.arange(1, len(wrong) + 1)


def _surest_first(confidence, right):
    """Return which answers are wrong, the surest first."""
    return ~right[np.argsort(-confidence, kind="stable")]


_RNG = np.random.default_rng(45)
_FOUR = np.array([0.9, 0.3, 0.8, 0.5]), np.array([False, True, True, False])

risk_when_answering = Exercise(
    points=3,
    reference=lambda confidence, right: _running(_surest_first(confidence, right)),
    cases={
        "four answers, the surest is wrong": case(*_FOUR),
        "all right": case(np.array([0.2, 0.7, 0.6]), np.array([True, True, True])),
        "thirty answers": case(_RNG.permutation(30) / 30, _RNG.random(30) < 0.6),
    },
    misconceptions={
        "Sort from the surest down.": lambda *a: _running(_surest_first(*a)[::-1]),
        "The order of the list is kept: sort, the surest first.": lambda o, r: _running(~r),
        "A share of the answers *given*.": lambda o, r: np.cumsum(_surest_first(o, r)) / len(r),
        "Right answers: risk counts the wrong ones.": lambda *a: 1 - _running(_surest_first(*a)),
        "These are counts: divide by the answers so far.": lambda *a: np.cumsum(_surest_first(*a)),
        "Each answer for itself: the risk is of all so far.": lambda *a: _surest_first(*a) * 1.0,
    },
)  # fmt: skip

STATEMENTS = {
    "a": (2, "Frames of the same films on both sides: which question asks about that?"),
    "b": (5, "Nothing was learnt between the two scores; what was done to the test?"),
    "c": (6, "How far could chance move a score of so few pictures?"),
    "d": (4, "The pictures that stop the training are the ones that are reported."),
    "e": (1, "Whose hands, and whose language: look at what the pictures are."),
    "f": (2, "Each photograph is there some twenty times, on both sides of the cut."),
    "g": (11, "A number from a softmax is taken at its word, in front of other people."),
    "h": (10, "What became of the pictures without a hand found?"),
}
"""Statement of the exercise -> the question that meets it, and what to say to another."""

QUESTIONS = 12
_QUESTION = {name: question for name, (question, _) in STATEMENTS.items()}


def _each_statement(check: Check, answer: Any) -> None:
    """Check that each statement names its question."""
    named, message = run(answer)
    if message is None and not isinstance(named, dict):
        message = f"A dictionary was expected, this is {kind(named)}."
    if message:
        check.record("a question for each statement", message)
        return
    for name, (question, hint) in STATEMENTS.items():
        given = named.get(name)
        message = None if given == question else f"Not question {given}. {hint}"
        if given is None:
            message = "No question is named for it."
        elif given not in range(1, QUESTIONS + 1):
            message = f"There is no question {given!r}: 1 to {QUESTIONS}."
        check.record(f"statement {name}", message)


checklist = Exercise(
    points=2,
    reference=lambda: _QUESTION,
    tests=_each_statement,
    wrong_answers={
        "A dictionary was expected": lambda: list("abc"),
        "No question is named for it.": lambda: {},
        "what was done to the test?": lambda: _QUESTION | {"b": 4},
        "There is no question": lambda: _QUESTION | {"c": 13},
        "on both sides of the cut.": lambda: dict.fromkeys("abcdefgh", 1),
    },
)  # fmt: skip
