"""The journal keeps every event through kills, two writers, other files and full disks."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from time import strftime

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from asl_helpers.cli import app
from asl_helpers.errors import AslError
from asl_helpers.realtime import journal
from asl_helpers.realtime.journal import Journal

WRITER = """
import sys
from asl_helpers.realtime.journal import Journal
path, session, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Journal(path, session=session) as log:
    for index in range(count):
        log.write("ABC"[index % 3], 0.9, float(index))
        print(index, flush=True)
"""


def write(path, letters="CHAIR", session="one"):
    with Journal(path, session=session) as log:
        for letter in letters:
            log.write(letter, 0.5, 10.0)


def letters_of(path, **options):
    return "".join(journal.read(path, **options)["letter"])


def writer(path, session, count):
    command = [sys.executable, "-c", WRITER, str(path), session, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_sound(path):
    with closing(sqlite3.connect(path)) as file:
        return file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_row_holds_what_the_reader_said(tmp_path):
    path = tmp_path / "j.sqlite"
    with Journal(path, model="landmarks", version="1a2b", session="s") as log:
        log.write("A", np.float32(0.75), np.float64(12.5))
        log.write("space", None, 9)
    rows = journal.read(path)
    assert tuple(rows) == journal.COLUMNS and (rows["time"] > 1.7e9).all()
    assert rows.iloc[0].tolist()[1:] == ["s", "A", 0.75, "landmarks", "1a2b", 12.5]
    assert rows["letter"][1] == "space" and np.isnan(rows["confidence"][1])


def test_sessions_are_kept_apart_and_in_order(tmp_path):
    path = tmp_path / "j.sqlite"
    write(path, "HI", "b")
    write(path, "YO", "a")
    assert list(journal.read(path)["session"]) == ["b", "b", "a", "a"]
    assert letters_of(path) == "HIYO" and letters_of(path, session="a") == "YO"
    assert Journal(path).session != Journal(path).session


def test_it_is_write_ahead_private_and_where_the_settings_say(tmp_path, monkeypatch):
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    with Journal() as log:
        assert log.path == tmp_path / "cache" / "journal.sqlite"
        log.write("A", 0.5, 1.0)
        assert log.path.with_name("journal.sqlite-wal").stat().st_size > 0
        assert log.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in log.path.parent.iterdir()] == ["journal.sqlite"]
    log.close()
    with pytest.raises(AslError, match="closed"):
        log.write("A", 0.5, 1.0)


@pytest.mark.parametrize("column", journal.COLUMNS)
def test_no_column_takes_an_image(tmp_path, column):
    path = tmp_path / "j.sqlite"
    write(path)
    for content in (bytes(1000), "x" * 1000):
        with closing(sqlite3.connect(path)) as file, pytest.raises(sqlite3.IntegrityError):
            file.execute(f"UPDATE events SET {column} = ?", (content,))


@pytest.mark.parametrize("after", [1, 40])
def test_a_kill_loses_at_most_the_event_in_flight(tmp_path, after):
    path = tmp_path / "j.sqlite"
    child = writer(path, "killed", 1_000_000)
    for _ in range(after):
        said = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    said = int(([*child.stdout.read().split()] or [said])[-1])
    assert child.wait() == -signal.SIGKILL
    kept = list(journal.read(path)["latency_ms"])
    assert kept == list(map(float, range(len(kept))))
    assert said + 1 <= len(kept) <= said + 2 and is_sound(path)
    write(path, "Z", "next")
    assert letters_of(path, session="next") == "Z"


def test_two_writers_that_begin_it_at_once_lose_nothing(tmp_path):
    path = tmp_path / "new" / "j.sqlite"
    children = [writer(path, name, 60) for name in ("left", "right")]
    for child in children:
        child.communicate()
        assert child.returncode == 0
    for name in ("left", "right"):
        kept = list(journal.read(path, session=name)["latency_ms"])
        assert kept == list(map(float, range(60)))
    assert is_sound(path)


def test_other_files_are_refused_and_not_touched(tmp_path):
    notes, other, damaged = (tmp_path / name for name in ("notes.txt", "other.db", "cut.sqlite"))
    notes.write_text("my notes")
    with closing(sqlite3.connect(other)) as file, file:
        file.execute("CREATE TABLE events (id INTEGER, place TEXT)")
    damaged.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 8)
    for path, message in [
        (notes, "not a database"),
        (other, "a database of something else"),
        (damaged, "left as it is"),
    ]:
        before = path.read_bytes()
        for use in (Journal, journal.read, journal.clear):
            with pytest.raises(AslError, match=message):
                use(path)
        assert path.read_bytes() == before
    with pytest.raises(AslError, match="Cannot open"):
        Journal(tmp_path)
    for use in (journal.read, journal.clear):
        with pytest.raises(AslError, match="No journal at"):
            use(tmp_path / "absent.sqlite")
    assert len(list(tmp_path.iterdir())) == 3


def test_clear_deletes_and_overwrites(tmp_path):
    path = tmp_path / "j.sqlite"
    write(path, "AAA", "a secret session")
    write(path, "BB", "kept")
    assert journal.clear(path, "a secret session") == 3
    assert letters_of(path) == "BB"
    assert b"a secret session" not in path.read_bytes()
    assert journal.clear(path) == 2 and journal.read(path).empty


def test_a_disk_that_takes_no_more_bytes_keeps_what_was_written(tmp_path):
    """A real failing write, not SQLite's own limit: the process may not grow a file further."""
    path = tmp_path / "j.sqlite"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(path, session="s") as log:
        log.write("A", 0.5, 1.0)
        size = path.with_name("j.sqlite-wal").stat().st_size
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            with pytest.raises(AslError, match="Free some space"):
                log.write("B", 0.5, 1.0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        log.write("C", 0.5, 1.0)
    assert letters_of(path) == "AC"


# The commands


@pytest.fixture
def two_sessions(monkeypatch, tmp_path):
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path))
    for session, text in (("monday", "HI"), ("tuesday", "YES")):
        with Journal(model="landmarks", version="1a2b", session=session) as log:
            for letter in text:
                log.write(letter, 0.875, 11.6)


def run(*arguments, **options):
    return CliRunner().invoke(app, ["journal", *map(str, arguments)], **options)


def test_show_lists_letters_and_sessions(two_sessions):
    shown = run("show").output
    assert shown.count("1a2b") == shown.count(strftime("%Y-%m-%d %H:")) == 5
    assert "0.88" in shown and " 12\n" in shown
    assert shown.endswith("monday: 2 letters\ntuesday: 3 letters\n")
    assert run("show", "--last", 1).output.count("1a2b") == 1
    assert run("show", "--session", "monday").output.count("1a2b") == 2


def test_export_writes_what_was_asked_for(two_sessions, tmp_path):
    events = journal.read()
    for name in ("a.json", "a.csv"):
        assert run("export", tmp_path / name).exit_code == 0
    lines = run("export", tmp_path / "a.jsonl", "--session", "tuesday").output
    assert lines.endswith("a.jsonl: 3 letters\n")
    assert json.loads((tmp_path / "a.json").read_text()) == events.to_dict("records")
    rows = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(row)["letter"] for row in rows] == list("YES")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), events)


def test_clear_asks_first(two_sessions):
    assert run("clear", input="n\n").exit_code == 1 and len(journal.read()) == 5
    assert run("clear", "--session", "monday", "--yes").output == "Deleted 2 letters.\n"
    done = run("clear", input="y\n").output
    assert "Delete 3 letters for good?" in done and "Deleted 3 letters." in done
    assert run("show").output == "The journal is empty.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("show --session mondy", "Did you mean 'monday'?"),
        ("export a.xlsx", "a.xlsx"),
        ("show --journal absent.sqlite", "`asl webcam` writes one"),
    ],
)
def test_what_is_not_there_is_said(two_sessions, arguments, words):
    done = run(*arguments.split())
    assert isinstance(done.exception, AslError) and words in str(done.exception)
