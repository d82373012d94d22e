"""Checkers of chapter 19: letters that move."""

from collections.abc import Callable

import numpy as np

from asl_helpers.checks.core import Check, checker


@checker(points=3)
def path(check: Check, path: Callable[..., np.ndarray]) -> None:
    """Check ``path(points, landmark)``: (frames, 21, 2) -> (frames, 2) in palm lengths."""
    rng = np.random.default_rng(19)
    hand = rng.normal(size=(21, 2))
    way = np.cumsum(rng.normal(0, 0.2, (9, 1, 2)), axis=0)
    bending = hand + 0.05 * rng.normal(size=(9, 21, 2)) + way
    turning = bending.copy()
    narrow = np.linspace(0.3, 1, 9)[:, None]
    turning[..., 0] = turning[:, :1, 0] + narrow * (turning[..., 0] - turning[:, :1, 0])
    cases = [
        ("a fingertip on its way", bending, 8),
        ("the wrist itself", bending, 0),
        ("a hand that turns: its palm looks narrow at first", turning, 20),
        ("the same hand, far from the camera", 0.1 * turning + 0.5, 20),
    ]
    for label, points, landmark in cases:
        palms = np.linalg.norm(points[:, 9] - points[:, 0], axis=1)
        palm = np.median(palms)
        tip = points[:, landmark]
        mistakes = [
            (
                (tip - points[:, 0]) / palm,
                "The wrist is moved to the origin in each frame, and the path is lost: take off "
                "the place in the first frame alone.",
            ),
            (
                (tip - points[:, 0]) / palms[:, None],
                "Each frame is normalised by itself: that is the shape, and the path is lost.",
            ),
            (tip - tip[0], "Whose unit is this? Divide by the palm length."),
            (
                (tip - tip[0]) / palms[:, None],
                "Each frame has its own unit, so a hand that turns seems to travel: one palm "
                "length for all frames, the median.",
            ),
            ((tip - tip[0]) / palms[0], "The first frame's palm alone: take the median of all."),
            ((tip - tip[0]) / palms.mean(), "The mean palm: the median is asked for."),
            (
                np.diff(tip, axis=0, prepend=tip[:1]) / palm,
                "These are steps from frame to frame: the place relative to the first frame is "
                "asked for.",
            ),
            (
                np.diff(tip, axis=0) / palm,
                "These are steps from frame to frame: the place relative to the first frame is "
                "asked for.",
            ),
            ((tip - points[0, 0]) / palm, "Relative to the landmark's own first place, not the "
             "wrist's."),
            ((tip - tip.mean(axis=0)) / palm, "Relative to the first frame, not to the mean."),
            ((tip - tip[0]) * palm, "Divide by the palm length, do not multiply."),
        ]  # fmt: skip
        check.call(label, path, points, landmark, expected=(tip - tip[0]) / palm, mistakes=mistakes)


@checker(points=3)
def resample(check: Check, resample: Callable[..., np.ndarray]) -> None:
    """Check ``resample(times, values, rate)``: values at even moments from the first frame on."""
    rng = np.random.default_rng(29)
    even = np.arange(9) / 8
    cases = [
        ("twice as many steps as frames", even, rng.normal(size=(9, 2)), 16),
        ("fewer steps than frames", even, rng.normal(size=(9, 1)), 4),
        ("frames were lost", np.delete(even, [3, 4, 5]), rng.normal(size=(6, 2)), 8),
        ("a clock that does not start at 0", even + 2, rng.normal(size=(9, 2)), 8),
        ("a last frame between two steps", np.array([0, 0.3, 0.9, 1.1]), np.eye(4), 4),
    ]
    for label, times, values, rate in cases:
        steps = int(np.floor((times[-1] - times[0]) * rate + 1e-9)) + 1
        moments = times[0] + np.arange(steps) / rate
        expected = _at(moments, times, values)
        nearest = np.abs(moments[:, None] - times).argmin(axis=1)
        before = np.searchsorted(times, moments + 1e-9) - 1
        count = np.linspace(0, len(times) - 1, steps)
        from_zero = np.arange(int(np.floor(times[-1] * rate + 1e-9)) + 1) / rate
        mistakes = [
            (values[nearest], "Each step takes the nearest frame; draw a straight line between "
             "two frames instead."),
            (values[before.clip(0)], "Each step repeats the frame before it; draw a straight line "
             "between two frames instead."),
            (
                _at(count, np.arange(len(times)), values),
                "The frames are taken for evenly spaced; where some are lost they are not. Use "
                "their times.",
            ),
            (expected[:-1], "The last step is missing: where it falls on the last frame, it "
             "counts."),
            (
                _at(np.linspace(times[0], times[-1], steps), times, values),
                "The right number of steps, stretched over the clip: they have to be 1 / rate "
                "seconds apart.",
            ),
            (_at(from_zero, times, values), "The steps start at second 0: start at the first "
             "frame's time."),
            (expected[:, 0], "One column came back: resample every column of `values`."),
            (expected.T, "The axes are exchanged: time comes first."),
            (values, "Nothing was resampled."),
        ]  # fmt: skip
        check.call(label, resample, times, values, rate, expected=expected, mistakes=mistakes)


@checker(points=4)
def causal_conv(check: Check, causal_conv: Callable[..., np.ndarray]) -> None:
    """Check ``causal_conv(x, kernel, dilation)``: (time, in), (taps, in, out) -> (time, out)."""
    rng = np.random.default_rng(39)
    pulse = np.zeros((8, 1))
    pulse[2] = 1
    count = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1)
    wide = rng.normal(size=(3, 4, 5))
    cases = [
        ("one pulse through the kernel 1, 2, 3", pulse, count, 1),
        ("four channels in, five out", rng.normal(size=(10, 4)), wide, 1),
        ("every second step", rng.normal(size=(10, 4)), wide, 2),
        ("a kernel longer than the film", rng.normal(size=(4, 2)), rng.normal(size=(3, 2, 2)), 4),
    ]
    for label, x, kernel, dilation in cases:
        reach = dilation * (len(kernel) - 1)
        mistakes = [
            (
                _conv(x, kernel, dilation, reach // 2, reach - reach // 2),
                "The output looks into the future: half of the zeros stand at the end. Put all "
                "of them before the first step.",
            ),
            (
                _conv(x, kernel, dilation, 0, reach),
                "All outputs look ahead: the zeros belong before the first step, not after the "
                "last.",
            ),
            (
                _conv(x, kernel[::-1], dilation, reach, 0),
                "Your kernel runs backwards: its last tap belongs to the present step.",
            ),
            (_conv(x, kernel, dilation, 0, 0), "Some steps are missing: put dilation * (taps - 1) "
             "zeros before the first step."),
            (
                _conv(x, kernel, 1, len(kernel) - 1, 0),
                "The dilation is ignored: neighbouring taps are `dilation` steps apart.",
            ),
            (
                _conv(x, kernel, dilation, len(kernel) - 1, 0),
                "Too few zeros: a dilated kernel reaches back dilation * (taps - 1) steps.",
            ),
            (
                np.maximum(_conv(x, kernel, dilation, reach, 0), 0),
                "A ReLU has crept in: the sums themselves are asked for.",
            ),
        ]  # fmt: skip
        check.call(
            label,
            causal_conv,
            x,
            kernel,
            dilation,
            expected=_conv(x, kernel, dilation, reach, 0),
            mistakes=mistakes,
        )


@checker(points=3)
def events(check: Check, events: Callable[..., np.ndarray]) -> None:
    """Check ``events(probs, threshold, calm)``: the steps at which a letter is said, once each."""
    cases = [
        ("one stroke", [0.1, 0.2, 0.8, 0.9, 0.9, 0.3, 0.1]),
        ("a stroke that flickers", [0.1, 0.9, 0.6, 0.8, 0.9, 0.5, 0.9, 0.1]),
        ("two strokes with a calm between", [0.1, 0.9, 0.8, 0.1, 0.1, 0.7, 0.9, 0.0]),
        ("likely from the first step on", [0.9, 0.9, 0.1, 0.3, 0.7]),
        ("nothing but doubt", [0.3, 0.4, 0.6, 0.5, 0.3, 0.2]),
    ]
    threshold, calm = 0.7, 0.25
    for label, given in cases:
        probs = np.array(given)
        over = probs >= threshold
        expected = _events(probs, threshold, calm)
        edges = np.flatnonzero(over & ~np.concatenate([[False], over[:-1]]))
        inner = np.flatnonzero(over[1:] & ~over[:-1]) + 1
        mistakes = [
            (np.flatnonzero(over), "Each step above the threshold says the letter again: one "
             "stroke, one letter."),
            (edges, "A flicker below the threshold counts as an end: wait until it is calm."),
            (inner, "A film that begins in a stroke says nothing, and a flicker says it twice."),
            (edges[:1], "Only ever one letter: after a calm, the next stroke counts."),
            (_events(probs, calm, calm), "Doubt is enough for you: compare with the threshold."),
            (np.flatnonzero(probs > threshold), "Each step above the threshold says the letter "
             "again: one stroke, one letter."),
            (_events(np.where(probs == threshold, 0.6, probs), threshold, calm), "At the "
             "threshold counts: `>=`."),
            (np.int64(len(expected)), "This is a number of events: return their steps."),
        ]  # fmt: skip
        check.call(label, events, probs, threshold, calm, expected=expected, mistakes=mistakes)


def _at(moments: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return values (n, k) on straight lines between frames."""
    columns = [np.interp(moments, times, column) for column in values.T]
    return np.stack(columns, axis=1)


def _conv(x: np.ndarray, kernel: np.ndarray, dilation: int, before: int, after: int):
    """Return a cross-correlation over time with so many zeros before and after."""
    padded = np.pad(x, ((before, after), (0, 0)))
    steps = max(0, len(padded) - dilation * (len(kernel) - 1))
    parts = [padded[k * dilation : k * dilation + steps] @ tap for k, tap in enumerate(kernel)]
    return np.sum(parts, axis=0)


def _events(probs: np.ndarray, threshold: float, calm: float) -> np.ndarray:
    """Return the steps of the events, (k,) int."""
    steps, armed = [], True
    for step, sure in enumerate(probs):
        if armed and sure >= threshold:
            steps.append(step)
            armed = False
        elif sure < calm:
            armed = True
    return np.array(steps, int)
