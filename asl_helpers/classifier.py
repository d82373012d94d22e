"""Models that read letters: the course's own networks, and the one way to open a model.

A shipped model is built here in code, and only its weights are read from a file, so it loads with
any version of Keras. Its card (the .json beside it) holds its classes, threshold and temperature.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, NONE, STATIC_LETTERS
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.files import atomic_path, check_sha256, project_data, sha256
from asl_helpers.latency import LiteModel, litert

CLASSES = (*STATIC_LETTERS, NONE)
"""What the shipped models of one hand tell apart: the 24 static letters and `NONE`."""

MASK_SIZE = 40
"""Height and width of the masks that the model ``masks`` reads, in pixels."""

MOTION_STEPS, MOTION_FEATURES = 29, 47
"""Shape of the window that the model ``motion`` reads; `strokes.features` makes it."""

_THRESHOLD = 0.5  # of a model whose card names none
_BATCH = 512


def landmark_core(classes: int = len(CLASSES)):
    """Return the network of ``landmarks``: 42 numbers to logits, about 120,000 parameters."""
    import keras
    from keras import layers

    stack: list = [keras.Input((42,), name="points")]
    for width in (288, 224, 160):
        stack += [
            layers.Dense(width, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("gelu"),
            layers.Dropout(0.1),
        ]
    return keras.Sequential([*stack, layers.Dense(classes, name="logits")], name="core")


def one_sided(core):
    """Return the model that is trained: landmarks (n, 21, 3) of either hand to logits."""
    import keras

    points = keras.Input((21, 3), name="landmarks")
    return keras.Model(points, core(_centred(points)), name="one_sided")


def landmark_model(core, temperature: float = 1.0):
    """Return the model that is shipped: landmarks (n, 21, 3) to probabilities (n, classes).

    Nobody says which hand signs, and an image may be mirrored: the core reads the hand as it is
    and as its mirror image, and the mean of both counts. It reads x and y only: a tracker's depth
    is a guess whose scale differs from a camera's, and learning from it cost more than it gave.
    """
    import keras
    from keras import layers

    points = keras.Input((21, 3), name="landmarks")
    mirrored = points * np.array([-1.0, 1.0, 1.0], np.float32)
    views = [
        layers.Softmax()(core(_centred(side)) * (1 / temperature)) for side in (points, mirrored)
    ]
    return keras.Model(points, layers.Average(name="probabilities")(views), name="landmarks")


def _centred(points):
    """Return x and y about their mean, with a root mean square of 1: (n, 42)."""
    from keras import ops

    flat = points[..., :2]
    flat = flat - ops.mean(flat, axis=1, keepdims=True)
    size = ops.sqrt(ops.mean(ops.sum(ops.square(flat), axis=-1), axis=1))
    return ops.reshape(flat / ops.maximum(size, 1e-6)[:, None, None], (-1, 42))


def mask_core():
    """Return the network of ``masks``: skeletons (n, 40, 40, 1) of 0-255 to logits.

    A small MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381): each block widens by a 1x1
    convolution, filters each channel by a 3x3 one and narrows without an activation. Drawing the
    landmarks and looking at the drawing is the older way; it shows what the detour costs.
    """
    import keras
    from keras import layers

    def convolve(x, channels, kernel, strides=1):
        x = layers.Conv2D(channels, kernel, strides, padding="same", use_bias=False)(x)
        return layers.ReLU(6)(layers.BatchNormalization(momentum=0.9)(x))

    masks = keras.Input((MASK_SIZE, MASK_SIZE, 1), name="mask")
    x = convolve(layers.Rescaling(1 / 255)(masks), 16, 3, strides=2)
    blocks = ((16, 1, 1), (24, 2, 3), (32, 2, 3), (32, 1, 3), (64, 2, 3), (64, 1, 3))
    for channels, strides, expansion in blocks:
        before = x
        x = convolve(x, x.shape[-1] * expansion, 1)
        x = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(x)
        x = layers.ReLU(6)(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        if strides == 1 and before.shape[-1] == channels:
            x = layers.Add()([before, x])
    x = layers.GlobalAveragePooling2D()(convolve(x, 192, 1))
    x = layers.Dropout(0.2)(x)
    return keras.Model(masks, layers.Dense(len(CLASSES), name="logits")(x), name="mask_core")


def mask_model(core, temperature: float = 1.0):
    """Return the model that is shipped: a mask and its mirror (n, 40, 40, 2) to probabilities.

    A left hand's mask is a right hand's mirror image, so the mean of both answers counts.
    """
    import keras
    from keras import layers

    both = keras.Input((MASK_SIZE, MASK_SIZE, 2), name="masks")
    answers = [
        layers.Softmax()(core(both[..., view : view + 1]) * (1 / temperature)) for view in range(2)
    ]
    return keras.Model(both, layers.Average(name="probabilities")(answers), name="masks")


def motion_core():
    """Return the network of ``motion``: features over time to logits of J, Z and none.

    Three convolutions over time. Only the last step's output is wanted, so no step is padded:
    after the third convolution exactly one is left, as causal padding would give it.
    """
    import keras
    from keras import layers

    stack: list = [keras.Input((MOTION_STEPS, MOTION_FEATURES), name="features")]
    for dilation in (1, 2, 4):
        stack += [
            layers.Conv1D(56, 5, dilation_rate=dilation, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.SpatialDropout1D(0.1),
        ]
    return keras.Sequential(
        [*stack, layers.Flatten(), layers.Dense(3, name="logits")], name="motion_core"
    )


def motion_model(core, temperature: float = 1.0):
    """Return the model that is shipped: features to probabilities (n, 3)."""
    import keras
    from keras import layers

    inputs = keras.Input((MOTION_STEPS, MOTION_FEATURES), name="features")
    logits = layers.Rescaling(1 / temperature, name="temperature")(core(inputs))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(logits), name="motion")


_SHIPPED = {
    "landmarks": (landmark_core, landmark_model),
    "masks": (mask_core, mask_model),
    "motion": (motion_core, motion_model),
}
SHIPPED = tuple(_SHIPPED)
"""The names of the models that come with the course."""


@dataclass(frozen=True)
class Classifier:
    """A model, and what its card and its shape say of it."""

    name: str  # a shipped model's, or a file's
    classes: tuple[str, ...]  # the class of each output
    reads: str  # "landmarks", "images", or "motion" (features of a window of frames)
    shape: tuple[int, ...]  # of one input of the network, such as (21, 3) or (96, 96, 3)
    threshold: float  # an answer that is less likely than this is better not given
    card: dict  # the facts of the .json beside the model
    assumptions: tuple[str, ...]  # what neither file nor card says and had to be guessed
    network: Any = field(repr=False)  # the Keras model, None for a .tflite file
    _run: Callable[[np.ndarray], np.ndarray] = field(repr=False)
    _encode: Callable[[np.ndarray], np.ndarray] = field(repr=False)

    def probabilities(self, batch: np.ndarray, aspect=1.0) -> np.ndarray:
        """Return probabilities (n, classes) float32.

        ``batch`` holds landmarks (n, 21, 3), images uint8 (n, height, width, 3) of the network's
        own size, or features of windows. ``aspect``, for landmarks, is height / width of their
        images, a number or (n,); ``"estimate"`` takes it from the hand. Raises AslError for
        landmarks of a wrong shape, and for a model that answers with NaN.
        """
        batch = np.asarray(batch)
        if self.reads == "landmarks":
            batch = landmarks.normalise(batch, aspect)
        if not len(batch):
            return np.zeros((0, len(self.classes)), np.float32)
        starts = range(0, len(batch), _BATCH)
        outputs = [self._run(self._encode(batch[start : start + _BATCH])) for start in starts]
        return _as_probabilities(np.concatenate(outputs), self)

    def read(self, points: np.ndarray, aspect=1.0) -> list[str | None]:
        """Return a letter for each hand, or None where the model is unsure or sees none."""
        rows = self.probabilities(points, aspect)
        best = [self.classes[index] for index in rows.argmax(axis=1)]
        sure = rows.max(axis=1) >= self.threshold
        return [name if ok and name != NONE else None for name, ok in zip(best, sure, strict=True)]

    def top(self, example: np.ndarray, n: int = 3) -> list[tuple[str, float]]:
        """Return the n likeliest classes of one example with their probabilities."""
        row = self.probabilities(np.asarray(example)[None])[0]
        return [(self.classes[index], float(row[index])) for index in np.argsort(-row)[:n]]


def load(model: str | Path, folder: Path | None = None) -> Classifier:
    """Open a shipped model by its name, or a ``.keras`` or ``.tflite`` file with its card.

    Nothing in the file is run as code. ``folder`` holds the shipped weights (data/weights). Raises
    AslError for an unknown name, a damaged file, one that holds code, a wrong checksum, or a model
    whose inputs or outputs the course does not know; the message says which, and what to do.
    """
    if str(model) in SHIPPED:
        path = (folder or project_data() / "weights") / f"{model}.npz"
        if not path.is_file():
            raise AslError(f"There is no {path}. Restore it from the repository.")
        return _shipped(path, sha256(path))
    path = Path(model).expanduser()
    kind = path.suffix.lower()
    if kind in (".h5", ".hdf5"):
        raise AslError(
            f"{path.name}: the old .h5 format can hold code, so it is not opened. Open it in Keras "
            "and save it as .keras."
        )
    if kind not in (".keras", ".tflite") or not path.is_file():
        raise AslError(
            f"No model {str(model)!r}: neither {', '.join(SHIPPED)} nor an existing .keras or "
            f".tflite file.{did_you_mean(str(model), SHIPPED)}"
        )
    card = {"sha256": sha256(path), **read_card(path)}
    if kind == ".keras":
        return wrap(_load_keras(path), card.get("classes"), path.name, card)
    return _tflite(path, card)


@lru_cache(maxsize=8)  # building and converting takes seconds
def _shipped(path: Path, content: str) -> Classifier:
    """Build a shipped model in code and read its weights, whose SHA-256 is ``content``."""
    card = read_card(path)
    build_core, build_model = _SHIPPED[path.stem]
    core = build_core()
    with np.load(path, allow_pickle=False) as arrays:
        core.set_weights([arrays[key] for key in sorted(arrays.files)])
    return wrap(build_model(core, card["temperature"]), card["classes"], path.stem, card)


def wrap(network, classes=None, name: str = "this model", card: dict | None = None) -> Classifier:
    """Return a Keras model in memory as a `Classifier`; see `load` for what it may be."""
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise AslError(f"{name} must have one input and one output.")
    shape, outputs = tuple(network.input_shape[1:]), network.output_shape[-1]
    if _reads(shape, name) == "images":

        def run(batch):
            return np.asarray(network.predict(batch, batch_size=_BATCH, verbose=0))
    else:
        run = litert(network)  # converting takes seconds, and is for single hands worth it
    scales = _scales_itself(network)
    return _classifier(name, classes, shape, outputs, card or {}, network, run, scales)


def save(network, path: Path | str, classes, **facts) -> dict:
    """Write a Keras model as .keras and its card beside it; return the card.

    The optimizer's memory, two thirds of a trained model's file, is left out. Neither file is ever
    half there. Raises AslError where the names do not fit the outputs.
    """
    import keras

    path, classes = Path(path), [str(name) for name in classes]
    if path.suffix != ".keras":
        raise AslError(f"{path.name}: expected a file name that ends in .keras.")
    if network.output_shape[-1] != len(classes):
        raise AslError(
            f"{path.name}: {len(classes)} class names for {network.output_shape[-1]} outputs. Give "
            "one name per output, in the order of the labels."
        )
    if getattr(network, "optimizer", None) is not None:
        plain = keras.models.clone_model(network)
        plain.set_weights(network.get_weights())
        network = plain
    return write_with_card(path, network.save, {"classes": classes, **facts})


def save_weights(core, path: Path, **facts) -> dict:
    """Write the weights of a shipped model's core as .npz and its card; return the card."""
    arrays = {f"{index:03d}": array for index, array in enumerate(core.get_weights())}

    def write(target: Path) -> None:
        with target.open("wb") as file:
            np.savez(file, **arrays)

    return write_with_card(path, write, facts)


def write_with_card(target: Path, write: Callable[[Path], None], facts: dict) -> dict:
    """Write a model by ``write(path)``, and its facts with its SHA-256 as .json beside it."""
    with atomic_path(target) as path:
        write(path)
    facts = {**facts, "sha256": sha256(target)}
    with atomic_path(target.with_suffix(".json")) as path:
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def read_card(path: Path) -> dict:
    """Return the facts in the .json beside a model, {} without one; check its SHA-256."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        card = json.loads(beside.read_text(encoding="utf-8"))
        if not all(isinstance(name, str) for name in card.get("classes", ())):
            raise ValueError("its classes are not all names")
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise AslError(
            f"{beside.name} is not a model's card ({first_line(error)}). Expected JSON such as "
            '{"classes": ["A", "B", ...]}.'
        ) from error
    if "sha256" in card and path.suffix != ".tflite":  # a .keras file's card may lie beside it
        check_sha256(path, card["sha256"])
    return card


def _load_keras(path: Path):
    """Return the Keras model in a file of anybody's, without running code from it."""
    import keras

    import asl_helpers.layers  # noqa: F401  (Keras then knows the course's own layers)

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for damaged, unsafe or foreign files
        text = str(error)
        if "Could not locate" in text or "ambda" in text or "unsafe" in text:
            raise AslError(
                f"{path.name} holds code, a lambda or a layer of its author's own, so it is not "
                "opened. Open it in Keras where that code is at hand, build the model from Keras's "
                "own layers, and save it as .keras."
            ) from error
        raise AslError(
            f"{path.name} is damaged or not a Keras model ({first_line(error)}). Save it again."
        ) from error


def _classifier(name, classes, shape, outputs, card, network, run, scales_itself) -> Classifier:
    """Check the classes, choose the encoding, and note what had to be assumed."""
    reads = _reads(shape, name)
    assumptions = []
    if not classes:
        classes = _guessed_classes(outputs, reads)
        listed = " ".join(classes)
        assumptions += [f"{outputs} outputs, so the classes are {listed}"] * bool(classes)
    if len(classes) != outputs or len(set(classes)) != outputs:
        raise AslError(
            f"{name} has {outputs} outputs and {len(set(classes)) or 'no'} class names. Write one "
            f'per output into {Path(name).stem}.json beside it: {{"classes": ["A", "B", ...]}}.'
        )
    encode = landmarks.encoder(shape) if reads == "landmarks" else lambda batch: batch
    if reads == "images":
        pixels = card.get("input") or ("0-255" if scales_itself else "0-1")
        if "input" not in card and not scales_itself:
            assumptions.append(
                'pixels of 0-1, since no layer scales them and no card names "input": "0-255"'
            )
        divisor = np.float32(255 if pixels == "0-1" else 1)

        def encode(images: np.ndarray) -> np.ndarray:
            if images.shape[1:3] != shape[:2]:
                raise AslError(
                    f"The images have shape {images.shape[1:]}; {name} reads {shape}. Open them "
                    f"with open_image(path, size={shape[0]})."
                )
            if shape[2] == 1:
                weights = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601 luma
                images = (images @ weights)[..., None]
            return images.astype(np.float32) / divisor

    threshold = float(card.get("threshold", _THRESHOLD))
    assumptions = tuple(f"assumed of {name}: {each}" for each in assumptions)
    return Classifier(
        name, tuple(classes), reads, shape, threshold, card, assumptions, network, run, encode
    )


def _reads(shape: tuple, name: str) -> str:
    """Return what a network reads, by the shape of one input."""
    if landmarks.encoder(shape):
        return "landmarks"
    if len(shape) == 3 and shape[2] in (1, 3) and None not in shape:
        return "images"
    if shape == (MOTION_STEPS, MOTION_FEATURES):
        return "motion"
    raise AslError(
        f"{name} reads inputs of shape {shape}. Expected landmarks (21, 3) or (63,), their "
        "features (90,), skeleton masks (size, size, 2), or images (height, width, 1 or 3)."
    )


def _guessed_classes(outputs: int, reads: str) -> tuple[str, ...]:
    """Return the classes that so many outputs usually mean, in the order of the alphabet."""
    with_none = CLASSES if reads == "landmarks" else LETTERS[:25]
    return {24: STATIC_LETTERS, 25: with_none, 26: LETTERS, 29: KAGGLE_CLASSES}.get(outputs, ())


def _scales_itself(network) -> bool:
    """Tell whether a network scales its pixels, in a layer or in arithmetic before its weights."""
    import keras

    for step in _steps(network):
        is_arithmetic = type(step).__name__ in ("TrueDivide", "Divide", "Multiply", "Subtract")
        if is_arithmetic or isinstance(step, keras.layers.Rescaling | keras.layers.Normalization):
            return True
        if getattr(step, "weights", None):
            return False
    return False


def _steps(network):
    """Yield a network's layers and operations in order, those of networks inside in their place."""
    for step in getattr(network, "operations", network.layers):
        if getattr(step, "layers", None):
            yield from _steps(step)
        else:
            yield step


def _tflite(path: Path, card: dict) -> Classifier:
    """Open a LiteRT file; quantised inputs and outputs are converted."""
    model = LiteModel(path.read_bytes(), name=path.name)
    source, target = model.source, model.target

    def run(batch: np.ndarray) -> np.ndarray:
        # One by one: models for phones have a fixed batch of one.
        outputs = [model(_quantise(row[None], source)) for row in batch]
        return _dequantise(np.concatenate(outputs), target)

    shape, outputs = tuple(map(int, source["shape"][1:])), int(target["shape"][-1])
    is_uint8 = source["dtype"] == np.uint8
    return _classifier(path.name, card.get("classes"), shape, outputs, card, None, run, is_uint8)


def _quantise(values: np.ndarray, details: dict) -> np.ndarray:
    (scale, zero), dtype = details["quantization"], details["dtype"]
    if not scale:
        return values.astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(np.round(values / scale + zero), info.min, info.max).astype(dtype)


def _dequantise(values: np.ndarray, details: dict) -> np.ndarray:
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * scale if scale else values.astype(np.float32)


def _as_probabilities(outputs: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Return probabilities (n, classes) of logits, or of outputs that are such already."""
    if not np.isfinite(outputs).all():
        raise AslError(f"{classifier.name} answers with NaN or infinite numbers. Train it again.")
    sums = outputs.sum(axis=1, keepdims=True)
    if outputs.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
        return (outputs / sums).astype(np.float32)
    from scipy.special import softmax

    return softmax(outputs / float(classifier.card.get("temperature", 1.0)), axis=1)
