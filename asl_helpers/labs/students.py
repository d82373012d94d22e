"""The student's copy of a chapter: no solution in it, and no syntax that needs an extension."""

import copy
import json
import re
from pathlib import Path
from typing import Any

from asl_helpers.labs.chapters import (
    ANSWER,
    HINT,
    STATEMENT,
    Chapter,
    LabsError,
    hidden_lines,
    repository,
)
from asl_helpers.labs.plain import Plain, citations

STUB = "# YOUR CODE HERE\nraise NotImplementedError"
HIDDEN_HERE = "# Further tests run here when your work is graded."
BADGE = "https://colab.research.google.com"
FORMULA = re.compile(
    r"\$\$ *\(([\w:.-]+)\) *$|^ *[:`]{3,}\{math\}[^\n]*\n *:label: *(\S+)", re.MULTILINE
)
WELCOME = """> **Your copy.** Replace each `raise NotImplementedError` by your code; the cell below
> checks your answer and says what is missing. Names such as `{prefix}_...` in the text stand for
> numbers that your own run prints. When you are done, run everything from top to bottom and hand
> in this file."""


def student_notebook(chapter: Chapter) -> dict[str, Any]:
    """Return the student's copy as a notebook dict; raise LabsError if a solution shows in it."""
    source = chapter.read()
    notebook = _without_solutions(copy.deepcopy(source))
    plain = plain_text(chapter)
    cells = []
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            if {"solution", "instructor"} & set(tags):
                continue
            text = "\n".join(line for line in cell["source"].split("\n") if BADGE not in line)
            cell["source"] = plain.text(HINT.sub("", ANSWER.sub("", text)))
            if not cell["source"]:
                continue
        # Tags and prompts fold solutions in the book; a copy without solutions needs neither.
        cell["metadata"] = {
            key: value for key, value in cell["metadata"].items() if key not in ("tags", "mystnb")
        }
        if cell["metadata"].get("nbgrader", {}).get("grade") and not cell["source"].strip():
            cell["source"] = HIDDEN_HERE
        cells.append(cell)
    cells[0]["source"] += "\n\n" + WELCOME.format(prefix=chapter.number)
    notebook["cells"] = cells
    _refuse_leak(notebook, hidden_lines(source), chapter)
    return notebook


def plain_text(chapter: Chapter) -> Plain:
    """Return the rewriter of a chapter's Markdown, with the titles and works it may name."""
    url, branch = repository(chapter.root)
    bibliography = chapter.root / "book" / "references.bib"
    works = bibliography.read_text(encoding="utf-8") if bibliography.is_file() else ""
    titles = {
        label: title.strip()
        for cell in chapter.read()["cells"]
        for _, title, label in STATEMENT.findall(cell["source"])
    }
    text = "\n".join(c["source"] for c in chapter.read()["cells"] if c["cell_type"] == "markdown")
    formulas = [first or second for first, second in FORMULA.findall(text)]
    return Plain(
        url=url,
        branch=branch,
        folder=chapter.place.rsplit("/", 1)[0],
        titles=titles,
        citations=citations(works),
        formulas={label: number for number, label in enumerate(formulas, start=1)},
        pages=_pages(chapter.root),
    )


def _pages(root: Path) -> dict[str, str]:
    """Return the title of each page and chapter of the book by its path in the repository."""
    pages = {}
    for path in sorted([*root.glob("book/**/*.md"), *root.glob("book/**/*.ipynb")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "".join(json.loads(text)["cells"][0]["source"])
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        pages[path.relative_to(root).as_posix()] = title[1].strip() if title else path.stem
    return pages


def grader_settings():
    """Return nbgrader's settings: the stub, and how long a cell of a submission may run."""
    from traitlets.config import Config

    settings = Config()
    settings.CourseDirectory.course_id = "fingerspelling"
    settings.ClearSolutions.code_stub = {"python": STUB}
    settings.Execute.timeout = 180
    settings.Execute.extra_arguments = [
        "--HistoryManager.hist_file=:memory:",
        "--Application.log_level=ERROR",
    ]
    return settings


def _without_solutions(notebook: dict[str, Any]) -> dict[str, Any]:
    """Let nbgrader's own steps cut the solutions and hidden tests, and lock the checks."""
    import nbformat
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    node, resources = nbformat.from_dict(notebook), {}
    steps = (
        ClearSolutions,
        LockCells,
        ClearOutput,
        ClearHiddenTests,
        ComputeChecksums,
        CheckCellMetadata,
    )
    for step in steps:
        try:
            node, resources = step(config=grader_settings()).preprocess(node, resources)
        except Exception as error:  # nbgrader raises bare RuntimeErrors for a missing mark
            raise LabsError(
                f"nbgrader's {step.__name__} refused the chapter: {error}. Check the marks "
                "### BEGIN/END SOLUTION and ### BEGIN/END HIDDEN TESTS of its cells."
            ) from error
    return json.loads(json.dumps(node))


def _refuse_leak(notebook: dict[str, Any], lines: set[str], chapter: Chapter) -> None:
    """Raise LabsError if any line of a solution is left anywhere in the copy."""
    text = "\n".join(strings(notebook))
    left = sorted(line for line in lines if line in text)
    if left:
        raise LabsError(
            f"The student's copy of {chapter.number} would show a solution: {left[0]!r}. Move the "
            "line between ### BEGIN SOLUTION and ### END SOLUTION; nothing was written."
        )


def strings(value: Any) -> list[str]:
    """Return every string in a nested structure, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, (list, tuple)):
        return [text for part in value for text in strings(part)]
    return []
