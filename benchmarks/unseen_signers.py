"""Record how recognisers read signers that they have never seen.

    ASL_DATA_DIR=folder python -m benchmarks.unseen_signers           the whole protocol
    ASL_DATA_DIR=folder python -m benchmarks.unseen_signers --quick   seconds, nothing recorded

The folder holds the landmarks of five real signers and two archives of pictures (unseen_data.py).
A model learns from drawn hands, from one real signer, from all real signers but one, or from those
and drawn hands; it is judged on signers that were not in its training. These four differ in their
hands alone; the last is repeated with a training made for it (unseen_refined.py), beside the most
that can be expected. Each training is kept as a row in the cache folder, so a run that was stopped
goes on where it was.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.files import cache_dir
from benchmarks.record import DRAWN, real_folder, record, spread
from benchmarks.unseen_data import SIGNERS, Hands, read_pictures, read_signers
from benchmarks.unseen_refined import Mix, Refined
from benchmarks.unseen_runs import ABLATIONS, Recipe, Run, Runs

SEEDS = (0, 1, 2)
PICTURES_PER_CLASS = 100
SINGLE = "ASL Alphabet"
"""The real single-signer set that most tutorials train on."""

TARGETS = {
    "drawn_mean": ("drawn only, mean over signers A-D and ASL Alphabet", ">=", 0.88),
    "drawn_lowest": ("drawn only, lowest signer", ">=", 0.80),
    "lowest_recall": ("drawn only, lowest recall of a letter, mean over the signers", ">=", 0.50),
    "left_out_both": ("one signer left out, drawn and real, mean A-D", ">=", 0.96),
    "ece": ("calibration error of the shipped model, mean over the signers", "<=", 0.10),
    "litert_ms": ("one hand, LiteRT, one thread, median milliseconds", "<=", 0.2),
}


def protocols(runs: Runs, seeds: list[int], strangers: tuple[str, ...]) -> dict[str, Any]:
    """Return the four protocols: what was learnt from, and the scores by unseen signer.

    ``strangers`` are the signers that are left out in turn.
    """
    everyone = tuple(SIGNERS)

    def leaving_out(learns_from: str) -> list[Run]:
        return [
            Run(learns_from, tuple(n for n in everyone if n != left), (left,), seed)
            for seed in seeds
            for left in strangers
        ]

    others = tuple(name for name in everyone if name != SINGLE)
    wanted = {
        "drawn": [Run("drawn", (), everyone, seed) for seed in seeds],
        "single": [Run("real", (SINGLE,), others, seed) for seed in seeds],
        "left_out": leaving_out("real"),
        "left_out_both": leaving_out("both"),
    }
    return {name: summary([runs.row(run) for run in some]) for name, some in wanted.items()}


def pictures(runs: Runs, seeds: list[int], tracked: dict[str, Hands]) -> dict[str, Any]:
    """Return the scores on tracked pictures, from drawn hands and from one real signer."""
    runs.hands |= tracked
    sets = tuple(tracked)
    wanted = {"drawn": ("drawn", ()), "single": ("real", (SINGLE,))}
    return {
        name: summary([runs.row(Run(*learns, sets, seed)) for seed in seeds])["sets"]
        for name, learns in wanted.items()
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the scores of several seeds by signer, and over the signers together.

    Every signer counts alike; ``sd`` is the spread over the seeds of the mean over the signers.
    """
    names = list(dict.fromkeys(name for row in rows for name in row["sets"]))
    sets = {name: [row["sets"][name] for row in rows if name in row["sets"]] for name in names}
    by_seed: dict[int, list[float]] = {}
    for row in rows:
        scores = [found["accuracy"] for found in row["sets"].values()]
        by_seed.setdefault(row["seed"], []).extend(scores)
    every = [found for name in names for found in sets[name]]
    return {
        "sets": {name: _of_set(found) for name, found in sets.items()},
        "accuracy": spread([float(np.mean(scores)) for scores in by_seed.values()]),
        "recall": _recalls(list(sets.values())),
        "confusions": _confusions(every),
        "ece": {
            "before": float(np.mean([found["ece_before"] for found in every])),
            "after": float(np.mean([found["ece"] for found in every])),
            "temperatures": [row["temperature"] for row in rows],
        },
    }


def _of_set(found: list[dict[str, Any]]) -> dict[str, Any]:
    scores = {"n": found[0]["n"], "coverage": found[0]["coverage"]}
    for name in ("accuracy", "accuracy_covered", "balanced_accuracy", "macro_f1", "ece"):
        scores[name] = spread([one[name] for one in found])
    scores["recall"] = _recalls([found])
    return scores


def _recalls(sets: list[list[dict[str, Any]]]) -> dict[str, float]:
    """Return each letter's recall: the mean over the sets that have it, seeds averaged first."""
    table: dict[str, list[float]] = {}
    for found in sets:
        for letter in STATIC_LETTERS:
            shares = [one["per_class_recall"][letter] for one in found if letter in
                      one["per_class_recall"]]  # fmt: skip
            if shares:
                table.setdefault(letter, []).append(float(np.mean(shares)))
    return {letter: float(np.mean(shares)) for letter, shares in table.items()}


def _confusions(found: list[dict[str, Any]], most: int = 10) -> list[dict[str, Any]]:
    """Return the mistakes with the largest share of their letter, mean over sets and seeds."""
    shares: dict[tuple[str, str], float] = {}
    for one in found:
        for row in one["confusions"]:
            pair = (row["true"], row["predicted"])
            shares[pair] = shares.get(pair, 0) + row["share"] / len(found)
    order = sorted(shares, key=shares.get, reverse=True)[:most]
    return [
        {"true": true, "predicted": predicted, "share": round(shares[true, predicted], 4)}
        for true, predicted in order
    ]


def refined(rows: dict[str, list[dict[str, Any]]], mix: Mix) -> dict[str, Any]:
    """Return what the training that was made for left-out signers reaches, and how it learnt."""
    return {"recipe": asdict(mix)} | {kind: summary(some) for kind, some in rows.items()}


def ablation(
    runs: Runs, seeds: list[int], drawn: dict[str, Any], left_out: Iterable[str] = ABLATIONS
) -> dict[str, Any]:
    """Return what each randomisation is worth: the change of the mean when it is switched off."""
    before = drawn["accuracy"]["runs"]
    result = {}
    for without in left_out:
        rows = [runs.row(Run("drawn", (), tuple(drawn["sets"]), seed, without)) for seed in seeds]
        after = summary(rows)
        changes = [a - b for a, b in zip(after["accuracy"]["runs"], before, strict=True)]
        result[without] = {
            "accuracy": after["accuracy"],
            "change": spread(changes),
            "sets": {name: found["accuracy"] for name, found in after["sets"].items()},
        }
        if without == "mirror":
            turned = [[one["turned"] for one in row["sets"].values()] for row in rows]
            result[without]["turned"] = spread([float(np.mean(seed)) for seed in turned])
    return result


def targets(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the aims, what was reached, and whether that meets them."""
    drawn = result["protocols"]["drawn"]
    reached = {
        "drawn_mean": drawn["accuracy"]["mean"],
        "drawn_lowest": min(found["accuracy"]["mean"] for found in drawn["sets"].values()),
        "lowest_recall": min(drawn["recall"].values()),
        "left_out_both": result["refined"]["left_out_both"]["accuracy"]["mean"],
    }
    if "shipped" in result:
        reached |= {
            "ece": result["shipped"]["ece"],
            "litert_ms": result["latency"]["litert_ms_p50"],
        }
    return [
        {
            "what": what,
            "aim": f"{sign} {aim}",
            "reached": reached[name],
            "met": reached[name] >= aim if sign == ">=" else reached[name] <= aim,
        }
        for name, (what, sign, aim) in TARGETS.items()
        if name in reached
    ]


def measure(folder: Path, cache: Path, quick: bool = False) -> tuple[dict[str, Any], list[dict]]:
    """Return what was measured, and the rows that describe the data.

    ``quick`` trains one seed on a few hands, for some of the runs, on the landmarks alone.
    """
    sets: dict[str, Hands] = read_signers(folder)
    seeds = list(SEEDS[:1] if quick else SEEDS)
    strangers = ("A",) if quick else tuple("ABCD")
    recipe = Recipe(epochs=1, hands=1024, calibrated_on=1000) if quick else Recipe()
    runs = Runs(dict(sets), cache, recipe)
    result: dict[str, Any] = {
        "recipe": {"epochs": recipe.epochs, "hands_per_epoch": recipe.hands, "seeds": seeds},
        "protocols": protocols(runs, seeds, strangers),
    }
    mix = Mix(epochs=1, hands=1024) if quick else Mix()
    rows = Refined(dict(sets), folder, cache, mix).rows(seeds, strangers)
    result["refined"] = refined(rows, mix)
    left_out = ABLATIONS[-1:] if quick else ABLATIONS
    result["ablation"] = ablation(runs, seeds, result["protocols"]["drawn"], left_out)
    if not quick:
        tracked = read_pictures(folder, cache, PICTURES_PER_CLASS)
        result["pictures"] = pictures(runs, seeds, tracked)
        sets |= tracked
        result |= _of_shipped(sets, cache)
    result["targets"] = targets(result)
    return result, [hands.about for hands in sets.values()]


def _of_shipped(sets: dict[str, Hands], cache: Path) -> dict[str, Any]:
    from asl_helpers.classifier import load
    from benchmarks import unseen_shipped

    recogniser = load("landmarks")
    return {
        "shipped": unseen_shipped.judged(recogniser, sets, list(SIGNERS)),
        "tones": unseen_shipped.tones(recogniser, cache),
        "sides": unseen_shipped.sides(recogniser, cache),
        "latency": unseen_shipped.latency(recogniser),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few hands, nothing recorded")
    parser.add_argument("--cache", type=Path, default=cache_dir() / "unseen_signers")
    options = parser.parse_args()
    folder = real_folder("the real landmarks and pictures")
    result, data = measure(folder, options.cache, options.quick)
    print(json.dumps(result["targets"], indent=1))
    if not options.quick:
        print(record("unseen_signers", result, data=[DRAWN, *data], profile="full"))


if __name__ == "__main__":
    main()
