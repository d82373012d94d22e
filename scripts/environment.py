"""Make the environment in .venv from requirements.txt; runs on a bare Python, before any package.

`--no-deps` because requirements.txt is a full lock, and because a declared dependency of mediapipe
(opencv-contrib-python) would overwrite opencv-python's files. Modules are compiled at once and in
parallel: without bytecode every import of TensorFlow takes two to three times as long.
"""

import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / ".ready"


def main() -> None:
    if platform.system() == "Darwin" and platform.machine() == "x86_64":
        sys.exit("TensorFlow has no packages for Macs with Intel processors any more.")
    start = time.monotonic()
    print(f"Making .venv with Python {platform.python_version()} (about two minutes, 3 GB) ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    venv.create(VENV, with_pip=True, upgrade_deps=False)
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "-qq", "--no-deps", "--no-compile"]
    pip += ["--disable-pip-version-check"]
    for what in (
        ["--requirement", str(ROOT / "requirements.txt")],
        ["--no-build-isolation", "--editable", str(ROOT)],
    ):
        if subprocess.run(pip + what, cwd=ROOT, env=_environment()).returncode:
            sys.exit(
                "pip could not install the packages (its message is above). Look at the network "
                "and at the free disk space (3 GB), then run the same command again."
            )
    # Some packages carry files that no Python compiles (templates); nobody imports them.
    compiling = [python, "-W", "ignore", "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")]
    subprocess.run(compiling, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    # The hand tracker's networks are fetched now, with the packages: tests and builds are offline.
    share = {"ASL_CACHE_DIR": str(VENV / "share" / "asl"), "ASL_OFFLINE": "0"}
    tracker = [python, "-m", "asl_helpers.tracking"]
    if subprocess.run(tracker, env={**os.environ, **share}).returncode:
        print("Without it all but the hand tracker works; python -m asl_helpers.tracking mends it.")
    READY.touch()
    print(f"Made .venv in {time.monotonic() - start:.0f} s.")


def _environment() -> dict[str, str]:
    """The caller's environment, less what would send pip elsewhere than into .venv."""
    dropped = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


if __name__ == "__main__":
    main()
