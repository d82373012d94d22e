"""Rows of `transfer` that read landmarks: 28 classes, and five letters, on a signer never met.

Nothing is chosen here on the sets that judge: network, rate and length are those of the shipped
recogniser, and the share of real hands is that of `unseen_refined`, which was compared on signers A
to D. But the drawn hands know all of them a little, as their model card says: `OWED`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.evaluation import wilson
from benchmarks.record import DRAWN, spread
from benchmarks.transfer_trainings import SHOWN, Training, Trainings
from benchmarks.unseen_data import PICTURES, SIGNERS, Hands, read_landmarks, read_tracked
from benchmarks.unseen_runs import Recipe

FIVE = ("C", "E", "L", "O", "V")
SEEDS = (0, 1, 2)
ALPHABET, ROOMS = "ASL Alphabet", "rooms"
FRAMES, ALPHABET_FOUND = 3000, 63_828
"""Frames of a class in ASL Alphabet, and hands of the 28 classes in its file of landmarks: those
that were found in all of its frames."""

AIMS = {28: 0.92, 5: 0.97}
HANDS = {28: 80_000, 5: 16_000}
"""Hands in each of the epochs: the shipped recogniser's, and as many of each of five letters."""

OWED = {
    ROOMS: "some variants of the drawn poses were added after a look at this set",
    "": "the table of drawn poses was fitted to landmarks of five signers, this one among them",
}
"""What the drawn hands owe to a set; every other one is in the second line."""


def read(folder: Path, cache: Path) -> dict[str, Hands]:
    """Return the real hands by set, labelled by their place in `SHOWN`; rooms is tracked once."""
    upper = tuple(name.upper() for name in SHOWN)
    sets = {name: read_landmarks(folder / file, upper) for name, file in SIGNERS.items()}
    return sets | {ROOMS: read_tracked(folder / PICTURES["rooms"], cache, None, upper)}


def plan(seeds: Sequence[int], names: Sequence[str]) -> list[Training]:
    """Return the trainings, those of one seed together; ``names`` are the sets."""
    trainings = []
    for seed in seeds:
        pair = (ALPHABET, ROOMS)
        trainings.append(Training(SHOWN, "drawn", (), pair, seed))
        for known, stranger in (pair, pair[::-1]):
            for learns_from in ("real", "both"):
                trainings.append(Training(SHOWN, learns_from, (known,), (stranger,), seed))
        trainings.append(Training(FIVE, "drawn", (), tuple(names), seed))
    return trainings


def rows(
    folder: Path, cache: Path, quick: bool = False, train: bool = True
) -> tuple[list[dict[str, Any]], list[dict]]:
    """Return the rows, and those that describe the data.

    ``quick`` trains one seed a little; without ``train``, rows are of the trainings that are kept.
    """
    hands = read(folder, cache)
    recipes = {
        classes: Recipe(epochs=1, hands=1024) if quick else Recipe(epochs=14, hands=count)
        for classes, count in HANDS.items()
    }
    trainings = Trainings(hands, cache, recipes)
    found: dict[Training, list[dict[str, Any]]] = {}
    for training in plan(SEEDS[:1] if quick else SEEDS, list(hands)):
        if train or trainings.path(training).is_file():
            found.setdefault(replace(training, seed=0), []).append(trainings.scores(training))
    table = [
        row(training, name, runs) for training, runs in found.items() for name in training.judged_on
    ]
    return table, [*(one.about for one in hands.values()), DRAWN]


def row(training: Training, stranger: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one row of the record: a training that was repeated, and the signer it never met.

    ``accuracy`` and ``macro_f1`` are those of the hands that were found; ``accuracy_all`` counts a
    hand that was missed as an error, where it is known how many were.
    """
    sets = [run["sets"][stranger] for run in runs]
    n, classes = sets[0]["n"], len(training.classes)
    accuracy = spread([one["accuracy_covered"] for one in sets])
    covered = sets[0]["coverage"] if stranger == ROOMS else None
    if (stranger, classes) == (ALPHABET, len(SHOWN)):
        covered = ALPHABET_FOUND / (FRAMES * classes)
    learnt = {"drawn": ["drawn hands"], "real": [], "both": ["drawn hands"]}[training.learns_from]
    slug = "-".join([training.learns_from, *training.signers, "to", stranger])
    recall = {
        name: float(np.mean([one["per_class_recall"][name] for one in sets]))
        for name in sets[0]["per_class_recall"]
    }
    return {
        "name": f"landmarks-{classes}-{slug}".lower().replace(" ", "_"),
        "what": "letters C, E, L, O, V" if classes == 5 else "26 letters, space and del",
        "train": " + ".join([*learnt, *(_words(name) for name in training.signers)]),
        "test": _words(stranger),
        "split": "a signer who is in no training",
        "input": "landmarks",
        "classes": classes,
        "seeds": [run["seed"] for run in runs],
        "accuracy": accuracy,
        "n": n,
        "interval": list(wilson(round(accuracy["mean"] * n), n)),
        "coverage": covered and round(covered, 4),
        "accuracy_all": spread([one["accuracy"] for one in sets]) if stranger == ROOMS else None,
        "macro_f1": spread([one["macro_f1"] for one in sets]),
        "recall": {name: round(share, 4) for name, share in recall.items()},
        "confusions": sets[0]["confusions"][:5],
        "aim": None if training.learns_from == "real" else AIMS[classes],
        "note": OWED.get(stranger, OWED[""]) if learnt else None,
        "seconds_a_run": round(float(np.mean([run["seconds"] for run in runs])), 1),
    }


def _words(name: str) -> str:
    return {ALPHABET: ALPHABET, ROOMS: "rooms"}.get(name, f"signer {name}")
