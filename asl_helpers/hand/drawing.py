"""Data sets of drawn hands: single pictures, clips, scenes; and masks drawn from landmarks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from PIL import Image, ImageDraw

from asl_helpers.alphabet import KAGGLE_CLASSES, class_names
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.hand.body import BONES, LEFT_HANDED, People, sample_people
from asl_helpers.hand.poses import variants
from asl_helpers.hand.rendering import forearm, render, render_background, render_row
from asl_helpers.hand.sampling import HandBatch, photograph, pose, sample_hands
from asl_helpers.hand.scene import nudge, sample_look, studio

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
        Index into :data:`asl_helpers.hand.scene.SKIN_TONES`.
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


_CROWD = 1000  # people to choose signers from
_FILL = (0.55, 0.85)  # share of the picture that a hand fills, room by room
_KEEPS = 0.25  # of the range of a wrist's turns: how far one signer strays from their own habit


class SceneError(AslError):
    """A scene that cannot be drawn: no such signer, letter or number of frames."""


@dataclass(frozen=True)
class Scenes:
    """Drawn pictures and landmarks of the same hands, one row a picture.

    Attributes
    ----------
    images:
        uint8 of shape (n, size, size, 3).
    points:
        float32 of shape (n, 21, 3): the landmarks as a perfect tracker would give them.
    labels:
        int64 of shape (n,): index into the letters that were asked for.
    signers, rooms:
        int64 of shape (n,): who signs, and where.
    frames:
        int64 of shape (n,): place in the film of this signer, room and letter.
    sides:
        (n,) ``"left"`` or ``"right"``: the hand that signs.
    """

    images: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    signers: np.ndarray
    rooms: np.ndarray
    frames: np.ndarray
    sides: np.ndarray

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)

    def __getitem__(self, rows) -> "Scenes":
        """Return the chosen rows (a slice, a mask or an index array)."""
        return Scenes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


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

    Parameters
    ----------
    letters:
        Class names with a pose.
    where:
        Pairs (signer, room), numbers from 0: the same number is the same person (hand, skin and
        way to form each letter) or the same room (wall, light, camera) in every call with the
        same ``seed``.
    frames:
        Pictures a film. Neighbours are near-copies: the hand moves on from hold to hold.
    holds:
        How often in a film the signer forms the letter anew.
    size:
        Pixels a side; None draws landmarks alone, which is many times faster, and ``images`` has
        the shape (n, 0, 0, 3).
    seed:
        Decides people and rooms.
    left_handed:
        Which hand they sign with; None leaves it to the person, of whom one in ten is left-handed.

    Raises
    ------
    SceneError
        For a signer, room, letter or number that does not exist.
    """
    _check(letters, where, frames, holds)
    crowd = sample_people(_CROWD, np.random.default_rng([seed, 6]), left_share=LEFT_HANDED)
    if left_handed is not None:
        crowd = replace(crowd, left=np.full(_CROWD, left_handed))
    films = [
        _scene_film(crowd, letter, place, signer, room, (frames, holds, size, seed))
        for signer, room in where
        for place, letter in enumerate(letters)
    ]
    return Scenes(
        **{
            f.name: np.concatenate([getattr(film, f.name) for film in films])
            for f in fields(Scenes)
        }
    )


def _scene_film(crowd: People, letter, place, signer, room, how) -> Scenes:
    """Draw one letter of one signer in one room."""
    frames, holds, size, seed = how
    one = People(**{f.name: getattr(crowd, f.name)[[signer]] for f in fields(People)})
    # A signer has one way to form a letter and one habit of the wrist, in every room.
    own = np.random.default_rng([seed, 7, signer, ord(letter[0])])
    ways = variants(letter)
    weights = np.array([way.weight for way in ways])
    way = ways[int(own.choice(len(ways), p=weights / weights.sum()))]
    rng = np.random.default_rng([seed, 8, signer, room, ord(letter[0])])
    share = own.random(3) + _KEEPS * (rng.random((holds, 3)) - 0.5)
    wrist = way.wrist[:, 0] + np.clip(share, 0, 1) * (way.wrist[:, 1] - way.wrist[:, 0])
    angles = np.repeat(way.angles[None], holds, axis=0)
    label = np.full(holds, place)
    held = photograph(label, angles, wrist.astype(np.float32), one, rng)
    hands = _between(_framed(held, room, rng, seed), frames, rng)
    images = np.zeros((frames, 0, 0, 3), np.uint8)
    if size is not None:
        look = sample_look(np.random.default_rng([seed, 9, room]), int(one.skin[0]))
        noise = np.random.default_rng([seed, 10, signer, room, ord(letter[0])])
        images = np.stack(
            [render_row(hands, row, size, nudge(look, noise), noise) for row in range(frames)]
        )
    return Scenes(
        images=images,
        points=hands.image,
        labels=hands.label,
        signers=np.full(frames, signer),
        rooms=np.full(frames, room),
        frames=np.arange(frames),
        sides=hands.side,
    )


def _framed(held: HandBatch, room: int, rng: np.random.Generator, seed: int) -> HandBatch:
    """Return the hands as large, and about where, this room's camera shows them."""
    camera = np.random.default_rng([seed, 11, room])
    fill = camera.uniform(*_FILL) * np.exp(0.06 * rng.standard_normal((len(held), 1, 1)))
    middle = 0.5 + (1 - fill[:, 0]) * (
        0.8 * (camera.random(2) - 0.5) + 0.08 * rng.standard_normal(2)
    )
    flesh = held.radius[..., None]
    low = (held.image[..., :2] - flesh).min(axis=1)
    high = (held.image[..., :2] + flesh).max(axis=1)
    scale = fill / (high - low).max(axis=1)[:, None, None]
    image = held.image * scale
    image[..., :2] += (middle - scale[:, 0] * (low + high) / 2)[:, None]
    return replace(
        held,
        image=image.astype(np.float32),
        radius=(held.radius * scale[..., 0]).astype(np.float32),
    )


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


def _check(letters, where, frames: int, holds: int) -> None:
    """Raise SceneError for what cannot be drawn."""
    for letter in letters:
        if letter not in KAGGLE_CLASSES or letter == "nothing":
            known = [name for name in KAGGLE_CLASSES if name != "nothing"]
            raise SceneError(f"No hand for {letter!r}.{did_you_mean(letter, known)}")
    for signer, room in where:
        if not 0 <= signer < _CROWD or room < 0:
            raise SceneError(
                f"Signer {signer}, room {room}: signers are 0 to {_CROWD - 1}, rooms 0 and up."
            )
    if not len(letters) or not len(where) or frames < 1 or holds < 1:
        raise SceneError(
            f"Asked for {len(letters)} letters, {len(where)} scenes, {frames} frames and {holds} "
            "holds; expected at least one of each."
        )


_FINE = 4  # samples a pixel, a side
_PALM = (0, 1, 2, 5, 9, 13, 17)
_ACROSS = ((5, 9), (9, 13), (13, 17), (0, 17))
_FLESH, _THUMB = 0.1, 0.15  # radii in palm lengths


class SilhouetteError(AslError):
    """Landmarks that give no silhouette."""


def silhouettes(points: np.ndarray, size: int) -> np.ndarray:
    """Return the share of each pixel that is hand, float32 (n, size, size, 1) from 0 to 1.

    Bones are drawn as thick as flesh, with the palm between them; the arm is left out.

    Parameters
    ----------
    points:
        (n, 21, 3) in shares of a square picture. A hand that was not found (NaN) gives ones: all
        of its picture is to stay.
    size:
        Pixels a side.
    """
    points = np.asarray(points, np.float32)
    if points.ndim != 3 or points.shape[1:] != (21, 3) or size < 1:
        raise SilhouetteError(
            f"Expected landmarks (n, 21, 3) and a size in pixels, got {points.shape} and {size}."
        )
    found = np.ones((len(points), size, size, 1), np.float32)
    for row in np.flatnonzero(np.isfinite(points).all(axis=(1, 2))):
        found[row, ..., 0] = _silhouette(points[row, :, :2], size)
    return found


def _silhouette(points: np.ndarray, size: int) -> np.ndarray:
    fine = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(fine)
    places = points * size * _FINE
    palm = float(np.linalg.norm(places[[5, 9, 13, 17]] - places[0], axis=1).max())
    pen.polygon([tuple(places[joint]) for joint in _PALM], fill=255)
    for start, end in (*BONES, *_ACROSS):
        radius = palm * (_THUMB if start in (0, 1) else _FLESH)
        pen.line([tuple(places[start]), tuple(places[end])], fill=255, width=round(2 * radius))
        for x, y in places[[start, end]]:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    small = fine.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


_BATCH = 256


def skeleton_mask(points: np.ndarray, size: int = 64, width: float = 0.035) -> np.ndarray:
    """Return skeletons and their mirror pictures, uint8 of shape (n, size, size, 2).

    Parameters
    ----------
    points:
        (n, 21, 3) landmarks whose x and y have one unit (``landmarks.normalise`` sees to it);
        z is not drawn.
    size:
        Height and width in pixels; the hand fills 84 % of the longer side.
    width:
        Width of a bone as a share of ``size``. Each finger has its own grey, so that crossed
        fingers stay apart; edges are smooth.
    """
    flat = np.asarray(points, dtype=np.float32)[..., :2]
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    extent = np.maximum((high - low).max(axis=-1, keepdims=True), 1e-6)
    placed = ((flat - (low + high) / 2) / extent * 0.84 + 0.5) * size
    masks = np.empty((len(placed), size, size, 2), dtype=np.uint8)
    for start in range(0, len(placed), _BATCH):
        masks[start : start + _BATCH, ..., 0] = _draw(placed[start : start + _BATCH], size, width)
    masks[..., 1] = masks[:, :, ::-1, 0]
    return masks


def _draw(placed: np.ndarray, size: int, width: float) -> np.ndarray:
    """Return uint8 (n, size, size): each pixel takes the brightest bone that covers it."""
    centres = np.arange(size, dtype=np.float32) + 0.5
    x, y = centres[None, None, :], centres[None, :, None]
    canvas = np.zeros((len(placed), size, size), dtype=np.float32)
    half = max(width * size / 2, 0.6)
    for number, (start, end) in enumerate(BONES):
        a, b = placed[:, start, :, None, None], placed[:, end, :, None, None]
        along = b - a
        length = np.maximum((along**2).sum(axis=1), 1e-6)
        from_x, from_y = x - a[:, 0], y - a[:, 1]
        share = np.clip((from_x * along[:, 0] + from_y * along[:, 1]) / length, 0, 1)
        distance = np.hypot(from_x - share * along[:, 0], from_y - share * along[:, 1])
        cover = np.clip(half + 0.5 - distance, 0, 1)
        np.maximum(canvas, cover * (255 - 35 * (number // 4)), out=canvas)
    return canvas.astype(np.uint8)
