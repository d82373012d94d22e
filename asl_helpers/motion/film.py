"""Stories filmed: landmarks in time as a camera and a tracker would give them.

Each clip has its signer, its camera's place and pace (frames a second), a tracker that errs
smoothly and trembles, loses the hand for some frames, more so when it is fast. Half of the clips
show a left hand, or a right one in a mirror: for landmarks the two are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.hand import body, scene
from asl_helpers.hand.body import sample_people
from asl_helpers.motion.stories import KINDS
from asl_helpers.motion.teller import Story, Stroke
from asl_helpers.motion.tracked import lost, tracked

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

FPS = (10.0, 60.0)
"""Frames a second of the cameras."""

_VIEW = np.array([14.0, 10.0, 5.0], np.float32)  # degrees: azimuth, elevation, roll
_DISTANCE = (5.0, 25.0)  # camera to wrist, palm lengths
_DRIFT, _SWAY = 0.05, 2.0  # how far a held hand wanders: palm lengths, degrees


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
    feints:
        Seconds at which a movement that is no letter ended.
    """

    kind: str
    times: np.ndarray
    points: np.ndarray
    strokes: tuple[Stroke, ...]
    fps: float
    feints: tuple[float, ...] = ()

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
        points = tracked(points, moment, who, n, noise, rng)
        points[lost(points, places, moment, who, n, noise, rng)] = np.nan
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
    joints = body.forward(body.clamp(angles), crowd.lengths[who], crowd.bases[who])
    joints = scene.rotate(scene.wrist_rotation(turns), joints)
    joints[..., :2] += places[:, None]
    view = scene.view_rotation(_VIEW * rng.standard_normal((n, 3), np.float32))
    joints = scene.rotate(view[who], joints)
    distance = np.exp(rng.uniform(*np.log(_DISTANCE), n)).astype(np.float32)
    size = np.exp(rng.uniform(np.log(0.06), np.log(0.25), n)).astype(np.float32)
    middle = np.full((len(who), 2), 0.5, np.float32)
    return scene.project(joints, distance[who], size[who], middle)[0]
