"""Where a data set comes from: the first source that has it, in a fixed order."""

from pathlib import Path

from asl_helpers import settings
from asl_helpers.datasets.arrays import read_sign_mnist_csv, read_sign_mnist_npz
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.pictures import read_pictures
from asl_helpers.datasets.twin import read_twin


def find(entry: Entry, size: int) -> Collection:
    """Return the data set from the first source that has it."""
    folder = settings.user_data_dir()
    if folder:
        for name in entry.files:
            if (folder / name).exists():
                return read_files(entry, folder / name, size)
    if entry.has_twin:
        return read_twin(entry, size)
    raise DatasetError(f"{entry.name}: no source has it.")


def read_files(entry: Entry, path: Path, size: int) -> Collection:
    """Read a data set from a file or folder in any of the forms that the course knows."""
    if entry.name != "sign_language_mnist":
        return read_pictures(entry, path, size, entry.title)
    if path.suffix == ".npz":
        return read_sign_mnist_npz(entry, path)
    folder = path if path.is_dir() else path.parent
    return read_sign_mnist_csv(entry, folder, f"{entry.title} (Kaggle's two CSVs)")
