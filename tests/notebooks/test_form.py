"""Every chapter keeps every rule; the pages keep the rules of words."""

import notebooks
import prose
import pytest
from chapter import Chapter
from rules import RULES

CHAPTERS = notebooks.chapters()
PAGES = sorted([notebooks.ROOT / "README.md", *notebooks.ROOT.glob("book/**/*.md")])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(path, rule):
    place = path.relative_to(notebooks.ROOT).as_posix()
    broken = list(rule(Chapter(notebooks.read(path), place, *notebooks.repository())))
    assert not broken, "\n".join([f"{place} breaks {rule.__name__}:", *broken])


def test_there_are_chapters_and_their_numbers_are_unique():
    numbers = [path.stem.split("_")[0] for path in CHAPTERS]
    assert numbers
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_words(path):
    assert prose.forbidden(path.read_text(encoding="utf-8")) == []
