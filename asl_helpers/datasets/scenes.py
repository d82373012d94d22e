"""Drawn hands whose signer and whose room are chosen one by one, as no film of people allows.

A published set holds whoever signed in whichever room: its signer and its room change together,
or never. Here each is a number of its own, so that one can change while the other stays: the same
signer in another room, another signer in the same room.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.hand.looks import nudge, sample_look
from asl_helpers.hand.people import LEFT_HANDED, People, sample_people
from asl_helpers.hand.poses import variants
from asl_helpers.hand.renderer import render_row
from asl_helpers.hand.sampling import HandBatch, photograph

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
        _film(crowd, letter, place, signer, room, (frames, holds, size, seed))
        for signer, room in where
        for place, letter in enumerate(letters)
    ]
    return Scenes(
        **{
            f.name: np.concatenate([getattr(film, f.name) for film in films])
            for f in fields(Scenes)
        }
    )


def _film(crowd: People, letter, place, signer, room, how) -> Scenes:
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
    from asl_helpers.alphabet import KAGGLE_CLASSES

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
