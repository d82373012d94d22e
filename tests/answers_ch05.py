"""Right and plausibly wrong answers to the exercises of chapter 5."""

import numpy as np

from asl_helpers.checks import ch05


def momentum_path(gradient, start, rate, momentum, steps):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


def adam_path(gradient, start, rate, steps, correct_m=True, correct_v=True, first=1, power=0.5):
    path, m, v = [start], 0.0, 0.0
    for t in range(first, steps + first):
        slope = gradient(path[-1])
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
        m_hat = m / (1 - 0.9**t) if correct_m else m
        v_hat = v / (1 - 0.999**t) if correct_v else v
        path.append(path[-1] - rate * m_hat / (v_hat**power + 1e-7))
    return np.array(path)


def cosine_rate(step, steps, rate):
    return rate * (1 + np.cos(np.pi * min(step, steps) / steps)) / 2


REFERENCES = {
    ch05.momentum_path: (momentum_path,),
    ch05.adam_path: (adam_path,),
    ch05.cosine_rate: (cosine_rate,),
}


def one_array(gradient, start, rate, momentum, steps):
    place, velocity = start.copy(), np.zeros_like(start)
    path = [place]
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(place)
        place += velocity
        path.append(place)
    return np.array(path)


def moves_the_start(gradient, start, rate, momentum, steps):
    for _ in range(steps):
        start -= rate * gradient(start)
    return np.array([start] * (steps + 1))


def running_mean(gradient, start, rate, momentum, steps):
    return momentum_path(gradient, start, (1 - momentum) * rate, momentum, steps)


def only_descent(gradient, start, rate, steps):
    return momentum_path(gradient, start, rate, 0.0, steps)


WRONG = [
    (ch05.momentum_path, lambda g, w, r, b, n: momentum_path(g, w, r, 0.0, n), 1,
     "velocity is forgotten"),
    (ch05.momentum_path, lambda g, w, r, b, n: momentum_path(g, w, -r, b, n), 0, "uphill"),
    (ch05.momentum_path, running_mean, 1, "running mean"),
    (ch05.momentum_path, lambda *given: momentum_path(*given)[1:], 0, "The start is missing"),
    (ch05.momentum_path, one_array, 0, "append a copy"),
    (ch05.momentum_path, moves_the_start, 0, "work on a copy"),
    (ch05.momentum_path, lambda g, w, r, b, n: momentum_path(g, w, 1.0, b, n), 0,
     "The rate is missing"),
    (ch05.adam_path, lambda *given: adam_path(*given, correct_m=False, correct_v=False), 0,
     "3.16 times the rate"),
    (ch05.adam_path, lambda *given: adam_path(*given, correct_v=False), 0, "v is not corrected"),
    (ch05.adam_path, lambda *given: adam_path(*given, correct_m=False), 0, "m is not corrected"),
    (ch05.adam_path, lambda *given: adam_path(*given, first=0), 0, "count the steps from 1"),
    (ch05.adam_path, lambda *given: adam_path(*given, first=2), 0, "one step late"),
    (ch05.adam_path, lambda *given: adam_path(*given, power=1.0), 0, "square root is missing"),
    (ch05.adam_path, lambda g, w, r, n: adam_path(g, w, -r, n), 0, "uphill"),
    (ch05.adam_path, lambda *given: adam_path(*given)[1:], 0, "The start is missing"),
    (ch05.adam_path, only_descent, 0, "m and v are not used"),
    (ch05.cosine_rate, lambda t, n, r: r * (1 + np.cos(np.pi * t / n)) / 2, 1.6, "rises again"),
    (ch05.cosine_rate, lambda t, n, r: r * np.cos(np.pi * min(t, n) / n), 0.4, "add 1"),
    (ch05.cosine_rate, lambda t, n, r: r * (1 - min(t, n) / n), 1.6, "straight line"),
    (ch05.cosine_rate, lambda t, n, r: r, 0.4, "does not fall"),
    (ch05.cosine_rate, lambda t, n, r: cosine_rate(t, n, 1), 0.8, "multiply it by the rate"),
    (ch05.cosine_rate, lambda t, n, r: r * (1 + np.cos(180 * min(t, n) / n)) / 2, 0.4, "radians"),
]  # fmt: skip
