"""Data sets of drawn hands: single pictures, and clips of one person in one scene."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.alphabet import class_names
from asl_helpers.hand.looks import nudge, sample_look, studio
from asl_helpers.hand.renderer import forearm, render, render_background, render_row
from asl_helpers.hand.sampling import HandBatch, pose, sample_hands

NOTHING = "nothing"
"""The class of pictures without a hand."""

_FIGURE_FLESH = 0.035
"""Mean flesh radius in figures of one scale, parts of the picture: an upright B just fits."""

_ARM = (0.25, 0.75)
"""Where the arm melts into a figure's paper, palm lengths from the wrist."""


@dataclass(frozen=True)
class Clips:
    """Pictures in the order in which they would be filmed; n pictures.

    Attributes
    ----------
    images:
        (n, size, size, 3) uint8, or (n, size, size, 1) when gray.
    labels:
        (n,) int64, index into the classes.
    groups:
        (n,) int64, which clip: near-copies that a split must keep together.
    frames:
        (n,) int64, place within the class, counting on from clip to clip.
    signers:
        (n,) int64, who signs.
    """

    images: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    frames: np.ndarray
    signers: np.ndarray


def sample_images(
    classes: str | Sequence[str],
    n: int,
    size: int,
    seed: int = 0,
    gray: bool = False,
    close: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures of hands, each with its own person, view, light and background.

    Parameters
    ----------
    classes:
        "static" (24 letters), "letters" (26), "kaggle" (29), or class names.
    n:
        How many pictures; the classes are equally frequent, in random order.
    size:
        Pixels a side.
    seed:
        The same seed gives the same pictures.
    gray, close:
        As for :func:`sample_clips`.

    Returns
    -------
    images (n, size, size, 3) uint8, or (n, size, size, 1) when gray; labels (n,) int64.
    """
    names = _names(classes)
    labels = np.random.default_rng([seed, 3]).permutation(np.arange(n) % len(names))
    hands = _hands_for(names, labels, None, seed)
    images = np.empty((n, size, size, 1 if gray else 3), np.uint8)
    for row in range(n):
        rng = np.random.default_rng([seed, 4, row])
        images[row] = _film(hands[[row]], names[labels[row]], 1, size, rng, gray, close)[0]
    return images, labels


def sample_clips(
    classes: str | Sequence[str],
    clips: int,
    frames: int,
    size: int,
    seed: int = 0,
    signers: int = 10,
    gray: bool = False,
    close: bool = False,
    only: Sequence[int] | None = None,
) -> Clips:
    """Draw clips: a person holds a sign before a camera, and hand and camera move a little.

    Consecutive frames are near-copies, as in filmed data sets: a random split of them leaks, a
    split by ``groups`` or ``signers`` does not.

    Parameters
    ----------
    classes:
        As for :func:`sample_images`.
    clips, frames:
        Clips a class, and frames a clip. Clip k of class c is number ``c * clips + k``.
    size, seed:
        Pixels a side; the same seed gives the same pictures.
    signers:
        How many people there are. Clip k of each class is signed by person k modulo this.
    gray:
        One channel (ITU-R BT.601 luma) instead of three.
    close:
        The hand fills the frame before a light wall, as in Sign Language MNIST, and the camera
        evens out the exposure; else the hand is anywhere in a room, as in ASL Alphabet.
    only:
        Numbers of the clips to draw, each as it is among all; None draws all.
    """
    names = _names(classes)
    labels = np.repeat(np.arange(len(names)), clips)
    people = np.tile(np.arange(clips) % signers, len(names))
    hands = _hands_for(names, labels, people, seed, signers)
    chosen = np.arange(len(labels)) if only is None else np.asarray(only, np.int64)
    images = np.empty((len(chosen) * frames, size, size, 1 if gray else 3), np.uint8)
    for place, clip in enumerate(chosen):
        rng = np.random.default_rng([seed, 5, clip])
        images[place * frames : (place + 1) * frames] = _film(
            hands[[clip]], names[labels[clip]], frames, size, rng, gray, close
        )
    groups = np.repeat(chosen, frames)
    return Clips(
        images=images,
        labels=labels[groups],
        groups=groups,
        frames=(groups % clips) * frames + np.tile(np.arange(frames), len(chosen)),
        signers=people[groups],
    )


def draw(
    letter: str,
    size: int = 256,
    side: str = "right",
    skin: int = 5,
    background: str = "#f3ead9",
    view: str = "viewer",
    variant: str | None = None,
    fade: bool = False,
    same_scale: bool = False,
) -> np.ndarray:
    """Draw one typical hand for a figure, in clean light: (size, size, 3) uint8.

    Parameters
    ----------
    letter:
        "A" to "Z", "space" or "del".
    size:
        Pixels a side.
    side, view, variant:
        As for :func:`asl_helpers.hand.pose`.
    skin:
        Index into :data:`asl_helpers.hand.looks.SKIN_TONES`.
    background:
        Colour of the paper, such as "#f3ead9".
    fade:
        Let the arm melt into the paper, so that pictures can stand side by side.
    same_scale:
        Draw every letter's hand equally large, instead of letting each fill the picture.
    """
    batch = pose(letter, side=side, view=view, variant=variant, skin=skin)
    if same_scale:
        batch = _at_scale(batch)
    look = replace(studio(skin, background), fade=_ARM if fade else None)
    return render(batch, size, look=look, supersample=4 if size < 200 else 3)[0]


def _at_scale(batch):
    """Return a typical hand as large as in every other figure, it and its arm in the middle."""
    scale = _FIGURE_FLESH / batch.radius.mean()
    image = batch.image * scale
    flesh = (batch.radius * scale)[0, :, None]
    palm = np.sqrt(((image[0, 9] - image[0, 0]) ** 2).sum())
    arm = image[0, :1, :2] + _ARM[1] * palm * forearm(image[0], studio())[:2]
    low = np.minimum((image[0, :, :2] - flesh).min(0), arm.min(0))
    high = np.maximum((image[0, :, :2] + flesh).max(0), arm.max(0))
    image[..., :2] += (0.5 - (low + high) / 2).astype(np.float32)
    return replace(batch, image=image, radius=batch.radius * scale)


def to_gray(images: np.ndarray) -> np.ndarray:
    """Return (n, h, w, 1) uint8 luma of (n, h, w, 3) uint8, in whole numbers (ITU-R BT.601)."""
    wide = images.astype(np.int32)
    luma = (299 * wide[..., 0] + 587 * wide[..., 1] + 114 * wide[..., 2] + 500) // 1000
    return luma[..., None].astype(np.uint8)


def _hands_for(names, labels, signers, seed, count=None) -> HandBatch:
    """Return one hand for each label (and signer); any hand stands in for "nothing"."""
    signed = [name for name in names if name != NOTHING] or ["A"]
    place = np.array([signed.index(n) if n in signed else 0 for n in names])[labels]
    wanted = place if signers is None else place * count + signers
    # Too many hands, of which the fitting ones are kept: drawing hands is cheap.
    often = int(np.bincount(wanted, minlength=1).max()) if len(wanted) else 1
    pairs = len(signed) * (count or 1)
    need = pairs * often * (1 if signers is None else 2) + (0 if signers is None else 8 * pairs)
    for attempt in range(6):
        batch = sample_hands(signed, need << attempt, seed=seed, signers=count)
        key = batch.label if signers is None else batch.label * count + batch.person
        order = np.argsort(key, kind="stable")
        start = np.searchsorted(key[order], wanted)
        rank = _rank(wanted)
        chosen = np.minimum(start + rank, len(order) - 1)
        if (key[order[chosen]] == wanted).all():
            return batch[order[chosen]]
    raise AssertionError("no hand for some letter and signer")  # cannot be: need only grows


def _rank(values):
    """Return how many equal values stand before each one."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    first = np.searchsorted(ranked, ranked)
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values)) - first
    return rank


def _names(classes) -> tuple[str, ...]:
    return class_names(classes) if isinstance(classes, str) else tuple(classes)


def _film(hand, name, frames, size, rng, gray, close) -> np.ndarray:
    """Return the frames of one clip, (frames, size, size, 1 or 3) uint8."""
    look = sample_look(rng, int(hand.skin[0]), "wall" if close else "room")
    hand = _fill_frame(hand, rng) if close else hand
    if frames > 1:
        hand = _move(hand, frames, rng)
    # Below 64 px a fingertip is a pixel wide: more samples keep it.
    fine = 4 if size < 48 else 2
    pictures = np.empty((frames, size, size, 3), np.uint8)
    for frame in range(frames):
        now = nudge(look, rng) if frames > 1 else look
        if name == NOTHING:
            pictures[frame] = render_background(now, size, rng)
        else:
            pictures[frame] = render_row(hand, frame, size, now, rng, fine)
    pictures = to_gray(pictures) if gray else pictures
    return _even_out(pictures, rng) if close else pictures


def _even_out(pictures, rng):
    """Stretch a clip's grey levels to a wide range, as an automatic exposure does."""
    low, high = int(pictures.min()), int(pictures.max())
    black, white = int(rng.random() * 60), 255 - int(rng.random() * 25)
    wide = pictures.astype(np.int32) - low
    return (black + wide * (white - black) // max(high - low, 1)).astype(np.uint8)


def _fill_frame(batch, rng):
    """Return a hand enlarged to fill 80 to 100 % of the picture, wrist included."""
    flesh = batch.radius[..., None]
    low = (batch.image[..., :2] - flesh).min(1)
    high = (batch.image[..., :2] + flesh).max(1)
    scale = np.float32(0.80 + 0.20 * rng.random()) / (high - low).max()
    offset = 0.5 + 0.08 * (rng.random(2) - 0.5) - scale * (low + high) / 2
    image = batch.image * scale
    image[..., :2] += offset[:, None].astype(np.float32)
    return replace(batch, image=image, radius=batch.radius * scale)


def _move(hand, frames, rng):
    """Return ``frames`` rows: one hand that drifts and turns a little, with some tremor."""
    drift = 2 * rng.random(6) - 1
    phase = ((np.arange(frames) + 0.5) / frames * 2 - 1)[:, None]
    motion = drift * phase + 0.15 * (2 * rng.random((frames, 6)) - 1)
    turn = np.deg2rad(9.0) * motion[:, :3]
    batch = hand[np.zeros(frames, np.int64)]
    wrist = batch.image[:, :1].astype(np.float64)
    offset = batch.image - wrist
    for axis, (one, two) in enumerate(((1, 2), (0, 2), (0, 1))):
        cos, sin = np.cos(turn[:, axis, None]), np.sin(turn[:, axis, None])
        x, y = offset[..., one].copy(), offset[..., two].copy()
        offset[..., one], offset[..., two] = x * cos - y * sin, x * sin + y * cos
    scale = 1 + 0.05 * motion[:, 3]
    offset *= scale[:, None, None]
    palm = np.sqrt((offset[:, 9] ** 2).sum(-1))[:, None, None]
    offset += 0.012 * palm * (2 * rng.random(offset.shape) - 1)
    image = wrist + offset
    image[..., :2] += 0.04 * motion[:, None, 4:]
    return replace(
        batch,
        image=image.astype(np.float32),
        radius=(batch.radius * scale[:, None]).astype(np.float32),
    )
