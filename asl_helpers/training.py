"""Seeds, input pipelines and the training loop, which can survive an interruption.

Two things make a resumed run the same run. All state is saved: weights, moving averages and the
optimizer's memory. And nothing random depends on what went before: the order of the images and the
dropout masks of epoch 7 follow from the seed and the number 7.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import joblib
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path, check_sha256, sha256

_COLUMNS = ["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]


def set_seed(seed: int) -> None:
    """Make the run repeatable: seed Python, NumPy and Keras, and ask for deterministic kernels.

    Two runs on one machine with the same versions then give the same weights. Another processor
    may still sum floats in another order, so last digits can differ between machines.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@dataclass(frozen=True)
class Pipelines:
    """Batched input for one model: datasets of (float32 images, int64 labels)."""

    train: tf.data.Dataset
    validation: tf.data.Dataset
    test: tf.data.Dataset


def pipelines(
    data, preprocess: Callable, batch_size: int = 64, seed: int = 0, augment: Callable | None = None
) -> Pipelines:
    """Return the three splits of ``data`` preprocessed and batched; the training set is shuffled.

    Parameters
    ----------
    data:
        What ``asl.load`` returns: ``.train``, ``.validation`` and ``.test`` yield one
        (uint8 image, int64 label) at a time.
    preprocess:
        TensorFlow function from one image, uint8 (height, width, channels), to float32. It runs
        once per image: the result is cached in memory.
    batch_size:
        Images per step; the last batch of an epoch may be smaller.
    seed:
        Of the shuffling; each epoch is shuffled anew.
    augment:
        TensorFlow function from one preprocessed image to a varied one, applied in training only
        and anew in each epoch.
    """
    # ``data.train`` goes on shuffling where an earlier training left it; a copy begins again.
    data = replace(data) if is_dataclass(data) else data

    # No parallel map: deterministic runs (set_seed) forbid it, and the cache makes it once only.
    def ready(split: tf.data.Dataset) -> tf.data.Dataset:
        return split.map(lambda image, label: (preprocess(image), label)).cache()

    # The whole split fits in the buffer, or neighbours of the file would stay neighbours.
    train = ready(data.train).shuffle(max(1, data.info.sizes["train"]), seed=seed)
    if augment is not None:
        train = train.map(lambda image, label: (augment(image), label))
    batched = [
        split.batch(batch_size).prefetch(tf.data.AUTOTUNE)
        for split in (train, ready(data.validation), ready(data.test))
    ]
    return Pipelines(*batched)


def fit(
    model: keras.Model,
    data,
    epochs: int = 10,
    batch_size: int = 64,
    patience: int = 3,
    learning_rate: float = 1e-3,
    optimizer=None,
    verbose: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    folder: Path | str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Train ``model`` with cross-entropy and stop early; it keeps the weights of its best epoch.

    Parameters
    ----------
    model:
        From images to logits (no softmax at its end), such as ``networks.baseline_cnn``.
    data:
        An object with ``.train`` and ``.validation``: batched datasets (``pipelines``), or pairs
        (images, labels) of arrays, which are cut into batches of ``batch_size`` here. Images are
        float32 (batch, height, width, channels); labels are integers from 0 to classes - 1.
    epochs, patience:
        Stop after so many epochs, or so many without a lower validation loss.
    learning_rate, optimizer:
        Adam at this rate unless another Keras optimizer is given.
    verbose, callbacks:
        As in Keras's ``fit``.
    folder:
        Keeps the state of the run after every epoch. A later call with the same folder goes on
        where the run stopped, wherever that was, with the result that it would have had anyway, to
        the last bit on one machine. This needs arrays and the default optimizer.
    seed:
        Of the order and the dropout masks of a run with a folder.

    Returns
    -------
    pandas.DataFrame
        Index ``epoch`` from 1; columns ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` and
        ``seconds``. The training columns are averages over the epoch, while the weights still
        move; the validation columns are measured at its end. ``history.attrs["best_epoch"]`` is
        the epoch whose weights the model has now, ``attrs["resumed_after"]`` how many epochs an
        earlier call had done.

    Errors
    ------
    AslError if images or labels do not fit the model, the loss becomes infinite or NaN, or the
    folder holds another run.
    """
    model.compile(
        optimizer=optimizer or keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA makes training on a CPU several times slower
    )
    callbacks = [*callbacks, keras.callbacks.TerminateOnNaN()]
    try:
        if folder is not None:
            settings = {"batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
            return _fit_in_folder(model, data, Path(folder), epochs, patience, settings, callbacks)
        seconds = _Seconds()
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        train = _batched(data.train, batch_size, shuffle=True)
        _check_pixels(train)
        logs = model.fit(
            train,
            validation_data=_batched(data.validation, batch_size),
            epochs=epochs,
            shuffle=False,  # the dataset shuffles itself
            callbacks=[seconds, *callbacks, stop],
            verbose=verbose,
        ).history
    except tf.errors.InvalidArgumentError as error:
        classes = model.output_shape[-1]
        raise AslError(
            f"A label lies outside 0-{classes - 1}, but the model has {classes} classes. Sign "
            "Language MNIST's own files number the letters 0-24 and skip 9; asl.load closes the "
            "gap."
        ) from error
    rows = pd.DataFrame({**logs, "seconds": seconds.epochs}).to_dict("records")
    return _history(rows)


def fit_drawn(
    model: keras.Model,
    draw: Callable[[int], tuple[np.ndarray, np.ndarray]],
    epochs: int,
    steps: int,
    batch_size: int = 512,
    learning_rate: float = 2e-3,
    smoothing: float = 0.05,
    verbose: int = 0,
) -> None:
    """Train ``model`` on samples that are drawn for one epoch each, and thrown away after it.

    AdamW, whose rate falls along a cosine to 0, and cross-entropy with label smoothing.

    Parameters
    ----------
    model:
        From inputs to logits.
    draw:
        Takes the number of the epoch, from 0; returns inputs (n, ...) and integer labels (n,), at
        least ``steps * batch_size``.
    smoothing:
        Share of each label that is spread over all classes.
    """
    model.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps),
            weight_decay=1e-3,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
        metrics=["accuracy"],
    )

    def batches():
        one_hot = np.eye(model.output_shape[-1], dtype=np.float32)
        for epoch in range(epochs):
            inputs, labels = draw(epoch)
            for start in range(0, steps * batch_size, batch_size):
                part = slice(start, start + batch_size)
                yield inputs[part], one_hot[labels[part]]

    model.fit(batches(), steps_per_epoch=steps, epochs=epochs, verbose=verbose, shuffle=False)


class _Seconds(keras.callbacks.Callback):
    """Notes the seconds of each epoch, its validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[float] = []

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._start = perf_counter()

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.epochs.append(perf_counter() - self._start)


def _batched(split, batch_size: int, shuffle: bool = False) -> tf.data.Dataset:
    """Return a batched dataset: the given one, or one made of a pair of arrays."""
    if isinstance(split, tf.data.Dataset):
        return split
    images, labels = split
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffle:
        dataset = dataset.shuffle(len(images))
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _check_pixels(split: tf.data.Dataset) -> None:
    """Raise AslError for images that were not normalized: Keras would train on them, and badly."""
    images = split.element_spec[0]
    if not images.dtype.is_floating:
        raise AslError(
            f"The training images are {images.dtype.name} (0-255): they were not normalized. Map "
            "the split through the model's preprocessing first."
        )


def _history(rows: list[dict[str, float]], resumed_after: int = 0) -> pd.DataFrame:
    """Return one row per epoch; raise AslError where the loss is no number."""
    history = pd.DataFrame(rows, columns=_COLUMNS)
    history.index = pd.RangeIndex(1, len(history) + 1, name="epoch")
    _check_loss(rows)
    history.attrs.update(best_epoch=_best(rows), resumed_after=resumed_after)
    return history


def _check_loss(rows: list[dict[str, float]]) -> None:
    wrong = [epoch for epoch, row in enumerate(rows, 1) if not math.isfinite(row["loss"])]
    if wrong:
        raise AslError(
            f"The loss became {rows[wrong[0] - 1]['loss']} in epoch {wrong[0]}. Lower the learning "
            "rate, or look for infinite or missing pixel values in the images."
        )


def _best(rows: list[dict[str, float]]) -> int:
    """Return the epoch with the lowest validation loss, the first of equal ones; 0 for none."""
    losses = [row["val_loss"] for row in rows]
    return int(np.argmin(losses)) + 1 if losses else 0


def _fit_in_folder(
    model: keras.Model, data, folder: Path, epochs: int, patience: int, settings: dict, callbacks
) -> pd.DataFrame:
    """Train epoch by epoch from the folder's state on, and keep the state after each."""
    settings["model"] = [list(weight.shape) for weight in model.weights]
    settings["data"] = joblib.hash(
        [np.asarray(a) for s in (data.train, data.validation) for a in s]
    )
    model.optimizer.build(model.trainable_variables)  # or its memory could not be read
    run = _resume(folder, settings, model)
    rows = run["history"]
    resumed_after = len(rows)
    while len(rows) < epochs and not (rows and len(rows) - _best(rows) >= patience):
        rows.append(_one_epoch(model, data, len(rows), settings, callbacks))
        _check_loss(rows)
        _save(folder, run, model)
    if rows:
        _load(folder, run["files"]["best"], model)
    return _history(rows, resumed_after)


def _one_epoch(model: keras.Model, data, epoch: int, settings: dict, callbacks) -> dict[str, Any]:
    """Train for one epoch whose order and dropout masks follow from its number; return the logs."""
    images, labels = data.train
    seed, start = settings["seed"], perf_counter()
    order = np.random.default_rng([seed, epoch + 1]).permutation(len(images))
    for variable in model.variables:
        if variable.name.endswith("seed_generator_state"):  # no weight: Keras does not save it
            variable.assign(np.array([seed, epoch + 1], np.uint32))
    logs = model.fit(
        images[order],
        labels[order],
        batch_size=settings["batch_size"],
        validation_data=data.validation,
        initial_epoch=epoch,
        epochs=epoch + 1,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    ).history
    row = {name: float(values[0]) for name, values in logs.items()}
    return {
        "val_loss": math.nan,
        "val_accuracy": math.nan,
        **row,
        "seconds": perf_counter() - start,
    }


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
    with atomic_path(folder / "run.json") as temporary:
        temporary.write_text(json.dumps(run, indent=1), encoding="utf-8")
    for kind in kinds:
        if kind in old:
            (folder / old[kind]["name"]).unlink(missing_ok=True)


def _resume(folder: Path, settings: dict[str, Any], model: keras.Model) -> dict[str, Any]:
    """Return the state of the folder's run with the model brought to it, or that of a new run."""
    path = folder / "run.json"
    if not path.is_file():
        return {"settings": settings, "history": [], "files": {}}
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        before, last, _ = run["settings"], run["files"]["last"], run["history"][0]["val_loss"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise AslError(
            f"{path} cannot be read as the state of a run ({type(error).__name__}). Delete the "
            "folder to begin again."
        ) from error
    for name, value in settings.items():
        if before.get(name) != value:
            is_long = name in ("model", "data")
            what = "" if is_long else f": {before.get(name)} then, {value} now"
            raise AslError(
                f"The run in {folder} was begun with another {name.replace('_', ' ')}{what}. Use "
                "the same, or another folder for the new run."
            )
    _load(folder, last, model)
    return run


def _load(folder: Path, file: dict[str, str], model: keras.Model) -> None:
    """Bring the model to a saved state, once its file has proved whole."""
    path = folder / Path(file["name"]).name  # whatever run.json says, nothing outside the folder
    if not path.is_file():
        raise AslError(f"The state {path} is missing. Delete the folder to begin the run again.")
    check_sha256(path, file["sha256"])
    model.load_weights(path)
