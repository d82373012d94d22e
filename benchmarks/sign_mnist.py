"""Record what each network of chapter 10 reads of Sign Language MNIST, three seeds each.

    ASL_DATA_DIR=folder python -m benchmarks.sign_mnist           all of it
    ASL_DATA_DIR=folder python -m benchmarks.sign_mnist --quick   seconds, nothing recorded

The folder holds the real set, or its official test part alone. What is found decides the protocol.
With both parts (the folder's, or Kaggle's): the official test part, with validation by photographs
from the training part. With the test part alone: train, validation and test cut from it by
photographs. Finished trainings stay in the cache: interrupted, the command goes on where it was.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import augmentation, evaluation, files, hand, networks, training
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.augmentation import Variation
from asl_helpers.datasets.load import DataSplits
from asl_helpers.datasets.splits import SAME_PHOTO, fingerprints, near_copies
from benchmarks.record import DRAWN, Row, memory, record, source_row, spread

SEEDS = (0, 1, 2)
CEILING = 300_000
AIM = 0.995

BUILDERS = {
    "baseline_cnn": networks.baseline_cnn,
    "custom_cnn": networks.custom_cnn,
    "plain_cnn": lambda shape, classes: networks.attention_cnn(shape, classes, attention=False),
    "attention_cnn": networks.attention_cnn,
}

MILD = Variation(turn=10, shift=0.08, zoom=0.1, contrast=0.2, brightness=0.1)
"""For drawn hands, which differ in view, light and camera as they are."""

STRONG = Variation(
    turn=15, shift=0.12, zoom=0.2, stretch=0.15, shear=0.15, contrast=0.6, brightness=0.15,
    shade=0.2, blur=0.7, noise=0.04, cutout=0.3,
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    network:
        A name in `BUILDERS`.
    epochs:
        Passes over the photographs' training part.
    variation:
        How its images are varied; None leaves them as they are.
    thin:
        Of a photograph's copies in the training part, every so-manieth is used.
    drawn, mixed:
        How many drawn hands there are to learn from, and how many of them stand beside the
        photographs in every batch; 0 trains on one of the two alone.
    photographs:
        Whether photographs are learnt from at all.
    learning_rate, smoothing, decay, average:
        Adam's rate (it falls along half a cosine wave if there is a variation), label smoothing,
        decoupled weight decay, and the momentum of the weights' moving average (0: none).
    evened:
        Whether every image is brought to mean 0 and deviation 1 at the network's input.
    views:
        Test images are also read shifted by so many pixels in 8 directions, answers averaged.
    batch:
        Images per step.
    """

    network: str
    epochs: int
    variation: Variation | None = None
    thin: int = 1
    drawn: int = 0
    mixed: int = 0
    photographs: bool = True
    learning_rate: float = 1e-3
    smoothing: float = 0.0
    decay: float = 0.0
    average: float = 0.0
    evened: bool = False
    views: int = 0
    batch: int = 64


LONG = Recipe(
    "custom_cnn", 16, STRONG, thin=2, learning_rate=2e-3, smoothing=0.1, decay=1e-4, average=0.99,
    evened=True, views=2,
)  # fmt: skip

RECIPES = {
    **{name: Recipe(name, epochs=6, thin=2) for name in BUILDERS},
    "varied": LONG,
    "varied_and_drawn": replace(LONG, drawn=24_000, mixed=32),
    "drawn_alone": replace(LONG, drawn=24_000, photographs=False),
}
"""The first four are compared with each other: every epoch is trained, the best by validation loss
is kept. The others are one network in other trainings."""

CANDIDATES = ("varied", "varied_and_drawn")
"""Among these, the validation part of each seed chooses the best recipe."""

AT_RANDOM = ("varied",)
"""Trained on a random split as well, one seed, to show what that split hides."""

ANCHORS = [
    {
        "what": "a CNN of 264,049 parameters, official protocol, no augmentation",
        "accuracy": 0.948,
        "best_epoch_accuracy": 0.964,
        "note": "last epoch, and best epoch by the test part, which was watched in every epoch",
    },
    {
        "what": "the same with augmentation",
        "accuracy": 0.987,
        "best_epoch_accuracy": 0.998,
        "note": "last epoch, and best epoch by the test part, which was watched in every epoch",
    },
    {
        "what": "a validation part drawn at random from the training part",
        "validation_accuracy": 1.0,
        "accuracy": 0.959,
        "note": "copies of a photograph on both sides of the validation split",
    },
]
"""Published elsewhere on the official split, with about five times as many photographs."""


def drawn_hands(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw hands at 28 pixels, grey, close up: images (n, 28, 28, 1) uint8 and labels."""
    size = 12_000  # hands drawn at a time: their landmarks fit in memory
    counts = [min(size, count - start) for start in range(0, count, size)]
    pieces = [
        hand.sample_images(STATIC_LETTERS, n, 28, 9001 + piece, gray=True, close=True)
        for piece, n in enumerate(counts)
    ]
    return tuple(np.concatenate(part) for part in zip(*pieces, strict=True))


class Run:
    """One training: a recipe, a split of the data, a seed, and the drawn hands if it has any."""

    def __init__(self, recipe: Recipe, data: DataSplits, seed: int, drawn=None) -> None:
        training.set_seed(seed)
        self.recipe, self.data, self.seed, self.drawn = recipe, data, seed, drawn
        self.parts = {
            part: (images.astype(np.float32) / 255, labels)
            for part, (images, labels) in ((p, data.arrays(p)) for p in data.info.sizes)
        }
        kept = place_in_block(data.blocks[data.indices("train")]) % recipe.thin == 0
        self.parts["train"] = tuple(array[kept] for array in self.parts["train"])
        self.classes = len(data.info.class_names)
        self.network = BUILDERS[recipe.network](data.info.shape, self.classes)
        self.model = evened(self.network, data.info.shape) if recipe.evened else self.network

    def probabilities(self, part: str, views: int = 0) -> np.ndarray:
        """Return the probabilities (n, classes) of a part, the mean over shifted views."""
        images, _ = self.parts[part]
        height, width = images.shape[1:3]
        padded = np.pad(images, ((0, 0), (views, views), (views, views), (0, 0)), "edge")
        shifts = (0, views, 2 * views) if views else (0,)
        found = []
        for top in shifts:
            for left in shifts:
                view = padded[:, top : top + height, left : left + width]
                batches = [view[start : start + 256] for start in range(0, len(view), 256)]
                logits = [np.asarray(self.model(batch, training=False)) for batch in batches]
                found.append(evaluation.softmax(np.concatenate(logits)))
        return np.mean(found, axis=0)

    def accuracy(self, part: str) -> float:
        """Return the share of a part that is classified correctly."""
        return float((self.probabilities(part).argmax(axis=1) == self.parts[part][1]).mean())

    def train(self) -> Row:
        """Train as the recipe says; return what was noted of every epoch on photographs."""
        recipe = self.recipe
        if recipe.variation is None:
            return self._by_the_course()
        batches = self.stream(self.parts["train"], recipe.variation, recipe.batch)
        if not recipe.photographs:
            batches = self.stream(self.drawn, MILD, recipe.batch, 50)
        elif recipe.mixed:
            drawn = self.stream(self.drawn, MILD, recipe.mixed, 50)
            batches = tf.data.Dataset.zip(batches, drawn).map(
                lambda one, other: tuple(
                    tf.concat(pair, axis=0) for pair in zip(one, other, strict=True)
                )
            )
        return self._epochs(batches.prefetch(4), recipe.epochs)

    def _by_the_course(self) -> Row:
        """Train as chapter 10 does, all epochs; the weights of the best one are kept.

        The test accuracy of every epoch is noted, to show what picking by it would gain.
        """
        recipe, tested = self.recipe, []
        watch = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: tested.append(round(self.accuracy("test"), 4))
        )
        history = training.fit(
            self.model,
            SimpleNamespace(**self.parts),
            epochs=recipe.epochs,
            patience=recipe.epochs,
            batch_size=recipe.batch,
            learning_rate=recipe.learning_rate,
            callbacks=[watch],
        )
        curves = {name: history[name].round(4).tolist() for name in ("val_loss", "val_accuracy")}
        return {
            "best_epoch": history.attrs["best_epoch"],
            "seconds_per_epoch": float(history["seconds"].iloc[1:].median()),
            "train_accuracy": float(history["accuracy"].iloc[-1]),
            "curves": curves | {"test_accuracy": tested},
        }

    def stream(self, part, variation: Variation, batch: int, salt: int = 0) -> tf.data.Dataset:
        """Return endless batches of varied images and one-hot labels."""
        images, labels = part
        if images.dtype == np.uint8:
            images = images.astype(np.float32) / 255
        batches = tf.data.Dataset.from_tensor_slices((images, tf.one_hot(labels, self.classes)))
        batches = batches.shuffle(len(images), seed=self.seed + salt).repeat().batch(batch)
        return augmentation.varied(batches, variation, self.seed + salt)

    def _epochs(self, batches: tf.data.Dataset, epochs: int) -> Row:
        """Train with a rate that rises for one epoch and falls along half a cosine wave."""
        recipe = self.recipe
        steps = -(-len(self.parts["train"][1]) // recipe.batch)
        rate = keras.optimizers.schedules.CosineDecay(
            recipe.learning_rate / 10,
            steps * (epochs - 1),
            alpha=0.01,
            warmup_target=recipe.learning_rate,
            warmup_steps=steps,
        )
        average = {"use_ema": True, "ema_momentum": recipe.average} if recipe.average else {}
        self.model.compile(
            keras.optimizers.AdamW(rate, weight_decay=recipe.decay, **average),
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe.smoothing
            ),
            jit_compile=False,
        )
        swap = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if average else []
        started = time.perf_counter()
        self.model.fit(
            batches,
            epochs=epochs,
            steps_per_epoch=steps,
            shuffle=False,  # the dataset shuffles itself
            callbacks=swap,
            verbose=0,
        )
        seconds = (time.perf_counter() - started) / epochs
        return {"best_epoch": epochs, "seconds_per_epoch": seconds}


def place_in_block(blocks: np.ndarray) -> np.ndarray:
    """Return the place of each image among those of its block, from 0."""
    order = np.argsort(blocks, kind="stable")
    place = np.empty(len(blocks), np.int64)
    place[order] = np.arange(len(blocks)) - np.searchsorted(blocks[order], blocks[order])
    return place


def evened(network: keras.Model, shape: tuple[int, int, int]) -> keras.Model:
    """Return the network behind a layer that brings each image to mean 0 and deviation 1."""
    images = keras.Input(shape)
    even = keras.layers.LayerNormalization(axis=[1, 2, 3], center=False, scale=False)
    return keras.Model(images, network(even(images)))


@lru_cache(maxsize=2)
def loaded(split: str, seed: int, limit: int | None = None) -> DataSplits:
    """Return the set under a split."""
    return asl.load("sign_language_mnist", split=split, seed=seed, limit=limit, verbose=False)


def trained(name: str, recipe: Recipe, split: str, seed: int, limit: int | None, sha256) -> Row:
    """Train, and return what the run was and how it reads the validation and the test part.

    ``sha256`` is that of the data, for the cache alone.
    """
    data, start = loaded(split, seed, limit), time.perf_counter()
    drawn = memory("sign_mnist").cache(drawn_hands)(recipe.drawn) if recipe.drawn else None
    run = Run(recipe, data, seed, drawn)
    found = run.train() | {"parameters": run.network.count_params()}
    # Found anew: a random split and the official one do not say which images are copies.
    blocks = near_copies(*data.arrays("test"))
    for part in ("validation", "test"):
        probs, labels = run.probabilities(part, recipe.views), run.parts[part][1]
        report = evaluation.report_from_probs(labels, probs, data.info.class_names)
        found[part] = report.summary()
    right = report.labels == report.predictions
    found["test"]["photographs"] = len(np.unique(blocks))
    found["test"]["photograph_interval"] = evaluation.grouped_interval(right, blocks)
    if recipe.views:
        found["test"]["accuracy_one_view"] = run.accuracy("test")
    found["seconds"] = round(time.perf_counter() - start, 1)
    scores = [round(found[part]["accuracy"], 4) for part in ("validation", "test")]
    print(name, split, seed, scores, f"{found['seconds']:.0f} s", flush=True)
    return {"split": split, "seed": seed, "sizes": data.info.sizes, **found}


def summary(rows: list[Row]) -> Row:
    """Return a recipe's scores over its seeds, and its runs."""
    scores = {
        f"{part}_accuracy": spread([row[part]["accuracy"] for row in rows])
        for part in ("validation", "test")
    }
    return {
        "parameters": rows[0]["parameters"],
        **scores,
        "macro_f1": spread([row["test"]["macro_f1"] for row in rows]),
        "runs": rows,
    }


def chosen(recipes: dict[str, Row], candidates=CANDIDATES) -> Row:
    """Return the best recipe of each seed by its validation part, and what its test part gives."""
    picks = []
    for place in range(len(recipes[candidates[0]]["runs"])):
        runs = {name: recipes[name]["runs"][place] for name in candidates}
        name = max(runs, key=lambda name: runs[name]["validation"]["accuracy"])
        picks.append({"seed": runs[name]["seed"], "recipe": name, "run": runs[name]})
    return {
        "by": "validation accuracy of each seed",
        "candidates": list(candidates),
        "picked": [pick["recipe"] for pick in picks],
        "parameters": max(pick["run"]["parameters"] for pick in picks),
        "test_accuracy": spread([pick["run"]["test"]["accuracy"] for pick in picks]),
    }


def unit(data: DataSplits) -> Row:
    """Say what the split keeps apart: how many photographs, and how near those of two parts are."""
    groups, nearest = {}, []
    (train, labels), (test, answers) = data.arrays("train"), data.arrays("test")
    for part in data.info.sizes:
        groups[part] = near_copies(*data.arrays(part))
    _, first = np.unique(groups["test"], return_index=True)
    for label in np.unique(labels):
        asked = fingerprints(test[first[answers[first] == label]])
        nearest.append((asked @ fingerprints(train[labels == label]).T).max(axis=1))
    correlations = np.concatenate(nearest)
    copies = np.concatenate([np.bincount(found) for found in groups.values()])
    return {
        "kept_together": "a photograph with all its altered copies",
        "not_kept_apart": "people, backgrounds and sessions: the set does not say which are whose",
        "threshold": SAME_PHOTO,
        "photographs": {part: int(found.max()) + 1 for part, found in groups.items()},
        "copies": {"median": float(np.median(copies)), "most": int(copies.max())},
        "nearest_in_training": {
            "median": float(np.median(correlations)),
            "highest": float(correlations.max()),
        },
    }


def network_pace(network: str, data: DataSplits, batch: int = 64, batches: int = 40) -> float:
    """Return images per second of processor time that training a network takes."""
    run = Run(Recipe(network, 1), data, 0)
    images, labels = (part[:batch] for part in run.parts["train"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    run.model.compile("adam", loss, jit_compile=False)
    return len(labels) / core_seconds(lambda: run.model.train_on_batch(images, labels), batches)


def input_pace(recipe: Recipe, data: DataSplits, batches: int = 40) -> dict[str, float]:
    """Return images per second that the varying pipeline gives alone, and that training takes.

    The first must be well above the second, or the network would wait for its images.
    """
    run = Run(recipe, data, 0)
    stream = iter(run.stream(run.parts["train"], recipe.variation, recipe.batch))
    alone = recipe.batch / core_seconds(lambda: next(stream), batches)
    learned = network_pace(recipe.network, data, recipe.batch, batches)
    return {
        "pipeline_images_per_core_second": round(alone),
        "training_images_per_core_second": round(learned),
        "times_faster": round(alone / learned, 1),
    }


def core_seconds(act: Callable[[], object], rounds: int) -> float:
    """Return the processor time of one call, the mean of ``rounds`` after a few to warm up."""
    for _ in range(3):
        act()
    start = time.process_time()
    for _ in range(rounds):
        act()
    return (time.process_time() - start) / rounds


def measure(quick: bool = False) -> tuple[Row, Row]:
    """Return what was measured, and the row that describes the data.

    ``quick`` trains each recipe for two epochs on a few images, one seed.
    """
    seeds, recipes, limit, batches = SEEDS, RECIPES, None, 60
    if quick:
        seeds, limit, batches = SEEDS[:1], 20, 4
        recipes = {
            name: replace(recipe, epochs=2, drawn=min(recipe.drawn, 48))
            for name, recipe in RECIPES.items()
        }
    parts = loaded("blocks", 0).collection.parts
    both_parts = parts is not None and {"train", "test"} <= set(parts)
    splits = ("official" if both_parts else "blocks", "random")
    sha256, train = loaded("blocks", 0).info.sha256, memory("sign_mnist").cache(trained)

    def summaries(split: str, names, seeds) -> dict[str, Row]:
        rows = {name: [] for name in names}
        for seed in seeds:
            for name, found in rows.items():
                found.append(train(name, recipes[name], split, seed, limit, sha256))
        return {name: summary(found) for name, found in rows.items()}

    scores = summaries(splits[0], recipes, seeds)
    best, data = chosen(scores), loaded(splits[0], 0, limit)
    result = {
        "protocol": splits[0],
        "seeds": list(seeds),
        "aim": AIM,
        "recipes": {
            name: {key: value for key, value in asdict(recipe).items() if value}
            for name, recipe in recipes.items()
        },
        splits[0]: scores | {"best": best},
        splits[1]: summaries(splits[1], AT_RANDOM, seeds[:1]),
        "unit": unit(data),
        "input": input_pace(recipes["varied"], data, batches),
        "core_seconds_per_epoch": {
            name: round(data.info.sizes["train"] / network_pace(name, data, batches=batches), 2)
            for name in BUILDERS
        },
        "anchors": ANCHORS,
        "target": {
            "what": f"at most {CEILING:,} parameters, test accuracy, mean over the seeds",
            "aim": f">= {AIM}",
            "reached": best["test_accuracy"]["mean"],
            "met": best["test_accuracy"]["mean"] >= AIM and best["parameters"] <= CEILING,
        },
    }
    return result, source_row(data.info)


def main() -> None:
    """Measure; record it unless it was a quick run."""
    quick = "--quick" in sys.argv[1:]
    if not quick and not loaded("blocks", 0).info.is_real:
        sys.exit(
            "Only the drawn twin is there. Set ASL_DATA_DIR to a folder with the real set, or run "
            "`asl data prepare sign_language_mnist`, which asks Kaggle for it."
        )
    result, data = measure(quick)
    print(json.dumps(result["target"], indent=1))
    if not quick:
        print(record("sign_mnist", result, data=[data, DRAWN], profile=files.profile()))


if __name__ == "__main__":
    main()
