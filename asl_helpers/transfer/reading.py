"""A trained model as files, and one picture of the reader's own through it."""

from pathlib import Path

import keras
import numpy as np
from PIL import Image

from asl_helpers.datasets.readers import open_image
from asl_helpers.evaluation import softmax
from asl_helpers.files import FilesError
from asl_helpers.shipping import ShippingError, load_keras, read_card, ship, without_optimizer
from asl_helpers.transfer.errors import TransferError


def save(model: keras.Model, path: Path | str, class_names, facts: dict | None = None) -> Path:
    """Write a model from pictures to logits as .keras, its classes as .json beside it.

    The JSON file holds ``classes``, the model's ``sha256`` and whatever is in ``facts``; ``load``
    and ``asl evaluate`` read it.

    Raises
    ------
    TransferError
        If the path does not end in .keras, or the model has another number of outputs than there
        are names.
    """
    path, names = Path(path), [str(name) for name in class_names]
    if path.suffix != ".keras":
        raise TransferError(f"{path.name}: expected a name that ends in .keras.")
    _check_names(model, names, path.name)
    ship(path, without_optimizer(model).save, {"classes": names, **(facts or {})})
    return path


def load(path: Path | str) -> tuple[keras.Model, tuple[str, ...]]:
    """Return a saved model and the names of its classes, once they have proved to fit.

    Nothing in the file is run as code: it is read in Keras's safe mode.

    Raises
    ------
    TransferError
        For a missing, damaged or unsafe file, names that are missing, or as many as the model has
        no outputs.
    """
    path = Path(path)
    beside = path.with_suffix(".json")
    if not path.is_file():
        raise TransferError(f"No model at {path}. Save one there with transfer.save.")
    try:
        names = tuple(read_card(path).get("classes", ()))
    except FilesError as error:
        raise TransferError(str(error)) from error
    except ShippingError:
        names = ()
    if not names:
        raise TransferError(
            f"{beside.name} with the names of the classes is missing or damaged. Write "
            '{"classes": ["A", "B", ...]} into it, in the order of the outputs.'
        )
    try:
        model = load_keras(path)
    except ShippingError as error:
        raise TransferError(str(error)) from error
    _check_names(model, names, beside.name)
    return model, names


def _check_names(model: keras.Model, names, where: str) -> None:
    outputs = model.output_shape[-1]
    if outputs != len(names):
        raise TransferError(
            f"{where}: {len(names)} class names, and {model.name} has {outputs} outputs. Give one "
            "name for each, in the order of the labels."
        )


def load_picture(source: Path | str | bytes, size: int = 96) -> np.ndarray:
    """Return the middle square of a picture as uint8 (size, size, 3), upright.

    Parameters
    ----------
    source:
        A path, or the bytes of a file, as an upload gives them.
    size:
        Height and width in pixels.

    Raises
    ------
    AslError
        If it is missing, or no image; the message names it and the formats.
    """
    image = Image.fromarray(open_image(source))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))


def uploaded(button) -> list[bytes]:
    """Return the files that were given to an ``ipywidgets.FileUpload``, the empty list for none.

    Colab has version 7 of ipywidgets, where the value is a dict by name; since 8 it is a tuple.
    """
    value = button.value
    files = value.values() if isinstance(value, dict) else value
    return [bytes(file["content"]) for file in files]


def predict(
    model: keras.Model, class_names, picture: np.ndarray, top: int = 3
) -> list[tuple[str, float]]:
    """Return the likeliest classes of one picture with their probabilities, the best first.

    ``picture`` has the shape (height, width, 3) that the model reads, values 0 to 255.
    """
    _check_names(model, class_names, "predict")
    picture, expected = np.asarray(picture), tuple(model.input_shape[1:])
    if picture.shape != expected:
        raise TransferError(
            f"The picture has shape {picture.shape}; {model.name} expects {expected}. Read it with "
            f"load_picture(path, size={expected[0]})."
        )
    logits = np.asarray(model(picture[None].astype(np.float32), training=False))
    probs = softmax(logits)[0]
    return [(class_names[place], float(probs[place])) for place in probs.argsort()[::-1][:top]]
