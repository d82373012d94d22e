"""Pictures of a collection as files in class folders, the form in which Kaggle gives them."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from asl_helpers.alphabet import in_order
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.readers import Folder, Zip, encode, is_wanted, read_pictures
from asl_helpers.files import atomic_path


def read_folders(root: Path, size: int) -> Collection:
    """Read class folders of the reader's own, a folder or a zip, as pictures of ``size`` pixels.

    The classes are those that occur, whatever their number. No picture is decoded yet.

    Errors
    ------
    DatasetError for a file that is no zip, and where no class folder holds a picture.
    """
    if root.is_file() and root.suffix.lower() != ".zip":
        raise DatasetError(
            f"{root.name} is no .zip file. Name a folder or a zip with one folder a class, such as "
            "A/A1.jpg."
        )
    container = Zip(root) if root.is_file() else Folder(root)
    classes = [PurePosixPath(name).parent.name for name in container.names if is_wanted(name)]
    if "" in classes or not classes:
        found = "pictures outside class folders" if classes else "no pictures"
        raise DatasetError(
            f"{root.name} holds {found}. Expected one folder a class, such as A/A1.jpg, in JPEG "
            "or PNG."
        )
    entry = Entry(root.name, root.name, in_order(classes), (size, size, 3), licence="")
    return read_pictures(entry, root, size, "class folders")


def write_folders(
    collection: Collection, root: Path, indices: Sequence[int] | None = None
) -> list[Path]:
    """Write pictures as ``root/A/A1.jpg``: a folder a class, the frame's number in the name.

    Parameters
    ----------
    collection:
        The pictures. Where it knows no frames, the pictures of a class are numbered from 0.
    root:
        A folder; it is made if it is not there. Files of the same name are replaced.
    indices:
        Which pictures; None writes all of them.

    Returns
    -------
    The paths, in the order of ``indices``; ``read_pictures`` reads the folder again.

    Raises
    ------
    DatasetError
        For an index that is none of the collection's, or two pictures of one name.
    """
    places = np.arange(len(collection)) if indices is None else np.asarray(indices)
    if len(places) and not (places.min() >= 0 and places.max() < len(collection)):
        raise DatasetError(
            f"{collection.source} has {len(collection):,} pictures, numbered from 0; the indices "
            f"run from {places.min()} to {places.max()}. Take them from `data.indices(part)`."
        )
    numbers = _numbers(collection)
    paths = []
    for place in places.tolist():
        name = collection.class_names[collection.labels[place]]
        paths.append(Path(root) / name / f"{name}{numbers[place]}.jpg")
    if len(set(paths)) < len(paths):
        raise DatasetError(
            f"{collection.source}: two of the pictures are the same frame of one class and would "
            "share a name. Write each picture once."
        )
    for folder in {path.parent for path in paths}:
        folder.mkdir(parents=True, exist_ok=True)
    for place, path in zip(places.tolist(), paths, strict=True):
        with atomic_path(path) as unfinished:
            unfinished.write_bytes(encode(collection.images, place, lossless=False))
    return paths


def _numbers(collection: Collection) -> np.ndarray:
    """Return each picture's number within its class, int64 (n,)."""
    if collection.frames is not None:
        return collection.frames
    numbers = np.empty(len(collection), np.int64)
    for label in np.unique(collection.labels):
        mine = collection.labels == label
        numbers[mine] = np.arange(mine.sum())
    return numbers
