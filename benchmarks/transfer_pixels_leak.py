"""The trainings of `transfer_pixels` on one signer, split picture by picture and by blocks."""

import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import sweeps
from benchmarks import transfer_pixels_data as pixels_data
from benchmarks.transfer_pixels_runs import BATCH, network
from benchmarks.transfer_pixels_signers import LARGE, info, pretrained

SEEDS = (0, 1, 2)

LOWER = "block_5_add"
"""The layer up to which the split experiment keeps what drawn hands taught."""


def leak(cache: Path, splits: Sequence[str] = ("random", "blocks")) -> None:
    """Train on one signer's pictures, 29 classes, split at random and by blocks of frames."""
    found = info("asl_alphabet")
    about = {"source": found.source, "sha256": found.sha256}

    def train(split: str, seed: int) -> dict[str, float]:
        return _split_run(split, seed, cache)

    for split in splits:
        runs = sweeps.grid(split=[split], seed=SEEDS)
        sweeps.run_sweep(runs, train, cache / f"leak_{split}.jsonl", about)


def _split_run(split: str, seed: int, cache: Path, epochs: int = 8) -> dict[str, float]:
    keras.utils.set_random_seed(seed)
    data = asl.load("asl_alphabet", split=split, size=LARGE, seed=seed, verbose=False)
    model = network(len(data.info.class_names))
    drawn = network(len(pixels_data.CLASSES))
    pretrained(drawn, cache)
    for layer, learnt in zip(model.layers, drawn.layers, strict=True):
        if layer.name != "letter":  # the drawn hands had one class less
            layer.set_weights(learnt.get_weights())
    features = _lower_features(model, data.collection, cache / "lower.npy")
    labels = data.collection.labels
    upper = keras.Model(model.get_layer(LOWER).output, model.output["letter"])
    places = data.indices("train")
    steps = epochs * (len(places) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, steps, warmup_target=2e-3, warmup_steps=steps // 10, alpha=0.005
    )
    upper.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-3),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
        metrics=["accuracy"],
        jit_compile=False,
    )
    one_hot = np.eye(len(data.info.class_names), dtype=np.float32)[labels]
    upper.fit(
        tf.data.Dataset.from_tensor_slices((features[places], one_hot[places]))
        .shuffle(len(places), seed=seed)
        .map(_moved)
        .batch(BATCH, drop_remainder=True)
        .prefetch(4),
        epochs=epochs,
        verbose=2,
    )
    found: dict[str, float] = {}
    for part in ("validation", "test"):
        places = data.indices(part)
        guess = upper.predict(features[places].astype(np.float32), batch_size=256, verbose=0)
        found[part] = float((guess.argmax(axis=1) == labels[places]).mean())
        found[f"n_{part}"] = len(places)
    return {"test": found.pop("test"), **found}


def _moved(maps: tf.Tensor, letter: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Move feature maps by at most one place each way, which is 8 pixels of the picture."""
    wide = tf.pad(maps, [[1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    return tf.image.random_crop(wide, tf.shape(maps)), letter


def _lower_features(model: keras.Model, collection, path: Path) -> np.ndarray:
    """Return the frozen layers' maps of every picture, float16; they are computed once."""
    if not path.is_file():
        lower = tf.function(keras.Model(model.input, model.get_layer(LOWER).output))
        parts = []
        for start in range(0, len(collection), 200):
            rows = np.arange(start, min(start + 200, len(collection)))
            images = tf.cast(collection.images.read(rows), tf.float32)
            parts.append(np.asarray(lower(images, training=False), np.float16))
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.concatenate(parts))
    return np.load(path)
