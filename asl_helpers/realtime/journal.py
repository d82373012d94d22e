"""The journal: a SQLite file with one row a letter event, and never an image.

Each event is a transaction of its own in write-ahead mode, forced to the disk: a process killed at
any moment loses at most the event it was writing, and several may write at once. The columns take
numbers and short texts only, so that no image can get in.
"""

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

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
        self.session = session or f"{time.strftime('%Y-%m-%d %H:%M')} {uuid.uuid4().hex[:4]}"
        self._model = model[:64], version[:64]
        with _explained(self.path, "open"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)  # what somebody spells is theirs to read
            self._file = _open(self.path)

    def write(self, letter: str, confidence: float | None, latency_ms: float) -> None:
        """Write one event; it is on the disk when this returns. A gesture has no confidence.

        Raises AslError if the disk is full or gone; what was written before is kept, and a later
        event may be tried.
        """
        sure = None if confidence is None else float(confidence)
        row = (time.time(), self.session, letter, sure, *self._model, float(latency_ms))
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


def read(path: str | Path | None = None, session: str | None = None) -> pd.DataFrame:
    """Return the events, one row each with `COLUMNS`, in the order in which they were written.

    Of ``session`` only, or of all; raises AslError for a session or a journal that is not there.
    """
    with _existing(path) as file:
        events = pd.read_sql(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY id", file)
    if session is None:
        return events
    chosen = events[events["session"] == session]
    if chosen.empty:
        known = did_you_mean(session, events["session"].unique())
        raise AslError(f"No session {session!r}.{known}")
    return chosen.reset_index(drop=True)


def export(out: Path, path: str | Path | None = None, session: str | None = None) -> int:
    """Write the events as .csv, .json or .jsonl, by the file's ending; return how many."""
    if out.suffix not in (".csv", ".json", ".jsonl"):
        raise AslError(f"Cannot tell a format from {out.name!r}: end it in .csv, .json, .jsonl")
    events = read(path, session)
    with files.atomic_path(out) as made:
        if out.suffix == ".csv":
            events.to_csv(made, index=False)
        else:
            events.to_json(made, orient="records", lines=out.suffix == ".jsonl")
    return len(events)


def clear(path: str | Path | None = None, session: str | None = None) -> int:
    """Delete all events, or one session's, and overwrite them on the disk; return how many."""
    with _existing(path) as file:
        query = "DELETE FROM events WHERE session = ? OR ? IS NULL"
        gone = file.execute(query, (session, session)).rowcount
        file.commit()
        # The rows are overwritten in the file; the write-ahead file has them until it is emptied.
        if file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise AslError(
                "The rows are deleted, but another process still reads them. End it, then clear."
            )
    return gone


@contextlib.contextmanager
def _existing(path: str | Path | None) -> Iterator[sqlite3.Connection]:
    """Open a journal that is there."""
    path = Path(path or default_path())
    if not path.exists():
        raise AslError(f"No journal at {path}. `asl webcam` writes one.")
    with _explained(path, "read"), contextlib.closing(_open(path)) as file:
        yield file


def _open(path: Path) -> sqlite3.Connection:
    """Connect to a journal, and make its table in an empty file; refuse another database."""
    # An app opens it in one thread and writes in another.
    file = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
    is_new = not file.execute("SELECT 1 FROM sqlite_master").fetchone()
    if not is_new and file.execute("PRAGMA application_id").fetchone()[0] != _MARK:
        file.close()
        raise sqlite3.DatabaseError("a database of something else")
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
    """Switch write-ahead mode on; of two that begin a file at once one is refused, and retries."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            file.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def _explained(path: Path, what: str) -> Iterator[None]:
    """Turn SQLite's errors into a message that names the file, what failed and the next step."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise AslError(
            f"Cannot {what} the journal {path}: {error}. It is left as it is. Free some space, "
            "make the file and its folder writable, or name another file with --journal."
        ) from error
