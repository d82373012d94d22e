"""What the command line asks: which sets there are, prepare one, look at one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asl_helpers.datasets import prepared
from asl_helpers.datasets.catalog import CATALOG, DatasetError, entry
from asl_helpers.datasets.sources import find, find_original, where


@dataclass(frozen=True)
class Row:
    """One data set as `asl data list` shows it."""

    name: str
    classes: int
    shape: tuple[int, int, int]
    source: str


def describe() -> list[Row]:
    """Return every data set with the source that ``load`` would take now; asks no network."""
    return [Row(one.name, len(one.class_names), one.shape, where(one)) for one in CATALOG.values()]


def prepare(name: str, progress: Callable[[int, int], None] | None = None) -> str:
    """Make the prepared copy of a data set; return one line that says what was written.

    Parameters
    ----------
    name:
        A data set of the catalog.
    progress:
        Called as (pictures written, pictures in all) while it runs.

    Errors
    ------
    DatasetError when the data are out of reach or damaged, FilesError when they cannot be written.
    Nothing half-written is kept.
    """
    known = entry(name)
    if not prepared.can_prepare(known):
        raise DatasetError(
            f"{name} is read from ASL_DATA_DIR as it is; there is nothing to prepare."
        )
    collection = find_original(known, known.shape[0])
    done = 0

    def tick(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(done, len(collection))

    folder = prepared.write(collection, known, tick)
    return f"{name}: {len(collection):,} pictures in {folder}, from {collection.source}"


def contact_sheet(name: str, path: Path, seed: int = 0) -> Path:
    """Draw a few pictures of each class into a PNG and return its path."""
    from asl_helpers.datasets.sheet import draw_sheet

    known = entry(name)
    return draw_sheet(find(known, known.shape[0]), Path(path), seed)
