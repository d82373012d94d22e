"""Checkers of chapter 18: the hand model."""

import numpy as np

from asl_helpers.checks.core import Changed, case, exercise


@exercise(points=3)
def finger(lengths, bends):
    angles = np.deg2rad(np.cumsum(bends))
    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])


finger.cases = {
    "a straight finger": case(np.array([0.5, 0.3, 0.2]), np.zeros(3)),
    "a right angle at the first hinge": case(np.array([0.5, 0.3, 0.2]), np.array([90.0, 0, 0])),
    "every hinge bent": case(np.array([0.46, 0.30, 0.23]), np.array([60.0, 80, 35])),
    "a finger bent back": case(np.array([0.40, 0.25]), np.array([-15.0, 20])),
}
finger.wrong = {
    "A hinge turns all bones after it: add the angles up.": ("np.cumsum(bends)", "bends"),
    "np.cos and np.sin take radians: use np.deg2rad.": ("np.deg2rad", ""),
    "The knuckle is missing: the first row is (0, 0).": Changed(lambda joints: joints[1:]),
    "The columns are exchanged: inwards is second.": Changed(lambda joints: joints[:, ::-1]),
    "Rows are joints, columns are the two directions: transpose it.": Changed(np.transpose),
    "It bends backwards: a positive angle bends inwards.": ("(bends)", "(-bends)"),
    "Each bone starts at the knuckle: add the steps up.": ("np.cumsum(steps, axis=0)", "steps"),
}


@exercise(points=3)
def project(joints, distance):
    return joints[:, :2] * distance / (distance + joints[:, 2:])


_RNG = np.random.default_rng(16)
_TWO = np.array([[0.5, -1.0, -1.0], [0.5, -1.0, 1.0]])

project.cases = {
    "a joint at the wrist's depth": case(np.array([[0.3, -1.0, 0.0]]), 5.0),
    "one joint nearer, one farther": case(_TWO, 4.0),
    "a whole hand, near": case(_RNG.normal(0, 0.5, (21, 3)), 3.0),
    "a whole hand, far": case(_RNG.normal(0, 0.5, (21, 3)), 1000.0),
}
project.wrong = {
    "There is no perspective yet: what is nearer must come out larger.":
        (" * distance / (distance + joints[:, 2:])", ""),
    "What is nearer comes out smaller: z grows away from the camera.": ("+ joints", "- joints"),
    "The unit is lost: multiply by the distance.": (" * distance", ""),
    "The fraction is upside down.":
        ("distance / (distance + joints[:, 2:])", "(distance + joints[:, 2:]) / distance"),
    "An image has two coordinates: leave z out.": ("[:, :2]", ""),
}  # fmt: skip


@exercise(points=2)
def answered(confidence, right, threshold):
    kept = confidence >= threshold
    return kept.mean(), right[kept].mean()


def _hands(confidence, right, threshold):
    return case(np.array(confidence), np.array(right, dtype=bool), threshold)


answered.cases = {
    "some are left unread": _hands([0.9, 0.8, 0.4, 0.3, 0.7], [1, 0, 1, 0, 1], 0.5),
    "a confidence equal to the threshold counts": _hands([0.6, 0.6, 0.2, 0.9], [1, 0, 1, 1], 0.6),
    "everything is answered": _hands([0.5, 0.7, 0.9], [1, 0, 0], 0.0),
    "one is answered": _hands([0.5, 0.3, 0.95, 0.2], [0, 1, 1, 1], 0.9),
}
answered.wrong = {
    "The accuracy is that of all hands: count only those answered.": ("[kept]", ""),
    "This divides by all hands: divide by those that are answered.":
        ("right[kept]", "(right & kept)"),
    "This is the share left unread; return the rest.": ("kept.mean(),", "1 - kept.mean(),"),
    "The two are exchanged: coverage first.": Changed(lambda pair: pair[::-1]),
    "The coverage is a share of all hands, not a count.": ("kept.mean(),", "kept.sum(),"),
    "A hand at the threshold is answered: use >=.": (">=", ">"),
}  # fmt: skip
