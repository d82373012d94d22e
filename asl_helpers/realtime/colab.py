"""What Colab lacks for the hand tracker, brought when a notebook asks for it."""

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable

from asl_helpers.errors import AslError

# Without their dependencies: MediaPipe declares an OpenCV of its own, whose files would replace
# those of Colab's; all else that it needs is there.
_PACKAGES = ("mediapipe>=1.0", "sounddevice~=0.5")


class ColabError(AslError):
    """The packages cannot be installed."""


def in_colab() -> bool:
    """Tell whether this runs in a Colab notebook."""
    return "google.colab" in sys.modules


def prepare(run: Callable = subprocess.run) -> None:
    """In a Colab notebook without MediaPipe, install it; elsewhere do nothing.

    Raises
    ------
    ColabError
        If pip could not; ``run`` stands in for `subprocess.run` in tests.
    """
    if not in_colab() or importlib.util.find_spec("mediapipe") is not None:
        return
    print("Bringing MediaPipe, the hand tracker, which Colab lacks ...")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *_PACKAGES]
    done = run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ColabError(f"pip could not install MediaPipe ({last}). Run the cell once more.")
    importlib.invalidate_caches()
