"""Checkers of chapter 16: the hand model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker


@checker(points=3)
def finger(check: Check, finger: Callable[..., np.ndarray]) -> None:
    """Check ``finger(lengths, bends)``: (k,), (k,) degrees -> joints (k + 1, 2) in the plane."""
    cases = [
        ("a straight finger", [0.5, 0.3, 0.2], [0, 0, 0]),
        ("a right angle at the first hinge", [0.5, 0.3, 0.2], [90, 0, 0]),
        ("every hinge bent", [0.46, 0.30, 0.23], [60, 80, 35]),
        ("a finger bent back", [0.40, 0.25], [-15, 20]),
    ]
    for label, lengths, bends in cases:
        bones, angles = np.array(lengths), np.array(bends, dtype=float)
        right = _finger(bones, np.deg2rad(np.cumsum(angles)))
        mistakes = [
            (
                _finger(bones, np.deg2rad(angles)),
                "Each hinge turns all bones after it: add the angles up before you use them.",
            ),
            (
                _finger(bones, np.cumsum(angles)),
                "np.cos and np.sin take radians: use np.deg2rad.",
            ),
            (_finger(bones, angles), "These are degrees, not added up: two things to mend."),
            (right[1:], "The knuckle is missing: the first row is (0, 0)."),
            (right[:, ::-1], "The columns are exchanged: straight on first, then inwards."),
            (right.T, "Rows are joints, columns are the two directions: transpose it."),
            (right * [1, -1], "It bends backwards: a positive angle bends inwards."),
            (
                np.diff(right, axis=0),
                "These are the bones as steps: a joint is the sum of the steps before it.",
            ),
            (
                np.concatenate([np.zeros((1, 2)), np.diff(right, axis=0)]),
                "Each bone starts at the knuckle: add the steps up.",
            ),
        ]
        check.call(label, finger, bones, angles, expected=right, mistakes=mistakes)


@checker(points=3)
def project(check: Check, project: Callable[..., np.ndarray]) -> None:
    """Check ``project(joints, distance)``: (k, 3), palm lengths -> picture coordinates (k, 2)."""
    rng = np.random.default_rng(16)
    cases = [
        ("a joint at the wrist's depth", np.array([[0.3, -1.0, 0.0]]), 5.0),
        ("one joint nearer, one farther", np.array([[0.5, -1.0, -1.0], [0.5, -1.0, 1.0]]), 4.0),
        ("a whole hand, near", rng.normal(0, 0.5, (21, 3)), 3.0),
        ("a whole hand, far", rng.normal(0, 0.5, (21, 3)), 1000.0),
    ]
    for label, joints, distance in cases:
        flat, depth = joints[:, :2], joints[:, 2:]
        right = flat * distance / (distance + depth)
        mistakes = [
            (flat, "There is no perspective yet: what is nearer must come out larger."),
            (
                flat * distance / (distance - depth),
                "What is nearer comes out smaller: z grows away from the camera.",
            ),
            (
                flat / (distance + depth),
                "The unit is lost: multiply by the distance, so that the wrist keeps its scale.",
            ),
            (
                flat * (distance + depth) / distance,
                "The fraction is upside down: divide by the depth.",
            ),
            (
                joints * distance / (distance + depth),
                "A picture has two coordinates: leave z out.",
            ),
            (
                flat * distance / np.hypot(np.hypot(*flat.T), distance + depth[:, 0])[:, None],
                "Divide by the depth along the camera's axis, not by the distance to the joint.",
            ),
        ]
        check.call(label, project, joints, distance, expected=right, mistakes=mistakes)


@checker(points=2)
def answered(check: Check, answered: Callable[..., Any]) -> None:
    """Check ``answered(confidence, right, threshold) -> (coverage, accuracy)``."""
    cases = [
        ("some are left unread", [0.9, 0.8, 0.4, 0.3, 0.7], [1, 0, 1, 0, 1], 0.5),
        ("a confidence equal to the threshold counts", [0.6, 0.6, 0.2, 0.9], [1, 0, 1, 1], 0.6),
        ("everything is answered", [0.5, 0.7, 0.9], [1, 0, 0], 0.0),
        ("one is answered", [0.5, 0.3, 0.95, 0.2], [0, 1, 1, 1], 0.9),
    ]
    for label, confidence, right, threshold in cases:
        sure, hit = np.array(confidence), np.array(right, dtype=bool)
        kept = sure >= threshold
        coverage, accuracy = kept.mean(), hit[kept].mean()
        strict = sure > threshold
        mistakes = [
            (
                np.array([coverage, hit.mean()]),
                "The accuracy is that of all hands: count only those that are answered.",
            ),
            (
                np.array([coverage, (hit & kept).mean()]),
                "Divided by all hands: divide by the number of those that are answered.",
            ),
            (
                np.array([1 - coverage, accuracy]),
                "This is the share that is left unread: the coverage is the rest.",
            ),
            (np.array([accuracy, coverage]), "The two are exchanged: coverage first."),
            (
                np.array([kept.sum(), accuracy]),
                "The coverage is a share of all hands, not a number of them.",
            ),
            (
                np.array([strict.mean(), hit[strict].mean() if strict.any() else np.nan]),
                "A hand exactly at the threshold is answered: use >=.",
            ),
        ]
        expected = np.array([coverage, accuracy])
        check.call(label, answered, sure, hit, threshold, expected=expected, mistakes=mistakes)


def _finger(lengths: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return joints (k + 1, 2) of bones whose directions are given in radians."""
    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
