"""Record the experiments of chapter 11: rates, optimizers, batch sizes, mirrored training pictures.

    ASL_DATA_DIR=folder python -m benchmarks.experiments

The folder holds the real Sign Language MNIST in a form that asl.load reads. Finished runs stay in
the cache: interrupted, the same command goes on where it stopped.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import augmentation, evaluation, networks, sweeps, training
from asl_helpers.datasets.load import DataSplits
from asl_helpers.files import cache_dir
from benchmarks.record import Row, json_rows, real_folder, record, source_row

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
        start, data = perf_counter(), load(split)
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
            "seconds": perf_counter() - start,
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


def best_rates(table: pd.DataFrame, by: str) -> pd.Series:
    """Return the rate with the lowest validation loss for each value of ``by``."""
    rows = table.loc[table.groupby(by, sort=False)["val_loss"].idxmin()]
    return rows.set_index(by)["rate"].astype(float)


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
    chosen = best_rates(rates, "optimizer")
    adam = {"optimizer": ["Adam"], "rate": [chosen["Adam"]]}
    at_best = [
        run
        for optimizer, rate in chosen.items()
        for run in settings(optimizer=[optimizer], rate=[rate])
    ]
    same_split = [run | {"split": 0} for run in settings((0, 1, 2, 3, 4), **adam)]
    return {
        "chosen_rates": chosen.to_dict(),
        "rates": rates,
        "optimizers": sweep(at_best),
        "augmentation": sweep(settings(**adam, augmentation=list(AUGMENTATIONS), epochs=[VARIED])),
        "same_split": sweep(same_split),
    }


def longer(sweep: Sweep) -> dict[str, Any]:
    """Ask whether a cost of mirrored images remains where there is more time to learn them."""
    rates = sweep(settings(SEEDS[:1], optimizer=["Adam"], rate=RATES["Adam"]))
    rate = best_rates(rates, "optimizer")["Adam"]
    adam = {"optimizer": ["Adam"], "rate": [rate], "epochs": [LONGER]}
    return {"longer": sweep(settings(**adam, augmentation=["warp", "warp, mirror"]))}


def batch_sizes(sweep: Sweep) -> dict[str, Any]:
    """Compare batch sizes twice: one rate and equal epochs; each its own rate and equal steps."""

    def steps(size, rates, seeds):
        one = {"batch_size": [size], "epochs": [EQUAL_STEPS[size]]}
        return settings(seeds, optimizer=["Adam"], rate=rates, **one)

    same = {"optimizer": ["Adam"], "rate": [SHARED_RATE], "epochs": [EPOCHS]}
    same_rate = [run for size in EQUAL_STEPS for run in settings(batch_size=[size], **same)]
    rates = sweep([run for size in EQUAL_STEPS for run in steps(size, BATCH_RATES, SEEDS[:1])])
    chosen = best_rates(rates, "batch_size")
    own_rate = [run for size in EQUAL_STEPS for run in steps(size, [chosen[size]], SEEDS)]
    return {
        "chosen_batch_rates": {str(size): rate for size, rate in chosen.items()},
        "batch_equal_epochs": sweep(same_rate),
        "batch_equal_steps": sweep(own_rate),
    }


def measure(parts: Sequence[Callable[[Sweep], dict]]) -> tuple[Row, Row]:
    """Return the row that describes the data set found now, and what its experiments gave."""

    @cache
    def load(split: int) -> DataSplits:
        return asl.load(SET, split="blocks", seed=split, limit=LIMIT, verbose=split == 0)

    about, tables = source_row(load(0).info), []
    train, folder = trainer(load), cache_dir() / "benchmarks" / "experiments"

    def sweep(runs: list[Row]) -> pd.DataFrame:
        tables.append(sweeps.run_sweep(runs, train, folder, about | {"limit": LIMIT}))
        return tables[-1]

    found = {name: given for part in parts for name, given in part(sweep).items()}
    found = {name: json_rows(t) if isinstance(t, pd.DataFrame) else t for name, t in found.items()}
    every = pd.concat(tables).drop_duplicates(list(settings(optimizer=[""], rate=[0])[0]))
    tests = {seed: load(seed).blocks[load(seed).indices("test")] for seed in SEEDS}
    sizes = {
        "source": about["source"],
        "sizes": load(0).info.sizes,
        "test_scenes": {seed: len(np.unique(blocks)) for seed, blocks in tests.items()},
        "runs": len(every),
        "minutes": round(float(every["seconds"].sum()) / 60, 1),
    }
    return about, sizes | found


def main() -> None:
    """Run the experiments on the real set, then on the drawn twin, and record them."""
    real_folder("the real Sign Language MNIST")
    real_row, real = measure([experiments, batch_sizes, longer])
    del os.environ["ASL_DATA_DIR"]
    drawn_row, drawn = measure([experiments])
    if drawn_row["is_real"] or not real_row["is_real"]:
        sys.exit(f"Expected real, then drawn data; found {real_row} and {drawn_row}.")
    lengths = {"rates": EPOCHS, "batch_sizes": EPOCHS, "augmentation": VARIED, "longer": LONGER}
    recipe = {
        "network": "baseline_cnn",
        "split": "blocks",
        "pictures_a_class": LIMIT,
        "epochs": lengths,
        "batch_size": BATCH,
        "rates": RATES,
        "warp": WARP,
    }
    result = {"recipe": recipe, "seeds": SEEDS, "drawn": drawn, "real": real}
    print(record("experiments", result, data=[drawn_row, real_row], profile="quick"))


if __name__ == "__main__":
    main()
