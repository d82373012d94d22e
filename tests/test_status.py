"""The status page's tables say what the records hold, and name a record that is missing."""

import json

import pytest
import status


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An empty folder of records."""
    monkeypatch.setattr(status, "RESULTS", tmp_path)
    return tmp_path


def test_every_section_is_made_from_its_record():
    page = status.page()
    for title, name, _ in status.SECTIONS:
        assert f"## {title}" in page, name
    assert "asl_helpers" in status.package()


def test_tables_have_as_many_cells_in_each_row():
    rows = [line for line in status.page().splitlines() if line.startswith("|")]
    separators = [i for i, row in enumerate(rows) if set(row) <= set("|-: ")]
    for start, end in zip(separators, [*separators[1:], len(rows) + 1], strict=True):
        assert len({row.count("|") for row in rows[start - 1 : end - 1]}) == 1, rows[start - 1]


def test_a_missing_record_is_named(results):
    assert "`data/results/realtime.json` is not in this copy" in status.shown(
        "realtime", status.realtime
    )
    assert "Reading in real time" not in status.page()


def test_the_numbers_are_those_of_the_record(results):
    about = {"date": "2000-01-01", "device": "a machine", "versions": {"keras": "3"}}
    steps = [{"step": "Make the environment", "seconds": 98.4}]
    (results / "build.json").write_text(json.dumps({"about": about, "steps": steps}))
    page = status.page()
    assert "| Make the environment | 98 |" in page
    assert "Recorded 2000-01-01 on a machine; keras 3." in page


def test_conditions_show_the_best_and_the_worst(results):
    values = [
        {"value": v, "n": 48, "signers_own": 1.0, "right": r} for v, r in enumerate((0.9, 1.0, 0.1))
    ]
    text = status.conditions({"conditions": {"light": values}})
    assert "light: 1 | 48 | 100% | 100%" in text and "light: 2 | 48 | 100% | 10%" in text
    assert "light: 0" not in text
