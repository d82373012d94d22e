"""`asl data list|prepare|show`, as typed in a terminal."""

import numpy as np
import pytest
from PIL import Image
from standins import write_sign_mnist_csvs
from typer.testing import CliRunner

from asl_helpers import cli
from asl_helpers.datasets import CATALOG, contact_sheet, describe


@pytest.fixture(autouse=True)
def terminal(bare, monkeypatch, tmp_path):
    """A terminal 120 characters wide, in an empty folder."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(cli.app, ["data", *arguments], catch_exceptions=True)


def test_list_shows_every_set_with_its_source():
    done = run("list")
    assert done.exit_code == 0
    for name in CATALOG:
        assert name in done.output
    assert "200 x 200 x 3" in done.output
    assert [row.source for row in describe()] == [
        "drawn twin",
        "drawn twin",
        "none outside ASL_DATA_DIR",
        "drawn",
    ]


def test_show_writes_a_labelled_sheet_and_prints_its_path(tmp_path):
    done = run("show", "sign_language_mnist")
    assert done.output.strip() == "sign_language_mnist.png"
    with Image.open(tmp_path / "sign_language_mnist.png") as sheet:
        assert sheet.size[0] > 1000
        pixels = np.asarray(sheet.convert("L"))
    background = pixels[0, 0]
    assert (pixels[0] == background).all()
    assert np.mean(pixels == background) < 0.7


def test_sheets_repeat_to_the_byte(tmp_path):
    first = contact_sheet("asl_synthetic", tmp_path / "a.png").read_bytes()
    assert first == contact_sheet("asl_synthetic", tmp_path / "b.png").read_bytes()


def test_prepare_says_what_it_wrote(monkeypatch, tmp_path):
    write_sign_mnist_csvs(tmp_path / "mine")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "mine"))
    done = run("prepare", "sign_language_mnist")
    assert done.exit_code == 0, done.output
    assert "sign_language_mnist: 720 pictures in" in done.stdout
    assert "prepared copy" in [row.source for row in _without_data_dir(monkeypatch)]


def _without_data_dir(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR")
    return describe()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "asl_alphabt"), "Did you mean 'asl_alphabet'?"),
        (("prepare", "sign_mnist"), "Did you mean 'sign_language_mnist'?"),
        (("prepare", "sign_language_mnist"), "ASL_OFFLINE is set"),
        (("show", "asl_rooms"), "no drawn twin"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(monkeypatch, capsys, arguments, message):
    monkeypatch.setattr("sys.argv", ["asl", "data", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1
