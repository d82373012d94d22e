"""A chapter as a lab: the student's copy, its autograder, the instructor's page.

All three follow from the chapter's notebook, which holds the solutions. Both this and `grade` need
the ``labs`` extra (nbgrader) and a checkout, because a wheel carries no chapters.
"""

import copy
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path
from asl_helpers.labs.editions import (
    ANSWER,
    BADGE,
    HIDDEN,
    HINT,
    STATEMENT,
    STUB,
    Chapter,
    exercises,
    find,
    plain_text,
)

HIDDEN_HERE = "# Further tests run here when your work is graded."
WELCOME = """> **Your copy.** Replace each `raise NotImplementedError` by your code; the cell
> below it checks your answer and says what is missing. Names such as `{prefix}_...` in the text
> stand for numbers that your own run prints. When you are done, run everything from top to bottom
> and hand in this file."""
CONFIG = '''"""nbgrader's settings for this lab; `nbgrader autograde {number}` reads them here.

`asl labs grade {number} SUBMISSIONS` does the same in one step and writes a table.
"""

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = "fingerspelling"
c.ClearSolutions.code_stub = {{"python": {stub!r}}}
c.Execute.timeout = 180
'''
GRADING = """## Grade

    asl labs grade {chapter} SUBMISSIONS --out grades.csv

`SUBMISSIONS` holds one folder per student, or one file `student.ipynb` each. Grading runs the code
that students wrote, with all that your account may do: run it in a container or a throw-away
machine without network. The table gives the points of each exercise and, in its last column, what
went wrong."""


def release(chapter: str, out: str | Path = "labs") -> list[Path]:
    """Write the lab of a chapter into ``out/chNN`` and return the files.

    ``student/`` goes to students; ``autograder/`` (the notebook with solutions, in nbgrader's
    layout, and its settings) and ``instructor.md`` stay with you. A file is replaced as a whole or
    not at all; other files in the folder are left alone. Raises AslError for an unknown chapter, or
    if any line of a solution would show in the student's copy.
    """
    require_nbgrader()
    found = find(chapter)
    folder = Path(out) / found.number
    # All texts first: a chapter that cannot be released leaves no half of a lab behind.
    texts = {
        folder / "student" / found.path.name: _dump(student_notebook(found)),
        folder / "autograder" / "source" / found.number / found.path.name: _dump(found.read()),
        folder / "autograder" / "nbgrader_config.py": CONFIG.format(number=found.number, stub=STUB),
        folder / "instructor.md": instructor_page(found),
    }
    for path, text in texts.items():
        with atomic_path(path) as made:
            made.write_text(text, encoding="utf-8")
    return list(texts)


def student_notebook(chapter: Chapter) -> dict[str, Any]:
    """Return the student's copy as a notebook dict; raise AslError if a solution shows in it."""
    source = chapter.read()
    plain, cells = plain_text(chapter), []
    for cell in _without_solutions(copy.deepcopy(source))["cells"]:
        tags, form = cell["metadata"].get("tags", []), cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown":
            lines = [line for line in cell["source"].split("\n") if BADGE not in line]
            cell["source"] = plain.text(HINT.sub("", ANSWER.sub("", "\n".join(lines))))
            if {"solution", "instructor"} & set(tags) or not cell["source"]:
                continue
        elif form.get("grade") and not cell["source"].strip():
            cell["source"] = HIDDEN_HERE
        # Tags and prompts fold solutions in the book; a copy without solutions needs neither.
        kept = {key: value for key, value in cell["metadata"].items() if key == "nbgrader"}
        cells.append({**cell, "metadata": kept})
    cells[0]["source"] += "\n\n" + WELCOME.format(prefix=chapter.number)
    notebook = {**source, "cells": cells, "metadata": {}}
    _refuse_leak({**notebook, "metadata": source["metadata"]}, source, chapter)
    return notebook


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
        what = checker.tested if checker else "its hidden tests"
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


def _without_solutions(notebook: dict[str, Any]) -> dict[str, Any]:
    """Let nbgrader's own steps cut the solutions and hidden tests, and lock the checks."""
    import nbformat
    from nbgrader import preprocessors
    from traitlets.config import Config

    settings = Config()
    settings.ClearSolutions.code_stub = {"python": STUB}
    node, resources = nbformat.from_dict(notebook), {}
    clearing = ("ClearSolutions", "LockCells", "ClearOutput", "ClearHiddenTests")
    for name in (*clearing, "ComputeChecksums", "CheckCellMetadata"):
        try:
            step = getattr(preprocessors, name)(config=settings)
            node, resources = step.preprocess(node, resources)
        except Exception as error:  # nbgrader raises bare RuntimeErrors for a missing mark
            raise AslError(
                f"nbgrader's {name} refused the chapter: {error}. Check the marks "
                "### BEGIN/END SOLUTION and ### BEGIN/END HIDDEN TESTS of its cells."
            ) from error
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
