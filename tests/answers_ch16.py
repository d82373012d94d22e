"""Answers to the exercises of chapter 16, right and wrong, for ``test_checks``."""

import numpy as np

from asl_helpers.checks import ch16


def finger(lengths, bends):
    angles = np.deg2rad(np.cumsum(bends))
    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.vstack([[0, 0], np.cumsum(steps, axis=0)])


def project(joints, distance):
    return joints[:, :2] * (distance / (distance + joints[:, 2]))[:, None]


def answered(confidence, right, threshold):
    kept = confidence >= threshold
    return kept.mean(), right[kept].mean()


REFERENCES = {
    ch16.finger: (finger,),
    ch16.project: (project,),
    ch16.answered: (answered,),
}


def each_by_itself(lengths, bends):
    angles = np.deg2rad(bends)
    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.vstack([[0, 0], np.cumsum(steps, axis=0)])


def from_the_knuckle(lengths, bends):
    angles = np.deg2rad(np.cumsum(bends))
    return np.vstack(
        [[0, 0], lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)]
    )


def changes_the_bends(lengths, bends):
    np.cumsum(bends, out=bends)
    return finger(lengths, np.diff(bends, prepend=0))


def upside_down(joints, distance):
    return joints[:, :2] * ((distance + joints[:, 2]) / distance)[:, None]


def strict(confidence, right, threshold):
    kept = confidence > threshold
    return kept.mean(), right[kept].mean()


WRONG = [
    (ch16.finger, each_by_itself, 0.75, "add the angles up"),
    (ch16.finger, lambda n, b: finger(n, np.rad2deg(b)), 0.75, "use np.deg2rad"),
    (ch16.finger, lambda n, b: finger(n, b)[1:], 0, "knuckle is missing"),
    (ch16.finger, lambda n, b: finger(n, b)[:, ::-1], 0, "exchanged"),
    (ch16.finger, lambda n, b: finger(n, b).T, 0, "transpose"),
    (ch16.finger, lambda n, b: finger(n, -b), 0.75, "bends backwards"),
    (ch16.finger, from_the_knuckle, 0, "starts at the knuckle"),
    (ch16.finger, changes_the_bends, 0.75, "work on a copy"),
    (ch16.project, lambda j, d: j[:, :2], 0.75, "no perspective"),
    (ch16.project, lambda j, d: project(j * [1, 1, -1], d), 0.75, "comes out smaller"),
    (ch16.project, lambda j, d: project(j, d) / d, 0, "unit is lost"),
    (ch16.project, upside_down, 0.75, "upside down"),
    (ch16.project, lambda j, d: j * (d / (d + j[:, 2:])), 0, "leave z out"),
    (ch16.answered, lambda c, r, t: (answered(c, r, t)[0], r.mean()), 0.5, "of all hands"),
    (ch16.answered, lambda c, r, t: ((c >= t).mean(), (r & (c >= t)).mean()), 0.5,
     "Divided by all hands"),
    (ch16.answered, lambda c, r, t: ((c < t).mean(), answered(c, r, t)[1]), 0, "the rest"),
    (ch16.answered, lambda c, r, t: answered(c, r, t)[::-1], 0, "coverage first"),
    (ch16.answered, strict, 1.5, "use >="),
]  # fmt: skip
