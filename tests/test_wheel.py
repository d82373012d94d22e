"""What `pip install git+...` brings finds its samples and weights without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CARRIED = ("samples", "weights", "results")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the unpacked wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


@pytest.mark.parametrize("folder", CARRIED)
def test_the_wheel_carries_every_data_file(installed, folder):
    tracked = subprocess.run(
        ["git", "ls-files", "-z", f"data/{folder}"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\0")
    expected = {name.removeprefix("data/") for name in tracked if name}
    inside = installed / "asl_helpers" / "_data"
    found = {str(path.relative_to(inside)) for path in inside.rglob("*") if path.is_file()}
    assert expected <= found


def test_the_installed_package_finds_them(installed, tmp_path):
    code = "from asl_helpers import files; print(files.project_data())"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.strip()) == installed / "asl_helpers" / "_data"


def test_the_wheel_carries_no_tests_and_no_book(installed):
    tops = {path.name for path in installed.iterdir()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"asl_helpers"}
