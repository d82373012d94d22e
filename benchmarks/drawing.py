"""Record how many landmarks and images of hands one core draws per second.

    python -m benchmarks.drawing

writes the records ``hand`` and ``renderer``. Times are processor time of this process, so other
work on the machine counts little.
"""

import time
from collections.abc import Callable

import numpy as np

from asl_helpers import hand
from asl_helpers.alphabet import STATIC_LETTERS
from benchmarks.record import record

SEED = 1
HANDS = 20_000
IMAGES = {28: 96, 64: 96, 128: 48, 200: 24}
"""Pixels a side, and how many images are drawn at that size."""


def rates(draw: Callable[[int], object], n: int, rounds: int) -> tuple[float, float, float]:
    """Return how many of ``n`` samples are drawn per second: median, slowest, fastest round."""
    draw(SEED)
    rates = []
    for turn in range(rounds):
        start = time.process_time()
        draw(SEED + turn)
        rates.append(n / (time.process_time() - start))
    return float(np.median(rates)), min(rates), max(rates)


def landmark_rate(hands: int = HANDS) -> dict[str, int]:
    """Return how many hands' landmarks are drawn per second."""
    middle, low, high = rates(
        lambda seed: hand.sample_landmarks(STATIC_LETTERS, hands, seed=seed), hands, 5
    )
    return {"hands_per_second": round(middle), "slowest": round(low), "fastest": round(high)}


def image_rate(size: int, n: int) -> dict[str, float]:
    """Return how many images are drawn per second, the whole randomised path."""
    middle, low, high = rates(lambda seed: hand.sample_images("static", n, size, seed=seed), n, 3)
    rounded = {"images_per_second": middle, "slowest": low, "fastest": high}
    return {name: round(rate, 1) for name, rate in rounded.items()} | {"pictures": n}


def seen_by_the_tracker(n: int = 240, size: int = 256) -> dict[str, float]:
    """Return whether MediaPipe's tracker finds drawn hands, and how far off its joints are."""
    from asl_helpers.tracking import track_all

    batch = hand.sample_hands(STATIC_LETTERS, n, seed=SEED)
    tracked = track_all(hand.render(batch, size, seed=SEED))
    found = tracked.hands > 0
    gap = (tracked.points - batch.image)[found][..., :2]
    return {
        "size": size,
        "pictures": n,
        "found": round(float(found.mean()), 4),
        "median_joint_error_pixels": round(
            float(np.median(size * np.linalg.norm(gap, axis=-1))), 2
        ),
    }


def main() -> None:
    """Measure and record."""
    print(
        record("hand", {"what": "sample_landmarks, one core", "rate": landmark_rate()}, seed=SEED)
    )
    result = {
        "what": "sample_images: people, poses, views, light, background and camera; one core",
        "sizes": {str(size): image_rate(size, n) for size, n in IMAGES.items()},
        "tracker": seen_by_the_tracker(),
    }
    print(record("renderer", result, seed=SEED))


if __name__ == "__main__":
    main()
