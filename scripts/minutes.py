"""How many minutes of class a chapter takes: counted from its words, code cells and exercises.

`scripts/notebooks.py` (`make fix`) writes the result into each chapter's Prerequisites and refits
the plan of its instructor page, so that no minutes are typed by hand.
"""

import itertools
import re
from dataclasses import dataclass

WORDS_PER_MINUTE = 200
"""Technical prose is read silently at about 200 words per minute, and explained no faster."""
MINUTES_PER_CELL = 1
"""To run a code cell, read its lines and look at what it prints or draws."""
MINUTES_PER_POINT = 3
"""To write and test an answer: a function worth 4 points takes 12 minutes."""
MINUTES_PER_QUESTION = 2
"""At home: to answer a question of the quiz, open the answer, and look it up in the text."""

TIME = re.compile(r"\*\*Time\*\*: \d+ minutes[^\n]*")
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
ANSWER = "<summary>Answer</summary>"
ROW = re.compile(r"^(\| .* \| )(\d+)( \|)$", re.MULTILINE)


@dataclass(frozen=True)
class Minutes:
    """What a chapter's text, cells and exercises take, unrounded, and its points."""

    reading: float
    cells: float
    exercises: float
    questions: float
    points: int

    @property
    def lesson(self) -> int:
        """Return the minutes in class without the exercises."""
        return _rounded(self.reading + self.cells)

    @property
    def in_class(self) -> int:
        """Return the minutes in class, exercises included: the chapter's **Time**."""
        return _rounded(self.reading + self.cells + self.exercises)

    @property
    def at_home(self) -> int:
        """Return the minutes at home: read the chapter before class, answer its quiz after it."""
        return _rounded(self.reading + self.questions)

    @property
    def postponed(self) -> int:
        """Return the minutes at home where the class leaves the exercises for there."""
        return self.at_home + self.in_class - self.lesson

    @property
    def line(self) -> str:
        """Return the line of a chapter's Prerequisites."""
        return f"**Time**: {self.in_class} minutes of class time, with the exercises."


def measure(notebook: dict) -> Minutes:
    """Return the minutes of a chapter; folded hints and hidden cells cost none."""
    words = visible = points = questions = 0
    for cell in notebook["cells"]:
        text, metadata = "".join(cell["source"]), cell.get("metadata", {})
        tags, form = metadata.get("tags", []), metadata.get("nbgrader", {})
        points += form.get("points", 0)
        if cell["cell_type"] == "markdown":
            words += len(FOLDED.sub("", text).split())
            questions += text.count(ANSWER)
        elif not (form or {"setup", "remove-cell"} & set(tags) or text.startswith("asl.glue(")):
            visible += 1
    return Minutes(
        reading=words / WORDS_PER_MINUTE,
        cells=MINUTES_PER_CELL * visible,
        exercises=MINUTES_PER_POINT * points,
        questions=MINUTES_PER_QUESTION * questions,
        points=int(points),
    )


def refit(page: str, minutes: int) -> str:
    """Return an instructor page whose plan's minutes add up to ``minutes``, in proportion."""
    planned = [int(row[2]) for row in ROW.finditer(page)]
    if not planned or sum(planned) == minutes:
        return page
    ends = [round(sum(planned[:n]) * minutes / sum(planned)) for n in range(len(planned) + 1)]
    rows = itertools.pairwise(ends)

    def row(found: re.Match) -> str:
        start, end = next(rows)
        return f"{found[1]}{end - start}{found[3]}"

    return ROW.sub(row, page)


def _rounded(minutes: float) -> int:
    return 5 * round(minutes / 5)
