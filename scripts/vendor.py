"""Fetch the scripts that the pages carry from npm: MathJax, require.js, widgets, reveal.js.

npm checks every archive against the sha512 of package-lock.json. What the pages use is copied to
_build/extra/vendor, from where the build puts it beside the pages.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "_build" / "extra" / "vendor"
MANAGER = "@jupyter-widgets/html-manager/dist"
# (from node_modules, what of it, to a folder under vendor/)
WANTED = (
    ("requirejs", "require.js", "."),
    (MANAGER, "embed-amd.js", f"npm/{MANAGER}"),
    (MANAGER, "*.woff2", f"npm/{MANAGER}"),
    ("reveal.js/dist", "reveal.js", "reveal"),
    ("reveal.js/dist", "reveal.css", "reveal"),
    ("mathjax/es5", "tex-mml-chtml.js", "mathjax"),
    ("mathjax/es5/input/tex/extensions", "*.js", "mathjax/input/tex/extensions"),
    ("mathjax/es5/output/chtml/fonts/woff-v2", "*.woff", "mathjax/output/chtml/fonts/woff-v2"),
)


class VendorError(Exception):
    """A script that the pages need could not be fetched."""


def vendor() -> None:
    """Bring node_modules and _build/extra/vendor to the state that package-lock.json names."""
    stamp = _stamp()
    if not _is(MODULES / ".ready", stamp):
        _npm_ci()
        (MODULES / ".ready").write_text(stamp, encoding="utf-8")
    if not _is(TARGET / ".ready", stamp):
        shutil.rmtree(TARGET, ignore_errors=True)
        for source, pattern, folder in WANTED:
            _copy(MODULES / source, pattern, TARGET / folder)
        (TARGET / ".ready").write_text(stamp, encoding="utf-8")


def _stamp() -> str:
    """Change with the lock and with the list of wanted files."""
    lock = (ROOT / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(WANTED).encode()).hexdigest()


def _is(path: Path, stamp: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == stamp


def _npm_ci() -> None:
    print("Fetching the pages' scripts with npm ...", flush=True)
    # The environment's own node and npm, so that the machine needs neither.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise VendorError("npm is not in .venv. Delete .venv and run the same command again.")
    if subprocess.run([npm, *command[1:]], cwd=ROOT, env={**os.environ, "PATH": path}).returncode:
        raise VendorError(
            "npm could not fetch the pages' scripts (its message is above). Look at the network, "
            "then run the same command again."
        )


def _copy(source: Path, pattern: str, folder: Path) -> None:
    files = sorted(source.glob(pattern))
    if not files:
        raise VendorError(f"{source.relative_to(ROOT)} has no {pattern}; package.json has changed.")
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)
