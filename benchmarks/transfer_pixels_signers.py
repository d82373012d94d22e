"""The trainings of `transfer_pixels` on one signer, on drawn hands or on both; tested on others.

Each way of learning has a journal in the cache, and each training leaves its weights there.
"""

import json
import os
from functools import cache as cache_results
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras

import asl_helpers as asl
from asl_helpers import sweeps
from benchmarks import transfer_pixels_data as pixels_data
from benchmarks.transfer_pixels_runs import BATCH, Recipe, fit, network, score

DRAWN, MORE = 6, 23
"""Chunks of 2,000 drawn hands: with guides, and without."""

SMALL, LARGE = 64, 96
"""Pixels a side: drawn hands are learnt at the first, another signer is read at the second."""

OTHER = {"asl_alphabet": "asl_rooms", "asl_rooms": "asl_alphabet"}
"""Who is tested when a signer was learnt from."""

USUAL = {
    "passes": 64_000,
    "size": SMALL,
    "backdrops": 0.6,
    "light": True,
    "mirror": 0.0,
}
"""How a signer is learnt, beside whom: pictures seen, pixels a side, and how they are varied."""

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
    model = network(len(pixels_data.CLASSES))
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
    about = {name: info(name).sha256 for name in OTHER}

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
    model = network(len(pixels_data.CLASSES))
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


def info(name: str) -> Any:
    """Return what a set says of itself."""
    return asl.load(name, size=SMALL, verbose=False).info
