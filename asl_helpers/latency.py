"""How long an answer takes, measured call by call after warming up; and LiteRT, the fast way.

LiteRT, once called TensorFlow Lite, is the format and the engine for phones. TensorFlow carries it.
"""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.errors import AslError

Call = Callable[[np.ndarray], Any]


def measure_latency(
    ways: Mapping[str, Call],
    x: np.ndarray,
    batch_sizes: Sequence[int] = (1, 32),
    repeats: int = 50,
    warmup: int = 5,
) -> pd.DataFrame:
    """Measure several ways to ask a model, in turn, so that all meet the same machine.

    Parameters
    ----------
    ways:
        A function of a batch by its name (see `ways`). Whatever it returns is made a NumPy array
        before the clock is read: a library that only queues its work, as it does on a graphics
        card, is waited for.
    x:
        (n, ...) inputs as the model takes them; batch after batch is taken from it, and after the
        last one the first again. At least as many as a batch.
    batch_sizes, repeats:
        Inputs per call; timed calls of each way and batch size.
    warmup:
        Calls before those, which build, compile and fill caches; they are not counted.

    Returns
    -------
    pandas.DataFrame
        A row for each way and batch size, the ways in their order: ``way``, ``batch``, ``calls``
        (timed ones), ``first_ms`` (the first call ever, warm-up or not), ``median_ms`` and
        ``p95_ms`` of a call, and ``images_per_second`` at the median.
    """
    if max(batch_sizes) > len(x):
        raise AslError(f"A batch of {max(batch_sizes)} from {len(x)} inputs: pass more inputs.")
    rows = []
    for batch in batch_sizes:
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(warmup + repeats):
            inputs = x[(turn * batch + np.arange(batch)) % len(x)]
            for name, call in ways.items():
                start = perf_counter()
                np.asarray(call(inputs))
                seconds[name].append(perf_counter() - start)
        for name, taken in seconds.items():
            counted = 1000 * np.array(taken[warmup:])
            median = float(np.median(counted))
            rows.append(
                {
                    "way": name,
                    "batch": batch,
                    "calls": len(counted),
                    "first_ms": 1000 * taken[0],
                    "median_ms": median,
                    "p95_ms": float(np.quantile(counted, 0.95)),
                    "images_per_second": 1000 * batch / median if median else float("inf"),
                }
            )
    rows.sort(key=lambda row: list(ways).index(row["way"]))
    return pd.DataFrame(rows)


def ways(model) -> dict[str, Call]:
    """Return four ways to ask a Keras model, each a function of a batch of float32 inputs.

    ``model.predict`` (made for data sets), ``model(x)`` (operation by operation),
    ``tf.function`` (one compiled graph) and ``LiteRT`` (the format for phones, see `litert`).
    """
    import tensorflow as tf

    graph = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    return {
        "model.predict": lambda x: model.predict(x, verbose=0),
        "model(x)": lambda x: model(x, training=False),
        "tf.function": lambda x: graph(tf.constant(x)),
        "LiteRT": litert(model),
    }


class LiteModel:
    """A model in LiteRT's format; called with a batch, it gives its outputs.

    A batch of a new size makes it lay out its memory anew, which takes time once. Inputs and
    outputs have the model's own types: a quantised one takes and gives whole numbers. ``content``
    holds the file's bytes; ``source`` and ``target`` are what LiteRT says of input and output.
    """

    def __init__(self, content: bytes, name: str = "This file") -> None:
        """Lay out the model for its own batch size; raise AslError for bytes that are no model."""
        import tensorflow as tf

        self.content = content  # the interpreter reads this memory as long as it runs
        try:
            with warnings.catch_warnings():  # of the engine's move to a package of its own
                warnings.simplefilter("ignore")
                self._interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise AslError(f"{name} is not a model that LiteRT can run: {error}") from error
        self.source = self._interpreter.get_input_details()[0]
        self.target = self._interpreter.get_output_details()[0]
        self._laid_out = tuple(self.source["shape"])

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the outputs of a batch (n, ...)."""
        x = np.asarray(x, self.source["dtype"])
        if x.shape != self._laid_out:
            self._interpreter.resize_tensor_input(self.source["index"], x.shape)
            self._interpreter.allocate_tensors()
            self._laid_out = x.shape
        self._interpreter.set_tensor(self.source["index"], x)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self.target["index"])


def litert(model) -> LiteModel:
    """Return a Keras model, converted to LiteRT in memory (float32)."""
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # the converter reports its progress, on the page too
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    finally:
        logger.setLevel(level)
    return LiteModel(content)
