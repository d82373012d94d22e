"""Grading: each submission runs in a process and a folder of its own, and becomes a row of points.

The released checks and their hidden tests are put back before anything runs. Cells of the lesson
with the tag ``skip-when-grading``, such as a long training, are left out where they are unchanged.
"""

import copy
import csv
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError, first_line
from asl_helpers.files import atomic_path, check_writable
from asl_helpers.labs.editions import Exercise, exercises, find, without_glue
from asl_helpers.labs.release import require_nbgrader, student_notebook

SKIP = "skip-when-grading"
BORROWED = re.compile(r"\basl_helpers\.(scratch|checks)\b|\bscratch\.\w+\(")
TAMPERED = re.compile(r"\bcheck\.\w+\s*=(?!=)|\bsetattr\(\s*check\b")
ARCHIVES = {".zip", ".gz", ".tar", ".7z", ".rar"}
TOO_LARGE = 50_000_000  # bytes; a notebook with every figure of a chapter has a few million
NOTE_LENGTH = 160


@dataclass
class Submission:
    """One student's notebook, and what there is to say about it."""

    student: str
    notebook: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


def grade(
    chapter: str,
    submissions: str | Path,
    out_csv: str | Path,
    *,
    timeout: int = 180,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Grade a folder of submissions and write a CSV of points; return its path.

    The columns are ``student``, one for each exercise by its grade id, ``total``, ``out_of`` and
    ``note``; a submission that cannot be graded has empty points and a note that says why.
    ``timeout`` is the longest that a cell may run, in seconds; ``say`` receives a line per student
    as they are done. Raises AslError for an unknown chapter, an empty folder, or, before anything
    is graded, a table that cannot be written.

    Grading runs the students' code with the rights of this account: do it in a container.
    """
    require_nbgrader()
    found = find(chapter)
    source, released = found.read(), student_notebook(found)
    asked = exercises(source)
    if not asked:
        raise AslError(f"{found.number} has no graded exercise. Grade another chapter.")
    received = collect(Path(submissions), found.path.name)
    check_writable(Path(out_csv))
    rows = []
    for submission in received:
        points: dict[str, float] = {}
        if submission.notebook is not None and _prepare(submission, released, source):
            points = _run(submission, asked, timeout)
        rows.append(_row(submission, asked, points))
        say(f"{submission.student}: {rows[-1]['total'] if points else submission.notes[-1]}")
    columns = ["student", *(each.name for each in asked), "total", "out_of", "note"]
    with atomic_path(Path(out_csv)) as made, made.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)
    return Path(out_csv)


def collect(folder: Path, chapter_file: str) -> list[Submission]:
    """Read every submission in a folder; what cannot be read becomes a note of that student.

    A student hands in a folder named after them, which holds one notebook (or several, one of
    them under the chapter's own file name), or a file ``student.ipynb``. Raises AslError where
    the folder is missing or holds neither.
    """
    if not folder.is_dir():
        raise AslError(f"No folder {folder}. Name the folder that holds the submissions.")
    found: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            paths = [
                path
                for path in sorted(entry.rglob("*.ipynb"))
                if not any(part.startswith(".") for part in path.relative_to(entry).parts)
            ]
            named = [path for path in paths if path.name == chapter_file]
            found.setdefault(entry.name, []).extend(named or paths)
        elif entry.suffix.lower() == ".ipynb" or entry.suffix.lower() in ARCHIVES:
            found.setdefault(entry.stem, []).append(entry)
    if not found:
        raise AslError(
            f"{folder} holds no submission. Put one folder per student into it, or one file "
            "student.ipynb each."
        )
    return [_read(student, paths, chapter_file) for student, paths in sorted(found.items())]


def _read(student: str, paths: list[Path], chapter_file: str) -> Submission:
    submission = Submission(student)
    if not paths:
        submission.notes.append("not graded: no notebook in the folder")
    elif len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        submission.notes.append(f"not graded: several notebooks ({names}); keep {chapter_file}")
    elif paths[0].suffix.lower() in ARCHIVES:
        submission.notes.append(f"not graded: unpack {paths[0].name} into a folder first")
    else:
        try:
            submission.notebook = _load(paths[0])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            reason = first_line(error)[:120]
            submission.notes.append(f"not graded: {paths[0].name} is not a notebook ({reason})")
    return submission


def _load(path: Path) -> dict[str, Any]:
    """Return a notebook as a plain dict of format 4 with outputs cleared."""
    import nbformat

    if path.stat().st_size > TOO_LARGE:
        raise ValueError(f"larger than {TOO_LARGE // 1_000_000} MB: clear its outputs")
    content = path.read_bytes()
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    raw = json.loads(content.decode("utf-16" if is_utf16 else "utf-8-sig"))
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise ValueError("it has no list of cells")
    if raw.get("nbformat") != 4:
        raise ValueError(f"its format is {raw.get('nbformat')!r}, format 4 is needed")
    cells = []
    for cell in raw["cells"]:
        text = "".join(cell["source"]).replace("\r\n", "\n")
        clean = {"cell_type": cell["cell_type"], "source": text}
        clean["metadata"] = dict(cell.get("metadata", {}))
        if cell["cell_type"] == "code":
            clean |= {"execution_count": None, "outputs": []}
        cells.append(clean)
    # Without ids: editors differ in them, and no step of the grading needs any.
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        raise ValueError(first_line(error)) from error
    return notebook


def _prepare(submission: Submission, released: dict[str, Any], source: dict[str, Any]) -> bool:
    """Put the released checks back, leave out what need not run; False where nothing is asked.

    A check that was deleted or renamed is put back after its solution, or at the end. A solution
    that cannot be found is noted, not put back: its stub could hide an answer that stands
    elsewhere.
    """
    wanted, tests = _graded(released), _graded(source)
    cells = submission.notebook["cells"]
    names = [_grade_id(cell) for cell in cells]
    if not set(names) & set(wanted):
        others = sorted({name.split("-")[0] for name in names if name})
        hint = f" (it has cells of {', '.join(others)})" if others else ""
        submission.notes.append(
            f"not graded: no exercise cell of this chapter is in the notebook{hint}; ask for the "
            "released notebook, filled in"
        )
        return False
    for name in sorted({name for name in names if names.count(name) > 1} & set(wanted)):
        submission.notes.append(f"{name} is there {names.count(name)} times: the last one counts")
    submission.notes += _suspicions(cells, released["cells"])
    missing = [name for name in wanted if name not in names]
    if missing:
        submission.notes.append(f"deleted or renamed: {', '.join(missing)}")
    seen: set[str] = set()
    for cell in reversed(cells):  # of equal ids the last one counts
        name = _grade_id(cell)
        cell["metadata"] = {}
        if name in wanted and name not in seen:
            seen.add(name)
            cell["metadata"] = copy.deepcopy(wanted[name]["metadata"])
            cell["cell_type"] = wanted[name]["cell_type"]
            if cell["cell_type"] == "code":
                cell |= {"execution_count": None, "outputs": []}
    for name in missing:
        if not _is_check(wanted[name]):
            continue
        solution = re.sub(r"-(check|hidden)$", "", name)
        places = [index for index, cell in enumerate(cells) if _grade_id(cell) == solution]
        cells.insert(places[-1] + 1 if places else len(cells), copy.deepcopy(wanted[name]))
    for cell in cells:
        if _is_check(cell):
            cell["source"] = tests[_grade_id(cell)]["source"]
    checks = [index for index, cell in enumerate(cells) if _is_check(cell)]
    skipped = {
        without_glue(c["source"]) for c in source["cells"] if SKIP in c["metadata"].get("tags", [])
    }
    kept = [cell for cell in cells[: checks[-1] + 1] if cell["source"] not in skipped]
    submission.notebook["cells"] = kept
    return True


def _suspicions(cells: list[dict[str, Any]], released: list[dict[str, Any]]) -> list[str]:
    """Return what a person should look at: an answer that is the package's, a changed checker."""
    known = {cell["source"] for cell in released}
    own = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"] not in known]
    text = "\n".join(cell["source"] for cell in own if not _is_check(cell))
    notes = []
    if BORROWED.search(text):
        notes.append("look: an answer uses the package's own `scratch`")
    if TAMPERED.search(text):
        notes.append("look: it assigns to `check`")
    return notes


def _run(submission: Submission, asked: list[Exercise], timeout: int) -> dict[str, float]:
    """Run a prepared submission in a process and an empty folder of its own; return its points."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError
    from nbgrader.utils import determine_grade

    notebook = nbformat.from_dict(submission.notebook)
    with tempfile.TemporaryDirectory(prefix="asl-grade-") as folder:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            iopub_timeout=60,  # a busy machine is slow to show what a cell printed
            interrupt_on_timeout=True,
            allow_errors=True,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )
        try:
            client.execute()
        except DeadKernelError:
            reason = "its code ended the Python process (out of memory, or an exit)"
            submission.notes.append(f"not graded: {reason}")
            return {}
        except Exception as error:  # nbclient raises many kinds
            what = f"{type(error).__name__}: {first_line(error)}"[:NOTE_LENGTH]
            submission.notes.append(f"not graded: {what}")
            return {}
    points = {
        _grade_id(cell): float(determine_grade(cell)[0] or 0)
        for cell in notebook.cells
        if _is_check(cell)
    }
    submission.notes += _remarks(notebook, asked, timeout)
    return points


def _remarks(notebook: dict[str, Any], asked: list[Exercise], timeout: int) -> list[str]:
    """Return, for each check with a point lost, the first thing that it said."""
    remarks = []
    names = {check for exercise in asked for check in exercise.points}
    for cell in notebook["cells"]:
        for output in cell["outputs"] if _grade_id(cell) in names and _is_check(cell) else ():
            said = None
            if output["output_type"] == "error":
                said = f"{output['ename']}: {output['evalue']}".strip(": ")
                if output["ename"] in ("KeyboardInterrupt", "CellTimeoutError"):
                    said = f"stopped after {timeout} s: an endless loop, or far too slow"
            elif output["output_type"] == "stream":
                lines = "".join(output["text"]).splitlines()
                said = next((line for line in lines if line.lower().startswith("not yet: ")), None)
            if said:
                line = re.sub("^not yet: ", "", said, flags=re.IGNORECASE).split("\n")[0]
                remarks.append(f"{_grade_id(cell)}: {line[:NOTE_LENGTH]}")
                break
    return remarks


def _row(submission: Submission, asked: list[Exercise], points: dict[str, float]) -> dict[str, str]:
    row = {"student": submission.student, "out_of": f"{sum(each.total for each in asked):g}"}
    if points:
        earned = {each.name: sum(points.get(name, 0) for name in each.points) for each in asked}
        row |= {name: f"{value:g}" for name, value in earned.items()}
        row["total"] = f"{round(sum(earned.values()), 2):g}"
    row["note"] = " | ".join(submission.notes)
    # A cell that begins like a formula would run in a spreadsheet; students choose these texts.
    return {
        key: f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
        for key, value in row.items()
    }


def _graded(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cells that nbgrader knows, by grade id."""
    return {_grade_id(cell): cell for cell in notebook["cells"] if _grade_id(cell)}


def _grade_id(cell: dict[str, Any]) -> str:
    """Return a cell's grade id; empty for a cell that is neither a check nor a solution."""
    form = cell["metadata"].get("nbgrader")
    known = isinstance(form, dict) and (form.get("grade") or form.get("solution"))
    return str(form.get("grade_id", "")) if known else ""


def _is_check(cell: dict[str, Any]) -> bool:
    return bool(_grade_id(cell)) and bool(cell["metadata"]["nbgrader"].get("grade"))
