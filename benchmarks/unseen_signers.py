"""Record how recognisers read signers that they have never seen.

    ASL_DATA_DIR=folder python -m benchmarks.unseen_signers           the whole protocol
    ASL_DATA_DIR=folder python -m benchmarks.unseen_signers --quick   seconds, nothing recorded

The folder holds the landmarks of five real signers and two archives of images (people.py). A model
learns from drawn hands, from one real signer, from all real signers but one, or from those and
drawn hands; it is judged on signers that were not in its training. These four differ in their hands
alone; the last is repeated with a training made for it (unseen_refined.py), beside the most that
can be expected. Finished trainings stay in the cache: interrupted, the command goes on.
"""

import functools
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from asl_helpers import hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand.sampling import sample_negatives
from asl_helpers.hand.tracker_noise import NEGATIVES, add_tracker_noise, sample_tracked
from benchmarks import unseen_refined, unseen_shipped
from benchmarks.people import (
    PICTURES,
    SIGNERS,
    Hands,
    balanced,
    core_of,
    judged,
    judged_one_sided,
    mixed,
    read_signers,
    read_tracked,
)
from benchmarks.record import DRAWN, Row, memory, real_folder, record, spread
from tools import train_landmarks

SEEDS = (0, 1, 2)
PICTURES_PER_CLASS = 100
SINGLE = "ASL Alphabet"
"""The real single-signer set that most tutorials train on."""

SWITCHES = ("people", "ways", "jitter", "views", "perspective")
"""Randomisations that `hand.sample_landmarks` can switch off."""

ABLATIONS = (*SWITCHES, "tracker", "mirror")
"""What is left out, one at a time: each switch, the tracker's mistakes, mirror images."""

TARGETS = {
    "drawn_mean": ("drawn only, mean over signers A-D and ASL Alphabet", ">=", 0.88),
    "drawn_lowest": ("drawn only, lowest signer", ">=", 0.80),
    "lowest_recall": ("drawn only, lowest recall of a letter, mean over the signers", ">=", 0.50),
    "left_out_both": ("one signer left out, drawn and real, mean A-D", ">=", 0.96),
    "ece": ("calibration error of the shipped model, mean over the signers", "<=", 0.10),
    "litert_ms": ("one hand, LiteRT, one thread, median milliseconds", "<=", 0.2),
}


@dataclass(frozen=True)
class Recipe:
    """How long every run trains, epochs of so many hands, and the hands that set a temperature."""

    epochs: int = 4
    hands: int = 40_000
    calibrated_on: int = 20_000


@functools.lru_cache(maxsize=4)
def drawn(count: int, seed: int, without: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Draw what the shipped recogniser learns from, one randomisation switched off.

    Runs of one seed follow each other and share what is drawn.
    """
    if without is None or without in SWITCHES:
        return sample_tracked(count, seed, **({without: False} if without else {}))
    rng = np.random.default_rng([seed, 1])
    none = int(NEGATIVES * count)
    points, labels = hand.sample_landmarks(STATIC_LETTERS, count - none, seed=seed)
    points = np.concatenate([points, sample_negatives(none, seed=seed).image])
    labels = np.concatenate([labels, np.full(none, len(STATIC_LETTERS))])
    if without != "tracker":
        points = add_tracker_noise(points, rng)
    if without != "mirror":
        points[rng.random(count) < 0.5, :, 0] *= -1
    order = rng.permutation(count)
    return points[order], labels[order]


def trained(
    learns_from: str, people: list[Hands], seed: int, without: str | None, recipe: Recipe
) -> tuple[list[np.ndarray], float]:
    """Return the weights of a core and its temperature.

    ``learns_from`` is "drawn", "real" or "both"; ``people`` are the real signers in the training.
    """
    draw = functools.partial(drawn, without=without)
    if people:
        draw = balanced(people) if learns_from == "real" else mixed(drawn, balanced(people), 0.5)
    core = train_landmarks.train(seed, recipe.epochs, recipe.hands, draw=draw)
    temperature = 1.0
    if learns_from == "drawn" and without is None:
        temperature = train_landmarks.calibrate(core, seed, recipe.calibrated_on)[0]
    return core.get_weights(), temperature


def row(
    learns_from: str,
    signers: Iterable[str],
    seed: int,
    judged_on: dict[str, Hands],
    everyone: dict[str, Hands],
    recipe: Recipe,
    without: str | None = None,
) -> Row:
    """Return what a run was, and its scores by set; nobody is judged who was learnt from."""
    signers = list(signers)
    assert not set(signers) & set(judged_on), "a signer would be judged who was learnt from"
    people = [everyone[name] for name in signers]
    kept = memory("unseen_signers").cache(trained)
    weights, temperature = kept(learns_from, people, seed, without, recipe)
    core = core_of(weights)
    return {
        "learns_from": learns_from,
        "signers": signers,
        "seed": seed,
        "temperature": temperature,
        "sets": {
            name: judged_one_sided(core, one)
            if without == "mirror"
            else judged(core, one, temperature)
            for name, one in judged_on.items()
        },
    }


def protocols(
    people: dict[str, Hands], seeds: list[int], strangers: str, recipe: Recipe
) -> dict[str, list[Row]]:
    """Return the rows of the four protocols; ``strangers`` are left out in turn."""

    def others_of(left: str) -> dict[str, Hands]:
        return {name: one for name, one in people.items() if name != left}

    def leaving_out(learns_from: str) -> list[Row]:
        return [
            row(learns_from, others_of(left), seed, {left: people[left]}, people, recipe)
            for seed in seeds
            for left in strangers
        ]

    return {
        "drawn": [row("drawn", [], seed, people, people, recipe) for seed in seeds],
        "single": [
            row("real", [SINGLE], seed, others_of(SINGLE), people, recipe) for seed in seeds
        ],
        "left_out": leaving_out("real"),
        "left_out_both": leaving_out("both"),
    }


def summary(rows: list[Row]) -> Row:
    """Return the scores of several seeds by signer, and over the signers together.

    Every signer counts alike; ``sd`` is the spread over the seeds of the mean over the signers.
    """
    names = list(dict.fromkeys(name for row in rows for name in row["sets"]))
    sets = {name: [row["sets"][name] for row in rows if name in row["sets"]] for name in names}
    by_seed: dict[int, list[float]] = {}
    for each in rows:
        accuracies = [found["accuracy"] for found in each["sets"].values()]
        by_seed.setdefault(each["seed"], []).extend(accuracies)
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


def _of_set(found: list[Row]) -> Row:
    scores = {"n": found[0]["n"], "coverage": found[0]["coverage"]}
    for name in ("accuracy", "accuracy_covered", "balanced_accuracy", "macro_f1", "ece"):
        scores[name] = spread([one[name] for one in found])
    return scores | {"recall": _recalls([found])}


def _recalls(sets: list[list[Row]]) -> dict[str, float]:
    """Return each letter's recall: the mean over the sets that have it, seeds averaged first."""
    table: dict[str, list[float]] = {}
    for found in sets:
        for letter in found[0]["per_class_recall"]:
            shares = [one["per_class_recall"][letter] for one in found]
            table.setdefault(letter, []).append(float(np.mean(shares)))
    return {letter: float(np.mean(table[letter])) for letter in STATIC_LETTERS if letter in table}


def _confusions(found: list[Row], most: int = 10) -> list[Row]:
    """Return the mistakes with the largest share of their letter, mean over sets and seeds."""
    shares: dict[tuple[str, str], float] = {}
    for one in found:
        for mistake in one["confusions"]:
            pair = (mistake["true"], mistake["predicted"])
            shares[pair] = shares.get(pair, 0) + mistake["share"] / len(found)
    order = sorted(shares, key=shares.get, reverse=True)[:most]
    return [{"true": t, "predicted": p, "share": round(shares[t, p], 4)} for t, p in order]


def ablation(
    people: dict[str, Hands],
    seeds: list[int],
    recipe: Recipe,
    before: list[float],
    left_out: Iterable[str] = ABLATIONS,
) -> Row:
    """Return what each randomisation is worth: the change of the mean when it is switched off.

    ``before`` are the means with nothing switched off, one per seed.
    """
    result = {}
    for without in left_out:
        rows = [row("drawn", [], seed, people, people, recipe, without) for seed in seeds]
        after = summary(rows)
        changes = [a - b for a, b in zip(after["accuracy"]["runs"], before, strict=True)]
        result[without] = {
            "accuracy": after["accuracy"],
            "change": spread(changes),
            "sets": {name: found["accuracy"] for name, found in after["sets"].items()},
        }
        if without == "mirror":
            turned = [np.mean([one["turned"] for one in row["sets"].values()]) for row in rows]
            result[without]["turned"] = spread([float(mean) for mean in turned])
    return result


def targets(result: Row) -> list[Row]:
    """Return the aims, what was reached, and whether that meets them."""
    of_drawn = result["protocols"]["drawn"]
    reached = {
        "drawn_mean": of_drawn["accuracy"]["mean"],
        "drawn_lowest": min(found["accuracy"]["mean"] for found in of_drawn["sets"].values()),
        "lowest_recall": min(of_drawn["recall"].values()),
        "left_out_both": result["refined"]["left_out_both"]["accuracy"]["mean"],
    }
    if "shipped" in result:
        reached["ece"] = result["shipped"]["ece"]
        reached["litert_ms"] = result["latency"]["litert_ms_p50"]
    rows = []
    for name, got in reached.items():
        what, sign, aim = TARGETS[name]
        is_met = got >= aim if sign == ">=" else got <= aim
        rows.append({"what": what, "aim": f"{sign} {aim}", "reached": got, "met": is_met})
    return rows


def measure(folder: Path, quick: bool = False) -> tuple[Row, list[Row]]:
    """Return what was measured, and the rows that describe the data.

    ``quick`` trains one seed on a few hands, for some of the runs, on the landmarks alone.
    """
    people = read_signers(folder)
    seeds, strangers, recipe, mix = list(SEEDS), "ABCD", Recipe(), unseen_refined.Mix()
    if quick:
        seeds, strangers, recipe = [SEEDS[0]], "A", Recipe(1, 1024, 1000)
        mix = unseen_refined.Mix(epochs=1, hands=1024)
    rows = protocols(people, seeds, strangers, recipe)
    refined = unseen_refined.rows(people, folder, seeds, strangers, mix)
    result: Row = {
        "recipe": {"epochs": recipe.epochs, "hands_per_epoch": recipe.hands, "seeds": seeds},
        "protocols": {name: summary(some) for name, some in rows.items()},
        "refined": {"recipe": asdict(mix)} | {kind: summary(r) for kind, r in refined.items()},
    }
    before = result["protocols"]["drawn"]["accuracy"]["runs"]
    left_out = ABLATIONS[-1:] if quick else ABLATIONS
    result["ablation"] = ablation(people, seeds, recipe, before, left_out)
    sets = dict(people)
    if not quick:
        limit = PICTURES_PER_CLASS
        tracked = {name: read_tracked(folder / file, limit) for name, file in PICTURES.items()}
        sets |= tracked
        for name, learns in {"drawn": ("drawn", []), "single": ("real", [SINGLE])}.items():
            rows = [row(*learns, seed, tracked, people, recipe) for seed in seeds]
            result.setdefault("pictures", {})[name] = summary(rows)["sets"]
        result |= unseen_shipped.measure(sets, list(SIGNERS))
    result["targets"] = targets(result)
    return result, [hands.about for hands in sets.values()]


def main() -> None:
    """Measure; record it unless it was a quick run."""
    quick = "--quick" in sys.argv[1:]
    result, data = measure(real_folder("the real landmarks and pictures"), quick)
    print(json.dumps(result["targets"], indent=1))
    if not quick:
        print(record("unseen_signers", result, data=[DRAWN, *data], profile="full"))


if __name__ == "__main__":
    main()
