"""A lab's release: no line of a solution leaves the house, and the copy reads well anywhere."""

import ast
import contextlib
import functools
import io
import json
import re
import subprocess
import sys
import tomllib
from contextlib import chdir
from importlib import metadata
from pathlib import Path

import miniature
import nbformat
import notebooks
import pytest
from miniature import graded, markdown, read
from typer.testing import CliRunner

from asl_helpers.cli import app
from asl_helpers.errors import AslError
from asl_helpers.labs import editions
from asl_helpers.labs.editions import Chapter, exercises, find
from asl_helpers.labs.release import release, student_notebook

REAL = notebooks.chapters()
REGION = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)
MYST = re.compile(r":::|`{3,}\{|\{[\w:+-]+\}`|^\([\w-]+\)=|^\+\+\+", re.MULTILINE)


@pytest.fixture
def checkout(tmp_path):
    path = miniature.checkout(tmp_path)
    with chdir(tmp_path):
        yield path


def spoil(path: Path, name: str, old: str, new: str) -> None:
    """Replace a text in one cell of the notebook on disk."""
    notebook = read(path)
    cell = next(cell for cell in notebook["cells"] if cell["id"] == name)
    assert old in cell["source"]
    cell["source"] = cell["source"].replace(old, new)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_release_writes_the_three_parts(checkout):
    paths = release("ch01", "out")
    assert [path.relative_to("out").as_posix() for path in paths] == [
        "ch01/student/ch01_miniature.ipynb",
        "ch01/autograder/source/ch01/ch01_miniature.ipynb",
        "ch01/autograder/nbgrader_config.py",
        "ch01/instructor.md",
    ]
    assert read(paths[1])["cells"][0]["source"].startswith("# A chapter in little")
    ast.parse(paths[2].read_text(encoding="utf-8"))
    for path in paths[:2]:
        nbformat.validate(nbformat.read(path, as_version=4))


def test_release_again_gives_the_same_bytes_and_touches_nothing_else(checkout):
    first = {path: path.read_bytes() for path in release("ch01", "out")}
    own = Path("out/ch01/submissions/anna.ipynb")
    own.parent.mkdir()
    own.write_text("hers", encoding="utf-8")
    assert {path: path.read_bytes() for path in release("CH01_miniature", "out")} == first
    assert own.read_text(encoding="utf-8") == "hers"


@pytest.mark.parametrize(
    "token", ["4711", "quiz token", "sliding_window_view", "// stride + 1", "Two loops."]
)
def test_no_token_of_the_miniature_reaches_the_student(checkout, token):
    release("ch01", "out")
    assert token in checkout.read_text(encoding="utf-8")
    for path in Path("out/ch01/student").rglob("*"):
        assert token not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_no_line_of_a_chapters_solutions_reaches_the_student(path, tmp_path):
    with chdir(notebooks.ROOT):
        release(path.stem.split("_")[0], tmp_path)
    whole = read(path)
    shown = "\n".join(REGION.sub("", cell["source"]) for cell in whole["cells"])
    lines = {
        line.strip()
        for cell in whole["cells"]
        for region in REGION.findall(cell["source"])
        for line in region.splitlines()
    }
    # A line that the lesson itself shows, or a bare bracket, tells nothing.
    telling = {line for line in lines if len(line) >= 8 and line not in shown}
    assert telling
    files = list((tmp_path / path.stem.split("_")[0] / "student").rglob("*"))
    assert files
    for file in files:
        text = "\n".join(_strings(json.loads(file.read_text(encoding="utf-8"))))
        assert [line for line in telling if line in text] == []
        assert "BEGIN SOLUTION" not in text
        assert "HIDDEN TESTS" not in text
        assert "<summary>Answer</summary>" not in text
        assert "colab.research.google.com" not in text  # that badge opens the solutions


def _strings(value):
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_the_students_copy_needs_no_extension(path, tmp_path):
    with chdir(notebooks.ROOT):
        student = release(path.stem.split("_")[0], tmp_path)[0]
    notebook = read(student)
    nbformat.validate(nbformat.read(student, as_version=4))
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "deletable", "editable"}
        if cell["cell_type"] == "markdown":
            assert MYST.findall(cell["source"]) == [], cell["source"]
            assert not re.search(r"\]\((?!https?:|#|mailto:)", cell["source"]), cell["source"]
        else:
            assert cell["outputs"] == []
            ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", cell["source"], flags=re.MULTILINE))
    # Whatever is not asked of the student runs in the copy as it runs in the book.
    code = [cell["source"] for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    shown = {each for text in code for each in (text, editions.without_glue(text))}
    trained = re.compile(r"\b(?:train|fit)\(")  # a value for the page alone must not train anything
    assert all(trained.findall(t) == trained.findall(editions.without_glue(t)) for t in code)
    changed = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    changed = [cell["metadata"] for cell in changed if cell["source"] not in shown]
    assert changed.pop() == {}  # the self-check at the end
    names = [metadata["nbgrader"]["grade_id"] for metadata in changed]
    assert [name for name in names if name.endswith("-check")] == []
    stubs = [cell["source"] for cell in notebook["cells"] if "YOUR CODE HERE" in cell["source"]]
    assert len(stubs) == len(exercises(Chapter(path, notebooks.ROOT).read()))
    assert all("raise NotImplementedError" in stub or stub.endswith("...") for stub in stubs)


def test_grade_ids_and_points_are_those_of_the_chapter(checkout):
    student, source = release("ch01", "out")[:2]

    def asked(path):
        return [
            (form["grade_id"], form.get("points"))
            for cell in read(path)["cells"]
            if (form := cell["metadata"].get("nbgrader"))
        ]

    assert asked(student) == asked(source)
    assert [name for name, _ in asked(student)] == [
        "ch01-output-size", "ch01-output-size-check",
        "ch01-corr2d", "ch01-corr2d-check", "ch01-corr2d-hidden",
    ]  # fmt: skip


def test_grade_ids_are_stable():
    """A renamed id orphans what students have handed in: change the list only on purpose."""
    asked = [
        f"{form['grade_id']} {form.get('points', '-')}"
        for path in REAL
        for cell in read(path)["cells"]
        if (form := cell["metadata"].get("nbgrader"))
    ]
    kept = Path(__file__).with_name("grade_ids.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in kept if line and not line.startswith("#")] == asked


def test_the_instructors_page_holds_notes_rubric_and_answers(checkout):
    notes = checkout.parents[1] / "instructors" / "ch01.md"
    notes.parent.mkdir()
    notes.write_text("# Lab 1\n\n## Timing\n\nTen minutes.\n", encoding="utf-8")
    page = release("ch01", "out")[3].read_text(encoding="utf-8")
    assert page.startswith("# A chapter in little: for instructors\n\n## Timing\n\nTen minutes.")
    assert "| Slide | `ch01-corr2d` | 5 (1 hidden) |" in page
    assert "| **all** | | **7** | |" in page
    assert "**Answer.** quiz token 1" in page
    assert "**Slide.** Two loops." in page
    assert "**How many?** Half." in page
    assert "asl labs grade ch01" in page


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_every_chapter_has_notes_for_instructors(path):
    notes = notebooks.ROOT / "book" / "instructors" / f"{path.stem.split('_')[0]}.md"
    text = notes.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Timing", "Usual mistakes", "To discuss",
    ]  # fmt: skip
    minutes = re.search(r"\*\*Time\*\*: (\d+)", "\n".join(_strings(notebooks.read(path))))
    spent = [int(number) for number in re.findall(r"^\| .* \| (\d+) \|$", text, re.MULTILINE)]
    assert sum(spent) == int(minutes.group(1))


@pytest.mark.parametrize(
    ("name", "message"), [("ch1", "Did you mean 'ch01'"), ("ch77", "Known: ch01."), ("", "Known")]
)
def test_an_unknown_chapter_is_named_with_the_nearest(checkout, name, message):
    with pytest.raises(AslError, match=re.escape(message)):
        release(name, "out")
    assert not Path("out").exists()


def test_a_solution_without_an_end_is_refused(checkout):
    spoil(checkout, "ch01-corr2d", "### END SOLUTION", "")
    with pytest.raises(AslError, match="END SOLUTION, is missing"):
        release("ch01", "out")
    assert not Path("out").exists()


def test_the_copy_installs_the_version_it_was_released_with(checkout):
    student = read(release("ch01", "out")[0])
    (install,) = [c["source"] for c in student["cells"] if "%pip install" in c["source"]]
    assert f"@v{metadata.version('asl-helpers')}" in install


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_no_link_leads_to_solutions_and_figures_keep_their_words(path):
    source, student = read(path), student_notebook(Chapter(path, notebooks.ROOT))
    text = "\n".join(c["source"] for c in student["cells"] if c["cell_type"] == "markdown")
    assert re.findall(r"\]\([^)]*ch\d\d_[^)]*\)", text) == []
    assert re.findall(r"`?ch\d\d_\w+`", text) == []  # the name of a value instead of the value
    for cell in source["cells"]:
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        assert alt in text
    checks = [c["source"] for c in student["cells"] if c["source"].startswith("check.")]
    own_check = student["cells"][-1]
    assert own_check["id"] == "self-check"
    assert all(check.splitlines()[0] in own_check["source"] for check in checks)


def test_the_self_check_says_what_is_missing(checkout):
    student = read(release("ch01", "out")[0])
    (cell,) = [cell for cell in student["cells"] if cell["id"] == "self-check"]
    names = {"output_size": lambda n, k, stride=1, padding=0: (n + 2 * padding - k) // stride + 1}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec("from asl_helpers.checks import ch01 as check\n" + cell["source"], names)
    lines = said.getvalue().splitlines()
    assert lines[0] == "ch01-output-size: 2 of 2."
    assert lines[1].startswith("ch01-corr2d: 0 of 4. Not yet: NameError")
    assert lines[2].startswith("2 of 6 points before the hidden tests")


def test_what_nbgrader_makes_of_the_autograder_leaks_nothing(checkout):
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    student, source = (path.resolve() for path in release("ch01", "out")[:2])
    marked = read(source)
    assert "sliding_window_view" in json.dumps(marked)  # the solutions are there
    assert "4711" in json.dumps(marked)  # and the hidden tests
    settings = Config()
    settings.CourseDirectory.root = str(source.parents[2])
    settings.CourseDirectory.course_id = "fingerspelling"
    made = NbGraderAPI(config=settings).generate_assignment("ch01")
    assert made["success"], made["log"]
    path = source.parents[2] / "release" / "ch01" / source.name
    text = path.read_text(encoding="utf-8")
    for token in ("4711", "quiz token", "sliding_window_view", "// stride + 1", "Two loops."):
        assert token not in text
    prose = [[c["source"] for c in read(p)["cells"] if c["cell_type"] == "markdown"]
             for p in (path, student)]  # fmt: skip
    assert prose[0] == prose[1]


def test_a_written_answer_has_a_place_and_its_model_stays_here(checkout):
    notebook = read(checkout)
    form = graded("ch01-why", 3) | {"solution": True, "locked": False}
    model = "### BEGIN SOLUTION\nBecause borders shrink the map.\n### END SOLUTION"
    notebook["cells"].append(markdown("why", model, nbgrader=form))
    checkout.write_text(json.dumps(notebook), encoding="utf-8")
    student, source, _, page = release("ch01", "out")
    assert "borders shrink" not in student.read_text(encoding="utf-8")
    assert "borders shrink" in source.read_text(encoding="utf-8")
    answer = next(cell for cell in read(student)["cells"] if cell["id"] == "why")
    assert answer["source"] == "*Write your answer here.*"
    assert "| ch01-why | `ch01-why` | 3 | an answer in words; points by hand |" in (
        page.read_text(encoding="utf-8")
    )


def test_labs_are_listed_with_points_minutes_and_needs(checkout):
    done = CliRunner().invoke(app, ["labs", "list"])
    assert re.search(r"ch01 +A chapter in little +7 +\d+ +–", done.output)


def test_several_chapters_are_released_at_once(checkout):
    done = CliRunner().invoke(app, ["labs", "release", "ch01", "ch01_miniature", "--out", "out"])
    assert done.output.count("instructor.md") == 2


def test_labs_and_grades_are_ignored_by_git_and_by_the_checks_of_style(tmp_path):
    names = ["labs/ch01/student/ch01.ipynb", "grades_ch01.csv", "feedback/ch01_anna.html"]
    names += ["submissions/anna.ipynb", "submissions.zip", "grades/feedback/x.html", "roster.csv"]
    run = functools.partial(subprocess.run, cwd=notebooks.ROOT, capture_output=True, text=True)
    seen = run(["git", "check-ignore", "--no-index", *names], check=False).stdout.split()
    assert seen == names
    settings = tomllib.loads((notebooks.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    course = tmp_path / "course"
    for name in ("labs/ch01/bad.py", "asl_helpers/labs/good.py"):
        (course / name).parent.mkdir(parents=True)
        (course / name).write_text("x = 1\n", encoding="utf-8")
    # Where git's own list is not read, as in a copy without .git.
    exclude = settings["tool"]["ruff"]["extend-exclude"]
    text = f"extend-exclude = {json.dumps(exclude)}\n"
    (course / "ruff.toml").write_text(text, encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--show-files", "."],
        cwd=course, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert [Path(line).name for line in shown.split() if line.endswith(".py")] == ["good.py"]


def test_a_leak_is_refused(checkout):
    notebook = read(checkout)
    notebook["metadata"]["draft"] = "return (n + 2 * padding - k) // stride + 1"
    checkout.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(AslError, match="would show a solution"):
        release("ch01", "out")
    assert not Path("out").exists()


def test_a_damaged_chapter_is_one_clear_error(checkout):
    checkout.write_text("{", encoding="utf-8")
    with pytest.raises(AslError, match="cannot be read as a notebook"):
        release("ch01", "out")


def test_without_a_checkout_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(editions, "__file__", str(tmp_path / "site" / "a" / "labs" / "c.py"))
    with chdir(tmp_path), pytest.raises(AslError, match="Clone the course's repository"):
        release("ch01", "out")


def test_the_checkout_is_found_from_a_folder_below(checkout):
    with chdir(checkout.parent):
        assert find("ch01").path == checkout


def test_without_nbgrader_the_error_says_what_to_install(checkout, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    with pytest.raises(AslError, match="pip install nbgrader"):
        release("ch01", "out")


def test_a_folder_that_cannot_be_written_is_one_clear_error(checkout):
    Path("out").write_text("a file", encoding="utf-8")
    with pytest.raises(AslError, match="Cannot write"):
        release("ch01", "out")


def test_the_commands_say_what_they_wrote_and_what_is_wrong(checkout):
    done = CliRunner().invoke(app, ["labs", "release", "ch01", "--out", "out"])
    assert done.exit_code == 0
    assert "out/ch01/instructor.md" in done.output.replace("\\", "/")
    wrong = CliRunner().invoke(app, ["labs", "grade", "ch02", "out"])
    assert isinstance(wrong.exception, AslError)
