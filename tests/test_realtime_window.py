"""Session, window, JSON lines and command, with a reader that says what it is told."""

import io
import json
import os
import signal
import subprocess
import sys
import textwrap

import cv2
import numpy as np
import pytest
from streams import Film, Told
from typer.testing import CliRunner

from asl_helpers.cli import app
from asl_helpers.errors import AslError
from asl_helpers.realtime import journal, window
from asl_helpers.realtime.reader import Session
from asl_helpers.realtime.sources import SourceError


def session_of(script, end=None, **options):
    return Film(len(script), end), Session(Told(script), **options)


@pytest.fixture
def played(capsys):
    """Return what plays a script: the JSON lines, the text, and what was said."""

    def play(script, end=None, **options):
        source, session = session_of(script, end, **options)
        with session:
            text = window.play(source, session, None)
        assert source.closed and session.reader.closed
        out, said = capsys.readouterr()
        return [json.loads(line) for line in out.splitlines()], text, said

    return play


# The session


def test_a_gesture_that_changes_nothing_is_no_event():
    source, session = session_of("H" + 8 * " " + "I")
    for frame in source.frames():
        if frame.time == 0.5:
            session.speller.add("space")  # by the button
        step = session.step(frame)
    assert [event.letter for event in step.events] == ["I"] and step.text == "H I"


def test_a_line_is_one_event(played):
    lines, text, _ = played(".C.A" + 8 * " " + "T")
    assert text == "CA T"
    assert lines == [
        {"letter": "C", "confidence": 0.9123, "time": 0.1, "latency_ms": 7.78},
        {"letter": "A", "confidence": 0.9123, "time": 0.3, "latency_ms": 7.78},
        {"letter": "space", "confidence": None, "time": 1.2, "latency_ms": 7.78},
        {"letter": "T", "confidence": 0.9123, "time": 1.2, "latency_ms": 7.78},
    ]


def test_every_event_goes_to_the_journal(played, tmp_path):
    path = tmp_path / "j.sqlite"
    lines, _, _ = played("H.I" + 8 * " " + "U", journal=path)
    rows = journal.read(path)
    assert list(rows["letter"]) == [line["letter"] for line in lines]
    assert np.isnan(rows["confidence"][2]) and rows["confidence"][0] == 0.91234
    assert [path.name for path in tmp_path.iterdir()] == ["j.sqlite"]  # closed


def test_a_journal_that_cannot_be_opened_or_fails_ends_itself_not_the_session(tmp_path):
    (tmp_path / "notes.txt").write_text("my notes")
    said = []
    _, session = session_of("AB", say=said.append, journal=tmp_path / "notes.txt")
    assert session.journal is None and "without the journal; the text is kept" in said.pop()
    assert (tmp_path / "notes.txt").read_text() == "my notes"
    source, session = session_of("AB", say=said.append, journal=tmp_path / "j.sqlite")
    frames = source.frames()
    session.step(next(frames))
    session.journal._file.execute("PRAGMA query_only = ON")
    assert session.step(next(frames)).text == "AB"
    assert len(said) == 1 and "without the journal; the text is kept" in said[0]
    assert session.journal is None
    assert list(journal.read(tmp_path / "j.sqlite")["letter"]) == ["A"]


# Ends


def test_ctrl_c_ends_in_order(played):
    _, text, said = played("AB", KeyboardInterrupt())
    assert text == "AB" and said == "Ended.\n"


def test_an_unplugged_camera_is_said_and_the_text_kept(capsys):
    source, session = session_of("AB", SourceError("camera 0 stopped giving images"))
    with pytest.raises(SourceError, match="stopped giving"):
        window.play(source, session, None)
    assert capsys.readouterr().err == "Text so far: AB\n" and source.closed


def test_a_line_is_flushed_at_once_and_a_reader_that_has_gone_is_an_end(monkeypatch):
    class Gone(io.StringIO):
        def flush(self):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    assert window.play(*session_of("AB"), None) == "A"


# The window


class Glass:
    """A window that nobody sees; keys come as they are told."""

    def __init__(self, keys=()):
        self.keys, self.images, self.closed = list(keys), [], False

    def show(self, image):
        self.images.append(image)
        return self.keys.pop(0) if self.keys else -1

    def close(self):
        self.closed = True


def test_every_frame_is_shown_with_what_was_read():
    glass = Glass()
    assert window.play(*session_of("A.B"), glass) == "AB" and glass.closed
    assert [image.shape for image in glass.images] == [(60, 80, 3)] * 3
    assert (glass.images[0] != (0, 90, 200)).any()


@pytest.mark.parametrize(
    ("script", "keys", "text"),
    [
        ("A.B...", [-1, ord(" "), -1, 8, ord("u"), -1], "A B"),
        ("AB.", [-1, -1, ord("x")], ""),
        ("AB.", [-1, -1, ord("X")], ""),  # with Caps Lock
        ("AB.", [0xFF, 200, 1], "AB"),
        ("A.BCD", [-1, ord("q")], "A"),
        ("A.BCD", [-1, 27], "A"),
    ],
)
def test_keys_work_the_text_and_end(script, keys, text):
    glass = Glass(keys)
    assert window.play(*session_of(script), glass) == text and glass.closed


def test_the_closed_window_ends(monkeypatch):
    monkeypatch.setattr(window, "_why_no_window", lambda: "")
    for name in ("namedWindow", "imshow", "destroyAllWindows"):
        monkeypatch.setattr(cv2, name, lambda *arguments: None)
    monkeypatch.setattr(cv2, "waitKey", lambda wait: -1)
    states = [1.0, 0.0]
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *arguments: states.pop(0))
    assert window.play(*session_of("A.BCD"), window.Window()) == "A" and not states


def test_without_a_display_it_says_what_else_there_is(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AslError, match=r"no display\. Use --json .* notebook"):
        window.Window()


# The command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--source absent.mp4", "absent.mp4"),
        ("--source drawn:A --model landmark", "Did you mean 'landmarks'"),
        ("--source drawn:A --side middle", "'middle'"),
        ("--source drawn:A --threshold 7", "0 to 1"),
        ("--source drawn:A --model motion", "motion"),
        ("--source drawn:A --speed 0", "speed=0"),
        ("--source talk.mp4 --speed 3", "are the drawn signer's"),
        ("--source rtsp://me:secret@cam/1", "an address"),
        ("--source rtsp://me:secret@cam/1 --speed 2", "are the drawn signer's"),
    ],
)
def test_a_wrong_option_is_one_clear_error(arguments, words):
    done = CliRunner().invoke(app, ["webcam", "--json", "--no-journal", *arguments.split()])
    assert isinstance(done.exception, AslError) and words in str(done.exception)
    assert "secret" not in str(done.exception) + done.output


OFFLINE = textwrap.dedent("""
    import ctypes, platform, struct, sys
    import urllib3  # its import opens a socket, to see if this machine speaks IPv6

    def seal():
        # From here on the kernel kills this process when anything in it, in whichever language,
        # connects, listens or sends: load the system call's number; is it one of these?
        calls = {"x86_64": (42, 44, 46, 50, 307), "aarch64": (203, 206, 211, 201, 269)}
        lines = [(0x20, 0, 0, 0)]
        for index, number in enumerate(calls[platform.machine()]):
            lines.append((0x15, 5 - index, 0, number))
        lines += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x80000000)]  # let it pass, or kill
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
        program = struct.pack("HP", len(lines), ctypes.addressof(code))
        kernel = ctypes.CDLL(None, use_errno=True)
        if kernel.prctl(38, 1, 0, 0, 0) or kernel.prctl(22, 2, program, 0, 0):
            sys.exit("the kernel takes no filter")

    if sys.platform == "linux":
        seal()
    import socket

    class Refused(socket.socket):
        def __init__(self, *arguments, **options):
            raise AssertionError("a socket was opened")

    socket.socket = socket.create_connection = Refused
    sys.argv = ["asl", *sys.argv[1:]]
    from asl_helpers.cli import main
    main()
""")


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels have other filters")
@pytest.mark.parametrize(
    "tried", ["connect(('127.0.0.1', 9))", "sendto(b'.', ('127.0.0.1', 9))", "listen()"]
)
def test_the_trap_for_connections_springs(tried):
    trap = OFFLINE[: OFFLINE.index("class Refused")]
    opened = f"import _socket; _socket.socket(type=1 if '{tried[0]}' == 'l' else 2).{tried}"
    done = subprocess.run([sys.executable, "-c", f"{trap}\n{opened}"], capture_output=True)
    assert done.returncode == -signal.SIGSYS


def test_the_drawn_signer_is_read_by_the_real_tracker_and_nothing_leaves_the_machine(tmp_path):
    """The whole way, in a process that may connect to nothing; the cache gets the journal only."""
    path = tmp_path / "journal.sqlite"
    command = [sys.executable, "-c", OFFLINE, "webcam", "--source", "drawn:CHAIR", "--json"]
    done = subprocess.run(
        [*command, "--journal", str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, "ASL_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert "".join(line["letter"] for line in lines) == "CHAIR"
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert all(0 < line["confidence"] <= 1 and line["latency_ms"] > 0 for line in lines)
    said = done.stderr.splitlines()
    assert said[0] == "Reading the drawn signer, CHAIR."
    assert said[1].startswith("Letters are noted in") and said[2:] == ["Text: CHAIR"]
    rows = journal.read(path)
    assert "".join(rows["letter"]) == "CHAIR"
    assert set(rows["model"]) == {"landmarks"} and len(rows["version"][0]) == 8
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]
