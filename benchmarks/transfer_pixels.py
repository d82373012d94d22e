"""The part of `transfer` that reads pixels: one signer under two splits, and another signer.

    ASL_DATA_DIR=folder python -m benchmarks.transfer pixels

The folder holds `asl_alphabet_64.zip` (or Kaggle's own set) and `asl29_rooms_160.zip`. Finished
trainings stay in the cache, so the command goes on where it was stopped.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers.training import set_seed
from benchmarks import transfer_pixels_data as images_of
from benchmarks.record import DRAWN, Row, memory, source_row, spread
from benchmarks.transfer_pixels_training import BATCH, accuracy, fit, network

SMALL, LARGE = 64, 96
"""Pixels a side: drawn hands are learnt at the first, another signer is read at the second."""

GUIDED, MORE = 6, 23
"""Chunks of 2,000 drawn hands: with guides, and without."""

OTHER = {"asl_alphabet": "asl_rooms", "asl_rooms": "asl_alphabet"}
"""Who is tested when a signer was learnt from."""

TITLE = {"asl_alphabet": "ASL Alphabet (subset)", "asl_rooms": "the rooms set"}
SEEDS = (0,)

LOWER = "block_5_add"
"""The layer up to which the split experiment keeps what drawn hands taught."""

SPLITS = {
    "random": ("picture by picture: neighbours of test pictures are learnt from", 0.997),
    "blocks": ("by blocks of frames, a second left out at each cut", None),
}
"""The two splits of one signer in words, and the aim."""


@dataclass(frozen=True)
class Stage:
    """A training on one signer and drawn hands.

    Attributes
    ----------
    after:
        The stage whose weights it starts from; None: those of drawn hands alone.
    images, size, rate:
        How many images are seen, their pixels a side, and the highest learning rate.
    seed:
        Added to that of the run.
    words:
        What a row says of it.
    """

    after: str | None
    images: int
    size: int
    rate: float
    seed: int
    words: str


STAGES = {
    "signers": Stage(None, 64_000, SMALL, 1e-3, 0, ""),
    "larger": Stage("signers", 32_000, LARGE, 7e-4, 100, ", trained on at 96 pixels"),
    "longer": Stage("larger", 20_000, LARGE, 5e-4, 200, ", trained on twice at 96 pixels"),
}


@lru_cache
def signer(name: str) -> images_of.Signer:
    """Return a real set with its guides, read once."""
    return images_of.signer(name)


@lru_cache
def drawn_hands() -> list[images_of.Pictures]:
    """Return the drawn hands with guides and those without, read once."""
    return images_of.drawn_hands(GUIDED, MORE)


def pretrained() -> list[np.ndarray]:
    """Return the weights of a training on drawn hands alone; there is one for all runs."""
    set_seed(0)
    model = network(len(images_of.CLASSES))
    sources = [(one, BATCH // 2) for one in drawn_hands()]
    fit(model, sources, images_of.scenes([], 0), 64_000, SMALL, 2e-3, 0)
    return model.get_weights()


def trained(stage: str, learns: str, seed: int, sha256: str) -> tuple[list[np.ndarray], Row]:
    """Return the weights of a stage and its scores; ``sha256`` of the data is for the cache."""
    kept, this = memory("transfer_pixels").cache, STAGES[stage]
    start, begun, seed_of_stage = perf_counter(), process_time(), this.seed + seed
    before = (
        kept(trained)(this.after, learns, seed, sha256)[0] if this.after else kept(pretrained)()
    )
    set_seed(seed_of_stage)
    model = network(len(images_of.CLASSES))
    model.set_weights(before)
    real, test = signer(learns), OTHER[learns]
    shares = (BATCH // 2, BATCH // 4, BATCH // 4)
    if this.after:
        shares = (BATCH // 4, BATCH // 4, BATCH // 2)
    sources = list(zip((real.train, *drawn_hands()), shares, strict=True))
    behind = images_of.scenes([real.empty], seed_of_stage)
    fit(model, sources, behind, this.images, this.size, this.rate, seed_of_stage)
    return model.get_weights(), {
        "seed": seed,
        "accuracy": accuracy(model, *signer(test).everything, this.size),
        "n": len(signer(test).everything[1]),
        "validation": accuracy(model, *real.validation, this.size),
        "seconds": perf_counter() - start,
        "cpu_seconds": process_time() - begun,
    }


def split_run(split: str, seed: int, sha256: str, epochs: int = 8) -> Row:
    """Train the upper layers on one signer's images, 29 classes, and return the test score."""
    start = perf_counter()
    set_seed(seed)
    data = asl.load("asl_alphabet", split=split, size=LARGE, seed=seed, verbose=False)
    classes, labels = len(data.info.class_names), data.collection.labels
    model, drawn = network(classes), network(len(images_of.CLASSES))
    drawn.set_weights(memory("transfer_pixels").cache(pretrained)())
    for layer, learnt in zip(model.layers, drawn.layers, strict=True):
        if layer.name != "letter":  # the drawn hands had one class less
            layer.set_weights(learnt.get_weights())
    maps = lower_features(model, data.collection)
    upper = keras.Model(model.get_layer(LOWER).output, model.output["letter"])
    rows = data.indices("train")
    steps = epochs * (len(rows) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, steps, warmup_target=2e-3, warmup_steps=steps // 10, alpha=0.005
    )
    upper.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-3),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
        jit_compile=False,
    )
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    train = tf.data.Dataset.from_tensor_slices((maps[rows], one_hot[rows]))
    train = train.shuffle(len(rows), seed=seed).map(_moved).batch(BATCH, drop_remainder=True)
    upper.fit(train.prefetch(4), epochs=epochs, verbose=2)
    rows = data.indices("test")
    guess = upper.predict(maps[rows].astype(np.float32), batch_size=256, verbose=0)
    return {
        "seed": seed,
        "accuracy": float((guess.argmax(axis=1) == labels[rows]).mean()),
        "n": len(rows),
        "seconds": perf_counter() - start,
    }


def _moved(maps: tf.Tensor, letter: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Move feature maps by at most one place each way, which is 8 pixels of the image."""
    wide = tf.pad(maps, [[1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    return tf.image.random_crop(wide, tf.shape(maps)), letter


def lower_features(model: keras.Model, collection) -> np.ndarray:
    """Return the frozen layers' maps of every image, float16."""
    lower = tf.function(keras.Model(model.input, model.get_layer(LOWER).output))
    parts = []
    for start in range(0, len(collection), 200):
        rows = np.arange(start, min(start + 200, len(collection)))
        images = tf.cast(collection.images[rows], tf.float32)
        parts.append(np.asarray(lower(images, training=False), np.float16))
    return np.concatenate(parts)


def rows(folder: Path | None = None, quick: bool = False) -> tuple[list[Row], list[Row]]:
    """Return the rows of the table, and those that describe the data; ``quick`` has none."""
    if quick:
        return [], []
    infos = {name: asl.load(name, size=SMALL, verbose=False).info for name in OTHER}
    hashes = {name: info.sha256 for name, info in infos.items()}
    kept, table = memory("transfer_pixels").cache, []
    for split in SPLITS:
        runs = [kept(split_run)(split, seed, hashes["asl_alphabet"]) for seed in SEEDS]
        table.append(split_row(split, runs))
    for stage in STAGES:
        for learns in OTHER:
            runs = [kept(trained)(stage, learns, seed, hashes[learns])[1] for seed in SEEDS]
            table.append(signer_row(stage, learns, runs))
    return table, [*map(source_row, infos.values()), DRAWN]


def split_row(split: str, runs: list[Row]) -> Row:
    """Return the row of one signer under a split, seeds together."""
    words, aim = SPLITS[split]
    return {
        "name": f"asl_alphabet_{split}",
        "what": "MobileNetV2 0.35 pretrained on drawn hands, its upper layers retrained",
        "train": "ASL Alphabet (subset)",
        "test": "ASL Alphabet (subset), the same signer and room",
        "split": words,
        "classes": 29,
        "aim": aim,
        **_scores(runs),
    }


def signer_row(stage: str, learns: str, runs: list[Row]) -> Row:
    """Return the row of a stage, seeds together: one signer learnt from, the other one tested."""
    words, later = STAGES[stage].words, STAGES[stage].after
    name = f"{learns}_drawn_to_{OTHER[learns]}" + words.replace(", ", "_").replace(" ", "_")
    first_look = "by signer"
    if later:
        first_look += "; the stage was added after the stage before had been tested on this signer"
    return {
        "name": name,
        "what": f"MobileNetV2 0.35 on single pictures, no tracker{words}",
        "train": f"{TITLE[learns]} and drawn hands",
        "test": f"{TITLE[OTHER[learns]]}, all of it: another signer, other rooms",
        "split": first_look,
        "classes": len(images_of.CLASSES),
        "aim": 0.65,
        "cpu_seconds_a_run": round(float(np.mean([run["cpu_seconds"] for run in runs])), 1),
        **_scores(runs),
    }


def _scores(runs: list[Row]) -> Row:
    """Return what all rows have in common: the scores of the runs, one per seed."""
    return {
        "input": "pixels",
        "seeds": [run["seed"] for run in runs],
        "accuracy": spread([run["accuracy"] for run in runs]),
        "n": runs[0]["n"],
        "interval": None,
        "coverage": None,
        "seconds_a_run": round(float(np.mean([run["seconds"] for run in runs])), 1),
    }
