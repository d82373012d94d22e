"""Architectures, each a Keras model from images to logits."""

import operator

import keras
import pandas as pd
from keras import layers

from asl_helpers.errors import AslError
from asl_helpers.layers import SqueezeExcitation


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
    check_network("baseline_cnn", input_shape, classes, smallest=10)
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


def custom_cnn(
    input_shape: tuple[int, int, int] = (28, 28, 1),
    classes: int = 24,
    filters: tuple[int, ...] = (32, 64, 128, 128),
    dropout: float = 0.2,
) -> keras.Model:
    """Return the four-block network: convolution, batch norm, ReLU, pooling and dropout in each.

    It maps normalised images, float32 of shape (batch, height, width, channels), to logits,
    float32 of shape (batch, classes). Every convolution keeps height and width, every pool halves
    them; the last block has no pool, the mean over all its places takes over. For the default
    shapes::

        28x28x1 -> block 1 -> 14x14x32 -> block 2 -> 7x7x64 -> block 3 -> 3x3x128
                -> block 4 -> 3x3x128 -> mean -> 128 -> 24

    244,408 parameters, 704 of them moving averages that no gradient moves. Layers are named
    ``conv1``, ``norm1``, ``relu1``, ``pool1``, ``drop1`` and so on; then ``mean`` and ``logits``.

    Parameters
    ----------
    input_shape:
        (height, width, channels) in pixels; height and width at least 8 with four blocks.
    classes:
        The number of classes, at least 2.
    filters:
        Output channels of each block; its length is the number of blocks.
    dropout:
        Rate of the dropout at the end of each block: the share of values set to 0.

    Raises
    ------
    ModelError
        For a shape, a number of classes or a rate out of these ranges.
    """
    check_network("custom_cnn", input_shape, classes, smallest=2 ** (len(filters) - 1))
    check_rate(dropout)
    images = keras.Input(input_shape, name="images")
    x = images
    for block, channels in enumerate(filters, 1):
        x = _conv_norm_relu(x, channels, block)
        if block < len(filters):
            x = layers.MaxPooling2D(name=f"pool{block}")(x)
        x = layers.Dropout(dropout, name=f"drop{block}")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(images, layers.Dense(classes, name="logits")(x), name="custom_cnn")


def attention_cnn(
    input_shape: tuple[int, int, int] = (28, 28, 1),
    classes: int = 24,
    filters: tuple[int, ...] = (32, 64, 128, 128),
    attention: bool = True,
    ratio: int = 8,
    dense: int = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Return four blocks with channel attention, and a dense layer with dropout on top.

    Each block is a convolution, batch norm, ReLU, ``layers.SqueezeExcitation`` and a max-pool.
    Images and logits are those of :func:`custom_cnn`. With ``attention=False`` the attention is
    left out and all else stays: the comparison that tells what it is worth. For the default
    shapes, 270,788 parameters with attention and 260,920 without.

    Parameters
    ----------
    input_shape:
        (height, width, channels) in pixels; height and width at least 16 with four blocks.
    classes:
        The number of classes, at least 2.
    filters:
        Output channels of each block.
    attention:
        Whether the blocks weigh their channels.
    ratio:
        Channels of a block divided by the units of its attention's narrow layer.
    dense, dropout:
        Units of the dense layer, and the rate of the dropout after it.

    Raises
    ------
    ModelError
        For a shape, a number of classes or a rate out of these ranges.
    """
    check_network("attention_cnn", input_shape, classes, smallest=2 ** len(filters))
    check_rate(dropout)
    images = keras.Input(input_shape, name="images")
    x = images
    for block, channels in enumerate(filters, 1):
        x = _conv_norm_relu(x, channels, block)
        if attention:
            x = SqueezeExcitation(ratio, name=f"attention{block}")(x)
        x = layers.MaxPooling2D(name=f"pool{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(dense, activation="relu", name="dense")(x)
    x = layers.Dropout(dropout, name="drop")(x)
    name = "attention_cnn" if attention else "plain_cnn"
    return keras.Model(images, layers.Dense(classes, name="logits")(x), name=name)


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


def _conv_norm_relu(x, channels: int, block: int):
    """Convolve, normalise, cut off below 0: the start of a block."""
    # Batch norm subtracts any constant, so a bias before it would learn nothing.
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"conv{block}")(x)
    # Keras's 0.99 needs hundreds of steps to forget its start; our epochs have some sixty.
    x = layers.BatchNormalization(momentum=0.9, name=f"norm{block}")(x)
    return layers.ReLU(name=f"relu{block}")(x)


def check_network(name: str, input_shape: tuple[int, ...], classes: int, smallest: int) -> None:
    """Raise ModelError unless a network called ``name`` can be built for these numbers.

    ``smallest`` is the least height and width, in pixels, that leave its last layers something to
    look at.
    """
    if not _are_counts(input_shape) or len(input_shape) != 3 or min(input_shape[:2]) < smallest:
        raise ModelError(
            f"{name} cannot take input_shape={_shown(input_shape)}; expected (height, width, "
            f"channels) with height and width of at least {smallest} pixels, such as "
            f"({max(smallest, 28)}, {max(smallest, 28)}, 1)."
        )
    check_count("classes", classes, 2)


def check_count(what: str, value: int, smallest: int) -> None:
    """Raise ModelError unless ``value`` is a whole number from ``smallest``."""
    if not _are_counts([value]) or value < smallest:
        if what == "classes":
            raise ModelError(f"A classifier needs at least 2 classes, not {value!r}.")
        raise ModelError(f"{what} counts: a whole number from {smallest}, not {value!r}.")


def check_rate(dropout: float) -> None:
    """Raise ModelError unless ``dropout`` is a share of values, 0 up to, not with, 1."""
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout < 1:
        raise ModelError(
            f"dropout={dropout!r} is no share of values to drop: 0 up to, not with, 1."
        )


def _are_counts(values) -> bool:
    """Tell whether these are whole numbers from 1."""
    try:
        return all(operator.index(v) >= 1 and not isinstance(v, bool) for v in values)
    except TypeError:
        return False


def _shown(shape) -> str:
    return str(tuple(shape)) if isinstance(shape, (tuple, list)) else repr(shape)
