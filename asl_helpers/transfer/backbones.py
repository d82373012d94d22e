"""MobileNetV2 without its classifier, and the three ways to weights that have already seen much.

Weights of ImageNet are Keras's, and not shipped: they come from ``ASL_DATA_DIR``, from Keras's
cache, or from its download. Where none of these has them, the backbone takes weights that were
trained on nothing but drawn hands, which come with the course; its line says so.
"""

import json
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import layers

from asl_helpers.errors import did_you_mean, first_line
from asl_helpers.files import FilesError, check_sha256, project_data
from asl_helpers.shipping import ship
from asl_helpers.transfer.download import imagenet_weights
from asl_helpers.transfer.errors import TransferError

ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
"""Widths for which Keras has weights of ImageNet."""

DRAWN_ALPHA = 0.35
"""The width of the weights that come with the course."""

WEIGHTS = ("best", "imagenet", "drawn", None)

_DRAWN = "mobilenet_v2_0.35_drawn"


def backbone(
    size: int = 96, alpha: float = 0.35, weights: str | None = "best", verbose: bool = True
) -> keras.Model:
    """Return MobileNetV2 from pictures to feature maps, its classifier left off.

    Pictures are float32 (n, size, size, 3) with values 0 to 255: the first layer, ``preprocess``,
    scales them to -1 to 1 as the weights expect, so that it cannot be forgotten. Feature maps have
    the shape (n, size / 32, size / 32, channels), with 1,280 channels for ``alpha`` up to 1.

    Parameters
    ----------
    size:
        Height and width in pixels, a multiple of 32. 224 is the size of the training on ImageNet
        and a default, no more: the same weights work at 96.
    alpha:
        Width of the layers, as a share of the paper's.
    weights:
        ``"imagenet"``; ``"drawn"``: trained on drawn hands, shipped, for alpha 0.35 only;
        ``"best"``: the first of these that is there; None: random.
    verbose:
        Print the line that says which weights were taken; it is also ``model.source``.

    Raises
    ------
    TransferError
        For a size or a name that does not exist, weights that are out of reach or do not fit.

    Source: Sandler et al. (2018), "MobileNetV2: Inverted Residuals and Linear Bottlenecks".
    """
    if weights not in WEIGHTS:
        raise TransferError(f"No weights {weights!r}.{did_you_mean(str(weights), WEIGHTS)}")
    model = architecture(size, alpha)
    if weights is None:
        source = "random weights"
    elif weights == "drawn":
        source = _load_drawn(model, alpha)
    else:
        source = _load_best(model, alpha, needs_imagenet=weights == "imagenet")
    model.source = f"MobileNetV2 {alpha:g} at {size} px: {source}"
    if verbose:
        print(model.source)
    return model


def architecture(size: int | None = 96, alpha: float = 0.35) -> keras.Model:
    """Return the same network with random weights; ``size=None`` leaves the size open."""
    if size is not None and (size < 32 or size % 32):
        raise TransferError(
            f"size={size}: MobileNetV2 halves a picture five times; expected a "
            "multiple of 32, such as 96, 128, 160 or 224."
        )
    if not 0 < alpha <= 2:
        raise TransferError(f"alpha={alpha} is not a width; expected about 0.1 to 1.4.")
    pictures = keras.Input((size, size, 3), name="pictures")
    scaled = layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(pictures)
    inner = keras.applications.MobileNetV2(
        input_shape=(size, size, 3),
        input_tensor=scaled,
        alpha=alpha,
        include_top=False,
        weights=None,
    )
    return keras.Model(pictures, inner.outputs[0], name=f"mobilenet_v2_{alpha:g}")


def _load_best(model: keras.Model, alpha: float, needs_imagenet: bool) -> str:
    """Load ImageNet's weights, or the drawn ones where that is allowed; say which."""
    try:
        path, source = imagenet_weights(alpha)
    except TransferError as error:
        if needs_imagenet or alpha != DRAWN_ALPHA:
            raise
        return f"{_load_drawn(model, alpha)} ({error.reason})"
    load_weights(model, path)
    return source


def load_weights(model: keras.Model, path: Path) -> None:
    """Load a file of weights into a backbone; raise TransferError where the two do not fit."""
    # The file knows nothing of the layer that scales, so it is read by a network without one.
    plain = keras.applications.MobileNetV2(
        input_shape=(224, 224, 3), alpha=_alpha(model), include_top=False, weights=None
    )
    before = [np.copy(value) for value in plain.get_weights()]
    try:
        with warnings.catch_warnings():
            # Keras 3.15 warns of each empty container that older files do not name.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            plain.load_weights(path)
    except Exception as error:  # Keras and h5py raise many kinds
        reason = first_line(error)
        raise _misfit(model, path, reason) from error
    after = plain.get_weights()
    kernels = [place for place, value in enumerate(before) if value.ndim > 1]
    left = sum(np.array_equal(before[place], after[place]) for place in kernels)
    if left:
        raise _misfit(model, path, f"it leaves {left} of {len(kernels)} kernels as they were")
    model.set_weights(after)


def _misfit(model: keras.Model, path: Path, reason: str) -> TransferError:
    return TransferError(
        f"{path.name} does not fit MobileNetV2 with alpha={_alpha(model):g} and without its "
        f"classifier: {reason}. Delete {path}, or put a file of that width there."
    )


def _alpha(model: keras.Model) -> float:
    return float(model.name.rsplit("_", 1)[1])


def drawn_card(folder: Path | None = None) -> dict:
    """Return the facts of the weights that were trained on drawn hands."""
    path = _folder(folder) / f"{_DRAWN}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TransferError(
            f"{path.name} is missing or damaged: the drawn weights come with the course. Fetch "
            "the project again, or make them: python -m asl_helpers.pretrain_backbone"
        ) from error


def _folder(folder: Path | None) -> Path:
    return folder or project_data() / "weights" / "backbones"


def _load_drawn(model: keras.Model, alpha: float, folder: Path | None = None) -> str:
    """Load the shipped weights, once their checksum is right; return their line."""
    if alpha != DRAWN_ALPHA:
        raise TransferError(
            f"The weights trained on drawn hands are for alpha={DRAWN_ALPHA:g}, not {alpha:g}. "
            f"Take that width, or weights=None."
        )
    card = drawn_card(folder)
    path = _folder(folder) / f"{_DRAWN}.npz"
    try:
        check_sha256(path, card["sha256"])
        with np.load(path, allow_pickle=False) as stored:
            values = [stored[name].astype(np.float32) for name in sorted(stored.files)]
        model.set_weights(values)
    except (OSError, FilesError, ValueError, KeyError) as error:
        raise TransferError(f"The drawn weights cannot be used: {error}") from error
    return "weights trained on drawn hands only, no photograph"


def save_drawn(model: keras.Model, facts: dict, folder: Path | None = None) -> dict:
    """Write a backbone's weights in half precision and their card's facts; return the facts."""

    def write(path: Path) -> None:
        values = {f"w{place:03d}": value for place, value in enumerate(model.get_weights())}
        with path.open("wb") as file:
            np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in values.items()})

    return ship(_folder(folder) / f"{_DRAWN}.npz", write, {"name": _DRAWN, **facts})
