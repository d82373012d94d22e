"""Where frames come from: a camera, Colab's browser, a video file, a folder, the drawn signer.

============================  ===============================================================
``0``, ``"camera:0"``         a camera, by its number; on Linux ``/dev/video0`` will do
``"colab"``                   the browser's camera, in a Colab notebook
``"talk.mp4"``                a video file
``"images/"``                 a folder of images, ten a second, in the order of their names
``"drawn:CHAIR"``             a drawn signer who spells CHAIR
============================  ===============================================================

A frame lives until the next one comes: none is stored, and no source opens a connection. (Colab's
browser hands its frames to the notebook's own machine.)
"""

import base64
import io
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers.datasets.readers import SUFFIXES, ImageFiles, open_image
from asl_helpers.errors import AslError, did_you_mean, first_line

DRAWN = "drawn:"
GREETING = "HELLO"
"""What the drawn signer spells where no camera is found and nobody said what."""

_WIDTH, _HEIGHT = 640, 480  # what cameras are asked for
_PATIENCE = 2.0  # seconds without an image after which a camera counts as gone
_BROWSER_PATIENCE, _ASKING = 5.0, 60.0  # the same for a browser's; seconds to answer its question
_BLACK = 24  # the brightest a pixel of a covered lens is, its noise included
_FOLDER_FPS = 10
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)
_SCRIPT = Path(__file__).with_name("camera.js").read_text(encoding="utf-8")
_ADVICE = {
    "NotFoundError": "Connect a camera",
    "NotReadableError": "Close the other program or tab that uses it",
    "NotSupportedError": "Use a browser that lets this page ask for one, such as Chrome",
    "": "Allow it for this page (the camera sign in the address bar)",
}
"""What helps against the errors that browsers name."""


class SourceError(AslError):
    """A source of frames that cannot be opened, or that broke off; the message says why."""


@dataclass(frozen=True)
class Frame:
    """An ``image``, RGB uint8 (height, width, 3), and its ``time``, seconds since the start."""

    image: np.ndarray
    time: float


class Source(AbstractContextManager):
    """A stream of frames. Close it, or use ``with``; it closes itself where the stream ends.

    ``name`` says what it is, ``note`` why it is this one and not another, ``live`` whether it is a
    camera; ``clip`` is the drawn signer's `hand.clip.Clip`, with the truth of each frame.
    """

    def __init__(
        self,
        name: str,
        frames: Iterable[Frame],
        release: Callable[[], None] = lambda: None,
        live: bool = False,
        clip=None,
    ) -> None:
        """Take the frames, and what gives back a camera or a file."""
        self.name, self.note, self.live, self.clip = name, "", live, clip
        self.closed = False
        self._frames, self._release = frames, release

    def frames(self, pace: bool = False) -> Iterator[Frame]:
        """Yield frames until the stream ends or is closed.

        With ``pace``, what is no camera waits until each frame's time has come. Raises AslError if
        the stream breaks off, after its last good frame.
        """
        if self.closed:
            raise SourceError(f"{self.name} is closed. Open it again with open_source.")
        start = time.monotonic()
        try:
            for frame in self._frames:
                if pace and not self.live:
                    time.sleep(max(0.0, start + frame.time - time.monotonic()))
                yield frame
                if self.closed:
                    return
        finally:
            self.close()

    def close(self) -> None:
        """Give back what the source holds, such as a camera; safe to call twice."""
        if not self.closed:
            self.closed = True
            self._release()

    def __exit__(self, *exception) -> None:
        """Close the source."""
        self.close()


def open_source(spec: str | int | Path | None = None, **drawn) -> Source:
    """Open a source of frames.

    ``spec`` is as in the table above. None tries camera 0, in Colab the browser's camera, and falls
    back on the drawn signer, who spells `GREETING`; the source's ``note`` says why. ``drawn`` are
    options of the drawn signer: ``left``, whether with the left hand, and those of
    `hand.clip.draw_clip`, ``seed`` (another number, another person), ``speed``, ``fps`` ...

    Raises AslError if there is no such source, or it gives no images; a SourceError for cameras.
    """
    words = "" if spec is None else str(spec)
    if not words:
        return _first_there_is(drawn)
    if words.lower().startswith(DRAWN):
        return _drawn(words[len(DRAWN) :], **drawn)
    if drawn:
        raise SourceError(
            f"{', '.join(drawn)}: such options (--signer, --speed, --left-handed) are the drawn "
            "signer's, and another source is named. Leave them out, or name drawn:TEXT."
        )
    if address := _ADDRESS.match(words):  # it may hold a password: no more of it is ever shown
        raise SourceError(
            f"{address[1].lower()}://... is an address, and the reader opens no connections, so "
            "that nothing leaves the machine. Connect the camera by cable and name its number, or "
            "save the stream to a video file and name that."
        )
    if number := re.fullmatch(r"(camera:|/dev/video)?(\d+)", words, re.ASCII | re.IGNORECASE):
        return _camera(int(number[2]))
    if words.lower() == "colab":
        return _browser()
    path = Path(words).expanduser()
    if path.is_dir():
        return _folder(path)
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        raise SourceError(
            f"{path.name} is one image. Put it into a folder, alone or not, and name that."
        )
    if path.is_file():
        return _video(path)
    names = [each.name for each in path.parent.glob("[!.]*")][:12]
    _, at, host = words.rpartition("@")  # user:password@host is an address, too
    raise SourceError(
        f"There is no source {'...@' * bool(at) + host!r}: no file or folder of this name."
        f"{did_you_mean(path.name, names) if names else ''} A source is a camera's number, colab, "
        "a video file, a folder of images, or drawn:TEXT."
    )


def _first_there_is(drawn: dict) -> Source:
    try:
        return _browser() if in_colab() else _camera(0)  # Colab's machine has no camera
    except SourceError as error:
        source = _drawn(GREETING, **drawn)
        source.note = f"No camera to read from, so the drawn signer signs. {error}"
        return source


def _drawn(text: str, seed: int = 0, left: bool | None = None, **options) -> Source:
    """Open the drawn signer; frames are drawn as they are asked for."""
    from asl_helpers.hand.clip import draw_clip, sample_signer

    if left is not None:
        options.setdefault("signer", sample_signer(seed, left=left))
    clip = draw_clip(text, seed, **options)
    moments = zip(clip.images(), clip.times.tolist(), strict=True)
    frames = (Frame(image, moment) for image, moment in moments)
    return Source(f"the drawn signer, {text.upper()}", frames, clip=clip)


def _folder(folder: Path) -> Source:
    """Open the images of a folder, A2 before A10; folders inside it are not looked into."""
    names = [name for name in ImageFiles(folder).names if "/" not in name]
    if not names:
        raise SourceError(
            f"{folder} holds no images ({', '.join(sorted(SUFFIXES))}). Name a folder that does; "
            "folders inside it are not looked into."
        )
    names.sort(key=_in_order)
    frames = (
        Frame(open_image(folder / name, name=name), index / _FOLDER_FPS)
        for index, name in enumerate(names)
    )
    return Source(f"folder {folder.name}", frames)


def _in_order(name: str) -> list[str | int]:
    """Return what sorts names as people number them: text, number, text ..."""
    parts = re.split(r"(\d+)", name.lower())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def _video(path: Path) -> Source:
    """Open a video file that OpenCV reads."""
    cv2 = _opencv()
    capture = cv2.VideoCapture(str(path))
    count, fps = (int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), capture.get(cv2.CAP_PROP_FPS))
    fps = fps if 1 <= fps <= 240 else 25.0  # some files state nonsense
    first = _captured(capture)
    if first is None:
        capture.release()
        raise SourceError(
            f"{path.name} is damaged or no video that OpenCV can read. Check that it plays, or "
            "convert it to .mp4."
        )

    def frames() -> Iterator[Frame]:
        index, image = 0, first
        while image is not None:
            yield Frame(image, index / fps)
            index, image = index + 1, _captured(capture)
        if index < 0.9 * count - 1:  # its count may be a little off
            raise SourceError(
                f"{path.name} breaks off after {index} of {count} frames: the file is damaged or "
                "was not copied to its end. Copy it again, or convert it to .mp4."
            )

    return Source(f"video {path.name}", frames(), capture.release)


# Cameras


def in_colab() -> bool:
    """Tell whether this runs in a Colab notebook."""
    return "google.colab" in sys.modules


def camera_numbers() -> list[int]:
    """Return the numbers of the cameras that Linux knows; elsewhere nobody lists them: 0 and 1."""
    if sys.platform != "linux":
        return [0, 1]
    return sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))


def _live(
    name: str,
    image: Callable[[], np.ndarray | None],
    release: Callable[[], None],
    patience: float,
    advice: str,
) -> Source:
    """Return a camera, once it shows something: it needs some time to wake up.

    ``image`` gives the next image or None; ``advice`` says why none may come within ``patience``
    seconds, and what to do.
    """

    def frames() -> Iterator[Frame]:
        start = last = time.monotonic()
        black = True  # as long as it has shown nothing
        while True:
            shown, now = image(), time.monotonic()
            black = black and (shown is None or np.quantile(shown, 0.99) < _BLACK)
            if shown is not None and not black:
                yield Frame(shown, now - start)
                last = time.monotonic()
            elif now - last < patience:
                time.sleep(0.005)
            elif shown is None:
                raise SourceError(f"No images come from {name}: {advice}")
            else:
                raise SourceError(
                    f"Only black images come from {name}: its shutter or lens cap is closed, or it "
                    "is dark. Open the shutter, switch on a light, or choose another camera."
                )

    stream = frames()
    try:
        first = next(stream)
    except BaseException:
        release()
        raise
    return Source(name, chain([first], stream), release, live=True)


def _camera(number: int) -> Source:
    """Open a camera of this machine, 0 the first."""
    cv2 = _opencv()
    known = camera_numbers()
    if sys.platform == "linux" and number not in known:
        others = f"Known: {', '.join(map(str, known))}." if known else "None is connected."
        raise SourceError(
            f"There is no camera {number} on this machine. {others} Connect one, or let the drawn "
            "signer sign (drawn:HELLO)."
        )
    capture = cv2.VideoCapture(number)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
    advice = (
        "it was unplugged, another program is using it, or this one may not. Close the other "
        "program (a meeting, a browser tab), allow the camera in the system's settings, or choose "
        "another number."
    )
    patience = _PATIENCE if capture.isOpened() else 0.0
    return _live(f"camera {number}", lambda: _captured(capture), capture.release, patience, advice)


def _browser() -> Source:
    """Open the camera of the browser in which a Colab notebook runs.

    JavaScript in the cell's output asks the browser, which asks the reader; then each call brings
    one frame as JPEG, some ten a second.
    """
    if not in_colab():
        raise SourceError(
            "The source colab works in a Colab notebook only. Use a camera's number here."
        )
    from google.colab.output import eval_js

    def stop(script: str = "window.aslStop && window.aslStop()") -> None:
        with suppress(Exception):  # the page may be closed already, and its camera with it
            eval_js(script, timeout_sec=_BROWSER_PATIENCE)

    def image() -> np.ndarray | None:
        try:
            # A page that was closed never answers.
            address = eval_js("aslFrame()", timeout_sec=_BROWSER_PATIENCE) or ""
            content = base64.b64decode(address.partition(",")[2], validate=True)
            with Image.open(io.BytesIO(content)) as jpeg:
                return np.asarray(jpeg.convert("RGB"))
        except (OSError, ValueError):
            return None
        except Exception as error:  # the page is gone, or Colab's bridge to it
            raise SourceError(
                f"The browser's camera broke off ({first_line(error)}). Run the cell again."
            ) from error

    try:
        answer = eval_js(f"{_SCRIPT}\naslStart({_WIDTH}, {_HEIGHT})", timeout_sec=_ASKING)
    except Exception as error:  # Colab wraps whatever the page throws in its own types
        advice = next(advice for name, advice in _ADVICE.items() if name in str(error))
        raise SourceError(
            f"The browser gives no camera ({first_line(error)}). {advice} and run the cell again."
        ) from error
    if answer != "ready":
        stop("window.aslLate = true")  # a camera that is allowed after all is closed
        raise SourceError(
            f"The browser was asked for its camera, and nobody answered in {_ASKING:.0f} seconds. "
            "Run the cell again and answer the question near the address bar; if there is none, "
            "reload the page first."
        )
    advice = "it was unplugged, or the page was closed. Allow it again, or run the cell again."
    return _live("the browser's camera", image, stop, _BROWSER_PATIENCE, advice)


def _captured(capture) -> np.ndarray | None:
    """Return the next image of OpenCV's ``capture`` as RGB, or None where none comes.

    Cameras hand out empty images while they start or after they are unplugged.
    """
    try:
        is_there, image = capture.read()
    except _opencv().error:
        return None
    if not is_there or image.ndim != 3 or min(image.shape[:2]) < 2:
        return None
    return np.ascontiguousarray(image[..., ::-1])


def _opencv():
    """Import OpenCV, without its remarks on missing cameras."""
    try:
        import cv2
    except ImportError as error:
        raise SourceError(
            f"Cameras and video files need OpenCV, which cannot be imported ({error}). Install "
            "it: pip install opencv-python"
        ) from error
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2
