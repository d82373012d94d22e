"""A trained model and the facts of its card, written together."""

import json
from collections.abc import Callable
from pathlib import Path

from asl_helpers.files import atomic_path, sha256


def without_optimizer(model):
    """Return a Keras model as it answers: the optimizer's memory would triple its file."""
    import keras

    if getattr(model, "optimizer", None) is None:  # it was never compiled, at most a part of it
        return model
    plain = keras.models.clone_model(model)
    plain.set_weights(model.get_weights())
    return plain


def ship(target: Path, write: Callable[[Path], None], facts: dict) -> dict:
    """Write a model by ``write(path)``, its facts and SHA-256 as .json beside it.

    Returns the facts as written. Neither file is ever half there; a reader of both notices by the
    checksum if only the first was replaced.
    """
    with atomic_path(target) as path:
        write(path)
    facts = {**facts, "sha256": sha256(target)}
    with atomic_path(target.with_suffix(".json")) as path:
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts
