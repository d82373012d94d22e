"""Transfer learning with MobileNetV2: pretrained weights, cached features, a head, fine-tuning.

>>> base = transfer.backbone(size=96)  # doctest: +SKIP
>>> features = transfer.features(base, images, folder="cache")  # doctest: +SKIP
>>> head = transfer.head(features.shape[1], classes=29)  # doctest: +SKIP
>>> model = transfer.join(base, head)  # doctest: +SKIP
>>> transfer.unfreeze(model, last_blocks=3)  # doctest: +SKIP
"""

import json
import math
import os
import re
import socket
import warnings
from collections.abc import Mapping
from pathlib import Path

import joblib
import keras
import numpy as np
from keras import layers

from asl_helpers import files
from asl_helpers.datasets.catalog import resize
from asl_helpers.datasets.readers import open_image
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.files import atomic_path, check_sha256, project_data

ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
"""Widths for which Keras has ImageNet weights."""

DRAWN_ALPHA = 0.35
"""The width of the weights that come with the course."""

DRAWN = "mobilenet_v2_0.35_drawn"
"""The name of their files."""

WEIGHTS = ("best", "imagenet", "drawn", None)

BLOCKS = 17
"""Inverted residual blocks of MobileNetV2; ``expanded_conv`` is the first."""

_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"


class WeightsUnavailable(AslError):
    """The ImageNet weights cannot be had here; ``reason`` says why in a few words."""

    def __init__(self, name: str, reason: str):
        """Word the message for a width and a reason."""
        super().__init__(
            f"The ImageNet weights of MobileNetV2 {name} are out of reach: {reason}. Connect and "
            f"set ASL_PROFILE=full, or put mobilenet_v2_{name}_224_no_top.weights.h5 into the "
            "folder that ASL_DATA_DIR names, or take weights='drawn'."
        )
        self.reason = reason


def backbone(
    size: int = 96, alpha: float = 0.35, weights: str | None = "best", verbose: bool = True
) -> keras.Model:
    """Return MobileNetV2 from images to feature maps, without its classifier.

    Images are float32 (n, size, size, 3) with values 0 to 255: the first layer, ``preprocess``,
    scales them to -1 to 1 as the weights expect. Feature maps have the shape (n, size / 32,
    size / 32, channels), with 1,280 channels for ``alpha`` up to 1. A printed line says which
    weights were taken; it is also ``model.source``.

    Parameters
    ----------
    size:
        Height and width in pixels, a multiple of 32. The weights were trained at 224 and work at
        other sizes too.
    alpha:
        Width of the layers, as a share of the paper's.
    weights:
        ``"imagenet"``; ``"drawn"``: trained on drawn hands, part of the course, for alpha 0.35
        only; ``"best"``: the first of these that is available; None: random.

    Raises
    ------
    AslError for an unknown name, and weights that are out of reach or do not fit.

    Source: Sandler et al. (2018), "MobileNetV2: Inverted Residuals and Linear Bottlenecks".
    """
    if weights not in WEIGHTS:
        raise AslError(f"No weights {weights!r}.{did_you_mean(str(weights), WEIGHTS)}")
    model = architecture(size, alpha)
    if weights is None:
        source = "random weights"
    elif weights == "drawn":
        source = _load_drawn(model, alpha)
    else:
        try:
            path, source = imagenet_weights(alpha)
        except WeightsUnavailable as error:
            if weights == "imagenet" or alpha != DRAWN_ALPHA:
                raise
            source = f"{_load_drawn(model, alpha)} (ImageNet's: {error.reason})"
        else:
            _load_file(model, alpha, path)
    model.source = f"MobileNetV2 {alpha:g} at {size} px: {source}"
    if verbose:
        print(model.source)
    return model


def architecture(size: int | None = 96, alpha: float = 0.35) -> keras.Model:
    """Return the same network with random weights; ``size=None`` leaves the size open."""
    if size is not None and (size < 32 or size % 32):
        raise AslError(
            f"size={size}: MobileNetV2 halves an image five times; expected a multiple of 32, such "
            "as 96, 128, 160 or 224."
        )
    images = keras.Input((size, size, 3), name="pictures")
    scaled = layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(images)
    inner = keras.applications.MobileNetV2(
        input_shape=(size, size, 3),
        input_tensor=scaled,
        alpha=alpha,
        include_top=False,
        weights=None,
    )
    return keras.Model(images, inner.outputs[0], name=f"mobilenet_v2_{alpha:g}")


def imagenet_weights(alpha: float = 0.35) -> tuple[Path, str]:
    """Return a file with MobileNetV2's ImageNet weights, no classifier, and a line about it.

    The first of: ``mobilenet_v2_<alpha>_224_no_top.weights.h5`` in ``ASL_DATA_DIR``; the file in
    Keras's cache; Keras's download, in the full profile only (``ASL_PROFILE=full``), and never
    under ``ASL_OFFLINE=1``. Raises WeightsUnavailable if none of them has it.
    """
    name = "1.0" if alpha == 1 else f"{alpha:g}"
    folder = files.user_data_dir()
    own = folder and folder / f"mobilenet_v2_{name}_224_no_top.weights.h5"
    if own and own.is_file():
        return own, f"ImageNet weights, ASL_DATA_DIR ({own.name})"
    file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{name}_224_no_top.h5"
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    path = home / "models" / file
    if path.is_file():
        return path, f"ImageNet weights, Keras ({file})"
    if files.is_offline():
        raise WeightsUnavailable(name, "ASL_OFFLINE is set")
    if files.profile() == "quick":
        raise WeightsUnavailable(name, "the quick profile asks no network")
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(6.0)  # Keras's download has no time limit
    try:
        keras.utils.get_file(file, _ADDRESS + file, cache_subdir="models", cache_dir=str(home))
    except Exception as error:  # Keras turns the errors of urllib into bare exceptions
        raise WeightsUnavailable(name, f"the download failed ({first_line(error)})") from error
    finally:
        socket.setdefaulttimeout(before)
    return path, f"ImageNet weights, Keras ({file})"


def _load_file(model: keras.Model, alpha: float, path: Path) -> None:
    """Load a file of weights into a backbone."""
    try:
        with warnings.catch_warnings():
            # Keras warns of each empty group that older files do not name.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            # The file knows nothing of the layer that scales, so a network without one reads it.
            plain = keras.applications.MobileNetV2(
                input_shape=(224, 224, 3), alpha=alpha, include_top=False, weights=str(path)
            )
    except Exception as error:  # Keras and h5py raise many kinds
        raise AslError(
            f"{path.name} does not fit MobileNetV2 with alpha={alpha:g} and without its "
            f"classifier: {first_line(error)}. Delete {path}, or put a file of that width there."
        ) from error
    model.set_weights(plain.get_weights())


def drawn_card() -> dict:
    """Return the facts of the weights that were trained on drawn hands."""
    return json.loads((drawn_folder() / f"{DRAWN}.json").read_text(encoding="utf-8"))


def drawn_folder() -> Path:
    """Return the folder of the weights that were trained on drawn hands."""
    return project_data() / "weights" / "backbones"


def _load_drawn(model: keras.Model, alpha: float) -> str:
    """Load the weights that come with the course; return the line about them."""
    if alpha != DRAWN_ALPHA:
        raise AslError(
            f"The weights trained on drawn hands are for alpha={DRAWN_ALPHA:g}, not {alpha:g}. "
            "Take that width, or weights=None."
        )
    path = drawn_folder() / f"{DRAWN}.npz"
    check_sha256(path, drawn_card()["sha256"])
    with np.load(path, allow_pickle=False) as stored:
        model.set_weights([stored[name].astype(np.float32) for name in sorted(stored.files)])
    return "weights trained on drawn hands only, no photograph"


def features(
    backbone: keras.Model, images: np.ndarray, folder: Path | str | None = None
) -> np.ndarray:
    """Return the mean of each feature map, float32 (n, channels), one row per image.

    Images are (n, height, width, 3) with values 0 to 255. The result is kept in ``folder``: a later
    call reads it only if images and weights are the same to the last bit.
    """
    if len(backbone.output_shape) != 4:
        raise AslError(
            f"{backbone.name} gives {backbone.output_shape[1:]}; expected feature maps (rows, "
            "columns, channels). Pass the backbone, not the whole classifier."
        )
    if folder:
        key = joblib.hash([backbone.to_json(), images, backbone.get_weights()])
        path = Path(folder) / f"features_{key}.npy"
        if path.is_file():
            return np.load(path, allow_pickle=False)
    mean = layers.GlobalAveragePooling2D(name="mean")(backbone.outputs[0])
    model = keras.Model(backbone.inputs[0], mean)
    rows = [np.zeros((0, backbone.output_shape[-1]), np.float32)]
    for start in range(0, len(images), 64):
        # Called directly: tracing a graph takes longer than a few hundred images.
        batch = images[start : start + 64].astype(np.float32)
        rows.append(np.asarray(model(batch, training=False)))
    result = np.concatenate(rows)
    if folder:
        with atomic_path(path) as temporary:
            np.save(temporary, result)
    return result


def head(
    channels: int, classes: int, dense: int | None = None, dropout: float = 0.2
) -> keras.Model:
    """Return a classifier of features: float32 (n, channels) to logits (n, classes).

    ``dense`` adds a layer of so many units with ReLU before the last one.
    """
    stack: list = [keras.Input((channels,), name="features")]
    if dense:
        stack.append(layers.Dense(dense, activation="relu", name="dense"))
    stack += [layers.Dropout(dropout, name="dropout"), layers.Dense(classes, name="logits")]
    return keras.Sequential(stack, name="head")


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Return one model from images to logits: copies of both, a global average pool between them.

    It is flat: every layer of the backbone is a layer of it, as ``explain.grad_cam`` and
    ``unfreeze`` need. Training the copy does not change the two models that are passed.
    """
    base = keras.models.clone_model(backbone)
    x = layers.GlobalAveragePooling2D(name="mean")(base.outputs[0])
    for layer in keras.models.clone_model(head).layers:
        if not isinstance(layer, layers.InputLayer):
            x = layer(x)
    model = keras.Model(base.inputs[0], x, name=backbone.name)
    model.set_weights([*backbone.get_weights(), *head.get_weights()])
    model.source = getattr(backbone, "source", "")
    return model


def unfreeze(model: keras.Model, last_blocks: int = 0, batch_norm: bool = False) -> int:
    """Make the head and the last blocks of a MobileNetV2 trainable; freeze the rest.

    ``model`` is what ``join`` or ``networks.build`` returns. The result is the number of trainable
    weights. Compile the model after this call, as ``training.fit`` does.

    Parameters
    ----------
    last_blocks:
        0 leaves only the head trainable. From 1 on the last convolution is trained too, and so
        many of the 17 inverted residual blocks; with all 17 also the first convolution.
    batch_norm:
        Whether batch normalization in the trainable layers is trained. By default it keeps the
        means and variances of the pretraining, and its own weights: a frozen one runs as in
        inference, also in training.
    """
    if not 0 <= last_blocks <= BLOCKS:
        raise AslError(f"last_blocks={last_blocks}; MobileNetV2 has {BLOCKS} of them, 0-17.")
    depths = {layer.name: depth(layer.name) for layer in model.layers}
    if not any(depths.values()):
        raise AslError(
            f"{model.name} has no layers named as in MobileNetV2 (block_1_expand ...). If the "
            "backbone is nested in it as one layer, build the model with transfer.join."
        )
    # One more than the blocks: the last convolution lies above them, the first below.
    lowest = {0: 0, BLOCKS: BLOCKS + 2}.get(last_blocks, last_blocks + 1)
    for layer in model.layers:
        frozen_norm = isinstance(layer, layers.BatchNormalization) and not batch_norm
        layer.trainable = depths[layer.name] <= lowest and not frozen_norm
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def depth(name: str) -> int:
    """Return how far below the head a layer of MobileNetV2 lies, by its name.

    0 is the head, 1 the last convolution, 2 to 18 the blocks from the last to the first, 19 the
    first convolution.
    """
    if block := re.match(r"block_(\d+)_", name):
        return BLOCKS + 1 - int(block[1])
    if name.startswith("expanded_conv"):
        return BLOCKS + 1
    if name in ("Conv_1", "Conv_1_bn", "out_relu"):
        return 1
    if name in ("Conv1", "bn_Conv1", "Conv1_relu", "preprocess", "pictures"):
        return BLOCKS + 2
    return 0


@keras.saving.register_keras_serializable(package="asl_helpers")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with a factor on the learning rate of each variable, by its path; 1 by default.

    A factor on the *gradient* would do nothing: Adam divides by the gradient's size.
    """

    def __init__(self, learning_rate=1e-4, factors: Mapping[str, float] | None = None, **options):
        """Take Adam's settings, and factors by the paths of variables."""
        super().__init__(learning_rate, **options)
        self.factors = dict(factors or {})

    def build(self, variables) -> None:
        """Look up each variable's factor."""
        super().build(variables)
        self._by_index = [self.factors.get(each.path, 1.0) for each in variables]

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Take Adam's step at the variable's own rate."""
        factor = self._by_index[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self) -> dict:
        """Return the settings, for saving."""
        return {**super().get_config(), "factors": self.factors}


def layerwise_adam(model: keras.Model, learning_rate=1e-4, decay: float = 0.8) -> LayerwiseAdam:
    """Return Adam whose rate falls by the factor ``decay`` per block, from the head downwards.

    The head is trained at ``learning_rate`` (a number or a schedule), the last convolution at
    ``decay`` times that, the last block at its square, and so on: the earliest layers, whose edges
    and colors serve any task, change least (Howard and Ruder 2018, "Universal Language Model
    Fine-tuning for Text Classification", section 3.2; there the factor is 1 / 2.6).
    """
    factors = {
        weight.path: decay ** depth(layer.name)
        for layer in model.layers
        for weight in layer.weights
    }
    return LayerwiseAdam(learning_rate, factors)


def load_picture(source: Path | str | bytes, size: int = 96) -> np.ndarray:
    """Return the middle square of an image, upright, as uint8 (size, size, 3).

    ``source`` is a path, or the bytes of a file, as an upload gives them.
    """
    image = open_image(source)
    side = min(image.shape[:2])
    top, left = ((length - side) // 2 for length in image.shape[:2])
    return resize(image[None, top : top + side, left : left + side], size)[0]


def uploaded(button) -> list[bytes]:
    """Return the files given to an ``ipywidgets.FileUpload``, an empty list for none.

    In version 7 of ipywidgets, which Colab has, the value is a dict by name; since 8 it is a tuple.
    """
    value = button.value
    files = value.values() if isinstance(value, dict) else value
    return [bytes(file["content"]) for file in files]
