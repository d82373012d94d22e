"""Train the shipped landmark recogniser, from nothing but drawn hands.

``python -m tools.train_landmarks`` writes ``data/weights/landmarks.npz`` and its card,
``landmarks.json``. The same seed gives the same weights on one machine.
"""

from collections.abc import Callable

import keras
import numpy as np

from asl_helpers import classifier
from asl_helpers.evaluation import fit_temperature
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.training import fit_drawn, set_seed
from tools import recipe

Draw = Callable[..., tuple[np.ndarray, np.ndarray]]
"""From a number of hands and a ``seed`` to landmarks (n, 21, 3) and labels (n,)."""


def train(
    seed: int = 0,
    epochs: int = 14,
    hands: int = 80_000,
    draw: Draw = sample_tracked,
    classes: int = len(classifier.CLASSES),
    verbose: int = 0,
) -> keras.Model:
    """Return a trained core; every epoch sees ``hands`` newly drawn hands."""
    set_seed(seed)
    core = classifier.landmark_core(classes)
    fit_drawn(
        classifier.one_sided(core),
        lambda epoch: draw(hands, seed=1000 * seed + epoch),
        epochs,
        steps=hands // 512,
        verbose=verbose,
    )
    return core


def calibrate(core: keras.Model, seed: int = 0, hands: int = 20_000) -> tuple[float, float]:
    """Return the temperature and the rejection threshold, both found on newly drawn hands.

    The hands are twice as shaky as in training: real ones hold surprises that drawn ones do not,
    and a confidence that is right for the usual would be too high for them.
    """
    points, labels = sample_tracked(hands, seed=900_000 + seed, noise=2.0)
    logits = classifier.one_sided(core).predict(points, batch_size=4096, verbose=0)
    temperature = fit_temperature(logits, labels)
    model = classifier.landmark_model(core, temperature)
    points, labels = sample_tracked(hands, seed=910_000 + seed)
    letters = labels < len(classifier.CLASSES) - 1
    probs = model.predict(points[letters], batch_size=4096, verbose=0)
    return temperature, recipe.covering_threshold(probs, labels[letters])


def main() -> None:
    """Train, calibrate, write the weights and their card."""
    given = recipe.options("Train the landmark recogniser.", epochs=14, hands=80_000)
    core = train(given.seed, given.epochs, given.hands, verbose=2)
    trained_on = f"{given.epochs} x {given.hands} drawn hands, seed {given.seed}"
    calibrated = calibrate(core, given.seed)
    recipe.ship(core, "landmarks", classifier.CLASSES, calibrated, trained_on, given.out)


if __name__ == "__main__":
    main()
