"""Grading submissions with nbgrader, and the table of points."""

import contextlib
import csv
import io
import json
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from asl_helpers.files import atomic_path, check_writable
from asl_helpers.labs.chapters import (
    Chapter,
    Exercise,
    LabsError,
    exercises,
    find,
    require_nbgrader,
)
from asl_helpers.labs.students import grader_settings, student_notebook
from asl_helpers.labs.submissions import Submission, collect, prepare

NOTE_LENGTH = 160


def grade(
    chapter: str,
    submissions: str | Path,
    out_csv: str | Path,
    *,
    timeout: int = 180,
    whole: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Grade a folder of submissions and write a CSV of points; return its path.

    The columns are ``student``, one for each exercise by its grade id, ``total``, ``out_of`` and
    ``note``; a submission that cannot be graded has empty points and a note that says why.
    Of the lesson's own, unchanged cells only those run that a check depends on, which spares the
    training of a class; ``whole`` runs every cell up to the last check.
    ``timeout`` is the longest that a cell may run, in seconds (default 180); ``say`` receives a
    line a student as they are done. Raises LabsError for an unknown chapter or an empty folder,
    and FilesError, before anything is graded, for a table that cannot be written.

    Grading runs the students' code with the rights of this account: do it in a container.
    """
    require_nbgrader()
    found = find(chapter)
    asked = exercises(found.read())
    if not asked:
        raise LabsError(f"{found.number} has no graded exercise. Grade another chapter.")
    received = collect(Path(submissions), found.path.name)
    check_writable(Path(out_csv))
    released = student_notebook(found)
    rows = []
    with tempfile.TemporaryDirectory(prefix="asl-grade-") as folder:
        course = _Course(Path(folder), found, timeout)
        for number, submission in enumerate(received):
            points: dict[str, float] = {}
            if submission.notebook is not None:
                prepare(submission, released, found.read(), whole)
            if submission.notebook is not None:
                points = course.grade(f"student{number:04d}", submission, asked)
            rows.append(_row(submission, asked, points))
            say(f"{submission.student}: {rows[-1]['total'] if points else submission.notes[-1]}")
    return _write(Path(out_csv), asked, rows)


class _Course:
    """A course folder for nbgrader that lasts as long as one grading."""

    def __init__(self, folder: Path, chapter: Chapter, timeout: int) -> None:
        """Register the chapter's exercises, checks and hidden tests in a new gradebook."""
        from nbgrader.converters import GenerateAssignment
        from nbgrader.coursedir import CourseDirectory

        self.folder, self.chapter = folder, chapter
        settings = grader_settings()
        settings.CourseDirectory.root = str(folder)
        settings.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}"
        settings.Execute.timeout = timeout
        self.settings = settings
        self.directory = CourseDirectory(config=settings)
        self.directory.assignment_id = chapter.number
        source = folder / "source" / chapter.number / chapter.path.name
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(chapter.read()), encoding="utf-8")
        self._run(GenerateAssignment)

    def grade(self, name: str, submission: Submission, asked: list[Exercise]) -> dict[str, float]:
        """Run one submission; return the points by grade id and add notes to the submission.

        ``name`` stands for the student, whose own name may hold signs that a path cannot.
        """
        from nbgrader.api import Gradebook
        from nbgrader.converters import Autograde

        stem = self.chapter.path.stem
        handed_in = self.folder / "submitted" / name / self.chapter.number / f"{stem}.ipynb"
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(json.dumps(submission.notebook), encoding="utf-8")
        self.directory.student_id = name
        log = self._run(Autograde, must=False)
        done = self.folder / "autograded" / name / self.chapter.number / f"{stem}.ipynb"
        if not done.is_file():
            submission.notes.append(f"not graded: {_reason(log)}")
            return {}
        executed = json.loads(done.read_text(encoding="utf-8"))
        submission.notes += _remarks(executed, asked, self.settings.Execute.timeout)
        with Gradebook(self.settings.CourseDirectory.db_url) as book:
            notebook = book.find_submission_notebook(stem, self.chapter.number, name)
            return {each.name: float(each.score or 0) for each in notebook.grades}

    def _run(self, converter: type, must: bool = True) -> str:
        """Run one of nbgrader's steps quietly and return what it logged."""
        from nbgrader.converters.base import NbGraderException

        text = io.StringIO()
        log = logging.getLogger("asl_helpers.labs.nbgrader")
        log.handlers, log.propagate = [logging.StreamHandler(text)], False
        step = converter(coursedir=self.directory, config=self.settings)
        step.log = log
        try:
            with (
                contextlib.redirect_stderr(io.StringIO()),
                warnings.catch_warnings(action="ignore"),
                _programs_of_this_python(),
            ):
                step.start()
        except (NbGraderException, SystemExit) as error:
            if must:
                raise LabsError(
                    f"nbgrader could not read {self.chapter.place} ({_reason(text.getvalue())}). "
                    "Check the form of its cells with `python -m pytest tests/notebooks`."
                ) from error
        return text.getvalue()


@contextlib.contextmanager
def _programs_of_this_python() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it starts by name, where no environment is activated."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _reason(log: str) -> str:
    """Return the last exception that nbgrader logged, in one line."""
    if "DeadKernelError" in log:
        return "its code ended the Python process (out of memory, or an exit)"
    lines = [
        line for line in log.splitlines() if re.match(r"[\w.]*(Error|Exception|Died)\w*:", line)
    ]
    if not lines:
        return "nbgrader gave no reason"
    return re.sub(r"^[\w.]*\.(?=\w+:)", "", lines[-1])[:NOTE_LENGTH]


def _remarks(notebook: dict[str, Any], asked: list[Exercise], timeout: int) -> list[str]:
    """Return, for each exercise with a point lost, the first thing that its check said."""
    remarks = []
    names = {check: exercise.name for exercise in asked for check in exercise.points}
    for cell in notebook["cells"]:
        check = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if check not in names or cell["cell_type"] != "code":
            continue
        for output in cell["outputs"]:
            said = None
            if output["output_type"] == "error":
                said = f"{output['ename']}: {output['evalue']}".strip(": ")
                if output["ename"] in ("KeyboardInterrupt", "CellTimeoutError"):
                    said = f"stopped after {timeout} s: an endless loop, or far too slow"
            elif output["output_type"] == "stream":
                lines = "".join(output["text"]).splitlines()
                said = next((line for line in lines if line.startswith("not yet: ")), None)
            if said:
                line = said.removeprefix("not yet: ").split("\n")[0]
                remarks.append(f"{check}: {line[:NOTE_LENGTH]}")
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


def _write(path: Path, asked: list[Exercise], rows: list[dict[str, str]]) -> Path:
    columns = ["student", *(each.name for each in asked), "total", "out_of", "note"]
    with atomic_path(path) as made, made.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)
    return path
