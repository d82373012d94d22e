"""What the benchmarks share: one spread of scores, one way through the data sets."""

import os
from types import SimpleNamespace

import pytest

from benchmarks import record


def test_the_drawn_data_come_first_and_the_readers_own_after(monkeypatch):
    monkeypatch.setenv("ASL_DATA_DIR", "mine")
    assert [(where, os.environ.get("ASL_DATA_DIR")) for where in record.data_folders()] == [
        (None, None),
        ("mine", "mine"),
    ]
    monkeypatch.delenv("ASL_DATA_DIR")
    assert list(record.data_folders()) == [None]


def test_a_real_set_is_measured_where_there_is_one(monkeypatch):
    def measured(is_real):
        info = SimpleNamespace(source="s", sha256="1", is_real=is_real)
        return record.source_row(info), {"real": is_real}

    def measure():
        return measured(os.environ.get("ASL_DATA_DIR") == "has it")

    monkeypatch.setenv("ASL_DATA_DIR", "has it")
    rows, results = record.drawn_then_real(measure)
    assert [row["is_real"] for row in rows] == [result["real"] for result in results]
    assert [row["is_real"] for row in rows] == [False, True]
    monkeypatch.setenv("ASL_DATA_DIR", "lacks it")  # the twin again: once is enough
    assert len(record.drawn_then_real(measure)[0]) == 1


def test_a_run_that_needs_real_data_says_which(monkeypatch, tmp_path):
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    assert record.real_folder("five signers") == tmp_path.resolve()
    monkeypatch.delenv("ASL_DATA_DIR")
    with pytest.raises(SystemExit, match="Set ASL_DATA_DIR to the folder with five signers"):
        record.real_folder("five signers")


def test_a_spread_is_that_of_a_sample_and_one_run_has_none():
    assert record.spread([0.25, 0.75]) == {
        "mean": 0.5,
        "sd": pytest.approx(0.125**0.5),
        "runs": [0.25, 0.75],
    }
    assert record.spread([0.5])["sd"] is None
