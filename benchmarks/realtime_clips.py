"""Drawn clips for `realtime`: words, signers, and what tracker and model say of each frame.

A clip is drawn and tracked once; what was seen is kept in a cache folder, so that ways of smoothing
are compared on the same frames.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from unseen_data import tracker_version

from asl_helpers.files import atomic_path
from asl_helpers.hand.clip import Clip, draw_clip, draw_idle
from asl_helpers.realtime.frames import Frame
from asl_helpers.realtime.recogniser import LetterReader

# Common words; between them they hold all letters, and many of them twice in a row.
_WORDS = """
ABOUT AFTER AGAIN APPLE ARRIVE BABY BALL BANANA BEAUTY BLACK BOOK BREAD BRIDGE BROTHER BUTTER CARD
CHAIR CHEESE CHILD CITY CLASS CLOUD COFFEE COLD COLOR DANCE DAUGHTER DEAF DOCTOR DREAM EARTH EGG
FAMILY FATHER FISH FLOWER FOREST FRIEND GARDEN GLASS GREEN HAPPY HAND HELLO HOUSE ICE ISLAND
JACKET JUICE JUNE KEY KITCHEN LANGUAGE LEARN LETTER LIGHT MILK MONEY MOON MOTHER MUSIC NAME NIGHT
NUMBER OCEAN ORANGE PAPER PENCIL PEOPLE PHONE PIZZA QUEEN QUESTION QUICK RABBIT RAIN RIVER ROOM
SCHOOL SEVEN SHEEP SIGN SISTER SKY SNOW STREET SUGAR SUMMER TABLE TEACHER TREE UNCLE VILLAGE VOICE
WATER WEATHER WHITE WINDOW WINTER WORD YELLOW YOUNG ZEBRA
"""
WORDS = _WORDS.split()

FPS = 25.0


@dataclass(frozen=True)
class Recording:
    """What was seen of one clip.

    Attributes
    ----------
    text, spelled:
        What is signed; rows of (letter, start, end).
    times, points, letters, probabilities:
        A row a frame: seconds, landmarks (21, 3) or NaN, the frame's answer or "", and the
        probability of each class.
    aspect:
        Height of the pictures as a multiple of their width.
    """

    text: str
    spelled: list[tuple[str, float, float]]
    times: np.ndarray
    points: np.ndarray
    letters: np.ndarray
    probabilities: np.ndarray
    aspect: float


@dataclass(frozen=True)
class Task:
    """One clip to draw: a text at a speed, or seconds of an idle hand."""

    text: str
    seed: int
    speed: float = 2.0
    double: str = "release"
    seconds: float = 0.0

    def clip(self) -> Clip:
        if self.seconds:
            return draw_idle(self.text, self.seconds, self.seed, fps=FPS)
        return draw_clip(self.text, self.seed, speed=self.speed, fps=FPS, double=self.double)


def words(n: int, seed: int) -> list[Task]:
    """Return ``n`` random words, each by a signer of its own at 1-3 letters a second."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(WORDS), n, replace=n > len(WORDS))
    return [
        Task(
            WORDS[place],
            seed * 1000 + number,
            round(float(rng.uniform(1, 3)), 2),
            ("release", "slide")[number % 2],
        )
        for number, place in enumerate(chosen)
    ]


def recording(task: Task, cache: Path, reader: Callable[[], LetterReader]) -> Recording:
    """Return what is seen of a clip, from the cache or drawn and tracked now."""
    clip = task.clip()
    key = hashlib.sha256(
        clip.landmarks.tobytes() + repr(task).encode() + tracker_version().encode()
    ).hexdigest()[:16]
    path = cache / f"clip_{key}.npz"
    if not path.is_file():
        rows = []
        with reader() as reads:
            for image, time in zip(clip.images(), clip.times, strict=True):
                reading = reads.read(Frame(image, float(time)))
                lost = np.full((21, 3), np.nan, np.float32)
                rows.append(
                    (
                        lost if reading.hand is None else reading.hand.points,
                        reading.letter or "",
                        reading.probabilities,
                    )
                )
        points, letters, probabilities = zip(*rows, strict=True)
        with atomic_path(path) as made, made.open("wb") as file:
            np.savez_compressed(
                file,
                points=np.array(points),
                letters=np.array(letters),
                probabilities=np.array(probabilities),
            )
    with np.load(path, allow_pickle=False) as seen:
        width, height = clip.size
        return Recording(
            task.text,
            [(sign.letter, sign.start, sign.end) for sign in clip.spelled],
            clip.times,
            seen["points"],
            seen["letters"],
            seen["probabilities"],
            height / width,
        )
