"""A lab's grading: each answer gets its points, each damaged submission one clear note."""

import csv
import json
import shutil
from pathlib import Path

import miniature
import pytest
from miniature import read, working_in

from asl_helpers.errors import AslError
from asl_helpers.labs import grade as grading
from asl_helpers.labs.editions import Exercise
from asl_helpers.labs.grade import collect, grade
from asl_helpers.labs.release import release


@pytest.fixture
def checkout(tmp_path):
    path = miniature.checkout(tmp_path)
    with working_in(tmp_path):
        yield path


RIGHT_SIZE = (
    "def output_size(n, k, stride=1, padding=0):\n    return (n + 2*padding - k)//stride + 1"
)
RIGHT_CORR2D = miniature.SLIDE.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")
CORR2D = "def corr2d(image, kernel, stride=1, padding=0):\n" + RIGHT_CORR2D


def answered(student: Path, size: str = RIGHT_SIZE, corr2d: str = CORR2D) -> dict:
    """Return the student's copy with two answers typed in."""
    notebook = read(student)
    for cell in notebook["cells"]:
        answer = {"ch01-output-size": size, "ch01-corr2d": corr2d}.get(cell["id"])
        cell["source"] = answer or cell["source"]
    return notebook


def renamed(notebook: dict) -> dict:
    """Rename the grade id of a solution and delete a check."""
    kept = []
    for cell in notebook["cells"]:
        form = cell["metadata"].get("nbgrader", {})
        if form.get("grade_id") == "ch01-corr2d":
            form["grade_id"] = "my-own"
        if form.get("grade_id") != "ch01-output-size-check":
            kept.append(cell)
    return {**notebook, "cells": kept}


def as_colab_saves(notebook: dict) -> dict:
    """Write the notebook as Colab does: an older minor format, ids in the metadata, outputs."""
    for cell in notebook["cells"]:
        cell["metadata"] |= {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost/"}}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 7, "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["done\n"]}
            ]}  # fmt: skip
    return {**notebook, "nbformat_minor": 0, "metadata": {"colab": {"provenance": []}}}


def doubled(notebook: dict) -> dict:
    """Copy a solution cell, as a slip of the keyboard does; the second is the right one."""
    cells = notebook["cells"]
    place = next(i for i, cell in enumerate(cells) if cell["id"] == "ch01-output-size")
    first = json.loads(json.dumps(cells[place]))
    first |= {"id": "doubled", "source": "def output_size(*a, **k):\n    return 1"}
    cells.insert(place, first)
    return notebook


def edited_check(notebook: dict) -> dict:
    """Let the check give all points: the released one is put back."""
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "ch01-corr2d-check")
    cell["source"] = "4.0"
    return notebook


def without_its_cells(notebook: dict) -> dict:
    cells = [cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"]]
    return {**notebook, "cells": cells}


def other_chapter(notebook: dict) -> dict:
    return json.loads(json.dumps(notebook).replace("ch01-", "ch08-"))


def solution_as_text(notebook: dict) -> dict:
    """Turn a solution cell into Markdown, as a wrong key does; its check still needs it as code."""
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "ch01-corr2d")
    cell["cell_type"] = "markdown"
    for key in ("outputs", "execution_count"):
        cell.pop(key)
    return notebook


FLIPPED = CORR2D.replace("image = np.pad", "kernel = kernel[::-1, ::-1]\n    image = np.pad")
NO_PADDING = CORR2D.replace("np.pad(image, padding)", "image")
ONE_LESS = RIGHT_SIZE.replace(" + 1", "")
CHANGED = "check.corr2d = lambda _: 4.0"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade every kind of submission once; return the table by student."""
    root = tmp_path_factory.mktemp("course")
    miniature.checkout(root)
    with working_in(root):
        student, source = release("ch01", "out")[:2]
        folder = root / "in"
        folder.mkdir()

        def hand_in(name: str, notebook: dict) -> None:
            (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

        shutil.copy(source, folder / "reference.ipynb")
        (folder / "untouched").mkdir()
        shutil.copy(student, folder / "untouched" / "any name.ipynb")
        hand_in("flipped", answered(student, corr2d=FLIPPED))
        hand_in("no-padding", edited_check(answered(student, corr2d=NO_PADDING)))
        hand_in("one-less", answered(student, size=ONE_LESS))
        hand_in("=renamed [1]", renamed(answered(student)))
        hand_in("colab", as_colab_saves(doubled(answered(student))))
        hand_in(
            "borrowed",
            answered(student, corr2d=f"from asl_helpers.scratch import corr2d\n{CHANGED}"),
        )
        hand_in("text", solution_as_text(answered(student)))
        (folder / "windows.ipynb").write_bytes(
            b"\xef\xbb\xbf" + json.dumps(answered(student)).replace("\\n", "\\r\\n").encode()
        )
        hand_in("magic", answered(student, size="%time x = 1\n!true\n" + RIGHT_SIZE))
        hand_in("slow", answered(student, size="while True: pass"))
        hand_in("dies", answered(student, size="import os\nos._exit(3)"))
        hand_in("gone", without_its_cells(answered(student)))
        hand_in("other", other_chapter(answered(student)))
        hand_in("numbers", [1, 2])
        (folder / "broken.ipynb").write_text('{"cells": [', encoding="utf-8")
        (folder / "packed.zip").write_bytes(b"PK")
        (folder / "empty").mkdir()
        (folder / "several").mkdir()
        for name in ("a.ipynb", "b.ipynb"):
            shutil.copy(student, folder / "several" / name)
        (folder / ".hidden").mkdir()
        (folder / "notes.txt").write_text("no submission", encoding="utf-8")
        said = []
        path = grade("ch01", folder, root / "grades.csv", timeout=10, say=said.append)
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    assert len(said) == len(rows)
    return {row["student"]: row for row in rows}


@pytest.mark.parametrize(
    ("student", "size", "corr2d", "total", "note"),
    [
        ("reference", "2", "5", "7", ""),
        ("untouched", "0", "0", "0", "replace the stub with your own code"),
        ("flipped", "2", "1", "3", "Your kernel is flipped"),
        ("no-padding", "2", "3.4", "5.4", "The padding is ignored"),
        ("one-less", "0.4", "5", "5.4", "add 1"),
        ("'=renamed [1]", "2", "5", "7",
         "deleted or renamed: ch01-output-size-check, ch01-corr2d"),
        ("colab", "2", "5", "7", "ch01-output-size is there 2 times: the last one counts"),
        ("text", "2", "5", "7", ""),
        ("windows", "2", "5", "7", ""),
        ("magic", "2", "5", "7", ""),
        ("slow", "0", "5", "5", "NameError"),
        ("borrowed", "2", "5", "7", "look: an answer uses the package's own `scratch`"),
        ("borrowed", "2", "5", "7", "look: it assigns to `check`"),
    ],
)  # fmt: skip
def test_points(graded, student, size, corr2d, total, note):
    row = graded[student]
    assert (row["ch01-output-size"], row["ch01-corr2d"], row["total"]) == (size, corr2d, total)
    assert row["out_of"] == "7"
    assert note in row["note"] if note else row["note"] == ""


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("dies", "not graded: its code ended the Python process"),
        ("gone", "no exercise cell of this chapter"),
        ("other", "it has cells of ch08"),
        ("numbers", "numbers.ipynb is not a notebook (it has no list of cells)"),
        ("broken", "broken.ipynb is not a notebook"),
        ("empty", "no notebook in the folder"),
        ("packed", "unpack packed.zip into a folder first"),
        ("several", "several notebooks (a.ipynb, b.ipynb); keep ch01_miniature.ipynb"),
    ],
)
def test_what_cannot_be_graded_is_one_note(graded, student, note):
    row = graded[student]
    assert note in row["note"]
    assert row["total"] == row["ch01-output-size"] == row["ch01-corr2d"] == ""


def test_every_submission_has_one_row(graded):
    assert len(graded) == 20


def test_an_empty_or_missing_folder_is_one_clear_error(checkout, tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(AslError, match="holds no submission"):
        grade("ch01", tmp_path / "in", "grades.csv")
    with pytest.raises(AslError, match="No folder"):
        grade("ch01", tmp_path / "inn", "grades.csv")
    assert not Path("grades.csv").exists()


def test_a_table_that_cannot_be_written_is_known_before_grading(checkout, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(grading, "_run", lambda *_: pytest.fail("grading has begun"))
    with pytest.raises(AslError, match="it is a folder"):
        grade("ch01", tmp_path / "in", tmp_path)


def test_a_cell_that_ran_out_of_time_is_named():
    stopped = {"output_type": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
    cell = miniature.code("c", "x", nbgrader=miniature.graded("ch01-corr2d-check", 4))
    cell["outputs"] = [stopped]
    asked = [Exercise("ch01-corr2d", "Slide", {"ch01-corr2d-check": 4.0}, None)]
    remarks = grading._remarks({"cells": [cell]}, asked, timeout=9)
    assert remarks == ["ch01-corr2d-check: stopped after 9 s: an endless loop, or far too slow"]


def test_a_huge_submission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(grading, "TOO_LARGE", 10)
    (tmp_path / "anna.ipynb").write_text("{" + " " * 20 + "}", encoding="utf-8")
    (found,) = collect(tmp_path, "ch01_x.ipynb")
    assert found.notebook is None
    assert "clear its outputs" in found.notes[0]
