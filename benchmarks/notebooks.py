"""Run each chapter alone, from top to bottom; record its seconds and its peak memory."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from asl_helpers.files import sha256
from benchmarks.record import ROOT, record

SAMPLES = ROOT / "data" / "samples" / "SHA256SUMS"


def main() -> int:
    chosen = [Path(name).resolve() for name in sys.argv[1:]]
    notebooks = chosen or sorted(ROOT.glob("book/part*/*.ipynb"))
    real = bool(os.environ.get("ASL_DATA_DIR", "").strip())
    rows = []
    for notebook in notebooks:
        seconds, peak, failed = run(notebook)
        if failed:
            print(f"{notebook.name} raised an error; nothing was recorded.", file=sys.stderr)
            return 1
        rows.append(
            {
                "notebook": str(notebook.relative_to(ROOT)),
                "title": title(notebook),
                "seconds": round(seconds, 1),
                "peak_memory_mb": round(peak / 1e6),
                "data": "real, from ASL_DATA_DIR" if real else "drawn",
            }
        )
        print(f"{rows[-1]['title']}: {seconds:.1f} s, {peak / 1e9:.2f} GB", flush=True)
    if not chosen:
        name = "notebooks_real" if real else "notebooks"
        print(record(name, {"notebooks": rows}, data=drawn(real)))
    return 0


def run(notebook: Path) -> tuple[float, int, bool]:
    """Return seconds, the peak resident bytes of all its processes, and whether it failed."""
    environment = {**os.environ, "ASL_OFFLINE": "1", "TF_ENABLE_ONEDNN_OPTS": "1"}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "2"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute"]
        command += ["--log-level=ERROR", "--output-dir", folder, str(notebook)]
        start, peak = time.monotonic(), 0
        process = subprocess.Popen(command, env=environment)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.2)
        return time.monotonic() - start, peak, process.returncode != 0


def resident(pid: int) -> int:
    """Return the resident bytes of a process and everything that it started."""
    try:
        top = psutil.Process(pid)
        family = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def title(notebook: Path) -> str:
    """Return "1 · Convolution" for ch01_convolution.ipynb with the title "# Convolution"."""
    number = re.match(r"ch(\d+)", notebook.stem)
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    heading = "".join(cells[0]["source"]).partition("\n")[0].lstrip("# ")
    return f"{int(number[1])} · {heading}" if number else heading


def drawn(real: bool) -> list[dict]:
    """The provenance of the data that the chapters loaded."""
    if real:
        return [{"source": "files of ASL_DATA_DIR", "sha256": None, "is_real": True}]
    digest = sha256(SAMPLES)
    return [{"source": "data/samples (drawn)", "sha256": digest, "is_real": False}]


if __name__ == "__main__":
    sys.exit(main())
