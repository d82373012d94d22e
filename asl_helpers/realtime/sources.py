"""Where frames come from: a camera, Colab's browser, a video file, a folder, the drawn signer.

============================  ===============================================================
``0``, ``"camera:0"``         a camera, by its number; on Linux ``/dev/video0`` will do
``"colab"``                   the browser's camera, in a Colab notebook
``"talk.mp4"``                a video file
``"images/"``                 a folder of images, in the order of their names
``"drawn:CHAIR"``             a drawn signer who spells CHAIR
============================  ===============================================================
"""

import re
from collections.abc import Iterator
from pathlib import Path

from asl_helpers.datasets.readers import SUFFIXES, open_image
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.realtime.cameras import (
    CameraSource,
    ColabSource,
    Frame,
    Source,
    SourceError,
    captured,
    in_colab,
    opencv,
    rgb,
)

DRAWN = "drawn:"
GREETING = "HELLO"
"""What the drawn signer spells where no camera is found and nobody said what."""

_LONGEST = 2_000  # letters of a clip: a quarter of an hour; its movements are worked out at once
_SHOWN = 40  # letters of a text in a message
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)


def open_source(spec: str | int | Path | None = None, **options) -> Source:
    """Open a source of frames.

    Parameters
    ----------
    spec:
        As in the table above. None tries camera 0, in Colab the browser's camera, and falls back
        on the drawn signer, who spells the option ``text``; the source's ``note`` says why.
    options:
        For a camera ``width`` and ``height``; for a video or folder ``fps``; for the drawn signer
        those of `DrawnSource`.

    Raises
    ------
    SourceError
        If there is no such source, or it gives no images.
    """
    if spec is None or spec == "":
        return _first_there_is(**options)
    words = str(spec)
    if address := _ADDRESS.match(words):  # it may hold a password: no more of it is ever shown
        raise SourceError(
            f"{address[1].lower()}://... is an address, and the reader opens no connections, so "
            "that nothing leaves the machine. Connect the camera by cable and name its number, or "
            "save the stream to a video file and name that."
        )
    if number := re.fullmatch(r"(camera:|/dev/video)?(\d+)", words, re.ASCII | re.IGNORECASE):
        return CameraSource(int(number[2]), **options)
    if words.lower().startswith("camera:"):
        raise SourceError(f"{words!r} names no camera. Cameras have numbers: camera:0.")
    if words.lower() == "colab":
        return ColabSource(**options)
    if words.lower().startswith(DRAWN):
        return DrawnSource(words[len(DRAWN) :], **options)
    path = Path(words).expanduser()
    if path.is_dir():
        return FolderSource(path, **options)
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        raise SourceError(
            f"{path.name} is one image. Put it into a folder, alone or not, and name that."
        )
    if path.is_file():
        return VideoSource(path, **options)
    names = [each.name for each in path.parent.glob("[!.]*")][:12]
    _, at, host = words.rpartition("@")  # user:password@host is an address, too
    raise SourceError(
        f"There is no source {'...@' * bool(at) + host!r}: no file or folder of this name."
        f"{did_you_mean(path.name, names) if names else ''} A source is a camera's number, colab, "
        "a video file, a folder of images, or drawn:TEXT."
    )


def _first_there_is(text: str = GREETING, **drawn) -> Source:
    try:
        return ColabSource() if in_colab() else CameraSource()  # Colab's machine has no camera
    except SourceError as error:
        source = DrawnSource(text, **drawn)
        source.note = f"No camera to read from, so the drawn signer signs. {error}"
        return source


class VideoSource(Source):
    """A video file that OpenCV reads; ``fps``, frames a second, instead of what the file says."""

    def __init__(self, path: Path, fps: float | None = None) -> None:
        """Open the file."""
        super().__init__(f"video {path.name}")
        cv2 = opencv()
        self._capture = cv2.VideoCapture(str(path))
        self._count = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self._step = _seconds_a_frame(fps or (stated if 1 <= stated <= 240 else 25.0))
        self._first = captured(self._capture)
        if self._first is None:
            self.close()
            raise SourceError(
                f"{path.name} is damaged or no video that OpenCV can read. Check that it plays, "
                "or convert it to .mp4."
            )

    def _frames(self) -> Iterator[Frame]:
        index, image = 0, self._first
        while image is not None:
            yield Frame(image, index * self._step)
            index += 1
            image = None if self.closed else captured(self._capture)
        if not self.closed and index < 0.9 * self._count - 1:  # its count may be a little off
            raise SourceError(
                f"{self.name} breaks off after {index} of {self._count} frames: the file is "
                "damaged or was not copied to its end. Copy it again, or convert it to .mp4."
            )

    def _release(self) -> None:
        self._capture.release()


class FolderSource(Source):
    """The images of a folder, ``fps`` a second, in the order of their names: A2 before A10.

    Folders inside it are not looked into.
    """

    def __init__(self, folder: Path, fps: float = 10.0) -> None:
        """List the images."""
        super().__init__(f"folder {folder.name}")
        self._step = _seconds_a_frame(fps)
        inside = [path for path in folder.glob("*.*") if path.suffix.lower() in SUFFIXES]
        self.paths = sorted(filter(Path.is_file, inside), key=_in_order)
        if not self.paths:
            raise SourceError(
                f"{folder} holds no images ({', '.join(sorted(SUFFIXES))}). Name a folder that "
                "does; folders inside it are not looked into."
            )

    def _frames(self) -> Iterator[Frame]:
        for index, path in enumerate(self.paths):
            try:
                image = open_image(path, name=path.name)
            except AslError as error:
                raise SourceError(f"{error} Or remove it from the folder.") from error
            if rgb(image) is None:
                raise SourceError(
                    f"{path.name} has {image.shape[1]} x {image.shape[0]} pixels: too few to "
                    "show a hand. Remove it from the folder."
                )
            yield Frame(image, index * self._step)


def _in_order(path: Path) -> list[str | int]:
    """Return what sorts names as people number them: text, number, text ..."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


class DrawnSource(Source):
    """A drawn signer who spells ``text``, letters A to Z and spaces.

    ``seed``, a whole number from 0, is who signs, where and how; ``left`` whether with the left
    hand (None leaves it to the seed). The other options are those of `draw_clip`: ``speed``,
    ``fps``, ``size``, ``signer`` ... ``clip`` is what it returns, with the truth of each frame.
    """

    def __init__(self, text: str, seed: int = 0, left: bool | None = None, **options) -> None:
        """Prepare the clip; frames are drawn as they are asked for."""
        from asl_helpers.hand.clip import draw_clip, sample_signer

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
        except AslError as error:  # a long text is shown in short
            raise SourceError(str(error).replace(repr(text), repr(short))) from error
        super().__init__(f"the drawn signer, {short.upper()}")

    def _frames(self) -> Iterator[Frame]:
        for image, moment in zip(self.clip.images(), self.clip.times, strict=True):
            yield Frame(image, float(moment))


def _seconds_a_frame(fps: float) -> float:
    if not 0 < fps < float("inf"):
        raise SourceError(f"fps={fps}: expected a positive number.")
    return 1 / fps
