"""Record what is in the sets of images, and how far a split alone moves a score on them.

    ASL_DATA_DIR=folder python -m benchmarks.splits [leakage] [sign_mnist_data] [asl_alphabet]

Each name is a record; without one all are made. Drawn twins are measured first, then the real sets
where the folder holds them. `leakage`: the share of test images with a near-copy in training.
`sign_mnist_data`: how well the nearest training image names the letter, without any training, so
that a difference between two splits is the splits' doing. `asl_alphabet`: dark frames, and the
baseline network under a random split and under one by blocks.
"""

import sys
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.neighbors import KNeighborsClassifier

import asl_helpers as asl
from asl_helpers import evaluation, networks, training
from asl_helpers.datasets.splits import SAME_PHOTO, leakage, near_copies
from benchmarks.record import Row, drawn_then_real, record, source_row

SETS = {"sign_language_mnist": 28, "asl_alphabet": 32, "asl_rooms": 32}
"""Sets whose splits are compared, and the pixels a side at which they are."""

LEAK_SEEDS = (0, 1, 2)
SHARE, DEAL_SEEDS = 0.2, (0, 1, 2, 3, 4)
SIZE, LIMIT, EPOCHS, NETWORK_SEEDS = 48, 100, 7, (0, 1)
LEVEL, DARK_SHARE = 50, 0.5


def leaks(name: str) -> tuple[Row, Row]:
    """Return the row that describes a set, and what each split let through."""
    result: Row = {}
    for split in ("random", "blocks"):
        measured = []
        for seed in LEAK_SEEDS:
            data = asl.load(name, split=split, size=SETS[name], seed=seed, verbose=False)
            measured.append(leakage(data, sample=1000, seed=seed))
        distances = np.concatenate([one.distance for one in measured])
        result[split] = {
            "copies": round(float(np.mean([one.copies for one in measured])), 4),
            "copies_by_seed": [round(one.copies, 4) for one in measured],
            "median_distance": round(float(np.median(distances)), 5),
        }
    info, collection = data.info, data.collection
    about = {"name": name, "source": info.source, "is_real": info.is_real}
    if name == "sign_language_mnist" and info.is_real:
        images = collection.images[np.arange(len(collection))]
        about["photographs"] = len(np.unique(near_copies(images, collection.labels)))
    return source_row(info), about | {"pictures": len(collection)} | result


def deal(
    labels: np.ndarray, groups: np.ndarray, share: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a mask of test images, bool (n,): whole groups of each letter, up to ``share``."""
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mine = labels == label
        for group in rng.permutation(np.unique(groups[mine])):
            if test[mine].mean() >= share:
                break
            test |= mine & (groups == group)
    return test


def chi_square(counts: np.ndarray) -> float:
    """Return how far counts are from even shares; about ``len(counts) - 1`` by chance alone."""
    return round(float(((counts - counts.mean()) ** 2 / counts.mean()).sum()), 1)


def nearest_images() -> tuple[Row, Row]:
    """Return the row of Sign Language MNIST, and the nearest image's score under each split."""
    data = asl.load("sign_language_mnist", verbose=False)
    labels = data.collection.labels
    images = data.collection.images[np.arange(len(labels))]
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    ways = {
        "random": np.arange(len(labels)),
        "copies": near_copies(images, labels),
        "blocks": data.blocks,
    }
    scores: Row = {}
    for way, groups in ways.items():
        accuracies, intervals, sizes = [], [], []
        for seed in DEAL_SEEDS:
            test = deal(labels, groups, SHARE, np.random.default_rng(seed))
            nearest = KNeighborsClassifier(1, algorithm="brute").fit(pixels[~test], labels[~test])
            right = nearest.predict(pixels[test]) == labels[test]
            interval = evaluation.grouped_interval(right, data.blocks[test])
            accuracies.append(round(float(right.mean()), 4))
            intervals.append([round(edge, 4) for edge in interval])
            sizes.append(int(test.sum()))
        scores[way] = {
            "accuracy": round(float(np.mean(accuracies)), 4),
            "accuracy_by_seed": accuracies,
            "interval_by_seed": intervals,
            "test_pictures_by_seed": sizes,
            "groups": len(np.unique(groups)),
        }
    about = source_row(data.info)
    _, first = np.unique(data.blocks, return_index=True)
    uneven = {
        "pictures": chi_square(np.bincount(labels)),
        "blocks": chi_square(np.bincount(labels[first])),
    }
    counts = {"pictures": len(labels), "blocks": len(first), "chi_square": uneven}
    return about, about | counts | {"splits": scores}


def dark(images: np.ndarray) -> dict[str, int]:
    """Return how many frames are dark by the share of their pixels, and how many by their mean."""
    brightness = images.mean(axis=-1)
    return {
        "by_share": int(((brightness < LEVEL).mean(axis=(1, 2)) > DARK_SHARE).sum()),
        "by_mean": int((brightness.mean(axis=(1, 2)) < LEVEL).sum()),
    }


def network(split: str, seed: int) -> float:
    """Train the baseline network on a split of ASL Alphabet and return its test accuracy."""
    data = asl.load("asl_alphabet", split=split, size=SIZE, limit=LIMIT, seed=seed, verbose=False)
    ready = training.pipelines(
        data, lambda image: tf.cast(image, tf.float32) / 127.5 - 1, batch_size=32, seed=seed
    )
    training.set_seed(seed)
    model = networks.baseline_cnn(data.info.shape, classes=len(data.info.class_names))
    training.fit(model, ready, epochs=EPOCHS, patience=EPOCHS)
    return evaluation.report(model, ready.test, class_names=data.info.class_names).accuracy


def films() -> tuple[Row, Row]:
    """Return the row of ASL Alphabet, its dark frames, and what cutting its films is worth."""
    data = asl.load("asl_alphabet", size=SIZE, verbose=False)
    images = data.collection.images[np.arange(len(data.collection))]
    scores = {
        split: [round(network(split, seed), 4) for seed in NETWORK_SEEDS]
        for split in ("random", "blocks")
    }
    about = {"source": data.info.source, "is_real": data.info.is_real, "pictures": len(images)}
    return source_row(data.info), about | {"dark": dark(images), "networks": scores}


def main(names: list[str]) -> None:
    """Measure what was asked for, and write its record."""
    measured: dict[str, tuple[list, dict[str, Any]]] = {
        "leakage": (
            [lambda name=name: leaks(name) for name in SETS],
            {"same_photograph": SAME_PHOTO, "seeds": LEAK_SEEDS},
        ),
        "sign_mnist_data": (
            [nearest_images],
            {"same_photograph": SAME_PHOTO, "share": SHARE, "seeds": DEAL_SEEDS},
        ),
        "asl_alphabet": (
            [films],
            {"level": LEVEL, "share": DARK_SHARE, "limit": LIMIT, "epochs": EPOCHS}
            | {"seeds": NETWORK_SEEDS},
        ),
    }
    for name in names or measured:
        measures, recipe = measured[name]
        data, sets = drawn_then_real(*measures)
        print(record(name, recipe | {"sets": sets}, data=data))


if __name__ == "__main__":
    main(sys.argv[1:])
