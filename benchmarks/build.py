"""From a fresh clone: seconds to make the environment, to build cold, and to build again."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.record import ROOT, record

STEPS = (
    ("environment", [".venv/.ready"], "Make the environment"),
    ("cold", ["book"], "Build the book, nothing executed before"),
    ("warm", ["book"], "Build again, nothing changed"),
)


def main() -> int:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "course"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {**os.environ, "ASL_OFFLINE": "1", "ASL_CACHE_DIR": str(clone / ".cache")}
        environment.pop("ASL_DATA_DIR", None)
        for name, targets, step in STEPS:
            start = time.monotonic()
            done = subprocess.run(["make", *targets], cwd=clone, env=environment)
            seconds = time.monotonic() - start
            if done.returncode:
                print(f"make {' '.join(targets)} failed; nothing was recorded.", file=sys.stderr)
                return 1
            rows.append({"name": name, "step": step, "seconds": round(seconds, 1)})
    print(record("build", {"steps": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
