"""What the tools that train shipped models share: their options, and how a model is shipped."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from asl_helpers import classifier
from asl_helpers.files import project_data

COVERED = 0.95
"""The rejection threshold keeps this share of drawn letters."""


def options(what: str, **numbers: int) -> argparse.Namespace:
    """Return the command line's ``--out``, ``--seed`` and ``numbers``, given by their defaults."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--out", type=Path, default=project_data() / "weights")
    for name, value in {"seed": 0, **numbers}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


def covering_threshold(probs: np.ndarray, labels: np.ndarray) -> float:
    """Return the confidence that `COVERED` of the letters reach; the last class is no letter."""
    best = probs[labels < probs.shape[1] - 1].max(axis=1)
    return float(np.quantile(best, 1 - COVERED))


def ship(
    core: keras.Model,
    name: str,
    classes: Sequence[str],
    calibrated: tuple[float, float],
    trained_on: str,
    out: Path,
) -> dict:
    """Write ``NAME.npz`` and its card ``NAME.json`` into ``out``; return and print the card.

    ``calibrated`` are the temperature and the rejection threshold.
    """
    temperature, threshold = calibrated
    card = {
        "name": name,
        "classes": list(classes),
        "parameters": core.count_params(),
        "temperature": temperature,
        "threshold": round(threshold, 4),
        "trained_on": trained_on,
    }
    card = classifier.save_weights(core, out / f"{name}.npz", **card)
    print(json.dumps(card, indent=2))
    return card
