"""The drawn twin of a data set: same shape, classes and splits, and no photograph in it."""

import numpy as np

import asl_helpers
from asl_helpers import files
from asl_helpers.datasets.catalog import Entry
from asl_helpers.datasets.collection import ArrayImages, Collection, resize
from asl_helpers.datasets.samples import RECIPES, Recipe, draw_sample, read_sample

LARGE = Recipe("kaggle", 200, 1, 64, 4, 50, False, False, 8)
"""What ``asl data prepare asl_synthetic`` draws: 200 pictures a class, 50 signers."""

_DRAW_AT_ONCE = 256  # choosing the hands anew costs a second each time


def has_twin(entry: Entry) -> bool:
    """Tell whether a drawn set of this entry's shape and classes is embedded."""
    return entry.name in RECIPES


def read_twin(entry: Entry, size: int, note: str) -> Collection:
    """Read the embedded drawn pictures of a data set, resized to ``size`` pixels a side.

    ``note`` says why it is the twin and not the real set.
    """
    path = files.project_data() / "samples" / f"{entry.name}.npz"
    arrays = read_sample(path)
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=ArrayImages(resize(arrays["images"], size)),
        labels=arrays["labels"],
        source=_source(entry, RECIPES[entry.name].seed),
        is_real=False,
        sha256=files.sha256(path),
        frames=arrays["frames"],
        groups=arrays["groups"],
        signers=arrays["signers"],
        parts=arrays["parts"],
        note=note,
    )


class DrawnImages:
    """Pictures drawn when they are asked for, one clip of one frame each.

    Parameters
    ----------
    recipe:
        What to draw; ``recipe.frames`` is 1.
    n:
        Number of pictures.
    """

    def __init__(self, recipe: Recipe, n: int) -> None:
        """Remember the recipe; nothing is drawn yet."""
        self._recipe, self._n = recipe, n
        self._first, self._drawn = 0, None
        self.shape = (recipe.size, recipe.size, 1 if recipe.gray else 3)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return self._n

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return the pictures at ``indices``; neighbours are drawn with the first and kept."""
        return np.stack([self._one(int(index)) for index in indices])

    def _one(self, index: int) -> np.ndarray:
        if self._drawn is None or not 0 <= index - self._first < len(self._drawn):
            self._first = index
            last = min(index + _DRAW_AT_ONCE, self._n)
            self._drawn = draw_sample(self._recipe, only=range(index, last))["images"]
        return self._drawn[index - self._first]


def draw_large(entry: Entry, recipe: Recipe = LARGE) -> Collection:
    """Return a large drawn set whose pictures are drawn as they are read, in order."""
    clip = np.tile(np.arange(recipe.clips), len(entry.class_names))
    signers = clip % recipe.signers
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=DrawnImages(recipe, len(clip)),
        labels=np.repeat(np.arange(len(entry.class_names)), recipe.clips),
        source=_source(entry, recipe.seed),
        is_real=False,
        sha256="",  # known once it is written
        groups=np.arange(len(clip)),
        signers=signers,
        parts=np.where(signers >= recipe.signers - recipe.test_signers, "test", "train"),
    )


def _source(entry: Entry, seed: int) -> str:
    what = f"drawn twin of {entry.name}" if entry.kaggle else "drawn hands"
    return f"{what} (asl_helpers {asl_helpers.__version__}, seed {seed})"
