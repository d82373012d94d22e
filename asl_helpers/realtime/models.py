"""The models that a reader can ask: shipped ones by name, one's own as a .keras file.

Whatever a model wants of a hand (points, features, a drawing) and gives (probabilities or
logits), here it becomes a function from landmarks to probabilities, fast enough for each frame.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, NONE
from asl_helpers.errors import did_you_mean
from asl_helpers.evaluation import softmax
from asl_helpers.files import FilesError, sha256
from asl_helpers.lite import litert
from asl_helpers.recognisers import Recogniser, RecogniserError, load_recogniser
from asl_helpers.shipping import ShippingError, load_keras, read_card

SHIPPED = ("landmarks", "masks")
"""The models that come with the course and read one hand."""

SILENT = (NONE, "nothing")
"""Classes that are no letter: they are never written."""

_WRITTEN = (*LETTERS, "space", "del")
_DOUBT = 0.5  # threshold of a model whose card names none

Ask = Callable[[np.ndarray, float], np.ndarray]
"""Landmarks (n, 21, 3) and a picture's height / width to probabilities, float32 (n, classes)."""


def reader_model(name: str | Path) -> Recogniser:
    """Load a model by name (`SHIPPED`) or from a .keras file with its .json beside it.

    The .json holds ``classes``, and optionally ``threshold``, ``temperature`` and ``sha256``.

    Raises
    ------
    RecogniserError
        If there is no such model, it is damaged, it reads something else than one hand's
        landmarks, or its classes are no letters.
    """
    if str(name) in SHIPPED:
        return load_recogniser(str(name))
    path = Path(name).expanduser()
    if path.suffix.lower() != ".keras":
        raise RecogniserError(
            f"No model {str(name)!r} for the camera.{did_you_mean(str(name), SHIPPED)} Or name a "
            ".keras file that reads landmarks."
        )
    if not path.is_file():
        raise RecogniserError(
            f"There is no file {path}. Train one (asl train landmarks ... --out {path.name}), or "
            f"use {' or '.join(SHIPPED)}."
        )
    card = _card(path)
    return Recogniser(
        _network(path), tuple(card["classes"]), float(card.get("threshold", _DOUBT)), card
    )


def fast(recogniser: Recogniser, name: str = "this model") -> Ask:
    """Return the function that asks a model; raise RecogniserError for one that reads no hands.

    It answers as ``recogniser.model.predict`` does, by LiteRT on one thread: `predict` is made
    for data sets and takes tens of milliseconds to begin.
    """
    encode = _encoder(recogniser.model.input_shape[1:], name)
    _check_classes(recogniser, name)
    try:
        run = _converted(recogniser.model)
    except Exception as error:  # the converter raises whatever it meets
        raise RecogniserError(
            f"{name} cannot be converted for the camera ({type(error).__name__}: {error}). The "
            f"converter writes temporary files: see that {gettempdir()} has room."
        ) from error
    temperature = float(recogniser.card.get("temperature", 1.0))
    probe = run(encode(np.zeros((1, 21, 3), np.float32)))
    if not np.isfinite(probe).all():
        raise RecogniserError(f"{name} answers with NaN or infinite numbers. Train it again.")
    # Of logits the sum can be anything; of probabilities it is 1, for every hand.
    is_sure = bool((probe >= 0).all() and np.allclose(probe.sum(axis=-1), 1, atol=1e-3))

    def ask(points: np.ndarray, aspect: float) -> np.ndarray:
        answers = run(encode(landmarks.normalise(points, aspect)))
        return answers if is_sure else softmax(answers / temperature)

    return ask


def _card(path: Path) -> dict:
    """Read the .json beside a model, and check what it says of the file."""
    wanted = (
        f"{path.name} needs its classes in {path.with_suffix('.json').name} beside it, as asl "
        'train writes them ({"classes": ["A", "B", ...]})'
    )
    try:
        card = read_card(path)
    except FilesError as error:
        raise RecogniserError(str(error)) from error
    except ShippingError as error:
        raise RecogniserError(f"{wanted}: {error}.") from error
    if not card.get("classes"):
        raise RecogniserError(f"{wanted}: there are none.")
    return {"name": path.stem[:64], "sha256": sha256(path), **card}


def _network(path: Path):
    try:
        return load_keras(path)
    except ShippingError as error:
        raise RecogniserError(f"{error} Train it again, or use {' or '.join(SHIPPED)}.") from error


def _encoder(shape: tuple, name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes a model's input of normalised points (n, 21, 3)."""
    if encode := landmarks.encoder(shape):
        return encode
    kind = "pictures" if len(shape) == 3 else "something else"
    raise RecogniserError(
        f"{name} reads {kind}, inputs of shape {shape}; the camera's reader gives one hand's "
        f"landmarks, (21, 3). Use {' or '.join(SHIPPED)}, or train one: asl train landmarks."
    )


def _check_classes(recogniser: Recogniser, name: str) -> None:
    """Raise RecogniserError for classes that no speller can write."""
    known = {*_WRITTEN, *SILENT}
    strange = [each for each in recogniser.classes if each not in known]
    outputs = recogniser.model.output_shape[-1]
    if strange:
        some = ", ".join(map(repr, strange[:5])) + (" ..." if len(strange) > 5 else "")
        raise RecogniserError(
            f"{name} knows other classes than fingerspelling's: {some}. Expected letters A to Z, "
            f"and of the rest {', '.join(sorted({*KAGGLE_CLASSES, *SILENT} - {*LETTERS}))}. Use "
            f"{' or '.join(SHIPPED)}, or a model that was trained on letters."
        )
    if len(recogniser.classes) != outputs or len(set(recogniser.classes)) != outputs:
        raise RecogniserError(
            f"{name} has {outputs} outputs and {len(set(recogniser.classes))} different class "
            "names. Its .json belongs to another model: train it again."
        )


@lru_cache(maxsize=4)
def _converted(model):
    """Return `lite.litert` of a model; converting takes seconds, so it is done once."""
    return litert(model)
