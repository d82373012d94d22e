"""TFDS builders of the course's data sets; importing this module registers them.

>>> import tensorflow_datasets as tfds
>>> import asl_helpers.datasets.builders
>>> tfds.builder("asl_synthetic").download_and_prepare()  # doctest: +SKIP

Sign Language MNIST and ASL Alphabet are read from ``ASL_DATA_DIR``, else from Kaggle.
"""

import io
import sys
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from asl_helpers.datasets.catalog import CATALOG, Collection, entry
from asl_helpers.datasets.sources import KNOWN, UNKNOWN, find_original, prepared_root
from asl_helpers.errors import AslError


class _Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """One catalog entry as records: image, label, and what must not be parted."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        """Describe the records."""
        known = CATALOG[self.name]
        encoding = "png" if known.lossless else "jpeg"
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{known.title}: {len(known.class_names)} classes. {known.license}.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=known.shape, encoding_format=encoding),
                    "label": tfds.features.ClassLabel(names=list(known.class_names)),
                    **dict.fromkeys(KNOWN, np.int64),
                }
            ),
            supervised_keys=("image", "label"),
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # the order of the source: frames stay beside their neighbors
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        """Give the publisher's parts, or everything as ``train`` where there are none."""
        known = CATALOG[self.name]
        data = find_original(known, known.shape[0])
        about = {"source": data.source, "is_real": data.is_real, "sha256": data.sha256}
        self.info.metadata.update(about)
        parts = np.full(len(data), "train") if data.parts is None else data.parts
        return {
            part: self._generate_examples(data, np.flatnonzero(parts == part))
            for part in ("train", "test")
            if part in parts
        }

    def _generate_examples(self, data: Collection, indices: np.ndarray) -> Iterator:
        """Yield (index in the source, features) of the images at ``indices``."""
        for index in indices.tolist():
            image = data.images[[index]][0]  # decoded in any case, or damage would not be noticed
            jpeg = None if CATALOG[self.name].lossless else data.images.original_jpeg(index)
            record = {"image": io.BytesIO(jpeg) if jpeg else image}
            record["label"] = int(data.labels[index])
            for name in KNOWN:
                column = getattr(data, name)
                record[name] = UNKNOWN if column is None else column[index]
            yield index, record


class SignLanguageMnist(_Builder):
    """Sign Language MNIST: 28 x 28 grey images of 24 letters."""


class AslAlphabet(_Builder):
    """Kaggle's ASL Alphabet: 200 x 200 color images in 29 classes."""


class AslSynthetic(_Builder):
    """Hands drawn by the course's hand model: 64 x 64 color images in 29 classes."""


BUILDERS = {kind.name: kind for kind in (SignLanguageMnist, AslAlphabet, AslSynthetic)}
"""The builders by the name of their data set."""


def prepare(name: str) -> str:
    """Make the prepared copy of a data set, and say in one line what was written."""
    known = entry(name)
    if name not in BUILDERS:
        raise AslError(f"{name} is read from ASL_DATA_DIR as it is; there is nothing to prepare.")
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()  # a log wants none
    builder = BUILDERS[name](data_dir=prepared_root())
    try:
        builder.download_and_prepare()
    except AslError:
        raise
    except Exception as error:  # TFDS and TensorFlow's writer have many kinds
        why = str(error).rsplit("; ", 1)[-1][:160]  # TensorFlow names its file first
        raise AslError(
            f"{name} could not be prepared ({why}). Nothing was kept; free some space or choose "
            "another folder in ASL_CACHE_DIR, then run the same command again."
        ) from error
    count = sum(part.num_examples for part in builder.info.splits.values())
    source = builder.info.metadata["source"]
    return f"{known.name}: {count:,} images in {builder.data_path}, from {source}"
