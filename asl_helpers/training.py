"""Seeds, input pipelines and the training loop, which can survive an interruption.

Two things make a resumed run the same run. All state is saved: weights, moving averages and the
optimizer's memory. And nothing random depends on what went before: the order of the images and the
dropout masks of epoch 7 follow from the seed and the number 7.
"""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import joblib
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from asl_helpers.errors import AslError, first_line
from asl_helpers.files import atomic_path

_COLUMNS = ["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]


def set_seed(seed: int) -> None:
    """Make the run repeatable: seed Python, NumPy and Keras, and ask for deterministic kernels.

    Two runs on one machine with the same versions then give the same weights. Another processor
    may still sum floats in another order, so last digits can differ between machines.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


class Pipelines(NamedTuple):
    """Batched input for one model: datasets of (float32 images, int64 labels)."""

    train: tf.data.Dataset
    validation: tf.data.Dataset
    test: tf.data.Dataset


def pipelines(data, preprocess: Callable, batch_size: int = 64, seed: int = 0) -> Pipelines:
    """Return the three splits of what ``asl.load`` gave, preprocessed and batched.

    ``preprocess`` is a TensorFlow function from one image, uint8 (height, width, channels), to
    float32. It runs once per image: the result is cached in memory. The training set is shuffled
    anew in each epoch, as ``seed`` decides.
    """
    # ``data.train`` goes on shuffling where an earlier training left it; a copy begins again.
    data = replace(data)

    # No parallel map: deterministic runs (set_seed) forbid it, and the cache makes it once only.
    def ready(split: tf.data.Dataset) -> tf.data.Dataset:
        return split.map(lambda image, label: (preprocess(image), label)).cache()

    # The whole split fits in the buffer, or neighbours of the file would stay neighbours.
    train = ready(data.train).shuffle(max(1, data.info.sizes["train"]), seed=seed)
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
    callbacks:
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
    callbacks = [*callbacks, keras.callbacks.TerminateOnNaN(), _Seconds()]
    try:
        if folder is not None:
            settings = {"batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
            return _fit_in_folder(model, data, Path(folder), epochs, patience, settings, callbacks)
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        train = _batched(data.train, batch_size, shuffle=True)
        pixels = train.element_spec[0].dtype
        if not pixels.is_floating:  # Keras would train on them, and badly
            raise AslError(
                f"The training images are {pixels.name} (0-255): they were not normalized. Map the "
                "split through the model's preprocessing first."
            )
        logs = model.fit(
            train,
            validation_data=_batched(data.validation, batch_size),
            epochs=epochs,
            shuffle=False,  # the dataset shuffles itself
            callbacks=[*callbacks, stop],
            verbose=0,
        ).history
    except tf.errors.InvalidArgumentError as error:
        classes = model.output_shape[-1]
        raise AslError(
            f"A label lies outside 0-{classes - 1}, but the model has {classes} classes. Sign "
            "Language MNIST's own files number the letters 0-24 and skip 9; asl.load closes the "
            "gap."
        ) from error
    return _history(logs)


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
    """Train ``model``, from inputs to logits, on samples that are drawn for one epoch each.

    AdamW, whose rate falls along a cosine to 0, and cross-entropy with label ``smoothing``, the
    share of each label that is spread over all classes. ``draw`` takes the number of the epoch,
    from 0, and returns at least ``steps * batch_size`` inputs (n, ...) and integer labels (n,).
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
    """Adds to the logs of each epoch its seconds, validation included."""

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._start = perf_counter()

    def on_epoch_end(self, epoch, logs=None) -> None:
        logs["seconds"] = perf_counter() - self._start


def _batched(split, batch_size: int, shuffle: bool = False) -> tf.data.Dataset:
    """Return a batched dataset: the given one, or one made of a pair of arrays."""
    if isinstance(split, tf.data.Dataset):
        return split
    dataset = tf.data.Dataset.from_tensor_slices(tuple(split))
    if shuffle:
        dataset = dataset.shuffle(len(split[0]))
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _history(logs: Any, resumed_after: int = 0) -> pd.DataFrame:
    """Return one row per epoch; raise AslError where the loss is no number."""
    history = pd.DataFrame(logs, columns=_COLUMNS, dtype=float)
    history.index = pd.RangeIndex(1, len(history) + 1, name="epoch")
    wrong = history["loss"][~np.isfinite(history["loss"])]
    if len(wrong):
        raise AslError(
            f"The loss became {wrong.iloc[0]} in epoch {wrong.index[0]}. Lower the learning rate, "
            "or look for infinite or missing pixel values in the images."
        )
    best = int(np.argmin(history["val_loss"])) + 1 if len(history) else 0
    history.attrs.update(best_epoch=best, resumed_after=resumed_after)
    return history


def _fit_in_folder(
    model: keras.Model, data, folder: Path, epochs: int, patience: int, settings: dict, callbacks
) -> pd.DataFrame:
    """Train epoch by epoch from the folder's state on, and keep the state after each."""
    settings["model"] = [list(weight.shape) for weight in model.weights]
    settings["data"] = joblib.hash(
        [np.asarray(a) for s in (data.train, data.validation) for a in s]
    )
    model.optimizer.build(model.trainable_variables)  # or its memory could not be read
    state, path = [*model.weights, *model.optimizer.variables], folder / "run.npz"
    rows, best = _resume(path, settings, model, state)
    resumed_after = len(rows)
    history = _history(rows, resumed_after)
    while len(rows) < epochs and len(rows) < history.attrs["best_epoch"] + max(1, patience):
        rows.append(_one_epoch(model, data, len(rows), settings, callbacks))
        history = _history(rows, resumed_after)
        if history.attrs["best_epoch"] == len(rows):
            best = model.get_weights()
        arrays = {f"last{index}": variable.numpy() for index, variable in enumerate(state)}
        arrays |= {f"best{index}": weight for index, weight in enumerate(best)}
        with atomic_path(path) as temporary:  # killed at any moment, the folder has a whole state
            np.savez(temporary, run=json.dumps({"settings": settings, "history": rows}), **arrays)
    model.set_weights(best)
    return history


def _resume(path: Path, settings: dict[str, Any], model: keras.Model, state: list) -> tuple:
    """Return the logs of the epochs in ``path`` and the best weights; set the model's ``state``."""
    if not path.is_file():
        return [], model.get_weights()
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = dict(kept)
        run = json.loads(str(arrays["run"]))
        before, rows = run["settings"], run["history"]
    except (OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise AslError(
            f"{path} is damaged or no state of a run ({first_line(error)}). Delete the folder to "
            "begin again."
        ) from error
    for name, value in settings.items():
        if before.get(name) != value:
            is_long = name in ("model", "data")
            what = "" if is_long else f": {before.get(name)} then, {value} now"
            raise AslError(
                f"The run in {path.parent} was begun with another {name.replace('_', ' ')}{what}. "
                "Use the same, or another folder for the new run."
            )
    for index, variable in enumerate(state):
        variable.assign(arrays[f"last{index}"])
    return rows, [arrays[f"best{index}"] for index in range(len(model.weights))]


def _one_epoch(model: keras.Model, data, epoch: int, settings: dict, callbacks) -> dict[str, Any]:
    """Train for one epoch whose order and dropout masks follow from its number; return the logs."""
    images, labels = data.train
    random = [settings["seed"], epoch + 1]
    order = np.random.default_rng(random).permutation(len(images))
    for variable in model.variables:
        if variable.name.endswith("seed_generator_state"):  # no weight: Keras does not save it
            variable.assign(np.array(random, np.uint32))
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
    return {name: float(values[0]) for name, values in logs.items()}
