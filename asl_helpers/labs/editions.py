"""A chapter in the checkout, its exercises, and its MyST Markdown as plain Markdown."""

import json
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from asl_helpers.errors import AslError, did_you_mean

OPEN = re.compile(r"^(?P<indent> *)(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\} *(?P<title>.*)$")
CODE = re.compile(r"^ *(`{3,}|~{3,})")
ROLE = re.compile(r"\{([\w:+-]+)\}(`+)(.+?)\2", re.DOTALL)
TARGETED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]*)\)(\{[^}]*\})?")
IMG = re.compile(r"(<img\b[^>]*\bsrc=[\"'])([^\"']+)")
LABEL = re.compile(r"\$\$ *\(([\w:.-]+)\) *$", re.MULTILINE)  # behind a formula's end
CODE_SPAN = re.compile(r"(`+)[^`].*?\1(?!`)", re.DOTALL)

HIDDEN = re.compile(
    r"^[^\n]*### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)^[^\n]*### END \1", re.MULTILINE | re.DOTALL
)
ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>\n(.*?)</details>\n?", re.DOTALL)
HINT = re.compile(r"<details>\s*<summary>Hint</summary>\n(.*?)</details>\n?", re.DOTALL)
STATEMENT = re.compile(r"^(:{3,}|`{3,})\{exercise\} *([^\n]*)\n:label: *(\S+)", re.MULTILINE)
FORMULA = re.compile(
    r"\$\$ *\(([\w:.-]+)\) *$|^ *[:`]{3,}\{math\}[^\n]*\n *:label: *(\S+)", re.MULTILINE
)
BADGE = "https://colab.research.google.com"

STUB = "# YOUR CODE HERE\nraise NotImplementedError"

NOTES = {
    "note", "tip", "warning", "important", "caution", "hint", "attention", "danger", "error",
    "seealso", "admonition", "dropdown", "margin", "sidebar", "topic",
}  # fmt: skip
DROPPED = {
    "solution", "solution-start", "solution-end", "toctree", "tableofcontents", "contents",
    "bibliography", "index", "raw", "only", "include", "glue:figure",
}  # fmt: skip
BLOCKS = {"code", "code-block", "sourcecode", "code-cell"}


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


@dataclass(frozen=True)
class Plain:
    """Rewrites the Markdown of one notebook.

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
    """

    url: str
    branch: str
    folder: str
    titles: dict[str, str] = field(default_factory=dict)
    citations: dict[str, tuple[str, str]] = field(default_factory=dict)
    formulas: dict[str, int] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

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
        options, body = _options(body)
        inner = "\n".join(body)
        if name in DROPPED:
            return ""
        if name == "exercise":
            return f"**Exercise: {self._inline(title)}**\n\n{self.text(inner)}"
        if name == "math":
            return f"$$\n{inner.strip()}\n{self._tag(options.get('label', ''))}$$"
        if name in BLOCKS:
            return f"```{title}\n{inner}\n```"
        if name in ("figure", "image"):
            alt = options.get("alt", "")
            picture = self._link("!", alt, title)
            return f"{picture}\n\n{self.text(inner)}".strip()
        if name in NOTES:
            head = self._inline(title) or ("See also" if name == "seealso" else name.capitalize())
            lines = [f"**{head}**", "", *self.text(inner).split("\n")]
            return "\n".join(f"> {line}".rstrip() for line in lines)
        head = f"**{self._inline(title)}**\n\n" if title else ""
        return head + self.text(inner)

    def _prose(self, text: str) -> str:
        text = re.sub(r"^\([\w:.-]+\)= *\n?", "", text, flags=re.MULTILINE)  # targets
        text = re.sub(r"^(\+\+\+.*|% .*|\{[.#][^}]*\})\n?", "", text, flags=re.MULTILINE)
        text = LABEL.sub(lambda found: f"{self._tag(found[1])}$$", text)
        return self._inline(text).strip("\n")

    def _tag(self, label: str) -> str:
        number = self.formulas.get(label)
        return f"\\tag{{{number}}}\n" if number else ""

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
        text = IMG.sub(lambda found: found[1] + self._address(found[2], "raw"), text)
        return re.sub(r"(?<=[\])*`])\{[.#][^}]*\}", "", text)

    def _link(self, mark: str, text: str, target: str) -> str:
        if mark and "/generated/" in target:  # drawn when the book is built; not in the repository
            return f"*{text}*" if text else ""
        if target.startswith("#") and not mark:
            return text or self.titles.get(target[1:], _words(target[1:]))
        text = text or ("" if mark else _words(posixpath.splitext(posixpath.basename(target))[0]))
        return f"{mark}[{text}]({self._address(target, 'raw' if mark else 'blob')})"

    def _address(self, target: str, view: str) -> str:
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            return target
        path = posixpath.normpath(posixpath.join(self.folder, target.split("#")[0]))
        return f"{self.url}/{view}/{self.branch}/{path}"

    def _role(self, name: str, content: str) -> str:
        if name.startswith("glue"):
            return f"`{content.split(':')[0]}`"
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
            return self._page(text, target)
        return text or content

    def _page(self, text: str, target: str) -> str:
        """Return a link to a page of the book that is named without its ending."""
        path = posixpath.normpath(posixpath.join(self.folder, target))
        for place, title in self.pages.items():
            if posixpath.splitext(place)[0] == path or place == path:
                return f"[{text or title}]({self.url}/blob/{self.branch}/{place})"
        return text or _words(posixpath.basename(target))

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
    formulas = [first or second for first, second in FORMULA.findall(text)]
    bibliography = chapter.root / "book" / "references.bib"
    works = bibliography.read_text(encoding="utf-8") if bibliography.is_file() else ""
    return Plain(
        url=url,
        branch=branch,
        folder=chapter.path.relative_to(chapter.root).parent.as_posix(),
        titles={label: title.strip() for _, title, label in STATEMENT.findall(text)},
        citations=citations(works),
        formulas={label: number for number, label in enumerate(formulas, start=1)},
        pages=_pages(chapter.root),
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


def _until(lines, fence: str) -> list[str]:
    """Take the lines up to the one that closes a fence."""
    body = []
    for line in lines:
        if line.strip() == fence:
            break
        body.append(line)
    return body


def _options(body: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the ``:key: value`` lines from a directive's body."""
    options, rest = {}, list(body)
    while rest and (found := re.match(r"^ *:([\w-]+): *(.*)$", rest[0])):
        options[found[1]] = found[2]
        rest.pop(0)
    return options, rest


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
