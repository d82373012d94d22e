"""The models to judge: shipped ones by name, others as a .keras or .tflite file.

What a model reads follows from the shape of its input: features or landmarks of a hand, skeleton
masks, or pictures. What its outputs mean stands in a .json file beside it (``classes``, and
optionally ``temperature``, ``sha256``); without one, the number of outputs tells: 24, 26 or 29
classes of `alphabet`, or 25: the 24 and "none".
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, NONE, STATIC_LETTERS
from asl_helpers.errors import did_you_mean
from asl_helpers.evaluation import softmax
from asl_helpers.files import FilesError, project_data
from asl_helpers.judge.errors import JudgeError
from asl_helpers.lite import LiteError, LiteModel
from asl_helpers.shipping import ShippingError, load_keras, read_card

_CLASSES = {24: STATIC_LETTERS, 25: (*STATIC_LETTERS, NONE), 26: LETTERS, 29: KAGGLE_CLASSES}
_BATCH = 512


@dataclass
class JudgedModel:
    """A model behind one face.

    Attributes
    ----------
    name:
        Its name or file name.
    class_names:
        The class of each output.
    reads:
        ``"landmarks"`` (features, normalised points or skeleton masks of a hand) or ``"images"``.
    size:
        Height and width of the pictures it reads, where it reads pictures.
    probabilities:
        Maps a batch, normalised points (n, 21, 3) or pictures uint8 (n, height, width, 3), to
        probabilities, float32 (n, classes).
    """

    name: str
    class_names: tuple[str, ...]
    reads: str
    size: tuple[int, int] | None
    probabilities: Callable[[np.ndarray], np.ndarray]


def shipped() -> list[str]:
    """Return the names of the models that come with the course."""
    return sorted(path.stem for path in (project_data() / "weights").glob("*.keras"))


def load_model(model: str | Path) -> JudgedModel:
    """Load a shipped model by name, or a ``.keras`` or ``.tflite`` file.

    Raises
    ------
    JudgeError
        For an unknown name, a damaged file, a checksum that does not match, or a model whose
        inputs or outputs the course does not know.
    """
    path = Path(model)
    if str(model) in shipped():
        path = project_data() / "weights" / f"{model}.keras"
    elif path.suffix.lower() not in (".keras", ".tflite") or not path.is_file():
        raise JudgeError(
            f"No model {str(model)!r}: neither a shipped one nor an existing .keras or .tflite "
            f"file.{did_you_mean(str(model), shipped())}"
        )
    card = _card(path)
    run, shape, outputs, scaled = (_keras if path.suffix == ".keras" else _tflite)(path)
    names = tuple(card.get("classes", _CLASSES.get(outputs, ())))
    if len(names) != outputs:
        raise JudgeError(
            f"{path.name} has {outputs} outputs, and {len(names) or 'no'} class names are known "
            f"for it. Write them into {path.with_suffix('.json').name} beside it: "
            '{"classes": ["A", "B", ...]}.'
        )
    encode, reads = _encoder(path.name, shape, scaled)
    temperature = float(card.get("temperature", 1.0))

    def probabilities(batch: np.ndarray) -> np.ndarray:
        parts = [batch[start : start + _BATCH] for start in range(0, len(batch), _BATCH)]
        outputs = np.concatenate([run(encode(part)) for part in parts])
        return _as_probabilities(outputs, temperature)

    size = tuple(shape[:2]) if reads == "images" else None
    return JudgedModel(str(model), names, reads, size, probabilities)


def _card(path: Path) -> dict:
    """Read the .json beside a model and check the model's SHA-256 where it is given."""
    try:
        return read_card(path)
    except ShippingError as error:
        raise JudgeError(f"{error}. Write it again.") from error
    except FilesError as error:
        raise JudgeError(str(error)) from error


def _keras(path: Path):
    """Load a Keras model: (function, input shape, outputs, whether it scales pictures itself)."""
    import keras

    try:
        model = load_keras(path)
    except ShippingError as error:
        raise JudgeError(str(error)) from error
    try:
        shape, outputs = tuple(model.input_shape[1:]), int(model.output_shape[-1])
    except (
        AttributeError,
        IndexError,
        TypeError,
        ValueError,
    ) as error:  # several inputs, or several outputs
        raise JudgeError(f"{path.name} has not one input and one output: {error}") from error
    scaled = any(isinstance(layer, keras.layers.Rescaling) for layer in model.layers)

    def run(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict(inputs, batch_size=_BATCH, verbose=0))

    return run, shape, outputs, scaled


def _tflite(path: Path):
    """Load a LiteRT model, as `_keras` does; quantised inputs and outputs are converted."""
    try:
        model = LiteModel(path.read_bytes())
    except LiteError as error:
        raise JudgeError(f"{path.name}: {error}") from error
    source, target = model.source, model.target

    def run(inputs: np.ndarray) -> np.ndarray:
        # One by one: models for phones have a fixed batch of one.
        outputs = [model(_quantise(row[None], source)) for row in inputs]
        return _dequantise(np.concatenate(outputs), target)

    return run, tuple(map(int, source["shape"][1:])), int(target["shape"][-1]), False


def _quantise(values: np.ndarray, details: dict) -> np.ndarray:
    scale, zero = details["quantization"]
    if not scale:
        return values.astype(details["dtype"])
    info = np.iinfo(details["dtype"])
    return np.clip(np.round(values / scale + zero), info.min, info.max).astype(details["dtype"])


def _dequantise(values: np.ndarray, details: dict) -> np.ndarray:
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * scale if scale else values.astype(np.float32)


def _encoder(name: str, shape: tuple, scaled: bool):
    """Return (function from normalised points or pictures to inputs, what it starts from)."""
    if encode_hand := landmarks.encoder(shape):
        return encode_hand, "landmarks"
    if len(shape) == 3 and shape[2] in (1, 3) and None not in shape:
        divisor = np.float32(1 if scaled else 255)

        def encode(pictures: np.ndarray) -> np.ndarray:
            if shape[2] == 1:
                weights = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601 luma
                pictures = (pictures @ weights)[..., None]
            return pictures.astype(np.float32) / divisor

        return encode, "images"
    width = landmarks.features(np.zeros((1, 21, 3), np.float32)).shape[1]
    raise JudgeError(
        f"{name} reads inputs of shape {shape}; expected ({width},) features, (21, 3) or (63,) "
        "normalised landmarks, (size, size, 2) skeleton masks, or (height, width, 1 or 3) pictures."
    )


def _as_probabilities(outputs: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities (n, classes) of logits, or of outputs that already are such."""
    if not np.isfinite(outputs).all():
        raise JudgeError("The model answers with NaN or infinite numbers. Train it again.")
    sums = outputs.sum(axis=1)
    if outputs.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
        return (outputs / sums[:, None]).astype(np.float32)
    return softmax(outputs / temperature)
