"""Real time: from a camera's frames to letters, words and a journal of them.

>>> from asl_helpers.realtime import LetterReader, open_source  # doctest: +SKIP
>>> with open_source("drawn:CHAIR") as source, LetterReader() as reader:  # doctest: +SKIP
...     for frame in source.frames():
...         event = reader.read(frame).event
"""

from importlib import import_module

from asl_helpers.realtime.sources import Frame, Source, SourceError, open_source

# TensorFlow and MediaPipe load with the first reader, not with the first frame.
_LAZY = {
    "LetterEvent": "events",
    "LetterReader": "recogniser",
    "Reading": "recogniser",
}

__all__ = ["Frame", "Source", "SourceError", "open_source", *_LAZY]


def __getattr__(name: str):
    """Import what needs the tracker at its first use."""
    if name in _LAZY:
        return getattr(import_module(f"asl_helpers.realtime.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'asl_helpers.realtime' has no attribute {name!r}")
