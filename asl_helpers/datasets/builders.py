"""TFDS builders of the course's data sets; importing this module registers them.

>>> import tensorflow_datasets as tfds
>>> import asl_helpers.datasets.builders
>>> tfds.builder("asl_synthetic").download_and_prepare()  # doctest: +SKIP

Sign Language MNIST and ASL Alphabet read Kaggle's files: from TFDS's folder for manual downloads
(``downloads/manual``) when they are there, else from ``ASL_DATA_DIR`` or Kaggle.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from asl_helpers.datasets.catalog import CATALOG
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.readers import encode

_UNKNOWN = -1


class _Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """One catalog entry as TFRecords: image, label, and what must not be parted.

    Parameters
    ----------
    collection:
        What to write; None lets the builder find it.
    tick:
        Called with the number of pictures after each one.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}  # noqa: RUF012  (TFDS's own form)
    MANUAL_DOWNLOAD_INSTRUCTIONS = "Optional: unpack Kaggle's archive here, else it is fetched."

    def __init__(
        self,
        *,
        collection: Collection | None = None,
        tick: Callable[[int], None] | None = None,
        **options,
    ) -> None:
        """Remember the source; the rest is TFDS's."""
        self._collection, self._tick = collection, tick
        super().__init__(**options)

    def _info(self) -> tfds.core.DatasetInfo:
        """Describe the records."""
        entry = CATALOG[self.name]
        encoding = "png" if entry.lossless else "jpeg"
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{entry.title}: {len(entry.class_names)} classes. {entry.licence}.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=entry.shape, encoding_format=encoding),
                    "label": tfds.features.ClassLabel(names=list(entry.class_names)),
                    "frame": np.int64,
                    "group": np.int64,
                    "signer": np.int64,
                }
            ),
            supervised_keys=("image", "label"),
            homepage=entry.homepage,
            disable_shuffling=True,  # the order of the source: frames stay beside their neighbours
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        """Give the publisher's parts, or everything as ``train`` where there are none."""
        collection = self._collection or self._find(dl_manager)
        if collection.parts is None:
            return {"train": self._generate_examples(collection, np.arange(len(collection)))}
        return {
            part: self._generate_examples(collection, np.flatnonzero(collection.parts == part))
            for part in ("train", "test")
            if (collection.parts == part).any()
        }

    def _generate_examples(self, collection: Collection, indices: np.ndarray) -> Iterator:
        """Yield (place in the source, features) of the pictures at ``indices``."""
        entry = CATALOG[self.name]

        def known(column, index):
            return _UNKNOWN if column is None else int(column[index])

        for index in indices.tolist():
            yield (
                index,
                {
                    "image": io.BytesIO(encode(collection.images, index, entry.lossless)),
                    "label": int(collection.labels[index]),
                    "frame": known(collection.frames, index),
                    "group": known(collection.groups, index),
                    "signer": known(collection.signers, index),
                },
            )
            if self._tick:
                self._tick(1)

    def _find(self, dl_manager) -> Collection:
        """Look into the manual folder, then where ``load`` would look."""
        from asl_helpers.datasets.sources import find_in, find_original

        entry = CATALOG[self.name]
        try:
            folder = Path(dl_manager.manual_dir)
        except AssertionError:  # TFDS's way to say that there is none
            return find_original(entry, entry.shape[0])
        found = find_in(entry, folder, entry.shape[0])
        return found or find_original(entry, entry.shape[0])


class SignLanguageMnist(_Builder):
    """Sign Language MNIST: 28 x 28 grey pictures of 24 letters."""


class AslAlphabet(_Builder):
    """Kaggle's ASL Alphabet: 200 x 200 colour pictures in 29 classes."""


class AslSynthetic(_Builder):
    """Hands drawn by the course's hand model: 64 x 64 colour pictures in 29 classes."""


BUILDERS = {kind.name: kind for kind in (SignLanguageMnist, AslAlphabet, AslSynthetic)}
"""The builders by the name of their data set."""
