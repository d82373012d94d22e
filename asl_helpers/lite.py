"""LiteRT, once called TensorFlow Lite: a Keras model in its format, and models of it asked."""

import contextlib
import io
import logging
from collections.abc import Iterator

import numpy as np

from asl_helpers.errors import AslError


class LiteError(AslError):
    """Bytes that are no model in LiteRT's format."""


class LiteModel:
    """A model in LiteRT's format; called with a batch, it gives its outputs.

    A batch of a new size makes it lay out its memory anew, which takes time once. Inputs and
    outputs have the model's own types: a quantised one takes and gives whole numbers.

    Attributes
    ----------
    content:
        The file's bytes.
    source, target:
        What LiteRT says of its input and its output: ``shape``, ``dtype``, ``quantization``.
    """

    def __init__(self, content: bytes, threads: int = 1) -> None:
        """Lay out the model for its own size of a batch, which is 1 where it has none."""
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            from tensorflow.lite import Interpreter
        self.content = content  # the interpreter reads this memory as long as it runs
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise LiteError(f"LiteRT cannot run this as a model: {error}") from error
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


def litert(model, threads: int = 1) -> LiteModel:
    """Return a Keras model, converted to LiteRT in memory (float32)."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    with _quietly(tf.get_logger()):
        content = converter.convert()
    return LiteModel(content, threads)


@contextlib.contextmanager
def _quietly(logger: logging.Logger) -> Iterator[None]:
    """Keep what a library prints and logs about its progress from the page."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
