"""Record the experiments of chapter 10: rates, optimizers, batch sizes, mirrored training pictures.

    ASL_DATA_DIR=folder python -m benchmarks.experiments

The folder holds the real Sign Language MNIST in a form that asl.load reads. The tables of the runs
lie in _build/experiments: interrupted, the same command goes on where it stopped.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import augmentation, evaluation, networks, sweeps, training
from asl_helpers.datasets.load import DataSplits
from benchmarks.record import ROOT, real_folder, record

TABLES = ROOT / "_build" / "experiments"
SET, LIMIT = "sign_language_mnist", 60
"""At most so many pictures a class, over the three parts: near-copies of a scene are thinned."""

SEEDS = (0, 1, 2)
BATCH = 64
EPOCHS, VARIED, LONGER = 8, 20, 40
"""Epochs of a run, of one in which no picture comes twice the same, and of the check on that."""

SHARED_RATE = 1e-3
"""Adam's rate in Keras: where one rate serves for all, it is this one."""

OPTIMIZERS = {
    "SGD": lambda rate: keras.optimizers.SGD(rate),
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "RMSprop": lambda rate: keras.optimizers.RMSprop(rate),
    "Adam": lambda rate: keras.optimizers.Adam(rate),
}
SLOW, FAST = [0.01, 0.03, 0.1, 0.3, 1.0], [1e-4, 3e-4, 1e-3, 3e-3, 0.01]
RATES = {"SGD": SLOW, "momentum": SLOW, "RMSprop": FAST, "Adam": FAST}
BATCH_RATES = [3e-4, 1e-3, 3e-3]
EQUAL_STEPS = {16: EPOCHS // 4, 64: EPOCHS, 256: EPOCHS * 4}
"""Batch size -> the epochs in which it makes as many steps as the others."""

WARP = {"turn": 10, "shift": 0.1, "zoom": 0.1}
AUGMENTATIONS = {
    "none": {},
    "warp": WARP,
    "warp, mirror": {**WARP, "mirror": 0.5},
    "warp, upside down": WARP,  # and half of the pictures are turned over, below
}

Row = dict[str, Any]


def batches(images: np.ndarray, labels: np.ndarray, size: int, name: str, seed: int):
    """Return training batches in a new order in each epoch, varied as the augmentation says."""
    made = tf.data.Dataset.from_tensor_slices((images, labels))
    made = made.shuffle(len(labels), seed=seed).batch(size)
    if AUGMENTATIONS[name]:
        made = augmentation.varied(made, augmentation.Variation(**AUGMENTATIONS[name]), seed)
    if "upside down" in name:
        turn_over = keras.layers.RandomFlip("vertical", seed=seed)
        made = made.map(lambda pictures, classes: (turn_over(pictures, training=True), classes))
    return made


def pictures(data: DataSplits, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a part's pictures, float32 0-1, and labels, always in the same order."""
    images, labels = data.arrays(part)
    return images.astype(np.float32) / 255, labels


def trainer(load: Callable[[int], DataSplits]) -> Callable[..., Row]:
    """Return the function that the sweeps call, for the data that ``load(split)`` gives."""

    def train(
        optimizer: str,
        rate: float,
        batch_size: int,
        augmentation: str,
        epochs: int,
        split: int,
        seed: int,
    ) -> Row:
        keras.backend.clear_session()
        data = load(split)
        training.set_seed(seed)
        ready = SimpleNamespace(
            train=batches(*pictures(data, "train"), batch_size, augmentation, seed),
            validation=pictures(data, "validation"),
        )
        model = networks.baseline_cnn(data.info.shape, len(data.info.class_names))
        made = OPTIMIZERS[optimizer](rate)
        history = training.fit(model, ready, epochs, patience=epochs, optimizer=made)
        kept = history.loc[history.attrs["best_epoch"]]
        return {
            "val_loss": kept["val_loss"],
            "val_accuracy": kept["val_accuracy"],
            **test_scores(model, data),
            "train_loss": history["loss"].iloc[-1],
            "best_epoch": history.attrs["best_epoch"],
        }

    return train


def test_scores(model: keras.Model, data: DataSplits) -> dict[str, float]:
    """Accuracy on the test part as it is, and with left and right exchanged."""
    images, labels = pictures(data, "test")
    views = {"test_accuracy": images, "mirrored_accuracy": images[:, :, ::-1]}
    return {
        name: evaluation.report(model, view, labels, data.info.class_names).accuracy
        for name, view in views.items()
    }


def settings(seeds=SEEDS, **lists) -> list[Row]:
    """Return runs: the given lists, what is common to most, and one split of the data a seed."""
    common = {"batch_size": [BATCH], "augmentation": ["none"], "epochs": [EPOCHS]}
    return [
        run | {"split": seed, "seed": seed}
        for run in sweeps.grid(**{**common, **lists})
        for seed in seeds
    ]


Sweep = Callable[[list[Row]], pd.DataFrame]


def experiments(sweep: Sweep) -> dict[str, Any]:
    """Run the experiments on rates, seeds and augmentation by ``sweep(runs) -> table``.

    Rates are chosen on the validation part, with the first seed; the others then judge the choice.
    """
    grid = [
        run
        for optimizer, rates in RATES.items()
        for run in settings(SEEDS[:1], optimizer=[optimizer], rate=rates)
    ]
    rates = sweep(grid)
    chosen = sweeps.best(rates, "val_loss", by="optimizer").set_index("optimizer")["rate"]
    adam = {"optimizer": ["Adam"], "rate": [float(chosen["Adam"])]}
    at_best = [
        run
        for optimizer, rate in chosen.items()
        for run in settings(optimizer=[optimizer], rate=[float(rate)])
    ]
    same_split = [run | {"split": 0} for run in settings((0, 1, 2, 3, 4), **adam)]
    variants = settings(**adam, augmentation=list(AUGMENTATIONS), epochs=[VARIED])
    return {
        "chosen_rates": {name: float(rate) for name, rate in chosen.items()},
        "rates": rates,
        "optimizers": sweep(at_best),
        "augmentation": sweep(variants),
        "same_split": sweep(same_split),
    }


def longer(sweep: Sweep) -> dict[str, Any]:
    """Ask whether a cost of mirrored pictures remains where there is more time to learn them."""
    rates = sweep(settings(SEEDS[:1], optimizer=["Adam"], rate=RATES["Adam"]))
    rate = float(sweeps.best(rates, "val_loss")["rate"].iloc[0])
    adam = {"optimizer": ["Adam"], "rate": [rate], "epochs": [LONGER]}
    return {"longer": sweep(settings(**adam, augmentation=["warp", "warp, mirror"]))}


def batch_sizes(sweep: Sweep) -> dict[str, Any]:
    """Compare batch sizes twice: one rate and equal epochs; each its own rate and equal steps."""
    adam = {"optimizer": ["Adam"]}
    same = [
        run
        for size in EQUAL_STEPS
        for run in settings(**adam, rate=[SHARED_RATE], batch_size=[size], epochs=[EPOCHS])
    ]

    def steps(size, rates, seeds):
        one = {"batch_size": [size], "epochs": [EQUAL_STEPS[size]]}
        return settings(seeds, **adam, rate=rates, **one)

    rates = sweep([run for size in EQUAL_STEPS for run in steps(size, BATCH_RATES, SEEDS[:1])])
    chosen = sweeps.best(rates, "val_loss", by="batch_size").set_index("batch_size")["rate"]
    own = [run for size in EQUAL_STEPS for run in steps(size, [float(chosen[size])], SEEDS)]
    return {
        "chosen_batch_rates": {str(size): float(rate) for size, rate in chosen.items()},
        "batch_equal_epochs": sweep(same),
        "batch_equal_steps": sweep(own),
    }


def rows(table: pd.DataFrame) -> list[Row]:
    """Return a table as JSON has it: None for what is missing, four digits after the point."""
    short = table.round(4).astype(object)
    return short.where(short.notna(), None).to_dict("records")


def measure(kind: str, parts: Sequence[Callable[[Sweep], dict]]) -> tuple[Row, Row]:
    """Return the row that describes the data set found now, and what its experiments gave."""

    @cache
    def load(split: int) -> DataSplits:
        return asl.load(SET, split="blocks", seed=split, limit=LIMIT, verbose=split == 0)

    info = load(0).info
    about = {"source": info.source, "sha256": info.sha256}
    train = trainer(load)

    def sweep(runs: list[Row]) -> pd.DataFrame:
        path = TABLES / f"{kind}.jsonl"
        return sweeps.run_sweep(runs, train, path, about | {"limit": LIMIT})

    found = {name: given for part in parts for name, given in part(sweep).items()}
    found = {name: rows(t) if isinstance(t, pd.DataFrame) else t for name, t in found.items()}
    every = sweeps.read_table(TABLES / f"{kind}.jsonl")
    scenes = {seed: len(np.unique(load(seed).blocks[load(seed).indices("test")])) for seed in SEEDS}
    sizes = {
        "source": info.source,
        "sizes": info.sizes,
        "test_scenes": scenes,
        "runs": len(every),
        "minutes": round(float(every["seconds"].sum()) / 60, 1),
    }
    return about | {"is_real": info.is_real}, sizes | found


def main() -> None:
    real_folder("the real Sign Language MNIST")
    real_row, real = measure("real", [experiments, batch_sizes, longer])
    del os.environ["ASL_DATA_DIR"]
    drawn_row, drawn = measure("drawn", [experiments])
    if drawn_row["is_real"] or not real_row["is_real"]:
        sys.exit(f"Expected real, then drawn data; found {real_row} and {drawn_row}.")
    recipe = {
        "network": "baseline_cnn",
        "split": "blocks",
        "pictures_a_class": LIMIT,
        "epochs": {
            "rates": EPOCHS,
            "batch_sizes": EPOCHS,
            "augmentation": VARIED,
            "longer": LONGER,
        },
        "batch_size": BATCH,
        "rates": RATES,
        "warp": WARP,
    }
    result = {"recipe": recipe, "seeds": SEEDS, "drawn": drawn, "real": real}
    print(record("experiments", result, data=[drawn_row, real_row], profile="quick"))


if __name__ == "__main__":
    main()
