"""A text goes to the system's own programs, by their standard input."""

import sys
import time

import pytest

from asl_helpers.realtime import sharing


@pytest.fixture
def on_linux(monkeypatch, tmp_path):
    """Return a maker of programs that write what they are given; none but those are there."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name):
        program = tmp_path / name
        program.write_text(
            f"#!/bin/sh\n/bin/cat > {tmp_path}/got.part\n/bin/mv {tmp_path}/got*.part "
            f"{tmp_path}/got\n"
        )
        program.chmod(0o755)
        return tmp_path / "got"

    return make


def content(path, seconds=10.0):
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return path.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_the_text_reaches_the_first_program_that_is_there(on_linux):
    got = on_linux("xclip")
    assert sharing.copy("HELLO YOU") == "Copied: HELLO YOU"
    assert content(got) == "HELLO YOU"
    got.unlink()
    got = on_linux("espeak-ng")
    assert sharing.speak("HELLO") == "Speaking: HELLO"
    assert content(got) == "hello", "voices spell out capitals"


def test_without_a_program_it_says_which_to_install(on_linux):
    assert "install wl-copy or xclip or xsel" in sharing.copy("HELLO")
    assert "install spd-say or espeak-ng or espeak" in sharing.speak("HELLO")


def test_nothing_is_not_handed_on():
    assert sharing.copy("") == "There is no text to copy."
    assert sharing.speak(" ") == "There is no text to speak."


@pytest.mark.skipif(sys.platform == "win32", reason="a file without a program in it")
def test_a_program_that_does_not_start_is_said(on_linux, tmp_path):
    on_linux("xsel")
    (tmp_path / "xsel").write_text("#!/nowhere/sh\n")
    assert "xsel failed" in sharing.copy("HELLO")
