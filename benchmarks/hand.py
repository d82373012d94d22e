"""Record how many landmarks a second one core draws, and how seldom fingers pass each other.

    python -m benchmarks.hand

Times are processor time of this process, so other work on the machine counts little.
"""

import time

import numpy as np

from asl_helpers import hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand import body
from benchmarks.record import record

SEED = 1
ROUNDS = 5
HANDS = 20_000


def rate() -> dict[str, float]:
    """Landmarks of hands a second: the median and the range of the rounds."""
    hand.sample_landmarks(STATIC_LETTERS, 100, seed=SEED)
    found = []
    for turn in range(ROUNDS):
        start = time.process_time()
        hand.sample_landmarks(STATIC_LETTERS, HANDS, seed=SEED + turn)
        found.append(HANDS / (time.process_time() - start))
    return {
        "hands_per_second": round(float(np.median(found))),
        "slowest": round(min(found)),
        "fastest": round(max(found)),
    }


def overlaps() -> dict[str, float]:
    """Shares of hands whose worst overlap is past what flesh gives, and past half the radii."""
    rng = np.random.default_rng(SEED)
    crowd = body.sample_people(HANDS // 10, rng)
    person = np.arange(HANDS) % len(crowd)
    rows = [pose for pose in hand.POSES if pose.name in STATIC_LETTERS]
    angles = np.stack([pose.angles for pose in rows])[np.arange(HANDS) % len(rows)]
    joints = body.form(angles, crowd[person], rng)
    worst = body.worst_overlap(joints, crowd.flesh[person])
    return {
        "flesh_gives": body.GIVE,
        "past_what_flesh_gives": round(float((worst > body.GIVE).mean()), 4),
        "past_half": round(float((worst > 0.5).mean()), 4),
        "worst": round(float(worst.max()), 3),
    }


def main() -> None:
    result = {"what": "sample_landmarks, one core", "rate": rate(), "overlap": overlaps()}
    print(result)
    print(record("hand", result, seed=SEED))


if __name__ == "__main__":
    main()
