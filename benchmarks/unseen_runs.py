"""The trainings of `unseen_signers`: what each learns from, and the row that is kept of it.

A core and its row are written as soon as they are there, under a key made of the run, the recipe,
the data and the code that they depend on: a stopped benchmark goes on where it was, and nothing
stale is reused.
"""

import functools
import hashlib
import inspect
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers import classifier, hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.evaluation import expected_calibration_error, softmax
from asl_helpers.files import atomic_path
from asl_helpers.hand import body, poses, sampling, scene
from asl_helpers.hand.tracker_noise import NEGATIVES, add_tracker_noise, sample_tracked
from asl_helpers.judge import score
from benchmarks.unseen_data import Hands
from tools import train_landmarks

Draw = Callable[..., tuple[np.ndarray, np.ndarray]]

SWITCHES = ("people", "ways", "jitter", "views", "perspective")
"""Randomisations that `hand.sample_landmarks` can switch off."""

ABLATIONS = (*SWITCHES, "tracker", "mirror")
"""What is left out, one at a time: each switch, the tracker's mistakes, mirror images."""


def digest(*parts: Any) -> str:
    """Return a hash of the source of modules and functions."""
    return hashlib.sha256("".join(map(inspect.getsource, parts)).encode()).hexdigest()


# Read once, beside the import: a file that changes during a run must not stand for what ran.
READING = digest(landmarks, classifier, add_tracker_noise, train_landmarks.train)
DRAWING = digest(body, poses, sampling, scene)


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes
    ----------
    learns_from:
        "drawn", "real" or "both".
    signers:
        The real signers in the training.
    judged_on:
        The sets that the model is judged on.
    seed:
        Of weights, order and drawn hands.
    without:
        One of `ABLATIONS` that is switched off.
    """

    learns_from: str
    signers: tuple[str, ...]
    judged_on: tuple[str, ...]
    seed: int
    without: str | None = None


@dataclass(frozen=True)
class Recipe:
    """How long every run trains, epochs of so many hands, and the hands that set a temperature."""

    epochs: int = 4
    hands: int = 40_000
    calibrated_on: int = 20_000


def drawn(count: int, seed: int, without: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Draw what the shipped recogniser learns from, one randomisation switched off."""
    if without is None or without in SWITCHES:
        return sample_tracked(count, seed, **({without: False} if without else {}))
    rng = np.random.default_rng([seed, 1])
    none = int(NEGATIVES * count)
    points, labels = hand.sample_landmarks(STATIC_LETTERS, count - none, seed=seed)
    points = np.concatenate([points, sampling.sample_negatives(none, seed=seed).image])
    labels = np.concatenate([labels, np.full(none, len(STATIC_LETTERS))])
    if without != "tracker":
        points = add_tracker_noise(points, rng)
    if without != "mirror":
        points[rng.random(count) < 0.5, :, 0] *= -1
    order = rng.permutation(count)
    return points[order], labels[order]


def real(hands: list[Hands]) -> Draw:
    """Return a draw of real hands: every letter as often, every signer of a letter as often.

    They get the same mirror images and mistakes of a tracker as drawn hands do, so that only the
    hands differ.
    """
    points = np.concatenate([one.points for one in hands])
    labels = np.concatenate([one.labels for one in hands])
    signer = np.repeat(np.arange(len(hands)), [len(one) for one in hands])
    counts = np.zeros((len(hands), len(STATIC_LETTERS)))
    np.add.at(counts, (signer, labels), 1)
    weight = 1 / counts[signer, labels] / (counts > 0).sum(axis=0)[labels]
    cumulative = np.cumsum(weight) / weight.sum()

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 2])
        rows = np.minimum(np.searchsorted(cumulative, rng.random(count)), len(points) - 1)
        noisy = add_tracker_noise(points[rows], rng)
        noisy[rng.random(count) < 0.5, :, 0] *= -1
        return noisy, labels[rows]

    return draw


def both(one: Draw, other: Draw) -> Draw:
    """Return a draw of half the hands from each of two."""

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        # The same drawn hands serve every signer left out: all of them are made, half are used.
        first, second = one(count, seed), other(count - count // 2, seed)
        pairs = zip((part[: count // 2] for part in first), second, strict=True)
        points, labels = (np.concatenate(pair) for pair in pairs)
        order = np.random.default_rng([seed, 3]).permutation(count)
        return points[order], labels[order]

    return draw


class Runs:
    """Does runs, or finds their cores and rows from an earlier time."""

    def __init__(self, hands: dict[str, Hands], folder: Path, recipe: Recipe) -> None:
        self.hands, self.folder, self.recipe = hands, folder, recipe
        # Runs of one seed follow each other and share what is drawn.
        self._drawn = functools.lru_cache(maxsize=recipe.epochs)(drawn)

    def row(self, run: Run) -> dict[str, Any]:
        """Return the row of a run: what it was, and the scores by set."""
        core_path, path = self._paths(run)
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        start = time.perf_counter()
        core, temperature = self._core(run, core_path)
        row = {
            **asdict(run),
            "temperature": temperature,
            "sets": {
                name: judged_one_sided(core, self.hands[name])
                if run.without == "mirror"
                else judged(core, self.hands[name], temperature)
                for name in run.judged_on
            },
        }
        with atomic_path(path) as made:
            made.write_text(json.dumps(row), encoding="utf-8")
        means = {name: round(found["accuracy"], 3) for name, found in row["sets"].items()}
        print(path.stem, f"{time.perf_counter() - start:.0f} s", means, flush=True)
        return row

    def _core(self, run: Run, path: Path) -> tuple[Any, float]:
        """Return the trained core of a run and its temperature."""
        import keras

        beside = path.with_suffix(".json")
        if beside.is_file():
            return keras.models.load_model(path, compile=False), json.loads(beside.read_text())
        core = train_landmarks.train(
            run.seed, self.recipe.epochs, self.recipe.hands, draw=self._draw(run)
        )
        temperature = 1.0
        if run.learns_from == "drawn" and run.without is None:
            temperature = train_landmarks.calibrate(core, run.seed, self.recipe.calibrated_on)[0]
        with atomic_path(path) as made:
            core.save(made)
        with atomic_path(beside) as made:
            made.write_text(json.dumps(temperature))
        return core, temperature

    def _draw(self, run: Run) -> Draw:
        if run.learns_from == "drawn":
            return functools.partial(self._drawn, without=run.without)
        of_people = real([self.hands[name] for name in run.signers])
        return of_people if run.learns_from == "real" else both(self._drawn, of_people)

    def _paths(self, run: Run) -> tuple[Path, Path]:
        """Return where the run's core and its row are kept."""
        training = asdict(run) | {"judged_on": None}
        code = [READING] if run.learns_from == "real" else [READING, DRAWING]
        learnt = [self.hands[name].about for name in run.signers]
        key = hashed([training, asdict(self.recipe), learnt, code])
        row_key = hashed([key, JUDGING, [self.hands[name].about for name in run.judged_on]])
        name = f"{run.learns_from}_{run.without or 'all'}_{run.seed}"
        return self.folder / f"core_{name}_{key}.keras", self.folder / f"row_{name}_{row_key}.json"


def hashed(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def judged(core, hands: Hands, temperature: float) -> dict[str, Any]:
    """Return the scores of a trained core, and its calibration error before the temperature."""
    views = [_logits(core, hands.normalised * _side(side)) for side in (1, -1)]

    def probabilities(heat: float) -> np.ndarray:
        return np.mean([softmax(logits / heat) for logits in views], axis=0)

    found = scored(hands, probabilities(temperature))
    labels = hands.labels[hands.found]
    found["ece_before"] = expected_calibration_error(labels, probabilities(1.0))
    return found


def judged_one_sided(core, hands: Hands) -> dict[str, Any]:
    """Return the scores of a core that has seen no mirror images, and reads none.

    Hands come as the tracker gives them; ``turned`` is the accuracy when they are turned into
    right hands first, as `landmarks.normalise` does it from their depth.
    """
    found, turned = (
        scored(hands, softmax(_logits(core, points))) for points in (hands.points, hands.normalised)
    )
    return found | {"ece_before": found["ece"], "turned": turned["accuracy"]}


def _side(side: int) -> np.ndarray:
    return np.array([side, 1, 1], np.float32)


def _logits(core, points: np.ndarray, batch: int = 8192) -> np.ndarray:
    model = classifier.one_sided(core)
    parts = [points[start : start + batch] for start in range(0, len(points), batch)]
    return np.concatenate([np.asarray(model(part, training=False)) for part in parts])


def scored(hands: Hands, probs: np.ndarray) -> dict[str, Any]:
    """Return the scores of probabilities (m, 25) for the m found hands, as `asl evaluate` does."""
    found = score(hands.labels, probs, hands.found, classifier.CLASSES)
    return {name: value for name, value in found.items() if name != "interval"}


JUDGING = digest(judged, judged_one_sided, score)
