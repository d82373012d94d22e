"""A submission made ready: its cells are found again, and the released checks put back."""

import copy
from contextlib import chdir

import miniature
import pytest
from miniature import read

from asl_helpers.labs import grade as grading
from asl_helpers.labs.grade import Lab, prepare, score
from asl_helpers.labs.release import release
from asl_helpers.labs.run import Result
from asl_helpers.labs.submissions import Submission

ANSWER = "def corr2d(image, kernel, stride=1, padding=0):\n    return image"
ALL = {
    "ch01-output-size", "ch01-output-size-check",
    "ch01-corr2d", "ch01-corr2d-check", "ch01-corr2d-hidden",
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    miniature.checkout(root)
    with chdir(root):
        release("ch01", "out")
        return Lab.of("ch01")


@pytest.fixture
def student(lab):
    path = lab.chapter.root / "out" / "ch01" / "student" / lab.chapter.path.name
    notebook = read(path)
    for cell in notebook["cells"]:
        if cell["id"] == "ch01-corr2d":
            cell["source"] = ANSWER
    return notebook


def ran(lab, notebook) -> list[str]:
    """Return what of the lab runs, in order."""
    made = prepare(Submission("anna", notebook=copy.deepcopy(notebook)), lab)
    return [cell.name for cell in made.cells if cell.name]


def test_cells_are_known_by_metadata_id_call_or_the_name_that_they_define(lab, student):
    by_metadata = copy.deepcopy(student)
    for cell in by_metadata["cells"]:
        cell["id"] = ""
    by_id = copy.deepcopy(student)
    for cell in by_id["cells"]:
        cell["metadata"] = {}
    assert set(filter(None, lab.identify(by_metadata["cells"]))) == ALL
    assert set(filter(None, lab.identify(by_id["cells"]))) == ALL
    by_text = copy.deepcopy(by_id)
    for cell in by_text["cells"]:
        cell["id"] = ""
    assert set(filter(None, lab.identify(by_text["cells"]))) == ALL - {"ch01-corr2d-hidden"}
    assert ran(lab, by_text) == ran(lab, by_metadata) == [
        "ch01-output-size-check", "ch01-corr2d", "ch01-corr2d-check", "ch01-corr2d-hidden",
    ]  # fmt: skip
    assert lab.answered(by_text) == lab.answered(by_id) == 1


def test_hidden_tests_run_last_unless_a_later_cell_binds_their_names(lab, student):
    place = next(i for i, c in enumerate(student["cells"]) if c["id"] == "ch01-output-size")
    moved = copy.deepcopy(student)
    cells = moved["cells"]
    # Put the exercise on sizes, and a cell of the student's own, behind the other one.
    sizes, own = cells[place : place + 2], miniature.code("own", "kernel = 1")
    moved["cells"] = cells[:place] + cells[place + 2 :] + [own, *sizes]
    assert ran(lab, moved)[-1] == "ch01-corr2d-hidden"
    own["source"] = "corr2d = None"
    assert ran(lab, moved)[-2:] == ["ch01-corr2d-hidden", "ch01-output-size-check"]


def test_nothing_of_the_tests_is_sent_before_the_students_cells(lab, student):
    made = prepare(Submission("anna", notebook=student), lab)
    sources = [cell.source for cell in made.cells]
    assert [index for index, text in enumerate(sources) if "4711" in text] == [len(sources) - 1]
    assert not any(lab.tests["ch01-corr2d"]["source"] in text for text in sources)


def test_the_version_changes_with_the_submission_and_with_the_release(lab, student):
    def version(notebook) -> str:
        return prepare(Submission("anna", notebook=copy.deepcopy(notebook)), lab).version

    first = version(student)
    assert version(student) == first
    changed = copy.deepcopy(student)
    changed["cells"][-1]["metadata"]["collapsed"] = True
    assert version(changed) == first
    place = next(i for i, c in enumerate(student["cells"]) if c["id"] == "ch01-corr2d")
    changed["cells"][place]["source"] += "  # more"
    assert version(changed) != first
    before = lab.version
    lab.version += b"another check"
    assert version(student) != first
    lab.version = before


@pytest.mark.parametrize(
    ("shown", "points"),
    [("2.5", 2.5), ("99.0", 4), ("-1", 0), ("nan", 0), ("'full'", 0), (None, 0)],
)
def test_only_a_number_that_a_check_shows_gives_points(lab, shown, points):
    outputs = [{"output_type": "stream", "name": "stderr", "text": "a warning"}]
    if shown:
        outputs.append({"output_type": "execute_result", "data": {"text/plain": shown}})
    result = Result({"ch01-corr2d-check": outputs, "ch01-corr2d-hidden": []})
    submission = Submission("anna")
    earned = score(result, lab, submission, timeout=9)
    assert earned["ch01-corr2d-check"] == points
    assert earned["ch01-corr2d-hidden"] == 1
    assert earned["ch01-output-size-check"] == 0  # it did not run
    assert submission.notes == []


@pytest.mark.parametrize(
    ("name", "ename", "note"),
    [
        ("check", "KeyboardInterrupt", "stopped after 9 s: an endless loop, or far too slow"),
        ("hidden", "AssertionError", "wrong for other values than those of the visible check"),
        ("hidden", "NotImplementedError", ""),  # the visible check says it in words
    ],
)
def test_a_check_that_raised_is_explained(lab, name, ename, note):
    raised = {"output_type": "error", "ename": ename, "evalue": "", "traceback": []}
    submission = Submission("anna")
    score(Result({f"ch01-corr2d-{name}": [raised]}), lab, submission, timeout=9)
    assert submission.notes == ([f"ch01-corr2d-{name}: {note}"] if note else [])


@pytest.fixture
def graded(lab, student, tmp_path, monkeypatch):
    """Grade without kernels: return a function that grades a folder, and who was run."""
    import json

    calls = []

    def run(cells, **_):
        calls.append(next(cell.source for cell in cells if "def corr2d" in cell.source))
        if "kill" in calls[-1]:
            raise KeyboardInterrupt
        output = {"output_type": "execute_result", "data": {"text/plain": "4.0"}}
        return Result({name: [output] for name in lab.checks})

    monkeypatch.setattr(grading, "run", run)
    folder = tmp_path / "in"
    folder.mkdir()

    def hand_in(name: str, answer: str = ANSWER) -> None:
        for cell in student["cells"]:
            if cell["id"] == "ch01-corr2d":
                cell["source"] = answer
        (folder / f"{name}.ipynb").write_text(json.dumps(student), encoding="utf-8")

    def grade(**options):
        with chdir(lab.chapter.root):
            return grading.grade("ch01", folder, tmp_path / "grades.csv", **options)

    return hand_in, grade, calls


def test_after_a_kill_what_was_graded_is_not_graded_again(graded):
    hand_in, grade, calls = graded
    hand_in("anna")
    hand_in("bob", ANSWER + "  # kill")
    with pytest.raises(KeyboardInterrupt):
        grade()
    hand_in("bob", ANSWER + "  # mended")
    calls.clear()
    said = []
    table = grade(say=said.append)
    assert calls == [ANSWER + "  # mended"]
    assert "1 unchanged since they were graded" in said
    assert {row["total"] for row in table.rows.values()} == {"7"}


def test_only_a_changed_submission_is_graded_again(graded):
    hand_in, grade, calls = graded
    hand_in("anna")
    hand_in("bob")
    grade()
    hand_in("bob", ANSWER + "  # more")
    calls.clear()
    grade(jobs=2)
    assert calls == [ANSWER + "  # more"]


def test_feedback_is_written_for_every_student_who_submitted(graded, tmp_path):
    hand_in, grade, _ = graded
    hand_in("anna")
    (tmp_path / "in" / "bob.txt").write_text("x", encoding="utf-8")
    table = grade(feedback=tmp_path / "feedback")
    anna, bob = sorted((tmp_path / "feedback").iterdir())
    assert "return image" in anna.read_text(encoding="utf-8")
    assert "not graded: no notebook, only bob.txt" in bob.read_text(encoding="utf-8")
    assert table.failed == {"bob"}


def test_points_by_hand_have_a_column_of_their_own(lab, student, tmp_path):
    form = miniature.graded("ch01-why", 3) | {"solution": True}
    why = miniature.markdown("why", "*Write your answer here.*", nbgrader=form)
    more = copy.copy(lab)
    more.cells = lab.cells | {"ch01-why": why}
    more.stubs = lab.stubs | {"ch01-why": why["source"]}
    more.tests = lab.tests | {"ch01-why": why}
    assert more.manual == ["ch01-why"]
    assert "ch01-why" not in more.checks
    written = copy.deepcopy(why) | {"source": "Because."}
    student["cells"].append(written)
    made = prepare(Submission("anna", notebook=student), more)
    assert made.answers["ch01-why"] == "Because."
    assert "Because." not in [cell.source for cell in made.cells]
