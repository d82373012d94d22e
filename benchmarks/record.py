"""How every benchmark writes its result: with what is needed to judge it or to repeat it.

    from benchmarks.record import record

    record("renderer", {"images_per_second": {"64": 71.2}}, seed=1)

writes ``data/results/renderer.json``; chapters read it by ``asl_helpers.records.recorded``.
"""

import datetime
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path, cache_dir, user_data_dir

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "data" / "results"
DRAWN = {"source": "drawn by asl_helpers.hand", "sha256": None, "is_real": False}
"""The row that describes hands drawn anew in the run."""

Row = dict[str, Any]

VERSIONS = ("asl-helpers", "tensorflow", "keras", "numpy")


def record(
    name: str,
    result: dict[str, Any],
    *,
    seed: int | None = None,
    data: list[dict[str, Any]] | None = None,
    profile: str | None = None,
) -> Path:
    """Write ``data/results/NAME.json`` whole or not at all; return its path.

    Parameters
    ----------
    name:
        The file's name without ".json"; lower case and underscores.
    result:
        What was measured, in JSON's own types; units in the names ("seconds", "images_per_second").
    seed:
        The seed of the run; None where nothing is random.
    data:
        A row for each data set: its ``source`` in words, ``sha256``, and ``is_real``.
    profile:
        "quick" or "full", where the run has one.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r} is not a record's name: lower case and underscores.")
    facts = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": seed,
        "profile": profile,
        "device": device(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": versions(),
        "data": data or [],
    }
    text = json.dumps({"about": facts, **result}, indent=1, ensure_ascii=False, allow_nan=False)
    path = RESULTS / f"{name}.json"
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, sample standard deviation (None for a single run) and each run of a score."""
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "sd": sd, "runs": [round(float(v), 5) for v in values]}


def json_rows(table: pd.DataFrame) -> list[Row]:
    """Return a table as JSON has it: None for what is missing, four digits after the point."""
    short = table.round(4).astype(object)
    return short.where(short.notna(), None).to_dict("records")


def memory(name: str) -> joblib.Memory:
    """Return the cache of a benchmark: what is finished there is not computed again."""
    return joblib.Memory(cache_dir() / "benchmarks" / name, verbose=0)


def real_folder(holding: str) -> Path:
    """Return the reader's ASL_DATA_DIR, or end the run and say what it should hold."""
    folder = user_data_dir()
    if folder is None:
        sys.exit(f"Set ASL_DATA_DIR to the folder with {holding}.")
    return folder


def data_folders() -> Iterator[str | None]:
    """Yield None, then the reader's ASL_DATA_DIR if there is one; asl.load reads what was yielded.

    So one loop measures the drawn twin first and the real set after it.
    """
    folder = os.environ.pop("ASL_DATA_DIR", None)
    yield None
    if folder:
        os.environ["ASL_DATA_DIR"] = folder
        yield folder


def drawn_then_real(*measures: Callable[[], tuple[Row, Row]]) -> tuple[list[Row], list[Row]]:
    """Call each measure for the drawn twin, then for the real set where it is.

    A measure returns a row as `source_row` gives it, and what was measured; these are the lists of
    both. A set that is not here and has no twin is left out.
    """
    rows, results = [], []
    for where in data_folders():
        for measure in measures:
            try:
                row, result = measure()
            except AslError:
                continue
            if where and not row["is_real"]:
                continue
            rows.append(row)
            results.append(result)
            print(result, flush=True)
    return rows, results


def source_row(info: Any) -> dict[str, Any]:
    """Return the row of a record that describes a data set, from the ``info`` of `asl.load`."""
    return {"source": info.source, "sha256": info.sha256, "is_real": info.is_real}


def device() -> str:
    """The processor's name and how many cores this run may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"))
        name = found[1] if found else name
    return f"{name}, {cores} cores"


def versions() -> dict[str, str]:
    """The versions of the packages that a result depends on most, where they are installed."""
    found = {}
    for name in VERSIONS:
        for known in (name, f"{name}-cpu"):
            try:
                found[name] = metadata.version(known)
                break
            except metadata.PackageNotFoundError:
                continue
    return found
