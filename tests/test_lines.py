"""The package stays small: its lines, what a chapter reaches of it, and the order of imports."""

import json

import lines
import pytest


@pytest.fixture(scope="module")
def code():
    return lines.Code()


@pytest.mark.parametrize("folder", lines.MOST_LINES)
def test_a_folder_has_at_most_its_lines(folder):
    assert lines.totals()[folder][1] <= lines.MOST_LINES[folder]


def test_a_chapter_reaches_at_most_its_lines(code):
    reached = lines.chapters(code)
    assert reached
    assert {name: n for name, n in reached.items() if n > lines.MOST_REACHED} == {}


def test_imports_go_one_way(code):
    assert code.circle() == []
    assert code.against_the_order() == []


@pytest.fixture
def small(tmp_path):
    """A package of two modules and one chapter."""
    package = tmp_path / "asl_helpers"
    package.mkdir()
    (package / "__init__.py").write_text('_LAZY = {"load": "asl_helpers.datasets"}\n')
    (package / "datasets.py").write_text(
        "from asl_helpers import records\nLIMIT = 3\n\n\ndef load():\n"
        "    return records.read(LIMIT)\n\n\ndef unused():\n    pass\n"
    )
    (package / "records.py").write_text("def read(n):\n    x = n\n    return x\n")
    chapter = tmp_path / "book" / "part1" / "ch01_x.ipynb"
    chapter.parent.mkdir(parents=True)
    cell = {"cell_type": "code", "source": ["import asl_helpers as asl\n", "%time\n", "asl.load()"]}
    chapter.write_text(json.dumps({"cells": [cell]}))
    return tmp_path


def test_reach_follows_names_and_lazy_packages(small):
    # load (2 lines) and LIMIT (1), then read (3); not unused.
    assert lines.chapters(lines.Code(small), small) == {"ch01_x": 6}


def test_a_circle_and_a_wrong_order_are_found(small):
    (small / "asl_helpers" / "records.py").write_text("from asl_helpers import datasets\n")
    code = lines.Code(small)
    assert set(code.circle()) == {"asl_helpers.datasets", "asl_helpers.records"}
    assert code.against_the_order() == ["asl_helpers.records imports asl_helpers.datasets"]
