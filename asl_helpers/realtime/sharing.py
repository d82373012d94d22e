"""A text handed on from the window: to the clipboard, or spoken, by programs of the system's own.

What they are called differs; the first that is there is used. Each gets the text by its standard
input, so that nothing of it stands in a list of processes.
"""

import shutil
import subprocess
import sys

_SPEECH = (
    "Add-Type -AssemblyName System.Speech; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())"
)
_COPIERS = {
    "darwin": (["pbcopy"],),
    "win32": (["clip"],),
    "linux": (
        ["wl-copy"],
        ["xclip", "-selection", "clipboard"],
        ["xsel", "--clipboard", "--input"],
    ),
}
_SPEAKERS = {
    "darwin": (["say"],),
    "win32": (["powershell", "-NoProfile", "-Command", _SPEECH],),
    "linux": (["spd-say", "--pipe-mode"], ["espeak-ng", "--stdin"], ["espeak", "--stdin"]),
}


def copy(text: str) -> str:
    """Put a text on the clipboard; return what to tell the user."""
    return _handed(text, _COPIERS, "Copied", "copy")


def speak(text: str) -> str:
    """Have a text spoken, without waiting for the end; return what to tell the user."""
    # Voices spell out capitals.
    return _handed(text.lower(), _SPEAKERS, "Speaking", "speak")


def _handed(text: str, programs: dict, done: str, what: str) -> str:
    if not text.strip():
        return f"There is no text to {what}."
    known = programs.get(sys.platform, programs["linux"])
    command = next((each for each in known if shutil.which(each[0])), None)
    if command is None:
        names = " or ".join(each[0] for each in known)
        return f"No program to {what} with: install {names}. The text is printed at the end."
    try:
        # Not waited for: some of these stay, to own the clipboard or to finish the sentence.
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the session, not the sentence
        )
        with child.stdin as pipe:
            pipe.write(text.encode())
    except OSError as error:
        return f"{command[0]} failed ({error.strerror}). The text is printed at the end."
    return f"{done}: {text.upper()}"
