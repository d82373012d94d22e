"""Data sets of drawn hands: single pictures, and clips of one person in one scene."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.alphabet import class_names
from asl_helpers.hand.looks import Look, nudge, sample_look, studio
from asl_helpers.hand.renderer import render, render_background
from asl_helpers.hand.sampling import HandBatch, pose, sample_hands

NOTHING = "nothing"
"""The class of pictures without a hand."""


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
    names = class_names(classes) if isinstance(classes, str) else tuple(classes)
    rng = np.random.default_rng([seed, 3])
    labels = rng.permutation(np.arange(n) % len(names))
    hands = _hands_for(names, labels, None, seed)
    batch, looks = _scenes(hands, len(labels), rng, close)
    images = _draw_all(batch, labels, names, looks, size, seed)
    return (to_gray(images) if gray else images), labels


def sample_clips(
    classes: str | Sequence[str],
    clips: int,
    frames: int,
    size: int,
    seed: int = 0,
    signers: int = 10,
    gray: bool = False,
    close: bool = False,
) -> Clips:
    """Draw clips: a person holds a sign before a camera, and hand and camera move a little.

    Consecutive frames are near-copies, as in filmed data sets: a random split of them leaks, a
    split by ``groups`` or ``signers`` does not.

    Parameters
    ----------
    classes:
        As for :func:`sample_images`.
    clips, frames:
        Clips a class, and frames a clip.
    size, seed:
        Pixels a side; the same seed gives the same pictures.
    signers:
        How many people there are. Clip k of each class is signed by person k modulo this.
    gray:
        One channel (ITU-R BT.601 luma) instead of three.
    close:
        The hand fills the frame before a light wall, as in Sign Language MNIST; else it is
        anywhere in a room, as in ASL Alphabet.
    """
    names = class_names(classes) if isinstance(classes, str) else tuple(classes)
    rng = np.random.default_rng([seed, 4])
    clip_labels = np.repeat(np.arange(len(names)), clips)
    clip_signers = np.tile(np.arange(clips) % signers, len(names))
    hands = _hands_for(names, clip_labels, clip_signers, seed, signers)
    batch, looks = _scenes(hands, len(clip_labels), rng, close)
    rows = np.repeat(np.arange(len(clip_labels)), frames)
    moved = _move(batch[rows], np.tile(np.arange(frames), len(clip_labels)), frames, rng)
    frame_looks = [nudge(looks[row], rng) if frames > 1 else looks[row] for row in rows]
    images = _draw_all(moved, clip_labels[rows], names, frame_looks, size, seed)
    return Clips(
        images=to_gray(images) if gray else images,
        labels=clip_labels[rows],
        groups=rows.astype(np.int64),
        frames=np.tile(np.arange(clips * frames), len(names)),
        signers=clip_signers[rows],
    )


def draw(
    letter: str,
    size: int = 256,
    side: str = "right",
    skin: int = 5,
    background: str = "#f3ead9",
    view: str = "viewer",
    variant: str | None = None,
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
    """
    batch = pose(letter, side=side, view=view, variant=variant, skin=skin)
    return render(batch, size, look=studio(skin, background), supersample=4 if size < 200 else 3)[0]


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


def _scenes(hands, n, rng, close) -> tuple[HandBatch, list[Look]]:
    """Return hands framed for the scene, and one look each."""
    setting = "wall" if close else "room"
    looks = [sample_look(rng, hands.skin[i], setting) for i in range(n)]
    return (_fill_frame(hands, rng) if close else hands), looks


def _fill_frame(batch, rng):
    """Return hands enlarged to fill 80 to 100 % of the picture, wrist included."""
    n = len(batch)
    flesh = batch.radius[..., None]
    low = (batch.image[..., :2] - flesh).min(1)
    high = (batch.image[..., :2] + flesh).max(1)
    fill = (0.80 + 0.20 * rng.random(n)).astype(np.float32)
    scale = fill / (high - low).max(1)
    offset = 0.5 + 0.08 * (rng.random((n, 2)) - 0.5) - scale[:, None] * (low + high) / 2
    image = batch.image * scale[:, None, None]
    image[..., :2] += offset[:, None].astype(np.float32)
    return replace(batch, image=image, radius=batch.radius * scale[:, None])


def _move(batch, frame, frames, rng):
    """Return each hand a little moved and turned: a steady drift through its clip, and tremor."""
    n = len(batch)
    drift = np.repeat(2 * rng.random((n // frames, 6)) - 1, frames, axis=0)
    phase = ((frame + 0.5) / frames * 2 - 1)[:, None]
    tremor = 2 * rng.random((n, 6)) - 1
    motion = drift * phase + 0.15 * tremor
    turn = np.deg2rad(9.0) * motion[:, :3]
    centre = batch.image[:, :1]
    offset = (batch.image - centre).astype(np.float64)
    a, b, c = turn[:, 0, None], turn[:, 1, None], turn[:, 2, None]
    for one, two, angle in ((1, 2, a), (0, 2, b), (0, 1, c)):
        x, y = offset[..., one].copy(), offset[..., two].copy()
        offset[..., one] = x * np.cos(angle) - y * np.sin(angle)
        offset[..., two] = x * np.sin(angle) + y * np.cos(angle)
    scale = 1 + 0.05 * motion[:, 3]
    palm = np.sqrt(((batch.image[:, 9] - batch.image[:, 0]) ** 2).sum(-1))
    offset *= scale[:, None, None]
    offset += 0.012 * palm[:, None, None] * (2 * rng.random(offset.shape) - 1)
    image = centre + offset
    image[..., :2] += 0.04 * motion[:, None, 4:]
    return replace(
        batch,
        image=image.astype(np.float32),
        radius=(batch.radius * scale[:, None]).astype(np.float32),
    )


def _draw_all(batch, labels, names, looks, size, seed):
    """Render the hands; pictures of the class "nothing" show their background alone."""
    empty = np.array([names[label] == NOTHING for label in labels], bool)
    images = np.empty((len(labels), size, size, 3), np.uint8)
    full = np.flatnonzero(~empty)
    # Below 64 px a fingertip is a pixel wide: more samples keep it.
    fine = 4 if size < 48 else 2
    images[full] = render(batch[full], size, seed, [looks[i] for i in full], supersample=fine)
    for i in np.flatnonzero(empty):
        images[i] = render_background(looks[i], size, seed + int(i))
    return images
