"""Checkers of chapter 21: letters that move."""

import numpy as np

from asl_helpers.checks.core import Changed, case, exercise


@exercise(points=3)
def path(points, landmark):
    palms = np.linalg.norm(points[:, 9] - points[:, 0], axis=1)
    moved = points[:, landmark] - points[0, landmark]
    return moved / np.median(palms)


_RNG = np.random.default_rng(19)
_SHAPE = _RNG.normal(size=(21, 2))
_TRAVEL = np.cumsum(_RNG.normal(0, 0.2, (9, 1, 2)), axis=0)
_BENDING = _SHAPE + 0.05 * _RNG.normal(size=(9, 21, 2)) + _TRAVEL
_TURNING = _BENDING.copy()
_TURNING[..., 0] -= np.linspace(0.7, 0, 9)[:, None] * (_BENDING[..., 0] - _BENDING[:, :1, 0])

path.cases = {
    "a fingertip on its way": case(_BENDING, 8),
    "the wrist itself": case(_BENDING, 0),
    "a hand that turns: its palm looks narrow at first": case(_TURNING, 20),
    "the same hand, far from the camera": case(0.1 * _TURNING + 0.5, 20),
}
path.wrong = {
    "The wrist is subtracted in each frame, so the path is lost.":
        ("points[0, landmark]", "points[:, 0]"),
    "Each frame is normalized by itself, so the path is lost.":
        ("points[0, landmark]", "points[:, 0]", "np.median(palms)", "palms[:, None]"),
    "Whose unit is this? Divide by the palm length.": (" / np.median(palms)", ""),
    "Each frame has its own unit: use one.": ("np.median(palms)", "palms[:, None]"),
    "This is the first frame's palm alone: take the median.": ("np.median(palms)", "palms[0]"),
    "This is the mean palm: the median is asked for.": ("median", "mean"),
    "These are steps from frame to frame: the position relative to the first frame is asked for.": [
        Changed(lambda moved: np.diff(moved, axis=0)),
        Changed(lambda moved: np.diff(moved, axis=0, prepend=0)),
    ],
    "The path is relative to the landmark's own first position.":
        ("points[0, landmark]", "points[0, 0]"),
    "Divide by the palm length.": ("moved /", "moved *"),
}  # fmt: skip


@exercise(points=3)
def resample(times, values, rate):
    steps = int(np.floor((times[-1] - times[0]) * rate + 1e-9)) + 1
    moments = times[0] + np.arange(steps) / rate
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


_RNG = np.random.default_rng(29)
_EVEN = np.arange(9) / 8
_LOST = np.delete(_EVEN, [3, 4, 5])

resample.cases = {
    "twice as many steps as frames": case(_EVEN, _RNG.normal(size=(9, 2)), 16),
    "fewer steps than frames": case(_EVEN, _RNG.normal(size=(9, 1)), 4),
    "frames were lost": case(_LOST, _RNG.normal(size=(6, 2)), 8),
    "a clock that does not start at 0": case(_EVEN + 2, _RNG.normal(size=(9, 2)), 8),
    "a last frame between two steps": case(np.array([0, 0.3, 0.9, 1.1]), np.eye(4), 4),
}
resample.wrong = {
    "Each step takes the nearest frame; draw a straight line between two.":
        ("np.stack([np.interp(moments, times, column) for column in values.T], axis=1)",
         "values[np.abs(moments[:, None] - times).argmin(axis=1)]"),
    "The frames are taken for evenly spaced: use their times.":
        ("times[0] + np.arange(steps) / rate", "np.linspace(times[0], times[-1], steps)",
         "moments, times", "moments, np.linspace(times[0], times[-1], len(times))"),
    "The last step is missing: where it falls on the last frame, it counts.":
        ("times[0] + np.arange(steps) / rate", "np.arange(times[0], times[-1], 1 / rate)"),
    "The steps are stretched over the clip, but they are 1 / rate seconds apart.":
        ("times[0] + np.arange(steps) / rate", "np.linspace(times[0], times[-1], steps)"),
    "The steps start at second 0: start at times[0].": ("times[0]", "0"),
    "The axes are exchanged: time comes first.": Changed(np.transpose),
    "Nothing was resampled.": lambda times, values, rate: values,
}  # fmt: skip


@exercise(points=4)
def causal_conv(x, kernel, dilation=1):
    reach = dilation * (len(kernel) - 1)
    padded = np.pad(x, ((reach, 0), (0, 0)))
    steps = max(0, len(padded) - reach)
    starts = np.arange(len(kernel)) * dilation
    return sum(
        padded[start : start + steps] @ tap for start, tap in zip(starts, kernel, strict=True)
    )


_RNG = np.random.default_rng(39)
_PULSE = np.eye(8)[:, 2:3]
_COUNT = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1)
_WIDE = _RNG.normal(size=(3, 4, 5))
_LONG = _RNG.normal(size=(10, 4)), _RNG.normal(size=(10, 4))

causal_conv.cases = {
    "one pulse through the kernel 1, 2, 3": case(_PULSE, _COUNT, 1),
    "four channels in, five out": case(_LONG[0], _WIDE, 1),
    "every second step": case(_LONG[1], _WIDE, 2),
    "a kernel longer than the film": case(_RNG.normal(size=(4, 2)), _RNG.normal(size=(3, 2, 2)), 4),
}
causal_conv.wrong = {
    "The output looks into the future: put all zeros before the first step.":
        ("(reach, 0)", "(reach // 2, reach - reach // 2)"),
    "All outputs look ahead: zeros belong before the first step.": ("(reach, 0)", "(0, reach)"),
    "Your kernel runs backwards: turn it round.": (", kernel,", ", kernel[::-1],"),
    "Some steps are missing: put zeros before the first.": ("(reach, 0)", "(0, 0)"),
    "The dilation is ignored: it says how far apart the taps are.":
        lambda x, kernel, dilation: causal_conv.reference(x, kernel),
    "There are too few zeros: dilation * (taps - 1).": ("(reach, 0)", "(len(kernel) - 1, 0)"),
    "A ReLU has crept in: return the sums.": Changed(lambda sums: np.maximum(sums, 0)),
}  # fmt: skip


@exercise(points=3)
def events(probs, threshold, calm):
    steps, armed = [], True
    for step, sure in enumerate(probs):
        if armed and sure >= threshold:
            steps.append(step)
            armed = False
        elif sure < calm:
            armed = True
    return np.array(steps, int)


_FLICKER = [0.1, 0.9, 0.6, 0.8, 0.9, 0.5, 0.9, 0.1]
_TWICE = [0.1, 0.9, 0.8, 0.1, 0.1, 0.7, 0.9, 0.0]

events.cases = {
    "one stroke": case(np.array([0.1, 0.2, 0.8, 0.9, 0.9, 0.3, 0.1]), 0.7, 0.25),
    "a stroke that flickers": case(np.array(_FLICKER), 0.7, 0.25),
    "two strokes with a calm between": case(np.array(_TWICE), 0.7, 0.25),
    "likely from the first step on": case(np.array([0.9, 0.9, 0.1, 0.3, 0.7]), 0.7, 0.25),
    "nothing but doubt": case(np.array([0.3, 0.4, 0.6, 0.5, 0.3, 0.2]), 0.7, 0.25),
}
events.wrong = {
    "Each step above the threshold says it again: one stroke, one letter.": [
        ("armed and ", ""),
        ("armed and sure >=", "sure >"),
    ],
    "A flicker is no end: wait until calm.": ("< calm", "< threshold"),
    "A film that begins in a stroke says nothing, and a flicker says it twice.":
        ("[], True", "[], False", "< calm", "< threshold"),
    "Only ever one letter is said, but after a calm the next counts.":
        Changed(lambda steps: steps[:1]),
    "Doubt is enough for you: compare with the threshold.": ("threshold", "calm"),
    "A probability at the threshold counts: `>=`.": (">=", ">"),
    "This is a number of events: return their steps.": Changed(len),
}  # fmt: skip
