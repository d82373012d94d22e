"""`asl journal show|export|clear`, as somebody types them."""

import csv
import json

import pytest
from typer.testing import CliRunner

from asl_helpers.cli import app
from asl_helpers.errors import AslError
from asl_helpers.realtime import journal
from asl_helpers.realtime.journal import Journal


@pytest.fixture(autouse=True)
def letters(monkeypatch, tmp_path):
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path))
    for session, text in (("monday", "HI"), ("tuesday", "YES")):
        with Journal(model="landmarks", version="1a2b", session=session) as log:
            for letter in text:
                log.write(letter, 0.875, 11.6, when=1.8e9)


def run(*arguments, **options):
    return CliRunner().invoke(app, ["journal", *map(str, arguments)], **options)


def test_show_lists_letters_and_sessions():
    done = run("show")
    assert done.exit_code == 0
    assert done.output.count("landmarks 1a2b") == 5
    assert "0.88" in done.output and "  12  " in done.output and "2027-01-15" in done.output
    assert done.output.endswith("monday: 2 letters\ntuesday: 3 letters\n")


def test_show_can_be_limited():
    assert run("show", "--last", 1).output.count("1a2b") == 1
    assert run("show", "--session", "monday").output.count("1a2b") == 2
    done = run("show", "--session", "mondy")
    assert isinstance(done.exception, AslError)
    assert "Did you mean 'monday'?" in str(done.exception)


def test_export_writes_what_was_asked_for(tmp_path):
    rows = journal.read()
    assert run("export", tmp_path / "a.json").exit_code == 0
    assert json.loads((tmp_path / "a.json").read_text()) == rows
    assert run("export", tmp_path / "a.jsonl", "--session", "tuesday").output.endswith(
        "a.jsonl: 3 letters\n"
    )
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["letter"] for line in lines] == list("YES")
    assert run("export", tmp_path / "a.csv").exit_code == 0
    with (tmp_path / "a.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["letter"] for row in read] == list("HIYES")
    assert float(read[0]["confidence"]) == 0.875


def test_export_refuses_another_format(tmp_path):
    done = run("export", tmp_path / "a.xlsx")
    assert isinstance(done.exception, AslError) and "a.xlsx" in str(done.exception)
    assert not (tmp_path / "a.xlsx").exists()


def test_clear_asks_first():
    assert run("clear", input="n\n").exit_code == 1
    assert len(journal.read()) == 5
    done = run("clear", input="y\n")
    assert "Delete 5 letters for good?" in done.output
    assert "Deleted 5 letters." in done.output
    assert journal.read() == []
    assert run("show").output == "The journal is empty.\n"


def test_clear_can_be_told_not_to_ask_and_what_to_keep():
    assert run("clear", "--session", "monday", "--yes").output == "Deleted 2 letters.\n"
    assert journal.sessions() == {"tuesday": 3}


def test_without_a_journal_it_says_so(tmp_path):
    done = run("show", "--journal", tmp_path / "absent.sqlite")
    assert isinstance(done.exception, AslError)
    assert "`asl webcam` writes one" in str(done.exception)
