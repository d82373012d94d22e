"""Rules of a notebook's form: sections, setup, cells, figures."""

import re
import statistics
from collections.abc import Iterator

import notebooks
from chapter import Chapter
from notebooks import source, tags

SECTIONS = ("Objectives", "Prerequisites", "Setup", "Quiz", "Summary", "What's next")
DRAWS = re.compile(
    r"\b(?:charts|grids|part\d|sns)\.\w+\(|\bplt\.(?!style\b)\w+\(|\.imshow\(|\.plot\("
)
GLUE = re.compile(r"^asl\.glue\(\n.*?^\)$", re.MULTILINE | re.DOTALL)  # counts as one line
NAMES_A_FIGURE = re.compile(
    r"(an?|the)? ?(figure|plot|image|picture|graph|chart|diagram|screenshot)s? (of|show)", re.I
)


def canonical(chapter: Chapter) -> Iterator[str]:
    """Outputs, counts, metadata and ids are as scripts/notebooks.py writes them."""
    wanted = notebooks.canonical(chapter.notebook, chapter.place, chapter.url, chapter.branch)
    if notebooks.dump(wanted) != notebooks.dump(chapter.notebook):
        yield "not in form (outputs, counts, metadata, ids, badge or setup cell): run `make fix`"


def one_title(chapter: Chapter) -> Iterator[str]:
    """One heading of level one, in the first cell."""
    titles = chapter.headings(1)
    if len(titles) != 1:
        yield f"{len(titles)} headings of level one ({titles}): keep one `# Title`, use `##` below"
    elif titles[0][0] != chapter.cells[0]["id"]:
        yield f"the title is in cell {titles[0][0]!r}: move it to the first cell"


def sections(chapter: Chapter) -> Iterator[str]:
    """The sections that every chapter has, in order, with lessons between Setup and Quiz."""
    found = [text for _, text in chapter.headings(2)]
    kept = [text for text in found if text in SECTIONS]
    if kept != list(SECTIONS):
        yield f"sections are {kept}: the headings `## ...` must be {list(SECTIONS)} in this order"
    elif found.index("Quiz") - found.index("Setup") < 2:
        yield "no section between Setup and Quiz: the lesson is missing"
    if not re.search(r"\*\*Time\*\*: [1-9]\d* minutes", chapter.section("Prerequisites")):
        yield "no time under Prerequisites: add a line `**Time**: 1 minutes` and run `make fix`"
    if "](" not in chapter.section("What's next") and "{doc}" not in chapter.section("What's next"):
        yield "What's next leads nowhere: link the next chapter"


def colab_link(chapter: Chapter) -> Iterator[str]:
    """One Colab badge, to this very notebook in the repository of the settings."""
    links = re.findall(r"https://colab\.research\.google\.com[^)\s]*", source(chapter.cells[0]))
    wanted = notebooks.badge(chapter.place, chapter.url, chapter.branch)
    if len(links) != 1 or wanted not in source(chapter.cells[0]):
        yield f"the first cell must hold this badge (make fix): {wanted}"


def setup_cell(chapter: Chapter) -> Iterator[str]:
    """One setup cell, and no shell command beside it."""
    cells = [cell for cell in chapter.code if "setup" in tags(cell)]
    wanted = notebooks.setup_source(chapter.url, notebooks.tracks(chapter.notebook))
    if len(cells) != 1 or source(cells[0]) != wanted:
        yield "one cell tagged `setup` must hold the common setup (make fix writes it)"
    for cell in chapter.code:
        lines = [line for line in source(cell).splitlines() if re.match(r"\s*[!%]", line)]
        if lines and "setup" not in tags(cell):
            yield f"cell {cell['id']!r} runs {lines[0].strip()!r}: only the setup cell may"


def figures(chapter: Chapter) -> Iterator[str]:
    """Each cell that draws has a text alternative that says what the figure shows."""
    seen: dict[str, str] = {}
    for cell in chapter.code:
        hidden = {"remove-output", "remove-cell"} & set(tags(cell))
        draws = "figure" in tags(cell) or DRAWS.search(_uncommented(source(cell)))
        if not draws or hidden:
            continue
        name, image = cell["id"], cell["metadata"].get("mystnb", {}).get("image", {})
        alt = str(image.get("alt", "")).strip()
        if "figure" not in tags(cell):
            yield f"cell {name!r} draws: tag it `figure`"
        if len(alt) < 30 or len(alt.split()) < 6:
            yield f"cell {name!r}: metadata mystnb.image.alt must say what the figure shows"
        elif NAMES_A_FIGURE.match(alt):
            yield f"cell {name!r}: the alt begins {alt[:20]!r}; say what is seen, not what it is"
        elif alt in seen:
            yield f"cell {name!r} has the alt text of {seen[alt]!r}: each figure shows its own"
        seen.setdefault(alt, name)


def cell_sizes(chapter: Chapter) -> Iterator[str]:
    """Half of the code cells that show have 4 lines or fewer, nine in ten 12 or fewer."""
    shown = [cell for cell in chapter.code if "remove-cell" not in tags(cell)]
    texts = {cell["id"]: GLUE.sub("asl.glue()", source(cell)) for cell in shown}
    sizes = {name: len(re.findall(r"^.*\S", text, re.M)) for name, text in texts.items()}
    lines = list(sizes.values())
    if not lines:
        return
    long = [f"{name} ({size})" for name, size in sizes.items() if size > 12]
    if statistics.median(lines) > 4:
        yield f"the median code cell has {statistics.median(lines):g} lines, at most 4 are due"
    if len(long) > 0.1 * len(lines):
        yield f"more than a tenth of the code cells exceeds 12 lines: {', '.join(long)}"


def _uncommented(text: str) -> str:
    return re.sub(r"#.*", "", text)
