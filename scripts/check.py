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
from pathlib import Path

from chromium import ChromiumError, ensure

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
RUFF = [sys.executable, "-m", "ruff"]
NOTEBOOKS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("notebooks/part1/*.ipynb"))
PARALLEL = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadscope"]  # each takes up to 3 GB
NBVAL = ["--nbval-lax", "--nbval-cell-timeout=240"]
# Drawn data, no network, nothing from the reader's own cache: the same on every machine.
ENVIRONMENT = {
    "ASL_OFFLINE": "1",
    "ASL_PROFILE": "quick",
    "ASL_CACHE_DIR": str(ROOT / "_build" / "test-cache"),
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
}
PARTS = {
    "style": (
        "`make fix` mends most of it; the rest names its file and line",
        [*RUFF, "check", "."],
        [*RUFF, "format", "--check", "."],
    ),
    "form of the notebooks": (
        "`make fix`, then read CONTRIBUTING.md: what a chapter looks like",
        [*PYTEST, "tests/notebooks"],
    ),
    "package": (
        "the test that failed names the module",
        [
            *PYTEST,
            "tests",
            *PARALLEL,
            "--ignore=tests/pages",
            "--ignore=tests/notebooks",
        ],
    ),
    "Colab": (
        "the cell or the module is named; `make colab` runs all notebooks as Colab does",
        [sys.executable, "scripts/colab.py", "--check"],
    ),
    "strict build, which runs every chapter": (
        "each WARNING or ERROR names its file and line",
        [sys.executable, "scripts/build.py"],
    ),
    "pages": ("`make serve` shows the page that is named", [*PYTEST, "tests/pages", *PARALLEL[:2]]),
    # The build ran every chapter, solved; here exercises are empty. `make colab` runs all parts so.
    "Part 1 as Run all meets it": (
        "open the named notebook of notebooks/ and run it; mend its chapter in book/",
        [*PYTEST, "-p", "no:cacheprovider", *PARALLEL, *NBVAL, *NOTEBOOKS],
    ),
}
"""Each check: how to mend what it finds, and its commands. Cheap ones come first."""
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed)\b")


def main() -> int:
    if "--fix" in sys.argv:
        return fix()
    os.environ.update(ENVIRONMENT)
    os.environ.pop("ASL_DATA_DIR", None)
    start, total, failed, summary = time.monotonic(), Counter(), 0, []
    for name, (mend, *commands) in PARTS.items():
        print(f"\n===== {name} =====", flush=True)
        began, counts = time.monotonic(), Counter()
        results = [_run(command, counts) for command in commands]
        is_ok = all(results)
        state = f"{'ok' if is_ok else 'FAILED':<7}{name:<40}{time.monotonic() - began:6.0f} s"
        summary.append(f"{state}   {_words(counts)}")
        if not is_ok:
            summary.append(f"       To mend it: {mend}.")
        failed += not is_ok
        total += counts
    end = f"{failed} of {len(PARTS)} parts failed" if failed else f"all {len(PARTS)} parts ok"
    print("\n===== summary =====", *summary, sep="\n")
    print(f"===== {_words(total)}, {end} in {time.monotonic() - start:.2f}s =====")
    return 1 if failed else 0


def fix() -> int:
    """Format, mend what the linter can mend, and bring notebooks to their form on disk."""
    for command in (
        [*RUFF, "check", "--fix", "--quiet", "."],
        [*RUFF, "format", "--quiet", "."],
        [sys.executable, "scripts/notebooks.py"],
    ):
        subprocess.run(command, cwd=ROOT)
    return subprocess.run([*RUFF, "check", "."], cwd=ROOT).returncode


def _run(command: list[str], counts: Counter) -> bool:
    """Run a command, show what it says, and add the tests that it reports to ``counts``."""
    if "tests/pages" in command:
        try:
            ensure()
        except ChromiumError as error:
            print(error)
            return False
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line if COUNT.search(line) and " in " in line else last
    counts.update({word.rstrip("s"): int(number) for number, word in COUNT.findall(last)})
    return process.wait() == 0


def _words(counts: Counter) -> str:
    return ", ".join(f"{number} {word}" for word, number in counts.items())


if __name__ == "__main__":
    sys.exit(main())
