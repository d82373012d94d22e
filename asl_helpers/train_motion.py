"""Train the shipped model of letters that move, from nothing but drawn hands.

``python -m asl_helpers.train_motion`` writes ``data/weights/motion.npz`` and its facts,
``motion.json``. The same seed gives the same weights on one machine.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.classifier import motion_core, save_weights
from asl_helpers.evaluation import fit_temperature, softmax
from asl_helpers.files import project_data
from asl_helpers.hand.film import CLASSES, sample_windows
from asl_helpers.strokes import FEATURES, features
from asl_helpers.training import set_seed

SMOOTHING = 0.02
BATCH = 256
ALLOWED = 0.002
"""The threshold lets so many drawn windows without a stroke pass as one."""

_MIRROR = np.ones(FEATURES, np.float32)
_MIRROR[0:46:2] = -1  # every x


def augmented(inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return windows, each mirrored or not, a little smaller or larger, a little noisier."""
    n = len(inputs)
    factor = np.where(rng.random((n, 1, 1)) < 0.5, _MIRROR, 1).astype(np.float32)
    factor[..., :46] *= np.exp(0.05 * rng.standard_normal((n, 1, 1), np.float32))
    inputs = inputs * factor
    inputs[..., :46] += 0.01 * rng.standard_normal(inputs[..., :46].shape, np.float32)
    return inputs


def train(seed: int = 0, epochs: int = 8, windows: int = 60_000, verbose: int = 0) -> keras.Model:
    """Return a trained core: ``windows`` drawn once, changed a little in every epoch."""
    set_seed(seed)
    tracks, seen, labels = sample_windows(windows, seed=100 + seed)
    inputs = features(tracks, seen)
    targets = np.eye(len(CLASSES), dtype=np.float32)[labels]
    rng = np.random.default_rng([seed, 9])
    core = motion_core()
    steps = windows // BATCH
    core.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(2e-3, epochs * steps), weight_decay=1e-3
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING),
        metrics=["accuracy"],
    )

    def batches():
        for _ in range(epochs):
            order = rng.permutation(windows)
            for step in range(steps):
                rows = order[BATCH * step : BATCH * (step + 1)]
                yield augmented(inputs[rows], rng), targets[rows]

    core.fit(batches(), steps_per_epoch=steps, epochs=epochs, verbose=verbose, shuffle=False)
    plain = motion_core()  # without the optimizer, which would be saved with it
    plain.set_weights(core.get_weights())
    return plain


def calibrate(core: keras.Model, seed: int = 0, windows: int = 8_000) -> tuple[float, float]:
    """Return temperature and threshold, both found on newly drawn windows, twice as noisy."""
    tracks, seen, labels = sample_windows(windows, seed=900_000 + seed, noise=2.0)
    logits = core.predict(features(tracks, seen), batch_size=4096, verbose=0)
    temperature = fit_temperature(logits, labels)
    probs = softmax(logits / temperature)
    none = labels == CLASSES.index(NONE)
    best = probs[none, :-1].max(axis=1)
    return temperature, float(max(0.5, np.quantile(best, 1 - ALLOWED)))


def main() -> None:
    """Train, calibrate, write the model and the facts of its card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=None, help="folder (default: data/weights)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--windows", type=int, default=60_000)
    options = parser.parse_args()
    out = options.out or project_data() / "weights"
    core = train(options.seed, options.epochs, options.windows, verbose=2)
    temperature, threshold = calibrate(core, options.seed)
    facts = {
        "name": "motion",
        "classes": list(CLASSES),
        "parameters": core.count_params(),
        "temperature": temperature,
        "threshold": round(threshold, 4),
        "trained_on": f"{options.windows} drawn windows, {options.epochs} epochs, "
        f"seed {options.seed}",
    }
    facts = save_weights(core, out / "motion.npz", **facts)
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
