"""The data sets by name, and the type that holds one: labelled images before they are split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.errors import AslError, did_you_mean


@dataclass(frozen=True)
class Entry:
    """One data set of the course."""

    name: str  # as `load` takes it
    title: str  # as its publisher calls it
    class_names: tuple[str, ...]  # the index of a class is its label
    shape: tuple[int, int, int]  # height, width and channels of one image, in pixels
    license: str  # as its publisher states it
    kaggle: str | None = None  # owner/name on Kaggle
    files: tuple[str, ...] = ()  # looked for in ASL_DATA_DIR; the first that exists is read
    count: int | None = None  # images in Kaggle's copy; fewer means that a download was cut
    lossless: bool = False  # whether the prepared copy stores PNG (small, drawn) or JPEG


_ENTRIES = (
    Entry(
        name="sign_language_mnist",
        title="Sign Language MNIST",
        class_names=STATIC_LETTERS,
        shape=(28, 28, 1),
        license="CC0 1.0",
        kaggle="datamunge/sign-language-mnist",
        files=("sign_mnist_train.csv", "sign-language-mnist", "sign_mnist_test.npz"),
        count=27_455 + 7_172,
        lossless=True,
    ),
    Entry(
        name="asl_alphabet",
        title="ASL Alphabet",
        class_names=KAGGLE_CLASSES,
        shape=(200, 200, 3),
        license="GPL-2.0 as stated on Kaggle",
        kaggle="grassknoted/asl-alphabet",
        files=("asl_alphabet_train", "asl-alphabet", "asl_alphabet.zip", "asl_alphabet_64.zip"),
        count=87_000,
    ),
    Entry(
        name="asl_rooms",
        title="ASLAlphabets (keptsecret), every third frame",
        class_names=KAGGLE_CLASSES,
        shape=(160, 160, 3),
        license="Apache-2.0",
        files=("asl29_rooms_160.zip",),
    ),
    Entry(
        name="asl_synthetic",
        title="Hands drawn by the course's own hand model",
        class_names=KAGGLE_CLASSES,
        shape=(64, 64, 3),
        license="CC BY 4.0",
        lossless=True,
    ),
)

CATALOG = {entry.name: entry for entry in _ENTRIES}
"""Every data set by name."""


def entry(name: str) -> Entry:
    """Return the catalog entry of a data set."""
    if name not in CATALOG:
        raise AslError(f"No data set {name!r}.{did_you_mean(name, CATALOG)}")
    return CATALOG[name]


def resize(images: np.ndarray, size: int) -> np.ndarray:
    """Return images, uint8 (n, height, width, channels), at ``size`` pixels a side."""
    if images.shape[1:3] == (size, size):
        return images
    out = np.empty((len(images), size, size, images.shape[3]), np.uint8)
    for index, image in enumerate(images):
        resized = Image.fromarray(image.squeeze()).resize((size, size), Image.Resampling.BILINEAR)
        out[index] = np.asarray(resized).reshape(out.shape[1:])
    return out


def evenly(rows: np.ndarray, count: int) -> np.ndarray:
    """Return at most ``count`` of the rows, evenly spaced, the first and the last among them."""
    steps = np.linspace(0, len(rows) - 1, min(count, len(rows)))
    return rows[steps.round().astype(int)]


@dataclass(frozen=True)
class Collection:
    """Labeled images before they are split, with all that is known of what belongs together."""

    name: str
    class_names: tuple[str, ...]
    images: Any  # uint8 (n, height, width, channels): an array, or `readers.FileImages`
    labels: np.ndarray  # int64 (n,), indices into class_names
    source: str  # one line: what this is and where it came from
    is_real: bool  # photographs of people, not drawn hands
    sha256: str  # of the data file, or of the list of names and sizes of many files
    frames: np.ndarray | None = None  # int64 (n,): index within the class's video, if known
    groups: np.ndarray | None = None  # int64 (n,): equal numbers are near-copies, kept together
    parts: np.ndarray | None = None  # "train" or "test" where the publisher splits the set
    signers: np.ndarray | None = None  # int64 (n,): the person in the image, if known
    note: str = ""  # why it is this source and no better one

    def __post_init__(self) -> None:
        """Check that everything that describes an image has one entry per image."""
        for name in ("labels", "frames", "groups", "parts", "signers"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self):
                raise AslError(
                    f"{self.source}: {len(self)} images but {len(column)} {name}. The file is "
                    "damaged; fetch it again."
                )
        if not len(self):
            raise AslError(f"{self.source} holds no images. Check the folder or fetch it again.")

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)
