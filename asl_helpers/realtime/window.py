"""What `asl webcam` does: a session in a window, or as one JSON object a line for each letter.

Standard output holds the result, JSON lines or the text at the end; everything else that is said
goes to standard error.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.realtime.overlay import draw_step
from asl_helpers.realtime.reader import LetterReader, Session
from asl_helpers.realtime.sources import DRAWN, Source, open_source
from asl_helpers.realtime.text import Gestures

_TITLE = "asl webcam"
_HELP = (
    "In the window: q or Esc ends, Space is a space, Backspace deletes, u takes back, x clears, "
    "c copies the text, s speaks it."
)


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
    if drawn and source and not source.lower().startswith(DRAWN):
        raise AslError(
            "--signer, --speed and --left-handed are the drawn signer's, and another source is "
            "named. Leave them out, or use --source drawn:TEXT."
        )
    window = None if as_json else Window()
    stream = open_source(source, **drawn)
    try:
        say(f"Reading {stream.name}. {stream.note}".strip())
        session = Session(LetterReader(**options), None, Gestures(), say)
    except BaseException:
        stream.close()
        raise

    def show() -> None:
        if journal is not None and session.note_in(journal):
            say(f"Letters are noted in {journal} (asl journal clear deletes them).")
        if window is None:
            as_lines(stream, session, sys.stdout)
        else:
            say(_HELP)
            in_window(stream, session, stream.live if mirror is None else mirror, window)

    return play(show, stream, session, say)


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


def as_lines(source: Source, session: Session, out: TextIO) -> None:
    """Read a source to its end and print each event as one JSON object a line, at once."""
    for frame in source.frames():
        for event in session.step(frame).events:
            print(json.dumps(event.as_dict()), file=out, flush=True)


def in_window(source: Source, session: Session, flip: bool, window: "Window") -> None:
    """Show a source with all that is read from it, until it ends or the user ends it."""
    try:
        for frame in source.frames(pace=True):
            step = session.step(frame)
            window.show(draw_step(session, step, flip))
            if not obey(window.key(), session) or window.is_closed():
                return
    finally:
        window.close()


def obey(key: int, session: Session) -> bool:
    """Do what a key in the window asks for; return False for the one that ends the session."""
    speller = session.speller
    actions = {
        ord(" "): lambda: speller.add("space"),
        8: lambda: speller.add("del"),
        127: lambda: speller.add("del"),
        ord("u"): speller.undo,
        ord("x"): speller.clear,
        ord("c"): lambda: session.say(copy(speller.text)),
        ord("s"): lambda: session.say(speak(speller.text)),
    }
    key = ord(chr(key).lower()) if key > 0 else key  # whether Caps Lock is on or not
    if key in actions:
        actions[key]()
    return key not in (ord("q"), 27)


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

    def show(self, image: np.ndarray) -> None:
        """Show an image, RGB uint8 (height, width, 3)."""
        self._cv2.imshow(_TITLE, np.ascontiguousarray(image[..., ::-1]))

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


# The text handed on, by the first program of the system's own that is there. Each gets it by its
# standard input, so that nothing of it stands in a list of processes.

_SPEECH = (
    "Add-Type -AssemblyName System.Speech; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())"
)
_COPIERS = {
    "darwin": [["pbcopy"]],
    "win32": [["clip"]],
    "linux": [["wl-copy"], ["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "-i"]],
}
_SPEAKERS = {
    "darwin": [["say"]],
    "win32": [["powershell", "-NoProfile", "-Command", _SPEECH]],
    "linux": [["spd-say", "--pipe-mode"], ["espeak-ng", "--stdin"], ["espeak", "--stdin"]],
}


def copy(text: str) -> str:
    """Put a text on the clipboard; return what to tell the user."""
    return _hand_on(text, _COPIERS, "Copied", "copy")


def speak(text: str) -> str:
    """Have a text spoken, without waiting for the end; return what to tell the user."""
    return _hand_on(text.lower(), _SPEAKERS, "Speaking", "speak")  # voices spell out capitals


def _hand_on(text: str, programs: dict, done: str, what: str) -> str:
    if not text.strip():
        return f"There is no text to {what}."
    known = programs.get(sys.platform, programs["linux"])
    command = next((each for each in known if shutil.which(each[0])), None)
    if command is None:
        names = " or ".join(each[0] for each in known)
        return f"No program to {what} with: install {names}. The text is printed at the end."
    try:
        # Not waited for: some of these stay, to own the clipboard or to finish the sentence, which
        # Ctrl-C does not end either.
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        child = subprocess.Popen(
            command, stdin=pipe, stdout=null, stderr=null, start_new_session=True
        )
        child.stdin.write(text.encode())
        child.stdin.close()
    except OSError as error:
        return f"{command[0]} failed ({error.strerror}). The text is printed at the end."
    return f"{done}: {text.upper()}"
