"""A chapter as the rules look at it."""

import re
from dataclasses import dataclass
from functools import cached_property

import notebooks
from notebooks import source

from asl_helpers.labs.editions import STATEMENT


@dataclass(frozen=True)
class Chapter:
    """A notebook, its place in the repository and the repository's address."""

    notebook: dict
    place: str
    url: str
    branch: str

    @cached_property
    def number(self) -> str:
        return self.place.rsplit("/", 1)[-1].split("_")[0]

    @property
    def cells(self) -> list[dict]:
        return self.notebook["cells"]

    @property
    def prose(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "markdown"]

    @property
    def code(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    def headings(self, level: int) -> list[tuple[str, str]]:
        """Return (cell id, text) of each heading of a level, code blocks aside."""
        pattern = re.compile(rf"^#{{{level}}} +(.+?)\s*$", re.MULTILINE)
        return [
            (cell["id"], text.replace("’", "'"))
            for cell in self.prose
            for text in pattern.findall(notebooks.FENCE.sub("", source(cell)))
        ]

    def section(self, name: str) -> str:
        """Return the text under a heading of level two, up to the next one."""
        text = "\n\n".join(source(cell) for cell in self.prose).replace("’", "'")
        parts = re.split(r"^## +(.+?)\s*$", text, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2], strict=True)).get(name, "")

    @cached_property
    def labels(self) -> list[str]:
        """Return the labels of the exercises in order."""
        return [label for cell in self.prose for *_, label in STATEMENT.findall(source(cell))]

    def graded(self) -> dict[str, dict]:
        """Return the cells that nbgrader knows, by grade id (the last of equal ones)."""
        return {
            cell["metadata"]["nbgrader"].get("grade_id", ""): cell
            for cell in self.cells
            if "nbgrader" in cell["metadata"]
        }
