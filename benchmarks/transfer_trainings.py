"""The trainings behind `transfer_landmarks`: what each learns from, and the scores that are kept.

Each is kept in the cache folder under a hash of all that it depends on; a stopped run goes on where
it was.
"""

import functools
import hashlib
import inspect
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from asl_helpers import classifier, hand
from asl_helpers.alphabet import INTERFACE_CLASSES, LETTERS
from asl_helpers.files import atomic_path
from asl_helpers.hand.tracker_noise import add_tracker_noise
from asl_helpers.judge import score
from benchmarks.unseen_data import Hands
from benchmarks.unseen_refined import Mix
from benchmarks.unseen_runs import DRAWING, READING, Draw, Recipe, hashed
from tools import train_landmarks

SHOWN = (*LETTERS, *(name for name in INTERFACE_CLASSES if name != "nothing"))
"""The 28 classes that show a hand."""

REAL = Mix.real
"""Share of real hands beside drawn ones."""


@dataclass(frozen=True)
class Training:
    """One training: classes, the real signers in it (none: drawn hands alone), and its seed."""

    classes: tuple[str, ...]
    learns_from: str
    signers: tuple[str, ...]
    judged_on: tuple[str, ...]
    seed: int


def drawn(count: int, seed: int, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Draw landmarks (count, 21, 3) as a tracker would see them, half mirrored, and labels."""
    rng = np.random.default_rng([seed, 1])
    points, labels = hand.sample_landmarks(classes, count, seed=seed)
    points = add_tracker_noise(points, rng)
    points[rng.random(count) < 0.5, :, 0] *= -1
    return points, labels


def real(hands: Sequence[Hands]) -> Draw:
    """Return a draw of real hands: every class as often, every signer of a class as often.

    They get the mirror images and a tracker's mistakes that drawn hands get.
    """
    points = np.concatenate([one.normalised for one in hands])
    labels = np.concatenate([one.labels[one.found] for one in hands])
    signer = np.repeat(np.arange(len(hands)), [one.found.sum() for one in hands])
    pairs, place, count = np.unique(
        np.stack([labels, signer]), axis=1, return_inverse=True, return_counts=True
    )
    signers = np.bincount(pairs[0])[labels]
    weight = 1 / (count[place.ravel()] * signers)
    weight /= weight.sum()

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 2])
        rows = rng.choice(len(points), count, p=weight)
        noisy = add_tracker_noise(points[rows], rng)
        noisy[rng.random(count) < 0.5, :, 0] *= -1
        return noisy, labels[rows]

    return draw


def mixed(of_hands: Draw, of_people: Draw) -> Draw:
    """Return a draw of drawn hands and a share of `REAL` real ones."""

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        few = round(REAL * count)
        # Other trainings of this seed use the same drawn hands: all are made, most are used.
        drawn_part = (part[few:] for part in of_hands(count, seed))
        parts = zip(drawn_part, of_people(few, seed), strict=True)
        points, labels = (np.concatenate(pair) for pair in parts)
        order = np.random.default_rng([seed, 3]).permutation(count)
        return points[order], labels[order]

    return draw


def train(draw: Draw, classes: int, seed: int, recipe: Recipe) -> keras.Model:
    """Return a core that was trained as the shipped one is, for another number of classes."""
    return train_landmarks.train(seed, recipe.epochs, recipe.hands, draw, classes)


class Trainings:
    """Trains and judges, or finds what an earlier time kept.

    Parameters
    ----------
    hands:
        Real hands by set, all 28 classes.
    cache:
        The folder of what is kept.
    recipes:
        How long a training lasts, by the number of classes.
    """

    def __init__(self, hands: dict[str, Hands], cache: Path, recipes: dict[int, Recipe]) -> None:
        self.hands, self.cache, self.recipes = hands, cache, recipes
        # Trainings of one seed follow each other and share what is drawn.
        most = max(recipe.epochs for recipe in recipes.values())
        self._drawn = functools.lru_cache(maxsize=most)(drawn)

    def path(self, training: Training) -> Path:
        """Return where the scores of a training are kept."""
        sets = {*training.signers, *training.judged_on}
        about = [self.hands[name].about for name in sorted(sets)]
        recipe = self.recipes[len(training.classes)]
        key = hashed([asdict(training), asdict(recipe), about, READING, DRAWING, _CODE])
        return self.cache / f"landmarks_{training.learns_from}_{training.seed}_{key}.json"

    def scores(self, training: Training) -> dict[str, Any]:
        """Return the scores of a training by set, and the seconds it took."""
        path, recipe = self.path(training), self.recipes[len(training.classes)]
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        start = time.perf_counter()
        core = train(self._draw(training), len(training.classes), training.seed, recipe)
        seconds = time.perf_counter() - start
        sets = {
            name: judged(core, only(self.hands[name], training.classes), training.classes)
            for name in training.judged_on
        }
        found = {**asdict(training), "seconds": round(seconds, 1), "sets": sets}
        with atomic_path(path) as made:
            made.write_text(json.dumps(found), encoding="utf-8")
        print(path.stem, {n: round(s["accuracy_covered"], 4) for n, s in sets.items()}, flush=True)
        return found

    def _draw(self, training: Training) -> Draw:
        of_hands = functools.partial(self._drawn, classes=training.classes)
        if training.learns_from == "drawn":
            return of_hands
        people = [only(self.hands[name], training.classes) for name in training.signers]
        of_people = real(people)
        return of_people if training.learns_from == "real" else mixed(of_hands, of_people)


def only(hands: Hands, classes: tuple[str, ...]) -> Hands:
    """Return the hands of some classes, labelled by their place among these."""
    if classes == SHOWN:
        return hands
    place = np.full(len(SHOWN), -1)
    place[[SHOWN.index(name) for name in classes]] = np.arange(len(classes))
    labels = place[hands.labels]
    kept = labels >= 0
    tracked = kept[hands.found]
    return Hands(
        hands.source,
        labels[kept],
        hands.found[kept],
        hands.points[tracked],
        hands.normalised[tracked],
        hands.about,
    )


def judged(core: keras.Model, hands: Hands, classes: tuple[str, ...]) -> dict[str, Any]:
    """Return the scores as `asl evaluate` counts them, and F1 among the hands that were found."""
    model = classifier.landmark_model(core)
    probs = np.asarray(model.predict(hands.normalised, batch_size=4096, verbose=0))
    labels = hands.labels[hands.found]
    everything = score(hands.labels, probs, hands.found, classes)
    covered = score(labels, probs, np.ones(len(labels), bool), classes)
    return {
        "n": len(labels),
        "coverage": everything["coverage"],
        "accuracy": everything["accuracy"],
        "accuracy_covered": covered["accuracy"],
        "macro_f1": covered["macro_f1"],
        "per_class_recall": covered["per_class_recall"],
        "confusions": covered["confusions"],
    }


_CODE = hashlib.sha256(
    "".join(map(inspect.getsource, (drawn, real, train, only, mixed, judged, score))).encode()
).hexdigest()
