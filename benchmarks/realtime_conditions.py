"""What `realtime` measures of single pictures: distance, turning, light, and a passer-by's hand.

Each condition shows the same letters by the same drawn signers; only that condition differs.
"""

from dataclasses import replace

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.classifier import Classifier
from asl_helpers.hand.clip import Clip, Signer, sample_signer
from asl_helpers.hand.signing import Timeline, spell
from asl_helpers.tracking import HandTracker
from benchmarks.record import Row

SEED = 4000
SIGNERS = 2  # for each letter
USUAL = 0.21  # one palm length as a share of the picture's height
CONDITIONS: dict[str, tuple[float, ...]] = {
    "open hand, pixels": (320, 200, 120, 80, 50, 30),
    "turned, degrees": (0, 30, 60, 90, 135, 180),
    "light, of the usual": (0.1, 0.2, 0.4, 1.0, 2.0, 4.0),
    "passer-by's hand, of the signer's size": (0.4, 0.7, 1.0),
}
"""Kinds of conditions, and the values of each that are measured."""


def conditions(recogniser: Classifier) -> dict[str, list[Row]]:
    """Return for each condition how many hands are found, and how many letters read right."""
    hands = [
        (letter, number, sample_signer(SEED + 100 * place + number, palm=USUAL))
        for place, letter in enumerate(STATIC_LETTERS)
        for number in range(SIGNERS)
    ]
    with HandTracker() as tracker:
        return {
            kind: [
                {"value": value} | _judged(recogniser, tracker, hands, kind, value)
                for value in values
            ]
            for kind, values in CONDITIONS.items()
        }


def _judged(recogniser, tracker, hands, kind: str, value: float) -> Row:
    found, signers_own, right = [], [], []
    for letter, number, signer in hands:
        clip = _still(letter, _under(signer, kind, value), SEED + number)
        picture = clip.image(0)
        if kind.startswith("passer-by"):
            clip = _beside(picture, clip, letter, number, value)
        tracked = tracker.track(picture)
        found.append(bool(tracked))
        own = bool(tracked) and _same(tracked[0].points, clip.landmarks[0])
        signers_own.append(own)
        if not own:
            right.append(False)
            continue
        height, width = picture.shape[:2]
        probs = recogniser.probabilities(
            landmarks.normalise(tracked[0].points[None], height / width)
        )
        right.append(recogniser.classes[int(probs[0].argmax())] == letter)
    return {
        "n": len(hands),
        "found": round(float(np.mean(found)), 4),
        "signers_own": round(float(np.mean(signers_own)), 4),
        "right": round(float(np.mean(right)), 4),
    }


def _under(signer: Signer, kind: str, value: float) -> Signer:
    """Return the signer under one condition; all else stays."""
    if kind.startswith("open hand"):
        return replace(signer, palm=value / 2 / 480)  # an open hand is two palm lengths long
    if kind.startswith("turned"):
        view = signer.view + np.array([0, 0, value], np.float32)
        return replace(signer, view=view, home=(0.5, 0.5))
    if kind.startswith("light"):
        look = replace(signer.look, exposure=signer.look.exposure * value)
        return replace(signer, look=look)
    return replace(signer, home=(0.32, signer.home[1]))


def _still(letter: str, signer: Signer, seed: int) -> Clip:
    """Return one frame of a signer who holds a letter."""
    way = spell(letter, signer.person, np.random.default_rng(seed), speed=1.0)
    middle = (way.spelled[0].start + way.spelled[0].end) / 2
    row = int(np.searchsorted(way.times, middle))
    return Clip(Timeline(way.states[row : row + 1], way.times[:1], way.spelled), signer, seed=seed)


def _beside(picture: np.ndarray, clip: Clip, letter: str, number: int, size: float) -> Clip:
    """Draw another person's hand into the picture, on the right; return the signer's clip."""
    other = sample_signer(SEED + 50_000 + 100 * number + ord(letter), palm=USUAL * size)
    _still("B", replace(other, home=(0.75, 0.62)), number).lay_over(picture, 0)
    return clip


def _same(tracked: np.ndarray, true: np.ndarray) -> bool:
    """Tell whether a tracked hand lies where the signer's is."""
    apart = np.linalg.norm(tracked[:, :2].mean(axis=0) - true[:, :2].mean(axis=0))
    return bool(apart < 0.1)
