"""The drawn twin of a data set: same shape, classes and splits, and no photograph in it."""

import numpy as np

import asl_helpers
from asl_helpers import files
from asl_helpers.datasets.arrays import read_npz
from asl_helpers.datasets.catalog import Entry
from asl_helpers.datasets.collection import ArrayImages, Collection, resize


def has_twin(entry: Entry) -> bool:
    """Tell whether a drawn set of this entry's shape and classes is embedded."""
    return entry.name in ("sign_language_mnist", "asl_alphabet", "asl_synthetic")


def read_twin(entry: Entry, size: int, why: str) -> Collection:
    """Read."""
    path = files.project_data() / "samples" / f"{entry.name}.npz"
    parts = None
    if path.is_file():
        arrays = read_npz(path, "images", "labels", "groups")
        images = arrays["images"]
        digest = files.sha256(path)
        labels, groups, signers = arrays["labels"], arrays["groups"], arrays["signers"]
    else:
        from asl_helpers.hand.images import sample_clips

        gray = entry.shape[2] == 1
        clips = sample_clips(
            entry.class_names, 10, 4, size, seed=1, signers=10, gray=gray, close=gray
        )
        images, labels, groups, signers = clips.images, clips.labels, clips.groups, clips.signers
        digest = "0" * 64
    if images.ndim == 3:
        images = images[..., None]
    what = f"drawn twin of {entry.name}" if entry.kaggle else "drawn hands"
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(resize(images, size)),
        labels=labels.astype(np.int64),
        source=f"{what} (asl_helpers {asl_helpers.__version__}, seed 1)",
        is_real=False,
        sha256=digest,
        groups=groups,
        signers=signers,
        parts=parts,
        note=why,
    )
