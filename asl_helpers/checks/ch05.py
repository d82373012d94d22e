"""Checkers of chapter 5: from gradient descent to Adam."""

import numpy as np

from asl_helpers.checks.core import case, exercise

REPEATED = "Every step holds the same array: append a copy."
START = "The start is missing: the path has steps + 1 points."


def _bowl(weights):
    return np.array([1.0, 20.0]) * weights


def _ramp(weights):
    return np.full(np.shape(weights), 2.0)


def _uneven(weights):
    return np.array([1e-3, 5.0, -300.0]) + 0.1 * np.asarray(weights)


@exercise(points=3)
def momentum_path(gradient, start, rate, momentum, steps):
    path, velocity = [start], 0.0
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


momentum_path.cases = {
    "momentum 0 is gradient descent": case(_bowl, np.array([3.0, 1.0]), 0.04, 0.0, 5),
    "a slope that never changes": case(_ramp, np.array([1.0]), 0.1, 0.5, 4),
    "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.03, 0.9, 8),
}
momentum_path.wrong = {
    START: ("(path)", "(path[1:])"),
    REPEATED: ("(path)", "(path[-1:] * len(path))"),
    "This goes uphill: subtract the gradient.": ("- rate", "+ rate"),
    "The velocity is forgotten: keep it.": ("momentum * velocity", "0"),
    "The gradient is multiplied by 1 − momentum: that is a running mean, with smaller steps.":
        ("- rate", "- (1 - momentum) * rate"),
    "The rate is missing: multiply by it.": ("rate * ", ""),
}  # fmt: skip


@exercise(points=5)
def adam_path(gradient, start, rate, steps):
    beta1, beta2 = 0.9, 0.999
    path, m, v = [start], 0.0, 0.0
    for t in range(1, steps + 1):
        slope = gradient(path[-1])
        m = beta1 * m + (1 - beta1) * slope
        v = beta2 * v + (1 - beta2) * slope**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        # Below the tolerance it does not matter where epsilon stands.
        path.append(path[-1] - rate * m_hat / (np.sqrt(v_hat) + 1e-12))
    return np.array(path)


adam_path.cases = {
    "the first step is the rate": case(_uneven, np.array([1.0, 2.0, 3.0]), 0.1, 1),
    "a slope that never changes": case(_ramp, np.array([4.0]), 0.05, 6),
    "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.1, 12),
    "slopes of very different size": case(_uneven, np.array([0.5, 0.5, 0.5]), 0.01, 20),
}
adam_path.wrong = {
    START: ("(path)", "(path[1:])"),
    REPEATED: ("(path)", "(path[-1:] * len(path))"),
    "The bias correction is missing: m and v start at 0 and are too small at first; the first step "
    "is 3.16 times the rate.": ("m / (1 - beta1**t), v / (1 - beta2**t)", "m, v"),
    "v is not corrected: divide by 1 − β₂ᵗ.": ("v / (1 - beta2**t)", "v"),
    "m is not corrected: divide by 1 − β₁ᵗ.": ("m / (1 - beta1**t)", "m"),
    "0 / 0 at the first step: count the steps from 1.": ("(1, steps + 1)", "(steps)"),
    "The correction is one step late: t is 1 at the first step.":
        ("(1, steps + 1)", "(2, steps + 2)"),
    "The betas are exchanged: 0.9 is for m, 0.999 for v.": ("0.9, 0.999", "0.999, 0.9"),
    "The square root is missing: v is a squared slope.": ("np.sqrt", ""),
    "v takes the squares of the slopes, not their sizes.": ("slope**2", "np.abs(slope)"),
    "This goes uphill: subtract the step.": ("- rate", "+ rate"),
    "The rate is missing.": ("rate * ", ""),
    "This is gradient descent: use m and v.":
        lambda gradient, start, rate, steps:
            momentum_path.reference(gradient, start, rate, 0, steps),
}  # fmt: skip


@exercise(points=2)
def cosine_rate(step, steps, rate):
    share = min(step / steps, 1)
    return rate * (1 + np.cos(np.pi * share)) / 2


cosine_rate.cases = {
    "it starts at the full rate": case(0, 100, 0.1),
    "half of it in the middle": case(50, 100, 0.1),
    "three quarters on the way": case(30, 40, 8.0),
    "nothing at the end": case(100, 100, 0.1),
    "and nothing after it": case(130, 100, 0.1),
}
cosine_rate.wrong = {
    "After the end it rises again: stop at 0.": ("min(step / steps, 1)", "step / steps"),
    "This is a whole wave, which rises again; take half.":
        ("min(step / steps, 1)", "2 * step / steps"),
    "The cosine falls to −1: add 1 and halve it.": ("(1 + ", "(", " / 2", ""),
    "This is a quarter of a wave; take half.":
        ("(1 + np.cos(np.pi * share)) / 2", "np.cos(np.pi / 2 * share)"),
    "This is twice too high: halve it.": (" / 2", ""),
    "This is a straight line.": ("(1 + np.cos(np.pi * share)) / 2", "(1 - share)"),
    "np.cos takes radians.": ("np.pi", "180"),
    "This is the share; multiply it by the rate.": ("rate * ", ""),
    "The rate does not fall at all.": lambda step, steps, rate: rate,
}  # fmt: skip
