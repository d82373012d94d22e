"""How much a test part repeats its training part."""

from dataclasses import dataclass

import numpy as np

from asl_helpers.datasets.catalog import DatasetError
from asl_helpers.datasets.grouping import SAME_PHOTO, fingerprints
from asl_helpers.datasets.pipeline import DataSplits


@dataclass(frozen=True)
class Leakage:
    """How near the pictures of one part come to the training part.

    Parameters
    ----------
    distance:
        float32 (n,): 1 minus the correlation of each picture with the nearest training picture of
        its class; 0 is the same picture at another brightness or contrast, 1 is unrelated.
    nearest:
        int64 (n,): the place of that training picture in the source.
    indices:
        int64 (n,): the places of the pictures that were asked about.
    """

    distance: np.ndarray
    nearest: np.ndarray
    indices: np.ndarray

    @property
    def copies(self) -> float:
        """Return the share of pictures, 0 to 1, that have a near-copy in the training part."""
        return float(np.mean(self.distance <= 1 - SAME_PHOTO))


def leakage(data: DataSplits, part: str = "test", sample: int = 500, seed: int = 0) -> Leakage:
    """Find the nearest training picture of each picture of a part.

    Parameters
    ----------
    data:
        A loaded data set; compare the same set under ``split="random"`` and ``split="blocks"``.
    part:
        ``"test"`` or ``"validation"``.
    sample:
        How many pictures of the part to ask about, drawn by ``seed``.

    Pictures are compared at about 28 x 28 pixels, within a class. All training pictures are read,
    so load large sets with ``size=`` and ``limit=``.
    """
    if part == "train":
        raise DatasetError("leakage compares part='test' or part='validation' with the training.")
    mine, train = data.indices(part), data.indices("train")
    labels = data.collection.labels
    rng = np.random.default_rng(seed)
    mine = np.sort(rng.choice(mine, min(sample, len(mine)), replace=False))
    distance = np.empty(len(mine), np.float32)
    nearest = np.empty(len(mine), np.int64)
    for label in np.unique(labels[mine]):
        asked = np.flatnonzero(labels[mine] == label)
        there = train[labels[train] == label]
        correlation = (
            fingerprints(data.collection.images.read(mine[asked]))
            @ fingerprints(data.collection.images.read(there)).T
        )
        best = correlation.argmax(axis=1)
        nearest[asked] = there[best]
        distance[asked] = 1 - correlation[np.arange(len(asked)), best]
    return Leakage(np.clip(distance, 0, 2), nearest, mine)
