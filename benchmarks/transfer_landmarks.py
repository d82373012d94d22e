"""Record rows of `transfer` that read landmarks: 28 classes, and five letters, on a new signer.

Nothing is chosen here on the sets that judge: network, rate and length are those of the shipped
recogniser, and the share of real hands is that of `unseen_refined`, which was compared on signers A
to D. But the drawn hands know all of them a little, as their model card says: `OWED`.
"""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers import classifier, hand
from asl_helpers.alphabet import INTERFACE_CLASSES, LETTERS
from asl_helpers.evaluation import wilson
from asl_helpers.hand.tracker_noise import add_tracker_noise
from benchmarks.people import (
    PICTURES,
    SIGNERS,
    Hands,
    balanced,
    core_of,
    mixed,
    outputs,
    read_landmarks,
    read_tracked,
    scored,
)
from benchmarks.record import DRAWN, Row, memory, spread
from benchmarks.unseen_refined import Mix
from tools import train_landmarks

SHOWN = (*LETTERS, *(name for name in INTERFACE_CLASSES if name != "nothing"))
"""The 28 classes that show a hand."""

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


@dataclass(frozen=True)
class Training:
    """One training: classes, "drawn", "real" or "both", and the real signers in it."""

    classes: tuple[str, ...]
    learns_from: str
    signers: tuple[str, ...]
    judged_on: tuple[str, ...]


def plan(names: Sequence[str]) -> list[Training]:
    """Return the trainings of each seed; ``names`` are the sets."""
    pair = (ALPHABET, ROOMS)
    return [
        Training(SHOWN, "drawn", (), pair),
        *(
            Training(SHOWN, learns_from, (known,), (stranger,))
            for known, stranger in (pair, pair[::-1])
            for learns_from in ("real", "both")
        ),
        Training(FIVE, "drawn", (), tuple(names)),
    ]


def read(folder: Path) -> dict[str, Hands]:
    """Return the real hands by set, labelled by their place in `SHOWN`; rooms is tracked once."""
    upper = tuple(name.upper() for name in SHOWN)
    sets = {name: read_landmarks(folder / file, upper) for name, file in SIGNERS.items()}
    return sets | {ROOMS: read_tracked(folder / PICTURES["rooms"], None, upper)}


def only(hands: Hands, classes: tuple[str, ...]) -> Hands:
    """Return the hands of some classes, labelled by their place among these."""
    place = np.full(len(SHOWN), -1)
    place[[SHOWN.index(name) for name in classes]] = np.arange(len(classes))
    labels = place[hands.labels]
    return hands.part(labels >= 0, labels)


@functools.lru_cache(maxsize=14)
def drawn(count: int, seed: int, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Draw landmarks (count, 21, 3) as a tracker would see them, half mirrored, and labels.

    Trainings of one seed follow each other and share what is drawn.
    """
    rng = np.random.default_rng([seed, 1])
    points, labels = hand.sample_landmarks(classes, count, seed=seed)
    points = add_tracker_noise(points, rng)
    points[rng.random(count) < 0.5, :, 0] *= -1
    return points, labels


def trained(
    classes: tuple[str, ...], people: list[Hands], learns_from: str, seed: int,
    epochs: int, hands: int,
) -> tuple[list[np.ndarray], float]:  # fmt: skip
    """Return the weights of a core, trained as the shipped one is, and the seconds it took."""
    start = time.perf_counter()
    draw = functools.partial(drawn, classes=classes)
    if people:
        of_people = balanced(people, normalised=True)
        draw = of_people if learns_from == "real" else mixed(draw, of_people, Mix.real)
    core = train_landmarks.train(seed, epochs, hands, draw, len(classes))
    return core.get_weights(), round(time.perf_counter() - start, 1)


def scores(training: Training, seed: int, sets: dict[str, Hands], epochs: int, hands: int) -> Row:
    """Return the scores of a training by set, as `asl evaluate` counts them."""
    people = [only(sets[name], training.classes) for name in training.signers]
    kept = memory("transfer_landmarks").cache(trained)
    weights, seconds = kept(training.classes, people, training.learns_from, seed, epochs, hands)
    model = classifier.landmark_model(core_of(weights, len(training.classes)))
    found: Row = {"seed": seed, "seconds": seconds, "sets": {}}
    for name in training.judged_on:
        judged = only(sets[name], training.classes)
        probs = outputs(model, judged.normalised)
        everything = scored(judged, probs, training.classes)
        covered = scored(judged.part(judged.found), probs, training.classes)
        found["sets"][name] = covered | {
            "coverage": everything["coverage"],
            "accuracy": everything["accuracy"],
            "accuracy_covered": covered["accuracy"],
        }
    return found


def rows(folder: Path, quick: bool = False) -> tuple[list[Row], list[Row]]:
    """Return the rows, and those that describe the data; ``quick`` trains one seed a little."""
    sets = read(folder)
    found: dict[Training, list[Row]] = {}
    for seed in SEEDS[:1] if quick else SEEDS:
        for training in plan(list(sets)):
            length = (1, 1024) if quick else (14, HANDS[len(training.classes)])
            found.setdefault(training, []).append(scores(training, seed, sets, *length))
    table = [
        row(training, name, runs) for training, runs in found.items() for name in training.judged_on
    ]
    return table, [*(one.about for one in sets.values()), DRAWN]


def row(training: Training, stranger: str, runs: list[Row]) -> Row:
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
