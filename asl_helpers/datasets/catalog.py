"""What each data set is: its name, classes, shape, licence, and the forms in which it is found."""

from dataclasses import dataclass

from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.errors import AslError, did_you_mean


class DatasetError(AslError):
    """A data set is unknown, damaged, out of reach, or cannot be split as asked."""


@dataclass(frozen=True)
class Entry:
    """One data set of the course.

    Parameters
    ----------
    name:
        The name that ``load`` takes.
    title:
        The name that its publisher gave it.
    class_names:
        The classes; the index of a class is its label.
    shape:
        Height, width and channels of one picture, in pixels.
    licence:
        The licence that its publisher states.
    kaggle:
        ``owner/name`` on Kaggle, or None where the set is not there.
    files:
        What to look for in ``ASL_DATA_DIR``, best first; the first that exists is read.
    count:
        Pictures in Kaggle's copy; fewer means that a download was cut.
    homepage:
        Its publisher's page.
    lossless:
        Whether the prepared copy stores PNG (small or drawn pictures) or JPEG.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    licence: str
    kaggle: str | None = None
    files: tuple[str, ...] = ()
    count: int | None = None
    homepage: str | None = None
    lossless: bool = False


_ENTRIES = (
    Entry(
        name="sign_language_mnist",
        title="Sign Language MNIST",
        class_names=STATIC_LETTERS,
        shape=(28, 28, 1),
        licence="CC0 1.0",
        kaggle="datamunge/sign-language-mnist",
        files=("sign_mnist_train.csv", "sign-language-mnist", "sign_mnist_test.npz"),
        count=27_455 + 7_172,
        homepage="https://www.kaggle.com/datasets/datamunge/sign-language-mnist",
        lossless=True,
    ),
    Entry(
        name="asl_alphabet",
        title="ASL Alphabet",
        class_names=KAGGLE_CLASSES,
        shape=(200, 200, 3),
        licence="GPL-2.0 as stated on Kaggle",
        kaggle="grassknoted/asl-alphabet",
        files=("asl_alphabet_train", "asl-alphabet", "asl_alphabet.zip", "asl_alphabet_64.zip"),
        count=87_000,
        homepage="https://www.kaggle.com/datasets/grassknoted/asl-alphabet",
    ),
    Entry(
        name="asl_rooms",
        title="ASLAlphabets (keptsecret), every third frame",
        class_names=KAGGLE_CLASSES,
        shape=(160, 160, 3),
        licence="Apache-2.0",
        files=("asl29_rooms_160.zip",),
        homepage="https://github.com/keptsecret/ASLAlphabets",
    ),
    Entry(
        name="asl_synthetic",
        title="Hands drawn by the course's own hand model",
        class_names=KAGGLE_CLASSES,
        shape=(64, 64, 3),
        licence="CC BY 4.0",
        lossless=True,
    ),
)

CATALOG = {entry.name: entry for entry in _ENTRIES}
"""Every data set by name."""


def entry(name: str) -> Entry:
    """Return the catalog entry of a data set; raise DatasetError with the nearest name."""
    try:
        return CATALOG[name]
    except KeyError:
        raise DatasetError(f"No data set {name!r}.{did_you_mean(name, CATALOG)}") from None
