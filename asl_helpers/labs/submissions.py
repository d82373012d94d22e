"""What a class hands in: files, folders and zips, as Canvas, Moodle and Classroom name them.

Archives are read in memory and never unpacked, so no name in them can reach another folder.
"""

import io
import json
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from asl_helpers.errors import AslError, first_line

TOO_LARGE = 50_000_000  # bytes; a notebook with every figure of a chapter has a few million
MOST_FILES = 5_000  # of one archive
OTHER_ARCHIVES = {".gz", ".tar", ".7z", ".rar", ".bz2", ".xz"}
LITTER = re.compile(r"^(\.|__|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
# millerannna_LATE_4711_98765_lab-1.ipynb
CANVAS = re.compile(r"(?P<student>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_.+", re.DOTALL)
# Anna Miller_4711_assignsubmission_file_, a folder, or the same before the file's own name
MOODLE = re.compile(r"(?P<student>.+)_(?P<id>\d+)_assignsubmission_.*", re.DOTALL)
COPIED = re.compile(r"(?:copy of )?(.*?)(?: ?\(\d+\)| - copy)*", re.IGNORECASE | re.DOTALL)


def label(student: str, number: str) -> str:
    """Return a student's name, with the id where there is one."""
    return f"{student} ({number})" if number else student


@dataclass
class Submission:
    """One student's notebook, and what there is to say about it."""

    student: str
    id: str = ""  # Canvas's user or Moodle's participant, where the name holds it
    notebook: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    handed_in: datetime | None = None
    is_marked_late: bool = False
    looks: list[str] = field(default_factory=list)  # what a person should look at

    @property
    def label(self) -> str:
        """Return the name, with the id where there is one."""
        return label(self.student, self.id)


@dataclass
class File:
    """One file that was handed in; ``read`` gives its bytes."""

    path: PurePosixPath  # below the folder or the archive; the first part names the student
    read: Callable[[], bytes]
    changed: datetime | None
    is_folder: bool = False


def collect(
    place: Path, answered: Callable[[dict], int | None], chapter: str = "ch"
) -> list[Submission]:
    """Return each student's submission of a chapter, in the order of their names.

    Parameters
    ----------
    place:
        A folder or a zip, with a folder or a file per student, in the form of Canvas, Moodle,
        Google Classroom or your own. Zips within it are read too.
    answered:
        Returns how many answers of this chapter a notebook holds; None for another chapter's.
    chapter:
        The chapter's file name, to tell it from the student's name in Classroom's titles.

    Errors
    ------
    AslError where there is no such place, or nothing in it.
    """
    if not place.exists():
        raise AslError(f"No folder {place}. Name the folder or zip that holds the submissions.")
    by_key: dict[str, tuple[Submission, list[File]]] = {}
    for file in _files(place):
        is_folder = file.is_folder or len(file.path.parts) > 1
        name, number, is_late = who(file.path.parts[0], chapter, is_folder)
        made, files = by_key.setdefault(number or _plain(name), (Submission(name, number), []))
        made.is_marked_late |= is_late
        if CANVAS.fullmatch(file.path.parts[0]):  # its zip gives the time of the download
            file.changed = None
        files += [] if file.is_folder else [file]
    if not by_key:
        raise AslError(
            f"{place} holds no submission. Put one folder per student into it, or one file "
            "student.ipynb each, or give the zip that Canvas or Moodle made."
        )
    for made, files in by_key.values():
        _choose(made, files, answered)
    return sorted((made for made, _ in by_key.values()), key=lambda made: made.student)


def who(name: str, chapter: str, is_folder: bool = False) -> tuple[str, str, bool]:
    """Return whom a file or folder belongs to: the name, the id in an LMS, and if marked late."""
    shown = os.fsencode(name).decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown).strip()
    found = MOODLE.fullmatch(shown) or CANVAS.fullmatch(shown)
    if found:
        is_late = bool(found.groupdict().get("late"))
        return found["student"].strip(), found["id"], is_late
    if is_folder and not shown.lower().endswith(".zip"):
        return shown, "", False
    stem = COPIED.fullmatch(shown.rsplit(".", 1)[0])[1].strip() or shown
    # Classroom puts the student before or behind the title: Anna Miller - ch01_convolution.ipynb
    number, parts = chapter.split("_")[0], [part.strip() for part in stem.split(" - ")]
    others = [part for part in parts if number not in part.lower()]
    return (others[0] if len(parts) > 1 and others else stem), "", False


def load(content: bytes) -> dict[str, Any]:
    """Return a notebook as a plain dict of format 4 with outputs cleared; ValueError if it is none.

    A cell's id, which Colab keeps in the metadata, is in ``cell["id"]`` where there is one.
    """
    import nbformat

    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    raw = json.loads(content.decode("utf-16" if is_utf16 else "utf-8-sig"))
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise ValueError("it has no list of cells")
    if raw.get("nbformat") != 4:
        raise ValueError(f"its format is {raw.get('nbformat')!r}, format 4 is needed")
    cells, ids = [], []
    for cell in raw["cells"]:
        text = "".join(cell["source"]).replace("\r\n", "\n")
        clean = {"cell_type": cell["cell_type"], "source": text}
        clean["metadata"] = dict(cell.get("metadata", {}))
        ids.append(str(cell.get("id") or clean["metadata"].get("id") or ""))
        if cell["cell_type"] == "code":
            clean |= {"execution_count": None, "outputs": []}
        cells.append(clean)
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        raise ValueError(first_line(error)) from error
    for cell, name in zip(cells, ids, strict=True):
        cell["id"] = name
    return notebook


def _choose(made: Submission, files: list[File], answered: Callable[[dict], int | None]) -> None:
    """Take the notebook with the most answers, of equal ones the newest, and say so."""
    read: list[tuple[int, datetime, str, File, dict]] = []
    failed, others = [], []
    for file in files:
        name = file.path.name
        if file.path.suffix.lower() in OTHER_ARCHIVES:
            failed.append(f"unpack {name} into a folder, or make it a zip")
        elif file.path.suffix.lower() != ".ipynb":
            others.append(name)
        else:
            try:
                notebook = load(file.read())
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                failed.append(f"{name} is not a notebook ({first_line(error)[:120]})")
            else:
                count = answered(notebook)
                when = file.changed or datetime.min
                read.append((-1 if count is None else count, when, name, file, notebook))
    read.sort(key=lambda each: each[:3])
    if read:
        count, _, name, file, made.notebook = read[-1]
        made.handed_in = file.changed
        rest = [f"{other[2]} with {other[0]}" for other in read[:-1] if other[0] >= 0]
        if rest:
            made.notes.append(
                f"{len(rest) + 1} versions: graded {name} with {count} answers, not {_few(rest)}"
            )
        extra = [each[2] for each in read[:-1] if each[0] < 0 <= count]
        if extra:
            made.notes.append(f"of another chapter: {_few(extra)}")
        made.notes += failed
        if others:
            made.notes.append(f"not read: {_few(others)}")
    elif failed:
        made.notes.append(f"not graded: {_few(failed)}")
    elif others:
        made.notes.append(f"not graded: no notebook, only {_few(others)}; ask for the .ipynb file")
    else:
        made.notes.append("not graded: no notebook in the folder")


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _plain(name: str) -> str:
    """Return a name without case and accents, to tell whether two are the same."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower() or name


def _files(place: Path) -> Iterator[File]:
    """Yield each file of a folder or a zip, and each folder of a student, be it empty."""
    if place.is_file():
        files = list(_zipped(place.read_bytes(), place.name, PurePosixPath()))
        tops = {file.path.parts[0].lower() for file in files}
        # One wrapper; Google Drive zips a folder "Lab 1" as Lab 1-20261105T101010Z-001.zip.
        if len(tops) == 1 and re.match(
            rf"{re.escape(*tops)}(-\d+T\d+Z.*)?$", place.stem.lower(), re.I
        ):
            for file in files:
                file.path = PurePosixPath(*file.path.parts[1:])
        yield from (file for file in files if file.path.parts)
        return
    for path in sorted(place.rglob("*")):
        inside = PurePosixPath(path.relative_to(place).as_posix())
        if any(LITTER.match(part) for part in inside.parts):
            continue
        if path.is_symlink():
            yield File(inside, lambda: _refuse("a link, not a file"), None)
        elif path.is_dir():
            if len(inside.parts) == 1:
                yield File(inside, lambda: b"", None, is_folder=True)
        elif path.suffix.lower() == ".zip":
            changed = datetime.fromtimestamp(path.stat().st_mtime)
            yield from _nested(inside, path.read_bytes(), changed)
        else:
            changed = datetime.fromtimestamp(path.stat().st_mtime)
            yield File(inside, lambda path=path: _limited(path.open("rb")), changed)


def _nested(inside: PurePosixPath, content: bytes, changed: datetime | None) -> Iterator[File]:
    """Yield the files of a student's zip; one that cannot be read stays one file."""
    # The zip's own name leads: it, or the folder that it lies in, names the student.
    try:
        yield from _zipped(content, inside.name, inside)
    except AslError as error:
        message = str(error)
        yield File(inside.with_suffix(".ipynb"), lambda: _refuse(message), changed)


def _zipped(content: bytes, name: str, inside: PurePosixPath) -> Iterator[File]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise AslError(f"{name} is no zip that can be read. Unpack it into a folder.") from error
    if len(archive.infolist()) > MOST_FILES:
        raise AslError(f"{name} holds more than {MOST_FILES} files.")
    for entry in archive.infolist():
        parts = [part for part in re.split(r"[/\\]", entry.filename) if part not in ("", ".", "..")]
        if not parts or any(LITTER.match(part) for part in parts):
            continue
        path = inside.joinpath(*parts)
        if entry.is_dir():
            if len(path.parts) == 1:
                yield File(path, lambda: b"", None, is_folder=True)
            continue
        try:
            changed = datetime(*entry.date_time)
        except ValueError:
            changed = None
        if path.suffix.lower() == ".zip" and not inside.parts:
            yield from _nested(path, _limited(archive.open(entry)), changed)
        else:
            yield File(path, lambda entry=entry: _limited(archive.open(entry)), changed)


def _limited(file: Any) -> bytes:
    """Read a file that is not too large; ValueError for one that is."""
    try:
        with file:
            content = file.read(TOO_LARGE + 1)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:  # a password, damage
        raise ValueError(first_line(error)) from error
    if len(content) > TOO_LARGE:
        _refuse(f"larger than {TOO_LARGE // 1_000_000} MB: clear its outputs")
    return content


def _refuse(reason: str) -> bytes:
    raise ValueError(reason)
