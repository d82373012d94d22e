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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.realtime import sharing
from asl_helpers.realtime.frames import Source
from asl_helpers.realtime.session import Session

_TITLE = "asl webcam"
HELP = (
    "In the window: q or Esc ends, Space is a space, Backspace deletes, u takes back, x clears, "
    "c copies the text, s speaks it."
)
"""What the keys do."""

_ESCAPE, _BACKSPACE = 27, (8, 127)


class WebcamError(AslError):
    """No window can be opened here, or the options do not go together."""


@dataclass(frozen=True)
class Wanted:
    """What `asl webcam` was asked for; None leaves the choice to the program.

    Attributes
    ----------
    source:
        As `sources.open_source` takes it.
    as_json:
        Lines instead of a window.
    model, threshold, smoothing, side:
        As `recogniser.LetterReader` takes them.
    mirror:
        Whether the window shows frames as a mirror would.
    signer, speed, left_handed:
        Of the drawn signer, where it signs.
    journal, with_journal:
        The file for the letters, and whether to write one.
    """

    source: str | None = None
    as_json: bool = False
    model: str = "landmarks"
    threshold: float | None = None
    smoothing: str = "steady"
    side: str | None = None
    mirror: bool | None = None
    signer: int | None = None
    speed: float | None = None
    left_handed: bool = False
    journal: Path | None = None
    with_journal: bool = True

    def drawn(self) -> dict[str, Any]:
        """Return the options for the drawn signer; raise WebcamError if another source is named."""
        from asl_helpers.realtime.sources import DRAWN

        asked = {"seed": self.signer, "speed": self.speed, "left": self.left_handed or None}
        asked = {name: value for name, value in asked.items() if value is not None}
        if asked and self.source and not self.source.lower().startswith(DRAWN):
            raise WebcamError(
                "--signer, --speed and --left-handed are the drawn signer's, and the source is "
                f"{self.source!r}. Leave them out, or use --source drawn:TEXT."
            )
        return asked


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
    key = ord(chr(key).lower()) if key > 0 else key  # whether Caps Lock is on or not
    if key in (ord("q"), _ESCAPE):
        return False
    if key == ord(" "):
        speller.add("space")
    elif key in _BACKSPACE:
        speller.add("del")
    elif key == ord("u"):
        speller.undo()
    elif key == ord("x"):
        speller.clear()
    elif key == ord("c"):
        session.say(sharing.copy(speller.text))
    elif key == ord("s"):
        session.say(sharing.speak(speller.text))
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
        say(f"Text so far: {session.speller.text or '(none)'}")
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


def run(wanted: Wanted) -> str:
    """Do what `asl webcam` was asked for; return the text."""
    from asl_helpers.realtime.gestures import Gestures
    from asl_helpers.realtime.recogniser import LetterReader
    from asl_helpers.realtime.sources import open_source

    drawn = wanted.drawn()
    window = None if wanted.as_json else Window()
    source = open_source(wanted.source, **drawn)
    try:
        say(f"Reading {source.name}. {source.note}".strip())
        reader = LetterReader(wanted.model, wanted.threshold, wanted.smoothing, side=wanted.side)
    except BaseException:
        source.close()
        raise
    session = Session(reader, None, Gestures(), say)

    def show() -> None:
        if wanted.with_journal:
            session.note_in(wanted.journal)
        if session.journal is not None:
            say(f"Letters are noted in {session.journal.path} (asl journal clear deletes them).")
        if window is None:
            as_lines(source, session, sys.stdout)
        else:
            say(HELP)
            flip = source.live if wanted.mirror is None else wanted.mirror
            in_window(source, session, flip, window)

    return play(show, source, session, say)


def say(words: str) -> None:
    """Print to standard error."""
    print(words, file=sys.stderr, flush=True)
