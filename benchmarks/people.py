"""Hands of real signers for the benchmarks: landmarks of five signers, and images, tracked.

Hands are normalised as `asl evaluate` does it, so scores agree with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np

from asl_helpers import classifier, landmarks, tracking
from asl_helpers.alphabet import STATIC_LETTERS, encode
from asl_helpers.evaluation import expected_calibration_error, softmax
from asl_helpers.files import sha256
from asl_helpers.hand.tracker_noise import add_tracker_noise
from asl_helpers.judge import read_samples, score
from benchmarks.record import Row, memory

SIGNERS = {
    **{name: f"landmarks_fingerspelling5_signer_{name}.npz" for name in "ABCD"},
    "ASL Alphabet": "landmarks_asl_alphabet.npz",
}
"""Files of landmarks, one real signer each; the last is the usual single-signer set."""

PICTURES = {"rooms": "asl29_rooms_160.zip", "massey": "massey_letters_hands12.zip"}
"""Archives of images, tracked first."""

LIMIT = 1000
"""Hands of a letter and signer, evenly spaced over the file; more are near-copies in a video."""

Draw = Callable[..., tuple[np.ndarray, np.ndarray]]
"""From a number of hands and a ``seed`` to landmarks (n, 21, 3) and labels (n,)."""


@dataclass
class Hands:
    """Hands of the classes that were asked for, n of them.

    Attributes
    ----------
    labels:
        (n,) int64, index into the classes; STATIC_LETTERS unless others were asked for.
    found:
        (n,) bool: where a hand was found; landmarks files hold found hands alone.
    points:
        (m, 21, 3) float32: the m hands that were found, as they came.
    normalised:
        (m, 21, 3) float32: the same as right hands of one palm length, aspect made good.
    about:
        The row of the record that describes the file.
    """

    labels: np.ndarray
    found: np.ndarray
    points: np.ndarray
    normalised: np.ndarray
    about: Row

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, kept: np.ndarray, labels: np.ndarray | None = None) -> "Hands":
        """Return the hands of a mask (n,), with other labels (n,) if they are given."""
        labels = self.labels if labels is None else labels
        tracked = kept[self.found]
        points, normalised = self.points[tracked], self.normalised[tracked]
        return Hands(labels[kept], self.found[kept], points, normalised, self.about)


def read_signers(folder: Path) -> dict[str, Hands]:
    """Return the real landmarks by signer, static letters alone."""
    return {name: read_landmarks(folder / file) for name, file in SIGNERS.items()}


def read_landmarks(path: Path, classes: Sequence[str] = STATIC_LETTERS) -> Hands:
    """Return a file's hands of ``classes`` (upper case), at most `LIMIT` of each."""
    samples = read_samples(path, LIMIT)
    samples = samples.keep(np.isin(samples.labels, classes), "another class")
    labels = encode(samples.labels, classes)
    points, about = samples.points, about_file(path) | {"limit_per_class": LIMIT}
    return Hands(labels, np.ones(len(labels), bool), points, landmarks.normalise(points), about)


def read_tracked(path: Path, limit: int | None, classes: Sequence[str] = STATIC_LETTERS) -> Hands:
    """Return an archive's images of ``classes`` (upper case), tracked once."""
    about, tracker = about_file(path), tracker_version()
    track = memory("tracked").cache(_tracked, ignore=["path"])
    names, points, hands, aspect = track(path, limit, tuple(classes), about["sha256"], tracker)
    single = hands < 2  # as in `asl evaluate`: two hands in an image are left out, and counted
    found = hands[single] == 1
    points, aspect = points[single][found], aspect[single][found]
    about |= {"two_hands": int((~single).sum()), "limit_per_class": limit, "tracker": tracker}
    labels = encode(names[single], classes)
    return Hands(labels, found, points, landmarks.normalise(points, aspect), about)


def _tracked(path: Path, limit: int | None, classes: tuple[str, ...], sha256: str, tracker: str):
    """Return names, points, number of hands and aspect of each image; the last two are the key."""
    samples = read_samples(path, limit)
    samples = samples.keep(np.isin(samples.labels, classes), "another class")
    tracked = tracking.track_all(samples.image(index) for index in range(len(samples)))
    return samples.labels, tracked.points, tracked.hands, tracked.aspect


def tracker_version() -> str:
    """Return what tracked points depend on: MediaPipe's release and the code around it."""
    return f"{version('mediapipe')} {sha256(Path(tracking.__file__))[:12]}"


def about_file(path: Path) -> Row:
    """Return the row of a record that describes a file."""
    return {"source": path.name, "sha256": sha256(path), "is_real": True}


def balanced(hands: Sequence[Hands], normalised: bool = False) -> Draw:
    """Return a draw of real hands: every class as often, every signer of a class as often.

    They get the mirror images and a tracker's mistakes that drawn hands get, so that only the
    hands differ.
    """
    points = np.concatenate([one.normalised if normalised else one.points for one in hands])
    labels = np.concatenate([one.labels[one.found] for one in hands])
    signer = np.repeat(np.arange(len(hands)), [one.found.sum() for one in hands])
    counts = np.zeros((len(hands), labels.max() + 1))
    np.add.at(counts, (signer, labels), 1)
    weight = 1 / counts[signer, labels] / (counts > 0).sum(axis=0)[labels]
    weight /= weight.sum()

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 2])
        rows = rng.choice(len(points), count, p=weight)
        noisy = add_tracker_noise(points[rows], rng)
        noisy[rng.random(count) < 0.5, :, 0] *= -1
        return noisy, labels[rows]

    return draw


def mixed(of_drawn: Draw, of_people: Draw, share: float) -> Draw:
    """Return a draw of drawn hands and a share of real ones."""

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        few = round(share * count)
        # Other trainings of this seed use the same drawn hands: all are made, some are used.
        drawn = (part[few:] for part in of_drawn(count, seed))
        pairs = zip(drawn, of_people(few, seed), strict=True)
        points, labels = (np.concatenate(pair) for pair in pairs)
        order = np.random.default_rng([seed, 3]).permutation(count)
        return points[order], labels[order]

    return draw


def scored(hands: Hands, probs: np.ndarray, classes: Sequence[str]) -> Row:
    """Return the scores of probabilities (m, classes) for the found hands, as `asl evaluate`."""
    found = score(hands.labels, probs, hands.found, classes)
    found.pop("interval", None)
    return found


def core_of(weights: list[np.ndarray], classes: int = len(classifier.CLASSES)) -> keras.Model:
    """Return the landmark model's core with these weights."""
    core = classifier.landmark_core(classes)
    core.set_weights(weights)
    return core


def outputs(model: keras.Model, points: np.ndarray, batch: int = 8192) -> np.ndarray:
    """Return a model's outputs; called directly, as a graph per model would cost seconds."""
    parts = [points[start : start + batch] for start in range(0, len(points), batch)]
    return np.concatenate([np.asarray(model(part, training=False)) for part in parts])


def judged(core: keras.Model, hands: Hands, temperature: float) -> Row:
    """Return the scores of a trained core, and its calibration error before the temperature."""
    model = classifier.one_sided(core)
    sides = (np.float32([side, 1, 1]) for side in (1, -1))
    views = [outputs(model, hands.normalised * side) for side in sides]

    def probabilities(heat: float) -> np.ndarray:
        return np.mean([softmax(logits / heat) for logits in views], axis=0)

    found = scored(hands, probabilities(temperature), classifier.CLASSES)
    labels = hands.labels[hands.found]
    return found | {"ece_before": expected_calibration_error(labels, probabilities(1.0))}


def judged_one_sided(core: keras.Model, hands: Hands) -> Row:
    """Return the scores of a core that has seen no mirror images, and reads none.

    Hands come as the tracker gives them; ``turned`` is the accuracy when they are turned into
    right hands first, as `landmarks.normalise` does it from their depth.
    """
    model = classifier.one_sided(core)
    found, turned = (
        scored(hands, softmax(outputs(model, points)), classifier.CLASSES)
        for points in (hands.points, hands.normalised)
    )
    return found | {"ece_before": found["ece"], "turned": turned["accuracy"]}
