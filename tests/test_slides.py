"""Slides are made of the chapter's own headings, sentences, figures and values."""

import base64
import hashlib
import re

import miniature
import nbformat
import notebooks
import pytest
import slides

from asl_helpers.records import GLUED

PNG = b"any bytes"


@pytest.fixture
def executed():
    """The chapter in little, as the execution cache gives it back."""
    notebook = nbformat.from_dict(miniature.notebook())
    cells = {cell["id"]: cell for cell in notebook.cells}
    picture = nbformat.v4.new_output("display_data", {"image/png": base64.b64encode(PNG).decode()})
    cells["a-look-figure"].outputs = [picture]
    name = {"scrapbook": {"name": "ch01_places"}}
    value = nbformat.v4.new_output("display_data", {GLUED: "26"}, metadata=name)
    cells["places-glue"].outputs = [value]
    return notebook


def test_a_slide_for_each_section_and_nothing_that_is_work_for_students(executed):
    made = slides.slides(executed)
    assert [slide["heading"] for slide in made] == [
        "A chapter in little", "Objectives", "Sliding", "Summary",
    ]  # fmt: skip
    text = "\n".join(slide["text"] for slide in made)
    assert "- Slide a kernel\n" in f"{text}\n" and "quiz token" not in text
    assert "{" not in text.replace("\\sum_{i}", "")


def test_a_figure_keeps_its_text_alternative_and_its_place_in_the_book(executed):
    from nbconvert.exporters import SlidesExporter

    exporter = SlidesExporter(
        extra_template_basedirs=[str(slides.ROOT / "scripts")], template_name="slides_template"
    )
    html = slides.as_html(exporter, executed, "book/part1/ch01.html")
    (image,) = re.findall(r"<img\b[^>]*>", html)
    assert f'src="../_images/{hashlib.sha256(PNG).hexdigest()}.png"' in image
    assert 'alt="A black square: nothing answers where nothing is drawn."' in image
    assert 'href="../book/part1/ch01.html"' in html
    assert not re.search(r'(?:src|href)="(?:https?:)?//|@import|url\(', html), "another host"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One {term}`kernel <k>` slides {cite}`dumoulin2016`. Two.", "One kernel slides. Two."),
        ("There are {glue:text}`places:.1f` [places](ch02.ipynb).", "There are 26.0 places."),
        ("It stays. See {glue:text}`unknown:.0f`.", "It stays."),
        ("It stays. See {doc}`ch02_next`.", "It stays."),
        ("The sum is\n\n$$a + b$$ (label)\n\nand more.", "The sum is\n\n$$a + b$$"),
        ("Look at this:\n\n- a list", "Look at this."),
        (":::{note}\nAside.\n:::\n\nThe text.", "The text."),
        (f"{'Long ' * 40}sentence. {'Too ' * 40}long.", f"{'Long ' * 40}sentence."),
        ("| a | table |", ""),
    ],
)
def test_a_statement_is_the_first_sentences_in_plain_markdown(text, said):
    assert slides.statement(text, {"places": 26}) == said


def test_a_section_without_a_figure_shows_its_first_short_code(executed):
    executed.cells = [cell for cell in executed.cells if cell["id"] != "a-look-figure"]
    sliding = slides.slides(executed)[2]
    assert sliding["figure"] is None and sliding["code"] == "places = 28 - 3 + 1"


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_a_real_chapter_gives_slides_without_a_trace_of_myst(path):
    made = slides.slides(notebooks.read(path))
    assert [made[1]["heading"], made[-1]["heading"]] == ["Objectives", "Summary"]
    assert len(made) >= 8
    text = "\n".join(slide["text"] for slide in made[:-1])
    assert not re.search(r"\{[\w:]+\}`|^:::|\]\(", text, re.MULTILINE)
