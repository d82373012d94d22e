"""Reading data sets that are tables: Kaggle's CSVs of Sign Language MNIST, and NumPy archives."""

import hashlib
import warnings
import zipfile
from pathlib import Path

import numpy as np

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import ArrayImages, Collection, resize
from asl_helpers.errors import first_line
from asl_helpers.files import sha256

_PIXELS = 28 * 28
_COLUMNS = ["label", *(f"pixel{place}" for place in range(1, _PIXELS + 1))]
_J = 9


def read_sign_mnist_csv(entry: Entry, folder: Path, title: str, size: int) -> Collection:
    """Read ``sign_mnist_train.csv`` and ``sign_mnist_test.csv`` from ``folder`` or one level below.

    Returns
    -------
    A collection whose ``parts`` are the publisher's; images uint8 (n, 28, 28, 1).

    Errors
    ------
    DatasetError when a file is missing, cut short, of another shape, or holds a label or a pixel
    out of range.
    """
    images, labels, parts, digest = [], [], [], hashlib.sha256()
    for part in ("train", "test"):
        path = _find(folder, f"sign_mnist_{part}.csv")
        pixels, found = _read_csv(path)
        images.append(pixels)
        labels.append(remap_sign_mnist(found, path.name))
        parts.append(np.full(len(found), part))
        digest.update(bytes.fromhex(sha256(path)))
    n = sum(map(len, labels))
    note = "both parts" if n == entry.count else f"{n:,} of {entry.count:,} pictures"
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(resize(np.concatenate(images), size)),
        labels=np.concatenate(labels),
        source=f"{title} ({note})",
        is_real=True,
        sha256=digest.hexdigest(),
        parts=np.concatenate(parts),
    )


def remap_sign_mnist(labels: np.ndarray, where: str) -> np.ndarray:
    """Turn Sign Language MNIST's labels into indices of the 24 static letters, int64.

    The set numbers its letters 0-24 by their place in the alphabet and leaves out 9, J.
    """
    labels = np.asarray(labels)
    wrong = (labels < 0) | (labels > len(STATIC_LETTERS)) | (labels == _J)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise DatasetError(
            f"{where}: label {labels[place]} in row {place + 1:,}; Sign Language MNIST has labels "
            "0-24 without 9 (J is a movement). Fetch the file again."
        )
    return labels.astype(np.int64) - (labels > _J)


def _find(folder: Path, name: str) -> Path:
    """Find a file in ``folder`` or one level below, as Kaggle's archive repeats its folder."""
    for path in (folder / name, *sorted(folder.glob(f"*/{name}"))):
        if path.is_file():
            return path
    raise DatasetError(
        f"{name} is not in {folder}. Sign Language MNIST is two files, sign_mnist_train.csv and "
        "sign_mnist_test.csv: put both there, or run `asl data prepare sign_language_mnist`."
    )


def _read_csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one CSV into (images uint8 (n, 28, 28, 1), labels int64 (n,))."""
    import pandas as pd

    again = "The file is cut short or not Kaggle's; fetch it again."
    try:
        with path.open("rb") as file:
            header = file.readline().decode("utf-8-sig").strip().replace('"', "").split(",")
            if header != _COLUMNS:
                raise DatasetError(
                    f"{path.name}: its first line has {len(header)} columns starting with "
                    f"{header[0]!r}; expected label,pixel1,…,pixel{_PIXELS}. {again}"
                )
            # pandas drops the end of rows that are all too long, and only warns of it.
            with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
                table = pd.read_csv(
                    file, header=None, dtype=np.int64, names=_COLUMNS, index_col=False
                )
    except pd.errors.ParserWarning as error:
        longer = f"rows of more than {len(_COLUMNS)} columns"
        raise DatasetError(f"{path.name} cannot be read ({longer}). {again}") from error
    except (ValueError, OSError, MemoryError) as error:  # pandas's parser errors are ValueErrors
        raise DatasetError(f"{path.name} cannot be read ({first_line(error)}). {again}") from error
    values = table.to_numpy()
    if not len(values):
        raise DatasetError(f"{path.name} has a header and no rows. {again}")
    labels, pixels = values[:, 0], values[:, 1:]
    if pixels.min() < 0 or pixels.max() > 255:
        raise DatasetError(
            f"{path.name}: pixels run from {pixels.min()} to {pixels.max()}; expected 0-255. "
            f"{again}"
        )
    return pixels.astype(np.uint8).reshape(-1, 28, 28, 1), labels


def read_npz(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Read arrays by name from a NumPy archive that holds no Python objects.

    Errors
    ------
    DatasetError when the file is damaged, holds object arrays (which could run code when
    unpickled), or lacks one of ``names``.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in names if name not in archive.files]
            if missing:
                raise DatasetError(
                    f"{path.name} has no array {missing[0]!r}; it has "
                    f"{', '.join(archive.files) or 'none'}. Check which file this is."
                )
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise DatasetError(
            f"{path.name} cannot be read ({first_line(error)}). It must be a NumPy archive of "
            "plain arrays, without Python objects; fetch it again."
        ) from error


def read_sign_mnist_npz(entry: Entry, path: Path, size: int) -> Collection:
    """Read ``sign_mnist_test.npz``: the official test part alone, its grey levels stretched.

    The file holds ``images`` uint8 (n, 28, 28) and ``labels`` 0-24 without 9. Its training part
    is elsewhere, so all three parts are cut from these pictures, by photograph.
    """
    arrays = read_npz(path, "images", "labels")
    images, labels = arrays["images"], arrays["labels"]
    if images.dtype != np.uint8 or images.shape[1:] != entry.shape[:2]:
        raise DatasetError(
            f"{path.name}: images are {images.dtype} of shape {images.shape}; expected uint8 of "
            f"shape (n, 28, 28). Check which file this is."
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise DatasetError(
            f"{path.name}: labels are {labels.dtype} of shape {labels.shape}; expected whole "
            f"numbers of shape ({len(images)},). Check which file this is."
        )
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(resize(images[..., None], size)),
        labels=remap_sign_mnist(labels.astype(np.int64), path.name),
        source=(
            f"Sign Language MNIST, official test part alone ({path.name}), grey levels stretched "
            "to 0-255, parts cut from it"
        ),
        is_real=True,
        sha256=sha256(path),
    )
