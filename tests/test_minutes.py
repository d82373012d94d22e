"""Minutes follow from what a chapter holds, wherever they are stated."""

import re

import miniature
import minutes
import notebooks
import pytest


def test_words_cells_points_and_questions_are_counted():
    cells = [
        miniature.markdown("text", "word " * 200),
        miniature.markdown("hint", f"<details>{'word ' * 200}</details>"),
        miniature.markdown("quiz", f"<details><summary>Answer</summary>{'word ' * 200}</details>"),
        miniature.code("lesson", "1 + 1"),
        miniature.code("glue", 'asl.glue("a", 1)'),
        miniature.code("hidden", "2 + 2", tags=["remove-cell"]),
        miniature.code("check", "check.x(x)", nbgrader=miniature.graded("x-check", 4)),
    ]
    found = minutes.measure({"cells": cells})
    assert found == minutes.Minutes(
        reading=1,
        cells=minutes.MINUTES_PER_CELL,
        exercises=4 * minutes.MINUTES_PER_POINT,
        questions=minutes.MINUTES_PER_QUESTION,
        points=4,
    )


def test_the_parts_add_up_after_rounding():
    found = minutes.Minutes(reading=14, cells=36, exercises=42, questions=10, points=14)
    assert (found.lesson, found.in_class, found.at_home) == (50, 90, 25)
    assert found.lesson + found.postponed == found.in_class + found.at_home
    assert found.line.startswith("**Time**: 90 minutes")


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_a_chapter_states_its_measure(path):
    notebook = notebooks.read(path)
    stated = re.findall(r"\*\*Time\*\*[^\n]*", "\n".join(map(notebooks.source, notebook["cells"])))
    assert stated == [minutes.measure(notebook).line], "run `make fix`"


def test_a_plan_is_refitted_in_proportion():
    plan = "| What | Minutes |\n|---|---|\n| a | {} |\n| b | {} |\n| c | {} |\n\nnot a row | 3 |\n"
    assert minutes.refit(plan.format(10, 20, 15), 90) == plan.format(20, 40, 30)
    assert minutes.refit(plan.format(10, 20, 15), 45) == plan.format(10, 20, 15)
    assert minutes.refit(plan.format(10, 20, 15), 70) == plan.format(16, 31, 23)
