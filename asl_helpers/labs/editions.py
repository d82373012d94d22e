"""The editions of a chapter, all derived from its notebook in ``book/``, which holds everything.

====================  ============  ==================  ==============  ==============
part of the source    page          for Colab           student's copy  autograder
====================  ============  ==================  ==============  ==============
MyST, values          shown         plain, filled in    plain, filled   as it is
plumbing, asl.glue    run, hidden   dropped             dropped         as it is
solutions             folded        stubs; folded       stubs           as it is
                                    below their checks
checks                return points return the answer   return points   return points
                                    to go on with
hidden tests          hidden        dropped             named           as they are
hints, quiz answers   folded        folded              dropped         as they are
figures' alt texts    alt           folded text         folded text     as they are
====================  ============  ==================  ==============  ==============

The page is the source, which its tags fold and hide. The instructor's page (`release`) is made of
statements, hints, quiz answers and points, found by the patterns below.
"""

import ast
import copy
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError, did_you_mean

OPEN = re.compile(r"^ *(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\} *(?P<title>.*)$")
CODE = re.compile(r"^ *(`{3,}|~{3,})")
ROLE = re.compile(r"\{([\w:+-]+)\}(`+)(.+?)\2", re.DOTALL)
TARGETED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]*)\)(\{[^}]*\})?")
CODE_SPAN = re.compile(r"(`+)[^`].*?\1(?!`)", re.DOTALL)
FORMULA = re.compile(r"\$\$ *\(([\w:.-]+)\) *$", re.MULTILINE)  # a label behind a formula's end

HIDDEN = re.compile(
    r"^[^\n]*### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)^[^\n]*### END \1", re.MULTILINE | re.DOTALL
)
ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>\n(.*?)</details>\n?", re.DOTALL)
HINT = re.compile(r"<details>\s*<summary>Hint</summary>\n(.*?)</details>\n?", re.DOTALL)
FOLDED = re.compile(f"{HINT.pattern}|{ANSWER.pattern}", re.DOTALL)
STATEMENT = re.compile(r"^(:{3,}|`{3,})\{exercise\} *([^\n]*)\n:label: *(\S+)", re.MULTILINE)
BADGE = "https://colab.research.google.com"
NEEDS = {
    r"\bWebcamApp\b": "camera or drawn signer",
    r"\b(HandTracker|track_all|WebcamApp)\b": "MediaPipe",
}
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)

STUB = "# YOUR CODE HERE\nraise NotImplementedError"
HIDDEN_HERE = "# Further tests run here when your work is graded."
FOLD = "<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"
NOTES = {"note", "tip", "warning", "important", "caution", "seealso", "admonition"}

FOR_COLAB = """> **Before you start.** Numbers in the text come from the course's recorded run on
> drawn hands. Your own results may differ, especially on real photographs: `asl.load` downloads
> them from Kaggle if it can, and prints what it loaded.
>
> Each exercise cell contains a stub. Replace it with your code and run the check below it. Until
> your answer passes, the later cells use the course's answer. The solution is folded below the
> check. To keep your work, choose File → Save a copy in Drive.
>
> {gpu}"""
GPU = (
    "**A GPU helps here**: this chapter trains convolutional networks. Switch it on before you run "
    "the first cell: Runtime → Change runtime type → T4 GPU."
)
NO_GPU = "**No GPU is needed**: this chapter takes a minute or two on Colab's processor."
FOR_STUDENTS = """> **Your copy.** Replace each stub with your code; the cell below it checks your
> answer and says what is missing. Numbers in the text come from the course's recorded run on drawn
> hands; yours may differ. When you are done, run everything from top to bottom and hand in this
> file."""


@dataclass(frozen=True)
class Edition:
    """Which parts an edition has, beside plain Markdown, stubs and what runs between them."""

    has_folds: bool
    """Hints, the quiz's answers, and each solution below its check."""
    goes_on: bool
    """Whether a check returns the answer to go on with: the reader's, or else the course's."""
    is_graded: bool
    """Whether cells keep nbgrader's metadata, and hidden tests a cell that names them."""


COLAB = Edition(has_folds=True, goes_on=True, is_graded=False)
STUDENT = Edition(has_folds=False, goes_on=False, is_graded=True)


@dataclass(frozen=True)
class Exercise:
    """One exercise: its title, and the grade ids of the cells that give points for it."""

    name: str  # the grade id of its solution cell, such as ch01-corr2d
    title: str
    points: dict[str, float]  # by the grade id of the check, then of the hidden tests
    checker: str | None  # the checker of asl_helpers.checks that the check calls

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

    def read(self) -> dict:
        """Return the notebook as a dict whose cell sources are strings."""
        try:
            notebook = json.loads(self.path.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                cell["source"] = "".join(cell["source"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AslError(
                f"{self.path} cannot be read as a notebook ({error}). Restore it from the "
                "repository, then run the same command again."
            ) from error
        return notebook

    def code(self) -> str:
        """Return the source of all code cells."""
        return "\n".join(c["source"] for c in self.read()["cells"] if c["cell_type"] == "code")


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
    raise AslError(f"No chapter {name!r} in {root / 'book'}.{did_you_mean(padded, known)}")


def checkout() -> Path:
    """Return the folder of the checkout; raise AslError where there is none."""
    package = Path(__file__).resolve().parents[2]
    for folder in (Path.cwd(), *Path.cwd().parents, package):
        if (folder / "_config.yml").is_file() and (folder / "book").is_dir():
            return folder
    raise AslError(
        "Labs are made from the chapters, which an installed package does not carry. Clone the "
        "course's repository and run this command inside it."
    )


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


def derive(chapter: Chapter, edition: Edition) -> list[dict[str, Any]]:
    """Return the cells of an edition of a chapter."""
    plain, cells, solution = plain_text(chapter), [], ""
    for cell in copy.deepcopy(chapter.read()["cells"]):
        tags, form = cell["metadata"].get("tags", []), cell["metadata"].get("nbgrader", {})
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        cell["metadata"] = {"nbgrader": form} if form and edition.is_graded else {}
        text = cell["source"]
        if cell["cell_type"] == "markdown":
            text = "\n".join(line for line in text.split("\n") if BADGE not in line)
            text = "*Write your answer here.*" if form.get("solution") else text
            cell["source"] = plain.text(text if edition.has_folds else FOLDED.sub("", text))
        elif form.get("grade_id", "").endswith("-hidden"):
            cell["source"] = HIDDEN_HERE if edition.is_graded else ""
        elif form.get("solution"):
            solution, cell["source"] = without_marks(text), stub(text)
        elif form.get("grade") and edition.goes_on:
            cell["source"] = going_on(text)
        else:
            cell["source"] = "" if "remove-cell" in tags else without_glue(text)
        if cell["source"]:
            cells.append(cell)
        if alt:
            cells.append(_fold(cell, "What the figure shows", alt))
        if form.get("grade") and solution and edition.has_folds:
            cells.append(_fold(cell, "Solution", f"```python\n{solution}\n```"))
            solution = ""
    return cells


def colab_notebook(chapter: Chapter) -> dict[str, Any]:
    """Return the chapter as a notebook for Colab."""
    cells = derive(chapter, COLAB)
    note = FOR_COLAB.format(gpu=GPU if gpu_helps(chapter) else NO_GPU)
    about = {"cell_type": "markdown", "id": "before-you-start", "metadata": {}, "source": note}
    cells.insert(1, about)
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {**chapter.read()["metadata"], "colab": {"provenance": [], "toc_visible": True}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def gpu_helps(chapter: Chapter) -> bool:
    """Tell whether a chapter trains networks on a set of images for several epochs."""
    code = chapter.code()
    is_long = chapter.path.parent.name in ("part2", "part3")
    return is_long and "asl.load(" in code and re.search(r"\bepochs\b", code) is not None


def needs(chapter: Chapter) -> list[str]:
    """Return what a chapter asks of the machine, beside the package and TensorFlow."""
    code = chapter.code()
    asked = [words for pattern, words in NEEDS.items() if re.search(pattern, code)]
    return asked + ["GPU helps"] * gpu_helps(chapter)


def stub(code: str) -> str:
    """Return an answer's cell without its solution: a raise in a function, else ``name = ...``."""

    def replace(found: re.Match) -> str:
        indent = re.match(r" *", found[0])[0]
        if indent:
            return "\n".join(indent + line for line in STUB.split("\n"))
        names = [ast.unparse(each.targets[0]) for each in ast.parse(found[2]).body]
        return "\n".join(["# YOUR CODE HERE", *(f"{name} = ..." for name in names)])

    shown = HIDDEN.sub(replace, code)
    if shown == code or "SOLUTION" in shown:
        raise AslError(f"A mark, ### BEGIN SOLUTION or ### END SOLUTION, is missing in:\n{code}")
    return shown


def without_marks(code: str) -> str:
    """Return an answer's cell as it solves the exercise."""
    return re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", code, flags=re.MULTILINE).rstrip()


def going_on(code: str) -> str:
    """Return a check's cell so that it returns the answer to go on with."""
    call = re.compile(r"^check\.(\w+)\((\w+)", re.MULTILINE)
    return call.sub(r"\2 = check.\1.or_reference(\2", code)


def without_glue(code: str) -> str:
    """Return a cell's code without its calls of ``asl.glue``, which serve the page alone."""
    if "asl.glue(" not in code:
        return code
    lines = code.split("\n")
    for each in reversed(ast.parse(MAGIC.sub(r"\1pass", code)).body):
        if ast.unparse(each).startswith("asl.glue("):
            del lines[each.lineno - 1 : each.end_lineno]
    return "\n".join(lines).strip("\n")


def _fold(cell: dict[str, Any], summary: str, text: str) -> dict[str, Any]:
    """Return a Markdown cell with a folded text that belongs to a cell."""
    name = f"{cell['id']}-{summary.split()[-1].lower()}"
    text = FOLD.format(summary=summary, text=text)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


@dataclass(frozen=True)
class Plain:
    """Rewrites the MyST Markdown of one notebook as plain Markdown with LaTeX.

    Parameters
    ----------
    url, branch:
        The repository, for links that leave the notebook.
    folder:
        The notebook's folder in the repository, such as ``book/part1``.
    titles:
        The title of each label that a reference may name.
    citations:
        Authors and year of each key of the bibliography, such as ``("Kingma and Ba", "2015")``.
    formulas:
        The number of each labelled formula of the notebook.
    pages:
        The title of each page of the book by its path in the repository, with its ending.
    values:
        The text of each glued value, by name, as the last recorded run of the book glued it.
    """

    url: str
    branch: str
    folder: str
    titles: dict[str, str] = field(default_factory=dict)
    citations: dict[str, tuple[str, str]] = field(default_factory=dict)
    formulas: dict[str, int] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def text(self, myst: str) -> str:
        """Return MyST Markdown as plain Markdown."""
        out: list[str] = []
        prose: list[str] = []
        lines = iter(re.sub(r"<!--.*?-->", "", myst, flags=re.DOTALL).split("\n"))
        for line in lines:
            directive, block = OPEN.match(line), CODE.match(line)
            if not (directive or block):
                prose.append(line)
                continue
            out.append(self._prose("\n".join(prose)))
            prose = []
            fence = directive["fence"] if directive else block[1]
            body = _until(lines, fence)
            if directive:
                out.append(self._directive(directive["name"], directive["title"].strip(), body))
            else:
                out.append("\n".join([line, *body, fence]))
        out.append(self._prose("\n".join(prose)))
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(part for part in out if part)).strip("\n")

    def _directive(self, name: str, title: str, body: list[str]) -> str:
        options = re.compile(r"^ *:[\w-]+: *")
        inner = self.text("\n".join(line for line in body if not options.match(line)))
        if name == "raw":  # HTML of the page, such as the link to its slides
            return ""
        if name == "exercise":
            return f"**Exercise: {self._inline(title)}**\n\n{inner}"
        if name not in NOTES:
            raise AslError(
                f"The directive {name!r} has no plain form yet: add it to editions.Plain."
            )
        head = self._inline(title) or ("See also" if name == "seealso" else name.capitalize())
        lines = [f"**{head}**", "", *inner.split("\n")]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _prose(self, text: str) -> str:
        text = re.sub(r"^\([\w:.-]+\)= *\n?", "", text, flags=re.MULTILINE)  # targets
        text = re.sub(r"^(\+\+\+.*|% .*|\{[.#][^}]*\})\n?", "", text, flags=re.MULTILINE)
        text = FORMULA.sub(lambda found: f"\\tag{{{self.formulas[found[1]]}}}\n$$", text)
        return self._inline(text).strip("\n")

    def _inline(self, text: str) -> str:
        text = ROLE.sub(lambda found: self._role(found[1], found[3].strip()), text)
        # Code stays as it is: an array's `[i](j)` is no link.
        parts, end = [], 0
        for span in CODE_SPAN.finditer(text):
            parts += [self._links(text[end : span.start()]), span.group()]
            end = span.end()
        return "".join([*parts, self._links(text[end:])])

    def _links(self, text: str) -> str:
        text = LINK.sub(lambda found: self._link(found[1], found[2], found[3]), text)
        return re.sub(r"(?<=[\])*`])\{[.#][^}]*\}", "", text)

    def _link(self, mark: str, text: str, target: str) -> str:
        if mark and "/generated/" in target:  # drawn when the book is built; not in the repository
            return f"*{text}*" if text else ""
        if target.startswith("#") and not mark:
            return text or self.titles.get(target[1:], _words(target[1:]))
        if re.match(r"[a-z]+:", target):
            return f"{mark}[{text}]({target})"
        file, _, part = target.partition("#")
        path = posixpath.normpath(posixpath.join(self.folder, file))
        if mark:
            return f"![{text}]({self.url}/raw/{self.branch}/{path})"
        if path in self.pages:
            return f"[{text or self.pages[path]}]({self._page(path)}{'#' * bool(part)}{part})"
        return f"[{text or file}]({self.url}/blob/{self.branch}/{path})"

    def _page(self, path: str) -> str:
        """Return the address of a page of the rendered book."""
        owner, name = self.url.split("/")[-2:]
        return f"https://{owner}.github.io/{name}/{posixpath.splitext(path)[0]}.html"

    def _role(self, name: str, content: str) -> str:
        if name.startswith("glue"):
            return self._value(*content.split(":", 1))
        if name.startswith("cite"):
            return self._citation(name, content)
        if name == "math":
            return f"${content}$"
        named = TARGETED.fullmatch(content)
        text, target = (named["text"], named["target"]) if named else ("", content)
        title = self.titles.get(target, "")
        if name == "ref" and text and title:
            return f"“{title}”" if text == title else f"{text} “{title}”"
        if name == "eq" and target in self.formulas:
            return f"({self.formulas[target]})"
        if name in ("ref", "numref", "eq"):
            return text or title or _words(target)
        if name in ("doc", "download"):
            path = posixpath.normpath(posixpath.join(self.folder, target))
            known = [each for each in self.pages if path in (each, posixpath.splitext(each)[0])]
            words = text or (self.pages[known[0]] if known else _words(posixpath.basename(target)))
            return f"[{words}]({self._page(known[0])})" if known else words
        return text or content

    def _value(self, name: str, form: str = "") -> str:
        """Return a glued value in its form; words that fit the sentence where none is recorded."""
        if name not in self.values:
            return "some percent" if form.endswith("%") else "some"
        return format(ast.literal_eval(self.values[name]), form)

    def _citation(self, name: str, content: str) -> str:
        works = [self.citations.get(key.strip(), (key.strip(), "")) for key in content.split(",")]
        if name.endswith(":t"):
            return "; ".join(f"{who} ({year})" if year else who for who, year in works)
        return "(" + "; ".join(f"{who}, {year}" if year else who for who, year in works) + ")"


def plain_text(chapter: Chapter) -> Plain:
    """Return the rewriter of a chapter's Markdown, with the titles and works it may name."""
    url, branch = _repository(chapter.root)
    cells = chapter.read()["cells"]
    text = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    bibliography = chapter.root / "book" / "references.bib"
    works = bibliography.read_text(encoding="utf-8") if bibliography.is_file() else ""
    values = chapter.root / "data" / "results" / "values.json"
    recorded = json.loads(values.read_text(encoding="utf-8"))["values"] if values.is_file() else {}
    return Plain(
        url=url,
        branch=branch,
        folder=chapter.path.relative_to(chapter.root).parent.as_posix(),
        titles={label: title.strip() for _, title, label in STATEMENT.findall(text)},
        citations=citations(works),
        formulas={label: number for number, label in enumerate(FORMULA.findall(text), start=1)},
        pages=_pages(chapter.root),
        values=recorded.get(chapter.number, {}),
    )


def citations(bibliography: str) -> dict[str, tuple[str, str]]:
    """Return authors and year of each entry of a BibTeX file's text, by key."""
    from pybtex.database import parse_string

    works = {}
    for key, entry in parse_string(bibliography, "bibtex").entries.items():
        people = entry.persons.get("author", [])
        names = [" ".join([*each.prelast_names, *each.last_names]).strip("{}") for each in people]
        who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        works[key] = (who or key, entry.fields.get("year", ""))
    return works


def _until(lines: Iterator[str], fence: str) -> list[str]:
    """Take the lines up to the one that closes a fence."""
    body = []
    for line in lines:
        if line.strip() == fence:
            break
        body.append(line)
    return body


def _words(label: str) -> str:
    return re.sub(r"^ch\d+[-_](ex[-_])?", "", label).replace("-", " ").replace("_", " ")


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


def _repository(root: Path) -> tuple[str, str]:
    """Return the repository's address and branch from ``_config.yml``."""
    text = (root / "_config.yml").read_text(encoding="utf-8")
    named = dict(re.findall(r"^[ \t]+(url|branch):[ \t]*[\"']?([^\s\"']+)", text, re.MULTILINE))
    if "url" not in named:
        raise AslError("_config.yml names no repository: add `url:` under `repository:`.")
    return named["url"].rstrip("/"), named.get("branch", "main")
