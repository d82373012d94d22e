"""Drawn clips for `realtime`: words, signers, and what tracker and model say of each frame.

A clip is drawn and tracked once; the tracked hands stay in the cache, so that models and ways of
smoothing are compared on the same frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import joblib
import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import LETTERS, NONE
from asl_helpers.classifier import Classifier
from asl_helpers.hand.clip import Clip, draw_clip, draw_idle
from asl_helpers.realtime.letters import Observation, smoother
from asl_helpers.realtime.reader import MotionReader, completed
from asl_helpers.tracking import HandTracker
from benchmarks.people import tracker_version
from benchmarks.record import memory

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
    return _spelled([WORDS[place] for place in chosen], 1000 * seed, rng)


def strings(n: int, seed: int) -> list[Task]:
    """Return ``n`` strings of five random letters, by other signers than those of the words."""
    rng = np.random.default_rng([seed, 5])
    return _spelled(["".join(rng.choice(LETTERS, 5)) for _ in range(n)], 1000 * seed + 500, rng)


def _spelled(texts: Sequence[str], signer: int, rng: np.random.Generator) -> list[Task]:
    return [
        Task(
            text,
            signer + number,
            round(float(rng.uniform(1, 3)), 2),
            ("release", "slide")[number % 2],
        )
        for number, text in enumerate(texts)
    ]


def recording(task: Task, recogniser: Classifier) -> Recording:
    """Return what is seen of a clip, its hands from the cache or drawn and tracked now."""
    clip = task.clip()
    seen = memory("tracked").cache(tracked)
    points = seen(task, tracker_version(), joblib.hash(clip.landmarks))
    width, height = clip.size
    found = np.isfinite(points).all(axis=(1, 2))
    probabilities = np.zeros((len(points), len(recogniser.classes)), np.float32)
    hands = landmarks.normalise(points[found], height / width)
    probabilities[found] = recogniser.probabilities(hands)
    names = np.array([*recogniser.classes, ""])
    sure = probabilities.max(axis=1) >= recogniser.threshold
    letters = names[np.where(sure & found, probabilities.argmax(axis=1), -1)]
    letters[letters == NONE] = ""
    spelled = [(sign.letter, sign.start, sign.end) for sign in clip.spelled]
    aspect = height / width
    return Recording(task.text, spelled, clip.times, points, letters, probabilities, aspect)


def tracked(task: Task, tracker: str, drawn: str) -> np.ndarray:
    """Return the landmarks (k, 21, 3) that the tracker finds in a clip, NaN where it finds none.

    ``tracker`` and ``drawn``, a hash of the true landmarks, are for the cache.
    """
    clip = task.clip()
    points = np.full((len(clip), 21, 3), np.nan, np.float32)
    with HandTracker(video=True) as tracking:
        for row, (image, time) in enumerate(zip(clip.images(), clip.times, strict=True)):
            if hands := tracking.track(image, round(1000 * time)):
                points[row] = hands[0].points
    return points


def said(
    seen: Recording, smoothing: str, classes: Sequence[str], motion: MotionReader
) -> list[tuple[str, float]]:
    """Return the letters that a `LetterReader` makes of a recording, and when."""
    way, letters = smoother(smoothing), []
    motion.reset()
    for at, points, letter, answers in zip(
        seen.times, seen.points, seen.letters, seen.probabilities, strict=True
    ):
        square, named = None, {}
        if np.isfinite(points).all():
            square = points * np.array([1 / seen.aspect, 1, 1 / seen.aspect], np.float32)
            named = dict(zip(classes, answers, strict=True))
        flat = None if square is None else square[:, :2]
        frame = Observation(float(at), str(letter) or None, float(answers.max()), flat, named)
        if answer := completed(frame, square, way, motion):
            letters.append((answer[0], float(at)))
    return letters
