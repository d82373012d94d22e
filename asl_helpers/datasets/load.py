"""The one call of the chapters: a data set by name, split, and ready to train on."""

import operator

import numpy as np

from asl_helpers.datasets.catalog import DatasetError, entry
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.pipeline import DataSplits, Info
from asl_helpers.datasets.sources import find
from asl_helpers.datasets.splits import PARTS, assign


def load(
    name: str,
    split: str = "blocks",
    batch_size: int | None = None,
    size: int | None = None,
    seed: int = 0,
    limit: int | None = None,
    verbose: bool = True,
) -> DataSplits:
    """Load a data set from the best source there is, and say in one line which it was.

    Parameters
    ----------
    name:
        ``"sign_language_mnist"``, ``"asl_alphabet"``, ``"asl_rooms"`` or ``"asl_synthetic"``.
    split:
        ``"blocks"`` keeps near-copies together (consecutive frames of a video, or the altered
        copies of one photograph); ``"official"``, ``"signer"``, ``"random"``: see
        ``asl_helpers.datasets.splits.assign``.
    batch_size:
        Pictures a batch; None gives single pictures.
    size:
        Height and width in pixels to resize to; None keeps the set's own.
    seed:
        Decides the split and the order of training.
    limit:
        At most this many pictures of a class, over the three parts together.
    verbose:
        Print the line that names the source.

    Returns
    -------
    ``.train``, ``.validation``, ``.test`` (tf.data), ``.arrays(part)`` (NumPy) and ``.info``.

    Errors
    ------
    DatasetError for an unknown name, damaged files, or a split that the data cannot give.
    """
    known = entry(name)
    _check_positive("size", size)
    _check_positive("batch_size", batch_size)
    _check_positive("limit", limit)
    collection = find(known, size or known.shape[0])
    if verbose:
        note = f"; {collection.note}" if collection.note else ""
        print(f"{name}: {collection.source}{note}")
    return from_collection(collection, split, batch_size, seed, limit)


def from_collection(
    collection: Collection,
    split: str = "blocks",
    batch_size: int | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> DataSplits:
    """Split pictures that are there already; parameters, result and errors are those of `load`."""
    _check_positive("batch_size", batch_size)
    _check_positive("limit", limit)
    parts, blocks = assign(collection, split, seed)
    if limit:
        parts = _thin(parts, collection.labels, limit)
    chosen = {title: np.flatnonzero(parts == place) for place, title in enumerate(PARTS)}
    info = Info(
        name=collection.name,
        source=collection.source,
        is_real=collection.is_real,
        class_names=collection.class_names,
        shape=tuple(collection.images.shape),
        sizes={title: len(places) for title, places in chosen.items()},
        split=split,
        seed=seed,
        sha256=collection.sha256,
    )
    return DataSplits(collection, chosen, blocks, batch_size, info)


def _check_positive(label: str, value: int | None) -> None:
    """Raise DatasetError unless ``value`` is None or a whole number above 0."""
    if value is None:
        return
    try:
        good = operator.index(value) > 0
    except TypeError:
        good = False
    if not good:
        raise DatasetError(f"{label}={value!r} must be a whole number above 0, or None.")


def _thin(parts: np.ndarray, labels: np.ndarray, limit: int) -> np.ndarray:
    """Keep at most ``limit`` pictures of a class, evenly spaced, each part in proportion."""
    kept = np.full(len(parts), -1, np.int8)
    for label in np.unique(labels):
        places = [np.flatnonzero((labels == label) & (parts == part)) for part in range(len(PARTS))]
        total = sum(map(len, places))
        for part, mine in enumerate(places):
            share = max(1, int(limit * len(mine) / max(total, 1))) if len(mine) else 0
            pick = np.linspace(0, len(mine) - 1, min(share, len(mine))).round().astype(int)
            kept[mine[pick]] = part
    return kept
