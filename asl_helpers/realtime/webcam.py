"""What `asl webcam` does: a session in a window, or as one JSON object a line for each letter.

Standard output holds the result, JSON lines or the text at the end; everything else that is said
goes to standard error.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.realtime.frames import Source
from asl_helpers.realtime.journal import JournalError
from asl_helpers.realtime.session import Session

_TITLE = "asl webcam"
HELP = "In the window: q or Esc ends, Space is a space, Backspace deletes, u takes back, c clears."
"""What the keys do."""

_ESCAPE, _BACKSPACE = 27, (8, 127)


class WebcamError(AslError):
    """No window can be opened here."""


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep standard error for what is said to the user: the libraries' C++ logs go nowhere.

    Python's own messages and tracebacks still come through.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    before, sys.stderr = sys.stderr, os.fdopen(shown, "w", buffering=1)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(shown, 2)
        sys.stderr.close()
        sys.stderr = before


def as_lines(source: Source, session: Session, out: TextIO) -> None:
    """Read a source to its end and print each event as one JSON object a line, at once."""
    for frame in source.frames():
        for event in session.step(frame).events:
            print(json.dumps(event.as_dict()), file=out, flush=True)


def in_window(source: Source, session: Session, flip: bool, window: "Window | None" = None) -> None:
    """Show a source with all that is read from it, until it ends or the user ends it."""
    window = window or Window()
    try:
        for frame in source.frames(pace=True):
            step = session.step(frame)
            window.show(session.picture(step, flip))
            if not obey(window.key(), session) or window.is_closed():
                return
    finally:
        window.close()


def obey(key: int, session: Session) -> bool:
    """Do what a key in the window asks for; return False for the one that ends the session."""
    speller = session.speller
    if key in (ord("q"), _ESCAPE):
        return False
    if key == ord(" "):
        speller.add("space")
    elif key in _BACKSPACE:
        speller.add("del")
    elif key == ord("u"):
        speller.undo()
    elif key == ord("c"):
        speller.clear()
    return True


def play(
    show: Callable[[], None], source: Source, session: Session, say: Callable[[str], None]
) -> str:
    """Run a session to its end in order, whatever ends it; return the text.

    Ctrl-C is an end like another, and so is a reader of the lines that has gone. A source that
    breaks off ends the session, too, and its SourceError is raised after the text was said:
    nothing that was spelled is lost.
    """
    try:
        show()
    except KeyboardInterrupt:
        say("Ended.")
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # what is left to print has no reader
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BaseException:
        say(f"Text so far: {session.speller.text}")
        raise
    finally:
        source.close()
        session.close()
    return session.speller.text


class Window:
    """OpenCV's window. Raises WebcamError where none can be shown."""

    def __init__(self) -> None:
        """Open it."""
        reason = why_no_window()
        if reason:
            raise WebcamError(
                f"No window can be shown here: {reason}. Use --json for one line a letter, or the "
                "app in the notebook of the chapter on the webcam."
            )
        import cv2

        self._cv2 = cv2
        cv2.namedWindow(_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)

    def show(self, picture: np.ndarray) -> None:
        """Show a picture, RGB uint8 (height, width, 3)."""
        self._cv2.imshow(_TITLE, np.ascontiguousarray(picture[..., ::-1]))

    def key(self) -> int:
        """Return the key that was pressed, -1 for none; lets the window draw itself."""
        code = self._cv2.waitKey(1)
        return code if code < 0 else code & 0xFF

    def is_closed(self) -> bool:
        """Tell whether the user has closed the window."""
        try:
            return self._cv2.getWindowProperty(_TITLE, self._cv2.WND_PROP_VISIBLE) < 1
        except self._cv2.error:
            return True

    def close(self) -> None:
        """Close the window."""
        self._cv2.destroyAllWindows()


def why_no_window() -> str:
    """Return why no window can be shown here, or ``""`` where one can."""
    try:
        import cv2
    except ImportError as error:
        return f"OpenCV cannot be imported ({error})"
    gui = [line for line in cv2.getBuildInformation().splitlines() if line.strip()[:4] == "GUI:"]
    if not gui or "NONE" in gui[0]:
        return "this OpenCV was built without windows"
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in displays):
        return "this machine has no display"
    # A display that does not answer makes the window's library abort the whole process.
    trial = "import cv2; cv2.namedWindow('trial'); cv2.destroyAllWindows()"
    done = subprocess.run([sys.executable, "-c", trial], capture_output=True, timeout=60)
    return "" if done.returncode == 0 else "the display does not answer"


def run(
    source_name: str | None,
    as_json: bool,
    model: str,
    threshold: float | None,
    smoothing: str,
    side: str | None,
    mirror: bool | None,
    journal_path: Path | None,
    with_journal: bool,
) -> str:
    """Do what `asl webcam` was asked for; return the text."""
    from asl_helpers.realtime.gestures import Gestures
    from asl_helpers.realtime.journal import Journal
    from asl_helpers.realtime.recogniser import LetterReader
    from asl_helpers.realtime.sources import open_source

    window = None if as_json else Window()
    source = open_source(source_name)
    try:
        say(f"Reading {source.name}. {source.note}".strip())
        reader = LetterReader(model, threshold, smoothing, side=side)
    except BaseException:
        source.close()
        raise
    session = Session(reader, None, Gestures(), say)
    try:
        if with_journal:
            version = str(reader.recogniser.card.get("sha256", ""))[:8]
            session.journal = Journal(journal_path, model, version)
            say(f"Letters are noted in {session.journal.path} (asl journal clear deletes them).")
    except JournalError as error:
        say(f"{error} The session goes on without the journal.")
    if window is None:
        return play(lambda: as_lines(source, session, sys.stdout), source, session, say)
    say(HELP)
    flip = source.live if mirror is None else mirror
    return play(lambda: in_window(source, session, flip, window), source, session, say)


def say(words: str) -> None:
    """Print to standard error."""
    print(words, file=sys.stderr, flush=True)
