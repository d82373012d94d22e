"""A chapter as a lab: the student's copy, its autograder, the instructor's page.

All three follow from the chapter's notebook, which holds the solutions. Both this and `grade` need
the ``labs`` extra (nbgrader) and a checkout, because a wheel carries no chapters.
"""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path
from asl_helpers.labs.editions import (
    ANSWER,
    FOR_STUDENTS,
    HIDDEN,
    HINT,
    STATEMENT,
    STUB,
    STUDENT,
    Chapter,
    checkout,
    derive,
    exercises,
    find,
    needs,
    plain_text,
)

CONFIG = '''"""nbgrader's settings for this lab; `nbgrader autograde {number}` reads them here.

`asl labs grade {number} SUBMISSIONS` does the same in one step and writes a table.
"""

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = "fingerspelling"
c.ClearSolutions.code_stub = {{"python": {stub!r}}}
c.Execute.timeout = 180
'''
GRADING = """## Grade

    asl labs grade {chapter} SUBMISSIONS --feedback feedback

`SUBMISSIONS` holds one folder per student, one file `student.ipynb` each, or is the zip that your
LMS made. Grading runs the code that students wrote: for students you do not know, use the container
of the instructors' page. The table `grades_{chapter}.csv` gives the points of each exercise and
what went wrong."""
SELF_CHECK = """from asl_helpers.checks.core import before_you_hand_in

# Restart the kernel and run everything, then read what this cell prints.
before_you_hand_in(
{tests}
)"""
CHAPTER_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*/part\d+/ch\d\d_[^)\s]*\)")


def labs() -> list[tuple[str, str, str, str, str]]:
    """Return each chapter's number, title, points, minutes and what it needs."""
    made = []
    for path in sorted(checkout().glob("book/part*/ch*.ipynb")):
        found = find(path.stem)
        notebook = found.read()
        text = "\n".join(cell["source"] for cell in notebook["cells"])
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        minutes = re.search(r"\*\*Time\*\*: (\d+)", text)
        points = sum(each.total for each in exercises(notebook))
        made.append(
            (
                found.number,
                title[1] if title else path.stem,
                f"{points:g}",
                minutes[1] if minutes else "",
                "; ".join(needs(found)) or "–",
            )
        )
    return made


def release(chapter: str, out: str | Path = "labs") -> list[Path]:
    """Write the lab of a chapter into ``out/chNN`` and return the files.

    ``student/`` goes to students; ``autograder/`` (the student's copy with solutions and hidden
    tests, in nbgrader's layout, and its settings) and ``instructor.md`` stay with you. A file is
    replaced as a whole or not at all; other files in the folder are left alone. Raises AslError for
    an unknown chapter, or if any line of a solution would show in the student's copy.
    """
    require_nbgrader()
    found = find(chapter)
    folder = Path(out) / found.number
    # All texts first: a chapter that cannot be released leaves no half of a lab behind.
    copied = student_notebook(found)
    marked = _with_solutions(copied, found.read())
    texts = {
        folder / "student" / found.path.name: _dump(copied),
        folder / "autograder" / "source" / found.number / found.path.name: _dump(marked),
        folder / "autograder" / "nbgrader_config.py": CONFIG.format(number=found.number, stub=STUB),
        folder / "instructor.md": instructor_page(found),
    }
    for path, text in texts.items():
        with atomic_path(path) as made:
            # Grading makes students' code another user's, which cannot read what is yours alone.
            made.touch(mode=0o644 if path.parent.name == "student" else 0o600)
            made.write_text(text, encoding="utf-8")
    return list(texts)


def student_notebook(chapter: Chapter) -> dict[str, Any]:
    """Return the student's copy as a notebook dict; raise AslError if a solution shows in it."""
    source, cells = chapter.read(), derive(chapter, STUDENT)
    cells[0]["source"] += "\n\n" + FOR_STUDENTS
    for cell in cells:
        if cell["cell_type"] == "markdown":  # a chapter's page has its solutions
            cell["source"] = CHAPTER_LINK.sub(r"\1", cell["source"])
    cells += _self_check(source)
    notebook = _for_nbgrader({**source, "cells": cells})
    _refuse_leak(notebook, source, chapter)
    return {**notebook, "metadata": {}}


def _self_check(source: dict) -> list[dict[str, Any]]:
    """Return the cell that tells students, before they hand in, what is still missing."""
    tests = []
    for cell in source["cells"]:
        calls = re.findall(r"^check\.\w+\(.*\)$", cell["source"], re.MULTILINE)
        form = cell["metadata"].get("nbgrader", {})
        if calls and form.get("grade"):
            name = re.sub(r"-check$", "", form["grade_id"])
            tests.append(f'    ("{name}", {form["points"]:g}, lambda: {calls[0]}),')
    made = {"cell_type": "code", "id": "self-check", "metadata": {}, "execution_count": None}
    made |= {"outputs": [], "source": SELF_CHECK.format(tests="\n".join(tests))}
    return [made] if tests else []


def _with_solutions(copied: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """Return a student's copy with solutions and hidden tests back in, as nbgrader's source.

    What nbgrader makes of it has no hints and no answers of the quiz: only code comes back.
    """
    full = {c["id"]: c["source"] for c in source["cells"] if "nbgrader" in c["metadata"]}
    cells = [{**cell, "source": full.get(cell["id"], cell["source"])} for cell in copied["cells"]]
    return {**copied, "cells": cells}


def instructor_page(chapter: Chapter) -> str:
    """Return the instructor's page as plain Markdown: timing, rubric, mistakes, hints, answers.

    Timing and usual mistakes are written by hand in ``book/instructors/chNN.md``; rubric, points
    and quiz come from the notebook, so they cannot disagree with it.
    """
    notebook, plain = chapter.read(), plain_text(chapter)
    text = "\n\n".join(c["source"] for c in notebook["cells"] if c["cell_type"] == "markdown")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    notes = chapter.root / "book" / "instructors" / f"{chapter.number}.md"
    written = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    written = re.sub(r"\A(\([\w-]+\)=\n)?# .*\n", "", written).strip()
    quiz = re.search(r"^## Quiz\s*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    answers = ANSWER.sub(lambda found: f"**Answer.** {found[1].strip()}\n", quiz[1] if quiz else "")
    parts = [
        f"# {title[1] if title else chapter.number}: for instructors",
        plain.text(written),
        "## Rubric\n\n" + _rubric(chapter),
        "## Hints\n\nThe students' copy leaves them out; give them when a pair is stuck.\n\n"
        + plain.text(_hints(notebook)),
        "## Quiz, with answers\n\n" + plain.text(answers.strip()),
        GRADING.format(chapter=chapter.number),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _rubric(chapter: Chapter) -> str:
    checks = import_module(f"asl_helpers.checks.{chapter.number}")
    rows = ["| exercise | grade id | points | what is checked |", "|---|---|---|---|"]
    asked = exercises(chapter.read())
    for exercise in asked:
        checker = getattr(checks, exercise.checker or "", None)
        by_hand = exercise.name in exercise.points
        otherwise = "an answer in words; points by hand" if by_hand else "its hidden tests"
        what = checker.tested if checker else otherwise
        hidden = sum(p for name, p in exercise.points.items() if name.endswith("-hidden"))
        points = f"{exercise.total:g}" + (f" ({hidden:g} hidden)" if hidden else "")
        rows.append(f"| {exercise.title} | `{exercise.name}` | {points} | {what} |")
    rows.append(f"| **all** | | **{sum(exercise.total for exercise in asked):g}** | |")
    return (
        "\n".join(rows) + "\n\nEach test of a checker has an equal share of its points; an answer "
        "that has some parts right earns those. Hidden tests give all their points or none."
    )


def _hints(notebook: dict) -> str:
    """Return the hint of each exercise under its title."""
    hints = []
    for cell in notebook["cells"]:
        for _, title, _ in STATEMENT.findall(cell["source"]):
            head = title if title.endswith(("?", "!")) else f"{title}."
            hints += [f"**{head}** {hint.strip()}" for hint in HINT.findall(cell["source"])]
    return "\n\n".join(hints)


def _for_nbgrader(notebook: dict[str, Any]) -> dict[str, Any]:
    """Let nbgrader check a copy's metadata and note what its cells hold."""
    import nbformat
    from nbgrader import preprocessors

    node, resources = nbformat.from_dict(notebook), {}
    for name in ("ClearOutput", "ComputeChecksums", "CheckCellMetadata"):
        try:
            node, resources = getattr(preprocessors, name)().preprocess(node, resources)
        except Exception as error:  # nbgrader raises bare RuntimeErrors
            raise AslError(f"nbgrader's {name} refused the chapter: {error}.") from error
    return json.loads(json.dumps(node))


def _refuse_leak(copied: dict[str, Any], source: dict[str, Any], chapter: Chapter) -> None:
    """Raise AslError if any telling line of a solution or an answer is left anywhere in a copy.

    A line tells when it is longer than a bracket or a bare ``return`` and the lesson does not show
    the same line in the open.
    """
    inside: set[str] = set()
    outside = ""
    for cell in source["cells"]:
        for pattern in (HIDDEN, ANSWER):
            for match in pattern.finditer(cell["source"]):
                inside |= {line.strip() for line in match[match.lastindex].splitlines()}
        outside += "\n" + ANSWER.sub("", HIDDEN.sub("", cell["source"]))
    text = "\n".join(_strings(copied))
    telling = (line for line in inside if len(line) >= 8 and line not in outside)
    left = sorted(line for line in telling if line in text)
    if left:
        raise AslError(
            f"The student's copy of {chapter.number} would show a solution: {left[0]!r}. Move the "
            "line between ### BEGIN SOLUTION and ### END SOLUTION; nothing was written."
        )


def _strings(value: Any) -> list[str]:
    """Return every string in a nested structure, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []


def require_nbgrader() -> None:
    """Raise AslError where nbgrader is not installed."""
    try:
        import nbgrader  # noqa: F401
    except ImportError as error:
        raise AslError(
            "Labs need nbgrader, which is not installed. Run `pip install nbgrader` in this "
            "environment (the package's `labs` extra), then the same command again."
        ) from error


def _dump(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
