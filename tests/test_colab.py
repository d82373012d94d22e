"""The package installs beside Colab's own versions without moving one of them."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
KERNEL = "# What its notebooks run in, and what decides whether these work together."
LINES = (ROOT / "tests" / "colab_versions.txt").read_text(encoding="utf-8").splitlines()
COLAB = dict(line.split("==") for line in LINES if "==" in line)
RUNS_IN = dict(line.split("==") for line in LINES[LINES.index(KERNEL) :] if "==" in line)
NEEDED = [
    Requirement(text)
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["tensorflow"]
]
# Small, pure Python, and the only ones that the setup cell may bring to Colab.
BROUGHT = {"importlib-resources"}


def test_colabs_python_is_in_range():
    assert SpecifierSet(PROJECT["requires-python"]).contains(COLAB["python"])


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_colabs_version_is_in_range(needed):
    version = COLAB.get(needed.name)
    assert version, f"{needed.name}: look its version up and add it to tests/colab_versions.txt"
    if version == "-":
        assert needed.name in BROUGHT
    else:
        assert needed.specifier.contains(version), f"Colab has {needed.name} {version}"


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_ranges_are_open_above(needed):
    """A pin or an upper bound would make Colab reinstall, and restart, after its next update."""
    assert {clause.operator for clause in needed.specifier} == {">="}


def test_the_list_holds_nothing_that_is_not_needed():
    assert set(COLAB) - set(RUNS_IN) == {needed.name for needed in NEEDED} | {"python"}
