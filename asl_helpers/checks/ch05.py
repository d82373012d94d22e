"""Checkers of chapter 5: from gradient descent to Adam."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker

Function = Callable[..., Any]
BETAS = (0.9, 0.999)


def _bowl(weights: np.ndarray) -> np.ndarray:
    return np.array([1.0, 20.0]) * weights


def _ramp(weights: np.ndarray) -> np.ndarray:
    return np.full(np.shape(weights), 2.0)


def _uneven(weights: np.ndarray) -> np.ndarray:
    return np.array([1e-3, 5.0, -300.0]) + 0.1 * np.asarray(weights)


@checker(points=3)
def momentum_path(check: Check, momentum_path: Function) -> None:
    """Check ``momentum_path(gradient, start, rate, momentum, steps)``: (steps + 1, n) places."""
    cases = [
        ("momentum 0 is gradient descent", _bowl, np.array([3.0, 1.0]), 0.04, 0.0, 5),
        ("a slope that never changes", _ramp, np.array([1.0]), 0.1, 0.5, 4),
        ("down a bowl", _bowl, np.array([-3.0, 2.0]), 0.03, 0.9, 8),
    ]
    for label, gradient, start, rate, momentum, steps in cases:
        arguments = (gradient, start, rate, momentum, steps)
        check.call(
            label,
            momentum_path,
            *arguments,
            expected=_momentum(*arguments),
            mistakes=_momentum_mistakes(*arguments),
        )


@checker(points=5)
def adam_path(check: Check, adam_path: Function) -> None:
    """Check ``adam_path(gradient, start, rate, steps)``, betas 0.9 and 0.999: (steps + 1, n)."""
    cases = [
        ("the first step is the rate", _uneven, np.array([1.0, 2.0, 3.0]), 0.1, 1),
        ("a slope that never changes", _ramp, np.array([4.0]), 0.05, 6),
        ("down a bowl", _bowl, np.array([-3.0, 2.0]), 0.1, 12),
        ("slopes of very different size", _uneven, np.array([0.5, 0.5, 0.5]), 0.01, 20),
    ]
    for label, gradient, start, rate, steps in cases:
        arguments = (gradient, start, rate, steps)
        check.call(
            label,
            adam_path,
            *arguments,
            expected=_adam(*arguments),
            mistakes=_adam_mistakes(*arguments),
        )


@checker(points=2)
def cosine_rate(check: Check, cosine_rate: Function) -> None:
    """Check ``cosine_rate(step, steps, rate)``: the rate on half a wave of the cosine."""
    cases = [
        ("it starts at the full rate", 0, 100, 0.1),
        ("half of it in the middle", 50, 100, 0.1),
        ("three quarters on the way", 30, 40, 8.0),
        ("nothing at the end", 100, 100, 0.1),
        ("and nothing after it", 130, 100, 0.1),
    ]
    for label, step, steps, rate in cases:
        share = step / steps
        done = min(share, 1.0)
        mistakes = [
            (rate * (1 + np.cos(np.pi * share)) / 2, "After the end it rises again: stop at 0."),
            (rate * (1 + np.cos(2 * np.pi * share)) / 2, "A whole wave, up again; half a wave."),
            (rate * np.cos(np.pi * done), "Cosine falls to −1: add 1 and halve it."),
            (rate * np.cos(np.pi * done / 2), "A quarter of a wave: it falls fastest at its end."),
            (rate * (1 + np.cos(np.pi * done)), "Twice too high: halve it."),
            (rate * (1 - done), "This is a straight line."),
            (rate * (1 + np.cos(180 * done)) / 2, "np.cos takes radians: half a circle is π."),
            ((1 + np.cos(np.pi * done)) / 2, "This is the share; multiply it by the rate."),
            (rate, "The rate does not fall at all."),
        ]
        expected = rate * np.cos(np.pi * done / 2) ** 2
        check.call(label, cosine_rate, step, steps, rate, expected=expected, mistakes=mistakes)


def _momentum(
    gradient: Function, start: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Return the places, kept apart from the lesson's so that neither copies a slip."""
    places = [start - 0.0]
    for step in range(steps):
        before = places[-1] - places[-2] if step else 0.0
        places.append(places[-1] + momentum * before - rate * gradient(places[-1]))
    return np.array(places)


def _momentum_mistakes(
    gradient: Function, start: np.ndarray, rate: float, momentum: float, steps: int
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    right = _momentum(gradient, start, rate, momentum, steps)
    ahead, velocity = [start - 0.0], np.zeros_like(start)
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(ahead[-1] + momentum * velocity)
        ahead.append(ahead[-1] + velocity)
    return [
        (right[1:], "The start is missing: the path has steps + 1 places."),
        (right[:-1], "The last place is missing: the path has steps + 1 places."),
        (
            np.repeat(right[-1:], steps + 1, axis=0),
            "Every place is the last one: the list holds the same array each time. Make a new "
            "array at each step, or append a copy.",
        ),
        (
            _momentum(gradient, start, -rate, momentum, steps),
            "This goes uphill: the step is against the gradient.",
        ),
        (
            _momentum(gradient, start, rate, 0.0, steps),
            "The velocity is forgotten: keep it from one step to the next.",
        ),
        (
            _momentum(gradient, start, rate * (1 - momentum), momentum, steps),
            "The slope is multiplied by 1 − momentum: that is a running mean, with smaller steps.",
        ),
        (np.array(ahead), "The slope is taken ahead of the place: that is Nesterov's momentum."),
        (
            _momentum(gradient, start, 1.0, momentum, steps),
            "The rate is missing: it multiplies each slope.",
        ),
    ]


def _adam(
    gradient: Function,
    start: np.ndarray,
    rate: float,
    steps: int,
    corrected: tuple[bool, bool] = (True, True),
    late: int = 0,
    betas: tuple[float, float] = BETAS,
    root: float = 0.5,
    square: Function = np.square,
) -> np.ndarray:
    """Return Adam's places by the formula of the paper, with parts of it left out on demand."""
    places, m, v = [start - 0.0], 0.0, 0.0
    for step in range(1, steps + 1):
        slope = gradient(places[-1])
        m = m + (1 - betas[0]) * (slope - m)
        v = v + (1 - betas[1]) * (square(slope) - v)
        first = m / (1 - betas[0] ** (step + late)) if corrected[0] else m
        second = v / (1 - betas[1] ** (step + late)) if corrected[1] else v
        # Below the tolerance it does not matter where epsilon stands.
        places.append(places[-1] - rate * first / (second**root + 1e-12))
    return np.array(places)


def _adam_mistakes(
    gradient: Function, start: np.ndarray, rate: float, steps: int
) -> list[tuple[Any, str]]:
    """Return what each misconception would give for this call, and what to say to it."""
    given = (gradient, start, rate, steps)
    right = _adam(*given)
    none_corrected = (
        "No bias correction: m and v start at 0 and are too small at first, v more so; the first "
        "step is 3.16 times the rate."
    )
    return [
        (right[1:], "The start is missing: the path has steps + 1 places."),
        (
            np.repeat(right[-1:], steps + 1, axis=0),
            "Every place is the last one: make a new array at each step, or append a copy.",
        ),
        (_adam(*given, corrected=(False, False)), none_corrected),
        (_adam(*given, corrected=(True, False)), "v is not corrected: divide by 1 − β₂ᵗ."),
        (_adam(*given, corrected=(False, True)), "m is not corrected: divide by 1 − β₁ᵗ."),
        (
            np.vstack([start, np.full((steps, len(start)), np.nan)]),
            "0 / 0 at the first step: count the steps from 1 in the correction.",
        ),
        (_adam(*given, late=1), "The correction is one step late: t is 1 at the first step."),
        (_adam(*given, betas=BETAS[::-1]), "The betas are exchanged: 0.9 for m, 0.999 for v."),
        (_adam(*given, root=1.0), "The square root is missing: v has the unit of a squared slope."),
        (_adam(*given, square=np.abs), "v takes the squares of the slopes, not their sizes."),
        (_adam(gradient, start, -rate, steps), "This goes uphill: subtract the step."),
        (_adam(gradient, start, 1.0, steps), "The rate is missing."),
        (
            _momentum(gradient, start, rate, 0.0, steps),
            "This is gradient descent with a rate: m and v are not used.",
        ),
    ]
