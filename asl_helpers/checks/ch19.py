"""Checkers of chapter 19: letters that move."""

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _palms(points):
    return np.linalg.norm(points[:, 9] - points[:, 0], axis=1)


def _way(points, landmark):
    return points[:, landmark] - points[0, landmark]


def _path(points, landmark, way=_way):
    return way(points, landmark) / np.median(_palms(points))


_RNG = np.random.default_rng(19)
_SHAPE = _RNG.normal(size=(21, 2))
_TRAVEL = np.cumsum(_RNG.normal(0, 0.2, (9, 1, 2)), axis=0)
_BENDING = _SHAPE + 0.05 * _RNG.normal(size=(9, 21, 2)) + _TRAVEL
_TURNING = _BENDING.copy()
_TURNING[..., 0] -= np.linspace(0.7, 0, 9)[:, None] * (_BENDING[..., 0] - _BENDING[:, :1, 0])

path = Exercise(
    points=3,
    reference=lambda points, landmark: _path(points, landmark),
    cases={
        "a fingertip on its way": case(_BENDING, 8),
        "the wrist itself": case(_BENDING, 0),
        "a hand that turns: its palm looks narrow at first": case(_TURNING, 20),
        "the same hand, far from the camera": case(0.1 * _TURNING + 0.5, 20),
    },
    misconceptions={
        "The wrist is moved each time: the path is lost.":
            lambda *a: _path(*a, way=lambda p, k: p[:, k] - p[:, 0]),
        "Each frame is normalised by itself: the path is lost.":
            lambda p, k: (p[:, k] - p[:, 0]) / _palms(p)[:, None],
        "Whose unit is this? Divide by the palm length.": _way,
        "Each frame has its own unit: use one.": lambda p, k: _way(p, k) / _palms(p)[:, None],
        "The first frame's palm alone: take the median.": lambda p, k: _way(p, k) / _palms(p)[0],
        "The mean palm: the median is asked for.": lambda p, k: _way(p, k) / _palms(p).mean(),
        "These are steps from frame to frame: the place relative to the first frame is asked "
        "for.": (
            lambda *a: np.diff(_path(*a), axis=0),
            lambda *a: np.diff(_path(*a), axis=0, prepend=0),
        ),
        "Relative to the landmark's own first place.":
            lambda *a: _path(*a, way=lambda p, k: p[:, k] - p[0, 0]),
        "Divide by the palm length.": lambda p, k: _way(p, k) * np.median(_palms(p)),
    },
)  # fmt: skip


def _at(moments, times, values):
    """Return values (n, k) on straight lines between frames."""
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


def _moments(times, rate, start=None):
    start = times[0] if start is None else start
    return start + np.arange(int(np.floor((times[-1] - start) * rate + 1e-9)) + 1) / rate


def _resample(times, values, rate):
    return _at(_moments(times, rate), times, values)


def _by_count(times, values, rate):
    even = np.linspace(times[0], times[-1], len(times))
    return _stretched(even, values, rate, len(_moments(times, rate)))


def _stretched(times, values, rate, steps=None):
    steps = steps or len(_moments(times, rate))
    return _at(np.linspace(times[0], times[-1], steps), times, values)


_RNG = np.random.default_rng(29)
_EVEN = np.arange(9) / 8
_LOST = np.delete(_EVEN, [3, 4, 5])

resample = Exercise(
    points=3,
    reference=_resample,
    cases={
        "twice as many steps as frames": case(_EVEN, _RNG.normal(size=(9, 2)), 16),
        "fewer steps than frames": case(_EVEN, _RNG.normal(size=(9, 1)), 4),
        "frames were lost": case(_LOST, _RNG.normal(size=(6, 2)), 8),
        "a clock that does not start at 0": case(_EVEN + 2, _RNG.normal(size=(9, 2)), 8),
        "a last frame between two steps": case(np.array([0, 0.3, 0.9, 1.1]), np.eye(4), 4),
    },
    misconceptions={
        "Each step takes the nearest frame; draw a straight line between two.":
            lambda t, v, r: v[np.abs(_moments(t, r)[:, None] - t).argmin(axis=1)],
        "The frames are taken for evenly spaced: use their times.": _by_count,
        "The last step is missing: where it falls on the last frame, it counts.":
            lambda t, v, r:
                _at(np.arange(t[0], t[-1], 1 / r), t, v),
        "Stretched over the clip: steps are 1 / rate seconds apart.": _stretched,
        "The steps start at second 0: start at times[0].":
            lambda t, v, r: _at(_moments(t, r, start=0), t, v),
        "The axes are exchanged: time comes first.": lambda *a: _resample(*a).T,
        "Nothing was resampled.": lambda t, v, r: v,
    },
)  # fmt: skip


def _conv(x, kernel, dilation, before, after):
    """Return a cross-correlation over time with so many zeros before and after."""
    padded = np.pad(x, ((before, after), (0, 0)))
    steps = max(0, len(padded) - dilation * (len(kernel) - 1))
    parts = [padded[k * dilation : k * dilation + steps] @ tap for k, tap in enumerate(kernel)]
    return np.sum(parts, axis=0)


def _causal_conv(x, kernel, dilation=1):
    return _conv(x, kernel, dilation, dilation * (len(kernel) - 1), 0)


def _centred(x, kernel, dilation):
    reach = dilation * (len(kernel) - 1)
    return _conv(x, kernel, dilation, reach // 2, reach - reach // 2)


_RNG = np.random.default_rng(39)
_PULSE = np.eye(8)[:, 2:3]
_COUNT = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1)
_WIDE = _RNG.normal(size=(3, 4, 5))
_LONG = _RNG.normal(size=(10, 4)), _RNG.normal(size=(10, 4))

causal_conv = Exercise(
    points=4,
    reference=_causal_conv,
    cases={
        "one pulse through the kernel 1, 2, 3": case(_PULSE, _COUNT, 1),
        "four channels in, five out": case(_LONG[0], _WIDE, 1),
        "every second step": case(_LONG[1], _WIDE, 2),
        "a kernel longer than the film":
            case(_RNG.normal(size=(4, 2)), _RNG.normal(size=(3, 2, 2)), 4),
    },
    misconceptions={
        "The output looks into the future: put all zeros before the first step.": _centred,
        "All outputs look ahead: zeros belong before the first step.":
            lambda x, k, d: _conv(x, k, d, 0, d * (len(k) - 1)),
        "Your kernel runs backwards: turn it.": lambda x, k, d: _causal_conv(x, k[::-1], d),
        "Some steps are missing: put zeros before the first.": lambda x, k, d: _conv(x, k, d, 0, 0),
        "The dilation is ignored: taps are that far apart.": lambda x, k, d: _causal_conv(x, k),
        "Too few zeros: dilation * (taps - 1).": lambda x, k, d: _conv(x, k, d, len(k) - 1, 0),
        "A ReLU has crept in: return the sums.": lambda *a: np.maximum(_causal_conv(*a), 0),
    },
)  # fmt: skip


def _events(probs, threshold, calm):
    steps, armed = [], True
    for step, sure in enumerate(probs):
        if armed and sure >= threshold:
            steps.append(step)
            armed = False
        elif sure < calm:
            armed = True
    return np.array(steps, int)


def _upward(probs, threshold, calm):
    over = probs >= threshold
    return np.flatnonzero(over[1:] & ~over[:-1]) + 1


_FLICKER = [0.1, 0.9, 0.6, 0.8, 0.9, 0.5, 0.9, 0.1]
_TWICE = [0.1, 0.9, 0.8, 0.1, 0.1, 0.7, 0.9, 0.0]

events = Exercise(
    points=3,
    reference=_events,
    cases={
        "one stroke": case(np.array([0.1, 0.2, 0.8, 0.9, 0.9, 0.3, 0.1]), 0.7, 0.25),
        "a stroke that flickers": case(np.array(_FLICKER), 0.7, 0.25),
        "two strokes with a calm between": case(np.array(_TWICE), 0.7, 0.25),
        "likely from the first step on": case(np.array([0.9, 0.9, 0.1, 0.3, 0.7]), 0.7, 0.25),
        "nothing but doubt": case(np.array([0.3, 0.4, 0.6, 0.5, 0.3, 0.2]), 0.7, 0.25),
    },
    misconceptions={
        "Each step above the threshold says it again: one stroke, one letter.": (
            lambda p, t, c: np.flatnonzero(p >= t),
            lambda p, t, c: np.flatnonzero(p > t),
        ),
        "A flicker is no end: wait until calm.": lambda p, *a: _upward(np.array([0, *p]), *a) - 1,
        "A film that begins in a stroke says nothing, and a flicker says it twice.": _upward,
        "Only ever one letter: after a calm, the next counts.": lambda *a: _events(*a)[:1],
        "Doubt is enough for you: compare with the threshold.": lambda p, t, c: _events(p, c, c),
        "At the threshold counts: `>=`.": lambda p, t, c: _events(p, t + 1e-9, c),
        "This is a number of events: return their steps.": lambda *a: len(_events(*a)),
    },
)  # fmt: skip
