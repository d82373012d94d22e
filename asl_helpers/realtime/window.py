"""What `asl webcam` does: a session in a window, or as one JSON object a line for each letter.

Standard output holds the result, JSON lines or the text at the end; everything else that is said
goes to standard error.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.realtime.overlay import draw_step
from asl_helpers.realtime.reader import LetterReader, Session
from asl_helpers.realtime.sources import Source, open_source

_TITLE = "asl webcam"
_HELP = "In the window: q or Esc ends, Space is a space, Backspace deletes, u takes back, x clears."
_ESCAPE = 27


def run(
    source: str | None,
    as_json: bool,
    mirror: bool | None,
    drawn: dict,
    journal: Path | None,
    **options,
) -> str:
    """Do what `asl webcam` was asked for; return the text.

    ``source`` is as `open_source` takes it, ``drawn`` what was asked of the drawn signer, and
    ``options`` are the `LetterReader`'s. ``mirror`` tells whether the window shows frames as a
    mirror would; None does so for cameras. Letters are noted in ``journal``, if it is not None.
    """
    window = None if as_json else Window()
    with open_source(source, **drawn) as stream:
        say(f"Reading {stream.name}. {stream.note}".strip())
        with Session(LetterReader(**options), journal, say) as session:
            if session.journal is not None:
                say(f"Letters are noted in {journal} (asl journal clear deletes them).")
            return play(stream, session, window, stream.live if mirror is None else mirror)


def play(source: Source, session: Session, window: "Window | None", flip: bool = False) -> str:
    """Show a source in a window, or print each event as one JSON object a line; return the text.

    Ctrl-C is an end like another, and so is a reader of the lines that has gone. A source that
    breaks off ends the session, too, and its error is raised after the text was said: nothing that
    was spelled is lost.
    """
    try:
        for frame in source.frames(pace=window is not None):
            step = session.step(frame)
            if window is None:
                for event in step.events:
                    print(json.dumps(event.as_dict()), flush=True)
            elif not obey(window.show(draw_step(session, step, flip)), session):
                break
    except KeyboardInterrupt:
        say("Ended.")
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # what is left to print has no reader
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BaseException:
        say(f"Text so far: {session.speller.text or '(none)'}")
        raise
    finally:
        if window is not None:
            window.close()
    return session.speller.text


def obey(key: int, session: Session) -> bool:
    """Do what a key in the window asks for; return False for the one that ends the session."""
    speller = session.speller
    key = ord(chr(key).lower()) if key > 0 else key  # whether Caps Lock is on or not
    if key == ord(" "):
        speller.add("space")
    elif key in (8, 127):
        speller.add("del")
    elif key == ord("u"):
        speller.undo()
    elif key == ord("x"):
        speller.clear()
    return key not in (ord("q"), _ESCAPE)


class Window:
    """OpenCV's window. Raises AslError where none can be shown."""

    def __init__(self) -> None:
        """Open it."""
        if reason := _why_no_window():
            raise AslError(
                f"No window can be shown here: {reason}. Use --json for one line a letter, or the "
                "app in the notebook of the chapter on the webcam."
            )
        import cv2

        self._cv2 = cv2
        cv2.namedWindow(_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)

    def show(self, image: np.ndarray) -> int:
        """Show an image, RGB uint8 (height, width, 3); return the key that was pressed, -1: none.

        Where the user has closed the window it is Esc.
        """
        self._cv2.imshow(_TITLE, np.ascontiguousarray(image[..., ::-1]))
        code = self._cv2.waitKey(1)
        try:
            is_open = self._cv2.getWindowProperty(_TITLE, self._cv2.WND_PROP_VISIBLE) >= 1
        except self._cv2.error:
            is_open = False
        if not is_open:
            return _ESCAPE
        return code if code < 0 else code & 0xFF

    def close(self) -> None:
        """Close the window."""
        self._cv2.destroyAllWindows()


def _why_no_window() -> str:
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


def say(words: str) -> None:
    """Print to standard error."""
    print(words, file=sys.stderr, flush=True)
