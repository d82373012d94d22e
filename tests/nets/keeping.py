"""What the nets share: running one stored answer, comparing texts that hold numbers, and files."""

import contextlib
import importlib
import io
import json
import math
import re
from pathlib import Path

NETS = Path(__file__).resolve().parent
ROOT = NETS.parents[1]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")
GLUED = "application/papermill.record/text/plain"
ADDRESS = re.compile(r"0x[0-9a-f]+")


def checked(chapter: str, exercise: str, source: str) -> tuple[float, str]:
    """Run an answer's source, hand it to the checker as a notebook does; return what it says."""
    checker = getattr(importlib.import_module(f"asl_helpers.checks.{chapter}"), exercise)
    space: dict = {"__name__": "answers"}
    exec(compile(source, f"<an answer to {chapter} {exercise}>", "exec"), space)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        points = checker(*space["answer"])
    return float(points), ADDRESS.sub("0x0", printed.getvalue())


def same_text(left: str, right: str, rtol: float = 1e-3, atol: float = 1e-6) -> bool:
    """Tell whether two texts are equal, but for numbers in them that nearly are."""
    if NUMBER.sub("#", left) != NUMBER.sub("#", right):
        return False
    pairs = zip(NUMBER.findall(left), NUMBER.findall(right), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=rtol, abs_tol=atol) for a, b in pairs)


def glued(root: Path, folder: Path | None = None) -> dict[str, dict[str, str]]:
    """Return what each executed chapter of a checkout glued: its repr, by chapter and name.

    ``folder`` is a cache of jupyter-cache; without it, the one that the last build used.
    """
    from jupyter_cache import get_cache

    if folder is None:
        caches = (root / "_build" / "executed").glob("*/global.db")
        folder = max((path.parent for path in caches), key=lambda path: path.stat().st_mtime)
    cache = get_cache(folder)
    values: dict[str, dict[str, str]] = {}
    for path in sorted(root.glob("book/part*/ch*.ipynb")):
        try:
            record = cache.match_cache_file(str(path))
        except KeyError:  # it did not run, or stopped
            continue
        notebook = cache.get_cache_bundle(record.pk).nb
        values[path.stem[:4]] = {
            output["metadata"]["scrapbook"]["name"]: output["data"][GLUED]
            for cell in notebook.cells
            for output in cell.get("outputs", ())
            if "scrapbook" in output.get("metadata", {}) and GLUED in output["data"]
        }
    return values


def read(name: str):
    return json.loads((NETS / name).read_text(encoding="utf-8"))


def write(name: str, table) -> None:
    text = json.dumps(table, indent=1, ensure_ascii=False)
    (NETS / name).write_text(f"{text}\n", encoding="utf-8")
