"""Running a list of settings one by one, each finished run written down before the next begins."""

import itertools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from time import perf_counter
from typing import Any

import pandas as pd

from asl_helpers.sweeps.errors import SweepError
from asl_helpers.sweeps.fingerprint import code_fingerprint
from asl_helpers.sweeps.journal import RUN_COLUMNS, Journal, Row, frame

Settings = dict[str, Any]


def grid(**lists: Sequence[Any]) -> list[Settings]:
    """Return every combination of the given values as settings; the last name varies fastest.

    ``grid(rate=[0.1, 0.01], seed=[0, 1])`` are four runs. Grids add: ``grid(...) + grid(...)``.
    """
    for name, values in lists.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise SweepError(f"{name}={values!r} is one value, a list is needed: {name}=[...].")
    combinations = itertools.product(*lists.values())
    return [dict(zip(lists, values, strict=True)) for values in combinations]


def run_sweep(
    runs: Sequence[Settings],
    train: Callable[..., Mapping[str, Any]],
    path: str | Path,
    data: Mapping[str, Any],
    retry_failed: bool = False,
    verbose: bool = True,
) -> pd.DataFrame:
    """Train once for each of the settings, skip what the table at ``path`` has, return them all.

    A run is finished when the table has its settings under the same code (of ``train`` and of
    what it calls in its own module, comments aside). So after an interruption of any kind the same
    call goes on where it stopped. A run that raises is noted with its error, and the sweep goes
    on; only an interruption by the user ends it.

    Parameters
    ----------
    runs:
        Settings of each run, such as ``grid`` gives: numbers, texts, booleans or None. No two
        alike: a repetition has a seed of its own.
    train:
        Called as ``train(**settings)``; returns the scores by name: numbers, texts or booleans.
        What is not finite is noted as missing.
    path:
        The table: a file of JSON lines, made where there is none. One process at a time.
    data:
        What the scores depend on besides code and settings, such as ``{"source": ...,
        "sha256": ...}``. A table of other data is refused.
    retry_failed:
        Train again where the table has an error.
    verbose:
        Print a line a run: settings, first score, seconds, and about how long the rest takes.

    Returns
    -------
    pandas.DataFrame
        A row for each of ``runs`` in their order; columns are the settings, the scores (NaN where
        a run failed), ``error`` ("" where none) and ``seconds``. ``attrs["data"]`` is ``data``.

    Raises
    ------
    SweepError
        If settings, scores or ``train`` cannot be written down, the table is of other data, or
        another process is writing to it.
    """
    runs = [_plain(settings, "a setting") for settings in runs]
    keys = [_key(settings) for settings in runs]
    _check_unlike(runs, keys)
    code = code_fingerprint(train)
    with Journal(path, _plain(data, "data")) as journal:
        done = _finished(journal.rows, code, retry_failed)
        to_do = [place for place, key in enumerate(keys) if key not in done]
        if verbose:
            print(_opening(journal, keys, done, code))
        spent = 0.0
        for count, place in enumerate(to_do):
            row = _one(train, runs[place]) | {"code": code}
            journal.append(row)
            done[keys[place]] = row
            spent += row["seconds"]
            if verbose:
                left = spent / (count + 1) * (len(to_do) - count - 1)
                print(f"{place + 1}/{len(runs)} {_told(row)}{_left(left)}", flush=True)
    return frame([done[key] for key in keys], journal.data)


def _one(train: Callable[..., Mapping[str, Any]], settings: Settings) -> Row:
    """Train once; return the line for the table, with the error where it raises one."""
    start, scores, message = perf_counter(), {}, ""
    try:
        scores = train(**settings)
    except Exception as error:
        words = str(error).strip().splitlines() or ["no message"]
        message = f"{type(error).__name__}: {words[0]}"
    seconds = round(perf_counter() - start, 3)
    if not isinstance(scores, Mapping):
        raise SweepError(
            f"train returned a {type(scores).__name__}; expected a dict of scores, such as "
            "{'val_loss': 0.7}."
        )
    taken = sorted({*settings, *RUN_COLUMNS} & set(scores))
    if taken:
        raise SweepError(f"train returned {taken[0]!r}, which the table has already: rename it.")
    scores = _plain(scores, "a score")
    return {"settings": settings, "scores": scores, "error": message, "seconds": seconds}


def _finished(rows: list[Row], code: str, retry_failed: bool) -> dict[str, Row]:
    """Return the rows that need no new run, by the key of their settings."""
    good = [row for row in rows if row.get("code") == code and not (retry_failed and row["error"])]
    return {_key(row["settings"]): row for row in good}


def _plain(values: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return values as JSON has them: NumPy's numbers as Python's, what is not finite as None."""
    plain = {}
    for name, value in values.items():
        if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            value = None
        if not (value is None or isinstance(value, (str, int, float))):
            raise SweepError(
                f"{name!r} is a {type(value).__name__}; {what} is a number, a text, a boolean or "
                "None. Give it a name, and look the rest up in train."
            )
        plain[str(name)] = value
    return plain


def _key(settings: Settings) -> str:
    """Return the settings as one text: the order of the names and 1 for 1.0 do not matter."""
    even = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in settings.items()
    }
    return json.dumps(even, sort_keys=True)


def _check_unlike(runs: list[Settings], keys: list[str]) -> None:
    twice = next((runs[i] for i, key in enumerate(keys) if key in keys[:i]), None)
    if twice is not None:
        raise SweepError(f"Two runs with the settings {twice}: give each repetition its own seed.")


def _opening(journal: Journal, keys: list[str], done: dict[str, Row], code: str) -> str:
    """Say what the table has, before the first run."""
    there = sum(key in done for key in keys)
    other = sum(row.get("code") != code for row in journal.rows)
    words = f"{journal.path.name}: {there} of {len(keys)} runs are there already"
    return words + (f"; {other} made by other code do not count" if other else "")


def _told(row: Row) -> str:
    """Return a run in words: settings, its first score or its error, and its seconds."""
    settings = ", ".join(
        value if isinstance(value, str) else f"{name} {value}"
        for name, value in row["settings"].items()
    )
    first = next(((n, v) for n, v in row["scores"].items() if isinstance(v, float)), None)
    gave = shorten(row["error"], 40, placeholder=" …") or (
        f"{first[0]} {first[1]:.3f}" if first else "done"
    )
    return f"{settings}: {gave} ({row['seconds']:.0f} s)"


def _left(seconds: float) -> str:
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f", {minutes} min {rest} s left" if minutes else f", {rest} s left"
