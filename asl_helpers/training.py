"""Seeds, input pipelines and the training loop, with errors that come before the first epoch."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from time import perf_counter

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from asl_helpers.errors import AslError


class TrainingError(AslError):
    """A model cannot be trained on this data, or the training went off the rails."""


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
    """Return the three splits of ``data`` preprocessed and batched; the training part shuffled.

    Parameters
    ----------
    data:
        What ``asl.load`` returns: ``.train``, ``.validation`` and ``.test`` yield one
        (uint8 image, int64 label) at a time.
    preprocess:
        TensorFlow function from one image, uint8 (height, width, channels), to float32. It runs
        once an image: the result is cached in memory.
    batch_size:
        Images a step; the last batch of an epoch may be smaller.
    seed:
        Of the shuffling; each epoch is shuffled anew.
    augment:
        TensorFlow function from one preprocessed image to a varied one, applied in training only
        and anew each epoch.
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
) -> pd.DataFrame:
    """Train ``model`` with cross-entropy and stop early; it keeps the weights of its best epoch.

    Parameters
    ----------
    model:
        From images to logits (no softmax at its end), such as ``models.baseline_cnn``.
    data:
        An object with ``.train`` and ``.validation``: batched datasets (``pipelines``), or pairs
        (images, labels) of arrays, which are cut into batches of ``batch_size`` here. Images are
        float32 (batch, height, width, channels); labels are integers from 0 to classes - 1.
    epochs:
        The most passes over the training part.
    patience:
        Stop after so many epochs without a lower validation loss.
    learning_rate, optimizer:
        Adam at this rate unless another Keras optimizer is given.
    verbose:
        As in Keras's ``fit``: 0 says nothing, 2 prints a line an epoch.
    callbacks:
        More of Keras's callbacks, called before the one that stops early.

    Returns
    -------
    pandas.DataFrame
        Index ``epoch`` from 1; columns ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` and
        ``seconds``. The training columns are averages over the epoch, while the weights still
        move; the validation columns are measured at its end. ``history.attrs["best_epoch"]`` is
        the epoch whose weights the model has now.

    Raises
    ------
    TrainingError
        If shapes, dtypes or labels do not fit the model, or the loss becomes infinite or NaN.
    """
    train, validation = (
        _batched(data.train, batch_size, shuffle=True),
        _batched(data.validation, batch_size),
    )
    for name, split in (("training", train), ("validation", validation)):
        _check(model, split, name)
    model.compile(
        optimizer=optimizer or keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # XLA makes training on a CPU several times slower
    )
    clock = _Clock()
    stop = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=patience, restore_best_weights=True
    )
    try:
        with warnings.catch_warnings():
            # Keras only warns when an epoch ends early, and trains on less than it was given.
            warnings.filterwarnings("error", message="Your input ran out of data")
            logs = model.fit(
                train,
                validation_data=validation,
                epochs=epochs,
                shuffle=False,  # the dataset shuffles itself
                callbacks=[clock, _StopOnNonsense(), *callbacks, stop],
                verbose=verbose,
            ).history
    except UserWarning as error:
        raise TrainingError(
            "A split ended before its announced size. Load the data again and repeat the run."
        ) from error
    except tf.errors.InvalidArgumentError as error:
        raise TrainingError(_label_message(model)) from error
    history = pd.DataFrame({**logs, "seconds": clock.seconds})
    history.index = pd.RangeIndex(1, len(history) + 1, name="epoch")
    history.attrs["best_epoch"] = int(history["val_loss"].idxmin())
    return history[["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]]


class _Clock(keras.callbacks.Callback):
    """Notes the seconds of each epoch, its validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._start = perf_counter()

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.seconds.append(perf_counter() - self._start)


class _StopOnNonsense(keras.callbacks.Callback):
    """Ends a run whose loss is no longer a number, instead of letting it waste its epochs."""

    def on_epoch_end(self, epoch, logs=None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss became {loss} in epoch {epoch + 1}. Lower the learning rate, or look "
                "for infinite or missing pixel values in the images."
            )


def _batched(split, batch_size: int, shuffle: bool = False) -> tf.data.Dataset:
    """Return a batched dataset: the given one, or one made of a pair of arrays."""
    if isinstance(split, tf.data.Dataset):
        return split
    try:
        images, labels = (np.asarray(part) for part in split)
    except (TypeError, ValueError):
        raise TrainingError(
            f"Expected a batched tf.data.Dataset or a pair (images, labels), got "
            f"{type(split).__name__}. Pass what training.pipelines returns."
        ) from None
    if len(images) != len(labels):
        raise TrainingError(f"{len(images)} images but {len(labels)} labels: they must pair up.")
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffle and len(images):
        dataset = dataset.shuffle(len(images))
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _check(model: keras.Model, split: tf.data.Dataset, name: str) -> None:
    """Raise TrainingError unless the split's shapes and types suit the model.

    Nothing is read for it: a look at the first batch would cut a cache short.
    """
    if split.cardinality() == 0:
        raise TrainingError(f"The {name} split is empty. Check how the data was split.")
    images, labels = split.element_spec
    expected, shape = tuple(model.input_shape[1:]), tuple(images.shape)
    if shape == expected:
        raise TrainingError(
            f"The {name} split yields single images of shape {shape}, not batches. "
            "Call .batch(64) on it, or use training.pipelines."
        )
    if shape[1:] != expected:
        raise TrainingError(
            f"The {name} images have shape {shape[1:]}, the model expects {expected} "
            "(height, width, channels). Resize them, or build the model for their shape."
        )
    if not images.dtype.is_floating:
        raise TrainingError(
            f"The {name} images are {images.dtype.name} (0-255): they were not normalised. Map "
            "the split through the model's preprocessing first."
        )
    if not labels.dtype.is_integer or labels.shape.rank != 1:
        raise TrainingError(
            f"The {name} labels are {labels.dtype.name} of shape {labels.shape}; expected "
            "integers of shape (batch,), as asl.load yields them."
        )


def _label_message(model: keras.Model) -> str:
    """Say which labels the model knows, and the usual way to others."""
    classes = model.output_shape[-1]
    return (
        f"A label lies outside 0-{classes - 1}, but the model has {classes} classes. Sign "
        "Language MNIST's own files number the letters 0-24 and skip 9; asl.load closes the gap."
    )
