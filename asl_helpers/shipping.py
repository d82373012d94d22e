"""A trained model and the facts of its card, written together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError, first_line
from asl_helpers.files import atomic_path, check_sha256, project_data, sha256


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


class ShippingError(AslError):
    """A file that holds no model, or one that hides code."""


def load_keras(path: Path) -> Any:
    """Return the Keras model in a file of anybody's; nothing in it is run as code.

    Raises ShippingError, whose message names the file and has room for what to do about it.
    """
    import keras

    import asl_helpers.layers  # noqa: F401  (Keras then knows the course's own layers)

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for damaged, unsafe or foreign files
        raise ShippingError(
            f"{path.name} is damaged or no Keras model: {first_line(error)}"
        ) from error


def read_card(path: Path) -> dict:
    """Return the facts in the .json beside anybody's model; empty where there is none.

    Raises ShippingError where it is no JSON object or its ``classes`` are no names, FilesError
    where its ``sha256`` is of another .keras file.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        facts = json.loads(beside.read_text(encoding="utf-8"))
        if not all(isinstance(name, str) for name in facts.get("classes", ())):
            raise ValueError("its classes are not all names")
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ShippingError(f"{beside.name} is no model's card: {first_line(error)}") from error
    if path.suffix == ".keras" and "sha256" in facts:
        check_sha256(path, facts["sha256"])
    return facts


def load_shipped(name: str, folder: Path | None = None) -> tuple[Any, dict]:
    """Return a shipped Keras model and the facts of its card, from data/weights or ``folder``.

    A file that is not the card's is a `files.FilesError`.
    """
    folder = folder or project_data() / "weights"
    facts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    check_sha256(folder / f"{name}.keras", facts["sha256"])
    return load_keras(folder / f"{name}.keras"), facts
