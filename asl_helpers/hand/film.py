"""Stories filmed: landmarks in time as a camera and a tracker would give them, and windows of them.

Each clip has its signer, its camera's place and pace (frames a second), a tracker that errs
smoothly and trembles, loses the hand for some frames, more so when it is fast. Half of the clips
show a left hand, or a right one in a mirror: for landmarks the two are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.alphabet import MOVING, NONE
from asl_helpers.hand.body import sample_people
from asl_helpers.hand.sampling import VIEW_SPREAD
from asl_helpers.hand.signing import between, project_states
from asl_helpers.hand.stories import KINDS, Story, Stroke
from asl_helpers.hand.tracker_noise import add_tracker_noise

SHARES = {
    "J": 0.26,
    "Z": 0.26,
    "partial": 0.12,
    "spelling": 0.09,
    "held": 0.05,
    "waving": 0.03,
    "rest": 0.03,
    "wander": 0.09,
    "slide": 0.03,
    "leave": 0.04,
}
"""How often each kind of story is told."""

CLASSES = (*MOVING, NONE)  # what a window can end with: a J, a Z, neither
RATE = 20  # steps per second of a window's time base
STEPS = 29  # of a window: what the network's last output depends on
WINDOW = (STEPS - 1) / RATE  # seconds from a window's first step to its last, 1.4
FPS = (10.0, 60.0)  # frames a second of the cameras

_DISTANCE = (5.0, 25.0)  # camera to wrist, palm lengths
_SIZE = (0.06, 0.25)  # of a palm length, share of the image
_SWAY = np.array([0.05, 0.05, 2, 2, 2], np.float32)  # palm lengths and degrees a held hand wanders

# Of the tracker
_KNOT = 0.12  # seconds over which its tremble changes
_STRETCH = 0.15  # log of the image's aspect: not every image is square
_FLOOR = (1.5, 3.2)  # palm lengths below the usual place at which the image ends

# Of the windows. One is of its letter until so long after the stroke's end, and of none again
# from then.
AFTER, FORGOTTEN = 0.5, 0.65
_NEAR = 0.1  # seconds: a step counts as seen if a frame with a hand is this near
_LATE = 0.2  # share of clips whose beginning is missing, as when a camera starts late


@dataclass(frozen=True)
class Clip:
    """A filmed story."""

    kind: str  # what the story tells
    times: np.ndarray  # (m,) seconds, one for each frame
    points: np.ndarray  # (m, 21, 3) float32 image coordinates; NaN where the hand was lost
    strokes: tuple[Stroke, ...]  # when which letter was drawn
    fps: float  # frames a second
    feints: tuple[float, ...] = ()  # seconds at which a movement that is no letter ended

    @property
    def found(self) -> np.ndarray:
        """Mask (m,) of the frames in which a hand was found."""
        return np.isfinite(self.points[:, 0, 0])


def film(
    stories: Sequence[Story],
    seed: int = 0,
    fps: float | tuple[float, float] = FPS,
    noise: float = 1.0,
    mirrored: float = 0.5,
) -> list[Clip]:
    """Film each story; the same seed gives the same clips.

    ``fps`` is one number of frames a second, or a range of which each clip draws one. ``noise`` is
    a factor of the tracker's errors; 0 is a perfect tracker. ``mirrored`` is the share of left
    hands.
    """
    rng = np.random.default_rng([seed, 7])
    n = len(stories)
    paces = _log_uniform(rng, *(fps if isinstance(fps, tuple) else (fps, fps)), n)
    times = []
    for story, pace in zip(stories, paces, strict=True):
        even = np.arange(0, story.times[-1], 1 / pace)
        times.append(even + 0.15 / pace * rng.uniform(-1, 1, len(even)))  # no clock is quite even
    # From here on all frames are one array: the clip and the time of each are `who` and `moment`.
    who, moment = np.repeat(np.arange(n), [len(part) for part in times]), np.concatenate(times)
    filmed = zip(stories, times, strict=True)
    states = np.concatenate([between(s.times, s.states, part) for s, part in filmed])
    low_hand = states[:, 25].copy()
    speed, phase = rng.uniform(0.2, 1.5, (n, 5)), rng.random((n, 5))
    sway = np.sin(2 * np.pi * (speed[who] * moment[:, None] + phase[who])).astype(np.float32)
    states[:, [24, 25, 21, 22, 23]] += _SWAY * sway
    crowd = sample_people(n, rng, left_share=0)
    views = VIEW_SPREAD * rng.standard_normal((n, 3), np.float32)
    distance, size = _log_uniform(rng, *_DISTANCE, n), _log_uniform(rng, *_SIZE, n)
    points, _ = project_states(states, crowd[who], views[who], distance[who], size[who], (0.5, 0.5))
    if noise:
        points = _tracked(points, moment, who, n, noise, rng)
        points[_lost(points, low_hand, moment, who, n, noise, rng)] = np.nan
    points[(rng.random(n) < mirrored)[who], :, 0] *= -1
    cuts = np.cumsum([len(part) for part in times])[:-1]
    parts = zip(stories, times, np.split(points, cuts), paces, strict=True)
    return [Clip(s.kind, t, p, s.strokes, float(f), s.feints) for s, t, p, f in parts]


def sample_clips(
    n: int, seed: int = 0, shares: Mapping[str, float] = SHARES, **options
) -> list[Clip]:
    """Tell and film ``n`` stories, of each kind its share; ``options`` go to `film`."""
    rng = np.random.default_rng([seed, 3])
    kinds, weights = list(shares), np.array(list(shares.values()))
    chosen = rng.choice(len(kinds), n, p=weights / weights.sum())
    return film([KINDS[kinds[kind]](rng) for kind in chosen], seed, **options)


def _log_uniform(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    return np.exp(rng.uniform(*np.log((low, high)), n))


# What a tracker makes of it: it errs, trembles, and loses the hand, more so where the hand is fast


def _tracked(points, moment, who, n: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Add a tracker's errors: those of a pose change slowly, a tremble changes fast.

    ``points`` are (m, 21, 3) image coordinates of the frames of ``n`` clips, clip after clip;
    ``moment`` and ``who`` (m,) are each frame's time, in seconds, and its clip.
    """
    slow, at_slow, share_slow = _knots(moment, who, n, 3 * _KNOT)
    nearest = np.searchsorted(at_slow, np.arange(slow)).clip(0, len(points) - 1)
    hands = points[nearest]
    errors = noise * (add_tracker_noise(hands, rng, jitter=0.01, stretch=0, flip=0) - hands)
    wrong = errors[at_slow] + share_slow * (errors[at_slow + 1] - errors[at_slow])
    fast, at_fast, share_fast = _knots(moment, who, n, _KNOT)
    tremble = rng.standard_normal((fast + 1, 21, 3), np.float32)
    shake = tremble[at_fast] + share_fast * (tremble[at_fast + 1] - tremble[at_fast])
    shake += 0.5 * rng.standard_normal(shake.shape, np.float32)
    shake += rng.standard_normal((fast + 1, 1, 3), np.float32)[at_fast]  # the hand as a whole
    palm = _palm(points)[:, None, None]
    size = 0.012 * noise * np.exp(0.6 * rng.standard_normal((n, 1, 1), np.float32))
    speed = _speed(points, moment, who)
    points = points + wrong + palm * size[who] * shake
    _curl(points, speed, who, n, noise, rng)
    points[..., 1] *= np.exp(_STRETCH * rng.standard_normal((n, 1), np.float32))[who]
    return points


def _lost(points, low_hand, moment, who, n: int, noise: float, rng) -> np.ndarray:
    """Mark (m,) the frames in which there is no hand: lost for one to four frames, or far down.

    ``low_hand`` (m,) are palm lengths below the usual place; the rest is as in `_tracked`.
    """
    speed = _speed(points, moment, who)
    often = np.where(rng.random(n) < 0.5, 0, 0.03 * rng.exponential(size=n))[who]
    blur = np.clip((speed - 5) / 60, 0, 0.15) * (rng.random(n) < 0.5)[who]
    gone = _spells(noise * (often + blur), who, rng)
    return gone | (low_hand > rng.uniform(*_FLOOR, n)[who])


def _curl(points, speed, who, n: int, noise: float, rng: np.random.Generator) -> None:
    """Shorten one finger of a fast hand for one to four frames, in place."""
    chance = np.clip((speed - 2) / 40, 0, 0.15) * (rng.random(n) < 0.5)[who]
    rows = np.flatnonzero(_spells(noise * chance, who, rng))
    # A clip's blurred finger is always the same one, mostly one that points.
    finger = rng.choice(5, n, p=[0.1, 0.4, 0.15, 0.1, 0.25])[who[rows]]
    left = rng.uniform(0, 0.7, n)[who[rows]].astype(np.float32)[:, None, None]
    joints = 4 * finger[:, None] + [2, 3, 4]
    base = points[rows, 4 * finger + 1][:, None]
    points[rows[:, None], joints] = base + left * (points[rows[:, None], joints] - base)


def _palm(points: np.ndarray) -> np.ndarray:
    """Return (m,) from WRIST to MIDDLE_FINGER_MCP in the picture."""
    return np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1)


def _speed(points: np.ndarray, moment: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Return (m,) the wrist's speed since the frame before, palm lengths a second."""
    same = np.diff(who, prepend=-1) == 0
    step = np.linalg.norm(np.diff(points[:, 0, :2], axis=0, prepend=points[:1, 0, :2]), axis=-1)
    seconds = np.maximum(np.diff(moment, prepend=0), 5e-3)
    return np.where(same, step / (_palm(points) * seconds), 0)


def _spells(chance: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mark (m,) frames in spells of one to four, each begun by chance within one clip."""
    begun = rng.random(len(who)) < chance
    marked = begun.copy()
    length = rng.integers(1, 5, len(who))
    for later in range(1, 4):
        marked[later:] |= begun[:-later] & (length[:-later] > later) & (who[later:] == who[:-later])
    return marked


def _knots(
    moment: np.ndarray, who: np.ndarray, n: int, seconds: float
) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the number of knots, each frame's last knot and how far it is to the next one."""
    exact = moment.clip(0) / seconds
    within = exact.astype(int)
    last = np.zeros(n, int)
    np.maximum.at(last, who, within)
    first = np.concatenate([[0], np.cumsum(last + 2)])
    return int(first[-1]), first[who] + within, (exact - within).astype(np.float32)[:, None, None]


# Windows cut out of clips, each with its answer: what the network is trained and calibrated on


def resample(times, points, ends) -> tuple[np.ndarray, np.ndarray]:
    """Return windows on the common time base, by straight lines between frames.

    ``times`` (m,) are the rising seconds of frames that show a hand, ``points`` (m, 21, 2 or more)
    its landmarks, and ``ends`` (n,) the seconds at which the windows end. Returns tracks
    (n, STEPS, 21, 2) float32, in which the hand stays before the first and after the last frame,
    and a mask (n, STEPS) of the steps that have a frame within 0.1 s.
    """
    wanted = np.reshape(ends, (-1, 1)) + np.arange(1 - STEPS, 1) / RATE
    seen = np.abs(wanted[..., None] - times).min(axis=-1) <= _NEAR
    return between(times, np.asarray(points[..., :2], np.float32), wanted), seen


def sample_windows(n: int, seed: int = 0, **options) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut ``n`` windows out of clips, up to six from each; ``options`` go to `film.film`.

    Returns tracks (n, STEPS, 21, 2) float32, seen (n, STEPS) bool and labels (n,) int64, indices
    into `CLASSES`. Where a stroke is half drawn, or was drawn a while ago, a window is neither
    clearly its letter nor clearly none; such windows are left out.
    """
    rng = np.random.default_rng([seed, 5])
    windows = []
    filled = part = 0
    while filled < n:
        for clip in sample_clips(min(400, -(-(n - filled) // 4)), 1000 * seed + part, **options):
            begin = _begin(clip, rng)
            there = clip.found & (clip.times >= begin)
            if there.sum() < 3:
                continue
            ends, labels = _cut(clip, begin, rng)
            windows.append((*resample(clip.times[there], clip.points[there], ends), labels))
            filled += len(ends)
        part += 1
    tracks, seen, labels = (np.concatenate(column)[:n] for column in zip(*windows, strict=True))
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


def _cut(clip: Clip, begin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Choose up to six window ends of a clip, after its beginning, and their classes."""
    last = clip.times[-1]
    ends = list(rng.uniform(0.2, last, 6))
    if clip.feints:  # while a feint is made, and right after it
        ends[3:] = rng.choice(clip.feints, 3) + rng.uniform(-0.1, 0.5, 3)
    for stroke in clip.strokes:  # right before, in time, and right after
        ends[1] = rng.choice([stroke.start, stroke.half])
        ends[2:5] = rng.uniform(stroke.ready, stroke.end + AFTER, 3)
        ends[5] = stroke.end + rng.uniform(FORGOTTEN, FORGOTTEN + 0.8)
    ends = [end for end in ends if begin + 0.1 < end <= last and label_at(clip, end) is not None]
    return np.array(ends), np.array([label_at(clip, end) for end in ends], np.int64)
