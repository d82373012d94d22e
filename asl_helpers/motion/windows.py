"""Windows cut out of clips, each with its answer: what the network is trained and calibrated on."""

from collections.abc import Mapping

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.motion.features import STEPS, WINDOW, resample
from asl_helpers.motion.film import SHARES, Clip, sample_clips
from asl_helpers.motion.teller import MOVING

CLASSES = (*MOVING, NONE)
"""What a window can end with: a J, a Z, neither."""

AFTER, FORGOTTEN = 0.5, 0.65
"""A window is of its letter until so long after the stroke's end, and of none again from then."""

_LATE = 0.2  # share of clips whose beginning is missing, as when a camera starts late


def sample_windows(
    n: int, seed: int = 0, shares: Mapping[str, float] = SHARES, **options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut ``n`` windows out of clips, up to six from each; ``options`` go to `film.film`.

    Returns tracks (n, STEPS, 21, 2) float32, seen (n, STEPS) bool and labels (n,) int64, indices
    into `CLASSES`. Where a stroke is half drawn, or was drawn a while ago, a window is neither
    clearly its letter nor clearly none; such windows are left out.
    """
    rng = np.random.default_rng([seed, 5])
    tracks = np.empty((n, STEPS, 21, 2), np.float32)
    seen = np.empty((n, STEPS), bool)
    labels = np.empty(n, np.int64)
    filled, part = 0, 0
    while filled < n:
        count = min(400, -(-(n - filled) // 4))
        for clip in sample_clips(count, 1000 * seed + part, shares, **options):
            begin = _begin(clip, rng)
            there = clip.found & (clip.times >= begin)
            if filled == n or there.sum() < 3:
                continue
            ends, names = _cut(clip, begin, rng)
            stop = min(n, filled + len(ends))
            where = slice(filled, stop)
            made = resample(clip.times[there], clip.points[there], ends[: stop - filled])
            tracks[where], seen[where] = made
            labels[where] = names[: stop - filled]
            filled = stop
        part += 1
    return tracks, seen, labels


def label_at(clip: Clip, end: float) -> int | None:
    """Return the class of the window that ends at ``end``; None where it is not clear."""
    for stroke in clip.strokes:
        if stroke.half < end < stroke.ready or stroke.end + AFTER < end < stroke.end + FORGOTTEN:
            return None
        if stroke.ready <= end <= stroke.end + AFTER:
            # A slow stroke whose beginning has left the window is cut off.
            gone = (end - WINDOW - stroke.start) / (stroke.end - stroke.start)
            return CLASSES.index(stroke.letter) if gone < 0.15 else None
    return CLASSES.index(NONE)


def _begin(clip: Clip, rng: np.random.Generator) -> float:
    """Return the moment before which a clip was not filmed: mostly its start."""
    if rng.random() >= _LATE:
        return 0.0
    if clip.strokes:
        return clip.strokes[0].start - rng.uniform(0, 0.4)
    return rng.uniform(0, 0.8) * clip.times[-1]


def _cut(clip: Clip, begin: float, rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """Choose up to six window ends of a clip, after its beginning, and their classes."""
    last = clip.times[-1]
    ends = list(rng.uniform(0.2, last, 6))
    if clip.feints:  # while a feint is made, and right after it
        ends[3:] = rng.choice(clip.feints, 3) + rng.uniform(-0.1, 0.5, 3)
    for stroke in clip.strokes:  # right before, in time, and right after
        ends[1] = rng.choice([stroke.start, stroke.half])
        ends[2:5] = rng.uniform(stroke.ready, stroke.end + AFTER, 3)
        ends[5] = stroke.end + rng.uniform(FORGOTTEN, FORGOTTEN + 0.8)
    kept = [(end, label_at(clip, end)) for end in ends if begin + 0.1 < end <= last]
    kept = [(end, label) for end, label in kept if label is not None]
    return np.array([end for end, _ in kept]), [label for _, label in kept]
