"""Resolve requirements.in into requirements.txt: every package pinned, for Linux and macOS.

Writes one exact pin a line, with markers where platforms differ, and no index address. Existing
pins stay where requirements.in allows them; `--upgrade` takes the newest of all.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
HEAD = """\
# Every package of the course's environment, pinned; written by `make lock` from requirements.in.
# Installed with --no-deps on Python 3.11-3.13, Linux (x86-64, arm64) and macOS (Apple silicon).
"""
# Lines that can never apply on the platforms above.
ELSEWHERE = re.compile(r"== '(never|win32)'$|os_name == 'nt'$")
# Conditions that always hold there, for the packages that need not be conditional.
ALWAYS = re.compile(r" ; (python_full_version < '3\.15'|.*emscripten.*|implementation_name.*)$")


def main() -> None:
    command = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"]
    command += ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--override", "requirements.overrides.txt", "--output-file", str(LOCK)]
    command += ["requirements.in", *sys.argv[1:]]
    found = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    if found.returncode:
        sys.exit("Nothing was written. Mend requirements.in as the message says.")
    pins = [ALWAYS.sub("", line) for line in LOCK.read_text(encoding="utf-8").splitlines()]
    pins = [line for line in pins if "==" in line and line[0] != "#" and not ELSEWHERE.search(line)]
    LOCK.write_text(HEAD + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"{LOCK.name}: {len(pins)} packages")


if __name__ == "__main__":
    main()
