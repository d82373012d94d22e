"""What the editions of a chapter share: its MyST Markdown as plain Markdown."""

import posixpath
import re
from dataclasses import dataclass, field

OPEN = re.compile(r"^(?P<indent> *)(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\} *(?P<title>.*)$")
CODE = re.compile(r"^ *(`{3,}|~{3,})")
ROLE = re.compile(r"\{([\w:+-]+)\}(`+)(.+?)\2", re.DOTALL)
TARGETED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]*)\)(\{[^}]*\})?")
IMG = re.compile(r"(<img\b[^>]*\bsrc=[\"'])([^\"']+)")
LABEL = re.compile(r"\$\$ *\(([\w:.-]+)\) *$", re.MULTILINE)  # behind a formula's end
CODE_SPAN = re.compile(r"(`+)[^`].*?\1(?!`)", re.DOTALL)

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
