"""Train the shipped mask recogniser, from nothing but drawn hands.

``python -m tools.train_masks`` writes ``data/weights/masks.npz`` and its card, ``masks.json``. The
same seed gives the same weights on one machine.
"""

import keras
import numpy as np

from asl_helpers import landmarks
from asl_helpers.classifier import CLASSES, MASK_SIZE, mask_core
from asl_helpers.evaluation import fit_temperature, softmax
from asl_helpers.hand import skeleton_mask
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.training import fit_drawn, set_seed
from tools import recipe

_BATCH = 256


def draw_masks(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw masks with their mirrors, uint8 (count, SIZE, SIZE, 2), and labels (count,) int64."""
    points, labels = sample_tracked(count, seed)
    return skeleton_mask(landmarks.normalise(points, mirror=False), MASK_SIZE), labels


def train(seed: int = 0, epochs: int = 5, hands: int = 40_000, verbose: int = 0) -> keras.Model:
    """Return a trained core; every epoch sees ``hands`` newly drawn hands, left and right."""

    def draw(epoch: int) -> tuple[np.ndarray, np.ndarray]:
        masks, labels = draw_masks(hands, seed=1000 * seed + epoch)
        return masks[..., :1].astype(np.float32), labels

    set_seed(seed)
    core = mask_core()
    fit_drawn(core, draw, epochs, hands // _BATCH, _BATCH, learning_rate=3e-3, verbose=verbose)
    return core


def calibrate(core: keras.Model, seed: int = 0, hands: int = 4_000) -> tuple[float, float]:
    """Return the temperature and the rejection threshold, both found on newly drawn hands."""
    masks, labels = draw_masks(hands, seed=900_000 + seed)
    views = np.moveaxis(masks, -1, 0)[..., None]
    logits = np.stack([core.predict(view, batch_size=_BATCH, verbose=0) for view in views])
    temperature = fit_temperature(logits, labels)
    probs = np.mean([softmax(view / temperature) for view in logits], axis=0)
    return temperature, recipe.covering_threshold(probs, labels)


def main() -> None:
    """Train, calibrate, write the weights and their card."""
    given = recipe.options("Train the mask recogniser.", epochs=5, hands=40_000)
    core = train(given.seed, given.epochs, given.hands, verbose=2)
    trained_on = f"{given.epochs} x {given.hands} drawn hands, seed {given.seed}"
    recipe.ship(core, "masks", CLASSES, calibrate(core, given.seed), trained_on, given.out)


if __name__ == "__main__":
    main()
