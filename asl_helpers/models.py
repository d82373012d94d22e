"""Architectures, each a Keras model from images to logits."""

import keras
import pandas as pd
from keras import layers

from asl_helpers.errors import AslError


class ModelError(AslError):
    """A model cannot be built for these shapes."""


def baseline_cnn(input_shape: tuple[int, int, int] = (28, 28, 1), classes: int = 24) -> keras.Model:
    """Return the course's first network: two convolutions, two pools, two dense layers.

    It maps normalised images, float32 of shape (batch, height, width, channels), to logits,
    float32 of shape (batch, classes): apply a softmax for probabilities. For the default shapes::

        28x28x1 -> conv 3x3 -> 26x26x32 -> pool -> 13x13x32
                -> conv 3x3 -> 11x11x64 -> pool -> 5x5x64 -> flatten -> 1600 -> 128 -> 24

    The layer names (``conv1`` ... ``logits``) are the ones that the chapters use.

    Parameters
    ----------
    input_shape:
        (height, width, channels) in pixels; height and width at least 10, or the second pool
        has nothing left to look at.
    classes:
        The number of classes, at least 2.

    Raises
    ------
    ModelError
        For a shape or a number of classes out of these ranges.
    """
    if len(input_shape) != 3 or min(input_shape[:2]) < 10 or input_shape[2] < 1:
        raise ModelError(
            f"baseline_cnn cannot take input_shape={tuple(input_shape)}; expected (height, width, "
            "channels) with height and width of at least 10 pixels, such as (28, 28, 1)."
        )
    if classes < 2:
        raise ModelError(f"A classifier needs at least 2 classes, not {classes}.")
    return keras.Sequential(
        [
            keras.Input(input_shape, name="images"),
            layers.Conv2D(32, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(64, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="dense"),
            layers.Dense(classes, name="logits"),
        ],
        name="baseline_cnn",
    )


def layer_table(model: keras.Model) -> pd.DataFrame:
    """Return a row a layer: its name, kind, output shape and parameters.

    Shapes leave out the batch: ``26 x 26 x 32``. The first row is the input.
    """

    def words(shape) -> str:
        return " × ".join(str(size) for size in shape[1:])

    rows = [("images", "input", words(model.input_shape), 0)]
    rows += [
        (layer.name, type(layer).__name__, words(layer.output.shape), layer.count_params())
        for layer in model.layers
    ]
    table = pd.DataFrame(rows, columns=["layer", "kind", "output shape", "parameters"])
    return table.set_index("layer")
