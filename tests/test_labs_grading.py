"""A lab's grading: each answer gets its points, each damaged submission one clear note."""

import csv
import json
import os
import shutil
from contextlib import chdir
from pathlib import Path

import miniature
import pytest
from miniature import read

from asl_helpers.errors import AslError
from asl_helpers.labs import run as running
from asl_helpers.labs.grade import grade
from asl_helpers.labs.release import release


@pytest.fixture
def checkout(tmp_path):
    path = miniature.checkout(tmp_path)
    with chdir(tmp_path):
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


def without_metadata(notebook: dict) -> dict:
    """Lose all cell metadata, as Colab does at times, and give the cells other ids."""
    for number, cell in enumerate(notebook["cells"]):
        cell |= {"metadata": {}, "id": f"new-{number}"}
    return notebook


def with_cell(notebook: dict, source: str) -> dict:
    """Add a cell of the student's own before the first exercise."""
    places = [index for index, cell in enumerate(notebook["cells"]) if cell["id"] == "places"]
    notebook["cells"].insert(places[0], miniature.code("my-own", source))
    return notebook


FLIPPED = CORR2D.replace("image = np.pad", "kernel = kernel[::-1, ::-1]\n    image = np.pad")
NO_PADDING = CORR2D.replace("np.pad(image, padding)", "image")
ONE_LESS = RIGHT_SIZE.replace(" + 1", "")
CHANGED = "check.corr2d = lambda _: 99.0"
STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
OTHER_NAMES = CORR2D.replace("image", "photo").replace("windows", "w")
# What a student may try: read the others, the solutions and the grades, or change the checker.
SPY = """
import os, pathlib
course = pathlib.Path({course!r})
seen = []
for place in [course / name for name in ("in", "book", "grades.csv", "out/ch01/instructor.md")]:
    try:
        seen += list(place.iterdir()) if place.is_dir() else [place.read_bytes()]
    except OSError:
        pass
seen += set(os.listdir("/tmp")) - {{pathlib.Path.cwd().name}}  # nothing that others left there
for place in (course / "new.txt", pathlib.Path({package!r}) / "new.py"):
    try:
        place.write_text("")
        seen.append(place)
    except OSError:
        pass
os.kill(os.getppid(), 0) if os.getuid() == 0 else None
assert not seen and os.getuid() != 0, seen
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade every kind of submission once; return the table by student."""
    root = tmp_path_factory.mktemp("course")
    root.chmod(0o755)
    miniature.checkout(root)
    with chdir(root):
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
        hand_in("no-metadata", without_metadata(answered(student, corr2d=OTHER_NAMES)))
        borrowed = f"from asl_helpers.scratch import corr2d\n{CHANGED}"
        hand_in("borrowed", answered(student, corr2d=borrowed))
        hand_in("text", solution_as_text(answered(student)))
        content = json.dumps(answered(student)).replace("\\n", "\\r\\n")
        (folder / "windows.ipynb").write_bytes(b"\xef\xbb\xbf" + content.encode())
        (folder / "upper.IPYNB").write_text(content, encoding="utf-16")
        magic = f"%time x = 1\nx?\n!true\nimport warnings\nwarnings.warn('loud')\n{RIGHT_SIZE}"
        hand_in("magic", answered(student, size=magic))
        hand_in("slow", answered(student, size="while True: pass"))
        hand_in("misspelled", answered(student, corr2d=CORR2D + "\nx = ("))
        hand_in("stubborn", answered(student, size=STUBBORN))
        hand_in("dies", answered(student, size="import os\nos._exit(3)"))
        package = Path(running.__file__).parents[1]
        spy = SPY.format(course=str(root), package=str(package))
        hand_in("spy", with_cell(answered(student, size=spy + RIGHT_SIZE), "1 + 1"))
        hand_in("gone", without_its_cells(answered(student)))
        hand_in("other", other_chapter(answered(student)))
        hand_in("numbers", [1, 2])
        (folder / "broken.ipynb").write_text('{"cells": [', encoding="utf-8")
        (folder / "packed.zip").write_bytes(b"PK")
        (folder / "empty").mkdir()
        (folder / "answers.py").write_text("x = 1", encoding="utf-8")
        shutil.copy(student, folder / "twice.ipynb")
        hand_in("twice (1)", answered(student))
        odd = os.fsencode(folder) + b"/M\x81ller.ipynb"
        shutil.copy(folder / "flipped.ipynb", odd)
        (folder / ".hidden").mkdir()
        said = []
        table = grade("ch01", folder, root / "grades.csv", timeout=10, jobs=2, say=said.append)
        with table.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    assert len(said) >= len(rows)
    return {row["student"]: row for row in rows}


@pytest.mark.parametrize(
    ("student", "size", "corr2d", "total", "note"),
    [
        ("reference", "2", "5", "7", ""),
        ("untouched", "0", "0", "0", "replace the stub with your own code"),
        ("flipped", "2", "1", "3", "Your kernel is flipped"),
        ("no-padding", "2", "3.4", "5.4", "The padding is ignored"),
        ("one-less", "0.4", "5", "5.4", "add 1"),
        ("'=renamed [1]", "2", "5", "7", "was released: ch01-output-size-check"),
        ("colab", "2", "5", "7", "ch01-output-size is there 2 times: the last one counts"),
        ("no-metadata", "2", "5", "7", ""),
        ("text", "2", "5", "7", ""),
        ("windows", "2", "5", "7", ""),
        ("upper", "2", "5", "7", ""),
        ("magic", "2", "5", "7", ""),
        ("slow", "0", "5", "5", "ch01-output-size: stopped after 10 s: an endless loop"),
        ("misspelled", "2", "0", "2", "ch01-corr2d: SyntaxError: "),
        ("stubborn", "0", "5", "5", "a cell runs on when it is stopped: graded without it"),
        ("dies", "0", "5", "5", "a cell ended the Python process"),
        ("borrowed", "2", "5", "7", ""),
        ("twice", "2", "5", "7", "2 versions: graded twice (1).ipynb with 2 answers"),
        ("M\\x81ller", "2", "1", "3", "Your kernel is flipped"),
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
        ("gone", "no exercise cell of this chapter"),
        ("other", "it has cells of ch08"),
        ("numbers", "numbers.ipynb is not a notebook (it has no list of cells)"),
        ("broken", "broken.ipynb is not a notebook"),
        ("empty", "no notebook in the folder"),
        ("packed", "packed.zip is no zip that can be read"),
        ("answers", "no notebook, only answers.py"),
    ],
)
def test_what_cannot_be_graded_is_one_note(graded, student, note):
    row = graded[student]
    assert note in row["note"]
    assert row["total"] == row["ch01-output-size"] == row["ch01-corr2d"] == ""


def test_every_submission_has_one_row(graded):
    assert len(graded) == 27


def test_what_a_person_should_look_at_is_reported_and_costs_nothing(graded):
    assert graded["borrowed"]["look"] == (
        "assigns to `check` | ch01-corr2d: the package's own `scratch.corr2d`"
    )
    assert "the marks of the book's own source" in graded["reference"]["look"]
    for student in ("reference", "text", "no-metadata"):  # the last with other names
        assert "ch01-corr2d: the reference's code" in graded[student]["alike"]
    assert "ch01-corr2d: same code as flipped" in graded["M\\x81ller"]["alike"]
    assert graded["no-padding"]["alike"] == graded["windows"]["look"] == ""


@pytest.mark.skipif(not running.sandbox([]).has_view, reason="only root can keep code apart")
def test_a_submission_sees_no_other_no_solution_and_can_change_nothing(graded):
    assert graded["spy"]["total"] == "7", graded["spy"]["note"]


def test_an_empty_or_missing_folder_is_one_clear_error(checkout, tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(AslError, match="holds no submission"):
        grade("ch01", tmp_path / "in", "grades.csv")
    with pytest.raises(AslError, match="No folder"):
        grade("ch01", tmp_path / "inn", "grades.csv")
    assert not Path("grades.csv").exists()
