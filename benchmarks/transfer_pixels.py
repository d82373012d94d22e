"""Record what a network that reads pixels makes of another signer.

    ASL_DATA_DIR=folder python benchmarks/transfer_pixels.py leak       one signer, two splits
    ASL_DATA_DIR=folder python benchmarks/transfer_pixels.py signers    trained on one, tested on
                                                                        the other, both ways
    ASL_DATA_DIR=folder python benchmarks/transfer_pixels.py larger     those models trained on
    ASL_DATA_DIR=folder python benchmarks/transfer_pixels.py rows       what there is, as JSON

The folder holds `asl_alphabet_64.zip` (or Kaggle's own set) and `asl29_rooms_160.zip`. Finished
runs are lines of two journals in the cache, so each command goes on where it was stopped.
`transfer.py` takes the rows into its record.
"""

import argparse
import json
import os
from collections.abc import Sequence
from functools import cache as cache_results
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
import transfer_pixels_data as pixels_data
from record import spread
from transfer_pixels_runs import BATCH, Recipe, fit, network, score

import asl_helpers as asl
from asl_helpers import sweeps
from asl_helpers.settings import cache_dir, user_data_dir

SEEDS = (0, 1, 2)

DRAWN, MORE = 6, 23
"""Chunks of 2,000 drawn hands: with guides, and without."""

SMALL, LARGE = 64, 96
"""Pixels a side: drawn hands are learnt at the first, another signer is read at the second."""

OTHER = {"asl_alphabet": "asl_rooms", "asl_rooms": "asl_alphabet"}
"""Who is tested when a signer was learnt from."""

TITLE = {"asl_alphabet": "ASL Alphabet (subset)", "asl_rooms": "the rooms set"}

USUAL = {
    "passes": 64_000,
    "size": SMALL,
    "backdrops": 0.6,
    "light": True,
    "mirror": 0.0,
}
"""How a signer is learnt, beside whom: pictures seen, pixels a side, and how they are varied."""

CHANGED = {
    "backdrops": "without other backdrops",
    "light": "without other light",
    "mirror": "with mirrored pictures",
}
"""The ablations in words."""

THEN = {"larger": "trained on at 96 pixels", "longer": "trained on twice at 96 pixels"}
"""The further stages in words."""

SPLIT = dict.fromkeys(
    THEN, "by signer; the stage was added after the stage before had been tested on this signer"
)
"""What the rows of the further stages must say: their test is no first look."""

RUNS = [
    {"learns": learns, "drawn": True, "seed": seed, **USUAL} for seed in (0, 1) for learns in OTHER
]
"""The trainings on one signer; the pretraining on drawn hands is one and the same for all."""

STAGES = {"larger": ("drawn", 7e-4, 100), "longer": ("larger", 5e-4, 200)}
"""How those trainings are continued: from which weights, at what rate, and the first seed."""

PASSES = {"larger": 32_000, "longer": 20_000}
"""Pictures seen in each stage, at 96 pixels."""

STAGED = {
    stage: [r | {"passes": passes, "size": LARGE} for r in RUNS if r["seed"] == 0]
    for stage, passes in PASSES.items()
}

LOWER = "block_5_add"
"""The layer up to which the split experiment keeps what drawn hands taught."""


def leak(cache: Path, splits: Sequence[str] = ("random", "blocks")) -> None:
    """Train on one signer's pictures, 29 classes, split at random and by blocks of frames."""
    info = _info("asl_alphabet")
    about = {"source": info.source, "sha256": info.sha256}

    def train(split: str, seed: int) -> dict[str, float]:
        return _split_run(split, seed, cache)

    for split in splits:
        runs = sweeps.grid(split=[split], seed=SEEDS)
        sweeps.run_sweep(runs, train, cache / f"leak_{split}.jsonl", about)


def _split_run(split: str, seed: int, cache: Path, epochs: int = 8) -> dict[str, float]:
    keras.utils.set_random_seed(seed)
    data = asl.load("asl_alphabet", split=split, size=LARGE, seed=seed, verbose=False)
    model = network(len(data.info.class_names), user_data_dir())
    drawn = network(len(pixels_data.CLASSES), user_data_dir())
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


def signers(cache: Path, runs: list[dict[str, Any]]) -> None:
    """Train on one signer, on drawn hands or on both, and test on who was not learnt from.

    Each way of learning has a journal of its own, so that two can run side by side.
    """
    about = {
        name: asl.load(name, split="blocks", size=pixels_data.SIZE, verbose=False).info.sha256
        for name in OTHER
    }

    def train(**settings: Any) -> dict[str, Any]:
        return _signer_run(cache, **settings)

    for learns in dict.fromkeys(run["learns"] for run in runs):
        some = [run for run in runs if run["learns"] == learns]
        sweeps.run_sweep(some, train, cache / f"signers_{learns}.jsonl", about)


def _signer_run(
    cache: Path, learns: str, drawn: bool, seed: int, passes: int, size: int, **recipe: Any
) -> dict[str, Any]:
    keras.utils.set_random_seed(seed)
    start = process_time()
    model = network(len(pixels_data.CLASSES), user_data_dir())
    if drawn:
        pretrained(model, cache)
    real = _sets(cache).get(learns)
    sources, left = [], BATCH
    if real:
        sources.append((real.train, BATCH // 2 if drawn else BATCH))
        left -= sources[0][1]
    if drawn:
        sources += [(one, left // 2) for one in _drawn(cache)]
    behind = pixels_data.scenes([real.empty] if real else [], seed)
    fit(model, sources, behind, Recipe(**recipe), passes, size, 1e-3, seed)
    found: dict[str, Any] = {}
    for name in [OTHER[learns]] if real else OTHER:
        scored = score(model, *_sets(cache)[name].everything, size)
        found |= {name: scored["accuracy"], f"n_{name}": scored["n"]}
        found[f"recall_{name}"] = json.dumps(scored["recall"])
    if real:
        found["validation"] = score(model, *real.validation, size)["accuracy"]
    kept = cache / f"{learns}_{'drawn' if drawn else 'alone'}_{seed}.weights.h5"
    model.save_weights(kept)
    return found | {"cpu_seconds": process_time() - start}


def larger(cache: Path, runs: list[dict[str, Any]], stage: str) -> None:
    """Train the models of the stage before on, at a larger size and on more of the drawn hands."""
    about = {name: _info(name).sha256 for name in OTHER}

    def train(**settings: Any) -> dict[str, Any]:
        return _larger_run(cache, stage, **settings)

    for learns in dict.fromkeys(run["learns"] for run in runs):
        some = [run for run in runs if run["learns"] == learns]
        sweeps.run_sweep(some, train, cache / f"{stage}_{learns}.jsonl", about)


def _larger_run(
    cache: Path,
    stage: str,
    learns: str,
    drawn: bool,
    seed: int,
    passes: int,
    size: int,
    **recipe: Any,
) -> dict[str, Any]:
    before, rate, number = STAGES[stage]
    keras.utils.set_random_seed(number + seed)
    start = process_time()
    model = network(len(pixels_data.CLASSES), user_data_dir())
    model.load_weights(cache / f"{learns}_{before}_{seed}.weights.h5")
    real, test = _sets(cache)[learns], OTHER[learns]
    quarter = BATCH // 4
    sources = [(real.train, quarter), *zip(_drawn(cache), (quarter, 2 * quarter), strict=True)]
    behind = pixels_data.scenes([real.empty], number + seed)
    fit(model, sources, behind, Recipe(**recipe), passes, size, rate, number + seed)
    found: dict[str, Any] = {}
    scored = score(model, *_sets(cache)[test].everything, size)
    found |= {test: scored["accuracy"], f"n_{test}": scored["n"]}
    found[f"recall_{test}"] = json.dumps(scored["recall"])
    found["validation"] = score(model, *real.validation, size)["accuracy"]
    model.save_weights(cache / f"{learns}_{stage}_{seed}.weights.h5")
    return found | {"cpu_seconds": process_time() - start}


def pretrained(model: keras.Model, cache: Path, passes: int = 64_000) -> None:
    """Give the model the weights of a training on drawn hands alone; there is one for all runs."""
    path = cache / "drawn_0.weights.h5"
    if not path.is_file():
        sources = [(one, BATCH // 2) for one in _drawn(cache)]
        behind = pixels_data.scenes([], 0)
        fit(model, sources, behind, Recipe(), passes, SMALL, 2e-3, 0)
        model.save_weights(path)
    model.load_weights(path)


@cache_results
def _sets(cache: Path) -> dict[str, pixels_data.Signer]:
    return {name: pixels_data.signer(name, cache) for name in OTHER}


@cache_results
def _drawn(cache: Path) -> list[pixels_data.Pictures]:
    more = pixels_data.more_drawn(cache / "drawn96", MORE)
    return [pixels_data.drawn(cache, DRAWN), more]


def _info(name: str) -> Any:
    return asl.load(name, size=SMALL, verbose=False).info


def rows(cache: Path, train: bool = True) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the figure table, and those that describe the data.

    What is missing is trained; with ``train=False`` the rows are of the runs that are finished.
    """
    if train:
        leak(cache)
        signers(cache, RUNS)
        for stage, runs in STAGED.items():
            larger(cache, runs, stage)
    found = []
    for split in ("random", "blocks"):
        found += _leak_rows(_finished(cache / f"leak_{split}.jsonl"))
    for stage in ("signers", *STAGES):
        for learns in (*OTHER, "drawn"):
            found += _signer_rows(_finished(cache / f"{stage}_{learns}.jsonl"), stage)
    infos = [_info(name) for name in OTHER]
    about = [{"source": i.source, "sha256": i.sha256, "is_real": i.is_real} for i in infos]
    drawn = {"source": "drawn by asl_helpers.hand", "sha256": None, "is_real": False}
    return found, [*about, drawn]


def _finished(path: Path) -> pd.DataFrame:
    """Return the runs of a journal that came to an end; none where there is no journal."""
    table = sweeps.read_table(path) if path.is_file() else pd.DataFrame({"error": []})
    return table[table["error"] == ""]


def _leak_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    if table.empty:
        return []
    words = {
        "random": ("picture by picture: neighbours of test pictures are learnt from", 0.997),
        "blocks": ("by blocks of frames, a second left out at each cut", None),
    }
    found = []
    for split, group in table.groupby("split", sort=False):
        about, aim = words[split]
        found.append(
            {
                "name": f"asl_alphabet_{split}",
                "what": "MobileNetV2 0.35 pretrained on drawn hands, its upper layers retrained",
                "train": "ASL Alphabet (subset)",
                "test": "ASL Alphabet (subset), the same signer and room",
                "split": about,
                "classes": 29,
                "aim": aim,
                **_scores(group, "test"),
            }
        )
    return found


def _signer_rows(table: pd.DataFrame, stage: str) -> list[dict[str, Any]]:
    """Return a row for each way of training and each test: seeds together."""
    if table.empty:
        return []
    ways = ["learns", "drawn", *USUAL]
    found = []
    for way, group in table.groupby(ways, sort=False, dropna=False):
        settings = dict(zip(ways, way, strict=True))
        learns, drawn = settings["learns"], settings["drawn"]
        changed = [word for name, word in CHANGED.items() if settings[name] != USUAL[name]]
        changed += [THEN[stage]] if stage in THEN else []
        both = learns in OTHER and drawn
        for test in [OTHER[learns]] if learns in OTHER else OTHER:
            words = [learns, *(["drawn"] if both else []), "to", test]
            also = "".join(f", {word}" for word in changed)
            found.append(
                {
                    "name": "_".join(words + [word.replace(" ", "_") for word in changed]),
                    "what": f"MobileNetV2 0.35 on single pictures, no tracker{also}",
                    "train": TITLE.get(learns, "drawn hands") + (" and drawn hands" * both),
                    "test": f"{TITLE[test]}, all of it: another signer, other rooms",
                    "split": SPLIT.get(stage, "by signer"),
                    "classes": len(pixels_data.CLASSES),
                    "aim": 0.65 if both else None,
                    **_scores(group, test),
                }
            )
    return found


def _scores(group: pd.DataFrame, test: str) -> dict[str, Any]:
    """Return what all rows have in common: the scores of a group of runs, one a seed.

    The seconds are those of the row's own stage; pretraining on drawn hands comes to them once.
    """
    return {
        "input": "pixels",
        "seeds": [int(seed) for seed in group["seed"]],
        "accuracy": spread(group[test].tolist()),
        "n": int(group[f"n_{test}"].iloc[0]),
        "interval": None,
        "coverage": None,
        "seconds_a_run": round(float(group["seconds"].mean()), 1),
    } | (
        {"cpu_seconds_a_run": round(float(group["cpu_seconds"].mean()), 1)}
        if "cpu_seconds" in group
        else {}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("leak", "signers", *STAGES, "rows"))
    parser.add_argument("--learns", choices=(*OTHER, "drawn"), help="signers: these runs alone")
    parser.add_argument("--split", choices=("random", "blocks"), help="leak: these runs alone")
    parser.add_argument("--cache", type=Path, default=cache_dir() / "transfer" / "pixels")
    options = parser.parse_args()
    if options.what == "leak":
        leak(options.cache, [options.split] if options.split else ("random", "blocks"))
    elif options.what == "signers":
        signers(options.cache, [r for r in RUNS if options.learns in (None, r["learns"])])
    elif options.what in STAGES:
        some = [r for r in STAGED[options.what] if options.learns in (None, r["learns"])]
        larger(options.cache, some, options.what)
    print(json.dumps(rows(options.cache, train=False)[0], indent=1))


if __name__ == "__main__":
    main()
