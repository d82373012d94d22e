"""What a class hands in: whose it is, which version counts, and what cannot be read."""

import io
import json
import os
import zipfile
from pathlib import Path

import miniature
import pytest

from asl_helpers.errors import AslError
from asl_helpers.labs import submissions
from asl_helpers.labs.submissions import collect, load, who

CHAPTER = "ch01_convolution.ipynb"


def notebook(*sources: str) -> bytes:
    cells = [miniature.code("cell", text) for text in sources]
    for cell in cells:
        del cell["id"]
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(made).encode()


def answered(read: dict) -> int | None:
    """Stand in for a lab: a cell "answer" is an answer, "other" makes it another chapter's."""
    sources = [cell["source"] for cell in read["cells"]]
    return None if "other" in sources else sources.count("answer")


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2026, 11, 5, 9, 30, 0))
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def handed_in(folder: Path, files: dict[str, bytes]) -> dict[str, submissions.Submission]:
    """Write files, collect them, and return the submissions by student."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {each.student: each for each in collect(folder, answered, CHAPTER)}


@pytest.mark.parametrize(
    ("name", "student", "number", "is_late"),
    [
        ("anna.ipynb", "anna", "", False),
        ("anna (1).ipynb", "anna", "", False),
        ("Copy of anna.ipynb", "anna", "", False),
        ("upper.IPYNB", "upper", "", False),
        ("milleranna_4711_98765_ch01_convolution.ipynb", "milleranna", "4711", False),
        ("milleranna_LATE_4711_98765_ch01-2.ipynb", "milleranna", "4711", True),
        ("Anna Müller_4711_assignsubmission_file_ch01.ipynb", "Anna Müller", "4711", False),
        ("Anna Miller - ch01_convolution.ipynb", "Anna Miller", "", False),
        ("ch01_convolution - Anna Miller (2).ipynb", "Anna Miller", "", False),
        ("anna\nb\u202e.ipynb", "anna\ufffdb\ufffd", "", False),
        (os.fsdecode(b"M\x81ller.ipynb"), "M\\x81ller", "", False),
    ],
)
def test_a_name_tells_whose_it_is(name, student, number, is_late):
    assert who(name, CHAPTER) == (student, number, is_late)


def test_a_folder_of_moodle_and_one_of_your_own():
    assert who("Anna Miller_4711_assignsubmission_file_", CHAPTER, True)[:2] == (
        "Anna Miller",
        "4711",
    )
    assert who("anna - group 1.2", CHAPTER, True)[0] == "anna - group 1.2"


def test_the_version_with_the_most_answers_counts_then_the_newest(tmp_path):
    for name, minute in (("bob/old.ipynb", 1), ("bob/new.ipynb", 2)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(notebook("answer"))
        os.utime(path, (minute * 60, minute * 60))
    found = handed_in(
        tmp_path,
        {
            "anna.ipynb": notebook("answer", "answer"),
            "anna (1).ipynb": notebook("answer"),
            "carl/ch08.ipynb": notebook("other"),
            "carl/mine.ipynb": notebook("x"),
        },
    )
    assert found["anna"].notes == [
        "2 versions: graded anna.ipynb with 2 answers, not anna (1).ipynb with 1"
    ]
    assert "2 versions: graded new.ipynb" in found["bob"].notes[0]
    assert found["carl"].notes == ["of another chapter: ch08.ipynb"]
    assert found["carl"].notebook["cells"][0]["source"] == "x"


def test_canvas_names_the_late_and_its_dates_are_those_of_the_download(tmp_path):
    found = handed_in(tmp_path, {"anna_LATE_4711_98765_ch01.ipynb": notebook("x")})
    (anna,) = found.values()
    assert (anna.handed_in, anna.is_marked_late) == (None, True)


def test_everything_handed_in_has_a_row_and_a_reason(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "linked.ipynb").symlink_to("/etc/passwd")
    found = handed_in(
        tmp_path,
        {
            "answers.py": b"x = 1",
            "notes.txt": b"sorry",
            "packed.tar.gz": b"",
            "torn.zip": b"PK",
            "broken.ipynb": b"{",
            "good/mine.ipynb": notebook("x"),
            "good/read me.docx": b"",
            ".DS_Store": b"",
            "__MACOSX/x.ipynb": b"",
        },
    )
    reasons = {name: each.notes for name, each in found.items()}
    assert reasons == {
        "answers": ["not graded: no notebook, only answers.py; ask for the .ipynb file"],
        "notes": ["not graded: no notebook, only notes.txt; ask for the .ipynb file"],
        "packed.tar": ["not graded: unpack packed.tar.gz into a folder, or make it a zip"],
        "torn": [
            "not graded: torn.ipynb is not a notebook (torn.zip is no zip that can be read. "
            "Unpack it into a folder.)"
        ],
        "broken": reasons["broken"],
        "empty": ["not graded: no notebook in the folder"],
        "linked": ["not graded: linked.ipynb is not a notebook (a link, not a file)"],
        "good": ["not read: read me.docx"],
    }
    assert "broken.ipynb is not a notebook" in reasons["broken"][0]


def test_the_zip_of_an_lms_is_read_without_unpacking_it(tmp_path):
    inner = zipped({"work/ch01.ipynb": notebook("answer"), "work/photo.png": b""})
    content = zipped(
        {
            "Anna Miller_11_assignsubmission_file_/ch01.ipynb": notebook("answer"),
            "Bob Lee_12_assignsubmission_file_/work.zip": inner,
            "Carl_13_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
            "../../outside.ipynb": notebook("x"),
        }
    )
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    found = {each.label: each for each in collect(path, answered, CHAPTER)}
    assert list(found) == ["Anna Miller (11)", "Bob Lee (12)", "Carl (13)", "outside"]
    assert found["Anna Miller (11)"].handed_in.isoformat() == "2026-11-05T09:30:00"
    assert found["Bob Lee (12)"].notebook is not None
    assert "no notebook, only onlinetext.html" in found["Carl (13)"].notes[0]
    assert list(tmp_path.iterdir()) == [path]
    assert not (tmp_path.parents[1] / "outside.ipynb").exists()


@pytest.mark.parametrize("name", ["class.zip", "Class-20261105T101010Z-001.zip"])
def test_a_zip_of_one_folder_is_that_folder(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(zipped({"class/anna.ipynb": notebook("x"), "class/bob.ipynb": notebook("x")}))
    assert [each.student for each in collect(path, answered, CHAPTER)] == ["anna", "bob"]


def test_what_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "TOO_LARGE", 1000)
    bomb = zipped({"a.ipynb": b" " * 100_000})
    assert len(bomb) < 1000
    found = handed_in(tmp_path, {"anna.ipynb": b"{" + b" " * 2000 + b"}", "bob.zip": bomb})
    for each in found.values():
        assert each.notebook is None
        assert "clear its outputs" in each.notes[0]


def test_a_zip_with_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_FILES", 2)
    found = handed_in(tmp_path, {"a.zip": zipped({f"{n}.ipynb": b"" for n in range(3)})})
    assert "holds more than 2 files" in found["a"].notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_of_a_notebook_is_read(encoding):
    content = notebook("x = 'ä'\r\ny").decode().encode(encoding)
    assert load(content)["cells"][0]["source"] == "x = 'ä'\ny"


def test_no_folder_is_one_clear_error(tmp_path):
    with pytest.raises(AslError, match="No folder"):
        collect(tmp_path / "none", answered)
