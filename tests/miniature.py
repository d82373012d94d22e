"""A chapter in little: everything a chapter must have, small enough to grade in seconds."""

import copy
import json
from pathlib import Path

import notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell

URL, BRANCH = notebooks.repository()
PLACE = "book/part1/ch01_miniature.ipynb"

CONFIG = f"repository:\n  url: {URL}\n  branch: {BRANCH}\n"
BIBLIOGRAPHY = (
    "@article{dumoulin2016,\n author = {Dumoulin, V. and Visin, F.},\n year = {2016}\n}\n"
)

SIZE = (
    "    ### BEGIN SOLUTION\n    return (n + 2 * padding - k) // stride + 1\n    ### END SOLUTION"
)
SLIDE = """    ### BEGIN SOLUTION
    image = np.pad(image, padding)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))[::stride, ::stride]
    ### END SOLUTION"""
HIDDEN = """### BEGIN HIDDEN TESTS
assert corr2d(np.eye(4), np.eye(3)).tolist() == [[3, 0], [0, 3]], "hidden token 4711"
### END HIDDEN TESTS"""


def markdown(name: str, text: str, **metadata) -> dict:
    return dict(new_markdown_cell(text, id=name, metadata=metadata))


def code(name: str, text: str, **metadata) -> dict:
    return dict(new_code_cell(text, id=name, metadata=metadata))


def graded(name: str, points: float | None = None) -> dict:
    form = {
        "grade": points is not None,
        "grade_id": name,
        "locked": points is not None,
        "schema_version": 3,
        "solution": points is None,
        "task": False,
    }
    return form if points is None else {**form, "points": points}


def solution(name: str, text: str) -> dict:
    folded = {"tags": ["solution", "hide-input"], "mystnb": dict(notebooks.PROMPTS)}
    return code(name, text, nbgrader=graded(name), **folded)


def exercise(title: str, label: str, statement: str, hint: str) -> str:
    return (
        f":::{{exercise}} {title}\n:label: {label}\n\n{statement}\n:::\n\n"
        f"<details>\n<summary>Hint</summary>\n\n{hint}\n\n</details>"
    )


def _cells() -> list[dict]:
    answer = "\n\n<details>\n<summary>Answer</summary>\n\nquiz token {}\n\n</details>"
    questions = "\n\n".join(
        f"{number}. Question {number}?{answer.format(number)}" for number in (1, 2, 3)
    )
    badge = notebooks.badge(PLACE, URL, BRANCH)
    return [
        markdown("title", f"# A chapter in little\n\nOne paragraph that makes curious.\n\n{badge}"),
        markdown(
            "objectives",
            "## Objectives\n\n- Count places (exercise {ref}`How many? <ch01-ex-output-size>`)\n"
            "- Slide a kernel (exercise {ref}`Slide <ch01-ex-corr2d>`)",
        ),
        markdown(
            "prerequisites",
            "## Prerequisites\n\n| what | importance | where |\n|---|---|---|\n"
            "| arrays | necessary | {doc}`the notation <../appendix/notation>` |\n\n"
            "**Time**: 10 minutes",
        ),
        markdown("setup", "## Setup"),
        code("setup-colab", notebooks.setup_source(URL), tags=["setup"]),
        code("imports", "import numpy as np\n\nfrom asl_helpers.checks import ch01 as check"),
        markdown(
            "sliding",
            "(ch01-sliding)=\n## Sliding\n\nA {term}`kernel` slides {cite}`dumoulin2016`, see "
            "{ref}`ch01-sliding` and {eq}`ch01-sum`; {math}`k` is its side.\n\n"
            "$$\ny = \\sum_i x_i k_i\n$$ (ch01-sum)\n\n"
            ":::{note}\nA map is smaller than its image.\n:::",
        ),
        code("places", "places = 28 - 3 + 1"),
        markdown("places-read", "There are {glue:text}`ch01_places:.0f` places."),
        code(
            "places-glue",
            'import asl_helpers as asl\n\nasl.glue("ch01", places=places)',
            tags=["remove-output"],
        ),
        markdown("exercise-size", exercise("How many?", "ch01-ex-output-size", "Count.", "Half.")),
        solution(
            "ch01-output-size", f"def output_size(n, k, stride=1, padding=0):\n{SIZE}"
        ),
        code(
            "ch01-output-size-check",
            "check.output_size(output_size)",
            nbgrader=graded("ch01-output-size-check", 2),
        ),
        markdown("exercise-slide", exercise("Slide", "ch01-ex-corr2d", "Sum.", "Two loops.")),
        solution("ch01-corr2d", f"def corr2d(image, kernel, stride=1, padding=0):\n{SLIDE}"),
        code(
            "ch01-corr2d-check",
            "check.corr2d(corr2d)",
            nbgrader=graded("ch01-corr2d-check", 4),
        ),
        code(
            "ch01-corr2d-hidden",
            HIDDEN,
            nbgrader=graded("ch01-corr2d-hidden", 1),
            tags=["remove-cell"],
        ),
        markdown("a-look", "Bright fingers, dark gaps."),
        code(
            "a-look-figure",
            "from asl_helpers.figures import grids\n\ngrids.images(np.zeros((1, 8, 8)), ['A'])",
            tags=["figure"],
            mystnb={"image": {"alt": "A black square: nothing answers where nothing is drawn."}},
        ),
        markdown("quiz", f"## Quiz\n\n{questions}"),
        markdown("summary", "## Summary\n\n- A kernel slides and sums."),
        markdown("next", "## What's next\n\n[The next chapter](ch02_next.ipynb) pools."),
    ]  # fmt: skip


def notebook() -> dict:
    """Return the chapter as a notebook, in the form that the book asks for."""
    raw = {"cells": _cells(), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return copy.deepcopy(notebooks.canonical(raw, PLACE, URL, BRANCH))


def checkout(folder: Path) -> Path:
    """Write a checkout that holds this one chapter; return the notebook's path."""
    path = folder / PLACE
    path.parent.mkdir(parents=True)
    path.write_text(notebooks.dump(notebook()), encoding="utf-8")
    (folder / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "book" / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    return path


def read(path: Path) -> dict:
    """Return a notebook with its cells' sources as strings."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook
