"""Rules of the text: numbers that come from the run, and words that do not belittle."""

import ast
import re
from collections.abc import Iterator

import notebooks
from chapter import Chapter
from notebooks import source

FORBIDDEN = re.compile(
    r"\b(simply|just|obviously|trivially|hearing[- ]impaired|deaf[- ](?:and[- ]dumb|mute)"
    r"|normal (?:people|person|hearing)|break(?:s|ing)? (?:down )?barriers"
    r"|suffer(?:s|ing)? from (?:deafness|hearing loss))\b",
    re.IGNORECASE,
)
ALLOWED = re.compile(r"<!-- allow: \S.*?-->")
TYPED = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:%|percent\b|per cent\b|seconds?\b|milliseconds?\b|ms\b|(?<=\s)s\b)"
    r"|\b(?:accuracy|loss|score)\s+(?:of|is|was|reaches|reached)\s+\d",
    re.IGNORECASE,
)
QUIET = [
    notebooks.FENCE,  # code blocks
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"\{[\w:+-]+\}`[^`]*`"),  # roles: a glued number, a citation
    re.compile(r"`[^`]*`"),
    re.compile(r"\]\([^)]*\)"),  # addresses of links
]


def glued_numbers(chapter: Chapter) -> Iterator[str]:
    """Every quoted number is glued in the chapter, under the chapter's number."""
    made = set()
    for cell in chapter.code:
        for call in glue_calls(source(cell)):
            number = call.args[0].value
            made |= {f"{number}_{keyword.arg}" for keyword in call.keywords}
            if number != chapter.number:
                yield f"cell {cell['id']!r} glues for {number!r}: write {chapter.number!r}"
    quoted = re.findall(
        r"\{glue:\w+\}`([\w.-]+)", "\n".join(source(cell) for cell in chapter.prose)
    )
    for name in sorted(set(quoted) - made):
        yield f"{name!r} is quoted but never glued: add it to an asl.glue({chapter.number!r}, ...)"


def glue_calls(code: str) -> list[ast.Call]:
    """Return the calls of asl.glue in a cell."""
    tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", code, flags=re.MULTILINE))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if ast.unparse(call.func) == "asl.glue"]


def typed_numbers(chapter: Chapter) -> Iterator[str]:
    """No measured number is typed: share, time, accuracy come from the run or a record."""
    for cell in chapter.prose:
        for paragraph in re.split(r"\n\s*\n", source(cell)):
            if ALLOWED.search(paragraph) or "{cite" in paragraph:
                continue
            found = TYPED.search(quiet(paragraph))
            if found:
                yield (
                    f"cell {cell['id']!r} types {found.group()!r}: glue it, cite it, or say why in "
                    "<!-- allow: reason --> in its paragraph"
                )


def words(chapter: Chapter) -> Iterator[str]:
    """No word that belittles a difficulty or a person, in prose, comments and alt texts."""
    for cell in chapter.cells:
        text = source(cell) if cell["cell_type"] == "markdown" else _comments(source(cell))
        image = cell["metadata"].get("mystnb", {}).get("image", {})
        for word in forbidden(f"{text}\n\n{image.get('alt', '')}"):
            yield f"cell {cell['id']!r} says {word!r}: leave it out or name the fact (style: words)"


def forbidden(text: str) -> list[str]:
    """Return the forbidden words of a text, paragraphs with an allow mark aside."""
    paragraphs = re.split(r"\n\s*\n", text)
    return [
        word
        for paragraph in paragraphs
        if not ALLOWED.search(paragraph)
        for word in FORBIDDEN.findall(quiet(paragraph))
    ]


def quiet(text: str) -> str:
    """Return prose without code, formulas, roles and addresses."""
    for pattern in QUIET:
        text = pattern.sub(" ", text)
    return text


def _comments(text: str) -> str:
    return "\n".join(re.findall(r"#.*", text))
