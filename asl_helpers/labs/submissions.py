"""Submissions as they arrive: found, read, and made ready for nbgrader."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asl_helpers.labs.chapters import LabsError
from asl_helpers.labs.slicing import needed

BORROWED = re.compile(r"\bscratch\b")
TAMPERED = re.compile(r"\bchecks?\.\w+\s*=(?!=)|\bsetattr\(\s*checks?\b")
ARCHIVES = {".zip", ".gz", ".tar", ".7z", ".rar"}
TOO_LARGE = 50_000_000  # bytes; a notebook with every figure of a chapter has a few million


@dataclass
class Submission:
    """One student's notebook, and what there is to say about it."""

    student: str
    notebook: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


def collect(folder: Path, chapter_file: str) -> list[Submission]:
    """Read every submission in a folder; what cannot be read becomes a note of that student.

    A student hands in a folder named after them, which holds one notebook (or several, one of
    them under the chapter's own file name), or a file ``student.ipynb``. Raises LabsError where
    the folder is missing or holds neither.
    """
    if not folder.is_dir():
        raise LabsError(f"No folder {folder}. Name the folder that holds the submissions.")
    found: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            found.setdefault(entry.name, []).extend(_notebooks(entry, chapter_file))
        elif entry.suffix == ".ipynb" or entry.suffix in ARCHIVES:
            found.setdefault(entry.stem, []).append(entry)
    if not found:
        raise LabsError(
            f"{folder} holds no submission. Put one folder a student into it, or one file "
            "student.ipynb each."
        )
    return [_read(student, paths, chapter_file) for student, paths in sorted(found.items())]


def prepare(
    submission: Submission, released: dict[str, Any], source: dict[str, Any], whole: bool = False
) -> None:
    """Mend what nbgrader needs in a submission, and note what was missing.

    A check that was deleted or renamed is put back: behind its solution, or at the end where the
    solution was renamed too. A solution that cannot be found is noted, not put back: its stub
    could hide an answer that stands elsewhere. A submission without any cell of the chapter is
    not graded. Of the lesson's own cells those stay that a check of ``source``, the instructor's
    copy, depends on, unless the ``whole`` notebook up to the last check is wanted.
    """
    wanted = dict(graded(released))
    given = submission.notebook["cells"]
    names = [name for name, _ in graded(submission.notebook)]
    if not set(names) & set(wanted):
        others = sorted({name.split("-")[0] for name in names if name})
        hint = f" (it has cells of {', '.join(others)})" if others else ""
        submission.notes.append(
            f"not graded: no exercise cell of this chapter is in the notebook{hint}; ask for the "
            "released notebook, filled in"
        )
        submission.notebook = None
        return
    for name in sorted({name for name in names if names.count(name) > 1} & set(wanted)):
        submission.notes.append(f"{name} is there {names.count(name)} times: the last one counts")
    _restore_metadata(given, wanted)
    submission.notes += _suspicions(given, released["cells"])
    missing = [name for name in wanted if name not in names]
    if missing:
        submission.notes.append(f"deleted or renamed: {', '.join(missing)}")
    for name in missing:
        cell = wanted[name]
        if not cell["metadata"]["nbgrader"]["grade"]:
            continue
        solution = re.sub(r"-(check|hidden)$", "", name)
        places = [index for index, (_, there) in enumerate(_named(given)) if there == solution]
        given.insert(places[-1] + 1 if places else len(given), copy.deepcopy(cell))
    checks = [place for place, cell in enumerate(given) if _form(cell).get("grade")]
    del given[checks[-1] + 1 :]
    if not whole:
        tests = {name: cell["source"] for name, cell in graded(source)}
        given[:] = needed(given, {cell["source"] for cell in released["cells"]}, tests)


def _suspicions(cells: list[dict[str, Any]], released: list[dict[str, Any]]) -> list[str]:
    """Return what a person should look at: an answer that is the package's, a changed checker."""
    known = {cell["source"] for cell in released}
    text = "\n".join(
        cell["source"]
        for cell in cells
        if cell["cell_type"] == "code"
        and cell["source"] not in known
        and not _form(cell).get("grade")  # a check is put back as it was
    )
    notes = []
    if BORROWED.search(text):
        notes.append("look: an answer uses the package's own `scratch`")
    if TAMPERED.search(text):
        notes.append("look: it assigns to `check`")
    return notes


def _restore_metadata(cells: list[dict[str, Any]], wanted: dict[str, dict[str, Any]]) -> None:
    """Give each known cell, of several the last, the released metadata; clear that of others."""
    seen: set[str] = set()
    for cell in reversed(cells):
        name = str(_form(cell).get("grade_id", ""))
        cell["metadata"].pop("nbgrader", None)
        if name in wanted and name not in seen:
            seen.add(name)
            cell["metadata"]["nbgrader"] = copy.deepcopy(wanted[name]["metadata"]["nbgrader"])


def graded(notebook: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (grade id, cell) of each cell that nbgrader knows."""
    for cell, name in _named(notebook["cells"]):
        if name is not None:
            yield name, cell


def _named(cells: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str | None]]:
    for cell in cells:
        form = _form(cell)
        known = form.get("grade") or form.get("solution")
        yield cell, str(form.get("grade_id", "")) if known else None


def _form(cell: dict[str, Any]) -> dict[str, Any]:
    form = cell["metadata"].get("nbgrader")
    return form if isinstance(form, dict) else {}


def _notebooks(folder: Path, chapter_file: str) -> list[Path]:
    paths = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    named = [path for path in paths if path.name == chapter_file]
    return named or paths


def _read(student: str, paths: list[Path], chapter_file: str) -> Submission:
    submission = Submission(student)
    if not paths:
        submission.notes.append("not graded: no notebook in the folder")
    elif len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        submission.notes.append(f"not graded: several notebooks ({names}); keep {chapter_file}")
    elif paths[0].suffix in ARCHIVES:
        submission.notes.append(f"not graded: unpack {paths[0].name} into a folder first")
    else:
        try:
            submission.notebook = _load(paths[0])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            reason = str(error).split("\n")[0][:120]
            submission.notes.append(f"not graded: {paths[0].name} is not a notebook ({reason})")
    return submission


def _load(path: Path) -> dict[str, Any]:
    """Return a notebook as a plain dict of format 4 with outputs cleared."""
    import nbformat

    if path.stat().st_size > TOO_LARGE:
        raise ValueError(f"larger than {TOO_LARGE // 1_000_000} MB: clear its outputs")
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise ValueError("it has no list of cells")
    if raw.get("nbformat") != 4:
        raise ValueError(f"its format is {raw.get('nbformat')!r}, format 4 is needed")
    cells = []
    for cell in raw["cells"]:
        kind = cell["cell_type"]
        clean = {
            "cell_type": kind,
            "metadata": dict(cell.get("metadata", {})),
            "source": "".join(cell["source"]),
        }
        if kind == "code":
            clean |= {"execution_count": None, "outputs": []}
        cells.append(clean)
    # Without ids: editors differ in them, and no step of the grading needs any.
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        raise ValueError(str(error).split("\n")[0]) from error
    return notebook
