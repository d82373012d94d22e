"""Real time: from a camera's frames to letters, words and a journal of them.

>>> from asl_helpers.realtime import LetterReader, open_source  # doctest: +SKIP
>>> with open_source("drawn:CHAIR") as source, LetterReader() as reader:  # doctest: +SKIP
...     for frame in source.frames():
...         event = reader.read(frame).event
"""

from importlib import import_module

# NumPy loads with the first source, TensorFlow and MediaPipe with the first reader; the command
# line, which names its commands here, needs none of them.
_LAZY = {
    "Frame": "frames",
    "LetterEvent": "events",
    "LetterReader": "recogniser",
    "Reading": "recogniser",
    "Source": "frames",
    "SourceError": "frames",
    "open_source": "sources",
}

__all__ = [
    "Frame",
    "LetterEvent",
    "LetterReader",
    "Reading",
    "Source",
    "SourceError",
    "open_source",
]


def __getattr__(name: str):
    """Import what is asked for at its first use."""
    if name in _LAZY:
        return getattr(import_module(f"asl_helpers.realtime.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'asl_helpers.realtime' has no attribute {name!r}")
