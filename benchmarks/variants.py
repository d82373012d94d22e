"""Record the sweep of chapter 15: architectures, widths, colours, sizes, heads and an ensemble.

    ASL_DATA_DIR=folder python -m benchmarks.variants

The folder holds ASL Alphabet, another signer's set (asl_rooms) and the ImageNet weights of
MobileNetV2 0.35. The task is five letters with some ninety images each. What is finished stays in
the cache: interrupted, the same command goes on where it stopped.
"""

import re
import sys
from functools import cache
from time import process_time
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.metrics import log_loss

import asl_helpers as asl
from asl_helpers import counting, evaluation, networks, sweeps, training
from benchmarks.record import Row, json_rows, memory, real_folder, record, source_row

LETTERS = "CELOV"
LIMIT, OTHERS = 90, 60
"""At most so many images per letter: of the signer who is trained on, in three parts, and of the
other one, who is only tested on."""

PARTS = ("train", "validation", "test", "other")
SEEDS = (0, 1, 2)
"""A seed decides the split by blocks of frames, the first weights and the order of training."""

BATCH = 16
SIZE, EPOCHS, RATE = 48, 12, 1e-3
"""Whole networks from scratch: pixels a side, epochs, Adam's rate."""
TUNED_SIZE, TUNED_RATE = 96, 5e-4
"""Whole networks that start from ImageNet weights."""

HEAD = {"dense": 64, "dropout": 0.1, "rate": 5e-4}
"""Where heads are not the question: the settings that a coursework had chosen on its test part."""
HEADS = {"dense": [8, 16, 32, 64, 128], "dropout": [0.1, 0.2, 0.3], "rate": [3e-4, 5e-4, 1e-3]}
HEAD_EPOCHS = (25, 50, 75)
SHOWN = ("val_loss", "val_accuracy", "test_accuracy", "other_accuracy")

Parts = dict[str, np.ndarray]
"""An array per part of `PARTS`."""


def network_runs() -> list[Row]:
    """Return the runs of whole networks: all with the first seed, small ones with all seeds."""
    small = ["baseline_cnn", "custom_cnn", "plain_cnn", "attention_cnn"]
    quick: list[Row] = [{"name": name, "alpha": None} for name in small]
    quick += [{"name": "custom_cnn", "alpha": None, "colours": "grey"}]
    tuned = {"alpha": 0.35, "weights": "ImageNet", "size": TUNED_SIZE, "rate": TUNED_RATE}
    rows: list[Row] = [
        *({"name": "mobilenet_v2", "alpha": alpha} for alpha in (0.35, 0.1)),
        {"name": "mobilenet_v2", **tuned},
        {"name": "mobilenet_v2_attention", "alpha": 0.35},
        *({"name": name, "alpha": None} for name in ("resnet18", "resnet18_attention")),
        {"name": "mobilenet_v1", "alpha": 0.35},
        {"name": "mobilenet_v2", "alpha": 1.0},
        {"name": "mobilenet_v2_attention", **tuned},
        {"name": "mobilenet_v2", "alpha": 0.35, "colours": "grey"},
    ]
    common = {"colours": "RGB", "weights": "none", "size": SIZE, "rate": RATE, "epochs": EPOCHS}
    runs = [(row, SEEDS[0]) for row in [*quick, *rows]]
    runs += [(row, seed) for row in quick for seed in SEEDS[1:]]
    return [{**common, **row, "seed": seed} for row, seed in runs]


def head_runs() -> list[Row]:
    """Return the runs of heads on features of 96 pixels in colour: every combination."""
    fixed = {"size": [96], "colours": ["RGB"], "trained": ["asl_alphabet"]}
    return sweeps.grid(seed=SEEDS, **fixed, **HEADS)


def size_runs() -> list[Row]:
    """Return the runs of one head on features of other sizes and without colours."""
    head = {name: [value] for name, value in HEAD.items()}
    both = {"seed": SEEDS, "size": [96, 224], "colours": ["RGB"], **head}
    rows = sweeps.grid(trained=["asl_alphabet"], **both) + sweeps.grid(
        trained=["asl_rooms"], **both
    )
    grey = both | {"size": [96], "colours": ["grey"]}
    return rows + sweeps.grid(trained=["asl_alphabet"], **grey)


def five(
    name: str, size: int, limit: int, seed: int, parts: tuple[str, ...]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return (images, labels 0-4) of the five letters for each part."""
    data = asl.load(name, split="blocks", size=size, seed=seed, limit=limit, verbose=False)
    code = np.full(len(data.info.class_names), -1)
    code[[data.info.class_names.index(letter) for letter in LETTERS]] = np.arange(len(LETTERS))
    found = {}
    for part in parts:
        rows = data.indices(part)
        rows = rows[code[data.collection.labels[rows]] >= 0]
        found[part] = data.collection.images[rows], code[data.collection.labels[rows]]
    return found


@cache
def images_of(size: int, seed: int, trained: str = "asl_alphabet") -> tuple[Parts, Parts]:
    """Return images and labels: three parts of one signer, split by blocks, and another signer."""
    found = five(trained, size, LIMIT, seed, PARTS[:3])
    other = "asl_rooms" if trained == "asl_alphabet" else "asl_alphabet"
    rest = five(other, size, OTHERS, 0, PARTS[:3]).values()
    found["other"] = tuple(np.concatenate(arrays) for arrays in zip(*rest, strict=True))
    images, labels = ({part: pair[at] for part, pair in found.items()} for at in (0, 1))
    return images, labels


def coloured(images: np.ndarray, colours: str) -> np.ndarray:
    """Return images as float32, 0-255, with three channels or their luminance alone."""
    images = images.astype(np.float32)
    return images if colours == "RGB" else images @ np.float32([[0.299], [0.587], [0.114]])


def scores(probs: Parts, labels: Parts) -> Row:
    """Return the accuracy on each part, and the validation loss."""
    classes = range(probs["validation"].shape[1])
    found = {"val_loss": log_loss(labels["validation"], probs["validation"], labels=classes)}
    for part in PARTS:
        name = "val" if part == "validation" else part
        found[f"{name}_accuracy"] = float((probs[part].argmax(axis=1) == labels[part]).mean())
    return found


def probabilities(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return probabilities; called batch by batch, since a graph would cost more than it saves."""
    parts = [inputs[start : start + 64] for start in range(0, len(inputs), 64)]
    logits = [np.asarray(model(part, training=False)) for part in parts]
    return evaluation.softmax(np.concatenate(logits))


def train_network(
    name: str, alpha: float | None, colours: str, weights: str, size: int, rate: float,
    epochs: int, seed: int,
) -> tuple[Row, Parts]:  # fmt: skip
    """Train a whole network; return its scores, and its probabilities for each part."""
    begun = process_time()
    keras.backend.clear_session()
    training.set_seed(seed)
    images, labels = images_of(size, seed)
    inputs = {part: coloured(array, colours) for part, array in images.items()}
    settings = {} if alpha is None else {"alpha": alpha}
    if weights == "ImageNet":
        settings["weights"] = "imagenet"
    model = networks.build(name, inputs["train"].shape[1:], len(LETTERS), **settings)
    if weights == "ImageNet":  # their averages come from a million photographs, ours from 300
        for layer in model.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    pairs = {part: (inputs[part], labels[part]) for part in ("train", "validation")}
    history = training.fit(
        model, SimpleNamespace(**pairs), epochs, BATCH, patience=epochs, learning_rate=rate
    )
    probs = {part: probabilities(model, given) for part, given in inputs.items()}
    row = {
        **scores(probs, labels),
        "parameters": model.count_params(),
        "multiply_adds": counting.count_multiply_adds(model),
        "best_epoch": history.attrs["best_epoch"],
        "core_seconds": process_time() - begun,
    }
    return row, probs


def features(size: int, colours: str, trained: str, seed: int) -> tuple[Parts, Row]:
    """Return what a frozen network makes of each part, (n, 1280), and what that costs."""
    images, _ = images_of(size, seed, trained)
    shape = (size, size, 3 if colours == "RGB" else 1)
    whole = networks.build("mobilenet_v2", shape, 2, alpha=0.35, weights="imagenet")
    frozen = keras.Model(whole.input, whole.get_layer("mean").output)
    begun = process_time()
    found = {
        part: frozen.predict(coloured(array, colours), batch_size=32, verbose=0)
        for part, array in images.items()
    }
    seconds = process_time() - begun
    return found, {
        "parameters": whole.count_params() - 2 * 1281,
        "multiply_adds": counting.count_multiply_adds(whole) - 2 * 1280,
        "feature_ms": 1000 * seconds / sum(map(len, found.values())),
    }


def train_head(
    size: int, colours: str, trained: str, dense: int, dropout: float, rate: float, seed: int
) -> tuple[list[Row], Parts]:
    """Train a head on frozen features; return a row for each of ``HEAD_EPOCHS``, and the last
    probabilities.
    """
    begun = process_time()
    given, cost = memory("variants").cache(features)(size, colours, trained, seed)
    _, labels = images_of(size, seed, trained)
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
    rows: list[Row] = []
    for epochs in HEAD_EPOCHS:
        again = tf.data.Dataset.from_tensor_slices((given["train"], labels["train"]))
        done = rows[-1]["epochs"] if rows else 0
        head.fit(again.shuffle(len(labels["train"])).batch(BATCH).repeat(epochs - done), verbose=0)
        probs = {part: probabilities(head, given[part]) for part in PARTS}
        rows.append({"epochs": epochs, **scores(probs, labels)})
    facts = {
        "parameters": cost["parameters"] + head.count_params(),
        "multiply_adds": cost["multiply_adds"] + counting.count_multiply_adds(head),
        "feature_ms": cost["feature_ms"],
        "core_seconds": process_time() - begun,
    }
    return [facts | row for row in rows], probs


def choose(members: dict[str, np.ndarray], labels: np.ndarray, most: int = 3) -> list[str]:
    """Return the members whose mean probability has the lowest log loss, the best one first.

    Members join one by one, until none lowers the loss or there are ``most``.

    Source: Caruana et al. (2004), "Ensemble selection from libraries of models".
    """
    chosen: list[str] = []
    best = np.inf
    while len(chosen) < most:
        losses = {
            name: log_loss(labels, np.mean([*(members[n] for n in chosen), probs], axis=0))
            for name, probs in members.items()
            if name not in chosen
        }
        name = min(losses, key=losses.get, default=None)
        if name is None or losses[name] >= best:
            break
        chosen, best = [*chosen, name], losses[name]
    return chosen


def ensemble(members: dict[str, Parts], seed: int, labels: Parts) -> Row:
    """Choose members for a seed's split on its validation part; return how they do together."""
    validation = {name: probs["validation"] for name, probs in members.items()}
    chosen = choose(validation, labels["validation"])
    found: Row = {"seed": seed, "members": chosen}
    for kind, names in (("best", chosen[:1]), ("ensemble", chosen)):
        for part in PARTS[1:]:
            probs = np.mean([members[name][part] for name in names], axis=0)
            right = probs.argmax(axis=1) == labels[part]
            found[f"{kind}_{part}"] = round(float(right.mean()), 4)
    return found


def title(run: Row) -> str:
    """Return a run in words: mobilenet_v2 0.35, grey, ImageNet; head, 96 px."""
    if "name" not in run:
        return f"head, {run['size']} px" + (", grey" if run["colours"] == "grey" else "")
    words = run["name"] + (f" {run['alpha']:g}" if run["alpha"] else "")
    words += ", grey" if run["colours"] == "grey" else ""
    return words + (", ImageNet" if run["weights"] == "ImageNet" else "")


def measure() -> Row:
    """Train what is not in the cache yet, and return what the chapter shows."""
    kept_network, kept_head = (
        memory("variants").cache(train) for train in (train_network, train_head)
    )
    members: dict[int, dict[str, Parts]] = {seed: {} for seed in SEEDS}
    rows: list[Row] = []
    for run in network_runs():
        row, probs = kept_network(**run)
        rows.append({**run, **row, "error": "", "title": title(run)})
        members[run["seed"]][title(run)] = probs
    heads: dict[str, list[Row]] = {"heads": [], "sizes": []}
    for name, runs in (("heads", head_runs()), ("sizes", size_runs())):
        for run in runs:
            found, probs = kept_head(**run)
            heads[name] += [{**run, **row, "error": ""} for row in found]
            if name == "sizes" and run["trained"] == "asl_alphabet":
                members[run["seed"]][title(run)] = probs
    labels = {seed: images_of(SIZE, seed)[1] for seed in SEEDS}
    spent = [row["core_seconds"] for some in (rows, *heads.values()) for row in some
             if row["epochs"] in (EPOCHS, HEAD_EPOCHS[-1])]  # fmt: skip
    return {
        "sizes_of_parts": {
            str(seed): {part: len(answers) for part, answers in parts.items()}
            for seed, parts in labels.items()
        },
        "runs": len(spent),
        "core_minutes": round(sum(spent) / 60, 1),
        "ensembles": [ensemble(members[seed], seed, labels[seed]) for seed in SEEDS],
        "heads": json_rows(pd.DataFrame(heads["heads"])[["seed", *HEADS, "epochs", *SHOWN]]),
        "sizes": json_rows(pd.DataFrame(heads["sizes"])),
        "networks": json_rows(pd.DataFrame(rows)),
    }


def main() -> None:
    """Measure and record."""
    real_folder("both sets and the ImageNet weights")
    data = []
    for name in ("asl_alphabet", "asl_rooms"):
        row = source_row(asl.load(name, size=SIZE, limit=LIMIT, verbose=False).info)
        data.append(row | {"source": re.sub(r" resized to \d+", "", row["source"])})
    if not all(row["is_real"] for row in data):
        sys.exit(f"Expected photographs of two signers; found {data}.")
    recipe = {
        "letters": LETTERS, "pictures_a_letter": LIMIT, "others_a_letter": OTHERS,
        "size": SIZE, "epochs": EPOCHS, "rate": RATE, "batch_size": BATCH,
        "tuned_size": TUNED_SIZE, "tuned_rate": TUNED_RATE, "head": HEAD, "heads": HEADS,
        "head_epochs": HEAD_EPOCHS,
    }  # fmt: skip
    print(record("variants", {"recipe": recipe, "seeds": SEEDS, **measure()}, data=data))


if __name__ == "__main__":
    main()
