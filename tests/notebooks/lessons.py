"""Rules of what is asked of the reader: objectives, exercises, grading, quiz."""

import re
from collections.abc import Iterator
from importlib import import_module

from chapter import Chapter
from notebooks import source, tags

from asl_helpers.labs.editions import STATEMENT

HINT = re.compile(r"<details>\s*<summary>Hint</summary>\n\n.+?\n\n</details>", re.DOTALL)
ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>\n\n.+?\n\n</details>", re.DOTALL)


def objectives(chapter: Chapter) -> Iterator[str]:
    """Each objective names an exercise that exists; each exercise meets an objective."""
    named: set[str] = set()
    bullets = re.findall(r"^[-*] (.+(?:\n  +.+)*)", chapter.section("Objectives"), re.MULTILINE)
    if not bullets:
        yield "no objectives: add bullets that begin with a verb"
    for bullet in bullets:
        labels = re.findall(r"\{ref\}`[^`<]*<([^>`]+)>`", bullet)
        named |= set(labels)
        if not labels:
            yield (
                f"objective {bullet!r} names no exercise: end it with "
                "(exercise {ref}`Its title <label>`)"
            )
        for label in sorted(set(labels) - set(chapter.labels)):
            yield f"objective {bullet!r} names exercise {label!r}, which is not in the chapter"
    for label in sorted(set(chapter.labels) - named):
        yield f"exercise {label!r} meets no objective: name it in one"


def exercises(chapter: Chapter) -> Iterator[str]:
    """Two exercises or more, each with hint, solution and checker, in this order."""
    if len(chapter.labels) < 2:
        yield f"{len(chapter.labels)} exercises: a chapter has two or more"
    for label in chapter.labels:
        name = label.replace("-ex-", "-", 1)
        if not label.startswith(f"{chapter.number}-ex-"):
            yield f"exercise {label!r}: name it {chapter.number}-ex-..."
            continue
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in chapter.cells]
        start = next(i for i, cell in enumerate(chapter.cells) if label in _labels(cell))
        if name not in ids or f"{name}-check" not in ids:
            yield f"exercise {label!r} needs cells with grade ids {name!r} and {name + '-check'!r}"
            continue
        answer, check = ids.index(name), ids.index(f"{name}-check")
        if not start < answer < check:
            yield f"exercise {label!r}: the order is statement, hint, solution, check"
        between = "\n".join(source(cell) for cell in chapter.cells[start:answer])
        if not HINT.search(between):
            yield (
                f"exercise {label!r} has no hint: write <details><summary>Hint</summary>, an empty "
                "line, the hint, an empty line, </details>"
            )


def grading(chapter: Chapter) -> Iterator[str]:
    """The cells that nbgrader reads: unique ids, marked regions, points as the checker has them."""
    checks = import_module(f"asl_helpers.checks.{chapter.number}")
    seen: set[str] = set()
    for cell in chapter.cells:
        form, text = cell["metadata"].get("nbgrader"), source(cell)
        if form is None:
            if "BEGIN SOLUTION" in text or "BEGIN HIDDEN" in text:
                yield f"cell {cell['id']!r} hides something but has no nbgrader metadata"
            continue
        name = form.get("grade_id", "")
        if name in seen or not name.startswith(f"{chapter.number}-"):
            yield f"grade id {name!r} is not unique or does not begin with {chapter.number}-"
        seen.add(name)
        kind = "hidden" if name.endswith("-hidden") else "check" if form.get("grade") else "answer"
        flags = (form.get("grade"), form.get("solution"), form.get("locked"))
        wanted = (False, True, False) if kind == "answer" else (True, False, True)
        if flags != wanted or form.get("schema_version") != 3 or form.get("task") is not False:
            yield f"{name!r}: (grade, solution, locked) is {wanted}, schema_version 3, task false"
        if kind == "answer":
            if not re.search(r"### BEGIN SOLUTION\n.+\n\s*### END SOLUTION", text, re.DOTALL):
                yield f"{name!r}: put the solution between ### BEGIN SOLUTION and ### END SOLUTION"
            if not {"solution", "hide-input"} <= set(tags(cell)):
                yield f"{name!r}: tag it `solution` and `hide-input`"
        elif not form.get("points", 0) > 0:
            yield f"{name!r}: its points must be more than 0"
        elif kind == "hidden":
            inside = re.fullmatch(r"### BEGIN HIDDEN TESTS\n.+\n### END HIDDEN TESTS", text, re.S)
            if not inside or "remove-cell" not in tags(cell):
                yield f"{name!r}: all of it between the HIDDEN TESTS marks, tagged `remove-cell`"
        else:
            called = re.search(r"^check\.(\w+)\(.*\)$", text.strip().split("\n")[-1])
            checker = getattr(checks, called.group(1), None) if called else None
            if checker is None:
                yield f"{name!r}: its last line must call a checker that exists, `check.name(...)`"
            elif checker.points != form["points"]:
                yield f"{name!r} has {form['points']} points, its checker {checker.points:g}"


def quiz(chapter: Chapter) -> Iterator[str]:
    """Three to five questions, the answers folded."""
    answers = len(ANSWER.findall(chapter.section("Quiz")))
    if not 3 <= answers <= 5:
        yield (
            f"{answers} folded answers in the quiz, 3 to 5 are due: <details>"
            "<summary>Answer</summary>, an empty line, the answer, an empty line, </details>"
        )


def _labels(cell: dict) -> list[str]:
    return [label for *_, label in STATEMENT.findall(source(cell))]
