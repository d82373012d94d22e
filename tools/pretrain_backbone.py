"""Train the course's own backbone, MobileNetV2 at alpha 0.35, on drawn hands only.

``python tools/pretrain_backbone.py`` draws images of the 29 classes once (they are kept in the
cache), trains from random weights, and writes ``data/weights/backbones``. Most epochs use 64
pixels, where an image costs a third; the last one uses 96, the size that the course works at.
"""

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from asl_helpers import files, hand, transfer
from asl_helpers.alphabet import KAGGLE_CLASSES
from asl_helpers.augmentation import Variation, vary
from asl_helpers.classifier import write_with_card
from asl_helpers.files import atomic_path
from asl_helpers.training import set_seed

CHUNK = 2_000
"""Images drawn at a time, 96 x 96 pixels."""

CHUNKS = 24
"""How many of them there are; the last one is held out."""

VARIATION = Variation(turn=8, shift=0.08, zoom=0.15, brightness=0.08, contrast=0.2)

_SEED = 5_000
_BATCH = 32
_SMALL, _LARGE = 64, 96
_PEAK = 1.5e-3
_SMOOTHING = 0.05
_MOMENTUM = 0.99  # of the moving averages; Keras's 0.999 is for runs of millions of steps


def drawn_chunk(number: int, folder: Path | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return drawn images uint8 (2000, 96, 96, 3) and labels (2000,) of the 29 classes.

    They are drawn at the first call, in about a minute, and kept in ``folder`` (default: the
    cache). The seed is 5,000 plus the number.
    """
    path = (folder or files.cache_dir() / "drawn96") / f"chunk_{number}.npz"
    if not path.is_file():
        images, labels = hand.sample_images(KAGGLE_CLASSES, CHUNK, _LARGE, seed=_SEED + number)
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, images=images, labels=labels)
    with np.load(path, allow_pickle=False) as stored:
        return stored["images"], stored["labels"]


def batches(
    folder: Path | None, chunks: int, epochs: float, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of uint8 images and labels, chunk after chunk, in a new order each time."""
    rng = np.random.default_rng(seed)
    left = round(epochs * chunks)
    while left > 0:
        for number in rng.permutation(chunks)[:left]:
            images, labels = drawn_chunk(int(number), folder)
            order = rng.permutation(len(images))
            for start in range(0, len(order) - _BATCH + 1, _BATCH):
                part = order[start : start + _BATCH]
                yield images[part], labels[part]
        left -= chunks


def _dataset(folder: Path | None, chunks: int, epochs: float, size: int, seed: int):
    """Return the batches resized, varied and one-hot, as tf.data."""
    one_hot = tf.eye(len(KAGGLE_CLASSES))
    seeds = tf.data.Dataset.random(seed=seed).map(lambda n: tf.cast(n % 2**31, tf.int32)).batch(2)

    def ready(batch, pair):
        images = tf.image.resize(tf.cast(batch[0], tf.float32) / 255, (size, size), antialias=True)
        return 255 * vary(images, pair, VARIATION), tf.gather(one_hot, batch[1])

    shape = (_BATCH, _LARGE, _LARGE, 3)
    data = tf.data.Dataset.from_generator(
        lambda: batches(folder, chunks, epochs, seed),
        output_signature=(tf.TensorSpec(shape, tf.uint8), tf.TensorSpec((_BATCH,), tf.int64)),
    )
    return tf.data.Dataset.zip(data, seeds).map(ready).prefetch(4)


def train(
    folder: Path | None = None,
    epochs: float = 4,
    last: float = 0.3,
    chunks: int = CHUNKS - 1,
    seed: int = 0,
    verbose: int = 0,
) -> keras.Model:
    """Return a trained classifier: ``epochs`` at 64 pixels and ``last`` of one at 96.

    Its size is open, and its outputs are logits of the 29 classes.
    """
    set_seed(seed)
    base = transfer.architecture(None)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = _MOMENTUM
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(base.outputs[0])
    pooled = keras.layers.Dropout(0.1)(pooled)
    logits = keras.layers.Dense(len(KAGGLE_CLASSES), name="logits")(pooled)
    model = keras.Model(base.inputs[0], logits)
    steps = CHUNK // _BATCH * (round(epochs * chunks) + round(last * chunks))
    warmup = min(300, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=_PEAK, warmup_steps=warmup
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-3),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=_SMOOTHING),
        metrics=["accuracy"],
        jit_compile=False,
    )
    for passes, size in ((epochs, _SMALL), (last, _LARGE)):
        total = CHUNK // _BATCH * round(passes * chunks)
        an_epoch = min(total, CHUNK // _BATCH * chunks)
        model.fit(
            _dataset(folder, chunks, passes, size, seed + size),
            epochs=math.ceil(total / an_epoch),
            steps_per_epoch=an_epoch,
            verbose=verbose,
        )
    return model


def held_out_accuracy(model: keras.Model, folder: Path | None = None) -> float:
    """Return the model's accuracy on the held-out chunk, at 96 pixels."""
    images, labels = drawn_chunk(CHUNKS - 1, folder)
    logits = model.predict(images.astype(np.float32), batch_size=_BATCH, verbose=0)
    return float((logits.argmax(axis=1) == labels).mean())


def save(backbone: keras.Model, facts: dict, folder: Path) -> dict:
    """Write a backbone's weights in half precision and the facts of their card."""

    def write(path: Path) -> None:
        values = {f"w{index:03d}": value for index, value in enumerate(backbone.get_weights())}
        with path.open("wb") as file:
            np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in values.items()})

    return write_with_card(
        folder / f"{transfer.DRAWN}.npz", write, {"name": transfer.DRAWN, **facts}
    )


def main() -> None:
    """Train, evaluate on held-out images, write the weights and the facts of their card."""
    parser = argparse.ArgumentParser(description="Pretrain MobileNetV2 0.35 on drawn hands.")
    parser.add_argument("--out", type=Path, default=transfer.drawn_folder())
    parser.add_argument("--pictures", type=Path, help="folder of drawn chunks (default: the cache)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=float, default=4, help="at 64 pixels")
    parser.add_argument("--last", type=float, default=0.3, help="epochs at 96 pixels")
    parser.add_argument("--chunks", type=int, default=CHUNKS - 1, help="of 2,000 drawn images")
    options = parser.parse_args()
    model = train(
        options.pictures, options.epochs, options.last, options.chunks, options.seed, verbose=2
    )
    facts = {
        "classes_seen": list(KAGGLE_CLASSES),
        "alpha": transfer.DRAWN_ALPHA,
        "held_out_accuracy": round(held_out_accuracy(model, options.pictures), 4),
        "trained_on": f"{options.chunks * CHUNK:,} drawn pictures, {options.epochs:g} times at "
        f"{_SMALL} px and {options.last:g} times at {_LARGE} px, seed {options.seed}",
    }
    backbone = transfer.architecture(_LARGE)
    backbone.set_weights(model.get_weights()[:-2])  # all but the classifier
    print(json.dumps(save(backbone, facts, options.out), indent=2))


if __name__ == "__main__":
    main()
