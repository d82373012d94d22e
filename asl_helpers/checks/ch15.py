"""Checkers of chapter 15: does it read someone else?"""

from collections.abc import Callable

import numpy as np

from asl_helpers.checks.core import Check, checker, kind, run

STATEMENTS = {
    "a": ({2}, "Frames of the same films on both sides: which question asks about that?"),
    "b": ({5}, "Nothing was learnt between the two scores; what was done to the test?"),
    "c": ({6}, "How far could chance move a score of so few pictures?"),
    "d": ({4}, "The pictures that stop the training are the ones that are reported."),
    "e": ({1}, "Whose hands, and whose language: look at what the pictures are."),
    "f": ({2}, "Each photograph is there some twenty times, on both sides of the cut."),
    "g": ({11}, "A number from a softmax is taken at its word, in front of other people."),
    "h": ({10}, "What became of the pictures without a hand found?"),
}
"""Statement of the exercise -> the questions that meet it, and what to say to another."""

QUESTIONS = 12


@checker(points=3)
def drawn_again(check: Check, drawn_again: Callable[..., np.ndarray]) -> None:
    """Check ``drawn_again(right, groups, picked)``: an accuracy for each draw of groups, (b,)."""
    rng = np.random.default_rng(15)
    sizes = np.array([1, 6, 3, 10])
    uneven = np.repeat(np.arange(4), sizes)
    cases = [
        ("three films, one of them read", [1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 2, 2],
         [[0, 0, 1], [1, 2, 2]]),
        ("films of different lengths", rng.random(20) < 0.5, uneven, rng.integers(4, size=(8, 4))),
        ("pictures in mixed order", rng.random(20) < 0.7, rng.permutation(uneven),
         rng.integers(4, size=(8, 4))),
    ]  # fmt: skip
    for label, right, groups, picked in cases:
        right, groups, picked = np.array(right, bool), np.array(groups), np.array(picked)
        check.call(
            label,
            drawn_again,
            right,
            groups,
            picked,
            expected=_again(right, groups, picked),
            mistakes=_again_mistakes(right, groups, picked),
        )


@checker(points=3)
def to_right(check: Check, to_right: Callable[..., np.ndarray]) -> None:
    """Check ``to_right(points, left)``: left hands mirrored, right ones as they were."""
    rng = np.random.default_rng(25)
    cases = [
        ("a left and a right hand", rng.random((2, 21, 3)), [True, False]),
        ("no left hand among them", rng.random((2, 21, 3)), [False, False]),
        ("five hands", rng.random((5, 21, 3)), [False, True, True, False, True]),
    ]
    for label, points, left in cases:
        points, left = points.astype(np.float32), np.array(left)
        expected, mistakes = points.copy(), []
        expected[left, :, 0] = 1 - points[left, :, 0]

        def other(change, rows=left, points=points):
            wrong = points.copy()
            wrong[rows] = change(points[rows])
            return wrong

        mistakes = [
            (other(lambda p: p * [-1, 1, 1]), "Outside the picture: x runs from 0 to 1, so its "
             "mirror image is 1 - x, not -x."),
            (other(lambda p: p * [1, -1, 1] + [0, 1, 0]), "Upside down: y runs down, x across."),
            (other(lambda p: 1 - p), "All three coordinates are mirrored: only x changes."),
            (other(lambda p: p * [-1, 1, -1] + [1, 0, 0]), "The depth changes sign: a mirror "
             "beside the hand leaves it as near to the camera as it was."),
            (other(lambda p: p * [-1, 1, 1] + [1, 0, 0], slice(None)), "Every hand is mirrored: "
             "only the left ones are to change."),
            (other(lambda p: p * [-1, 1, 1] + [1, 0, 0], ~left), "The right hands are mirrored "
             "instead of the left ones."),
            (other(lambda p: p[:, ::-1]), "The joints change places: the second axis counts "
             "landmarks, and a mirror leaves the thumb a thumb."),
            (points, "Nothing has changed: mirror the rows where `left` is True."),
        ]  # fmt: skip
        check.call(label, to_right, points, left, expected=expected, mistakes=mistakes)


@checker(points=3)
def suspects(check: Check, suspects: Callable[..., np.ndarray]) -> None:
    """Check ``suspects(probs, labels, k)``: the rows whose given label is least likely, (k,)."""
    rng = np.random.default_rng(35)
    cases = [
        ("sure, and of another letter", [[0.9, 0.1], [0.4, 0.6], [0.05, 0.95]], [0, 1, 0], 1),
        ("undecided is not suspicious", [[0.5, 0.5], [0.02, 0.98], [0.9, 0.1]], [0, 0, 0], 2),
        ("twelve pictures", rng.dirichlet(np.ones(5), 12), rng.integers(5, size=12), 4),
    ]
    for label, probs, labels, k in cases:
        probs, labels = np.array(probs), np.array(labels)
        own = probs[np.arange(len(labels)), labels]
        mistakes = [
            (np.argsort(-own)[:k], "These are the least doubtful: the given label is likeliest "
             "there."),
            (np.argsort(probs.max(axis=1))[:k], "These are where the model is unsure of "
             "everything. A wrong label shows where it is sure of another letter: look at the "
             "probability of the given label."),
            (np.argsort(-probs.max(axis=1))[:k], "These are where the model is surest, whatever it "
             "says: look at the probability of the given label."),
            (np.flatnonzero(probs.argmax(axis=1) != labels)[:k], "These are the first mistakes of "
             "the list: put the least likely label first."),
            (np.sort(np.argsort(own)[:k]), "The right rows in the order of the list: put the "
             "least likely label first."),
            (np.argsort(own), "All rows: the first k are asked for."),
            (np.argsort(own)[-k:], "The last k of the order are the least doubtful."),
            (np.sort(own)[:k], "These are probabilities; the rows are asked for: `np.argsort`."),
        ]  # fmt: skip
        check.call(
            label, suspects, probs, labels, k, expected=np.argsort(own)[:k], mistakes=mistakes
        )


@checker(points=3)
def risk_when_answering(check: Check, risk_of: Callable[..., np.ndarray]) -> None:
    """Check ``risk_when_answering(confidence, right)``: the risk of the surest 1 ... n, (n,)."""
    rng = np.random.default_rng(45)
    cases = [
        ("four answers, the surest is wrong", [0.9, 0.3, 0.8, 0.5], [False, True, True, False]),
        ("all right", [0.2, 0.7, 0.6], [True, True, True]),
        ("thirty answers", rng.permutation(30) / 30, rng.random(30) < 0.6),
    ]
    for label, confidence, right in cases:
        confidence, right = np.array(confidence), np.array(right)
        n, order = len(right), np.argsort(-confidence, kind="stable")
        wrong = ~right[order]
        mistakes = [
            (np.cumsum(~right[order[::-1]]) / np.arange(1, n + 1), "The least sure are answered "
             "first: sort from the surest down."),
            (np.cumsum(~right) / np.arange(1, n + 1), "The order of the list is kept: sort by "
             "confidence, the surest first."),
            (np.cumsum(wrong) / n, "Divided by all pictures: risk is a share of the answers "
             "*given*, 1, 2, ... n of them."),
            (np.cumsum(~wrong) / np.arange(1, n + 1), "This is the share of right answers: risk "
             "counts the wrong ones."),
            (np.cumsum(wrong), "These are counts: divide by the answers given so far."),
            (np.cumsum(wrong) / np.maximum(np.arange(n), 1), "Divided by one answer too few: after "
             "the first there is one."),
            (wrong.astype(float), "Each answer for itself: the risk is that of all answers down "
             "to this one."),
        ]  # fmt: skip
        expected = np.cumsum(wrong) / np.arange(1, n + 1)
        check.call(label, risk_of, confidence, right, expected=expected, mistakes=mistakes)


@checker(points=2)
def checklist(check: Check, checklist: Callable[[], dict]) -> None:
    """Check ``checklist()``: the number of a question for each statement, ``{"a": 2, ...}``."""
    answer, message = run(checklist)
    if message is None and not isinstance(answer, dict):
        message = f"A dictionary was expected, this is {kind(answer)}."
    if message:
        check.record("a question for each statement", message)
        return
    for name, (accepted, hint) in STATEMENTS.items():
        given = answer.get(name)
        if given in accepted:
            check.record(f"statement {name}")
        elif given is None:
            check.record(f"statement {name}", "No question is named for it.")
        elif given not in range(1, QUESTIONS + 1):
            check.record(f"statement {name}", f"There is no question {given!r}: 1 to {QUESTIONS}.")
        else:
            check.record(f"statement {name}", f"Not question {given}. {hint}")


def _again(right: np.ndarray, groups: np.ndarray, picked: np.ndarray) -> np.ndarray:
    """Return the accuracy of each draw: all pictures of the groups, as often as they are drawn."""
    hits, sizes = np.bincount(groups, right), np.bincount(groups)
    return hits[picked].sum(axis=1) / sizes[picked].sum(axis=1)


def _again_mistakes(right, groups, picked) -> list[tuple[np.ndarray, str]]:
    """Return what usual slips give, and what to say to each."""
    hits, sizes = np.bincount(groups, right), np.bincount(groups)
    once = np.array([right[np.isin(groups, draw)].mean() for draw in picked])
    return [
        (right[picked].mean(axis=1), "Single pictures are drawn: `picked` numbers films. Take all "
         "pictures of each."),
        ((hits / sizes)[picked].mean(axis=1), "The mean over films counts a short film as much as "
         "a long one: add up right answers and pictures first."),
        (once, "A film drawn twice counts twice: `np.isin` takes it once."),
        (hits[picked].sum(axis=1) / len(right), "Divided by the pictures of the whole test; a draw "
         "has its own number of pictures."),
        (np.full(len(picked), right.mean()), "Every draw gives the same: use `picked`."),
        (hits[picked].sum(axis=1), "These are counts: divide by the pictures of the draw."),
    ]  # fmt: skip
