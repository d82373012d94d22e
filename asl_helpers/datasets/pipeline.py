"""A split collection as TensorFlow pipelines and as NumPy arrays."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from asl_helpers.datasets.catalog import DatasetError
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.splits import PARTS
from asl_helpers.errors import did_you_mean


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

        images, labels = self.collection.images, self.collection.labels
        indices = self.indices(part)
        step = self.batch_size or 256
        picked = tf.data.Dataset.from_tensor_slices(indices)
        if shuffle:
            picked = picked.shuffle(len(indices), seed=self.info.seed)

        def read(batch):
            shape = (None, *images.shape)
            pictures = tf.numpy_function(images.read, [batch], tf.uint8)
            return tf.ensure_shape(pictures, shape), tf.gather(labels, batch)

        whole = picked.batch(step).map(read, num_parallel_calls=tf.data.AUTOTUNE)
        if self.batch_size is None:
            whole = whole.unbatch()
            whole = whole.apply(tf.data.experimental.assert_cardinality(len(indices)))
        return whole.prefetch(tf.data.AUTOTUNE)
