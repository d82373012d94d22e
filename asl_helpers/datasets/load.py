"""The one call of the chapters: a data set by name, split, and ready to train on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from asl_helpers.datasets.catalog import Collection, entry, evenly, resize
from asl_helpers.datasets.sources import find, where
from asl_helpers.datasets.splits import PARTS, assign
from asl_helpers.errors import AslError, did_you_mean

_SCENE = 100  # frames of a film that are taken for one scene, where nobody says where it ends


@dataclass(frozen=True)
class Info:
    """What a loaded data set is; figures and records quote it."""

    name: str
    source: str  # one line: what it is and where it came from
    is_real: bool  # photographs of people, not drawn hands
    class_names: tuple[str, ...]  # a label is an index into them
    shape: tuple[int, int, int]  # height, width and channels of one image
    sizes: dict[str, int]  # number of images in each part
    split: str
    seed: int
    sha256: str  # of the data file, or of the list of names and sizes of many files


@dataclass(frozen=True)
class DataSplits:
    """A data set in three parts: ``.train``, ``.validation`` and ``.test``.

    Each part is a ``tf.data.Dataset`` of single images, uint8 (height, width, channels), with their
    labels, int64. ``.arrays(part)`` gives the same images as NumPy arrays, in a fixed order,
    without TensorFlow.
    """

    collection: Collection = field(repr=False)
    parts: dict[str, np.ndarray] = field(repr=False)
    blocks: np.ndarray = field(repr=False)
    info: Info

    def indices(self, part: str) -> np.ndarray:
        """Return the indices of a part's images in the source, int64 (n,), ascending."""
        if part not in PARTS:
            raise AslError(f"No part {part!r}.{did_you_mean(part, PARTS)}")
        return self.parts[part]

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a part as (images uint8 (n, height, width, channels), labels int64 (n,)).

        The order is the source's own. Large sets should be streamed (``.train``) or loaded with
        ``limit=`` and ``size=``.
        """
        indices = self.indices(part)
        return self.collection.images[indices], self.collection.labels[indices]

    @cached_property
    def train(self):
        """The training part, shuffled anew in each epoch (the same way for the same seed)."""
        return self._dataset("train", shuffle=True)

    @cached_property
    def validation(self):
        """The validation part, in a fixed order."""
        return self._dataset("validation", shuffle=False)

    @cached_property
    def test(self):
        """The test part, in a fixed order."""
        return self._dataset("test", shuffle=False)

    def _dataset(self, part: str, shuffle: bool):
        """Build the pipeline: shuffle indices (cheap and complete), batch them, then read."""
        import tensorflow as tf

        images, indices = self.collection.images, self.indices(part)
        labels = tf.constant(self.collection.labels[indices])
        in_memory = tf.constant(images[indices]) if isinstance(images, np.ndarray) else None

        def read(batch):
            if in_memory is not None:
                return tf.gather(in_memory, batch), tf.gather(labels, batch)
            # Not stateful: the same files give the same images, so batches may be read side by
            # side even when deterministic operations are asked for.
            from_files = tf.numpy_function(
                lambda rows: images[indices[rows]], [batch], tf.uint8, stateful=False
            )
            return tf.ensure_shape(from_files, (None, *images.shape[1:])), tf.gather(labels, batch)

        picked = tf.data.Dataset.range(len(indices))
        if shuffle:
            picked = picked.shuffle(max(1, len(indices)), seed=self.info.seed)
        singles = picked.batch(128).map(read, num_parallel_calls=tf.data.AUTOTUNE).unbatch()
        counted = singles.apply(tf.data.experimental.assert_cardinality(len(indices)))
        return counted.prefetch(tf.data.AUTOTUNE)


def load(
    name: str,
    split: str = "blocks",
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
    size:
        Height and width in pixels to resize to; None keeps the set's own.
    seed:
        Decides the split and the order of training.
    limit:
        At most this many images of a class, over the three parts together.
    verbose:
        Print the line that names the source.

    Returns
    -------
    ``.train``, ``.validation``, ``.test`` (tf.data), ``.arrays(part)`` (NumPy) and ``.info``.

    Errors
    ------
    AslError for an unknown name, damaged files, or a split that the data cannot give.
    """
    known = entry(name)
    collection = find(known, known.shape[0] if size is None else size)
    if verbose:
        note = f"; {collection.note}" if collection.note else ""
        print(f"{name}: {collection.source}{note}")
    return from_collection(collection, split, seed, limit)


def from_collection(
    collection: Collection, split: str = "blocks", seed: int = 0, limit: int | None = None
) -> DataSplits:
    """Split images that are there already; parameters, result and errors are those of `load`."""
    parts, blocks = assign(collection, split, seed)
    if limit is not None:
        parts = _thin(parts, collection.labels, limit)
    chosen = {title: np.flatnonzero(parts == part) for part, title in enumerate(PARTS)}
    info = Info(
        name=collection.name,
        source=collection.source,
        is_real=collection.is_real,
        class_names=collection.class_names,
        shape=tuple(collection.images.shape[1:]),
        sizes={title: len(rows) for title, rows in chosen.items()},
        split=split,
        seed=seed,
        sha256=collection.sha256,
    )
    return DataSplits(collection, chosen, blocks, info)


def _thin(parts: np.ndarray, labels: np.ndarray, limit: int) -> np.ndarray:
    """Keep at most ``limit`` images of a class, evenly spaced, each part in proportion."""
    kept = np.full(len(parts), -1, np.int8)
    for label in np.unique(labels):
        rows = [np.flatnonzero((labels == label) & (parts == part)) for part in range(len(PARTS))]
        total = sum(map(len, rows))
        for part, mine in enumerate(rows):
            kept[evenly(mine, max(1, int(limit * len(mine) / max(total, 1))))] = part
    return kept


def contact_sheet(name: str, path: Path) -> Path:
    """Draw five images of each class of a data set into a PNG, and return its path."""
    from matplotlib.figure import Figure

    data = load(name, verbose=False)
    whole, columns = data.collection, 3
    rows = -(-len(whole.class_names) // columns)
    figure = Figure(figsize=(4 * columns, rows), layout="constrained")
    axes = figure.subplots(rows, columns)
    for axis in axes.flat:
        axis.axis("off")
    for label, (title, axis) in enumerate(zip(whole.class_names, axes.T.flat, strict=False)):
        mine = np.flatnonzero(whole.labels == label)
        strip = np.concatenate(list(whole.images[evenly(mine, 5)]), axis=1)
        axis.imshow(strip, cmap="gray", vmin=0, vmax=255)
        axis.set_title(f"{title}: {len(mine):,}", loc="left", fontsize=9)
    figure.suptitle(f"{name}, {len(whole):,} images: {whole.source}", fontsize=10)
    figure.savefig(path)
    return path


def has_photographs(*names: str) -> bool:
    """Tell whether ASL_DATA_DIR holds all of these data sets."""
    return all(where(entry(name)).startswith("ASL_DATA_DIR") for name in names)


def photographed(name: str, letters: Sequence[str], frames: int, size: int, signer: int = 0):
    """Return photographs of some letters as `Scenes`, and the line that names their source.

    ``name`` is a data set with numbered frames, ``"asl_alphabet"`` or ``"asl_rooms"``. Of each
    letter at most ``frames`` images are taken, evenly spaced over its film, at ``size`` pixels a
    side; labels count ``letters`` in their order, ``signer`` is the number of the one signer,
    rooms are stretches of the film, and landmarks are NaN.
    """
    from asl_helpers.hand.drawing import Scenes

    data = load(name, verbose=False)
    whole = data.collection
    chosen = []
    for letter in letters:
        film = np.flatnonzero(whole.labels == whole.class_names.index(letter))
        film = film[np.argsort(whole.frames[film], kind="stable")]
        chosen.append(evenly(film, frames))
    rows = np.concatenate(chosen)
    scenes = Scenes(
        images=resize(whole.images[rows], size),
        points=np.full((len(rows), 21, 3), np.nan, np.float32),
        labels=np.repeat(np.arange(len(letters)), [len(film) for film in chosen]),
        signers=np.full(len(rows), signer),
        rooms=whole.frames[rows] // _SCENE,
        frames=whole.frames[rows],
        sides=np.full(len(rows), "unknown"),
    )
    return scenes, data.info.source
