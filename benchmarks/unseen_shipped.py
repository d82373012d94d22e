"""What `unseen_signers` measures of the shipped recogniser: rejection, tones, sides, speed."""

import statistics
import time

import numpy as np

from asl_helpers import classifier, hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.classifier import Classifier
from asl_helpers.hand.scene import SKIN_TONES
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.latency import litert
from benchmarks.people import Hands, scored, tracker_version
from benchmarks.record import Row, memory

PIXELS = 192
BINS = 10
TIMED = 200  # single hands timed a round


def measure(sets: dict[str, Hands], signers: list[str]) -> Row:
    """Return all that is measured of the shipped recogniser."""
    recogniser = classifier.load("landmarks")
    return {
        "shipped": judged(recogniser, sets, signers),
        "tones": tones(recogniser),
        "sides": sides(recogniser),
        "latency": latency(recogniser),
    }


def _tracked(images: np.ndarray, tracker: str) -> tuple[np.ndarray, np.ndarray]:
    """Return hands found (n,) and points (n, 21, 3); the tracker's version is for the cache."""
    from asl_helpers.tracking import track_all

    tracked = track_all(images)
    return tracked.hands, tracked.points


def judged(recogniser: Classifier, sets: dict[str, Hands], signers: list[str]) -> Row:
    """Return the scores by set, and on the signers together: calibration, rejection curve."""
    scores, sure, right = {}, [], []
    for name, hands in sets.items():
        probs = recogniser.probabilities(hands.normalised)
        scores[name] = scored(hands, probs, recogniser.classes)
        if name in signers:
            sure.append(probs.max(axis=1))
            right.append(probs.argmax(axis=1) == hands.labels[hands.found])
    # Every signer counts alike, whatever the number of hands.
    weights = np.concatenate([np.full(len(part), 1 / len(part) / len(sure)) for part in sure])
    confidence, hit = np.concatenate(sure), np.concatenate(right)
    curve = [
        {"threshold": round(float(limit), 2)} | _answered(confidence >= limit, hit, weights)
        for limit in np.arange(0, 1, 0.05)
    ]
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = [
        {
            "confidence": float(np.average(confidence[inside], weights=weights[inside])),
            "accuracy": float(np.average(hit[inside], weights=weights[inside])),
            "share": float(weights[inside].sum()),
        }
        for inside in (place == bin for bin in range(BINS))
        if inside.any()
    ]
    at_threshold = _answered(confidence >= recogniser.threshold, hit, weights)
    return {
        "card": {k: v for k, v in recogniser.card.items() if isinstance(v, (str, int, float))},
        "sets": scores,
        "ece": statistics.mean(scores[name]["ece"] for name in signers),
        "at_threshold": {"threshold": recogniser.threshold} | at_threshold,
        "rejection": curve,
        "reliability": bins,
    }


def _answered(kept: np.ndarray, hit: np.ndarray, weights: np.ndarray) -> dict[str, float | None]:
    """Return the share of hands that are answered, and the share of right answers among them."""
    coverage = float(weights[kept].sum())
    accuracy = float(np.average(hit[kept], weights=weights[kept])) if kept.any() else None
    return {"coverage": coverage, "accuracy": accuracy}


def tones(recogniser: Classifier, n: int = 120) -> list[Row]:
    """Return coverage and accuracy by Monk skin tone: the same n drawn hands in every tone."""
    rows = []
    for tone, colour in enumerate(SKIN_TONES):
        batch = hand.sample_hands(STATIC_LETTERS, n, seed=777, left_share=0.5)
        batch.skin[:] = tone
        scores = _scores(recogniser, batch)
        rows.append({"tone": tone + 1, "colour": colour} | scores)
    return rows


def sides(recogniser: Classifier, n: int = 120) -> dict[str, Row]:
    """Return the same by signing hand, for n drawn pictures and for 12,000 drawn landmarks."""
    rows = {}
    for side in ("left", "right"):
        options = {"left_share": float(side == "left")}
        batch = hand.sample_hands(STATIC_LETTERS, n, seed=778, **options)
        rows[side] = _scores(recogniser, batch)
        points, labels = sample_tracked(12_000, seed=920_000, **options)
        points, labels = points[labels < 24], labels[labels < 24]
        predicted = recogniser.probabilities(landmarks.normalise(points)).argmax(axis=1)
        rows[side]["accuracy_landmarks"] = float((predicted == labels).mean())
    return rows


def _scores(recogniser: Classifier, batch) -> Row:
    """Draw images and track them, once; return how many hands are found, and how well read."""
    images = hand.render(batch, PIXELS, seed=5)
    hands, points = memory("tracked").cache(_tracked)(images, tracker_version())
    found = hands > 0
    right = np.zeros(len(found), bool)
    if found.any():
        probs = recogniser.probabilities(landmarks.normalise(points[found], 1.0))
        right[found] = probs.argmax(axis=1) == batch.label[found]
    return {
        "n": len(found),
        "coverage": float(found.mean()),
        "accuracy": float(right.mean()),
        "accuracy_covered": float(right[found].mean()) if found.any() else None,
    }


def latency(recogniser: Classifier, rounds: int = 10) -> dict[str, float]:
    """Return the median milliseconds for one hand: LiteRT on one thread, and `model.predict`.

    The two take turns, so that whatever else the machine does slows both.
    """
    points, _ = sample_tracked(TIMED, seed=930_000)
    points = points.astype(np.float32)
    lite = litert(recogniser.network)

    def keras(one: np.ndarray) -> np.ndarray:
        return recogniser.network.predict(one, verbose=0)

    times: dict[str, list[float]] = {"litert": [], "keras": []}
    for _ in range(rounds):
        for name, read, hands in (("litert", lite, points), ("keras", keras, points[:5])):
            for one in hands:
                start = time.perf_counter()
                read(one[None])
                times[name].append(1000 * (time.perf_counter() - start))
    return {
        "litert_ms_p50": round(statistics.median(times["litert"]), 4),
        "predict_ms_p50": round(statistics.median(times["keras"]), 2),
    }
