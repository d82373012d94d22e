"""Training that survives an interruption: its state is on disk after every epoch.

Two things make a resumed run the same run. All state is saved: weights, moving averages and the
optimizer's memory. And nothing random depends on what went before: the order of the pictures and
the dropout masks of epoch 7 follow from the seed and the number 7.
"""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
import pandas as pd

from asl_helpers.errors import AslError
from asl_helpers.files import FilesError, atomic_path, check_sha256, sha256

_RUN = "run.json"


class CheckpointError(AslError):
    """A checkpoint is damaged, or belongs to another run."""


def fit(
    model: keras.Model,
    data,
    folder: Path | str,
    epochs: int = 10,
    batch_size: int = 64,
    patience: int = 3,
    learning_rate: float = 1e-3,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Train as ``training.fit`` does, and go on where an earlier call on this folder stopped.

    Whether the run was interrupted between epochs, or in the middle of one, the result is the
    one that it would have had anyway, to the last bit on one machine. It can also be made longer:
    the same call with more epochs.

    Parameters
    ----------
    model:
        From images to logits. In a resumed run its weights are overwritten.
    data:
        An object whose ``.train`` and ``.validation`` are pairs (images, labels) of arrays: what
        the model takes, such as float32 (n, height, width, channels), and integers (n,).
    folder:
        Made if it is not there. It holds the last and the best state, and ``run.json``.
    epochs, patience:
        Stop after so many epochs, or so many without a lower validation loss.
    batch_size, learning_rate, seed:
        Of the run; Adam. They cannot change when it is resumed.
    progress:
        Called with the number of epochs done, a fraction within one, after every batch.

    Returns
    -------
    pandas.DataFrame
        As ``training.fit`` gives it, over all epochs, and ``attrs["resumed_after"]``: how many of
        them an earlier call had done. The model has the weights of ``attrs["best_epoch"]``.

    Raises
    ------
    CheckpointError
        If the folder's state is damaged, or was begun with another model, other data or settings.
    """
    folder = Path(folder)
    settings = {
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "seed": seed,
        "model": [list(weight.shape) for weight in model.weights],
        "data": _fingerprint(data),
    }
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA makes training on a CPU several times slower
    )
    model.optimizer.build(model.trainable_variables)  # or its memory could not be read
    run = _resume(folder, settings, model)
    resumed_after = len(run["history"])
    while len(run["history"]) < epochs and not _stopped(run["history"], patience):
        epoch = len(run["history"]) + 1
        start = perf_counter()
        logs = _one_epoch(model, data, epoch, batch_size, seed, progress)
        run["history"].append({**logs, "seconds": perf_counter() - start})
        _save(folder, run, model)
    history = pd.DataFrame(run["history"])
    history.index = pd.RangeIndex(1, len(history) + 1, name="epoch")
    if len(history):
        _load(folder, run, "best", model)
    history.attrs.update(best_epoch=_best(run["history"]), resumed_after=resumed_after)
    return history[["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]]


def _one_epoch(
    model: keras.Model, data, epoch: int, batch_size: int, seed: int, progress: Callable | None
) -> dict[str, Any]:
    """Train for one epoch whose order and dropout masks follow from its number; return the logs."""
    images, labels = data.train
    order = np.random.default_rng([seed, epoch]).permutation(len(images))
    callbacks = []
    if progress:
        steps = math.ceil(len(images) / batch_size)
        tell = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda step, logs: progress(epoch - 1 + (step + 1) / steps)
        )
        callbacks.append(tell)
    for variable in model.variables:
        if variable.name.endswith("seed_generator_state"):  # no weight: Keras does not save it
            variable.assign(np.array([seed, epoch], np.uint32))
    logs = model.fit(
        images[order],
        labels[order],
        batch_size=batch_size,
        validation_data=data.validation,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    ).history
    return {name: float(values[0]) for name, values in logs.items()}


def _best(history: list[dict[str, float]]) -> int:
    """Return the epoch with the lowest validation loss, the first of equal ones; 0 for none."""
    losses = [row["val_loss"] for row in history]
    return int(np.argmin(losses)) + 1 if losses else 0


def _stopped(history: list[dict[str, float]], patience: int) -> bool:
    return bool(history) and len(history) - _best(history) >= patience


def _fingerprint(data) -> str:
    """Return a hash of the training and validation arrays, in 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for split in (data.train, data.validation):
        for array in map(np.asarray, split):
            digest.update(f"{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _save(folder: Path, run: dict[str, Any], model: keras.Model) -> None:
    """Write the state under new names, then the file that names it, then drop the old state.

    Killed anywhere in between, the folder still holds one whole state.
    """
    epoch, old = len(run["history"]), dict(run["files"])
    kinds = ["last", "best"] if _best(run["history"]) == epoch else ["last"]
    for kind in kinds:
        path = folder / f"{kind}_{epoch:04d}.weights.h5"
        with atomic_path(path) as temporary:
            model.save_weights(temporary)
        run["files"][kind] = {"name": path.name, "sha256": sha256(path)}
    with atomic_path(folder / _RUN) as temporary:
        temporary.write_text(json.dumps(run, indent=1), encoding="utf-8")
    for kind in kinds:
        if kind in old:
            (folder / old[kind]["name"]).unlink(missing_ok=True)


def _resume(folder: Path, settings: dict[str, Any], model: keras.Model) -> dict[str, Any]:
    """Return the state of the folder's run with the model brought to it, or that of a new run."""
    path = folder / _RUN
    if not path.is_file():
        return {"settings": settings, "history": [], "files": {}}
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        before, _, _ = run["settings"], run["history"][0]["val_loss"], run["files"]["best"]["name"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"{path} cannot be read as the state of a run ({type(error).__name__}). Delete the "
            "folder to begin again."
        ) from error
    for name, value in settings.items():
        if before.get(name) != value:
            what = (
                f": {before.get(name)} then, {value} now" if name not in ("model", "data") else ""
            )
            raise CheckpointError(
                f"The run in {folder} was begun with another {name.replace('_', ' ')}{what}. Use "
                "the same, or another folder for the new run."
            )
    _load(folder, run, "last", model)
    return run


def _load(folder: Path, run: dict[str, Any], kind: str, model: keras.Model) -> None:
    """Bring the model to the last or the best state, once the file has proved whole."""
    file = run["files"][kind]
    path = folder / Path(file["name"]).name  # whatever run.json says, nothing outside the folder
    try:
        check_sha256(path, file["sha256"])
    except (OSError, FilesError) as error:
        raise CheckpointError(
            f"The state {path} is missing or damaged, so the run cannot go on. Delete the folder "
            "to begin again, or bring the file back."
        ) from error
    model.load_weights(path)
