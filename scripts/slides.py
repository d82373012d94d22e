"""Slides of each chapter, made from the executed book: headings, statements, figures, summary.

`make book` writes them to _build/html/slides, with nbconvert and the template beside this file.
"""

import ast
import re
import sys
from base64 import b64decode
from hashlib import sha256
from html import escape
from pathlib import Path

import notebooks
from notebooks import ROOT, source, tags

from asl_helpers.records import glued

OUT = ROOT / "_build" / "html" / "slides"
SKIPPED = ("Prerequisites", "Setup", "Quiz", "What's next")
LONGEST = 260  # characters of a statement, which ends with a whole sentence
MOST_LINES = 12  # of the code of a slide without a figure
NO_PROSE = re.compile(
    r"<details>.*?</details>|^(:{3,})\{.*?^\1:*\s*$|^\([\w:.-]+\)=$|(?<=\$\$) \([\w:.-]+\)$",
    re.DOTALL | re.MULTILINE,
)
ROLE = re.compile(r"\s?\{([\w:+-]+)\}`([^`]+)`")
TESTED_BY = re.compile(r"\s*\((?:exercises?|and)\s+\{ref\}.*?`\)", re.DOTALL)
NOT_A_SENTENCE = re.compile(r"[-*|!<#>] |\||\d+\. ")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9*`$(])")
UNKNOWN = "\0"  # in a sentence that needs what a slide does not have, and is left out


def write_slides(cache_folder: Path, out: Path = OUT) -> list[Path]:
    """Write the slides of every chapter, all of them executed; return their files."""
    import nbformat
    from jupyter_cache import get_cache
    from nbconvert.exporters import SlidesExporter

    out.mkdir(parents=True, exist_ok=True)
    exporter = SlidesExporter(
        extra_template_basedirs=[str(Path(__file__).parent)],
        template_name="slides_template",
        exclude_anchor_links=True,
    )
    cache, written = get_cache(cache_folder), []
    for path in notebooks.chapters():
        _, chapter = cache.merge_match_into_notebook(nbformat.read(path, as_version=4))
        page = path.relative_to(ROOT).with_suffix(".html").as_posix()
        written.append(out / f"{path.stem.split('_')[0]}.html")
        written[-1].write_text(as_html(exporter, chapter, page), encoding="utf-8")
    return written


def as_html(exporter, chapter: dict, page: str) -> str:
    """Return the slides of the chapter at ``page`` as HTML, with the book's own figures."""
    from nbformat.v4 import new_markdown_cell, new_notebook

    made = new_notebook()
    for number, slide in enumerate(slides(chapter)):
        text = [f"{'##' if number else '#'} {slide['heading']}", slide["text"]]
        if not number:
            made.metadata["title"] = slide["heading"]
            text.append(f"[The chapter in the book](../{page})")
        if slide["figure"]:  # under _images, myst-nb names a figure by the hash of its bytes
            alt, png = slide["figure"]
            image = f'<img src="../_images/{sha256(png).hexdigest()}.png" alt="{escape(alt)}">'
            text.append(f'<figure class="r-stretch">{image}</figure>')
        elif slide["code"]:
            text.append(f"```\n{slide['code']}\n```")
        metadata = {"slideshow": {"slide_type": "slide"}}
        made.cells.append(new_markdown_cell("\n\n".join(text), metadata=metadata))
    return exporter.from_notebook_node(made)[0]


def slides(chapter: dict) -> list[dict]:
    """Return a chapter's slides: one for each section, and for each further figure in it."""
    values = {name: ast.literal_eval(value) for name, value in glued(chapter).items()}
    made, is_skipped, before = [], False, ""
    for cell in chapter["cells"]:
        if cell["cell_type"] == "markdown":
            heading = re.match(r"(?:\([\w:.-]+\)=\n)?(#{1,3}) +(.+)", source(cell))
            before = source(cell)[heading.end() if heading else 0 :]
            if heading:
                title = prose(heading[2], values)
                is_skipped = title in SKIPPED or (is_skipped and heading[1] == "###")
            if heading and not is_skipped:
                shown = prose if title in ("Objectives", "Summary") else statement
                slide = {"heading": title, "text": shown(before, values)}
                made.append(slide | {"figure": None, "code": None})
        elif not is_skipped and (figure := _figure(cell)):
            if made[-1]["figure"]:
                made.append({**made[-1], "text": statement(before, values)})
            made[-1]["figure"] = figure
        elif not (is_skipped or made[-1]["code"] or tags(cell) or "nbgrader" in cell["metadata"]):
            made[-1]["code"] = source(cell) if source(cell).count("\n") < MOST_LINES else None
    return [slide for slide in made if slide["text"] or slide["figure"]]


def _figure(cell: dict) -> tuple[str, bytes] | None:
    """Return the text alternative and the PNG of a figure that the page shows."""
    images = [output.get("data", {}).get("image/png") for output in cell["outputs"]]
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
    is_hidden = {"remove-output", "remove-cell", "solution"} & set(tags(cell))
    image = next(filter(None, images), None)
    return (alt, b64decode(image)) if image and alt and not is_hidden else None


def prose(text: str, values: dict) -> str:
    """Return MyST text as plain Markdown, without exercises, citations and links."""

    def role(found: re.Match) -> str:
        (name, content), space = found.groups(), " " * found[0][0].isspace()
        if name.startswith("cite"):
            return ""
        if name.startswith("glue"):
            key, _, form = content.partition(":")
            return space + (format(values[key], form) if key in values else UNKNOWN)
        is_known = name not in ("doc", "eq", "numref") or "<" in content
        return space + (content.split("<")[0].strip() if is_known else UNKNOWN)

    text = TESTED_BY.sub("", NO_PROSE.sub("", notebooks.FENCE.sub("", text)))
    text = re.sub(r"(?<!!)\[([^\]]+)\]\([^)]*\)", r"\1", ROLE.sub(role, text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def statement(text: str, values: dict) -> str:
    """Return the first sentences of a text, with the formula that they lead to."""
    paragraphs = [part.strip() for part in prose(text, values).split("\n\n")]
    paragraphs = [part for part in paragraphs if part and not NOT_A_SENTENCE.match(part)]
    said, (first, *rest) = "", paragraphs or [""]
    for sentence in SENTENCE.split(" ".join(first.split())):
        if UNKNOWN in sentence or (said and len(said) + len(sentence) > LONGEST):
            break
        said = f"{said} {sentence}".strip()
    if rest and rest[0].startswith("$$") and not said.endswith((".", "?", "!")):
        return f"{said}\n\n{rest[0]}"
    return re.sub(r":$", ".", said)


if __name__ == "__main__":
    from build import cache_folder

    try:
        print(f"{len(write_slides(cache_folder()))} chapters have slides: {OUT}")
    except KeyError as error:
        sys.exit(f"Run `make book` first: not every chapter has been executed ({error}).")
