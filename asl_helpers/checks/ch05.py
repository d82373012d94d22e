"""Checkers of chapter 5: from gradient descent to Adam."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _bowl(weights):
    return np.array([1.0, 20.0]) * weights


def _ramp(weights):
    return np.full(np.shape(weights), 2.0)


def _uneven(weights):
    return np.array([1e-3, 5.0, -300.0]) + 0.1 * np.asarray(weights)


def _momentum(gradient, start, rate, momentum, steps):
    """Return the places, kept apart from the lesson's so that neither copies a slip."""
    path = [start - 0.0]
    for step in range(steps):
        before = path[-1] - path[-2] if step else 0.0
        path.append(path[-1] + momentum * before - rate * gradient(path[-1]))
    return np.array(path)


def _last_repeated(path):
    return np.repeat(path[-1:], len(path), axis=0)


momentum_path = Exercise(
    points=3,
    reference=_momentum,
    cases={
        "momentum 0 is gradient descent": case(_bowl, np.array([3.0, 1.0]), 0.04, 0.0, 5),
        "a slope that never changes": case(_ramp, np.array([1.0]), 0.1, 0.5, 4),
        "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.03, 0.9, 8),
    },
    misconceptions={
        "The start is missing: the path has steps + 1 places.": lambda *a: _momentum(*a)[1:],
        "The same array at each step: append a copy.": lambda *a: _last_repeated(_momentum(*a)),
        "This goes uphill: subtract the gradient.": lambda g, w, r, m, n: _momentum(g, w, -r, m, n),
        "The velocity is forgotten: keep it.": lambda g, w, r, m, n: _momentum(g, w, r, 0, n),
        "Multiplied by 1 − momentum: that is a running mean, with smaller steps.":
            lambda g, w, r, m, n: _momentum(g, w, r * (1 - m), m, n),
        "The rate is missing: multiply by it.": lambda g, w, r, m, n: _momentum(g, w, 1.0, m, n),
    },
)  # fmt: skip


def _adam_with(
    correct_m=True, correct_v=True, first=1, betas=(0.9, 0.999), power=0.5, size=np.square
):
    """Return Adam by the formula of the paper, with parts of it changed on demand."""

    def adam_path(gradient, start, rate, steps):
        path, m, v = [start - 0.0], 0.0, 0.0
        for step in range(first, steps + first):
            slope = gradient(path[-1])
            m = m + (1 - betas[0]) * (slope - m)
            v = v + (1 - betas[1]) * (size(slope) - v)
            m_hat = m / (1 - betas[0] ** step) if correct_m else m
            v_hat = v / (1 - betas[1] ** step) if correct_v else v
            # Below the tolerance it does not matter where epsilon stands.
            path.append(path[-1] - rate * m_hat / (v_hat**power + 1e-12))
        return np.array(path)

    return adam_path


_adam = _adam_with()

adam_path = Exercise(
    points=5,
    reference=_adam,
    cases={
        "the first step is the rate": case(_uneven, np.array([1.0, 2.0, 3.0]), 0.1, 1),
        "a slope that never changes": case(_ramp, np.array([4.0]), 0.05, 6),
        "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.1, 12),
        "slopes of very different size": case(_uneven, np.array([0.5, 0.5, 0.5]), 0.01, 20),
    },
    misconceptions={
        "The start is missing: the path has steps + 1 places.": lambda *a: _adam(*a)[1:],
        "The same array at each step: append a copy.": lambda *a: _last_repeated(_adam(*a)),
        "No bias correction: m and v start at 0 and are too small at first; the first step is 3.16 "
        "times the rate.": _adam_with(correct_m=False, correct_v=False),
        "v is not corrected: divide by 1 − β₂ᵗ.": _adam_with(correct_v=False),
        "m is not corrected: divide by 1 − β₁ᵗ.": _adam_with(correct_m=False),
        "0 / 0 at the first step: count the steps from 1.": _adam_with(first=0),
        "The correction is one step late: t is 1 at the first step.": _adam_with(first=2),
        "The betas are exchanged: 0.9 for m, 0.999 for v.": _adam_with(betas=(0.999, 0.9)),
        "The square root is missing: v is a squared slope.": _adam_with(power=1.0),
        "v takes the squares of the slopes, not their sizes.": _adam_with(size=np.abs),
        "This goes uphill: subtract the step.": lambda g, w, r, n: _adam(g, w, -r, n),
        "The rate is missing.": lambda g, w, r, n: _adam(g, w, 1.0, n),
        "This is gradient descent: use m and v.": lambda g, w, r, n: _momentum(g, w, r, 0, n),
    },
)  # fmt: skip


def _wave(share):
    return (1 + np.cos(np.pi * share)) / 2


cosine_rate = Exercise(
    points=2,
    reference=lambda step, steps, rate: rate * _wave(min(step / steps, 1)),
    cases={
        "it starts at the full rate": case(0, 100, 0.1),
        "half of it in the middle": case(50, 100, 0.1),
        "three quarters on the way": case(30, 40, 8.0),
        "nothing at the end": case(100, 100, 0.1),
        "and nothing after it": case(130, 100, 0.1),
    },
    misconceptions={
        "After the end it rises again: stop at 0.": lambda t, n, r: r * _wave(t / n),
        "A whole wave, up again; half a wave.": lambda t, n, r: r * _wave(2 * t / n),
        "Cosine falls to −1: add 1, halve it.": lambda t, n, r: r * np.cos(np.pi * min(t / n, 1)),
        "A quarter of a wave; take half.": lambda t, n, r: r * np.cos(np.pi / 2 * min(t / n, 1)),
        "Twice too high: halve it.": lambda t, n, r: 2 * r * _wave(min(t / n, 1)),
        "This is a straight line.": lambda t, n, r: r * (1 - min(t / n, 1)),
        "np.cos takes radians.": lambda t, n, r: r * (1 + np.cos(180 * min(t / n, 1))) / 2,
        "This is the share; multiply it by the rate.": lambda t, n, r: _wave(min(t / n, 1)),
        "The rate does not fall at all.": lambda t, n, r: r,
    },
)  # fmt: skip
