"""Record the baseline of chapter 8: three seeds, two splits, on the data set that is found.

    python benchmarks/baseline.py                              the drawn twin
    ASL_DATA_DIR=folder python benchmarks/baseline.py          your own copy of the real set

Each writes its half of data/results/baseline_cnn.json and leaves the other as it is.
"""

import json
from typing import Any

import numpy as np
import tensorflow as tf
from record import environment, results_path

import asl_helpers as asl
from asl_helpers import evaluation, files, models, training
from asl_helpers.datasets import DataSplits

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
    model = models.baseline_cnn(data.info.shape, len(data.info.class_names))
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


def main() -> None:
    runs = []
    for split in SPLITS:
        for seed in SEEDS:
            data = asl.load("sign_language_mnist", split=split, seed=seed, verbose=not runs)
            runs.append(run(data, seed))
            test = runs[-1]["test"]
            print(f"{split} {seed}: {test['accuracy']:.4f} of {test['images']}", flush=True)
    path = results_path("baseline_cnn")
    whole = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    scenes = [len(np.unique(data.collection.groups)), len(data.collection)]
    whole["real" if data.info.is_real else "drawn"] = {
        "source": data.info.source,
        "sha256": data.info.sha256,
        "pictures": len(data.collection),
        "recipe": RECIPE,
        "runs": runs,
        **environment(),
    }
    del scenes
    with files.atomic_path(path) as unfinished:
        unfinished.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
