"""The journal keeps every event through kills, two writers, old files and full disks."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from asl_helpers.errors import AslError
from asl_helpers.realtime import journal
from asl_helpers.realtime.journal import Journal

WRITER = """
import sys
from asl_helpers.realtime.journal import Journal
path, session, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Journal(path, session=session) as log:
    for place in range(count):
        log.write("ABC"[place % 3], 0.9, 12.5, when=float(place))
        print(place, flush=True)
"""


def write(path, letters="CHAIR", session="one", **options):
    with Journal(path, session=session, **options) as log:
        for place, letter in enumerate(letters):
            log.write(letter, 0.5, 10.0, when=float(place))


def letters_of(path, **options):
    return "".join(row["letter"] for row in journal.read(path, **options))


def writer(path, session, count):
    command = [sys.executable, "-c", WRITER, str(path), session, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_sound(path):
    with closing(sqlite3.connect(path)) as file:
        return file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_row_holds_what_the_reader_said(tmp_path):
    path = tmp_path / "j.sqlite"
    with Journal(path, model="landmarks", version="1a2b", session="s") as log:
        log.write("A", np.float32(0.75), np.float64(12.5), when=1000)
        log.write("space", 1, 9)
    first, second = journal.read(path)
    assert first == {
        "time": 1000.0,
        "session": "s",
        "letter": "A",
        "confidence": 0.75,
        "model": "landmarks",
        "version": "1a2b",
        "latency_ms": 12.5,
    }
    assert second["letter"] == "space" and second["time"] > 1.7e9


def test_sessions_are_kept_apart_and_in_order(tmp_path):
    path = tmp_path / "j.sqlite"
    write(path, "HI", "b")
    write(path, "YO", "a")
    assert journal.sessions(path) == {"b": 2, "a": 2}
    assert letters_of(path) == "HIYO"
    assert letters_of(path, session="a") == "YO"
    assert letters_of(path, last=3) == "IYO"
    assert Journal(path).session != Journal(path).session


def test_it_is_write_ahead_private_and_where_the_settings_say(tmp_path, monkeypatch):
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    with Journal() as log:
        assert log.path == tmp_path / "cache" / "journal.sqlite"
        log.write("A", 0.5, 1.0)
        assert log.path.with_name("journal.sqlite-wal").stat().st_size > 0
        assert log.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in log.path.parent.iterdir()] == ["journal.sqlite"]


def test_no_column_takes_a_picture(tmp_path):
    path = tmp_path / "j.sqlite"
    write(path)
    picture = bytes(1000)
    for column in ("time", "session", "letter", "confidence", "model", "version", "latency_ms"):
        for content in (picture, "x" * 1000):
            with closing(sqlite3.connect(path)) as file, pytest.raises(sqlite3.IntegrityError):
                file.execute(f"UPDATE events SET {column} = ?", (content,))


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_kill_loses_at_most_the_event_in_flight(tmp_path, after):
    path = tmp_path / "j.sqlite"
    child = writer(path, "killed", 1_000_000)
    for _ in range(after):
        said = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    said = int(([*child.stdout.read().split()] or [said])[-1])
    assert child.wait() == -signal.SIGKILL
    found = [row["time"] for row in journal.read(path)]
    assert found == list(map(float, range(len(found))))
    assert said + 1 <= len(found) <= said + 2
    assert is_sound(path)
    write(path, "Z", "next")
    assert letters_of(path, session="next") == "Z"


def test_two_writers_at_once_lose_nothing(tmp_path):
    path = tmp_path / "new" / "j.sqlite"
    children = [writer(path, name, 60) for name in ("left", "right")]
    for child in children:
        child.communicate()
        assert child.returncode == 0
    assert journal.sessions(path) == {"left": 60, "right": 60}
    for name in ("left", "right"):
        found = [row["time"] for row in journal.read(path, session=name)]
        assert found == list(map(float, range(60)))
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
        (tmp_path, "is a folder"),
    ]:
        before = path.read_bytes() if path.is_file() else None
        for use in (Journal, journal.clear) if path.is_file() else (Journal,):
            with pytest.raises(AslError, match=message):
                use(path)
        assert (path.read_bytes() if path.is_file() else None) == before


def test_reading_what_is_not_there_says_so(tmp_path):
    for use in (journal.read, journal.sessions, journal.clear):
        with pytest.raises(AslError, match="No journal at"):
            use(tmp_path / "absent.sqlite")
    assert not list(tmp_path.iterdir())


def test_clear_deletes_and_overwrites(tmp_path):
    path = tmp_path / "j.sqlite"
    write(path, "AAA", "a secret session")
    write(path, "BB", "kept")
    assert journal.clear(path, "a secret session") == 3
    assert letters_of(path) == "BB"
    assert b"a secret session" not in path.read_bytes()
    assert journal.clear(path) == 2
    assert journal.read(path) == []


def test_a_full_disk_is_said_and_writing_goes_on_once_there_is_room(tmp_path):
    path = tmp_path / "j.sqlite"
    with Journal(path, session="s") as log:
        pages = log._file.execute("PRAGMA page_count").fetchone()[0]
        log._file.execute(f"PRAGMA max_page_count = {pages}")
        written = 0
        with pytest.raises(AslError, match=r"full.*another disk"):
            while written < 10_000:
                log.write("A", 0.5, 1.0)
                written += 1
        assert 0 < written < 10_000
        log._file.execute("PRAGMA max_page_count = 1000")
        log.write("B", 0.5, 1.0)
    assert letters_of(path) == "A" * written + "B"
    assert is_sound(path)


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


@pytest.fixture
def folder():
    """A folder that others than root may enter, as tmp_path may not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@pytest.fixture
def unprivileged():
    """Nobody's rights, where the tests run as root, whom no permission stops."""
    if os.geteuid() == 0:
        os.setresuid(65534, 65534, 0)
        yield
        os.setresuid(0, 0, 0)
    else:
        yield


def test_a_read_only_folder_is_said(folder, request):
    folder.chmod(0o555)
    request.getfixturevalue("unprivileged")
    with pytest.raises(AslError, match="Make the file and its folder writable"):
        Journal(folder / "j.sqlite")


def test_a_read_only_journal_can_be_read_but_not_written(folder, request):
    path = folder / "j.sqlite"
    write(path)
    path.chmod(0o444)
    folder.chmod(0o555)
    request.getfixturevalue("unprivileged")
    assert letters_of(path) == "CHAIR"
    with pytest.raises(AslError, match="writable"):
        write(path, "MORE")
    assert letters_of(path) == "CHAIR"


def test_a_closed_journal_says_so(tmp_path):
    log = Journal(tmp_path / "j.sqlite")
    log.close()
    log.close()
    with pytest.raises(AslError, match="closed"):
        log.write("A", 0.5, 1.0)
