"""The repository's address stands in one place, and one command moves it everywhere."""

import shutil
import subprocess
from pathlib import Path

import pytest
import repository

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A small checkout with the course's kinds of links."""
    (tmp_path / "book").mkdir()
    old = repository.current()
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "book" / "ch01.ipynb").write_text(
        f'"https://colab.research.google.com/github/{old}/blob/main/book/ch01.ipynb",\n'
        f'"%pip install asl-helpers @ git+https://github.com/{old}"\n'
    )
    (tmp_path / "README.md").write_text(f"git clone https://github.com/{old}\n{old}-archive\n")
    (tmp_path / "book" / "ch02.ipynb").write_text(f"[one]({repository.site(old)}book/ch01.html)")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    return tmp_path


def test_no_link_of_this_project_strays():
    assert repository.strays() == []


def test_one_command_moves_every_link_and_nothing_else(copy):
    old = repository.current()
    changed = repository.move("https://github.com/somebody/elsewhere.git/")
    assert sorted(changed) == ["README.md", "_config.yml", "book/ch01.ipynb", "book/ch02.ipynb"]
    page = (copy / "book" / "ch02.ipynb").read_text()
    assert page == "[one](https://somebody.github.io/elsewhere/book/ch01.html)"
    assert repository.current() == "somebody/elsewhere"
    assert repository.strays() == []
    assert f"{old}-archive" in (copy / "README.md").read_text(), "another repository's name"


def test_a_short_name_is_moved_only_in_addresses(copy):
    repository.move("https://github.com/x/y")
    (copy / "README.md").write_text("The slope is dx/y; see https://github.com/x/y/issues\n")
    repository.move("https://github.com/somebody/elsewhere")
    text = "The slope is dx/y; see https://github.com/somebody/elsewhere/issues\n"
    assert (copy / "README.md").read_text() == text
    assert repository.strays() == []


def test_a_stray_link_is_found(copy):
    (copy / "README.md").write_text("git clone https://github.com/other/name\n")
    assert repository.strays() == ["README.md: other/name"]


@pytest.mark.parametrize(
    "url", ["", "owner/name", "https://example.org/a/b", "https://github.com/a"]
)
def test_what_is_no_address_is_refused_and_changes_nothing(copy, url):
    before = (copy / "README.md").read_text()
    with pytest.raises(SystemExit, match="repository's address"):
        repository.move(url)
    assert (copy / "README.md").read_text() == before
