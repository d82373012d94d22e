"""Record how long the course takes, and the values that its prose quotes.

python -m benchmarks.builds build                   environment, cold build, warm build
python -m benchmarks.builds notebooks [FILES]       seconds and peak memory of each chapter
python -m benchmarks.builds grading [CHAPTER]       30 honest submissions; printed, not recorded
python -m benchmarks.builds values [CACHES]         what the chapters of the last build glued
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from asl_helpers import records
from asl_helpers.files import sha256, user_data_dir
from benchmarks.record import ROOT, record

STEPS = (
    ("environment", ".venv/.ready", "Make the environment"),
    ("cold", "book", "Build the book, nothing executed before"),
    ("warm", "book", "Build again, nothing changed"),
)


def build() -> None:
    """Record the seconds of each step from a fresh clone to the pages."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "course"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {**os.environ, "ASL_OFFLINE": "1", "ASL_CACHE_DIR": str(clone / ".cache")}
        environment.pop("ASL_DATA_DIR", None)
        for name, target, step in STEPS:
            start = time.monotonic()
            subprocess.run(["make", target], cwd=clone, env=environment, check=True)
            seconds = round(time.monotonic() - start, 1)
            rows.append({"name": name, "step": step, "seconds": seconds})
    print(record("build", {"steps": rows}))


def notebooks(chosen: list[Path]) -> None:
    """Run each chapter alone, from top to bottom; record them where none was chosen."""
    real, rows = user_data_dir() is not None, []
    for notebook in chosen or sorted(ROOT.glob("book/part*/*.ipynb")):
        seconds, peak = run(notebook)
        row = {
            "notebook": str(notebook.resolve().relative_to(ROOT)),
            "title": title(notebook),
            "seconds": round(seconds, 1),
            "peak_memory_mb": round(peak / 1e6),
            "data": "real, from ASL_DATA_DIR" if real else "drawn",
        }
        rows.append(row)
        print(f"{row['title']}: {seconds:.1f} s, {peak / 1e9:.2f} GB", flush=True)
    data = samples()
    if real:
        data = {"source": "files of ASL_DATA_DIR", "sha256": None, "is_real": True}
    if not chosen:
        name = "notebooks_real" if real else "notebooks"
        print(record(name, {"notebooks": rows}, data=[data]))


def samples() -> dict:
    """Return the row of a record that describes the embedded data."""
    drawn = sha256(ROOT / "data" / "samples" / "SHA256SUMS")
    return {"source": "data/samples (drawn)", "sha256": drawn, "is_real": False}


def values(folders: list[Path]) -> None:
    """Record what the chapters glued, from the caches of builds on drawn data."""
    found: dict = {}
    for folder in folders or [None]:
        found |= glued(folder)
    print(record("values", {"values": dict(sorted(found.items()))}, data=[samples()]))


def glued(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """Return what each executed chapter glued for its prose: its repr, by chapter and name.

    ``folder`` is a cache of jupyter-cache; without it, the one that the last build used.
    """
    from jupyter_cache import get_cache

    if folder is None:
        caches = (ROOT / "_build" / "executed").glob("*/global.db")
        folder = max((path.parent for path in caches), key=lambda path: path.stat().st_mtime)
    cache = get_cache(folder)
    values: dict[str, dict[str, str]] = {}
    for path in sorted(ROOT.glob("book/part*/ch*.ipynb")):
        try:
            record = cache.match_cache_file(str(path))
        except KeyError:  # it did not run, or stopped
            continue
        values[path.stem[:4]] = records.glued(cache.get_cache_bundle(record.pk).nb)
    return values


def grading(chapter: str = "ch01", count: int = 30) -> None:
    """Print how long `asl labs grade` takes for honest submissions of a chapter."""
    from asl_helpers.labs import editions
    from asl_helpers.labs.grade import grade
    from asl_helpers.labs.release import student_notebook

    found, cores = editions.find(chapter), os.cpu_count() or 1
    asked = [cell for cell in found.read()["cells"] if "nbgrader" in cell["metadata"]]
    solved = {
        cell["id"]: editions.without_marks(cell["source"])
        for cell in asked
        if cell["metadata"]["nbgrader"]["solution"]
    }
    notebook = student_notebook(found)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        folder.mkdir()
        for number in range(count):
            for cell in notebook["cells"]:
                if cell["id"] in solved:
                    cell["source"] = f"{solved[cell['id']]}  # student {number}"
            path = folder / f"student{number}.ipynb"
            path.write_text(json.dumps(notebook), encoding="utf-8")
        start = time.monotonic()
        table = grade(chapter, folder, Path(name) / "grades.csv", jobs=cores)
        seconds = time.monotonic() - start
    full = sum(row["total"] == row["out_of"] for row in table.rows.values())
    print(f"{chapter}: {count} submissions in {seconds:.0f} s on {cores} cores")
    print(f"{full} of them have all points")
    if full < count:
        sys.exit(table.summary())


def run(notebook: Path) -> tuple[float, int]:
    """Return a run's seconds, and the peak resident bytes of all its processes together."""
    environment = {**os.environ, "ASL_OFFLINE": "1", "TF_ENABLE_ONEDNN_OPTS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute"]
        command += ["--log-level=ERROR", "--output-dir", folder, str(notebook)]
        start, peak = time.monotonic(), 0
        process = subprocess.Popen(command, env=environment | {"TF_CPP_MIN_LOG_LEVEL": "2"})
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.2)
    if process.returncode:
        sys.exit(f"{notebook.name} raised an error; nothing was recorded.")
    return time.monotonic() - start, peak


def resident(pid: int) -> int:
    """Return the resident bytes of a process and everything that it started."""
    total = 0
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # it has just ended
    return total


def title(notebook: Path) -> str:
    """Return "1 · Convolution" for ch01_convolution.ipynb with the title "# Convolution"."""
    number = re.match(r"ch(\d+)", notebook.stem)
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    heading = "".join(cells[0]["source"]).partition("\n")[0].lstrip("# ")
    return f"{int(number[1])} · {heading}" if number else heading


if __name__ == "__main__":
    what, names = sys.argv[1], sys.argv[2:]
    commands = {
        "build": build,
        "notebooks": lambda *names: notebooks([Path(name) for name in names]),
        "grading": grading,
        "values": lambda *names: values([Path(name) for name in names]),
    }
    commands[what](*names)
