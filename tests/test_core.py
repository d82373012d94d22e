"""The small modules under everything: errors, settings, files, alphabet, records."""

import errno
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from asl_helpers import alphabet, files, records
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.records import table


def test_did_you_mean_names_the_nearest_and_all():
    text = did_you_mean("asl_alphabt", ["sign_language_mnist", "asl_alphabet"])
    assert "Did you mean 'asl_alphabet'?" in text
    assert "sign_language_mnist" in text
    assert "Did you mean" not in did_you_mean("zzz", ["asl_alphabet"])


def test_profile_defaults_to_quick_and_refuses_others(monkeypatch):
    monkeypatch.delenv("ASL_PROFILE", raising=False)
    assert files.profile() == "quick"
    assert files.pick(quick=1, full=2) == 1
    monkeypatch.setenv("ASL_PROFILE", "full")
    assert files.pick(quick=1, full=2) == 2
    monkeypatch.setenv("ASL_PROFILE", "fulll")
    with pytest.raises(AslError, match="Did you mean 'full'"):
        files.profile()


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("", False), ("0", False)]
)
def test_offline_switch(monkeypatch, value, expected):
    monkeypatch.setenv("ASL_OFFLINE", value)
    assert files.is_offline() is expected


def test_data_dir_must_exist(monkeypatch, tmp_path):
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    assert files.user_data_dir() == tmp_path.resolve()
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "absent"))
    with pytest.raises(AslError, match="not a folder"):
        files.user_data_dir()


def test_atomic_path_replaces_only_on_success(tmp_path):
    target = tmp_path / "result.txt"
    target.write_text("old")
    with pytest.raises(ValueError, match="cut"), files.atomic_path(target) as path:
        path.write_text("half")
        raise ValueError("cut")
    assert target.read_text() == "old"
    with files.atomic_path(target) as path:
        path.write_text("new")
    assert target.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["result.txt"]


def test_a_file_never_takes_the_place_of_a_folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "mine.png").write_text("kept")
    with pytest.raises(AslError, match="it is a folder"), files.atomic_path(folder) as path:
        path.write_text("a sheet")
    with pytest.raises(AslError, match="it is a folder"):
        files.check_writable(folder)
    with pytest.raises(AslError, match="Could not write"), files.atomic_path(tmp_path / "none"):
        pass  # nothing is made
    assert (folder / "mine.png").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_what_cannot_be_written_is_known_beforehand(tmp_path):
    files.check_writable(tmp_path / "new" / "grades.csv")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(AslError, match=r"Cannot write .*Make its folder writable"):
        files.check_writable(tmp_path / "file" / "grades.csv")


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path):
    target = tmp_path / "big.bin"
    with pytest.raises(AslError, match="No space left"), files.atomic_path(target) as path:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_checksum_names_the_file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"drawn")
    files.check_sha256(path, files.sha256(path))
    with pytest.raises(AslError, match=r"weights\.bin is damaged"):
        files.check_sha256(path, "0" * 64)


def test_class_sets():
    sizes = [len(alphabet.class_names(name)) for name in ("static", "letters", "kaggle")]
    assert sizes == [24, 26, 29]
    assert set(alphabet.HANDSHAPE) == set(alphabet.KAGGLE_CLASSES)
    with pytest.raises(AslError, match="Did you mean 'static'"):
        alphabet.class_names("statik")


def test_labels_become_indices_in_any_case():
    indices = alphabet.encode(["a", "Space", "Z"], alphabet.KAGGLE_CLASSES)
    assert indices.tolist() == [0, 28, 25] and indices.dtype == np.int64
    with pytest.raises(AslError, match="Unknown label"):
        alphabet.encode(["Ä"], alphabet.KAGGLE_CLASSES)


def test_recorded_results(monkeypatch, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "renderer.json").write_text(json.dumps({"images_per_second": 70}))
    (tmp_path / "results" / "broken.json").write_text("{")
    monkeypatch.setattr(records, "project_data", lambda: tmp_path)
    assert records.recorded("renderer")["images_per_second"] == 70
    with pytest.raises(AslError, match="Did you mean 'renderer'"):
        records.recorded("rendrer")
    with pytest.raises(AslError, match="not valid JSON"):
        records.recorded("broken")


def test_a_row_of_a_record_is_found_by_name():
    record = {"rows": [{"name": "one", "n": 1}, {"name": "two", "n": 2}]}
    assert records.recorded_row(record, "two")["n"] == 2
    with pytest.raises(AslError, match=r"no row 'tow'.*Did you mean 'two'"):
        records.recorded_row(record, "tow")


def test_glue_writes_what_the_book_reads(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **kw: shown.append((data, kw)))
    records.glue("ch01", name="x", score=np.float64(0.5))
    data, options = shown[1]
    assert data == {"application/papermill.record/text/plain": "0.5"}
    assert options["metadata"]["scrapbook"]["name"] == "ch01_score"
    assert "ch01_score = 0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "unused"),
    [
        ("import asl_helpers", {"tensorflow", "keras"}),
        ("from asl_helpers import cli; from asl_helpers.figures import charts", {"tensorflow"}),
        (
            "from asl_helpers import hand; hand.sample_landmarks('AB', 4); hand.pose('J')",
            {"tensorflow", "keras"},
        ),
        (
            "import asl_helpers; asl_helpers.load('sign_language_mnist').arrays('train')",
            {"tensorflow", "matplotlib"},
        ),
        ("from asl_helpers.tracking import HandTracker", {"mediapipe", "tensorflow"}),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(code, unused):
    script = f"{code}\nimport sys\nassert not {unused} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("first\nsecond"), "first"),
        (ValueError("  \n told "), "told"),
        (KeyError(), "KeyError"),
        (OSError("x" * 500), "x" * 160),
    ],
)
def test_a_librarys_error_is_told_in_a_line(error, line):
    assert first_line(error) == line


# Tables


def cells(styler, tag):
    return re.findall(rf"<{tag}[^>]*>([^<]*)</{tag}>", styler.to_html())


def test_a_table_has_no_index_and_names_every_column():
    frame = pd.DataFrame({"letter": ["A", "B"], "images": [1204, 7], "found": [0.5, 0.9872]})
    shown = table(frame, percent=["found"])
    assert cells(shown, "th") == ["letter", "images", "found"]
    assert cells(shown, "td") == ["A", "1,204", "50.0%", "B", "7", "98.7%"]
    assert 'class="dataframe"' in shown.to_html()


def test_a_named_index_is_the_first_column():
    frame = pd.DataFrame({"parameters": [320]}, index=pd.Index(["conv1"], name="layer"))
    assert cells(table(frame), "th") == ["layer", "parameters"]
    assert cells(table(frame), "td") == ["conv1", "320"]


def test_numbers_stand_to_the_right():
    style = table(pd.DataFrame({"letter": ["A"], "images": [3]})).to_html()
    aligned = re.findall(r"(col\d+) \{\s*text-align: right", style)
    assert aligned == ["col1", "col1"]  # its head and its cells, and no other column's


def test_a_missing_number_is_a_dash_and_a_fraction_has_four_digits():
    frame = pd.DataFrame({"found": [0.5, float("nan")], "aim": [0.96, float("nan")]})
    assert cells(table(frame, percent=["found"]), "td") == ["50.0%", "0.96", "–", "–"]
