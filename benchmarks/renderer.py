"""Record how many pictures of hands a second one core draws, beside a plain loop over pixels.

    python -m benchmarks.renderer

Times are processor time of this process, so other work on the machine counts little.
"""

import math
import time
from dataclasses import replace

import numpy as np

from asl_helpers import hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand.raster import FAR, build, rasterise
from benchmarks.record import record

SEED = 1
ROUNDS = 3
PICTURES = {28: 96, 64: 96, 128: 48, 200: 24}


def rate(size: int, n: int) -> dict[str, float]:
    """Pictures a second of the whole randomised path: the median and the range of the rounds."""
    hand.sample_images("static", 4, size, seed=SEED)
    seconds = []
    for turn in range(ROUNDS):
        start = time.process_time()
        hand.sample_images("static", n, size, seed=SEED + turn)
        seconds.append((time.process_time() - start) / n)
    return {
        "images_per_second": round(1 / sorted(seconds)[ROUNDS // 2], 1),
        "slowest": round(1 / max(seconds), 1),
        "fastest": round(1 / min(seconds), 1),
        "pictures": n,
    }


def depth_by_loop(cones: list[list[float]], size: int) -> np.ndarray:
    """The depth buffer of round cones, one pixel and one cone at a time."""
    depth = np.full((size, size), float(FAR))
    for row in range(size):
        for column in range(size):
            x, y, best = (column + 0.5) / size, (row + 0.5) / size, float(FAR)
            for ax, ay, az, ra, bx, by, bz, rb in cones:
                ux, uy, dz, dr = bx - ax, by - ay, bz - az, rb - ra
                qx, qy = x - ax, y - ay
                c = min(dr * dr - ux * ux - uy * uy, -1e-7)
                a, b = ra * ra - qx * qx - qy * qy, ra * dr + qx * ux + qy * uy
                d = b * b - a * c
                if d <= 0:
                    continue
                t = (dz * math.sqrt(d / (dz * dz - c)) - b) / c
                t = min(max(t, 0.0), 1.0)
                f = a + 2 * b * t + c * t * t
                if f > 0:
                    best = min(best, az + t * dz - math.sqrt(f))
            depth[row, column] = best
    return depth


def against_loop(size: int = 64, hands: int = 3) -> dict[str, float]:
    """Seconds for one depth buffer, both ways, on the same hands, taking turns."""
    batch = hand.sample_hands("ALV", hands, seed=SEED)
    whole, loop, worst = [], [], 0.0
    for row in range(hands):
        flesh = build(
            batch.image[row], batch.radius[row], batch.side[row], np.array([0, 1.0, 0]), None
        )
        start = time.process_time()
        for _ in range(20):
            rasterise(flesh, size)
        whole.append((time.process_time() - start) / 20)
        start = time.process_time()
        slow = depth_by_loop(flesh.cones.tolist(), size)
        loop.append(time.process_time() - start)
        # Solids melt together and the palm is smoothed; fingers without that are as swept.
        fast = rasterise(replace(flesh, blend=0 * flesh.blend), size)
        finger = fast.covered[flesh.segment[fast.solid] > 1]
        worst = max(worst, float(np.abs(fast.depth - slow).ravel()[finger].max()))
    if worst > 1e-3:
        raise SystemExit(f"The two ways disagree by {worst} of the picture's side.")
    return {
        "size": size,
        "arrays_seconds": round(float(np.median(whole)), 5),
        "loop_seconds": round(float(np.median(loop)), 4),
        "times_faster": round(float(np.median(loop) / np.median(whole)), 1),
    }


def seen_by_the_tracker(n: int = 240, size: int = 256) -> dict[str, float]:
    """Whether MediaPipe's tracker finds drawn hands, and how far its joints lie from the drawn."""
    from asl_helpers.tracking import track_all

    batch = hand.sample_hands(STATIC_LETTERS, n, seed=SEED)
    tracked = track_all(hand.render(batch, size, seed=SEED))
    found = tracked.hands > 0
    gap = (tracked.points - batch.image)[found][..., :2]
    pixels = size * np.sqrt((gap**2).sum(-1))
    return {
        "size": size,
        "pictures": n,
        "found": round(float(found.mean()), 4),
        "median_joint_error_pixels": round(float(np.median(pixels)), 2),
    }


def main() -> None:
    result = {
        "what": "sample_images: people, poses, views, light, background and camera; one core",
        "sizes": {str(size): rate(size, n) for size, n in PICTURES.items()},
        "depth_buffer": against_loop(),
        "tracker": seen_by_the_tracker(),
    }
    print(result)
    print(record("renderer", result, seed=SEED))


if __name__ == "__main__":
    main()
