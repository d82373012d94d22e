"""Every check of the project, one after the other, with one summary at the end.

`--fix` mends what a program can mend instead. All parts run even if an early one fails, so that
one run shows everything; each names the command or the place that mends it.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from chromium import ChromiumError, ensure

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
RUFF = [sys.executable, "-m", "ruff"]
CELL_SECONDS = 240
SIDE_BY_SIDE = ["-n", str(min(4, os.cpu_count() or 1))]  # each takes up to 3 GB
# Drawn data, no network, nothing from the reader's own cache: the same on every machine.
ENVIRONMENT = {
    "ASL_OFFLINE": "1",
    "ASL_PROFILE": "quick",
    "ASL_CACHE_DIR": str(ROOT / "_build" / "test-cache"),
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
}
SUMMARY = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed)\b")


@dataclass
class Part:
    """One check: its commands, and where to look when it fails."""

    name: str
    commands: list[list[str]]
    mend: str
    seconds: float = 0.0
    failed: bool = False
    counts: Counter = field(default_factory=Counter)


def parts() -> list[Part]:
    """Return the checks in their order: cheap ones first."""
    notebooks = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("book/part*/*.ipynb"))
    nbval = ["--nbval-lax", f"--nbval-cell-timeout={CELL_SECONDS}", "-p", "no:cacheprovider"]
    nbval += [*SIDE_BY_SIDE, "--dist", "loadscope"]
    unit = ["tests", "--ignore=tests/pages", "--ignore=tests/notebooks"]
    unit += [*SIDE_BY_SIDE, "--dist", "loadscope"]
    coverage = ["--cov=asl_helpers", "--cov-report=term:skip-covered"]
    return [
        Part(
            "style",
            [[*RUFF, "check", "."], [*RUFF, "format", "--check", "."]],
            "`make fix` mends most of it; the rest names its file and line",
        ),
        Part(
            "form of the notebooks",
            [[*PYTEST, "tests/notebooks"], [sys.executable, "scripts/notebooks.py"]],
            "`make fix`, then read CONTRIBUTING.md: what a chapter looks like",
        ),
        Part("package", [[*PYTEST, *unit, *coverage]], "the test that failed names the module"),
        Part(
            "strict build",
            [[sys.executable, "scripts/build.py"]],
            "each WARNING or ERROR names its file and line",
        ),
        Part(
            "pages",
            [[*PYTEST, "tests/pages", *SIDE_BY_SIDE]],
            "`make serve` shows the page that is named",
        ),
        Part(
            "notebooks from top to bottom",
            [[*PYTEST, *nbval, *notebooks]] if notebooks else [],
            "open the named notebook and run it; the cell is named too",
        ),
    ]


def main() -> int:
    if "--fix" in sys.argv:
        return fix()
    os.environ.update(ENVIRONMENT)
    os.environ.pop("ASL_DATA_DIR", None)
    start = time.monotonic()
    done = parts()
    for part in done:
        print(f"\n===== {part.name} =====", flush=True)
        began = time.monotonic()
        part.failed = sum(not _run(command, part) for command in part.commands) > 0
        part.seconds = time.monotonic() - began
    return _summary(done, time.monotonic() - start)


def fix() -> int:
    """Format, mend what the linter can mend, and bring notebooks to their form on disk."""
    for command in (
        [*RUFF, "check", "--fix", "--quiet", "."],
        [*RUFF, "format", "--quiet", "."],
        [sys.executable, "scripts/notebooks.py", "--fix"],
    ):
        subprocess.run(command, cwd=ROOT)
    return subprocess.run([*RUFF, "check", "."], cwd=ROOT).returncode


def _run(command: list[str], part: Part) -> bool:
    """Run a command, show what it says, and count the tests that it reports."""
    if "tests/pages" in command:
        try:
            ensure()
        except ChromiumError as error:
            print(error)
            return False
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        if SUMMARY.search(line) and " in " in line:
            last = line
    part.counts.update({word.rstrip("s"): int(n) for n, word in SUMMARY.findall(last)})
    return process.wait() == 0


def _summary(done: list[Part], seconds: float) -> int:
    print("\n===== summary =====")
    for part in done:
        tests = ", ".join(f"{n} {word}" for word, n in part.counts.items())
        print(
            f"{'FAILED' if part.failed else 'ok':<7}{part.name:<30}{part.seconds:6.0f} s   {tests}"
        )
        if part.failed:
            print(f"       To mend it: {part.mend}.")
    total = sum((part.counts for part in done), Counter())
    failed = sum(part.failed for part in done)
    words = ", ".join(f"{n} {word}" for word, n in total.items())
    state = f"{failed} of {len(done)} parts failed" if failed else f"all {len(done)} parts ok"
    print(f"===== {words}, {state} in {seconds:.2f}s =====")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
