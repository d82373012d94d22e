"""Where a data set comes from: the first source that has it, in a fixed order.

1. ``ASL_DATA_DIR``, a folder of the reader's own.
2. The copy that ``asl data prepare`` made.
3. Kaggle: a copy downloaded earlier in any profile; the network is asked only in the full profile
   (``ASL_PROFILE=full``) and by ``asl data prepare``, so that a quick run never waits for it.
4. The drawn twin.
"""

from pathlib import Path

from asl_helpers import settings
from asl_helpers.datasets import kaggle, prepared
from asl_helpers.datasets.arrays import read_sign_mnist_csv, read_sign_mnist_npz
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.readers import read_pictures
from asl_helpers.datasets.twin import draw_large, has_twin, read_twin


def find(entry: Entry, size: int) -> Collection:
    """Return the data set from the first source that has it; its ``source`` says which.

    Errors
    ------
    DatasetError when a source has the set but it is damaged (a worse source would hide that), or
    when none has it.
    """
    found = _in_user_dir(entry, size) or prepared.read(entry, size)
    if found:
        return found
    if entry.kaggle is None:
        return _drawn(entry, size, "")
    if settings.profile() == "quick" and not kaggle.downloaded(entry):
        return _drawn(entry, size, f"the real one: asl data prepare {entry.name}")
    try:
        return read_kaggle(entry, kaggle.fetch(entry), size)
    except kaggle.Unreachable as error:
        return _drawn(entry, size, f"the real one is out of reach: {error}")


def find_original(entry: Entry, size: int) -> Collection:
    """Return what a prepared copy is made from: the reader's files, Kaggle's, or drawn hands.

    Errors
    ------
    DatasetError when the set is a real one and neither the reader nor Kaggle has it: a drawn twin
    must not take the real set's place on disk.
    """
    found = _in_user_dir(entry, size)
    if found:
        return found
    if entry.kaggle is None:
        return draw_large(entry)
    try:
        return read_kaggle(entry, kaggle.fetch(entry), size)
    except kaggle.Unreachable as error:
        raise DatasetError(
            f"{entry.name} is out of reach: {error}. Nothing was prepared. Connect and try again, "
            "or put its files into a folder and name it in ASL_DATA_DIR; until then its drawn twin "
            "is used, which needs no preparation."
        ) from error


def where(entry: Entry) -> str:
    """Say which source ``find`` would take now, without reading it or asking the network."""
    folder = settings.user_data_dir()
    file = folder and _first(entry, folder)
    if file:
        return f"ASL_DATA_DIR ({file.name})"
    if prepared.folder_of(entry).is_dir():
        return "prepared copy"
    if entry.kaggle and kaggle.downloaded(entry):
        return "Kaggle, downloaded"
    if entry.kaggle and settings.profile() == "full" and not settings.is_offline():
        return "Kaggle, to be downloaded"
    if has_twin(entry):
        return "drawn twin" if entry.kaggle else "drawn"
    return "none outside ASL_DATA_DIR"


def find_in(entry: Entry, folder: Path, size: int) -> Collection | None:
    """Return the data set from the first of its known files in ``folder``, or None."""
    path = _first(entry, folder)
    return _read(entry, path, size, entry.title) if path else None


def read_kaggle(entry: Entry, folder: Path, size: int) -> Collection:
    """Read Kaggle's folder of a data set; raise DatasetError unless it is complete."""
    found = _read(entry, folder, size, f"{entry.title}, from Kaggle")
    if len(found) != entry.count:
        raise DatasetError(
            f"{folder}: {len(found):,} pictures, and {entry.title} has {entry.count:,}; half a "
            "download? Delete that folder and run `asl data prepare " + entry.name + "`."
        )
    kaggle.check(entry, found.sha256)
    return found


def _in_user_dir(entry: Entry, size: int) -> Collection | None:
    folder = settings.user_data_dir()
    return find_in(entry, folder, size) if folder else None


def _first(entry: Entry, folder: Path) -> Path | None:
    return next((folder / name for name in entry.files if (folder / name).exists()), None)


def _read(entry: Entry, path: Path, size: int, title: str) -> Collection:
    """Read a file or folder in whichever of the known forms it is."""
    if entry.name != "sign_language_mnist":
        return read_pictures(entry, path, size, title)
    if path.suffix == ".npz":
        return read_sign_mnist_npz(entry, path, size)
    return read_sign_mnist_csv(entry, path if path.is_dir() else path.parent, title, size)


def _drawn(entry: Entry, size: int, why: str) -> Collection:
    if not has_twin(entry):
        raise DatasetError(
            f"{entry.name} is not here and has no drawn twin. Put {entry.files[0]} into a folder "
            "and name the folder in ASL_DATA_DIR."
        )
    return read_twin(entry, size, why)
