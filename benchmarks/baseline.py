"""Record the baseline of chapter 8: three seeds, two splits, drawn hands and photographs.

    ASL_DATA_DIR=folder python -m benchmarks.baseline

The folder holds the real Sign Language MNIST in a form that asl.load reads.
"""

import sys
from typing import Any

import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import evaluation, networks, training
from asl_helpers.datasets.load import DataSplits
from benchmarks.record import data_folders, real_folder, record, source_row

SEEDS = (0, 1, 2)
SPLITS = ("blocks", "random")
RECIPE = {"epochs": 10, "patience": 3, "batch_size": 64, "learning_rate": 1e-3}
"""As in the chapter's quick profile."""


def preprocess(image: tf.Tensor) -> tf.Tensor:
    """One picture, uint8 0-255, to float32 0-1."""
    return tf.cast(image, tf.float32) / 255


def run(data: DataSplits, seed: int) -> dict[str, Any]:
    """Train once and return the scores of the test part."""
    ready = training.pipelines(data, preprocess, RECIPE["batch_size"], seed)
    training.set_seed(seed)
    model = networks.baseline_cnn(data.info.shape, len(data.info.class_names))
    options = {name: RECIPE[name] for name in ("epochs", "patience", "learning_rate")}
    history = training.fit(model, ready, **options)
    report = evaluation.report(model, ready.test, class_names=data.info.class_names)
    blocks = data.blocks[data.indices("test")]
    right = report.labels == report.predictions
    return {
        "split": data.info.split,
        "seed": seed,
        "sizes": data.info.sizes,
        "test_scenes": len(np.unique(blocks)),
        "scene_interval": evaluation.grouped_interval(right, blocks),
        "epochs": len(history),
        "best_epoch": history.attrs["best_epoch"],
        "train_accuracy": float(history["accuracy"].iloc[-1]),
        "validation_accuracy": float(history["val_accuracy"][history.attrs["best_epoch"]]),
        "seconds": round(float(history["seconds"].sum()), 1),
        "test": report.summary(),
    }


def measure() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row that describes the data set found now, and what its runs gave."""
    runs, scenes = [], 0
    for split in SPLITS:
        for seed in SEEDS:
            data = asl.load("sign_language_mnist", split=split, seed=seed, verbose=not runs)
            if not scenes:  # under the split by blocks every picture carries its scene
                scenes = len(np.unique(data.blocks))
            runs.append(run(data, seed))
            test = runs[-1]["test"]
            print(f"{split} {seed}: {test['accuracy']:.4f} of {test['images']}", flush=True)
    info = data.info
    size = {"source": info.source, "pictures": len(data.collection), "scenes": scenes}
    return source_row(info), {**size, "runs": runs}


def main() -> None:
    real_folder("the real Sign Language MNIST")
    (drawn_row, drawn), (real_row, real) = (measure() for _ in data_folders())
    if drawn_row["is_real"] or not real_row["is_real"]:
        sys.exit(f"Expected drawn, then real data; found {drawn_row} and {real_row}.")
    result = {"recipe": RECIPE, "seeds": SEEDS, "drawn": drawn, "real": real}
    print(record("baseline_cnn", result, data=[drawn_row, real_row], profile="quick"))


if __name__ == "__main__":
    main()
