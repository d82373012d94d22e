"""Record what each network of chapter 9 reads of Sign Language MNIST, three seeds each.

    ASL_DATA_DIR=folder python -m benchmarks.sign_mnist           all of it
    ASL_DATA_DIR=folder python -m benchmarks.sign_mnist --quick   seconds, nothing recorded

The folder holds the real set, or its official test part alone. What is found decides the protocol.
With both parts (the folder's, or Kaggle's): the official test part, with validation by photographs
from the training part. With the test part alone: train, validation and test cut from it by
photographs. Each training is kept as a row in the cache folder, so a run that was stopped goes on.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

import asl_helpers as asl
from asl_helpers.datasets.load import DataSplits
from asl_helpers.datasets.splits import SAME_PHOTO, fingerprints, near_copies
from asl_helpers.files import cache_dir
from benchmarks.record import DRAWN, record, source_row, spread
from benchmarks.sign_mnist_pace import input_pace, network_pace
from benchmarks.sign_mnist_recipes import BUILDERS, STRONG, Recipe
from benchmarks.sign_mnist_runs import kept_row

SEEDS = (0, 1, 2)
CEILING = 300_000
AIM = 0.995

EQUAL = {"epochs": 6, "thin": 2}
"""What the four networks share: every epoch is trained, the best by validation loss is kept."""

LONG = Recipe(
    "custom_cnn", 16, STRONG, thin=2, learning_rate=2e-3, smoothing=0.1, decay=1e-4, average=0.99,
    evened=True, views=2,
)  # fmt: skip

RECIPES = {
    "baseline_cnn": Recipe("baseline_cnn", **EQUAL),
    "custom_cnn": Recipe("custom_cnn", **EQUAL),
    "plain_cnn": Recipe("plain_cnn", **EQUAL),
    "attention_cnn": Recipe("attention_cnn", **EQUAL),
    "varied": LONG,
    "varied_and_drawn": replace(LONG, drawn=24_000, mixed=32),
    "drawn_alone": replace(LONG, drawn=24_000, photographs=False),
}
"""The first four are compared with each other; the others are one network in other trainings."""

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


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
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


def chosen(recipes: dict[str, dict[str, Any]], candidates=CANDIDATES) -> dict[str, Any]:
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


def unit(data: DataSplits) -> dict[str, Any]:
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


def measure(cache: Path, quick: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what was measured, and the row that describes the data.

    ``quick`` trains each recipe for an epoch or two on a few pictures, one seed.
    """
    seeds = SEEDS[:1] if quick else SEEDS
    recipes = {name: small(recipe) for name, recipe in RECIPES.items()} if quick else RECIPES
    limit = 20 if quick else None
    splits = ("official" if _has_both_parts() else "blocks", "random")
    result: dict[str, Any] = {"protocol": splits[0], "seeds": list(seeds), "aim": AIM}
    result["recipes"] = {name: described(recipe) for name, recipe in recipes.items()}
    for split in splits:
        names = list(recipes) if split == splits[0] else AT_RANDOM
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for seed in seeds if split == splits[0] else seeds[:1]:
            data = _loaded(split, seed, limit)
            for name in names:
                rows[name].append(kept_row(name, recipes[name], data, seed, cache))
        result[split] = {name: summary(found) for name, found in rows.items()}
    best = result[splits[0]]["best"] = chosen(result[splits[0]])
    data = _loaded(splits[0], 0, limit)
    result["unit"] = unit(data)
    batches = 4 if quick else 60
    result["input"] = input_pace(recipes["varied"], data, batches)
    result["core_seconds_per_epoch"] = {
        name: round(data.info.sizes["train"] / network_pace(name, data, batches=batches), 2)
        for name in BUILDERS
    }
    result["anchors"] = ANCHORS
    result["target"] = {
        "what": f"at most {CEILING:,} parameters, test accuracy, mean over the seeds",
        "aim": f">= {AIM}",
        "reached": best["test_accuracy"]["mean"],
        "met": best["test_accuracy"]["mean"] >= AIM and best["parameters"] <= CEILING,
    }
    info = data.info
    return result, [source_row(info)]


def small(recipe: Recipe) -> Recipe:
    """Return a recipe cut down to seconds."""
    return replace(recipe, epochs=2, drawn=min(recipe.drawn, 48))


def described(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain values, what it leaves out left out."""
    return {
        name: value for name, value in asdict(recipe).items() if value not in (None, 0, 0.0, False)
    }


def _has_both_parts() -> bool:
    parts = _loaded("blocks", 0, None).collection.parts
    return parts is not None and {"train", "test"} <= set(parts)


def _loaded(split: str, seed: int, limit: int | None) -> DataSplits:
    return asl.load("sign_language_mnist", split=split, seed=seed, limit=limit, verbose=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few pictures, nothing recorded")
    parser.add_argument("--cache", type=Path, default=cache_dir() / "sign_mnist")
    options = parser.parse_args()
    if not _loaded("blocks", 0, 20).info.is_real and not options.quick:
        sys.exit(
            "Only the drawn twin is there. Set ASL_DATA_DIR to a folder with the real set, or run "
            "`asl data prepare sign_language_mnist`, which asks Kaggle for it."
        )
    result, data = measure(options.cache, options.quick)
    print(json.dumps(result["target"], indent=1))
    if not options.quick:
        print(
            record(
                "sign_mnist",
                result,
                data=[*data, DRAWN],
                profile=os.environ.get("ASL_PROFILE", "quick"),
            )
        )


if __name__ == "__main__":
    main()
