"""The tables made from the records say what the records hold, and name a record that is missing."""

import json

import pytest
import status


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An empty folder of records."""
    monkeypatch.setattr(status, "RESULTS", tmp_path)
    return tmp_path


def test_tables_have_as_many_cells_in_each_row():
    made = [status.shown(name, getattr(status, name)) for name in ("transfer", "realtime")]
    text = "\n".join([status.page(), *made, status.shown("realtime", status.conditions)])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    separators = [i for i, row in enumerate(rows) if set(row) <= set("|-: ")]
    assert len(separators) == 6
    for start, end in zip(separators, [*separators[1:], len(rows) + 1], strict=True):
        assert len({row.count("|") for row in rows[start - 1 : end - 1]}) == 1, rows[start - 1]


def test_the_page_names_what_each_record_was_made_on(results):
    about = {"date": "2000-01-01", "device": "a machine", "versions": {"keras": "3"}}
    (results / "build.json").write_text(json.dumps({"about": about}))
    assert "| `build.json` | 2000-01-01 | a machine | keras 3 |" in status.page()
    assert "`data/results/realtime.json` is not" in status.shown("realtime", status.realtime)


def test_conditions_show_the_best_and_the_worst(results):
    values = [
        {"value": v, "n": 48, "signers_own": 1.0, "right": r} for v, r in enumerate((0.9, 1.0, 0.1))
    ]
    text = status.conditions({"conditions": {"light": values}})
    assert "light: 1 | 48 | 100% | 100%" in text and "light: 2 | 48 | 100% | 10%" in text
    assert "light: 0" not in text
