"""What `asl journal show` and `asl journal export` do."""

import csv
import json
import time
from pathlib import Path

from asl_helpers.errors import did_you_mean
from asl_helpers.files import atomic_path
from asl_helpers.realtime.journal import COLUMNS, JournalError, read, sessions

_FORMATS = (".csv", ".json", ".jsonl")


def shown(path: Path | None, session: str | None, last: int) -> str:
    """Return the last letters as a table, and below it each session's number of letters."""
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("time", no_wrap=True)
    table.add_column("letter")
    table.add_column("confidence", justify="right")
    table.add_column("ms", justify="right")
    table.add_column("model")
    table.add_column("session", no_wrap=True)
    counts = _known(sessions(path), session)
    for row in read(path, session, last):
        table.add_row(
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row["time"])),
            row["letter"],
            _number(row["confidence"], ".2f"),
            _number(row["latency_ms"], ".0f"),
            f"{row['model']} {row['version']}".strip(),
            row["session"],
        )
    text = StringIO()
    if counts:
        Console(file=text, width=100).print(table)
    lines = [f"{name or '(unnamed)'}: {count} letters" for name, count in counts.items()]
    return text.getvalue() + "\n".join(lines or ["The journal is empty."]) + "\n"


def export(out: Path, path: Path | None = None, session: str | None = None) -> int:
    """Write the letters as .csv, .json or .jsonl by the file's ending; return how many.

    Raises
    ------
    JournalError
        For another ending, or a session that the journal does not have.
    """
    if out.suffix not in _FORMATS:
        raise JournalError(f"Cannot tell a format from {out.name!r}: end it in .csv, .json, .jsonl")
    _known(sessions(path), session)
    rows = read(path, session)
    with (
        atomic_path(out) as made,
        made.open("w", newline="" if out.suffix == ".csv" else None, encoding="utf-8") as file,
    ):
        if out.suffix == ".csv":
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        elif out.suffix == ".json":
            json.dump(rows, file, indent=1)
            file.write("\n")
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return len(rows)


def count(path: Path | None, session: str | None) -> int:
    """Return how many letters the journal, or one session in it, has; JournalError without one."""
    return sum(_known(sessions(path), session).values())


def _known(counts: dict[str, int], session: str | None) -> dict[str, int]:
    """Return the session's own count, or all; raise JournalError for one that is not there."""
    if session is None:
        return counts
    if session not in counts:
        raise JournalError(f"No session {session!r}.{did_you_mean(session, counts)}")
    return {session: counts[session]}


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
