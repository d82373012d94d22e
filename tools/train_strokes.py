"""Train the shipped model of letters that move, from nothing but drawn hands.

``python -m tools.train_strokes`` writes ``data/weights/motion.npz`` and its card, ``motion.json``.
The same seed gives the same weights on one machine.
"""

import keras
import numpy as np

from asl_helpers.alphabet import NONE
from asl_helpers.classifier import motion_core
from asl_helpers.evaluation import fit_temperature, softmax
from asl_helpers.hand.film import CLASSES, sample_windows
from asl_helpers.strokes import FEATURES, features
from asl_helpers.training import fit_drawn, set_seed
from tools import recipe

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
    rng, steps = np.random.default_rng([seed, 9]), windows // BATCH

    def draw(epoch: int) -> tuple[np.ndarray, np.ndarray]:
        order = rng.permutation(windows)[: steps * BATCH]
        # Batch by batch, so that the random numbers are those that the shipped weights saw.
        batches = [augmented(inputs[rows], rng) for rows in np.split(order, steps)]
        return np.concatenate(batches), labels[order]

    core = motion_core()
    fit_drawn(core, draw, epochs, steps, BATCH, smoothing=0.02, verbose=verbose)
    return core


def calibrate(core: keras.Model, seed: int = 0, windows: int = 8_000) -> tuple[float, float]:
    """Return temperature and threshold, both found on newly drawn windows, twice as noisy."""
    tracks, seen, labels = sample_windows(windows, seed=900_000 + seed, noise=2.0)
    logits = core.predict(features(tracks, seen), batch_size=4096, verbose=0)
    temperature = fit_temperature(logits, labels)
    none = labels == CLASSES.index(NONE)
    best = softmax(logits / temperature)[none, :-1].max(axis=1)
    return temperature, float(max(0.5, np.quantile(best, 1 - ALLOWED)))


def main() -> None:
    """Train, calibrate, write the weights and their card."""
    given = recipe.options("Train the model of J and Z.", epochs=8, windows=60_000)
    core = train(given.seed, given.epochs, given.windows, verbose=2)
    trained_on = f"{given.windows} drawn windows, {given.epochs} epochs, seed {given.seed}"
    recipe.ship(core, "motion", CLASSES, calibrate(core, given.seed), trained_on, given.out)


if __name__ == "__main__":
    main()
