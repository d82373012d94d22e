"""Train the shipped landmark recogniser, from nothing but drawn hands.

``python -m asl_helpers.train_recogniser`` writes ``data/weights/landmarks.npz`` and its facts,
``landmarks.json``. The same seed gives the same weights on one machine.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np

from asl_helpers import classifier, hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.evaluation import fit_temperature
from asl_helpers.files import project_data
from asl_helpers.hand.sampling import sample_negatives
from asl_helpers.hand.tracker_noise import add_tracker_noise
from asl_helpers.training import set_seed

NEGATIVES = 0.08
"""Share of hands that spell nothing."""

SMOOTHING = 0.05
COVERED = 0.95
"""The rejection threshold keeps this share of drawn letters."""


def draw(count: int, seed: int, noise: float = 1.0, **switches) -> tuple[np.ndarray, np.ndarray]:
    """Draw landmarks (count, 21, 3) as a tracker would see them, and labels (count,) int64.

    Half of the pictures are mirrored. ``switches`` go to `hand.sample_landmarks`; ``noise``
    multiplies the tracker's jitter.
    """
    rng = np.random.default_rng([seed, 1])
    none = int(NEGATIVES * count)
    points, labels = hand.sample_landmarks(STATIC_LETTERS, count - none, seed=seed, **switches)
    points = np.concatenate([points, sample_negatives(none, seed=seed).image])
    labels = np.concatenate([labels, np.full(none, len(STATIC_LETTERS))])
    points = add_tracker_noise(points, rng, jitter=0.015 * noise)
    points[rng.random(count) < 0.5, :, 0] *= -1
    order = rng.permutation(count)
    return points[order], labels[order]


def train(
    seed: int = 0,
    epochs: int = 14,
    hands: int = 80_000,
    draw: Callable[..., tuple[np.ndarray, np.ndarray]] = draw,
    verbose: int = 0,
) -> keras.Model:
    """Return a trained core; every epoch sees ``hands`` newly drawn hands."""
    set_seed(seed)
    core = classifier.landmark_core()
    model = classifier.one_sided(core)
    steps = hands // 512
    model.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(2e-3, epochs * steps), weight_decay=1e-3
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING),
        metrics=["accuracy"],
    )

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        one_hot = np.eye(len(classifier.CLASSES), dtype=np.float32)
        for epoch in range(epochs):
            points, labels = draw(hands, seed=1000 * seed + epoch)
            for step in range(steps):
                part = slice(512 * step, 512 * (step + 1))
                yield points[part], one_hot[labels[part]]

    model.fit(batches(), steps_per_epoch=steps, epochs=epochs, verbose=verbose, shuffle=False)
    return core


def calibrate(core: keras.Model, seed: int = 0, hands: int = 20_000) -> tuple[float, float]:
    """Return the temperature and the rejection threshold, both found on newly drawn hands.

    The hands are twice as shaky as in training: real ones hold surprises that drawn ones do not,
    and a confidence that is right for the usual would be too high for them.
    """
    points, labels = draw(hands, seed=900_000 + seed, noise=2.0)
    logits = classifier.one_sided(core).predict(points, batch_size=4096, verbose=0)
    temperature = fit_temperature(logits, labels)
    model = classifier.landmark_model(core, temperature)
    points, labels = draw(hands, seed=910_000 + seed)
    letters = labels < len(STATIC_LETTERS)
    best = model.predict(points[letters], batch_size=4096, verbose=0).max(axis=1)
    return temperature, float(np.quantile(best, 1 - COVERED))


def main() -> None:
    """Train, calibrate, write the model and the facts of its card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=None, help="folder (default: data/weights)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--hands", type=int, default=80_000, help="newly drawn, an epoch")
    options = parser.parse_args()
    out = options.out or project_data() / "weights"
    core = train(options.seed, options.epochs, options.hands, verbose=2)
    temperature, threshold = calibrate(core, options.seed)
    facts = {
        "name": "landmarks",
        "classes": list(classifier.CLASSES),
        "parameters": core.count_params(),
        "temperature": temperature,
        "threshold": round(threshold, 4),
        "trained_on": f"{options.epochs} x {options.hands} drawn hands, seed {options.seed}",
    }
    facts = classifier.save_weights(core, out / "landmarks.npz", **facts)
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
