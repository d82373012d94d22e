"""MediaPipe's reports to its maker, switched off before the first tracker is made.

Since version 0.10.34 MediaPipe's tasks send figures on their use to Google: no pictures, but what
runs, for how long and on what system; there is no option against it. A course that says that
nothing leaves the machine must see to it. The address that the library reports to stands in its
file once; in this process's copy of it, it is replaced by one that no protocol knows, so that
nothing is looked up, connected or sent. The file itself stays as it is.

Source: the privacy notice in MediaPipe's package, and its issue 6291.
"""

import ctypes
import mmap
import sys
from pathlib import Path

_ADDRESS = b"https://play.googleapis.com/log\0"
_NOWHERE = b"none:\0"
_CLIENT = b"libcurl"
"""The library's way to speak HTTP: without it there is nothing to switch off."""

NOTICE = (
    "MediaPipe {version} reports its use to its maker (no pictures), and on this system that "
    "cannot be switched off. A version that reports nothing: pip install --no-deps "
    "mediapipe==0.10.33"
)

_silent: dict[Path, bool] = {}


def silence(library: Path) -> bool:
    """Load MediaPipe's library and take its address away; return whether it reports nothing now.

    Parameters
    ----------
    library:
        The file that MediaPipe loads, ``libmediapipe.so``. It is seen to once a process.
    """
    if library not in _silent:
        _silent[library] = _is_silenced(library)
    return _silent[library]


def library_of(package: Path) -> Path | None:
    """Return the library in the folder of the package ``mediapipe``, or None without one."""
    found = sorted((package / "tasks" / "c").glob("libmediapipe.*"))
    return found[0] if found else None


def _is_silenced(library: Path) -> bool:
    places = _places(library)
    if not places:
        with library.open("rb") as file, _mapped(file) as content:
            return content.find(_CLIENT) < 0
    if sys.platform != "linux":
        return False
    ctypes.CDLL(str(library))  # MediaPipe gets the same one; nothing in it runs before a task does
    try:
        return all(_overwritten(library, place) for place in places)
    except OSError:
        return False


def _places(library: Path) -> list[int]:
    """Return where in the file the address stands."""
    found, place = [], -1
    with library.open("rb") as file, _mapped(file) as content:
        while (place := content.find(_ADDRESS, place + 1)) >= 0:
            found.append(place)
    return found


def _mapped(file) -> mmap.mmap:
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _overwritten(library: Path, place: int) -> bool:
    """Replace the address at a place of the file where this process has it in memory."""
    at = _in_memory(library, place)
    if at is None:
        return False
    # By way of this file the system writes to a page that may only be read, in a copy of its own.
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(at)
        if memory.read(len(_ADDRESS)) != _ADDRESS:
            return False
        memory.seek(at)
        memory.write(_NOWHERE)
        memory.seek(at)
        return memory.read(len(_NOWHERE)) == _NOWHERE


def _in_memory(library: Path, place: int) -> int | None:
    """Return the address at which a place of a loaded library's file lies."""
    name = str(library.resolve())
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, _, offset, _, _, *path = line.split(maxsplit=5)
        start, end = (int(edge, 16) for edge in span.split("-"))
        first = int(offset, 16)
        if path and path[0] == name and first <= place < first + end - start:
            return start + place - first
    return None
