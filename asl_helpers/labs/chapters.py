"""Where a chapter lies and what its notebook asks: exercises, points, hidden parts."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from asl_helpers.errors import AslError, did_you_mean

HIDDEN = re.compile(
    r"^[^\n]*### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)^[^\n]*### END \1", re.MULTILINE | re.DOTALL
)
ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>\n(.*?)</details>\n?", re.DOTALL)
HINT = re.compile(r"<details>\s*<summary>Hint</summary>\n(.*?)</details>\n?", re.DOTALL)
STATEMENT = re.compile(r"^(:{3,}|`{3,})\{exercise\} *([^\n]*)\n:label: *(\S+)", re.MULTILINE)


class LabsError(AslError):
    """A lab cannot be released or graded."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: its title, and the grade ids of the cells that give points for it."""

    name: str  # the grade id of its solution cell, such as ch01-corr2d
    title: str
    points: dict[str, float]  # by the grade id of the check, then of the hidden tests
    checker: str | None  # the function of asl_helpers.checks.chNN that its check calls

    @property
    def total(self) -> float:
        """Return the points of its checks together."""
        return sum(self.points.values())


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook in a checkout."""

    path: Path
    root: Path

    @property
    def number(self) -> str:
        """Return its name on the command line, such as ``ch01``."""
        return self.path.stem.split("_")[0]

    @property
    def place(self) -> str:
        """Return its path in the repository, with slashes."""
        return self.path.relative_to(self.root).as_posix()

    def read(self) -> dict:
        """Return the notebook as a dict whose cell sources are strings."""
        try:
            notebook = json.loads(self.path.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                cell["source"] = "".join(cell["source"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabsError(
                f"{self.path} cannot be read as a notebook ({error}). Restore it from the "
                "repository, then run the same command again."
            ) from error
        return notebook


def find(name: str) -> Chapter:
    """Return the chapter called ``ch01`` (or ``ch01_convolution``) of the checkout.

    The checkout is the one that holds the working folder, else the one the package lies in.
    """
    root = checkout()
    paths = sorted(root.glob("book/part*/ch*.ipynb"))
    wanted = str(name).strip().lower().removesuffix(".ipynb")
    for path in paths:
        if wanted in (path.stem.lower(), path.stem.split("_")[0]):
            return Chapter(path, root)
    known = [path.stem.split("_")[0] for path in paths]
    padded = re.sub(r"^(?:ch)?(\d)(?!\d).*", r"ch0\1", wanted)  # ch1 is nearer to ch01 than to ch11
    raise LabsError(f"No chapter {name!r} in {root / 'book'}.{did_you_mean(padded, known)}")


def checkout() -> Path:
    """Return the folder of the checkout; raise LabsError where there is none."""
    package = Path(__file__).resolve().parents[2]
    for folder in (Path.cwd(), *Path.cwd().parents, package):
        if (folder / "_config.yml").is_file() and (folder / "book").is_dir():
            return folder
    raise LabsError(
        "Labs are made from the chapters, which an installed package does not carry. Clone the "
        "course's repository and run this command inside it."
    )


def repository(root: Path) -> tuple[str, str]:
    """Return the repository's address and branch from ``_config.yml``."""
    text = (root / "_config.yml").read_text(encoding="utf-8")
    found = dict(re.findall(r"^[ \t]+(url|branch):[ \t]*[\"']?([^\s\"']+)", text, re.MULTILINE))
    if "url" not in found:
        raise LabsError("_config.yml names no repository: add `url:` under `repository:`.")
    return found["url"].rstrip("/"), found.get("branch", "main")


def exercises(notebook: dict) -> list[Exercise]:
    """Return the exercises of a notebook in order, with their points."""
    titles = {
        label.replace("-ex-", "-", 1): title.strip()
        for cell in notebook["cells"]
        for _, title, label in STATEMENT.findall(cell["source"])
    }
    checks: dict[str, dict[str, float]] = {}
    called: dict[str, str] = {}
    for cell in notebook["cells"]:
        form = cell["metadata"].get("nbgrader", {})
        if not form.get("grade"):
            continue
        name = re.sub(r"-(check|hidden)$", "", form["grade_id"])
        checks.setdefault(name, {})[form["grade_id"]] = float(form["points"])
        call = re.search(r"\bcheck\.(\w+)\(", cell["source"])
        if call:
            called.setdefault(name, call.group(1))
    return [
        Exercise(name, titles.get(name, name), points, called.get(name))
        for name, points in checks.items()
    ]


def hidden_lines(notebook: dict) -> set[str]:
    """Return the telling lines of solutions and hidden tests, and the answers of the quiz.

    A line tells when it is longer than a bracket or a bare ``return`` and the lesson does not
    show the same line in the open.
    """
    inside: set[str] = set()
    outside = ""
    for cell in notebook["cells"]:
        for pattern in (HIDDEN, ANSWER):
            for found in pattern.findall(cell["source"]):
                text = found if isinstance(found, str) else found[-1]
                inside |= {line.strip() for line in text.splitlines()}
        outside += "\n" + ANSWER.sub("", HIDDEN.sub("", cell["source"]))
    return {line for line in inside if len(line) >= 8 and line not in outside}


def require_nbgrader() -> None:
    """Raise LabsError where nbgrader is not installed."""
    try:
        import nbgrader  # noqa: F401
    except ImportError as error:
        raise LabsError(
            "Labs need nbgrader, which is not installed. Run `pip install nbgrader` in this "
            "environment (the package's `labs` extra), then the same command again."
        ) from error
