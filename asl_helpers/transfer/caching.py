"""What a frozen backbone says about each picture, computed once and kept on disk."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np

from asl_helpers.files import atomic_path
from asl_helpers.transfer.errors import TransferError

_AT_ONCE = 512
_BATCH = 64


def features(
    backbone: keras.Model, data, part: str | None = None, folder: Path | str | None = None
) -> np.ndarray:
    """Return one row of numbers a picture: the mean of each feature map over its places.

    Parameters
    ----------
    backbone:
        From pictures with values 0 to 255 to feature maps (n, rows, columns, channels).
    data:
        Pictures (n, height, width, 3) with values 0 to 255, or what ``asl.load`` returns.
    part:
        ``"train"``, ``"validation"`` or ``"test"`` of the latter; it is read a few pictures at a
        time, so a set larger than the memory will do.
    folder:
        Where the result is kept. A later call reads it only if pictures and weights are the same
        to the last bit; None keeps nothing.

    Returns
    -------
    float32 of shape (n, channels), in the order of the pictures or of ``data.arrays(part)``.

    Raises
    ------
    TransferError
        For pictures that do not fit the backbone, a missing part, or a model without maps.
    """
    if len(backbone.output_shape) != 4:
        raise TransferError(
            f"{backbone.name} gives {backbone.output_shape[1:]}; expected feature maps (rows, "
            "columns, channels). Pass the backbone, not the whole classifier."
        )
    if hasattr(data, "collection"):
        if part is None:
            raise TransferError('Which part? Pass part="train", "validation" or "test".')
        places = data.indices(part)
        shape = (len(places), *data.info.shape)
        digest = (
            f"{data.info.sha256}{data.info.shape}{hashlib.sha256(places.tobytes()).hexdigest()}"
        )
        chunks = (data.collection.images.read(some) for some in _cut(places))
    else:
        pictures = np.asarray(data)
        shape = pictures.shape
        content = hashlib.sha256(np.ascontiguousarray(pictures).data).hexdigest()
        digest = f"{pictures.dtype}{shape}{content}"
        chunks = _cut(pictures)
    _check(backbone, shape)
    key = hashlib.sha256((digest + _fingerprint(backbone)).encode()).hexdigest()
    path = Path(folder) / f"features_{key[:20]}.npz" if folder else None
    found = _kept(path, key) if path else None
    if found is None:
        found = _computed(backbone, chunks)
        if path:
            with atomic_path(path) as temporary, temporary.open("wb") as file:
                np.savez(file, features=found, key=np.array(key))
    return found


def _cut(array: np.ndarray) -> Iterator[np.ndarray]:
    return (array[start : start + _AT_ONCE] for start in range(0, len(array), _AT_ONCE))


def _computed(backbone: keras.Model, chunks: Iterator[np.ndarray]) -> np.ndarray:
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(backbone.outputs[0])
    model = keras.Model(backbone.inputs[0], mean)
    rows = [np.zeros((0, backbone.output_shape[-1]), np.float32)]
    for chunk in chunks:
        # Called as it is: tracing a graph for it takes longer than a few hundred pictures.
        for start in range(0, len(chunk), _BATCH):
            batch = chunk[start : start + _BATCH].astype(np.float32)
            rows.append(np.asarray(model(batch, training=False)))
    return np.concatenate(rows)


def _fingerprint(backbone: keras.Model) -> str:
    """Return a hash of the network's layers and weights: other weights, other features."""
    digest = hashlib.sha256(f"{backbone.input_shape}".encode())
    for layer in backbone.layers:
        # A scaling layer has no weights, and yet other numbers in it give other features.
        scaling = [getattr(layer, name, "") for name in ("scale", "offset", "strides")]
        digest.update(f"{type(layer).__name__}{scaling}".encode())
    for value in backbone.get_weights():
        digest.update(np.ascontiguousarray(value).data)
    return digest.hexdigest()


def _kept(path: Path, key: str) -> np.ndarray | None:
    """Return features kept earlier, or None where there are none or the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored["features"] if str(stored["key"]) == key else None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return None


def _check(backbone: keras.Model, shape: tuple[int, ...]) -> None:
    expected = tuple(backbone.input_shape[1:])
    fits = len(shape) == 4 and all(
        side in (None, given) for side, given in zip(expected, shape[1:], strict=True)
    )
    if not fits:
        raise TransferError(
            f"The pictures have shape {shape}; {backbone.name} expects (n, *{expected}). Load them "
            f"with size={expected[0]}; one picture alone needs picture[None]."
        )
