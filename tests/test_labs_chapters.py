"""A real chapter graded: the reference, an untouched copy, and a wrong answer everywhere."""

import contextlib
import csv
import importlib
import io
import json
import shutil
from contextlib import chdir

import notebooks
import pytest
from miniature import read

from asl_helpers.labs.editions import exercises
from asl_helpers.labs.grade import grade
from asl_helpers.labs.release import release


@pytest.fixture(scope="module", params=["ch01"])
def graded(request, tmp_path_factory):
    """Grade three submissions of a chapter; return its number, exercises and table."""
    number = request.param
    folder = tmp_path_factory.mktemp(number)
    with chdir(notebooks.ROOT):
        student, source = release(number, folder / "lab")[:2]
        asked = exercises(read(source))
        submissions = folder / "in"
        submissions.mkdir()
        shutil.copy(source, submissions / "reference.ipynb")
        shutil.copy(student, submissions / "untouched.ipynb")
        notebook = read(student)
        checkers = {each.name: each.checker for each in asked}
        for cell in notebook["cells"]:
            form = cell["metadata"].get("nbgrader", {})
            if form.get("solution"):
                name = checkers[form["grade_id"]]
                cell["source"] = f"{name} = next(check.{name}.mistakes())[1]"
        (submissions / "wrong.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        table = grade(number, submissions, folder / "grades.csv", timeout=240, jobs=2)
    with table.path.open(encoding="utf-8", newline="") as file:
        return number, asked, {row["student"]: row for row in csv.DictReader(file)}


def test_the_reference_gets_every_point(graded):
    _, asked, rows = graded
    row = rows["reference"]
    assert row["note"] == ""
    assert {each.name: float(row[each.name]) for each in asked} == {
        each.name: each.total for each in asked
    }
    assert row["total"] == row["out_of"] != "0"


def test_an_untouched_copy_gets_none(graded):
    _, asked, rows = graded
    row = rows["untouched"]
    assert [row[each.name] for each in asked] == ["0"] * len(asked)
    assert row["total"] == "0"


def test_each_wrong_answer_gets_what_it_should_and_is_told_why(graded):
    number, asked, rows = graded
    row, checks = rows["wrong"], importlib.import_module(f"asl_helpers.checks.{number}")
    for each in asked:
        checker = getattr(checks, each.checker)
        message, answer = next(checker.mistakes())
        with contextlib.redirect_stdout(io.StringIO()):
            points = checker(answer)
        # Hidden tests give all their points or none, and a wrong answer none.
        assert float(row[each.name]) == points < each.total, (each.name, row["note"])
        assert message.split(":")[0] in row["note"], each.name  # notes are cut short
