"""The course's networks: Keras models from images to logits.

The functions of this module take normalized images. ``build`` returns any of them by name, and the
MobileNets of keras.applications, with the preprocessing inside: its models take pixels 0-255.

>>> networks.build("mobilenet_v2", (96, 96, 1), classes=29, alpha=0.35)  # doctest: +SKIP
"""

import re
import warnings
from functools import partial
from typing import Any

import keras
from keras import layers

from asl_helpers import files, transfer
from asl_helpers.counting import RESNET_18
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.layers import SqueezeExcitation, residual_block

FILTERS = (32, 64, 128, 128)
"""Output channels of the blocks of the four-block networks."""

# Of the moving averages of batch normalization in a network that is trained from random weights.
# Keras's 0.99 and MobileNetV2's 0.999 still remember their initial values after the few hundred
# steps of a training here, and the network then fails on everything but its training images.
_MOMENTUM = 0.9

_MOBILENETS = {
    "mobilenet_v1": keras.applications.MobileNet,
    "mobilenet_v2": keras.applications.MobileNetV2,
}
_STAGE_ENDS = {
    "mobilenet_v1": [f"conv_pw_{block}_relu" for block in (1, 3, 5, 11, 13)],
    # The first stage is left out: it has only 16 channels.
    "mobilenet_v2": [*(f"block_{n}_add" for n in (2, 5, 9, 12, 15)), "block_16_project_BN"],
}
_HEAD = ("dropout", "dense")
_SETTINGS = {
    "baseline_cnn": (),
    "custom_cnn": ("dropout",),
    "plain_cnn": _HEAD,
    "attention_cnn": _HEAD,
    "mobilenet_v1": ("alpha", *_HEAD, "weights"),
    "mobilenet_v2": ("alpha", *_HEAD, "weights"),
    "resnet18": _HEAD,
}
_SMALLEST = {"baseline_cnn": 10, "custom_cnn": 8, "plain_cnn": 16, "attention_cnn": 16}
_LARGE = (*_MOBILENETS, "resnet18")
_SMALLEST |= dict.fromkeys(_LARGE, 32)  # below it their last stages see a single position

NAMES = tuple(
    name
    for kind in _SETTINGS
    for name in ([kind, f"{kind}_attention"] if kind in _LARGE else [kind])
)
"""Every network that ``build`` knows."""


def baseline_cnn(input_shape: tuple[int, int, int] = (28, 28, 1), classes: int = 24) -> keras.Model:
    """Return the course's first network: two convolutions, two pools, two dense layers.

    It maps normalized images, float32 (batch, height, width, channels), to logits, float32
    (batch, classes). Images need at least 10 x 10 pixels. For the default shapes::

        28x28x1 -> conv 3x3 -> 26x26x32 -> pool -> 13x13x32
                -> conv 3x3 -> 11x11x64 -> pool -> 5x5x64 -> flatten -> 1600 -> 128 -> 24
    """
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
    filters: tuple[int, ...] = FILTERS,
    dropout: float = 0.2,
) -> keras.Model:
    """Return the four-block network: convolution, batch norm, ReLU, pooling and dropout in each.

    Inputs and outputs are those of :func:`baseline_cnn`. Every convolution keeps height and width,
    and every pool halves them; the last block has none, as a mean over all positions follows. For
    the default shapes, 244,408 parameters, 704 of them moving averages::

        28x28x1 -> block 1 -> 14x14x32 -> block 2 -> 7x7x64 -> block 3 -> 3x3x128
                -> block 4 -> 3x3x128 -> mean -> 128 -> 24

    ``filters`` are the output channels of each block, and ``dropout`` is the rate at its end.
    """
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
    attention: bool = True,
    dense: int | None = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Return four blocks with channel attention, and a dense layer with dropout on top.

    Each block is a convolution, batch norm, ReLU, ``layers.SqueezeExcitation`` with a ratio of 8,
    and a max pool. Inputs and outputs are those of :func:`baseline_cnn`; images need at least 16 x
    16 pixels. ``attention=False`` leaves the attention out and keeps the rest, so that a comparison
    shows what it is worth: 270,788 parameters with it and 260,920 without.
    """
    images = keras.Input(input_shape, name="images")
    x = images
    for block, channels in enumerate(FILTERS, 1):
        x = _conv_norm_relu(x, channels, block)
        if attention:
            x = SqueezeExcitation(8, name=f"attention{block}")(x)
        x = layers.MaxPooling2D(name=f"pool{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    name = "attention_cnn" if attention else "plain_cnn"
    return keras.Model(images, _logits(x, classes, dropout, dense), name=name)


def resnet18(
    input_shape: tuple[int, int, int] = (224, 224, 3),
    classes: int = 24,
    attention: bool = False,
    dropout: float = 0.0,
    dense: int | None = None,
) -> keras.Model:
    """Return ResNet-18 with random weights: 17 convolutions and a dense layer, in 8 blocks.

    Inputs and outputs are those of :func:`baseline_cnn`::

        224x224 -> conv 7x7 / 2 -> 112x112x64 -> max pool 3x3 / 2 -> 56x56x64
                -> 2 blocks -> 56x56x64 -> 2 blocks -> 28x28x128 -> 2 blocks -> 14x14x256
                -> 2 blocks -> 7x7x512 -> mean -> 512 -> classes

    With ``attention`` each block scales its channels (ratio 16) before it adds its input.

    Source: He et al. (2016), table 1.
    """
    images = keras.Input(input_shape, name="images")
    x = layers.Conv2D(64, 7, 2, padding="same", use_bias=False, name="stem")(images)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.MaxPooling2D(3, 2, padding="same", name="stem_pool")(x)
    for stage, (filters, first_stride) in enumerate(RESNET_18, start=1):
        for block, stride in enumerate((first_stride, 1), start=1):
            name = f"stage{stage}_block{block}"
            x = residual_block(x, filters, stride, name, attention)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(images, _logits(x, classes, dropout, dense), name="resnet18")


def build(
    name: str, input_shape: tuple[int, int, int] = (96, 96, 3), classes: int = 29, **settings: Any
) -> keras.Model:
    """Return a network by name, from pixels to logits.

    It maps images, float32 (batch, height, width, channels) with values 0-255, to logits, float32
    (batch, classes). Its first layers are ``pictures`` and ``preprocess`` (which scales to -1 to
    1); the network's own follow, none of them a nested model. Names that end in ``_attention`` add
    channel attention: in MobileNets after the last block of each stage, in ResNet-18 in each block.

    Parameters
    ----------
    name, classes:
        One of ``NAMES``; at least 2.
    input_shape:
        (height, width, channels) in pixels; 1 channel is gray, 3 are red, green, blue. MobileNets
        and ResNet-18 need at least 32 pixels per side.
    settings:
        ``alpha`` (MobileNets; 1.0): factor on the channels of every layer.
        ``dropout`` (all but baseline_cnn): rate before the last layer, or after each block of
        custom_cnn; 0.2 in MobileNets and custom_cnn, 0 in ResNet-18, else 0.5.
        ``dense`` (all but baseline_cnn and custom_cnn): units of a dense layer before that
        dropout; None, for no such layer, in MobileNets and ResNet-18, else 128.
        ``weights`` (MobileNets): a file of weights without the classifier, or ``"imagenet"``, and
        for MobileNetV2 also ``"drawn"`` and ``"best"``, as for `transfer.backbone`. A gray channel
        is then repeated to the three that such weights expect. Without weights, all are random.

    Raises
    ------
    AslError
        For an unknown name or setting, a shape that the network cannot take, and weights that do
        not fit or cannot be had.

    Source: keras.applications for the MobileNets; Hu, Shen and Sun (2018) for the attention.
    """
    if name not in NAMES:
        raise AslError(f"No model {name!r}.{did_you_mean(name, NAMES)}")
    kind = name.removesuffix("_attention")
    for unknown in settings.keys() - set(_SETTINGS[kind]):
        known = ", ".join(_SETTINGS[kind]) or "none"
        hint = did_you_mean(unknown, _SETTINGS[kind])
        raise AslError(f"{name} has no setting {unknown!r}; it has: {known}.{hint}")
    smallest = _SMALLEST[kind]
    if min(input_shape[:2]) < smallest or input_shape[2] not in (1, 3) or classes < 2:
        raise AslError(
            f"{name} cannot map images of {tuple(input_shape)} to {classes} classes; expected "
            f"(height, width, channels) with at least {smallest} pixels per side and 1 or 3 "
            "channels, and at least 2 classes."
        )
    if kind in _MOBILENETS:
        network = _mobilenet(kind, input_shape, classes, **settings)
    else:
        function = {
            "baseline_cnn": baseline_cnn,
            "custom_cnn": custom_cnn,
            "attention_cnn": attention_cnn,
            "plain_cnn": partial(attention_cnn, attention=False),
            "resnet18": resnet18,
            "resnet18_attention": partial(resnet18, attention=True),
        }[name]
        network = function(input_shape, classes, **settings)
    attended = _STAGE_ENDS.get(kind, ()) if kind != name else ()
    from_scratch = settings.get("weights") is None
    return _with_preprocessing(name, network, input_shape, attended, from_scratch)


def _mobilenet(kind, input_shape, classes, alpha=1.0, dropout=0.2, dense=None, weights=None):
    """Return a MobileNet of keras.applications with the head of the course's networks."""
    by_name = kind == "mobilenet_v2" and weights in ("best", "drawn", "imagenet")
    if weights == "imagenet" and not by_name and files.is_offline():
        raise AslError(f"The ImageNet weights of {kind} are a download, and ASL_OFFLINE is set.")
    try:
        with warnings.catch_warnings():
            # Keras warns of sizes other than 224, and of empty groups in old files.
            warnings.simplefilter("ignore")
            body = _MOBILENETS[kind](
                input_shape=input_shape if weights is None else (*input_shape[:2], 3),
                alpha=alpha,
                include_top=False,
                weights=None if by_name or weights is None else str(weights),
            )
    except Exception as error:  # shapes, formats and downloads raise many kinds
        raise AslError(
            f"These weights do not fit {kind} with alpha={alpha}: {first_line(error)} Give the "
            "alpha that they were trained with, or leave the weights out to start from random ones."
        ) from error
    if by_name:
        # At the smallest size, as weights do not depend on it.
        body.set_weights(transfer.backbone(32, alpha, weights, verbose=False).get_weights())
    x = layers.GlobalAveragePooling2D(name="mean")(body.output)
    return keras.Model(body.input, _logits(x, classes, dropout, dense))


def _with_preprocessing(name, network, input_shape, attended, from_scratch) -> keras.Model:
    """Return a copy of ``network`` that scales pixels first, with attention after some layers.

    The copy is flat, without a nested model, and keeps the names and weights of the layers.
    """
    network = keras.Model(network.inputs[0], network.outputs[0], name=name)
    first = network.layers[1].name
    channels = network.input_shape[-1]

    def call(layer, *inputs, **options):
        if layer.name == first:
            pixels = inputs[0]
            if channels > input_shape[2]:
                pixels = layers.Concatenate(name="repeat")([pixels] * channels)
            inputs = (layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(pixels),)
        x = layer(*inputs, **options)
        if layer.name in attended:
            block = re.match(r"[a-z_]+\d+", layer.name)[0]
            x = SqueezeExcitation(name=f"{block}_attention")(x)
        return x

    def copy(layer):
        new = layer.__class__.from_config(layer.get_config())
        if from_scratch and isinstance(new, layers.BatchNormalization):
            new.momentum = _MOMENTUM
        return new

    pixels = keras.Input(input_shape, name="pictures")
    model = keras.models.clone_model(network, pixels, copy, call)
    for layer in network.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    return model


def _conv_norm_relu(x, channels: int, block: int):
    """Start a block: convolution, batch normalization, ReLU."""
    # Batch normalization subtracts any constant, so a bias before it would learn nothing.
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"conv{block}")(x)
    x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"norm{block}")(x)
    return layers.ReLU(name=f"relu{block}")(x)


def _logits(x, classes: int, dropout: float, dense: int | None):
    """End a network: a dense layer and dropout, each if asked for, and the layer of logits."""
    if dense:
        x = layers.Dense(dense, activation="relu", name="dense")(x)
    if dropout:
        x = layers.Dropout(dropout, name="drop")(x)
    return layers.Dense(classes, name="logits")(x)
