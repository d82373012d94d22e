"""A split collection as TensorFlow pipelines and as NumPy arrays."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from asl_helpers.datasets.catalog import DatasetError
from asl_helpers.datasets.collection import ArrayImages, Collection
from asl_helpers.datasets.splits import PARTS
from asl_helpers.errors import did_you_mean

_READ_AT_ONCE = 128


@dataclass(frozen=True)
class Info:
    """What a loaded data set is; figures and records quote it.

    Parameters
    ----------
    name:
        As given to ``load``.
    source:
        One line: what it is and where it came from.
    is_real:
        True for photographs of people, False for drawn hands.
    class_names:
        The classes; a label is an index into them.
    shape:
        Height, width and channels of one picture.
    sizes:
        Number of pictures in each part.
    split, seed:
        How the parts were made.
    sha256:
        Of the data file, or of the list of names and sizes where the data are many files.
    """

    name: str
    source: str
    is_real: bool
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    sizes: dict[str, int]
    split: str
    seed: int
    sha256: str


@dataclass(frozen=True)
class DataSplits:
    """A data set in three parts: ``.train``, ``.validation`` and ``.test``.

    Each part is a ``tf.data.Dataset`` of (images uint8, labels int64): images of shape
    (batch, height, width, channels) and labels of shape (batch,), or without the batch axis when
    ``batch_size`` is None. ``.arrays(part)`` gives the same pictures as NumPy arrays, in a fixed
    order, without TensorFlow.
    """

    collection: Collection = field(repr=False)
    parts: dict[str, np.ndarray] = field(repr=False)
    blocks: np.ndarray = field(repr=False)
    batch_size: int | None
    info: Info

    def indices(self, part: str) -> np.ndarray:
        """Return the places of a part's pictures in the source, int64 (n,), ascending."""
        if part not in PARTS:
            raise DatasetError(f"No part {part!r}.{did_you_mean(part, PARTS)}")
        return self.parts[part]

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a part as (images uint8 (n, height, width, channels), labels int64 (n,)).

        The order is the source's own. Large sets should be streamed (``.train``) or loaded with
        ``limit=`` and ``size=``.
        """
        indices = self.indices(part)
        return self.collection.images.read(indices), self.collection.labels[indices]

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
        if isinstance(images, ArrayImages):
            pictures = tf.constant(images.read(indices))

            def read(batch):
                return tf.gather(pictures, batch), tf.gather(labels, batch)
        else:

            def from_files(batch):
                return images.read(indices[batch])

            def read(batch):
                # Not stateful: the same files give the same pictures, so batches may be read side
                # by side even when deterministic operations are asked for.
                found = tf.numpy_function(from_files, [batch], tf.uint8, stateful=False)
                return tf.ensure_shape(found, (None, *images.shape)), tf.gather(labels, batch)

        picked = tf.data.Dataset.range(len(indices))
        if shuffle:
            picked = picked.shuffle(max(1, len(indices)), seed=self.info.seed)
        whole = picked.batch(self.batch_size or _READ_AT_ONCE)
        whole = whole.map(read, num_parallel_calls=tf.data.AUTOTUNE)
        if self.batch_size is None:
            whole = whole.unbatch()
            whole = whole.apply(tf.data.experimental.assert_cardinality(len(indices)))
        return whole.prefetch(tf.data.AUTOTUNE)
