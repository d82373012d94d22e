"""The drawn twin of a data set: same shape, classes and splits, and no photograph in it."""

import numpy as np

import asl_helpers
from asl_helpers import files
from asl_helpers.datasets.catalog import Entry
from asl_helpers.datasets.collection import ArrayImages, Collection, resize
from asl_helpers.datasets.samples import RECIPES, read_sample, recipe


def has_twin(entry: Entry) -> bool:
    """Tell whether a drawn set of this entry's shape and classes is embedded."""
    return entry.name in RECIPES


def read_twin(entry: Entry, size: int, why: str) -> Collection:
    """Read."""
    path = files.project_data() / "samples" / f"{entry.name}.npz"
    arrays = read_sample(path)
    what = f"drawn twin of {entry.name}" if entry.kaggle else "drawn hands"
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(resize(arrays["images"], size)),
        labels=arrays["labels"].astype(np.int64),
        source=f"{what} (asl_helpers {asl_helpers.__version__}, seed {recipe(entry.name).seed})",
        is_real=False,
        sha256=files.sha256(path),
        groups=arrays["groups"],
        signers=arrays["signers"],
        parts=arrays["parts"],
        note=why,
    )
