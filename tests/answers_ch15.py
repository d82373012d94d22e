"""Right and plausibly wrong answers to the exercises of chapter 15."""

import numpy as np

from asl_helpers.checks import ch15


def drawn_again(right, groups, picked):
    scores = []
    for draw in picked:
        rows = np.concatenate([np.flatnonzero(groups == group) for group in draw])
        scores.append(right[rows].mean())
    return np.array(scores)


def to_right(points, left):
    turned = points.copy()
    turned[left, :, 0] = 1 - turned[left, :, 0]
    return turned


def suspects(probs, labels, k):
    own = np.take_along_axis(probs, labels[:, None], axis=1)[:, 0]
    return own.argsort()[:k]


def risk_when_answering(confidence, right):
    order = (-confidence).argsort()
    return np.cumsum(~right[order]) / np.arange(1, len(right) + 1)


def checklist():
    return {"a": 2, "b": 5, "c": 6, "d": 4, "e": 1, "f": 2, "g": 11, "h": 10}


REFERENCES = {
    ch15.drawn_again: (drawn_again,),
    ch15.to_right: (to_right,),
    ch15.suspects: (suspects,),
    ch15.risk_when_answering: (risk_when_answering,),
    ch15.checklist: (checklist,),
}


def by_group(right, groups, picked):
    means = np.array([right[groups == group].mean() for group in np.unique(groups)])
    return means[picked].mean(axis=1)


def once_each(right, groups, picked):
    return np.array([right[np.isin(groups, draw)].mean() for draw in picked])


def of_all(right, groups, picked):
    return np.bincount(groups, right)[picked].sum(axis=1) / len(right)


def mirrored(change, everyone=False):
    """All hands, or the left ones, changed in some other way."""

    def wrong(points, left):
        turned = points.copy()
        rows = slice(None) if everyone else left
        turned[rows] = change(turned[rows])
        return turned

    return wrong


def in_place(points, left):
    points[left, :, 0] = 1 - points[left, :, 0]
    return points


def own_label(probs, labels):
    return probs[np.arange(len(labels)), labels]


def running(answers):
    return np.cumsum(answers) / np.arange(1, len(answers) + 1)


WRONG = [
    (ch15.drawn_again, lambda r, g, p: r[p].mean(axis=1), 0, "Single pictures are drawn"),
    (ch15.drawn_again, by_group, 1, "a short film as much"),
    (ch15.drawn_again, once_each, 0, "counts twice"),
    (ch15.drawn_again, of_all, 1, "its own number of pictures"),
    (ch15.drawn_again, lambda r, g, p: np.full(len(p), r.mean()), 0, "use `picked`"),
    (ch15.drawn_again, lambda r, g, p: np.bincount(g, r)[p].sum(axis=1), 0, "are counts"),
    (ch15.to_right, mirrored(lambda p: p * [-1, 1, 1]), 1, "1 - x, not -x"),
    (ch15.to_right, mirrored(lambda p: p * [1, -1, 1] + [0, 1, 0]), 1, "Upside down"),
    (ch15.to_right, mirrored(lambda p: 1 - p), 1, "only x changes"),
    (ch15.to_right, mirrored(lambda p: p * [-1, 1, -1] + [1, 0, 0]), 1, "depth changes"),
    (ch15.to_right, mirrored(lambda p: p * [-1, 1, 1] + [1, 0, 0], True), 0,
     "Every hand is mirrored"),
    (ch15.to_right, lambda p, left: to_right(p, ~left), 0, "instead of the left"),
    (ch15.to_right, mirrored(lambda p: p[:, ::-1]), 1, "a thumb"),
    (ch15.to_right, lambda p, left: p.copy(), 1, "Nothing has changed"),
    (ch15.to_right, in_place, 1, "changes the array"),
    (ch15.suspects, lambda p, y, k: own_label(p, y).argsort()[::-1][:k], 0,
     "least doubtful"),
    (ch15.suspects, lambda p, y, k: p.max(axis=1).argsort()[:k], 0, "unsure of everything"),
    (ch15.suspects, lambda p, y, k: (-p.max(axis=1)).argsort()[:k], 1, "surest, whatever"),
    (ch15.suspects, lambda p, y, k: own_label(p, y).argsort(), 0, "the first k"),
    (ch15.suspects, lambda p, y, k: np.sort(own_label(p, y))[:k], 0, "`np.argsort`"),
    (ch15.risk_when_answering, lambda c, r: running(~r[c.argsort()]), 1, "from the surest down"),
    (ch15.risk_when_answering, lambda c, r: running(~r), 1, "order of the list is kept"),
    (ch15.risk_when_answering, lambda c, r: np.cumsum(~r[(-c).argsort()]) / len(r), 1,
     "answers *given*"),
    (ch15.risk_when_answering, lambda c, r: running(r[(-c).argsort()]), 0, "counts the wrong"),
    (ch15.risk_when_answering, lambda c, r: np.cumsum(~r[(-c).argsort()]), 1, "are counts"),
    (ch15.risk_when_answering, lambda c, r: (~r[(-c).argsort()]) * 1.0, 1, "for itself"),
    (ch15.checklist, lambda: list("abc"), 0, "A dictionary was expected"),
    (ch15.checklist, lambda: {}, 0, "No question is named"),
    (ch15.checklist, lambda: checklist() | {"b": 4}, 1.75, "done to the test"),
    (ch15.checklist, lambda: checklist() | {"c": 13}, 1.75, "There is no question"),
    (ch15.checklist, lambda: dict.fromkeys("abcdefgh", 1), 0.25, "both sides of the cut"),
]  # fmt: skip
