"""The environment is one full lock, and the build knows when a chapter must run again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import build
import nbformat
import pytest
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def named(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]


def test_the_lock_pins_every_package_exactly():
    assert {str(pin.specifier)[:2] for pin in named("requirements.txt")} == {"=="}
    assert not any("*" in str(pin.specifier) for pin in named("requirements.txt"))


def test_the_lock_holds_what_is_asked_for():
    pins = named("requirements.txt")
    for asked in named("requirements.in"):
        found = [next(iter(pin.specifier)).version for pin in pins if pin.name == asked.name]
        assert any(map(asked.specifier.contains, found)), asked


def test_the_lock_leaves_out_the_package_that_overwrites_another():
    assert "opencv-contrib-python" not in {pin.name for pin in named("requirements.txt")}


def test_the_package_is_asked_for_in_the_lock():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.search(r"^dependencies = \[(.*?)^\]", text, re.S | re.M)[1]
    pins = {pin.name for pin in named("requirements.in")}
    names = {Requirement(name).name for name in re.findall(r'"([^"]+)"', needed)}
    assert names - pins <= {"numpy"}, "numpy comes with TensorFlow"


def test_no_lock_names_an_index():
    assert "://" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not any("resolved" in package for package in packages.values())
    assert all(package.get("integrity") for name, package in packages.items() if name)


def test_npm_packages_are_pinned_exactly():
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}.values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def find_python(asl_python: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "find_python.sh")],
        env={**os.environ, "ASL_PYTHON": asl_python},
        capture_output=True,
        text=True,
    )


def test_a_fitting_python_is_found():
    assert Path(find_python(sys.executable).stdout.strip()).is_file()


def test_no_fitting_python_is_one_clear_message():
    found = find_python("/no/such/python")
    assert found.returncode == 1
    assert "No Python 3.11, 3.12 or 3.13" in found.stderr
    assert "ASL_PYTHON=" in found.stderr


def test_a_python_without_venv_is_told_apart(tmp_path):
    stand_in = tmp_path / "python"
    stand_in.write_text(
        '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac\nexit 0\n'
    )
    stand_in.chmod(0o755)
    found = find_python(str(stand_in))
    assert found.returncode == 1
    assert "apt-get install python3.12-venv" in found.stderr


def test_chapters_run_again_when_the_readers_data_change(tmp_path, monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    without = build.key()
    assert build.key() == without
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    empty = build.key()
    (tmp_path / "sign_mnist_test.csv").write_text("label\n")
    assert len({without, empty, build.key()}) == 3


def test_chapters_run_again_for_another_profile(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    monkeypatch.setenv("ASL_PROFILE", "quick")
    quick = build.key()
    monkeypatch.setenv("ASL_PROFILE", "full")
    assert build.key() != quick


def test_a_data_folder_that_is_not_there_stops_the_build(monkeypatch):
    monkeypatch.setenv("ASL_DATA_DIR", "/no/such/folder")
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        build.key()


def test_only_the_last_executed_sets_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "CACHES", tmp_path)
    for age, name in enumerate(("oldest", "older", "newer")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (age, age))
    monkeypatch.setattr(build, "key", lambda: "now")
    build.cache_folder()
    assert {path.name for path in tmp_path.iterdir()} == {"now", "newer"}


@pytest.fixture
def chapters(tmp_path):
    """Two notebooks, the second of which fails."""
    paths = [tmp_path / "sound.ipynb", tmp_path / "broken.ipynb"]
    for path, code in zip(paths, ("print(6 * 7)", "raise ValueError"), strict=True):
        notebook = new_notebook(cells=[new_code_cell(code)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, path)
    return paths


def test_what_ran_is_found_by_the_builder_and_not_run_again(chapters, tmp_path, capsys):
    build.execute(chapters, tmp_path / "cache")
    said = capsys.readouterr().out
    assert "sound ran" in said and "broken stopped: CellExecutionError" in said
    cache = get_cache(tmp_path / "cache")
    _, found = cache.merge_match_into_notebook(nbformat.read(chapters[0], 4))
    assert found.cells[0].outputs[0].text == "42\n"
    with pytest.raises(KeyError):
        cache.match_cache_notebook(nbformat.read(chapters[1], 4))
    build.execute(chapters[:1], tmp_path / "cache")
    assert capsys.readouterr().out == ""
