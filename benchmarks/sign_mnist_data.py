"""Record what is in Sign Language MNIST, and how far a split alone moves a score on it.

    ASL_DATA_DIR=folder python -m benchmarks.sign_mnist_data

The drawn twin, and the real set where the folder holds it: how even the letters are, and how well
the nearest training picture names the letter under three ways to split. There is no network and
no training in that, so a high score under one split and a low one under another is the split's
doing.
"""

from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

import asl_helpers as asl
from asl_helpers.datasets.splits import SAME_PHOTO, near_copies
from asl_helpers.evaluation import grouped_interval
from benchmarks.record import drawn_then_real, record, source_row

SEEDS = (0, 1, 2, 3, 4)
SHARE = 0.2


def deal(
    labels: np.ndarray, groups: np.ndarray, share: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a mask of test pictures, bool (n,): whole groups of each letter, up to ``share``."""
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


def measure() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row that describes the data set, and the scores under each split."""
    data = asl.load("sign_language_mnist", verbose=False)
    info, whole = data.info, data.collection
    images, labels = whole.images.read(np.arange(len(whole))), whole.labels
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    ways = {
        "random": np.arange(len(labels)),
        "copies": near_copies(images, labels),
        "blocks": data.blocks,
    }
    found = {}
    for way, groups in ways.items():
        scores, intervals, sizes = [], [], []
        for seed in SEEDS:
            test = deal(labels, groups, SHARE, np.random.default_rng(seed))
            nearest = KNeighborsClassifier(1, algorithm="brute").fit(pixels[~test], labels[~test])
            right = nearest.predict(pixels[test]) == labels[test]
            scores.append(round(float(right.mean()), 4))
            intervals.append([round(v, 4) for v in grouped_interval(right, data.blocks[test])])
            sizes.append(int(test.sum()))
        found[way] = {
            "accuracy": round(float(np.mean(scores)), 4),
            "accuracy_by_seed": scores,
            "interval_by_seed": intervals,
            "test_pictures_by_seed": sizes,
            "groups": len(np.unique(groups)),
        }
        print(info.source, way, found[way], flush=True)
    row = source_row(info)
    _, first = np.unique(data.blocks, return_index=True)
    uneven = {
        "pictures": chi_square(np.bincount(labels)),
        "blocks": chi_square(np.bincount(labels[first])),
    }
    counted = {"pictures": len(labels), "blocks": len(first), "chi_square": uneven}
    return row, row | counted | {"splits": found}


def main() -> None:
    rows, sets = drawn_then_real(measure)
    result = {"same_photograph": SAME_PHOTO, "share": SHARE, "seeds": SEEDS, "sets": sets}
    print(record("sign_mnist_data", result, data=rows))


if __name__ == "__main__":
    main()
