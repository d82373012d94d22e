"""Right and plausibly wrong answers to the exercises of chapter 19."""

import numpy as np

from asl_helpers.checks import ch19


def path(points, landmark):
    palm = np.median(np.linalg.norm(points[:, 9] - points[:, 0], axis=1))
    return (points[:, landmark] - points[0, landmark]) / palm


def resample(times, values, rate):
    steps = int((times[-1] - times[0]) * rate + 1e-6) + 1
    moments = times[0] + np.arange(steps) / rate
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


def causal_conv(x, kernel, dilation=1):
    padded = np.pad(x, ((dilation * (len(kernel) - 1), 0), (0, 0)))
    return sum(padded[k * dilation :][: len(x)] @ tap for k, tap in enumerate(kernel))


def events(probs, threshold, calm):
    steps, armed = [], True
    for step, sure in enumerate(probs):
        if armed and sure >= threshold:
            steps.append(step)
            armed = False
        elif sure < calm:
            armed = True
    return np.array(steps, int)


REFERENCES = {
    ch19.path: (path,),
    ch19.resample: (resample,),
    ch19.causal_conv: (causal_conv,),
    ch19.events: (events,),
}


def palms(points):
    return np.linalg.norm(points[:, 9] - points[:, 0], axis=1)


def way(points, landmark):
    return points[:, landmark] - points[0, landmark]


def nearest_frame(times, values, rate):
    moments = np.arange(times[0], times[-1] + 1e-6, 1 / rate)
    return values[np.abs(moments[:, None] - times).argmin(axis=1)]


def by_count(times, values, rate):
    steps = len(resample(times, values, rate))
    return resample(np.arange(len(times)) * (steps - 1) / (len(times) - 1), values, 1)


def without_the_end(times, values, rate):
    moments = np.arange(times[0], times[-1], 1 / rate)
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


def stretched(times, values, rate):
    moments = np.linspace(times[0], times[-1], len(resample(times, values, rate)))
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


def from_zero(times, values, rate):
    moments = np.arange(0, times[-1] + 1e-6, 1 / rate)
    return np.stack([np.interp(moments, times, column) for column in values.T], axis=1)


def convolved(x, kernel, dilation, before, after):
    padded = np.pad(x, ((before, after), (0, 0)))
    steps = max(0, len(padded) - dilation * (len(kernel) - 1))
    return sum(padded[k * dilation :][:steps] @ tap for k, tap in enumerate(kernel))


def centred(x, kernel, dilation=1):
    reach = dilation * (len(kernel) - 1)
    return convolved(x, kernel, dilation, reach // 2, reach - reach // 2)


def ahead(x, kernel, dilation=1):
    return convolved(x, kernel, dilation, 0, dilation * (len(kernel) - 1))


def unpadded(x, kernel, dilation=1):
    return convolved(x, kernel, dilation, 0, 0)


def padded_too_little(x, kernel, dilation=1):
    return convolved(x, kernel, dilation, len(kernel) - 1, 0)


def crossings(probs, threshold, calm):
    over = np.concatenate([[False], probs >= threshold])
    return np.flatnonzero(over[1:] & ~over[:-1])


def upward(probs, threshold, calm):
    over = probs >= threshold
    return np.flatnonzero(over[1:] & ~over[:-1]) + 1


WRONG = [
    (ch19.path, lambda p, k: (p[:, k] - p[:, 0]) / np.median(palms(p)), 0,
     "the path is lost"),
    (ch19.path, lambda p, k: (p[:, k] - p[:, 0]) / palms(p)[:, None], 0,
     "normalised by itself"),
    (ch19.path, way, 0, "Whose unit"),
    (ch19.path, lambda p, k: way(p, k) / palms(p)[:, None], 0, "its own unit"),
    (ch19.path, lambda p, k: way(p, k) / palms(p)[0], 1.5, "The first frame's palm alone"),
    (ch19.path, lambda p, k: way(p, k) / palms(p).mean(), 0, "the median is asked for"),
    (ch19.path, lambda p, k: np.diff(p[:, k], axis=0) / np.median(palms(p)), 0,
     "steps from frame to frame"),
    (ch19.path, lambda p, k: (p[:, k] - p[0, 0]) / np.median(palms(p)), 0.75,
     "own first place"),
    (ch19.resample, nearest_frame, 1.2, "nearest frame"),
    (ch19.resample, by_count, 1.8, "taken for evenly spaced"),
    (ch19.resample, without_the_end, 0.6, "The last step is missing"),
    (ch19.resample, stretched, 2.4, "1 / rate seconds apart"),
    (ch19.resample, from_zero, 2.4, "start at second 0"),
    (ch19.resample, lambda t, v, r: resample(t, v, r).T, 0, "axes are exchanged"),
    (ch19.resample, lambda t, v, r: v, 0.6, "Nothing was resampled"),
    (ch19.causal_conv, centred, 0, "looks into the future"),
    (ch19.causal_conv, ahead, 0, "All outputs look ahead"),
    (ch19.causal_conv, lambda x, k, d=1: causal_conv(x, k[::-1], d), 0,
     "runs backwards"),
    (ch19.causal_conv, unpadded, 0, "Some steps are missing"),
    (ch19.causal_conv, lambda x, k, d=1: causal_conv(x, k), 2, "dilation is ignored"),
    (ch19.causal_conv, padded_too_little, 2, "Too few zeros"),
    (ch19.causal_conv, lambda x, k, d=1: np.maximum(causal_conv(x, k, d), 0), 1,
     "A ReLU has crept in"),
    (ch19.events, lambda p, t, c: np.flatnonzero(p >= t), 0.6, "one stroke, one letter"),
    (ch19.events, crossings, 2.4, "wait until it is calm"),
    (ch19.events, upward, 1.8, "begins in a stroke"),
    (ch19.events, lambda p, t, c: events(p, t, c)[:1], 1.8, "after a calm"),
    (ch19.events, lambda p, t, c: events(p, c, c), 1.8, "compare with the threshold"),
    (ch19.events, lambda p, t, c: len(events(p, t, c)), 0, "return their steps"),
]  # fmt: skip
