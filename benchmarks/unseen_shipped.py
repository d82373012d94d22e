"""What `unseen_signers` measures of the shipped recogniser: rejection, tones, sides, speed."""

import hashlib
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers import hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.classifier import Classifier
from asl_helpers.files import atomic_path
from asl_helpers.hand.scene import SKIN_TONES
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.latency import litert
from benchmarks.unseen_data import Hands, tracker_version
from benchmarks.unseen_runs import scored

PIXELS = 192
BINS = 10
TIMED = 200  # single hands timed a round


def judged(recogniser: Classifier, sets: dict[str, Hands], signers: list[str]) -> dict[str, Any]:
    """Return the scores by set, and on the signers together: calibration, rejection curve."""
    scores, sure, right = {}, [], []
    for name, hands in sets.items():
        probs = recogniser.probabilities(hands.normalised)
        scores[name] = scored(hands, probs)
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


def tones(recogniser: Classifier, cache: Path, n: int = 120) -> list[dict[str, Any]]:
    """Return coverage and accuracy by Monk skin tone: the same n drawn hands in every tone."""
    rows = []
    for tone, colour in enumerate(SKIN_TONES):
        batch = hand.sample_hands(STATIC_LETTERS, n, seed=777, left_share=0.5)
        batch.skin[:] = tone
        found = _tracked(batch, cache / f"tone_{tone}")
        rows.append({"tone": tone + 1, "colour": colour} | _scores(recogniser, batch, *found))
    return rows


def sides(recogniser: Classifier, cache: Path, n: int = 120) -> dict[str, dict[str, Any]]:
    """Return the same by signing hand, for n drawn pictures and for 12,000 drawn landmarks."""
    rows = {}
    for side in ("left", "right"):
        options = {"left_share": float(side == "left")}
        batch = hand.sample_hands(STATIC_LETTERS, n, seed=778, **options)
        rows[side] = _scores(recogniser, batch, *_tracked(batch, cache / f"side_{side}"))
        points, labels = sample_tracked(12_000, seed=920_000, **options)
        points, labels = points[labels < 24], labels[labels < 24]
        predicted = recogniser.probabilities(landmarks.normalise(points)).argmax(axis=1)
        rows[side]["accuracy_landmarks"] = float((predicted == labels).mean())
    return rows


def _tracked(batch, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures and track them; return (hands found (n,), points (n, 21, 3)), cached."""
    from asl_helpers.tracking import track_all

    pictures = hand.render(batch, PIXELS, seed=5)
    key = hashlib.sha256(pictures.tobytes() + tracker_version().encode()).hexdigest()[:12]
    path = path.with_name(f"{path.name}_{key}.npz")
    if not path.is_file():
        tracked = track_all(pictures)
        with atomic_path(path) as made, made.open("wb") as file:
            np.savez(file, hands=tracked.hands, points=tracked.points)
    with np.load(path, allow_pickle=False) as tracked:
        return tracked["hands"], tracked["points"]


def _scores(recogniser: Classifier, batch, hands, points) -> dict[str, Any]:
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

    apart = max(float(np.abs(lite(p[None]) - keras(p[None])).max()) for p in points[:5])
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
        "litert_bytes": len(lite.content),
        "largest_difference": apart,
    }
