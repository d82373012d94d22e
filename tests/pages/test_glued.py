"""Every value that a chapter glues for its prose is the recorded one, after a fresh build.

The record is data/results/values.json, of a build on drawn data: `python -m benchmarks.builds
values`. Names may be added; one that is gone, or that has another value, is red.
"""

import ast
import math
import re

import notebooks
import pytest

from asl_helpers.records import recorded
from benchmarks.builds import glued

TIME = "a time, or a ratio of times, of the machine that builds"
MEASURED = {
    "ch08_seconds": TIME,
    "ch12_spread": TIME,
    "ch12_fastest": "which way is the fastest: decided by times",
    "ch12_ratio": TIME,
    "ch12_predict_ms": TIME,
    "ch12_fastest_ms": TIME,
    "ch12_predict_gain": TIME,
    "ch12_fastest_gain": TIME,
    "ch12_best_rate": TIME,
    "ch13_slowest_96": "which step is the slowest: decided by times",
    "ch13_slowest_224": "which step is the slowest: decided by times",
    "ch13_slowest_share": TIME,
    "ch13_cores": "the number of the machine's cores",
    "ch13_chain_gain": TIME,
    "ch13_cache_gain": TIME,
    "ch13_network_gain": TIME,
    "ch13_waits_for": "which of two is slower: decided by times",
    "ch13_ratio": TIME,
    "ch14_features_first": TIME,
    "ch14_features_again": TIME,
    "ch14_head_seconds": TIME,
    "ch14_epoch_seconds": TIME,
    "ch19_slower": TIME,
    "ch20_median": TIME,
    "ch20_late": TIME,
    "ch20_fps": TIME,
    "ch20_share": TIME,
    "ch20_beyond": TIME,
    "ch20_ratio": TIME,
    "ch20_noting": TIME,
    "ch20_writing": TIME,
}
"""Names that no second run gives again, and why. All others of chapters 6, 8, 14 and 20 came out
equal to the last digit when they ran a second time, at another load of the same machine."""

RECORD = recorded("values")["values"]
LEARNS = re.compile(r"\.fit\(|apply_gradients|\.predict\(|\btrain\w*\(|classifier\.load")
TRAINED = {
    path.stem.split("_")[0]
    for path in notebooks.chapters()
    if any(LEARNS.search(notebooks.source(cell)) for cell in notebooks.read(path)["cells"])
}
"""Chapters that train or predict: another processor sums in another order, so their numbers may
be a little off."""

CLOSE, NEAR = 1e-6, 0.02


@pytest.fixture(scope="module")
def fresh():
    """What the chapters of the last build glued."""
    return glued()


def same(old: str, new: str, tolerance: float) -> bool:
    """Tell whether two values, as text, are equal but for floats that are within a tolerance."""
    if old == new:
        return True
    try:
        return _alike(ast.literal_eval(old), ast.literal_eval(new), tolerance)
    except (ValueError, SyntaxError):
        return False


def _alike(old, new, tolerance: float) -> bool:
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        return len(old) == len(new) and all(
            _alike(*pair, tolerance) for pair in zip(old, new, strict=True)
        )
    if isinstance(old, int) and isinstance(new, int) and tolerance == NEAR:
        return abs(old - new) <= max(2, 0.1 * abs(old))  # such as the images that were missed
    if isinstance(old, float) and isinstance(new, (int, float)):
        # A small float is no share: 0.02 would let every other small one pass.
        room = tolerance if abs(old) > 0.02 else min(tolerance, 1e-3)
        return math.isclose(old, new, rel_tol=tolerance, abs_tol=room)
    return old == new


@pytest.mark.parametrize("chapter", RECORD)
def test_every_glued_value_is_the_recorded_one(chapter, fresh):
    assert chapter in fresh, "it is not in the build's cache of executed chapters"
    wrong, tolerance = [], NEAR if chapter in TRAINED else CLOSE
    for name, old in RECORD[chapter].items():
        new = fresh[chapter].get(name, "(not glued any more)")
        if not (same(old, new, tolerance) or (name in MEASURED and name in fresh[chapter])):
            wrong.append(f"{name}: recorded {old}, now {new}")
    assert not wrong, "\n".join(wrong)


def test_what_is_not_compared_is_glued():
    known = {name for values in RECORD.values() for name in values}
    assert {name for name in MEASURED if name[:4] in RECORD} <= known
