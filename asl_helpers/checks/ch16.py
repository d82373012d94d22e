"""Checkers of chapter 16: the hand model."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _finger(lengths, bends, together=np.cumsum, angle=np.deg2rad, joints=np.cumsum):
    """Return joints (k + 1, 2); a slip changes how angles or steps are added, or their unit."""
    angles = angle(together(bends))
    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([np.zeros((1, 2)), joints(steps, axis=0)])


def _same(values, axis=None):
    return values


finger = Exercise(
    points=3,
    reference=lambda lengths, bends: _finger(lengths, bends),
    cases={
        "a straight finger": case(np.array([0.5, 0.3, 0.2]), np.zeros(3)),
        "a right angle at the first hinge": case(np.array([0.5, 0.3, 0.2]), np.array([90.0, 0, 0])),
        "every hinge bent": case(np.array([0.46, 0.30, 0.23]), np.array([60.0, 80, 35])),
        "a finger bent back": case(np.array([0.40, 0.25]), np.array([-15.0, 20])),
    },
    misconceptions={
        "A hinge turns all after it: add the angles up.": lambda *a: _finger(*a, together=_same),
        "np.cos and np.sin take radians: use np.deg2rad.": lambda *a: _finger(*a, angle=_same),
        "The knuckle is missing: the first row is (0, 0).": lambda *a: _finger(*a)[1:],
        "The columns are exchanged: inwards is second.": lambda *a: _finger(*a)[:, ::-1],
        "Rows are joints, columns are the two directions: transpose it.": lambda *a: _finger(*a).T,
        "It bends backwards: a positive angle bends inwards.": lambda n, b: _finger(n, -b),
        "Each bone starts at the knuckle: add the steps up.": lambda *a: _finger(*a, joints=_same),
    },
)  # fmt: skip


def _project(joints, distance):
    return joints[:, :2] * distance / (distance + joints[:, 2:])


_RNG = np.random.default_rng(16)
_TWO = np.array([[0.5, -1.0, -1.0], [0.5, -1.0, 1.0]])

project = Exercise(
    points=3,
    reference=_project,
    cases={
        "a joint at the wrist's depth": case(np.array([[0.3, -1.0, 0.0]]), 5.0),
        "one joint nearer, one farther": case(_TWO, 4.0),
        "a whole hand, near": case(_RNG.normal(0, 0.5, (21, 3)), 3.0),
        "a whole hand, far": case(_RNG.normal(0, 0.5, (21, 3)), 1000.0),
    },
    misconceptions={
        "There is no perspective yet: what is nearer must come out larger.": lambda j, d: j[:, :2],
        "What is nearer comes out smaller: z grows away.": lambda j, d: _project(j * [1, 1, -1], d),
        "The unit is lost: multiply by the distance.": lambda j, d: _project(j, d) / d,
        "The fraction is upside down.": lambda j, d: j[:, :2] * (d + j[:, 2:]) / d,
        "A picture has two coordinates: leave z out.": lambda j, d: j * d / (d + j[:, 2:]),
    },
)  # fmt: skip


def _answered(confidence, right, threshold, over=np.greater_equal):
    kept = over(confidence, threshold)
    return np.array([kept.mean(), right[kept].mean()])


def _hands(confidence, right, threshold):
    return case(np.array(confidence), np.array(right, dtype=bool), threshold)


answered = Exercise(
    points=2,
    reference=lambda confidence, right, threshold: _answered(confidence, right, threshold),
    cases={
        "some are left unread": _hands([0.9, 0.8, 0.4, 0.3, 0.7], [1, 0, 1, 0, 1], 0.5),
        "a confidence equal to the threshold counts":
            _hands([0.6, 0.6, 0.2, 0.9], [1, 0, 1, 1], 0.6),
        "everything is answered": _hands([0.5, 0.7, 0.9], [1, 0, 0], 0.0),
        "one is answered": _hands([0.5, 0.3, 0.95, 0.2], [0, 1, 1, 1], 0.9),
    },
    misconceptions={
        "The accuracy is that of all hands: count only those answered.":
            lambda c, r, t: [(c >= t).mean(), r.mean()],
        "Divided by all hands: divide by those that are answered.":
            lambda c, r, t: [(c >= t).mean(), (r & (c >= t)).mean()],
        "The share left unread; return the rest.": lambda *a: np.abs(_answered(*a) - [1, 0]),
        "The two are exchanged: coverage first.": lambda *a: _answered(*a)[::-1],
        "The coverage is a share of all hands.": lambda c, r, t: _answered(c, r, t) * [len(c), 1],
        "A hand at the threshold is answered: use >=.": lambda *a: _answered(*a, over=np.greater),
    },
)  # fmt: skip
