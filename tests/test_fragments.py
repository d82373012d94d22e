"""The parts of pages that follow from the project say what the project holds."""

import json
import re

import fragments
import pytest
import yaml

READ = [
    {"letter": "H", "confidence": 0.91, "time": 0.9, "latency_ms": 12.5, "text": "H"},
    {"letter": "I", "confidence": 0.99, "time": 1.4, "latency_ms": 11.0, "text": "HI"},
]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """A folder of drawn pictures that the fragments read."""
    monkeypatch.setattr(fragments, "PICTURES", tmp_path)
    return tmp_path


def test_the_list_has_every_chapter_in_order_with_its_promise_and_minutes():
    contents = yaml.safe_load((fragments.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    chapters = [name for name in files if re.search(r"/ch\d\d_", name)]
    text = fragments.chapters()
    assert re.findall(r"</(book/part\S+)>", text) == chapters
    promises = re.findall(r"^: (.{80,}) \*(\d+ minutes)\.\*$", text, re.MULTILINE)
    assert len(promises) == len(chapters)
    minutes = sum(int(time.split()[0]) for _, time in promises)
    assert text.startswith(f"{len(chapters)} chapters, about {minutes / 60:.0f} hours")


def test_the_front_page_shows_a_picture_for_each_letter_that_was_read(drawn):
    (drawn / "spelled.json").write_text(json.dumps(READ), encoding="utf-8")
    shown = fragments.camera()
    pictures = re.findall(r"/book/_static/generated/(spelled_\d\.jpg)\n:alt: (.+)", shown)
    assert [name for name, _ in pictures] == ["spelled_0.jpg", "spelled_1.jpg"]
    assert "shows that I was read and that the text is HI" in pictures[1][1]
    assert "the resulting text is HI" in shown


def test_the_lines_are_those_that_the_command_prints(drawn):
    (drawn / "spelled.json").write_text(json.dumps(READ), encoding="utf-8")
    lines = fragments.lines_printed().splitlines()
    assert lines[0] == "```json" and lines[-1] == "```"
    assert [json.loads(line)["letter"] for line in lines[1:-1]] == ["H", "I"]
    assert set(json.loads(lines[1])) == {"letter", "confidence", "time", "latency_ms"}


def test_without_pictures_the_front_page_promises_none(drawn):
    assert fragments.camera() == "" and fragments.lines_printed() == ""
