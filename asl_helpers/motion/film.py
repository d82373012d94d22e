"""Stories filmed: landmarks in time as a camera and a tracker would give them.

Each clip has its signer, its camera's place and pace (frames a second), a tracker that errs
smoothly and trembles, loses the hand for some frames, more so when it is fast. Half of the clips
show a left hand, or a right one in a mirror: for landmarks the two are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.hand import camera, skeleton
from asl_helpers.hand.people import sample_people
from asl_helpers.motion.features import STEPS, WINDOW, resample
from asl_helpers.motion.stories import KINDS, MOVING, Story, Stroke
from asl_helpers.tracker_noise import add_tracker_noise

CLASSES = (*MOVING, NONE)
"""What a window can end with: a J, a Z, neither."""

SHARES = {
    "J": 0.24,
    "Z": 0.24,
    "partial": 0.08,
    "spelling": 0.12,
    "held": 0.1,
    "waving": 0.04,
    "rest": 0.03,
    "wander": 0.1,
    "slide": 0.05,
}
"""How often each kind of story is told."""

AFTER, FORGOTTEN = 0.5, 0.65
"""A window is of its letter until so long after the stroke's end, and of none again from then."""

FPS = (10.0, 60.0)
"""Frames a second of the cameras."""

_VIEW = np.array([14.0, 10.0, 5.0], np.float32)  # degrees: azimuth, elevation, roll
_DISTANCE = (5.0, 25.0)  # camera to wrist, palm lengths
_DRIFT, _SWAY = 0.05, 2.0  # how far a held hand wanders: palm lengths, degrees
_KNOT = 0.12  # seconds over which the tracker's tremble changes
_STRETCH = 0.15  # log of the picture's aspect: not every picture is square


@dataclass(frozen=True)
class Clip:
    """A filmed story.

    Attributes
    ----------
    kind:
        What the story tells.
    times:
        (m,) seconds, one for each frame.
    points:
        (m, 21, 3) float32 image coordinates; NaN where the tracker lost the hand.
    strokes:
        When which letter was drawn.
    fps:
        Frames a second.
    """

    kind: str
    times: np.ndarray
    points: np.ndarray
    strokes: tuple[Stroke, ...]
    fps: float

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
    """Film each story.

    Parameters
    ----------
    stories:
        What is told.
    seed:
        The same seed gives the same clips.
    fps:
        Frames a second: one pace, or a range of which each clip draws one.
    noise:
        A factor of the tracker's errors; 0 is a perfect tracker.
    mirrored:
        Share of left hands.
    """
    rng = np.random.default_rng([seed, 7])
    n = len(stories)
    low, high = np.log(fps if isinstance(fps, tuple) else (fps, fps))
    paces = np.exp(rng.uniform(low, high, n))
    times = [
        _frame_times(story.times[-1], pace, rng) for story, pace in zip(stories, paces, strict=True)
    ]
    who = np.repeat(np.arange(n), [len(part) for part in times])
    moment = np.concatenate(times)
    angles, turns, places = (
        np.concatenate(part) for part in zip(*map(_between, stories, times), strict=True)
    )
    sway = _sway(moment, who, n, rng)
    points = _project(
        angles, turns + _SWAY * sway[:, 2:], places + _DRIFT * sway[:, :2], who, n, rng
    )
    if noise:
        points = _tracked(points, moment, who, n, noise, rng)
        points[_lost(points, moment, who, n, noise, rng)] = np.nan
    points[(rng.random(n) < mirrored)[who], :, 0] *= -1
    cuts = np.cumsum([len(part) for part in times])[:-1]
    parts = zip(stories, times, np.split(points, cuts), paces, strict=True)
    return [Clip(s.kind, t, p, s.strokes, float(f)) for s, t, p, f in parts]


def sample_clips(
    n: int, seed: int = 0, shares: Mapping[str, float] = SHARES, **options
) -> list[Clip]:
    """Tell and film ``n`` stories, of each kind its share; ``options`` go to `film`."""
    rng = np.random.default_rng([seed, 3])
    kinds, weights = list(shares), np.array(list(shares.values()))
    chosen = rng.choice(len(kinds), n, p=weights / weights.sum())
    return film([KINDS[kinds[kind]](rng) for kind in chosen], seed, **options)


def sample_windows(
    n: int, seed: int = 0, shares: Mapping[str, float] = SHARES, **options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut ``n`` windows out of clips, up to six from each.

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
            if filled == n or clip.found.sum() < 3:
                continue
            ends, names = _cut(clip, rng)
            stop = min(n, filled + len(ends))
            where = slice(filled, stop)
            made = resample(clip.times[clip.found], clip.points[clip.found], ends[: stop - filled])
            tracks[where], seen[where] = made
            labels[where] = names[: stop - filled]
            filled = stop
        part += 1
    return tracks, seen, labels


def label_at(clip: Clip, end: float) -> int | None:
    """Return the class of the window that ends at ``end``; None where it is not clear."""
    none = CLASSES.index(NONE)
    if clip.kind == "partial":
        return none
    for stroke in clip.strokes:
        if stroke.half < end < stroke.ready or stroke.end + AFTER < end < stroke.end + FORGOTTEN:
            return None
        if stroke.ready <= end <= stroke.end + AFTER:
            # A slow stroke whose beginning has left the window is cut off.
            gone = (end - WINDOW - stroke.start) / (stroke.end - stroke.start)
            return CLASSES.index(stroke.letter) if gone < 0.15 else None
    return none


def _cut(clip: Clip, rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """Choose up to six window ends of a clip and their classes."""
    last = clip.times[-1]
    ends = list(rng.uniform(0.2, last, 6))
    for stroke in clip.strokes:  # right before, in time, and right after
        ends[1] = rng.choice([stroke.start, stroke.half])
        ends[2:5] = rng.uniform(stroke.ready, stroke.end + AFTER, 3)
        ends[5] = stroke.end + rng.uniform(FORGOTTEN, FORGOTTEN + 0.8)
    kept = [(end, label_at(clip, end)) for end in ends if end <= last]
    kept = [(end, label) for end, label in kept if label is not None]
    return np.array([end for end, _ in kept]), [label for _, label in kept]


def _frame_times(seconds: float, pace: float, rng: np.random.Generator) -> np.ndarray:
    """Return the times of frames; a camera's clock is not quite even."""
    times = np.arange(0, seconds, 1 / pace)
    return times + 0.15 / pace * rng.uniform(-1, 1, len(times))


def _between(story: Story, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return angles (m, 21), turns (m, 3) and places (m, 2) at the given times."""
    after = np.searchsorted(story.times, times).clip(1, len(story.times) - 1)
    start = story.times[after - 1]
    span = np.maximum(story.times[after] - start, 1e-6)
    share = ((times - start) / span).clip(0, 1).astype(np.float32)[:, None]
    keys = story.angles, story.turns, story.places
    return tuple(key[after - 1] + share * (key[after] - key[after - 1]) for key in keys)


def _sway(moment: np.ndarray, who: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return slow swaying (m, 5) between -1 and 1: two of the place, three of the wrist."""
    speed, phase = rng.uniform(0.2, 1.5, (n, 5)), rng.random((n, 5))
    return np.sin(2 * np.pi * (speed[who] * moment[:, None] + phase[who])).astype(np.float32)


def _project(
    angles: np.ndarray,
    turns: np.ndarray,
    places: np.ndarray,
    who: np.ndarray,
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return landmarks (m, 21, 3) of the hands in the picture of their clip's camera."""
    crowd = sample_people(n, rng, left_share=0)
    joints = skeleton.forward(skeleton.clamp(angles), crowd.lengths[who], crowd.bases[who])
    joints = camera.rotate(camera.wrist_rotation(turns), joints)
    joints[..., :2] += places[:, None]
    view = camera.view_rotation(_VIEW * rng.standard_normal((n, 3), np.float32))
    joints = camera.rotate(view[who], joints)
    distance = np.exp(rng.uniform(*np.log(_DISTANCE), n)).astype(np.float32)
    size = np.exp(rng.uniform(np.log(0.06), np.log(0.25), n)).astype(np.float32)
    middle = np.full((len(who), 2), 0.5, np.float32)
    return camera.project(joints, distance[who], size[who], middle)[0]


def _tracked(
    points: np.ndarray,
    moment: np.ndarray,
    who: np.ndarray,
    n: int,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add a tracker's errors: those of a pose change slowly, a tremble changes fast."""
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
    palm = np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1)[:, None, None]
    size = 0.012 * noise * np.exp(0.6 * rng.standard_normal((n, 1, 1), np.float32))
    points = points + wrong + palm * size[who] * shake
    points[..., 1] *= np.exp(_STRETCH * rng.standard_normal((n, 1), np.float32))[who]
    return points


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


def _lost(
    points: np.ndarray,
    moment: np.ndarray,
    who: np.ndarray,
    n: int,
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mark (m,) the frames in which the tracker loses the hand, for one to four frames."""
    same = np.diff(who, prepend=-1) == 0
    palm = np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1)
    step = np.linalg.norm(np.diff(points[:, 0, :2], axis=0, prepend=points[:1, 0, :2]), axis=-1)
    seconds = np.maximum(np.diff(moment, prepend=0), 5e-3)
    speed = np.where(same, step / (palm * seconds), 0)  # palm lengths a second
    often = np.where(rng.random(n) < 0.5, 0, 0.03 * rng.exponential(size=n))[who]
    blur = np.clip((speed - 5) / 60, 0, 0.15) * (rng.random(n) < 0.5)[who]
    chance = noise * (often + blur)
    begun = rng.random(len(who)) < chance
    lost = begun.copy()
    length = rng.integers(1, 5, len(who))
    for later in range(1, 4):
        lost[later:] |= begun[:-later] & (length[:-later] > later) & (who[later:] == who[:-later])
    return lost
