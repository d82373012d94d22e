"""The instructor's page of a lab: timing, rubric, usual mistakes, quiz with its answers."""

import re
from importlib import import_module

from asl_helpers.labs.chapters import ANSWER, HINT, STATEMENT, Chapter, exercises
from asl_helpers.labs.students import plain_text


def instructor_page(chapter: Chapter) -> str:
    """Return the page as plain Markdown.

    Timing and usual mistakes are written by hand in ``book/instructors/chNN.md``; rubric, points
    and quiz come from the notebook, so they cannot disagree with it.
    """
    notebook = chapter.read()
    plain = plain_text(chapter)
    text = "\n\n".join(c["source"] for c in notebook["cells"] if c["cell_type"] == "markdown")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    notes = chapter.root / "book" / "instructors" / f"{chapter.number}.md"
    written = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    written = re.sub(r"\A(\([\w-]+\)=\n)?# .*\n", "", written).strip()
    quiz = ANSWER.sub(lambda found: f"**Answer.** {found[1].strip()}\n", _section(text, "Quiz"))
    parts = [
        f"# {title[1] if title else chapter.number}: for instructors",
        plain.text(written),
        "## Rubric\n\n" + _rubric(chapter),
        "## Hints\n\nThe students' copy leaves them out; give them when a pair is stuck.\n\n"
        + plain.text(_hints(notebook)),
        "## Quiz, with answers\n\n" + plain.text(quiz),
        GRADING.format(chapter=chapter.number),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


GRADING = """## Grade

    asl labs grade {chapter} SUBMISSIONS --out grades.csv

`SUBMISSIONS` holds one folder a student, or one file `student.ipynb` each. Grading runs the code
that students wrote, with all that your account may do: run it in a container or a throw-away
machine without network. The table gives the points of each exercise and, in its last column, what
went wrong."""


def _rubric(chapter: Chapter) -> str:
    checks = import_module(f"asl_helpers.checks.{chapter.number}")
    rows = ["| exercise | grade id | points | what is checked |", "|---|---|---|---|"]
    found = exercises(chapter.read())
    for exercise in found:
        checker = getattr(checks, exercise.checker or "", None)
        what = checker.tested if checker else "its hidden tests"
        hidden = sum(p for name, p in exercise.points.items() if name.endswith("-hidden"))
        points = f"{exercise.total:g}" + (f" ({hidden:g} hidden)" if hidden else "")
        rows.append(f"| {exercise.title} | `{exercise.name}` | {points} | {what} |")
    total = sum(exercise.total for exercise in found)
    rows.append(f"| **all** | | **{total:g}** | |")
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


def _section(text: str, name: str) -> str:
    found = re.search(rf"^## {name}\s*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""
