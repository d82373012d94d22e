"""One type for labelled pictures, whether they lie in memory or are read from files as needed."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from asl_helpers.datasets.catalog import DatasetError


class Images(Protocol):
    """Pictures that can be counted and read by index."""

    shape: tuple[int, int, int]

    def __len__(self) -> int:
        """Return the number of pictures."""

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return the pictures at ``indices``, uint8 of shape (len(indices), height, width, c)."""


class ArrayImages:
    """Pictures in memory.

    Parameters
    ----------
    array:
        uint8 of shape (n, height, width, channels).
    """

    def __init__(self, array: np.ndarray) -> None:
        """Check the pictures' type and shape."""
        if array.dtype != np.uint8 or array.ndim != 4:
            raise DatasetError(
                f"Pictures must be uint8 of shape (n, height, width, channels); got {array.dtype} "
                f"of shape {array.shape}. Convert them before loading."
            )
        self.array = array
        self.shape = array.shape[1:]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.array)

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return the pictures at ``indices``."""
        return self.array[indices]


def resize(images: np.ndarray, size: int) -> np.ndarray:
    """Return pictures, uint8 (n, height, width, channels), at ``size`` pixels a side."""
    if images.shape[1:3] == (size, size):
        return images
    out = np.empty((len(images), size, size, images.shape[3]), np.uint8)
    for place, picture in enumerate(images):
        resized = Image.fromarray(picture.squeeze()).resize((size, size), Image.Resampling.BILINEAR)
        out[place] = np.asarray(resized).reshape(out.shape[1:])
    return out


@dataclass(frozen=True)
class Collection:
    """Labelled pictures before they are split, with all that is known of what belongs together.

    Parameters
    ----------
    name, class_names:
        As in the catalog.
    images:
        The pictures.
    labels:
        int64 of shape (n,), indices into ``class_names``.
    source:
        One line that says what this is and where it came from.
    is_real:
        True for photographs of people, False for drawn hands.
    sha256:
        Of the data file, or of the list of names and sizes where the data are many files.
    frames:
        Number of each picture within its class's video, int64 (n,); None where unknown.
    groups:
        Pictures with the same number, int64 (n,), are near-copies that must stay together.
    parts:
        ``"train"`` or ``"test"`` for each picture where the publisher splits the set.
    signers:
        Number of the person in each picture, int64 (n,); None where unknown.
    note:
        Why it is this source and no better one, for whoever loads it.
    """

    name: str
    class_names: tuple[str, ...]
    images: Images
    labels: np.ndarray
    source: str
    is_real: bool
    sha256: str
    frames: np.ndarray | None = None
    groups: np.ndarray | None = None
    parts: np.ndarray | None = None
    signers: np.ndarray | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check that everything that describes a picture has one entry a picture."""
        n = len(self.images)
        for name in ("labels", "frames", "groups", "parts", "signers"):
            column = getattr(self, name)
            if column is not None and len(column) != n:
                raise DatasetError(
                    f"{self.source}: {n} pictures but {len(column)} {name}. The file is damaged; "
                    "fetch it again."
                )
        if not n:
            raise DatasetError(f"{self.source}: no pictures in it. Check the folder or fetch it.")

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.images)
