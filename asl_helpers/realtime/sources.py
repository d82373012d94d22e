"""Where frames come from: a camera, Colab's browser, a video file, a folder, the drawn signer.

``open_source()`` takes the first that there is; by name it takes the one that was asked for:

============================  ===============================================================
``0``, ``"camera:0"``         a camera, by its number
``"colab"``                   the browser's camera, in a Colab notebook
``"talk.mp4"``                a video file
``"pictures/"``               a folder of pictures, in the order of their names
``"drawn:CHAIR"``             a drawn signer who spells CHAIR
============================  ===============================================================

On Linux a camera's file, such as ``/dev/video0``, will do for its number.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from asl_helpers.datasets.readers import SUFFIXES, open_image
from asl_helpers.errors import did_you_mean
from asl_helpers.realtime.frames import Frame, Source, SourceError, checked, positive

__all__ = ["DrawnSource", "FolderSource", "Frame", "Source", "SourceError", "open_source"]

DRAWN = "drawn:"
GREETING = "HELLO"
"""What the drawn signer spells where no camera is found and nobody said what."""
_LONGEST = 2_000  # letters of a clip: a quarter of an hour; its movements are worked out at once
_SHOWN = 40  # letters of a text in a message


def open_source(spec: str | int | Path | None = None, **options) -> Source:
    """Open a source of frames.

    Parameters
    ----------
    spec:
        As in the table above. None tries camera 0, then Colab's browser camera, and falls back on
        the drawn signer; the source's ``note`` says why.
    options:
        For a camera ``width`` and ``height``; for a video or folder ``fps``; for the drawn signer
        those of `DrawnSource`. With None, those for the drawn signer, and ``text``.

    Raises
    ------
    SourceError
        If there is no such source, or it gives no pictures.
    """
    from asl_helpers.realtime import browser, cameras

    if spec is None or spec == "":
        return _first_there_is(options)
    words = str(spec)
    if words.isdecimal() or words.lower().startswith("camera:"):
        number = words.rpartition(":")[2]
        if not number.isdecimal():
            raise SourceError(f"{words!r} names no camera. Cameras have numbers: camera:0.")
        return cameras.CameraSource(int(number), **options)
    if device := re.fullmatch(r"/dev/video(\d+)", words):
        return cameras.CameraSource(int(device[1]), **options)
    if words.lower() == "colab":
        return browser.ColabSource(**options)
    if words.lower().startswith(DRAWN):
        return DrawnSource(words[len(DRAWN) :], **options)
    path = Path(spec).expanduser()
    if path.is_dir():
        return FolderSource(path, **options)
    if path.suffix.lower() in SUFFIXES and path.is_file():
        raise SourceError(
            f"{path.name} is one picture. Put it into a folder, alone or not, and name that."
        )
    if path.is_file():
        return cameras.VideoSource(path, **options)
    raise SourceError(_no_such(words, path))


def _first_there_is(options: dict) -> Source:
    from asl_helpers.realtime import browser, cameras

    drawn = dict(options)
    text = drawn.pop("text", GREETING)
    reasons = []
    attempts = [cameras.CameraSource]
    if "google.colab" in sys.modules:
        attempts = [browser.ColabSource]  # Colab's own machine has no camera, the reader's has
    for attempt in attempts:
        try:
            return attempt()
        except SourceError as error:
            reasons.append(str(error))
    source = DrawnSource(text, **drawn)
    source.note = f"No camera to read from, so the drawn signer signs. {' '.join(reasons)}"
    return source


def _no_such(words: str, path: Path) -> str:
    near = ""
    if path.parent.is_dir():
        names = [entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")]
        near = did_you_mean(path.name, names[:12]) if names else ""
    return (
        f"There is no source {words!r}: no file or folder of this name.{near} A source is a "
        "camera's number, colab, a video file, a folder of pictures, or drawn:TEXT."
    )


class FolderSource(Source):
    """The pictures of a folder as frames of a film, in the order of their names: A2 before A10.

    Parameters
    ----------
    folder:
        Where they are; sub-folders are left out.
    fps:
        Pictures a second.
    """

    def __init__(self, folder: Path, fps: float = 10.0) -> None:
        """List the pictures."""
        super().__init__(f"folder {folder.name}")
        self._step = 1 / positive(fps, "fps")
        try:
            inside = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
        except OSError as error:
            raise SourceError(f"{folder} cannot be read ({error.strerror}).") from error
        self.paths = sorted(filter(Path.is_file, inside), key=_in_order)
        if not self.paths:
            raise SourceError(
                f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}). Name a folder that "
                "does; folders inside it are not looked into."
            )

    def _frames(self) -> Iterator[Frame]:
        for place, path in enumerate(self.paths):
            pixels = open_image(path)
            image = checked(pixels)
            if image is None:
                raise SourceError(
                    f"{path.name} has {pixels.shape[1]} x {pixels.shape[0]} pixels: too few to "
                    "show a hand. Remove it from the folder."
                )
            yield Frame(image, place * self._step)


class DrawnSource(Source):
    """A drawn signer who spells a text.

    Parameters
    ----------
    text:
        Letters A to Z and spaces.
    seed:
        Who signs, where and how: each whole number from 0 is another signer.
    left:
        Whether the left hand signs; None leaves it to the seed.
    options:
        What else `hand.clip.draw_clip` takes: ``speed``, ``fps``, ``size``, ``signer`` ...

    Attributes
    ----------
    clip:
        The `hand.clip.Clip`, with the truth about each frame.
    """

    def __init__(self, text: str, seed: int = 0, left: bool | None = None, **options) -> None:
        """Prepare the clip; frames are drawn as they are asked for."""
        from asl_helpers.hand.clip import ClipError, draw_clip, sample_signer

        short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
        if len(text) > _LONGEST:
            raise SourceError(
                f"{short!r} has {len(text):,} letters; a clip spells at most {_LONGEST:,}. "
                "Spell it in parts."
            )
        if seed != int(seed) or seed < 0:
            raise SourceError(f"No drawn signer {seed}: expected a whole number, 0 or more.")
        if left is not None:
            options.setdefault("signer", sample_signer(seed, left=left))
        try:
            self.clip = draw_clip(text, seed, **options)
        except ClipError as error:
            raise SourceError(str(error).replace(repr(text), repr(short))) from error
        super().__init__(f"the drawn signer, {short.upper()}")

    def _frames(self) -> Iterator[Frame]:
        for image, time in zip(self.clip.images(), self.clip.times, strict=True):
            yield Frame(image, float(time))


def _in_order(path: Path) -> list[str | int]:
    """Return what sorts names as people number them: text, number, text ..."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
