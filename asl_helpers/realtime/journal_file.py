"""The journal's file: its form, how an older one becomes the present one, what is refused."""

import contextlib
import sqlite3
import time
from pathlib import Path

from asl_helpers.errors import AslError

VERSION = 2
"""Of the file's form, as in SQLite's ``user_version``; 0 is a journal from before it was set."""

COLUMNS = ("time", "session", "letter", "confidence", "model", "version", "latency_ms")
"""What a row holds: seconds since 1970 (UTC); the session's name; the letter, "space" or "del";
the reader's confidence, 0-1; which model read it, and its version; milliseconds from frame to
letter."""

_MARK = 0x41534C4A  # "ASLJ", SQLite's application_id: this is a journal, not another database
_MAGIC = b"SQLite format 3\0"
_PATIENCE = 10.0  # seconds to wait for another writer; each needs the file for some milliseconds

# A picture is a BLOB and a long one: no column takes it.
_SHORT = "TEXT NOT NULL CHECK (typeof({0}) = 'text' AND length({0}) <= {1})"
_FORM = f"""CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    time REAL NOT NULL CHECK (typeof(time) = 'real'),
    session {_SHORT.format("session", 64)},
    letter {_SHORT.format("letter", 8)},
    confidence REAL CHECK (typeof(confidence) IN ('real', 'null')),
    model {_SHORT.format("model", 64)},
    version {_SHORT.format("version", 64)},
    latency_ms REAL CHECK (typeof(latency_ms) IN ('real', 'null'))
)"""

# Columns that a form lacks, and what its rows get there.
_FILLED = {
    0: {"session": "''", "model": "''", "version": "''", "latency_ms": "NULL"},
    1: {"model": "''", "version": "''", "latency_ms": "NULL"},
}


class JournalError(AslError):
    """The journal cannot be read or written, or the file is none."""


def said(path: Path, what: str, error: sqlite3.Error) -> str:
    """Return a message that names the file, what failed and the next step."""
    text = str(error)
    if "full" in text or "disk I/O" in text:
        step = "Free some space, or name a file on another disk with --journal."
    elif "locked" in text:
        step = "Another process holds it: close that, or name another file with --journal."
    elif "malformed" in text or "not a database" in text:
        step = "The file is damaged: move it away, and a new one is begun."
    else:
        step = "Make the file and its folder writable, or name another file with --journal."
    return f"Cannot {what} the journal {path}: {text}. {step}"


def open_file(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """Open a journal, bring it to the present form, or begin it; raise JournalError.

    A file that is something else is not touched.
    """
    _refuse_others(path)
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # what somebody spells is theirs to read
        mode = "mode=ro" if read_only else "mode=rw"
        if read_only and not _unfinished(path):
            mode += "&immutable=1"  # a write-ahead file needs a writable folder even to be read
        file = sqlite3.connect(
            f"{path.resolve().as_uri()}?{mode}",
            uri=True,
            timeout=_PATIENCE,
            check_same_thread=False,  # an app opens it in one thread and writes in another
        )
    except (OSError, sqlite3.Error) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise JournalError(said(path, "open", sqlite3.OperationalError(text))) from error
    try:
        _prepare(file, path, read_only)
    except sqlite3.Error as error:
        file.close()
        raise JournalError(said(path, "open", error)) from error
    except BaseException:
        file.close()
        raise
    return file


def _refuse_others(path: Path) -> None:
    """Raise JournalError for a file or folder that SQLite did not write."""
    if path.is_dir():
        raise JournalError(f"{path} is a folder. Name a file inside it.")
    with contextlib.suppress(OSError), path.open("rb") as file:
        start = file.read(len(_MAGIC))
        if start and start != _MAGIC:
            raise JournalError(
                f"{path} is no SQLite file, so no journal; it is left as it is. Name another file "
                "with --journal."
            )


def _unfinished(path: Path) -> bool:
    """Tell whether a write-ahead file with events lies beside the journal."""
    beside = path.with_name(f"{path.name}-wal")
    return beside.is_file() and beside.stat().st_size > 0


def _prepare(file: sqlite3.Connection, path: Path, read_only: bool) -> None:
    file.isolation_level = None  # transactions begin where they are written here
    version = _version(file, path)
    if read_only:
        if version != VERSION:
            raise JournalError(
                f"{path} is an older journal and cannot be written, so it cannot be brought to "
                "the present form. Copy it into a folder of your own and open the copy."
            )
        return
    _write_ahead(file)
    file.execute("PRAGMA synchronous = FULL")
    file.execute("PRAGMA secure_delete = ON")
    if version == VERSION:
        return
    file.execute("BEGIN IMMEDIATE")  # of two that begin or change it, one waits, then looks again
    try:
        _bring_up(file, _version(file, path))
        file.execute("COMMIT")
    except BaseException:
        if file.in_transaction:
            file.execute("ROLLBACK")
        raise


def _write_ahead(file: sqlite3.Connection) -> None:
    """Switch write-ahead mode on; two that begin a file at once do not wait by themselves."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            file.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _version(file: sqlite3.Connection, path: Path) -> int | None:
    """Return the form's number, None for an empty file; raise JournalError for another one."""
    version = file.execute("PRAGMA user_version").fetchone()[0]
    mark = file.execute("PRAGMA application_id").fetchone()[0]
    tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
    if not tables and not version and not mark:
        return None
    columns = {row[1] for row in file.execute("PRAGMA table_info(events)")}
    if mark not in (0, _MARK) or (mark == 0 and version > 1) or not columns:
        columns = set()
    if version > VERSION and columns:
        raise JournalError(
            f"{path} was written by a newer version of the course (form {version}, here "
            f"{VERSION}). Update the package, or name another file with --journal."
        )
    if not columns >= set(COLUMNS) - set(_FILLED.get(version, ())):
        raise JournalError(
            f"{path} is a database of something else; it is left as it is. Name another file with "
            "--journal."
        )
    return version


def _bring_up(file: sqlite3.Connection, version: int | None) -> None:
    """Begin the table, or move an older one's rows into it."""
    if version == VERSION:
        return  # the other process was first
    if version is not None:
        file.execute("ALTER TABLE events RENAME TO older")
    file.execute(_FORM)
    if version is not None:
        values = [_FILLED[version].get(column, column) for column in COLUMNS]
        file.execute(
            f"INSERT INTO events ({', '.join(COLUMNS)}) "
            f"SELECT {', '.join(values)} FROM older ORDER BY rowid"
        )
        file.execute("DROP TABLE older")
    file.execute(f"PRAGMA application_id = {_MARK}")
    file.execute(f"PRAGMA user_version = {VERSION}")
