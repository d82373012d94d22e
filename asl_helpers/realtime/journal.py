"""The journal: a SQLite file with one row a letter event, and never an image.

Each event is a transaction of its own in write-ahead mode, forced to the disk: a process killed at
any moment loses at most the event it was writing, and several may write at once. The columns take
numbers and short texts only, so that no image can get in.
"""

import contextlib
import csv
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from asl_helpers import files
from asl_helpers.errors import AslError, did_you_mean

COLUMNS = ("time", "session", "letter", "confidence", "model", "version", "latency_ms")
"""What a row holds: seconds since 1970 (UTC); the session's name; the letter, "space" or "del";
the reader's confidence, 0-1; which model read it, and its version; milliseconds from frame to
letter."""

_MARK = 0x41534C4A  # "ASLJ", SQLite's application_id: this is a journal, not another database
_PATIENCE = 10.0  # seconds to wait for another writer; each needs the file for some milliseconds
_TABLE = """CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    session TEXT NOT NULL CHECK (length(session) <= 64),
    letter TEXT NOT NULL CHECK (length(letter) <= 8),
    confidence REAL,
    model TEXT NOT NULL CHECK (length(model) <= 64),
    version TEXT NOT NULL CHECK (length(version) <= 64),
    latency_ms REAL
) STRICT"""


def default_path() -> Path:
    """Return where the journal lies if nothing else is said: ``journal.sqlite`` in the cache."""
    return files.cache_dir() / "journal.sqlite"


class Journal(contextlib.AbstractContextManager):
    """A session's way into the journal at ``path`` (default `default_path`), which it may begin.

    Close it, or use ``with``. A file that is no journal is left as it is, with an AslError.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        model: str = "landmarks",
        version: str = "",
        session: str | None = None,
    ) -> None:
        """Open the file; every row names this model, its version and this session."""
        self.path = Path(path or default_path())
        self.model, self.version = model, version
        self.session = session or f"{time.strftime('%Y-%m-%d %H:%M')} {uuid.uuid4().hex[:4]}"
        with _explained(self.path, "open"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)  # what somebody spells is theirs to read
            self._file = _open(self.path)

    def write(
        self,
        letter: str,
        confidence: float | None,
        latency_ms: float | None,
        when: float | None = None,
    ) -> None:
        """Write one event; it is on the disk when this returns.

        ``when`` is in seconds since 1970, now if left out; a gesture has no confidence. Raises
        AslError if the disk is full or gone; what was written before is kept, and a later event
        may be tried.
        """
        when = time.time() if when is None else when
        sure, took = (None if value is None else float(value) for value in (confidence, latency_ms))
        row = (float(when), self.session, letter, sure, self.model, self.version, took)
        insert = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        with _explained(self.path, "write to"), self._file:
            self._file.execute(insert, row)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with contextlib.suppress(sqlite3.Error):
            self._file.close()

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()


def read(path: str | Path | None = None, session: str | None = None, last: int = -1) -> list[dict]:
    """Return the events, a dict of `COLUMNS` each, in the order in which they were written.

    Of ``session`` only, or of all; at most the ``last`` ones.
    """
    query = f"SELECT {', '.join(COLUMNS)} FROM events WHERE session = ? OR ? IS NULL"
    with _existing(path) as file:
        rows = file.execute(f"{query} ORDER BY id DESC LIMIT ?", (session, session, last))
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows][::-1]


def sessions(path: str | Path | None = None, session: str | None = None) -> dict[str, int]:
    """Return each session's number of events, or the one ``session``'s, in order of their begin."""
    with _existing(path) as file:
        query = "SELECT session, count(*) FROM events GROUP BY session ORDER BY min(id)"
        counts = dict(file.execute(query).fetchall())
    if session is None:
        return counts
    if session not in counts:
        raise AslError(f"No session {session!r}.{did_you_mean(session, counts)}")
    return {session: counts[session]}


def export(out: Path, path: str | Path | None = None, session: str | None = None) -> int:
    """Write the events as .csv, .json or .jsonl, by the file's ending; return how many."""
    if out.suffix not in (".csv", ".json", ".jsonl"):
        raise AslError(f"Cannot tell a format from {out.name!r}: end it in .csv, .json, .jsonl")
    sessions(path, session)  # an unknown one is an error
    rows = read(path, session)
    with files.atomic_path(out) as made, made.open("w", newline="", encoding="utf-8") as file:
        if out.suffix == ".csv":
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        elif out.suffix == ".json":
            json.dump(rows, file, indent=1)
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return len(rows)


def clear(path: str | Path | None = None, session: str | None = None) -> int:
    """Delete all events, or one session's, and overwrite them on the disk; return how many."""
    with _existing(path) as file:
        query = "DELETE FROM events WHERE session = ? OR ? IS NULL"
        gone = file.execute(query, (session, session)).rowcount
        file.commit()
        # The rows are overwritten in the file; the write-ahead file has them until it is emptied.
        if file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise sqlite3.OperationalError("locked: the rows are gone, but another reader has them")
    return gone


@contextlib.contextmanager
def _existing(path: str | Path | None) -> Iterator[sqlite3.Connection]:
    """Open a journal that is there, also where it cannot be written."""
    path = Path(path or default_path())
    if not path.exists():
        raise AslError(f"No journal at {path}. `asl webcam` writes one.")
    with _explained(path, "read"), contextlib.closing(_open(path)) as file:
        yield file


def _open(path: Path) -> sqlite3.Connection:
    """Connect to a journal, and make its table in an empty file; refuse another database."""
    if path.is_dir():
        raise AslError(f"{path} is a folder. Name a file inside it.")
    can_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    mode = "mode=rw" if can_write else "mode=ro"
    beside = path.with_name(f"{path.name}-wal")
    if not can_write and not (beside.exists() and beside.stat().st_size):
        mode += "&immutable=1"  # a write-ahead file needs a writable folder even to be read
    address = f"{path.resolve().as_uri()}?{mode}"
    # An app opens it in one thread and writes in another.
    file = sqlite3.connect(address, timeout=_PATIENCE, uri=True, check_same_thread=False)
    is_new = not file.execute("SELECT 1 FROM sqlite_master").fetchone()
    if not is_new and file.execute("PRAGMA application_id").fetchone()[0] != _MARK:
        file.close()
        raise AslError(
            f"{path} is a database of something else; it is left as it is. Name another file with "
            "--journal."
        )
    if can_write:
        _write_ahead(file)
        file.execute("PRAGMA synchronous = FULL")
        file.execute("PRAGMA secure_delete = ON")
    if is_new:
        with file:
            file.execute("BEGIN IMMEDIATE")  # of two that begin a file one waits
            file.execute(_TABLE)
            file.execute(f"PRAGMA application_id = {_MARK}")
    return file


def _write_ahead(file: sqlite3.Connection) -> None:
    """Switch write-ahead mode on; of two that begin a file at once one has to wait."""
    for _ in range(int(_PATIENCE / 0.02)):
        with contextlib.suppress(sqlite3.OperationalError):
            file.execute("PRAGMA journal_mode = WAL")
            return
        time.sleep(0.02)
    file.execute("PRAGMA journal_mode = WAL")


@contextlib.contextmanager
def _explained(path: Path, what: str) -> Iterator[None]:
    """Turn SQLite's errors into messages that name the file, what failed and the next step."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        text = getattr(error, "strerror", None) or str(error)
        if "full" in text or "disk I/O" in text:
            step = "Free some space, or name a file on another disk with --journal."
        elif "locked" in text:
            step = "Another process holds it: close that, or name another file with --journal."
        elif "not a database" in text or "malformed" in text:
            step = "It is left as it is: move it away, or name another file with --journal."
        elif "closed" in text:
            step = "Make a new Journal."
        else:
            step = "Make the file and its folder writable, or name another file with --journal."
        raise AslError(f"Cannot {what} the journal {path}: {text}. {step}") from error
