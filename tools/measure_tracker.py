"""Measure what the tracker gets wrong: draw hands, track the pictures, compare.

``python tools/measure_tracker.py`` writes ``data/samples/tracker_errors.npz``, from which
`asl_helpers.hand.tracker_noise` takes its errors: ``pose`` and ``error`` int8 (n, 21, 3), true
landmarks relative to the wrist and what the tracker adds to them, of right hands, in steps of a
palm length. No photograph is in it.
"""

import argparse
from pathlib import Path

import numpy as np

from asl_helpers import hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.files import atomic_path, project_data
from asl_helpers.hand.tracker_noise import ERROR_STEP, POSE_STEP

_BATCH = 120
_SIZE = 160  # pixels


def measure(n: int, seed: int = 1000) -> dict[str, np.ndarray]:
    """Draw and track ``n`` hands of the 24 static letters.

    Returns
    -------
    ``true`` and ``tracked`` (n, 21, 3) float32 landmarks in image coordinates, ``tracked`` NaN
    where no hand was found; ``label`` (n,) int64; ``side`` and ``tracked_side`` (n,) str.
    """
    from asl_helpers.tracking import HandTracker

    rows = []
    with HandTracker() as tracker:
        for start in range(0, n, _BATCH):
            batch_seed = seed + start // _BATCH
            batch = hand.sample_hands(STATIC_LETTERS, min(_BATCH, n - start), seed=batch_seed)
            pictures = hand.render(batch, _SIZE, seed=batch_seed)
            for place, picture in enumerate(pictures):
                found = tracker.track(picture)
                rows.append(
                    {
                        "true": batch.image[place],
                        "tracked": found[0].points if found else np.full((21, 3), np.nan, "f4"),
                        "label": batch.label[place],
                        "side": batch.side[place],
                        "tracked_side": found[0].side if found else "",
                    }
                )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def errors(true: np.ndarray, tracked: np.ndarray) -> dict[str, np.ndarray]:
    """Return ``pose`` and ``error`` int8 (m, 21, 3) of the m hands that were found."""
    found = landmarks.usable(tracked)
    true = true[found] - true[found, :1]
    tracked = tracked[found] - tracked[found, :1]
    palm = landmarks.palm_length(true)[:, None, None]
    side = np.where(landmarks.right_handedness(true) < 0, -1, 1)
    pose, error = true / palm, (tracked - true) / palm
    pose[..., 0] *= side[:, None]
    error[..., 0] *= side[:, None]
    return {"pose": _int8(pose / POSE_STEP), "error": _int8(error / ERROR_STEP)}


def _int8(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), -127, 127).astype(np.int8)


def main() -> None:
    """Measure and write the file; print how the tracker did."""
    parser = argparse.ArgumentParser(description="Measure the tracker's errors on drawn hands.")
    parser.add_argument("--hands", type=int, default=2520)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=project_data() / "samples/tracker_errors.npz")
    options = parser.parse_args()
    got = measure(options.hands, options.seed)
    table = errors(got["true"], got["tracked"])
    with atomic_path(options.out) as path, path.open("wb") as file:
        np.savez_compressed(file, **table)
    found = landmarks.usable(got["tracked"])
    off = np.linalg.norm((got["tracked"] - got["true"])[found, :, :2], axis=-1)
    print(f"found {found.mean():.1%} of {len(found)} drawn hands of {_SIZE} px;")
    print(f"median distance of a landmark {np.median(off) * _SIZE:.1f} px;")
    print(f"side right in {(got['side'] == got['tracked_side'])[found].mean():.1%}.")


if __name__ == "__main__":
    main()
