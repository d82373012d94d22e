"""The trainings of `variants`: networks on five letters, and heads on a frozen network's features.

Whatever takes long is kept in _build/variants: features of pictures, probabilities of each run.
"""

import hashlib
import json
from functools import cache
from time import process_time
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import counting, evaluation, networks, training
from benchmarks.record import ROOT

FOLDER = ROOT / "_build" / "variants"

LETTERS = "CELOV"
LIMIT, OTHERS = 90, 60
"""At most so many pictures a letter: of the signer who is trained on, in three parts, and of the
other one, who is only tested on."""

BATCH = 16
HEAD_EPOCHS = (25, 50, 75)

PARTS = ("train", "validation", "test", "other")

Row = dict[str, Any]


def five(name: str, size: int, limit: int, seed: int, parts: tuple[str, ...]) -> dict[str, tuple]:
    """Return (pictures, labels 0-4) of the five letters, a pair a part."""
    data = asl.load(name, split="blocks", size=size, seed=seed, limit=limit, verbose=False)
    code = np.full(len(data.info.class_names), -1)
    code[[data.info.class_names.index(letter) for letter in LETTERS]] = np.arange(len(LETTERS))
    found = {}
    for part in parts:
        places = data.indices(part)
        places = places[code[data.collection.labels[places]] >= 0]
        pictures = data.collection.images.read(places)
        found[part] = pictures, code[data.collection.labels[places]]
    return found


@cache
def pictures(size: int, seed: int, trained: str = "asl_alphabet") -> dict[str, tuple]:
    """Return the four parts: three of one signer, split by blocks, and another signer."""
    found = five(trained, size, LIMIT, seed, PARTS[:3])
    other = "asl_rooms" if trained == "asl_alphabet" else "asl_alphabet"
    rest = five(other, size, OTHERS, 0, PARTS[:3]).values()
    found["other"] = tuple(np.concatenate(arrays) for arrays in zip(*rest, strict=True))
    return found


def coloured(images: np.ndarray, colours: str) -> np.ndarray:
    """Return pictures as float32, 0-255, with three channels or their luminance alone."""
    images = images.astype(np.float32)
    return images if colours == "RGB" else images @ np.float32([[0.299], [0.587], [0.114]])


def scores(probs: dict[str, np.ndarray], labels: dict[str, np.ndarray]) -> Row:
    """Return the accuracy on each part, and the validation loss."""
    found = {"val_loss": evaluation.log_loss(labels["validation"], probs["validation"])}
    for part in PARTS:
        name = "val" if part == "validation" else part
        right = probs[part].argmax(axis=1) == labels[part]
        found[f"{name}_accuracy"] = float(right.mean())
    return found


def kept_probs(settings: Row):
    """Return the file with the probabilities of a run, so that ensembles need no new training."""
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    return FOLDER / "probs" / f"{key}.npz"


def keep(settings: Row, probs: dict[str, np.ndarray]) -> None:
    path = kept_probs(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **{part: probs[part] for part in PARTS[1:]})


def probabilities(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return probabilities; called batch by batch, since a graph would cost more than it saves."""
    parts = [inputs[start : start + 64] for start in range(0, len(inputs), 64)]
    logits = [np.asarray(model(part, training=False)) for part in parts]
    return evaluation.softmax(np.concatenate(logits))


def train_network(
    name: str, alpha: float | None, colours: str, weights: str, size: int, rate: float,
    epochs: int, seed: int,
) -> Row:  # fmt: skip
    """Train a whole network, and keep what it says of validation, test and the other signer."""
    begun = process_time()
    asked = dict(locals())
    asked.pop("begun")
    keras.backend.clear_session()
    training.set_seed(seed)
    parts = pictures(size, seed)
    inputs = {part: coloured(images, colours) for part, (images, _) in parts.items()}
    labels = {part: answers for part, (_, answers) in parts.items()}
    settings = {} if alpha is None else {"alpha": alpha}
    if weights == "ImageNet":
        settings["weights"] = "imagenet"
    model = networks.build(name, inputs["train"].shape[1:], len(LETTERS), **settings)
    if weights == "ImageNet":  # their averages come from a million pictures, ours from 300
        for layer in model.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    ready = SimpleNamespace(
        train=(inputs["train"], labels["train"]),
        validation=(inputs["validation"], labels["validation"]),
    )
    history = training.fit(model, ready, epochs, BATCH, patience=epochs, learning_rate=rate)
    probs = {part: probabilities(model, given) for part, given in inputs.items()}
    keep(asked, probs)
    return {
        **scores(probs, labels),
        "parameters": model.count_params(),
        "multiply_adds": counting.count_multiply_adds(model),
        "best_epoch": history.attrs["best_epoch"],
        "core_seconds": process_time() - begun,
    }


@cache
def features(size: int, colours: str, trained: str, seed: int) -> dict[str, np.ndarray]:
    """Return what the frozen network makes of each part, (n, 1280), and its seconds a picture."""
    path = FOLDER / "features" / f"{trained}_{size}_{colours}_{seed}.npz"
    if not path.is_file():
        parts = pictures(size, seed, trained)
        shape = (size, size, 3 if colours == "RGB" else 1)
        whole = networks.build("mobilenet_v2", shape, 2, alpha=0.35, weights="imagenet")
        frozen = keras.Model(whole.input, whole.get_layer("mean").output)
        begun = process_time()
        found = {
            part: frozen.predict(coloured(images, colours), batch_size=32, verbose=0)
            for part, (images, _) in parts.items()
        }
        seconds = process_time() - begun
        found["ms"] = np.array(1000 * seconds / sum(len(rows) for rows in found.values()))
        found["cost"] = np.array([whole.count_params(), counting.count_multiply_adds(whole)])
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **found)
    with np.load(path, allow_pickle=False) as made:
        return dict(made)


def train_head(
    size: int, colours: str, trained: str, dense: int, dropout: float, rate: float, seed: int
) -> Row:
    """Train a head on frozen features; return its scores after each of ``HEAD_EPOCHS``."""
    begun = process_time()
    asked = dict(locals())
    asked.pop("begun")
    given = features(size, colours, trained, seed)
    labels = {part: answers for part, (_, answers) in pictures(size, seed, trained).items()}
    keras.backend.clear_session()
    training.set_seed(seed)
    head = keras.Sequential(
        [
            keras.Input((given["train"].shape[1],)),
            keras.layers.Dense(dense, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(len(LETTERS)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    head.compile(keras.optimizers.Adam(rate), loss, jit_compile=False, steps_per_execution=20)
    done, found = 0, {}
    for epochs in HEAD_EPOCHS:
        again = tf.data.Dataset.from_tensor_slices((given["train"], labels["train"]))
        again = again.shuffle(len(labels["train"])).batch(BATCH).repeat(epochs - done)
        head.fit(again, verbose=0)
        done = epochs
        probs = {part: probabilities(head, given[part]) for part in PARTS}
        found |= {f"{name}_{epochs}": score for name, score in scores(probs, labels).items()}
    keep(asked, probs)
    parameters, multiply_adds = given["cost"]
    return {
        **found,
        "parameters": int(parameters) - 2 * 1281 + head.count_params(),
        "multiply_adds": int(multiply_adds) - 2 * 1280 + counting.count_multiply_adds(head),
        "feature_ms": float(given["ms"]),
        "core_seconds": process_time() - begun,
    }
