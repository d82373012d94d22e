"""The table of a sweep on disk: one JSON object a line, and a line is there or it is not.

The first line says what the data are, each further one is a finished run. A line is written at
once and forced to the disk before the next run starts, so a killed process loses nothing but the
run it was in. One process at a time writes: it holds a lock that dies with it.
"""

import errno
import fcntl
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from asl_helpers.sweeps.errors import SweepError

RUN_COLUMNS = ("error", "seconds")
"""What a table says of every run besides its settings and scores."""

Row = dict[str, Any]

_ROW = {"settings", "scores", *RUN_COLUMNS}
_BEGINNING = b'{"data": '


class Journal:
    """A sweep's table, open for writing and locked; use it in a ``with`` block.

    Attributes
    ----------
    rows:
        The runs on disk in the order of their finish: dicts with ``settings``, ``scores``,
        ``error``, ``seconds`` and ``code``.
    """

    def __init__(self, path: str | Path, data: Mapping[str, Any]) -> None:
        """Open or begin the table at ``path``; set a half-written last line aside.

        Raises
        ------
        SweepError
            If another process writes there, the table is of other data, or the file is none.
        """
        self.path, self.data = Path(path), dict(data)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file: io.FileIO = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise SweepError(
                f"Cannot open {self.path}: {error.strerror}. Make its folder writable, or choose "
                "another."
            ) from error
        try:
            self._lock()
            self.rows = self._begin()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Journal":
        """Return the open table."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close the file, which gives the lock back."""
        self._file.close()

    def append(self, row: Row) -> None:
        """Write one run to the disk, whole; the disk has it when this returns."""
        self._write(row)
        self.rows.append(row)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepError(
                f"Another process is writing to {self.path.name}. Wait for its end, stop it, or "
                "give this sweep a file of its own."
            ) from None
        except OSError as error:
            raise SweepError(
                f"{self.path} cannot be locked ({error.strerror}), so two processes could spoil "
                "it. Choose a folder on a local disk."
            ) from error

    def _begin(self) -> list[Row]:
        """Check what the file is and whose data it has, mend its end, and return its rows."""
        self._file.seek(0)
        whole, torn = split_torn(self._file.readall())
        header, rows = parse(whole, self.path)
        if header is not None:
            _check_data(header["data"], self.data, self.path)
        elif torn and not torn.startswith(_BEGINNING) and not _BEGINNING.startswith(torn):
            raise _no_table(self.path)  # some other file: leave it as it is
        if torn:
            self._set_aside(torn, len(whole))
        elif whole and not whole.endswith(b"\n"):
            self._put(b"\n")  # cut between the line and its end: the run is whole
        if header is None:
            self._write({"data": self.data})
        return rows

    def _set_aside(self, torn: bytes, size: int) -> None:
        """Move what is left of a line to a file of its own, and say so."""
        aside = self.path.with_name(f"{self.path.name}.torn")
        with aside.open("ab") as file:
            file.write(torn + b"\n")
        self._file.truncate(size)
        print(
            f"{self.path.name}: the last line was cut short when its process ended.\n"
            f"It is set aside in {aside.name}; its run counts as not done."
        )

    def _write(self, row: Row) -> None:
        self._put(json.dumps(row, allow_nan=False).encode() + b"\n")

    def _put(self, line: bytes) -> None:
        """Add bytes at the end and force them to the disk, or take them back."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(end)
            raise SweepError(
                f"Could not write to {self.path}: {error.strerror}. The runs before are kept; "
                "free some space and start the sweep again."
            ) from error


def read_table(path: str | Path) -> pd.DataFrame:
    """Return every finished run of a table, a row each, in the order of their finish.

    Reading needs no lock: a line that is being written is left out. ``attrs["data"]`` holds what
    the table says of its data.

    Raises
    ------
    SweepError
        If there is no such table, or a line in its midst cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise SweepError(f"No table {path}. Run a sweep first: sweeps.run_sweep(..., {path.name!r}")
    header, rows = parse(split_torn(path.read_bytes())[0], path)
    return frame(rows, header["data"] if header else {})


def frame(rows: list[Row], data: Mapping[str, Any]) -> pd.DataFrame:
    """Return runs as a table: settings, scores (NaN where a run failed), error, seconds."""
    names: dict[str, None] = {}
    for kind in ("settings", "scores"):
        for row in rows:
            names.update(dict.fromkeys(row[kind]))
    flat = [
        {**row["settings"], **row["scores"], **{name: row[name] for name in RUN_COLUMNS}}
        for row in rows
    ]
    table = pd.DataFrame(flat, columns=[*names, *RUN_COLUMNS])
    empty = [name for name in names if table[name].isna().all()]
    table[empty] = table[empty].astype(float)  # no score there: NaN, not None
    table.attrs["data"] = dict(data)
    return table


def split_torn(content: bytes) -> tuple[bytes, bytes]:
    """Return the whole lines and what a killed process left of the last one (mostly nothing)."""
    start = content.rstrip(b"\n").rfind(b"\n") + 1
    last = content[start:]
    is_whole = not last.strip() or _parsed(last) is not None
    return (content, b"") if is_whole else (content[:start], last.rstrip())


def parse(content: bytes, path: Path) -> tuple[Row | None, list[Row]]:
    """Return the header (None for an empty file) and the runs of a table's whole lines."""
    lines = content.splitlines()
    found = [_parsed(line) for line in lines]
    if found and (found[0] is None or "data" not in found[0]):
        raise _no_table(path)
    if None in found:
        raise SweepError(
            f"{path.name}: line {found.index(None) + 1} of {len(lines)} cannot be read. Sweeps "
            "only ever add lines, so something else has changed the file: delete that line, or "
            "start a new table."
        )
    if not found:
        return None, []
    header, *rows = found
    if not all(set(row) >= _ROW for row in rows):
        raise _no_table(path)
    return header, rows


def _no_table(path: Path) -> SweepError:
    return SweepError(f"{path.name} is not the table of a sweep. Choose another file name.")


def _parsed(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _check_data(found: Row, given: Row, path: Path) -> None:
    """Raise SweepError when a table is of other data than the sweep."""
    if found == given:
        return
    other = sorted(key for key in {*found, *given} if found.get(key) != given.get(key))
    what = "; ".join(f"{key} {found.get(key)!r} there, {given.get(key)!r} here" for key in other)
    raise SweepError(
        f"{path.name} holds runs on other data ({what}). Scores on different data do not go into "
        "one table: give this sweep a file of its own."
    )
