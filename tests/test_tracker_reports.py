"""MediaPipe's reports to its maker are off in a process that has a tracker."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from asl_helpers import tracker_reports, tracking

SOURCE = r"""
const char address[] = "https://play.googleapis.com/log";
const char *told(void) { return address; }
"""


@pytest.fixture
def library(tmp_path):
    """A library that holds the address, as MediaPipe's does."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler to make a library with")
    source, made = tmp_path / "told.c", tmp_path / "libmediapipe.so"
    source.write_text(SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source], check=True)
    return made


def told(library, silenced):
    """Return what the library tells in a process of its own; first, whether it is silent."""
    code = f"""
        import ctypes, sys
        from pathlib import Path
        from asl_helpers import tracker_reports
        path = Path({str(library)!r})
        print(tracker_reports.silence(path) if {silenced} else None)
        told = ctypes.CDLL(str(path)).told
        told.restype = ctypes.c_char_p
        print(told().decode())
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_the_address_is_gone_from_the_process_and_not_from_the_file(library):
    before = library.read_bytes()
    assert told(library, False) == ["None", "https://play.googleapis.com/log"]
    assert told(library, True) == ["True", "none:"]
    assert library.read_bytes() == before


def test_elsewhere_it_says_that_it_could_not(library, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert tracker_reports.silence(library) is False


def test_a_library_without_a_client_is_silent_and_an_unknown_one_is_not(tmp_path):
    old, new = tmp_path / "old.so", tmp_path / "new.so"
    old.write_bytes(b"\x7fELF and nothing that speaks HTTP")
    new.write_bytes(b"\x7fELF libcurl, and an address that is not known here")
    assert tracker_reports.silence(old) is True
    assert tracker_reports.silence(new) is False


def test_the_library_is_found_in_the_package(tmp_path):
    assert tracker_reports.library_of(tmp_path) is None
    (tmp_path / "tasks" / "c").mkdir(parents=True)
    (tmp_path / "tasks" / "c" / "libmediapipe.dylib").touch()
    assert tracker_reports.library_of(tmp_path).name == "libmediapipe.dylib"


def test_the_tracker_sees_to_it_before_it_is_made(monkeypatch):
    mediapipe = pytest.importorskip("mediapipe")
    asked = []
    monkeypatch.setattr(tracker_reports, "silence", lambda library: asked.append(library) or True)
    with tracking.HandTracker():
        assert asked == [tracker_reports.library_of(Path(mediapipe.__file__).parent)]


def test_where_it_cannot_be_silenced_the_reader_is_told(monkeypatch):
    pytest.importorskip("mediapipe")
    monkeypatch.setattr(tracker_reports, "silence", lambda library: False)
    with pytest.warns(UserWarning, match=r"reports its use to its maker.*mediapipe==0\.10\.33"):
        tracking.HandTracker().close()
