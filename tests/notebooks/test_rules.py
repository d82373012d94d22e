"""Each rule on a chapter that keeps it and on one that breaks it."""

import re

import form
import lessons
import miniature
import notebooks
import prose
import pytest
from chapter import Chapter
from notebooks import source
from rules import RULES


def as_chapter(notebook: dict) -> Chapter:
    return Chapter(notebook, miniature.PLACE, miniature.URL, miniature.BRANCH)


@pytest.fixture
def notebook() -> dict:
    return miniature.notebook()


def cell(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def change(name: str, old: str, new: str):
    """Return a change of one cell's text; the text to replace must be there."""

    def apply(notebook: dict) -> None:
        text = source(cell(notebook, name))
        assert old in text, f"{old!r} is not in cell {name!r}"
        cell(notebook, name)["source"] = text.replace(old, new).splitlines(keepends=True)

    return apply


def drop(name: str):
    return lambda notebook: notebook["cells"].remove(cell(notebook, name))


def metadata(name: str, *keys: str, value):
    """Return a change of one entry in a cell's metadata."""

    def apply(notebook: dict) -> None:
        place = cell(notebook, name)["metadata"]
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return apply


def field(name: str, key: str, value):
    return lambda notebook: cell(notebook, name).update({key: value})


def swap(first: str, second: str):
    def apply(notebook: dict) -> None:
        cells = notebook["cells"]
        one, two = cells.index(cell(notebook, first)), cells.index(cell(notebook, second))
        cells[one], cells[two] = cells[two], cells[one]

    return apply


def long_cells(notebook: dict) -> None:
    for name in ("imports", "places"):
        cell(notebook, name)["source"] = ["x = 1\n"] * 13


ALT = ("mystnb", "image", "alt")
LONG_ENOUGH = "of a hand with many fingers stretched out"

BROKEN = [
    (form.canonical, field("places", "execution_count", 3), "make fix"),
    (form.canonical, field("places", "outputs", [{"output_type": "stream"}]), "make fix"),
    (form.canonical, field("places", "id", "0f3a9c1e"), "make fix"),
    (form.canonical, field("places", "id", "imports"), "make fix"),
    (form.canonical, metadata("places", "collapsed", value=True), "make fix"),
    (form.canonical, lambda notebook: notebook["metadata"].update(toc={}), "make fix"),
    (form.canonical, change("prerequisites", "minutes", "minutes or more"), "make fix"),
    (form.one_title, change("a-look", "Bright", "# Bright\n\nBright"), "2 headings of level one"),
    (form.one_title, swap("title", "objectives"), "move it to the first cell"),
    (form.sections, drop("quiz"), "must be"),
    (form.sections, swap("quiz", "summary"), "in this order"),
    (form.sections, change("prerequisites", "**Time**", "Time"), "**Time**"),
    (form.sections, change("sliding", "## Sliding", "### Sliding"), "lesson is missing"),
    (form.sections, change("next", "(ch02_next.ipynb)", ""), "link the next chapter"),
    (form.colab_link, change("title", "ch01_miniature.ipynb", "ch01_other.ipynb"), "badge"),
    (form.colab_link, change("title", miniature.URL.rsplit("/", 1)[1], "elsewhere"), "badge"),
    (form.setup_cell, change("setup-colab", "-q ", ""), "common setup"),
    (form.setup_cell, drop("setup-colab"), "common setup"),
    (form.setup_cell, change("imports", "import numpy", "!ls\nimport numpy"), "runs '!ls'"),
    (form.setup_cell, change("places", "places", "%pip install x\nplaces"), "%pip"),
    (form.figures, metadata("a-look-figure", "mystnb", value={}), "mystnb.image.alt"),
    (form.figures, metadata("a-look-figure", *ALT, value="A hand."), "mystnb.image.alt"),
    (form.figures, metadata("a-look-figure", *ALT, value=f"Figure {LONG_ENOUGH}"), "what it is"),
    (form.figures, metadata("a-look-figure", *ALT, value=f"A plot {LONG_ENOUGH}"), "what it is"),
    (form.figures, metadata("a-look-figure", "tags", value=[]), "tag it `figure`"),
    (form.figures, change("places", "places", "plt.imshow(x)\nplaces"), "'places' draws"),
    (form.cell_sizes, long_cells, "exceeds 12 lines: imports (13), places (13)"),
    (lessons.objectives, change("objectives", "ex-corr2d", "ex-other"), "not in the chapter"),
    (lessons.objectives, change("objectives", "ex-corr2d", "ex-other"), "meets no objective"),
    (lessons.objectives, change("objectives", " (exercise {ref}`Slide <ch01-ex-corr2d>`)", ""),
     "names no exercise"),
    (lessons.exercises, drop("exercise-slide"), "two or more"),
    (lessons.exercises, drop("ch01-corr2d-check"), "needs cells with grade ids"),
    (lessons.exercises, swap("ch01-corr2d", "ch01-corr2d-check"), "the order is"),
    (lessons.exercises, change("exercise-slide", "<summary>Hint</summary>\n", "<summary>Hint"),
     "no hint"),
    (lessons.grading, metadata("ch01-corr2d", "nbgrader", "grade_id", value="ch01-output-size"),
     "not unique"),
    (lessons.grading, metadata("ch01-corr2d", "nbgrader", "locked", value=True), "is (False"),
    (lessons.grading, change("ch01-corr2d", "### END SOLUTION", ""), "BEGIN SOLUTION"),
    (lessons.grading, metadata("ch01-corr2d", "tags", value=["solution"]), "hide-input"),
    (lessons.grading, metadata("ch01-corr2d-check", "nbgrader", "points", value=9), "checker 4"),
    (lessons.grading, metadata("ch01-corr2d-check", "nbgrader", "points", value=0), "more than 0"),
    (lessons.grading, change("ch01-corr2d-check", "check.corr2d", "check.corr"), "that exists"),
    (lessons.grading, metadata("ch01-corr2d-hidden", "tags", value=[]), "remove-cell"),
    (lessons.grading, change("ch01-corr2d-hidden", "### BEGIN", "x = 1\n### BEGIN"), "all of it"),
    (lessons.grading, change("places", "places", "### BEGIN SOLUTION\nplaces"), "no nbgrader"),
    (lessons.quiz, change("quiz", "token 3\n\n</details>", "token 3</details>"), "2 folded"),
    (prose.glued_numbers, change("places-glue", '"ch01"', '"ch02"'), "write 'ch01'"),
    (prose.glued_numbers, change("places-glue", "places=", "place="), "never glued"),
    (prose.typed_numbers, change("a-look", "Bright", "It reads 97.5 % of the bright"), "'97.5 %'"),
    (prose.typed_numbers, change("a-look", "Bright", "After 3 seconds bright"), "'3 seconds'"),
    (prose.typed_numbers, change("a-look", "Bright", "A loss of 0.97: bright"), "loss of 0"),
    (prose.words, change("a-look", "Bright", "Simply bright"), "'Simply'"),
    (prose.words, change("places", "places", "# just count\nplaces"), "'just'"),
    (prose.words, metadata("a-look-figure", *ALT, value="Obviously a hand"), "'Obviously'"),
    (prose.words, change("a-look", "Bright", "Hearing-impaired, bright"), "Hearing-impaired"),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_in_form_breaks_no_rule(rule, notebook):
    assert list(rule(as_chapter(notebook))) == []


@pytest.mark.parametrize(
    ("rule", "spoil", "message"), BROKEN, ids=[f"{rule.__name__}: {m}" for rule, _, m in BROKEN]
)
def test_a_broken_rule_says_so(rule, spoil, message, notebook):
    spoil(notebook)
    found = list(rule(as_chapter(notebook)))
    assert any(message in line for line in found), found


def test_every_rule_is_seen_broken():
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    "text",
    [
        "Ruff took `97.5 %` here",
        "{glue:text}`ch01_share:.1%` of the hands",
        "the article's 98 % {cite}`dumoulin2016`",
        "<!-- allow: a definition --> 100 % is all of them",
        "with $p = 50 %$ each",
        "```text\n3 seconds\n```",
        "the [1 s page](https://example.org/10%20)".replace("1 s page", "page"),
        "three sections, 28 pixels, 24 letters",
    ],
)
def test_numbers_that_may_be_typed(text, notebook):
    cell(notebook, "a-look")["source"] = [text]
    assert list(prose.typed_numbers(as_chapter(notebook))) == []


def test_words_may_be_quoted_with_a_reason():
    assert prose.forbidden("<!-- allow: quoted --> they wrote 'simply'") == []
    assert prose.forbidden("an adjustment, normally") == []


@pytest.mark.parametrize("name", ["mend", "twice"])
def test_fix_mends_what_a_program_can_mend(name, notebook):
    wanted = notebooks.dump(notebook)
    for spoil in (
        field("places", "execution_count", 3),
        field("places", "outputs", [{"output_type": "stream"}]),
        field("places-read", "id", "0f3a9c1e"),
        metadata("imports", "collapsed", value=True),
        metadata("ch01-corr2d", "mystnb", value={}),
        metadata("ch01-corr2d", "tags", value=["solution"]),
        change("title", "ch01_miniature.ipynb", "ch01_other.ipynb"),
        change("setup-colab", "-q ", ""),
        lambda notebook: notebook.update(nbformat_minor=4, metadata={"toc": {}}),
    ):
        spoil(notebook)
    assert len([rule for rule in RULES if list(rule(as_chapter(notebook)))]) >= 4
    place = (miniature.PLACE, miniature.URL, miniature.BRANCH)
    mended = notebooks.canonical(notebook, *place)
    if name == "twice":
        mended = notebooks.canonical(mended, *place)
    assert cell(mended, "sliding-text")  # the readable id that the section suggests
    cell(mended, "sliding-text")["id"] = "places-read"
    # A solution's tags keep the order in which they were written.
    cell(mended, "ch01-corr2d")["metadata"]["tags"].sort(reverse=True)
    assert notebooks.dump(mended) == wanted


def test_ids_come_from_grade_ids_labels_and_sections(notebook):
    for each in notebook["cells"]:
        del each["id"]
    place = (miniature.PLACE, miniature.URL, miniature.BRANCH)
    names = [each["id"] for each in notebooks.canonical(notebook, *place)["cells"]]
    assert names[0] == "a-chapter-in-little"
    assert {"ch01-ex-corr2d", "ch01-corr2d", "ch01-corr2d-check", "whats-next"} <= set(names)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)
    assert len(set(names)) == len(names)
