"""The trainings of `sign_mnist`: how each network learns, and the row that is kept of it.

A row is written as soon as it is there, under a key made of the recipe, the data and the code that
it depends on: a stopped benchmark goes on where it was, and nothing stale is reused.
"""

import hashlib
import inspect
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from asl_helpers import augmentation, evaluation, networks, training
from asl_helpers.augmentation import Variation
from asl_helpers.datasets.load import DataSplits
from asl_helpers.datasets.splits import near_copies
from asl_helpers.files import atomic_path
from asl_helpers.layers import SqueezeExcitation
from benchmarks.sign_mnist_recipes import BUILDERS, MILD, Recipe, drawn_hands

# Read once, beside the import: a file that changes during a run must not stand for what ran.
_CODE = "".join(
    map(
        inspect.getsource,
        (
            networks.baseline_cnn,
            networks.custom_cnn,
            networks.attention_cnn,
            networks._conv_norm_relu,
            SqueezeExcitation,
            augmentation,
        ),
    )
)


class Watch(keras.callbacks.Callback):
    """Notes the test accuracy of every epoch: to show what picking by it would gain."""

    def __init__(self, read) -> None:
        super().__init__()
        self.read, self.accuracies = read, []

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.accuracies.append(self.read())


class Run:
    """One training: a recipe, a split of the data, a seed.

    Parameters
    ----------
    recipe, data, seed:
        How, on what, and the seed of weights, order and variations.
    drawn:
        Images uint8 and labels of the drawn hands, where the recipe has any.
    """

    def __init__(self, recipe: Recipe, data: DataSplits, seed: int, drawn=None) -> None:
        training.set_seed(seed)
        self.recipe, self.data, self.seed, self.drawn = recipe, data, seed, drawn
        self.parts = {part: _ready(data.arrays(part)) for part in data.info.sizes}
        self.parts["train"] = _thinned(self.parts["train"], data, recipe.thin)
        classes = len(data.info.class_names)
        self.network = BUILDERS[recipe.network](data.info.shape, classes)
        self.model = _evened(self.network, data.info.shape) if recipe.evened else self.network
        self.steps = -(-len(self.parts["train"][1]) // recipe.batch)

    def probabilities(self, part: str, views: int = 0) -> np.ndarray:
        """Return the probabilities (n, classes) of a part, the mean over shifted views."""
        images, _ = self.parts[part]
        shifts = (-views, 0, views) if views else (0,)
        padded = np.pad(images, ((0, 0), (views, views), (views, views), (0, 0)), "edge")
        height, width = images.shape[1:3]
        found = []
        for down in shifts:
            for right in shifts:
                top, left = views + down, views + right
                view = padded[:, top : top + height, left : left + width]
                logits = [
                    np.asarray(self.model(view[i : i + 256], training=False))
                    for i in range(0, len(view), 256)
                ]
                found.append(evaluation.softmax(np.concatenate(logits)))
        return np.mean(found, axis=0)

    def accuracy(self, part: str) -> float:
        """Return the share of a part that is read right."""
        right = self.probabilities(part).argmax(axis=1) == self.parts[part][1]
        return float(right.mean())

    def train(self) -> dict[str, Any]:
        """Train as the recipe says; return what was noted in every epoch on photographs."""
        recipe = self.recipe
        if recipe.variation is None:
            return self._by_the_course()
        batches = self.stream(self.parts["train"], recipe.variation, recipe.batch)
        if not recipe.photographs:
            batches = self.stream(self.drawn, MILD, recipe.batch, 50)
        elif recipe.mixed:
            drawn = self.stream(self.drawn, MILD, recipe.mixed, 50)
            batches = tf.data.Dataset.zip(batches, drawn).map(_joined)
        return self._epochs(batches.prefetch(4), recipe.epochs)

    def _by_the_course(self) -> dict[str, Any]:
        """Train as chapter 9 does, all epochs; the weights of the best one are kept."""
        watch = Watch(lambda: self.accuracy("test"))
        history = training.fit(
            self.model,
            _Pairs(self.parts["train"], self.parts["validation"]),
            epochs=self.recipe.epochs,
            patience=self.recipe.epochs,
            batch_size=self.recipe.batch,
            learning_rate=self.recipe.learning_rate,
            callbacks=[watch],
        )
        return {
            "best_epoch": history.attrs["best_epoch"],
            "seconds_per_epoch": float(history["seconds"].iloc[1:].median()),
            "train_accuracy": float(history["accuracy"].iloc[-1]),
            "curves": {
                "val_loss": history["val_loss"].round(4).tolist(),
                "val_accuracy": history["val_accuracy"].round(4).tolist(),
                "test_accuracy": [round(value, 4) for value in watch.accuracies],
            },
        }

    def stream(self, part, variation: Variation, batch: int, salt: int = 0) -> tf.data.Dataset:
        """Return endless batches of varied pictures and one-hot labels."""
        images, labels = part
        classes = len(self.data.info.class_names)
        if images.dtype == np.uint8:
            images = images.astype(np.float32) / 255
        batches = tf.data.Dataset.from_tensor_slices((images, tf.one_hot(labels, classes)))
        batches = batches.shuffle(len(images), seed=self.seed + salt).repeat().batch(batch)
        return augmentation.varied(batches, variation, self.seed + salt)

    def _epochs(self, batches: tf.data.Dataset, epochs: int) -> dict[str, Any]:
        """Train with a rate that rises for one epoch and falls along half a cosine wave."""
        recipe = self.recipe
        rate = keras.optimizers.schedules.CosineDecay(
            recipe.learning_rate / 10,
            self.steps * (epochs - 1),
            alpha=0.01,
            warmup_target=recipe.learning_rate,
            warmup_steps=self.steps,
        )
        self.model.compile(
            keras.optimizers.AdamW(
                rate,
                weight_decay=recipe.decay,
                use_ema=bool(recipe.average),
                ema_momentum=recipe.average or 0.99,
            ),
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe.smoothing
            ),
            jit_compile=False,
        )
        swap = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if recipe.average else []
        seconds, started = [], time.perf_counter()
        marks = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: seconds.append(time.perf_counter())
        )
        self.model.fit(
            batches,
            epochs=epochs,
            steps_per_epoch=self.steps,
            shuffle=False,  # the dataset shuffles itself
            callbacks=[marks, *swap],
            verbose=0,
        )
        lengths = np.diff([started, *seconds])
        return {
            "best_epoch": epochs,
            "seconds_per_epoch": float(np.median(lengths[1:] if epochs > 1 else lengths)),
        }


@dataclass(frozen=True)
class _Pairs:
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]


def _ready(part) -> tuple[np.ndarray, np.ndarray]:
    images, labels = part
    return images.astype(np.float32) / 255, labels


def _thinned(part, data: DataSplits, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every ``step``-th picture of each block of the training part."""
    blocks = data.blocks[data.indices("train")]
    order = np.argsort(blocks, kind="stable")
    place = np.empty(len(blocks), np.int64)  # of each picture among those of its block
    place[order] = np.arange(len(blocks)) - np.searchsorted(blocks[order], blocks[order])
    return tuple(array[place % step == 0] for array in part)


def _joined(one, other):
    """Return two batches of (images, labels) as one."""
    return tuple(tf.concat(pair, axis=0) for pair in zip(one, other, strict=True))


def _evened(network: keras.Model, shape: tuple[int, int, int]) -> keras.Model:
    """Return the network behind a layer that brings each picture to mean 0 and deviation 1."""
    images = keras.Input(shape)
    even = layers.LayerNormalization(axis=[1, 2, 3], center=False, scale=False)
    return keras.Model(images, network(even(images)))


def row(run: Run) -> dict[str, Any]:
    """Train, and return what the run was and how it read validation and test part."""
    info, start = run.data.info, time.perf_counter()
    noted = run.train()
    found = {"parameters": run.network.count_params(), **noted}
    # Found anew: a random split and the official one do not say which pictures are copies.
    blocks = near_copies(*run.data.arrays("test"))
    for part in ("validation", "test"):
        probs, labels = run.probabilities(part, run.recipe.views), run.parts[part][1]
        report = evaluation.report_from_probs(labels, probs, info.class_names)
        found[part] = report.summary()
        if part == "test":
            right = report.labels == report.predictions
            found["test"]["photographs"] = len(np.unique(blocks))
            found["test"]["photograph_interval"] = evaluation.grouped_interval(right, blocks)
    if run.recipe.views:
        found["test"]["accuracy_one_view"] = run.accuracy("test")
    found["seconds"] = round(time.perf_counter() - start, 1)
    return {"split": info.split, "seed": run.seed, "sizes": info.sizes, **found}


def kept_row(name: str, recipe: Recipe, data: DataSplits, seed: int, folder: Path) -> dict:
    """Return the row of a run, from ``folder`` if it is there."""
    info = data.info
    key = json.dumps([asdict(recipe), info.sha256, info.split, info.seed, seed]) + _CODE
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    path = folder / f"{name}_{info.split}_{seed}_{digest}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    drawn = drawn_hands(recipe.drawn, folder) if recipe.drawn else None
    found = row(Run(recipe, data, seed, drawn))
    with atomic_path(path) as made:
        made.write_text(json.dumps(found), encoding="utf-8")
    scores = [round(found[part]["accuracy"], 4) for part in ("validation", "test")]
    print(name, info.split, seed, scores, f"{found['seconds']:.0f} s", flush=True)
    return found
