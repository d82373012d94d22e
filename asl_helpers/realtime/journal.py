"""The journal: a SQLite file with one row a letter event, and never a picture.

Each event is a transaction of its own in write-ahead mode, forced to the disk: a process killed at
any moment loses at most the event it was writing, and several may write at once. The columns take
numbers and short texts only, so that no picture can get in.
"""

import contextlib
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from asl_helpers import settings
from asl_helpers.realtime.journal_file import COLUMNS, JournalError, open_file, said

__all__ = ["COLUMNS", "Journal", "JournalError", "clear", "default_path", "read", "sessions"]

_INSERT = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def default_path() -> Path:
    """Return where the journal lies if nothing else is said: ``journal.sqlite`` in the cache."""
    return settings.cache_dir() / "journal.sqlite"


class Journal:
    """A session's way into the journal. Close it, or use ``with``.

    Attributes
    ----------
    path:
        The file.
    session:
        This session's name, in every row that it writes.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        model: str = "landmarks",
        version: str = "",
        session: str | None = None,
    ) -> None:
        """Open the journal at ``path`` (default `default_path`), or begin it.

        Raises
        ------
        JournalError
            If the file is no journal (it is left as it is), a newer one, or cannot be written.
        """
        self.path = Path(path) if path is not None else default_path()
        self.model, self.version = model, version
        self.session = session or f"{time.strftime('%Y-%m-%d %H:%M')} {uuid.uuid4().hex[:4]}"
        self._file: sqlite3.Connection | None = open_file(self.path)

    def write(
        self,
        letter: str,
        confidence: float | None,
        latency_ms: float | None,
        when: float | None = None,
    ) -> None:
        """Write one event; it is on the disk when this returns.

        ``when`` is in seconds since 1970, now if left out; a gesture has no confidence. Raises
        JournalError if the disk is full or gone; what was written before is kept, and a later
        event may be tried.
        """
        if self._file is None:
            raise JournalError("This journal is closed. Make a new Journal.")
        when = time.time() if when is None else when
        sure, took = (None if value is None else float(value) for value in (confidence, latency_ms))
        row = (float(when), self.session, letter, sure, self.model, self.version, took)
        try:
            with self._file:
                self._file.execute(_INSERT, row)
        except sqlite3.Error as error:
            raise JournalError(said(self.path, "write to", error)) from error

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def __enter__(self) -> "Journal":
        """Return the open journal."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()


def read(
    path: str | Path | None = None, session: str | None = None, last: int | None = None
) -> list[dict]:
    """Return the events, a dict of `COLUMNS` each, in the order in which they were written.

    Parameters
    ----------
    path:
        The journal's file; default `default_path`.
    session:
        Only this session's.
    last:
        At most so many, the last ones.

    Raises
    ------
    JournalError
        If there is no such file, or it is no journal.
    """
    query = f"SELECT {', '.join(COLUMNS)} FROM events WHERE session = ? OR ? IS NULL"
    query += " ORDER BY id DESC LIMIT ?"
    with _reading(path) as file:
        rows = file.execute(query, (session, session, -1 if last is None else last)).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in reversed(rows)]


def sessions(path: str | Path | None = None) -> dict[str, int]:
    """Return each session's number of events, in the order of their first events."""
    query = "SELECT session, count(*) FROM events GROUP BY session ORDER BY min(id)"
    with _reading(path) as file:
        return dict(file.execute(query).fetchall())


def clear(path: str | Path | None = None, session: str | None = None) -> int:
    """Delete all events, or one session's, and overwrite them on the disk; return how many."""
    path = _existing(path)
    file = open_file(path)
    try:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # makes room where the disk is full
        with file:
            gone = file.execute(
                "DELETE FROM events WHERE session = ? OR ? IS NULL", (session, session)
            ).rowcount
        # The rows are overwritten in the file; the write-ahead file has them until it is emptied.
        is_busy = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if is_busy:
            raise sqlite3.OperationalError("the rows are gone, but another reader locked the rest")
        with contextlib.suppress(sqlite3.Error):  # a smaller file is a bonus that needs room
            file.execute("VACUUM")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise JournalError(said(path, "clear", error)) from error
    finally:
        file.close()
    return gone


def _existing(path: str | Path | None) -> Path:
    path = Path(path) if path is not None else default_path()
    if not path.is_file():
        raise JournalError(f"No journal at {path}. `asl webcam` writes one.")
    return path


@contextlib.contextmanager
def _reading(path: str | Path | None) -> Iterator[sqlite3.Connection]:
    """Open a journal for reading, also where its folder cannot be written."""
    path = _existing(path)
    can_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    file = open_file(path, read_only=not can_write)
    try:
        yield file
    except sqlite3.Error as error:
        raise JournalError(said(path, "read", error)) from error
    finally:
        file.close()
