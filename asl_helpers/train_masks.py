"""Train the shipped mask recogniser, from nothing but drawn hands.

``python -m asl_helpers.train_masks`` writes ``data/weights/masks.npz`` and its facts,
``masks.json``. The same seed gives the same weights on one machine.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np

from asl_helpers import landmarks
from asl_helpers.classifier import CLASSES, mask_core, save_weights
from asl_helpers.classifier import MASK_SIZE as SIZE
from asl_helpers.evaluation import fit_temperature, softmax
from asl_helpers.files import project_data
from asl_helpers.hand.masks import skeleton_mask
from asl_helpers.train_recogniser import COVERED, SMOOTHING, draw
from asl_helpers.training import set_seed

_BATCH = 256


def draw_masks(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw masks with their mirrors, uint8 (count, SIZE, SIZE, 2), and labels (count,) int64."""
    points, labels = draw(count, seed)
    return skeleton_mask(landmarks.normalise(points, mirror=False), SIZE), labels


def train(seed: int = 0, epochs: int = 5, hands: int = 40_000, verbose: int = 0) -> keras.Model:
    """Return a trained core; every epoch sees ``hands`` newly drawn hands, left and right."""
    set_seed(seed)
    core = mask_core(len(CLASSES))
    steps = hands // _BATCH
    core.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(3e-3, epochs * steps), weight_decay=1e-3
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING),
        metrics=["accuracy"],
    )

    def batches():
        one_hot = np.eye(len(CLASSES), dtype=np.float32)
        for epoch in range(epochs):
            masks, labels = draw_masks(hands, seed=1000 * seed + epoch)
            for step in range(steps):
                part = slice(_BATCH * step, _BATCH * (step + 1))
                yield masks[part, ..., :1].astype(np.float32), one_hot[labels[part]]

    core.fit(batches(), steps_per_epoch=steps, epochs=epochs, verbose=verbose)
    # A fresh network with the same weights: the optimizer's memory would be saved with it.
    trained = mask_core(len(CLASSES))
    trained.set_weights(core.get_weights())
    return trained


def calibrate(core: keras.Model, seed: int = 0, hands: int = 4_000) -> tuple[float, float]:
    """Return the temperature and the rejection threshold, both found on newly drawn hands."""
    masks, labels = draw_masks(hands, seed=900_000 + seed)
    logits = np.stack(
        [
            core.predict(masks[..., place : place + 1], batch_size=_BATCH, verbose=0)
            for place in range(2)
        ]
    )
    temperature = fit_temperature(logits, labels)
    probs = np.mean([softmax(view / temperature) for view in logits], axis=0)
    best = probs[labels < len(CLASSES) - 1].max(axis=1)
    return temperature, float(np.quantile(best, 1 - COVERED))


def ship(core: keras.Model, out: Path, trained_on: str, seed: int = 0) -> dict:
    """Calibrate a core, write ``masks.npz`` and ``masks.json`` into ``out``, return the facts."""
    temperature, threshold = calibrate(core, seed)
    facts = {
        "name": "masks",
        "classes": list(CLASSES),
        "parameters": core.count_params(),
        "temperature": temperature,
        "threshold": round(threshold, 4),
        "trained_on": trained_on,
    }
    return save_weights(core, out / "masks.npz", **facts)


def main() -> None:
    """Train, calibrate, write the model and the facts of its card."""
    parser = argparse.ArgumentParser(description="Train the mask recogniser on drawn hands.")
    parser.add_argument("--out", type=Path, default=None, help="folder (default: data/weights)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--hands", type=int, default=40_000, help="newly drawn, an epoch")
    options = parser.parse_args()
    out = options.out or project_data() / "weights"
    core = train(options.seed, options.epochs, options.hands, verbose=2)
    trained_on = f"{options.epochs} x {options.hands} drawn hands, seed {options.seed}"
    print(json.dumps(ship(core, out, trained_on, options.seed), indent=2))


if __name__ == "__main__":
    main()
