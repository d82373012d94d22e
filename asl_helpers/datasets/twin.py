"""The drawn twin of a data set: same shape, classes and splits, and no photograph in it."""

import numpy as np

import asl_helpers
from asl_helpers import files
from asl_helpers.datasets.arrays import read_npz
from asl_helpers.datasets.catalog import Entry
from asl_helpers.datasets.collection import ArrayImages, Collection

PER_CLASS = 40


def read_twin(entry: Entry, size: int) -> Collection:
    path = files.project_data() / "samples" / f"{entry.name}.npz"
    if path.is_file():
        arrays = read_npz(path, "images", "labels", "groups")
        images = arrays["images"]
        digest = files.sha256(path)
        labels, groups = arrays["labels"], arrays["groups"]
    else:
        from asl_helpers import hand

        n = PER_CLASS * len(entry.class_names)
        letters = [name for name in entry.class_names if len(name) == 1]
        batch = hand.sample_hands(letters, n, seed=1)
        images = hand.render(batch, size if entry.shape[2] == 3 else 28, seed=1)
        labels = batch.label
        groups = np.arange(n)
        digest = "0" * 64
    if images.shape[-1] == 3 and entry.shape[2] == 1:
        images = (images @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    if images.ndim == 3:
        images = images[..., None]
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(images),
        labels=labels.astype(np.int64),
        source=f"drawn twin of {entry.name} (asl_helpers {asl_helpers.__version__}, seed 1)",
        is_real=False,
        sha256=digest,
        groups=groups,
    )
