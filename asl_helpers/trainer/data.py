"""The data to train on: a data set by name, class folders, or landmarks in a file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import LabelCodec, in_order
from asl_helpers.datasets import CATALOG, from_collection, load, read_folders
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.pipeline import DataSplits
from asl_helpers.errors import did_you_mean
from asl_helpers.files import sha256
from asl_helpers.trainer.errors import TrainError

SIZE = 96
"""Pixels a side that pictures are brought to, unless they are smaller or another size is asked."""

MOST_BYTES = 4 * 2**30
"""The pictures are held in memory, one byte a value; more than this is refused."""

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class TrainingData:
    """What a model learns from, and is chosen and judged on.

    Attributes
    ----------
    train, validation, test:
        Pairs (inputs, labels int64): pictures uint8 (n, height, width, channels), or landmarks
        float32 (n, 21, 3) as right hands of one palm length.
    class_names:
        The classes; a label is an index into them.
    source, sha256:
        What the data are, in one line, and the hash of their file, or of the list of files.
    """

    train: Pair
    validation: Pair
    test: Pair
    class_names: tuple[str, ...]
    source: str
    sha256: str


def read(
    data: str,
    reads: str,
    split: str = "blocks",
    size: int | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> TrainingData:
    """Return the data, split.

    Parameters
    ----------
    data:
        For a model that reads pictures a data set's name, or a folder or zip of class folders; for
        one that reads landmarks an ``.npz`` with ``landmarks`` (n, 21, 3) and ``labels`` (n,).
    reads:
        ``"pictures"`` or ``"landmarks"``.
    split, seed, limit:
        As ``datasets.load`` takes them. In a file of landmarks, numbers at the end of ``names``
        are the frames' places in their film; without ``names`` the order of the file is.
    size:
        Pixels a side; at most `SIZE` unless it is given.

    Raises
    ------
    TrainError
        For data of the other kind, fewer than two classes, or more than memory should hold.
        `DatasetError` and `JudgeError` for what is missing, damaged or cannot be split.
    """
    path = Path(data)
    if path.suffix.lower() == ".npz" and data not in CATALOG:
        if reads != "landmarks":
            raise TrainError(
                f"{path.name} holds landmarks, and this model reads pictures. Give it a data set's "
                "name or class folders, or train `landmarks`."
            )
        return _hands(path, split, seed, limit)
    if reads == "landmarks":
        raise TrainError(
            f"`landmarks` learns from an .npz with landmarks (n, 21, 3) and labels (n,), not from "
            f"{data!r}. `asl_helpers.tracking.track_all` makes them of pictures."
        )
    if data in CATALOG:
        options = {"size": size or min(SIZE, CATALOG[data].shape[0])}
        splits = load(data, split, seed=seed, limit=limit, verbose=False, **options)
    elif path.is_dir() or path.is_file():
        collection = read_folders(path, size or SIZE)
        _check_classes(collection.class_names, path.name)
        splits = from_collection(collection, split, seed=seed, limit=limit)
    else:
        raise TrainError(
            f"{data!r} is no data set, no folder and no file.{did_you_mean(data, CATALOG)}"
        )
    return _pictures(splits)


def _check_classes(names: Sequence[str], where: str) -> None:
    if len(names) < 2:
        raise TrainError(
            f"{where} has a single class, {names[0]!r}; a model needs at least two to tell apart. "
            "Name the folder that holds the class folders, not one of them."
        )


def _pictures(splits: DataSplits) -> TrainingData:
    info = splits.info
    total = sum(info.sizes.values()) * int(np.prod(info.shape))
    if total > MOST_BYTES:
        raise TrainError(
            f"{info.source}: {sum(info.sizes.values()):,} pictures at {info.shape[0]} px would "
            f"fill {total / 2**30:.0f} GB of memory. Give a smaller --size, or a --limit of "
            "pictures a class."
        )
    parts = (splits.arrays(part) for part in ("train", "validation", "test"))
    return TrainingData(*parts, info.class_names, info.source, info.sha256)


@dataclass(frozen=True)
class _Points:
    """Landmarks in the place of a collection's pictures."""

    array: np.ndarray
    shape: tuple[int, int] = (21, 3)

    def __len__(self) -> int:
        return len(self.array)

    def read(self, indices: np.ndarray) -> np.ndarray:
        return self.array[indices]


def _hands(path: Path, split: str, seed: int, limit: int | None) -> TrainingData:
    """Read, normalise and split a file of landmarks."""
    from asl_helpers.judge import read_samples

    samples = read_samples(path)
    names = in_order(samples.labels)
    _check_classes(names, path.name)
    collection = Collection(
        name=path.stem,
        class_names=names,
        images=_Points(landmarks.normalise(samples.points)),
        labels=LabelCodec(names).encode(samples.labels),
        source=path.name,
        is_real=True,
        sha256=sha256(path),
        frames=_frames(path, len(samples)),
    )
    splits = from_collection(collection, split, seed=seed, limit=limit)
    parts = (splits.arrays(part) for part in ("train", "validation", "test"))
    return TrainingData(*parts, names, path.name, collection.sha256)


def _frames(path: Path, kept: int) -> np.ndarray:
    """Return each hand's place in its film, int64 (n,)."""
    with np.load(path, allow_pickle=False) as file:
        names = file["names"] if "names" in file else np.empty(0)
        usable = landmarks.usable(file["landmarks"])
    if names.shape == usable.shape and names.dtype.kind == "U":
        stems = (PurePosixPath(name).stem for name in names[usable])
        numbers = [re.search(r"(\d+)$", stem) for stem in stems]
        if all(numbers):
            return np.array([int(found[1]) for found in numbers], dtype=np.int64)
    return np.arange(kept)
