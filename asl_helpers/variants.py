"""The picture models of the course by name, complete: from pixels 0-255 to logits.

>>> variants.build("mobilenet_v2", (96, 96, 1), classes=29, alpha=0.35)  # doctest: +SKIP

Each has its preprocessing inside, so that it cannot be forgotten. Names that end in ``_attention``
have channel attention: in MobileNets after the last block of each stage, in ResNet-18 within each
block, before the addition.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from asl_helpers import models
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.layers import SqueezeExcitation
from asl_helpers.resnet import resnet18
from asl_helpers.transfer.backbones import backbone

V1_STAGES = tuple(f"conv_pw_{block}_relu" for block in (1, 3, 5, 11, 13))
"""The last layer of each stage of Keras's MobileNet, which is version 1."""

V2_STAGES = (*(f"block_{block}_add" for block in (2, 5, 9, 12, 15)), "block_16_project_BN")
"""The last layer of each stage of Keras's MobileNetV2, but for the first, which has 16 channels."""

SMALLEST = 32
"""Pixels a side below which the last stages of MobileNets and ResNet-18 see a single place."""

MOMENTUM = 0.9
"""Of the moving averages of batch normalisation in a network from scratch. Keras's MobileNetV2 has
0.999 for trainings of a million steps; after a few hundred such averages still hold their start,
and a network that reads its training pictures guesses at all others."""


PRETRAINED = ("best", "imagenet", "drawn")
"""Weights by name; all but "imagenet" are MobileNetV2's alone."""


class VariantError(AslError):
    """A variant has no such name or setting, or cannot be built for these shapes or weights."""


def build(
    name: str, input_shape: tuple[int, int, int] = (96, 96, 3), classes: int = 29, **settings: Any
) -> keras.Model:
    """Return a variant by name, with random weights where no ``weights`` are given.

    It maps pictures, float32 of shape (batch, height, width, channels) and values 0-255, to logits,
    float32 of shape (batch, classes). Its layers are ``pictures``, ``preprocess`` (which scales to
    -1 to 1), then the network's own. Without ``weights`` batch normalisation has ``MOMENTUM``.

    Parameters
    ----------
    name:
        One of ``NAMES``.
    input_shape:
        (height, width, channels) in pixels; 1 channel is grey, 3 are red, green, blue. MobileNets
        and ResNet-18 take 32 pixels a side and more.
    classes:
        The number of classes, at least 2.
    settings:
        ``alpha`` (MobileNets; 1.0): factor of the channels of every layer, above 0.
        ``dropout`` (all but baseline_cnn): rate before the last layer, or after each block of
        custom_cnn; 0.2 in MobileNets and custom_cnn, 0 in ResNet-18, else 0.5.
        ``dense`` (all but baseline_cnn and custom_cnn): units of a dense layer before that
        dropout; None, for no such layer, in MobileNets and ResNet-18, else 128.
        ``weights`` (MobileNets): a file with a network's weights without its top, or a name:
        ``"imagenet"``, and in MobileNetV2 also ``"drawn"`` and ``"best"``, as `transfer.backbone`
        has them. One grey channel is then repeated to the three that such weights expect.

    Raises
    ------
    VariantError
        For an unknown name or setting, and for weights that are not this network's.
    ModelError
        For shapes, numbers of classes, rates or widths out of range.
    TransferError
        For MobileNetV2's weights by name that are out of reach or of another width.

    Source: keras.applications for the MobileNets; Hu, Shen and Sun (2018) for the attention.
    """
    kind = _kind(name)
    for setting in settings:
        if setting not in kind.settings:
            known = ", ".join(kind.settings) or "none"
            hint = did_you_mean(setting, kind.settings)
            raise VariantError(f"{name} has no setting {setting!r}; it has: {known}.{hint}")
    models.check_network(name, input_shape, classes, kind.smallest)
    if input_shape[2] not in (1, 3):
        raise models.ModelError(
            f"{name} takes pictures of 1 channel (grey) or 3 (colours), not {input_shape[2]}."
        )
    models.check_rate(settings.get("dropout", 0.0))
    if settings.get("dense") is not None:
        models.check_count("dense", settings["dense"], smallest=1)
    return kind.make(name, tuple(input_shape), classes, **settings)


def _small(function: Callable) -> Callable:
    """Return the maker of one of the small networks of Part 2."""

    def make(name, input_shape, classes, **settings):
        if name == "plain_cnn":
            settings["attention"] = False
        return _complete(name, function(input_shape, classes, **settings), input_shape)

    return make


def _resnet18(name, input_shape, classes, dropout=0.0, dense=None):
    whole = resnet18(input_shape, classes, attention=_has_attention(name))
    if dropout or dense:
        whole = _with_head(
            keras.Model(whole.input, whole.layers[-2].output), classes, dropout, dense
        )
    return _complete(name, whole, input_shape)


def _mobilenet(application: Callable, stages: Iterable[str]) -> Callable:
    """Return the maker of a MobileNet of keras.applications."""

    def make(name, input_shape, classes, alpha=1.0, dropout=0.2, dense=None, weights=None):
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 < alpha <= 2:
            raise models.ModelError(f"alpha={alpha!r} is no factor of widths: above 0, at most 2.")
        channels = input_shape[2] if weights is None else 3
        shape = (*input_shape[:2], channels)
        body = _pretrained(name, application, shape, alpha, weights)
        pooled = layers.GlobalAveragePooling2D(name="mean")(body.output)
        whole = _with_head(keras.Model(body.input, pooled), classes, dropout, dense)
        attended = stages if _has_attention(name) else ()
        return _complete(name, whole, input_shape, attended, from_scratch=weights is None)

    return make


def _pretrained(name, application, shape, alpha, weights) -> keras.Model:
    """Return a network of keras.applications without its top, or say why it cannot be had."""
    names = PRETRAINED if _plain(name) == "mobilenet_v2" else ("imagenet",)
    if weights in PRETRAINED and weights not in names:
        raise VariantError(
            f"{name} has no weights {weights!r}; they are MobileNetV2's. Take 'imagenet' or a file."
        )
    if weights in names and names == PRETRAINED:
        body = application(input_shape=shape, alpha=alpha, include_top=False, weights=None)
        # At the smallest size: weights do not depend on it.
        body.set_weights(backbone(SMALLEST, alpha, weights, verbose=False).get_weights())
        return body
    if weights is not None and weights not in names and not Path(weights).is_file():
        raise VariantError(
            f"No weights {str(weights)!r}, and no such file. By name there are "
            f"{', '.join(names)}; None is for random ones.{did_you_mean(str(weights), names)}"
        )
    given = str(weights) if weights is not None else None
    try:
        with warnings.catch_warnings():
            # Keras speaks of sizes other than 224, and of parts of old files that hold nothing.
            warnings.simplefilter("ignore")
            return application(input_shape=shape, alpha=alpha, include_top=False, weights=given)
    except Exception as error:  # shapes, formats and downloads raise many kinds
        if weights is None:
            raise
        reason = first_line(error)
        raise VariantError(
            f"These weights do not fit {name} with alpha={alpha}: {reason} Give the alpha that "
            "they were trained with, or weights=None to start from random ones."
        ) from error


def _with_head(body: keras.Model, classes: int, dropout: float, dense: int | None) -> keras.Model:
    """Return ``body``, whose output is (batch, channels), with a head that gives logits."""
    x = body.output
    if dense:
        x = layers.Dense(dense, activation="relu", name="dense")(x)
    if dropout:
        x = layers.Dropout(dropout, name="drop")(x)
    return keras.Model(body.input, layers.Dense(classes, name="logits")(x))


def _complete(
    name, network, input_shape, attended: Iterable[str] = (), from_scratch: bool = True
) -> keras.Model:
    """Return a copy of ``network`` that scales pixels first, with attention after some layers.

    All layers stand side by side, none is a model of its own, and they keep names and weights.
    """
    functional = keras.Model(network.inputs[0], network.outputs[0], name=name)
    first = next(layer for layer in functional.layers if not _is_input(layer))
    channels = functional.input_shape[-1]

    def call(layer, *given, **options):
        if layer.name == first.name:
            pixels = given[0]
            if channels > input_shape[2]:
                pixels = layers.Concatenate(name="repeat")([pixels] * channels)
            given = (layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(pixels),)
        maps = layer(*given, **options)
        if layer.name in attended:
            maps = SqueezeExcitation(name=f"{_stem(layer.name)}_attention")(maps)
        return maps

    def fresh(layer):
        made = layer.__class__.from_config(layer.get_config())
        if from_scratch and isinstance(made, layers.BatchNormalization):
            made.momentum = MOMENTUM
        return made

    pictures = keras.Input(input_shape, name="pictures")
    made = keras.models.clone_model(functional, pictures, fresh, call)
    for layer in functional.layers:
        if layer.weights:
            made.get_layer(layer.name).set_weights(layer.get_weights())
    return made


def _is_input(layer) -> bool:
    return isinstance(layer, layers.InputLayer)


def _stem(layer_name: str) -> str:
    """Return the block in a layer's name: block_2 of block_2_add."""
    return re.match(r"[a-z_]+\d+", layer_name)[0]


def _plain(name: str) -> str:
    return name.removesuffix("_attention")


def _has_attention(name: str) -> bool:
    return name != _plain(name)


def _kind(name: str) -> "_Kind":
    """Return what is known of the network behind a name."""
    if name not in NAMES:
        raise VariantError(f"No model {name!r}.{did_you_mean(str(name), NAMES)}")
    return _KINDS[_plain(name)]


@dataclass(frozen=True)
class _Kind:
    make: Callable[..., keras.Model]
    settings: tuple[str, ...]
    smallest: int = SMALLEST


_HEAD = ("dropout", "dense")
_WIDE = ("alpha", *_HEAD, "weights")
_KINDS = {
    "baseline_cnn": _Kind(_small(models.baseline_cnn), (), 10),
    "custom_cnn": _Kind(_small(models.custom_cnn), ("dropout",), 8),
    "plain_cnn": _Kind(_small(models.attention_cnn), _HEAD, 16),
    "attention_cnn": _Kind(_small(models.attention_cnn), _HEAD, 16),
    "mobilenet_v1": _Kind(_mobilenet(keras.applications.MobileNet, V1_STAGES), _WIDE),
    "mobilenet_v2": _Kind(_mobilenet(keras.applications.MobileNetV2, V2_STAGES), _WIDE),
    "resnet18": _Kind(_resnet18, _HEAD),
}
_LARGE = ("mobilenet_v1", "mobilenet_v2", "resnet18")

NAMES = tuple(
    name for kind in _KINDS for name in (kind, *([f"{kind}_attention"] if kind in _LARGE else []))
)
"""Every variant that ``build`` knows."""
