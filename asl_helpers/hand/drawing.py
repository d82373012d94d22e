"""Data sets of drawn hands: single images, clips, scenes, figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.alphabet import class_names
from asl_helpers.errors import AslError
from asl_helpers.hand.body import People, Rows, sample_people
from asl_helpers.hand.poses import choose_variant
from asl_helpers.hand.rendering import backdrop, develop, forearm, render, render_row
from asl_helpers.hand.sampling import HandBatch, photograph, pose, sample_hands
from asl_helpers.hand.scene import nudge, sample_look, studio

_NOTHING = "nothing"  # the class of images without a hand
_FIGURE_FLESH = 0.035  # mean flesh radius in figures of one scale: an upright B just fits
_ARM = (0.25, 0.75)  # palm lengths from the wrist: where the arm melts into a figure's paper

_CROWD = 1000  # people to choose the signers of scenes from
_FILL = (0.55, 0.85)  # share of the image that a hand fills, room by room
_KEEPS = 0.25  # of the range of a wrist's turns: how far one signer strays from their own habit


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

    ``letter``, ``side``, ``skin``, ``view`` and ``variant`` are as for `hand.pose`; ``background``
    is the colour of the paper. With ``fade``, the arm melts into the paper, so that images can
    stand side by side; with ``same_scale``, every letter's hand is equally large, instead of
    filling the image.
    """
    batch = pose(letter, side=side, view=view, variant=variant, skin=skin)
    if same_scale:
        batch = _at_scale(batch)
    look = replace(studio(skin, background), fade=_ARM if fade else None)
    return render(batch, size, look=look, supersample=4 if size < 200 else 3)[0]


def _at_scale(batch):
    """Return a typical hand as large as in every other figure, it and its arm in the middle."""
    batch = batch.resized(_FIGURE_FLESH / batch.radius.mean(), np.zeros((1, 2), np.float32))
    points = batch.image[0]
    palm = np.sqrt(((points[9] - points[0]) ** 2).sum())
    arm = points[0, :2] + _ARM[1] * palm * forearm(points)[:2]
    low, high = batch.bounds()
    middle = (np.minimum(low, arm) + np.maximum(high, arm)) / 2
    return batch.resized(1.0, (0.5 - middle).astype(np.float32))


def sample_images(
    classes: str | Sequence[str],
    n: int,
    size: int,
    seed: int = 0,
    gray: bool = False,
    close: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw images of hands, each with its own person, view, light and background.

    ``classes`` is "static" (24 letters), "letters" (26), "kaggle" (29), or class names, which are
    equally frequent and in random order; the other parameters are those of `sample_clips`.
    Returns images (n, size, size, 3) uint8, or (n, size, size, 1) when gray; labels (n,) int64.
    """
    names = class_names(classes) if isinstance(classes, str) else tuple(classes)
    labels = np.random.default_rng([seed, 3]).permutation(np.arange(n) % len(names))
    hands = _hands_for(names, labels, seed)
    seeds = [[seed, 4, row] for row in range(n)]
    return _films(hands, names, labels, seeds, 1, size, gray, close), labels


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
) -> dict[str, np.ndarray]:
    """Draw clips: a person holds a sign before a camera, and hand and camera move a little.

    Consecutive frames are near-copies, as in filmed data sets: a random split of them leaks, a
    split by ``groups`` or ``signers`` does not.

    Parameters
    ----------
    classes:
        As for `sample_images`.
    clips, frames:
        Clips a class, and frames a clip. Clip k of class c is number ``c * clips + k``.
    size, seed:
        Pixels a side; the same seed gives the same images.
    signers:
        How many people there are. Clip k of each class is signed by person k modulo this.
    gray:
        One channel (ITU-R BT.601 luma) instead of three.
    close:
        The hand fills the frame before a light wall, as in Sign Language MNIST, and the camera
        evens out the exposure; else the hand is anywhere in a room, as in ASL Alphabet.
    only:
        Numbers of the clips to draw, each as it is among all; None draws all.

    Returns
    -------
    ``images`` (n, size, size, 1 or 3) uint8, in the order in which they would be filmed, and int64
    (n,): ``labels``, index into the classes; ``groups``, the number of the clip; ``frames``, the
    place within the class, counting on from clip to clip; ``signers``.
    """
    names = class_names(classes) if isinstance(classes, str) else tuple(classes)
    labels = np.repeat(np.arange(len(names)), clips)
    people = np.tile(np.arange(clips) % signers, len(names))
    hands = _hands_for(names, labels, seed, people, signers)
    chosen = np.arange(len(labels)) if only is None else np.asarray(only, np.int64)
    groups = np.repeat(chosen, frames)
    seeds = [[seed, 5, clip] for clip in chosen]
    return {
        "images": _films(hands[chosen], names, labels[chosen], seeds, frames, size, gray, close),
        "labels": labels[groups],
        "groups": groups,
        "frames": (groups % clips) * frames + np.tile(np.arange(frames), len(chosen)),
        "signers": people[groups],
    }


def _hands_for(names, labels, seed, people=None, signers=None) -> HandBatch:
    """Return one hand for each label (and person); any hand stands in for "nothing"."""
    letters = [name for name in names if name != _NOTHING] or ["A"]
    index = np.array([letters.index(name) if name in letters else 0 for name in names])[labels]
    wanted = (index if people is None else index * signers + people).tolist()
    often = max(Counter(wanted).values(), default=1)
    # Too many hands, of which the fitting ones are kept: drawing hands is cheap.
    need = len(letters) * often if people is None else len(letters) * signers * (2 * often + 8)
    while True:
        batch = sample_hands(letters, need, seed, signers=signers)
        kind = batch.label if people is None else batch.label * signers + batch.person
        rows = {each: iter(np.flatnonzero(kind == each)) for each in set(wanted)}
        chosen = [next(rows[each], None) for each in wanted]
        if None not in chosen:
            return batch[chosen]
        need *= 2


def _films(hands, names, labels, seeds, frames, size, gray, close) -> np.ndarray:
    """Return the frames of one clip after the other, (n * frames, size, size, 1 or 3) uint8."""
    images = np.empty((len(labels), frames, size, size, 1 if gray else 3), np.uint8)
    # Below 64 px a fingertip is a pixel wide: more samples keep it.
    fine = 4 if size < 48 else 2
    for row, (label, seed) in enumerate(zip(labels, seeds, strict=True)):
        rng = np.random.default_rng(seed)
        hand = hands[[row]]
        look = sample_look(rng, hand.skin[0], "wall" if close else "room")
        if close:  # the hand fills 80 to 100 % of the image, wrist included
            low, high = hand.bounds()
            scale = np.float32(0.80 + 0.20 * rng.random()) / (high - low).max()
            offset = 0.5 + 0.08 * (rng.random(2) - 0.5) - scale * (low + high) / 2
            hand = hand.resized(scale, offset.astype(np.float32))
        if frames > 1:
            hand = _move(hand, frames, rng)
        film = np.empty((frames, size, size, 3), np.uint8)
        for frame in range(frames):
            now = nudge(look, rng) if frames > 1 else look
            if names[label] == _NOTHING:
                film[frame] = develop(backdrop(now, size), now, rng)
            else:
                film[frame] = render_row(hand, frame, size, now, rng, fine)
        film = _luma(film) if gray else film
        if close:  # as an automatic exposure stretches grey levels to a wide range
            low, high = int(film.min()), int(film.max())
            black, white = int(rng.random() * 60), 255 - int(rng.random() * 25)
            film = black + (film.astype(np.int32) - low) * (white - black) // max(high - low, 1)
        images[row] = film
    return images.reshape(-1, *images.shape[2:])


def _luma(images: np.ndarray) -> np.ndarray:
    """Return (n, h, w, 1) uint8 luma of (n, h, w, 3) uint8, in whole numbers (ITU-R BT.601)."""
    luma = (images.astype(np.int32) @ np.array([299, 587, 114]) + 500) // 1000
    return luma[..., None].astype(np.uint8)


def _move(hand, frames, rng):
    """Return ``frames`` rows: one hand that drifts and turns a little, with some tremor."""
    drift = rng.uniform(-1, 1, 6)
    phase = ((np.arange(frames) + 0.5) / frames * 2 - 1)[:, None]
    motion = drift * phase + 0.15 * rng.uniform(-1, 1, (frames, 6))
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
    offset += 0.012 * palm * rng.uniform(-1, 1, offset.shape)
    image = wrist + offset
    image[..., :2] += 0.04 * motion[:, None, 4:]
    radius = (batch.radius * scale[:, None]).astype(np.float32)
    return replace(batch, image=image.astype(np.float32), radius=radius)


@dataclass(frozen=True)
class Scenes(Rows):
    """Drawn images and landmarks of the same hands, one row an image."""

    images: np.ndarray  # (n, size, size, 3) uint8
    points: np.ndarray  # (n, 21, 3) float32, landmarks as a perfect tracker would give them
    labels: np.ndarray  # (n,) int64, index into the letters that were asked for
    signers: np.ndarray  # (n,) int64, who signs
    rooms: np.ndarray  # (n,) int64, where
    frames: np.ndarray  # (n,) int64, place in the film of this signer, room and letter
    sides: np.ndarray  # (n,) "left" or "right": the hand that signs


def draw_scenes(
    letters: Sequence[str],
    where: Sequence[tuple[int, int]],
    frames: int = 1,
    holds: int = 1,
    size: int | None = 48,
    seed: int = 0,
    left_handed: bool | None = None,
) -> Scenes:
    """Draw a film of every letter for every pair of a signer and a room.

    In a published set signer and room change together, or never; here each is a number of its own,
    so that one can change while the other stays.

    Parameters
    ----------
    letters:
        Class names with a pose.
    where:
        Pairs (signer, room), numbers from 0: the same number is the same person (hand, skin and
        way to form each letter) or the same room (wall, light, camera) in every call with the
        same ``seed``.
    frames, holds:
        Images a film, and how often in it the signer forms the letter anew. Neighbours are
        near-copies: the hand moves on from hold to hold.
    size:
        Pixels a side; None draws landmarks alone, which is many times faster, and ``images`` has
        the shape (n, 0, 0, 3).
    left_handed:
        Which hand they sign with; None leaves it to the person, of whom one in ten is left-handed.
    """
    for signer, room in where:
        if not 0 <= signer < _CROWD or room < 0:
            raise AslError(
                f"Signer {signer}, room {room}: signers are 0 to {_CROWD - 1}, rooms 0 and up."
            )
    crowd = sample_people(_CROWD, np.random.default_rng([seed, 6]))
    if left_handed is not None:
        crowd = replace(crowd, left=np.full(_CROWD, left_handed))
    films = [
        _scene_film(crowd[[signer]], letter, [seed, signer, room], frames, holds, size)
        for signer, room in where
        for letter in letters
    ]
    images, hands = zip(*films, strict=True)
    each = frames * len(letters)
    return Scenes(
        images=np.concatenate(images),
        points=np.concatenate([film.image for film in hands]),
        labels=np.tile(np.arange(len(letters)).repeat(frames), len(where)),
        signers=np.repeat([signer for signer, _ in where], each),
        rooms=np.repeat([room for _, room in where], each),
        frames=np.tile(np.arange(frames), len(films)),
        sides=np.concatenate([film.side for film in hands]),
    )


def _scene_film(one: People, letter, numbers, frames, holds, size) -> tuple[np.ndarray, HandBatch]:
    """Draw one letter of one signer in one room: images and hands."""
    seed, signer, room = numbers
    # A signer has one way to form a letter and one habit of the wrist, in every room.
    own = np.random.default_rng([seed, 7, signer, ord(letter[0])])
    way = choose_variant(letter, own)
    rng = np.random.default_rng([seed, 8, signer, room, ord(letter[0])])
    share = own.random(3) + _KEEPS * (rng.random((holds, 3)) - 0.5)
    wrist = way.turns(np.clip(share, 0, 1)).astype(np.float32)
    angles = np.repeat(way.angles[None], holds, axis=0)
    held = photograph(np.zeros(holds), angles, wrist, one, rng)
    camera = np.random.default_rng([seed, 11, room])
    hands = _between(_in_room(held, camera, rng), frames, rng)
    images = np.zeros((frames, 0, 0, 3), np.uint8)
    if size is not None:
        look = sample_look(np.random.default_rng([seed, 9, room]), one.skin[0])
        noise = np.random.default_rng([seed, 10, signer, room, ord(letter[0])])
        images = np.stack(
            [render_row(hands, row, size, nudge(look, noise), noise) for row in range(frames)]
        )
    return images, hands


def _in_room(held: HandBatch, camera, rng) -> HandBatch:
    """Return the hands as large, and about where, this room's camera shows them."""
    fill = camera.uniform(*_FILL) * np.exp(0.06 * rng.standard_normal(len(held)))
    slack = 0.8 * (camera.random(2) - 0.5) + 0.08 * rng.standard_normal(2)
    low, high = held.bounds()
    scale = fill / (high - low).max(axis=1)
    middle = 0.5 + (1 - fill[:, None]) * slack
    return held.resized(scale, middle - scale[:, None] * (low + high) / 2)


def _between(held: HandBatch, frames: int, rng: np.random.Generator) -> HandBatch:
    """Return ``frames`` hands on the way from hold to hold, trembling a little."""
    at = np.linspace(0, len(held) - 1, frames)
    first = np.minimum(at.astype(int), max(len(held) - 2, 0))
    last = np.minimum(first + 1, len(held) - 1)
    part = (at - first)[:, None, None].astype(np.float32)
    image = (1 - part) * held.image[first] + part * held.image[last]
    radius = (1 - part[..., 0]) * held.radius[first] + part[..., 0] * held.radius[last]
    tremor = 0.004 * rng.standard_normal(image.shape)
    return replace(held[first], image=(image + tremor).astype(np.float32), radius=radius)
