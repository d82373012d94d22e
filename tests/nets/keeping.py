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


def read(name: str):
    return json.loads((NETS / name).read_text(encoding="utf-8"))


def write(name: str, table) -> None:
    text = json.dumps(table, indent=1, ensure_ascii=False)
    (NETS / name).write_text(f"{text}\n", encoding="utf-8")
