"""Picture files to batches: a pipeline that works ahead, and what each of its steps costs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from asl_helpers.datasets.catalog import DatasetError

STEPS = ("read", "decode", "resize")
"""What happens to a file before it is a picture of the model's size, in order."""


def stream(
    paths: Sequence[Path],
    labels: np.ndarray,
    size: int,
    batch_size: int = 32,
    *,
    parallel: bool = True,
    cache: bool = True,
    shuffle_seed: int | None = None,
):
    """Return batches of (images uint8 (batch, size, size, 3), labels int64 (batch,)) from JPEGs.

    Parameters
    ----------
    paths, labels:
        The files and their classes, (n,) each.
    size:
        Height and width to resize to, in pixels.
    parallel:
        Decode several files at once, and the next batches while the model works on this one.
    cache:
        Keep the resized pictures in memory as uint8, a quarter of their size as float32, so that
        later epochs neither read nor decode.
    shuffle_seed:
        A number shuffles all files anew in each epoch; None keeps their order.

    Returns
    -------
    tf.data.Dataset
        Preprocess its batches with ``map``: cached pictures then serve every preprocessing.

    Raises
    ------
    DatasetError
        For no files, another number of labels, or a size that is no whole number above 0.
    """
    import tensorflow as tf

    paths, labels = [str(path) for path in paths], np.asarray(labels, np.int64)
    if not paths or labels.shape != (len(paths),):
        raise DatasetError(
            f"{len(paths)} files and labels of shape {labels.shape}: give one label a file."
        )
    _check_size(size)
    at_once = tf.data.AUTOTUNE if parallel else None
    load = _step("resize", size)
    pictures = tf.data.Dataset.from_tensor_slices((paths, labels))
    pictures = pictures.map(lambda path, label: (load(path), label), num_parallel_calls=at_once)
    if cache:
        pictures = pictures.cache()
    if shuffle_seed is not None:
        pictures = pictures.shuffle(len(paths), seed=shuffle_seed)
    batches = pictures.batch(batch_size)
    return batches.prefetch(tf.data.AUTOTUNE) if parallel else batches


def rate(batches: Iterable) -> float:
    """Return how many pictures a second come out of (images, labels) batches, over one pass."""
    start, count = perf_counter(), 0
    for images, _ in batches:
        count += len(images)
    seconds = perf_counter() - start
    if not count:
        raise DatasetError("No batch came out. Has the pipeline files, and were they used up?")
    return count / seconds


def step_times(paths: Sequence[Path], size: int, rounds: int = 3) -> dict[str, float]:
    """Return what each of ``STEPS`` adds to a file's way, in milliseconds a picture.

    The steps are timed one file after the other: only reading, reading and decoding, all three.
    The least of ``rounds`` is taken, since whatever else the machine does only adds, and each
    step is charged with the difference to the one before.
    """
    import tensorflow as tf

    _check_size(size)
    files = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    chains = [files.map(_step(name, size)) for name in STEPS]
    least = np.full(len(STEPS), np.inf)
    for _ in range(rounds):
        for place, chain in enumerate(chains):
            start = perf_counter()
            for _picture in chain:
                pass
            least[place] = min(least[place], perf_counter() - start)
    added = np.maximum(np.diff(least, prepend=0.0), 0.0)
    return {name: 1000 * value / len(paths) for name, value in zip(STEPS, added, strict=True)}


def _step(last: str, size: int):
    """Return a function from a path to what has become of the file after the step ``last``."""
    import tensorflow as tf

    def load(path):
        data = tf.io.read_file(path)
        if last == "read":
            return data
        picture = tf.io.decode_jpeg(data, channels=3)
        if last == "decode":
            return picture
        # Shrinking averages areas, or thin fingers would fall between two pixels. An antialiased
        # bilinear resize does so too, and takes several times as long.
        height, width = tf.unstack(tf.shape(picture)[:2])
        picture = tf.cond(
            tf.minimum(height, width) > size,
            lambda: tf.image.resize(picture, (size, size), method="area"),
            lambda: tf.image.resize(picture, (size, size)),
        )
        return tf.cast(tf.round(tf.clip_by_value(picture, 0.0, 255.0)), tf.uint8)

    return load


def _check_size(size: int) -> None:
    if not isinstance(size, int) or size < 1:
        raise DatasetError(f"size={size!r} must be a whole number of pixels above 0.")
