"""Record what is in the films of ASL Alphabet, and what cutting them at random is worth.

    ASL_DATA_DIR=folder python -m benchmarks.asl_alphabet

For the drawn twin and, where the folder holds it, the real set: how many frames are dark by the
share of their dark pixels and by their mean, how alike two frames of a film are at each distance,
and the baseline network's score under a random split and under one by blocks.
"""

from typing import Any

import numpy as np

import asl_helpers as asl
from asl_helpers import evaluation, networks, training
from asl_helpers.datasets.splits import fingerprints
from benchmarks.record import drawn_then_real, record, source_row

SIZE, LIMIT, EPOCHS = 48, 100, 7
LEVEL, SHARE = 50, 0.5
DISTANCES = (1, 2, 3, 5, 10, 30, 60, 120, 300, 600, 1200)
SEEDS = (0, 1)


def films(images: np.ndarray, labels: np.ndarray, frames: np.ndarray) -> list[dict[str, Any]]:
    """Return the mean correlation of two frames of a film at each distance, and of how many."""
    found: dict[int, list[float]] = {distance: [] for distance in DISTANCES}
    for label in np.unique(labels):
        mine = labels == label
        likeness = fingerprints(images[mine])
        likeness = likeness @ likeness.T
        apart = frames[mine][:, None] - frames[mine]
        for distance, values in found.items():
            values.extend(likeness[apart == distance].tolist())
    return [
        {"frames_apart": distance, "correlation": round(float(np.mean(values)), 4),
         "pairs": len(values)}
        for distance, values in found.items() if values
    ]  # fmt: skip


def dark(images: np.ndarray) -> dict[str, int]:
    """Return how many frames are dark by the share of their pixels, and how many by their mean."""
    brightness = images.mean(axis=-1)
    return {
        "by_share": int(((brightness < LEVEL).mean(axis=(1, 2)) > SHARE).sum()),
        "by_mean": int((brightness.mean(axis=(1, 2)) < LEVEL).sum()),
    }


def network(split: str, seed: int) -> float:
    """Train the baseline network on a split and return its test accuracy."""
    import tensorflow as tf

    data = asl.load("asl_alphabet", split=split, size=SIZE, limit=LIMIT, seed=seed, verbose=False)
    ready = training.pipelines(
        data, lambda image: tf.cast(image, tf.float32) / 127.5 - 1, batch_size=32, seed=seed
    )
    training.set_seed(seed)
    model = networks.baseline_cnn(data.info.shape, classes=len(data.info.class_names))
    training.fit(model, ready, epochs=EPOCHS, patience=EPOCHS)
    return evaluation.report(model, ready.test, class_names=data.info.class_names).accuracy


def measure() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row that describes the data, and what was found in it."""
    data = asl.load("asl_alphabet", size=SIZE, verbose=False)
    info, whole = data.info, data.collection
    images = whole.images.read(np.arange(len(whole)))
    result = {
        "source": info.source,
        "is_real": info.is_real,
        "pictures": len(whole),
        "dark": dark(images),
        "films": films(images, whole.labels, whole.frames),
        "networks": {
            split: [round(network(split, seed), 4) for seed in SEEDS]
            for split in ("random", "blocks")
        },
    }
    return source_row(info), result


def main() -> None:
    """Measure the twin, then the real set where it is, and write the record."""
    rows, sets = drawn_then_real(measure)
    recipe = {"level": LEVEL, "share": SHARE, "limit": LIMIT, "epochs": EPOCHS, "seeds": SEEDS}
    print(record("asl_alphabet", recipe | {"sets": sets}, data=rows))


if __name__ == "__main__":
    main()
