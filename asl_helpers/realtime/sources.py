"""Where frames come from: a camera, Colab's browser, a video file, a folder, the drawn signer.

============================  ===============================================================
``0``, ``"camera:0"``         a camera, by its number; on Linux ``/dev/video0`` will do
``"colab"``                   the browser's camera, in a Colab notebook
``"talk.mp4"``                a video file
``"images/"``                 a folder of images, in the order of their names
``"drawn:CHAIR"``             a drawn signer who spells CHAIR
============================  ===============================================================

A frame lives until the next one comes: none is stored, and no source opens a connection. (Colab's
browser hands its frames to the notebook's own machine.)
"""

import base64
import binascii
import io
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers.datasets.readers import SUFFIXES, open_image
from asl_helpers.errors import AslError, did_you_mean, first_line

DRAWN = "drawn:"
GREETING = "HELLO"
"""What the drawn signer spells where no camera is found and nobody said what."""

_LONGEST = 2_000  # letters of a clip: a quarter of an hour; its movements are worked out at once
_SHOWN = 40  # letters of a text in a message
_BLACK = 24  # the brightest a pixel of a covered lens is, its noise included
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)


class SourceError(AslError):
    """A source of frames that cannot be opened, or that broke off; the message says why."""


@dataclass(frozen=True)
class Frame:
    """An ``image``, RGB uint8 (height, width, 3), and its ``time``, seconds since the start."""

    image: np.ndarray
    time: float


class Source:
    """A stream of frames. Close it, or use ``with``; it closes itself where the stream ends.

    ``name`` says in words what it is, ``note`` why it is this one and not another, and ``live``
    whether it is a camera.
    """

    live = False

    def __init__(self, name: str) -> None:
        """Name the source."""
        self.name, self.note, self.closed = name, "", False

    def frames(self, pace: bool = False) -> Iterator[Frame]:
        """Yield frames until the stream ends or is closed.

        With ``pace``, what is no camera waits until each frame's time has come. Raises SourceError
        if the stream breaks off, after its last good frame.
        """
        if self.closed:
            raise SourceError(f"{self.name} is closed. Open it again with open_source.")
        start = time.monotonic()
        try:
            for frame in self._frames():
                if self.closed:
                    break
                if pace and not self.live:
                    time.sleep(max(0.0, start + frame.time - time.monotonic()))
                yield frame
        finally:
            self.close()

    def close(self) -> None:
        """Give back what the source holds, such as a camera; safe to call twice."""
        if not self.closed:
            self.closed = True
            self._release()

    def _frames(self) -> Iterator[Frame]:
        raise NotImplementedError

    def _release(self) -> None:
        """Do what closing takes."""

    def __enter__(self) -> "Source":
        """Return the source."""
        return self

    def __exit__(self, *exception) -> None:
        """Close the source."""
        self.close()


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
    if words.isdecimal() or words.lower().startswith("camera:"):
        number = words.rpartition(":")[2]
        if not number.isdecimal():
            raise SourceError(f"{words!r} names no camera. Cameras have numbers: camera:0.")
        return CameraSource(int(number), **options)
    if device := re.fullmatch(r"/dev/video(\d+)", words):
        return CameraSource(int(device[1]), **options)
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
    shown = re.sub(r".*@", "...@", words)  # user:password@host is an address, too
    raise SourceError(
        f"There is no source {shown!r}: no file or folder of this name."
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


def in_colab() -> bool:
    """Tell whether this runs in a Colab notebook."""
    return "google.colab" in sys.modules


def camera_numbers() -> list[int]:
    """Return the numbers of the cameras that Linux knows; elsewhere nobody lists them: 0 and 1."""
    if sys.platform != "linux":
        return [0, 1]
    return sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))


# Cameras


class LiveSource(Source):
    """A camera: its images come when they come, and may be black, or stop.

    A subclass gives ``_image()``, the next image or None. ``advice`` says what to do where none
    comes within ``patience`` seconds.
    """

    live = True

    def __init__(self, name: str, patience: float, advice: str) -> None:
        """Wait for the first image that shows something; a camera needs some time to wake up."""
        super().__init__(name)
        self._patience, self._advice = patience, advice
        self._first: np.ndarray | None = None
        end, wrong = time.monotonic() + patience, f"no image: {advice}"
        while self._first is None and time.monotonic() < end:
            image = self._image()
            if image is None:
                time.sleep(0.005)
            elif np.quantile(image, 0.99) < _BLACK:
                wrong = (
                    "only black images: its shutter or lens cap may be closed, or it is dark. Open "
                    "the shutter, switch on a light, or choose another camera."
                )
            else:
                self._first = image
        if self._first is None:
            self.close()
            raise SourceError(f"{name[0].upper()}{name[1:]} gives {wrong}")

    def _frames(self) -> Iterator[Frame]:
        start = last = time.monotonic()
        image, self._first = self._first, None
        while not self.closed:
            if image is not None:
                last = time.monotonic()
                yield Frame(image, last - start)
            elif time.monotonic() - last > self._patience:
                raise SourceError(
                    f"{self.name} stopped giving images: it was unplugged, or {self._advice}"
                )
            else:
                time.sleep(0.005)
            image = self._image()

    def _image(self) -> np.ndarray | None:
        raise NotImplementedError


class CameraSource(LiveSource):
    """A camera by its number, 0 the first.

    ``width`` and ``height`` are asked for; the camera may give others. ``capture`` opens a camera
    by number, as ``cv2.VideoCapture`` does; for tests.
    """

    def __init__(
        self,
        number: int = 0,
        width: int = 640,
        height: int = 480,
        capture: Callable | None = None,
        patience: float = 2.0,
    ) -> None:
        """Open the camera and wait for its first image."""
        cv2 = _opencv()
        known = camera_numbers()
        if capture is None and sys.platform == "linux" and number not in known:
            others = f"Known: {', '.join(map(str, known))}." if known else "None is connected:"
            raise SourceError(
                f"There is no camera {number} on this machine. {others} Connect one, or let the "
                "drawn signer sign (drawn:HELLO)."
            )
        self._capture = (capture or cv2.VideoCapture)(number)
        if self._capture.isOpened():
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
        else:
            patience = 0.0
        advice = (
            "another program may be using it, or this one may not be allowed to. Close the other "
            "program (a meeting, a browser tab), allow the camera in the system's settings, or "
            "choose another number."
        )
        super().__init__(f"camera {number}", patience, advice)

    def _image(self) -> np.ndarray | None:
        return _captured(self._capture)

    def _release(self) -> None:
        self._capture.release()


_SCRIPT = """
async function aslStart(width, height) {
  if (window.aslStop) window.aslStop();
  window.aslLate = false;
  if (!navigator.mediaDevices) throw new Error('NotSupportedError: no camera for this page');
  const stream = await navigator.mediaDevices.getUserMedia({video: {width, height}});
  const video = document.createElement('video');
  window.aslStop = () => {
    stream.getTracks().forEach((track) => track.stop());
    video.remove();
    window.aslStop = null;
    window.aslFrame = () => '';
  };
  try {
    if (window.aslLate) throw new Error('AbortError: the answer came too late');
    video.muted = video.playsInline = true;
    video.style.display = 'none';
    document.body.appendChild(video);
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    window.aslStop();
    throw error;
  }
  const canvas = document.createElement('canvas');
  window.aslFrame = () => {
    if (!stream.active) return '';
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.8);
  };
  return 'ready';
}
"""

_ASKING = 60.0  # seconds for the reader to answer the browser's question
_ALLOW = "Allow it for this page (the camera sign in the address bar)"
_BROWSER_ADVICE = {
    "NotFoundError": "Connect a camera",
    "NotReadableError": "Close the other program or tab that uses it",
    "NotSupportedError": "Use a browser that lets this page ask for one, such as Chrome",
}
"""What helps against the errors that browsers name; against others, `_ALLOW`."""


class ColabSource(LiveSource):
    """The camera of the browser in which a Colab notebook runs.

    JavaScript in the cell's output asks the browser, which asks the reader; then each call of
    ``evaluate`` brings one frame as JPEG, some ten a second. ``evaluate`` runs JavaScript in the
    page and returns its value, or None after ``timeout_sec``: ``google.colab.output.eval_js``.
    """

    def __init__(
        self,
        width: int = 640,
        height: int = 480,
        evaluate: Callable[..., str | None] | None = None,
        patience: float = 5.0,
    ) -> None:
        """Ask the browser for its camera."""
        self._evaluate, self._timeout = evaluate or _colab(), patience
        start = f"{_SCRIPT}\naslStart({int(width)}, {int(height)})"
        try:
            answer = self._evaluate(start, timeout_sec=_ASKING)
        except Exception as error:  # Colab wraps whatever the page throws in its own types
            name = next((name for name in _BROWSER_ADVICE if name in str(error)), "")
            raise SourceError(
                f"The browser gives no camera ({first_line(error)}). "
                f"{_BROWSER_ADVICE.get(name, _ALLOW)} and run the cell again."
            ) from error
        if answer != "ready":
            self._tell("window.aslLate = true")  # a camera that is allowed after all is closed
            raise SourceError(
                f"The browser was asked for its camera, and nobody answered in {_ASKING:.0f} "
                "seconds. Run the cell again and answer the question near the address bar; if "
                "there is none, reload the page first."
            )
        advice = "the page was closed. Allow the camera again, or run the cell again."
        super().__init__("the browser's camera", patience, advice)

    def _image(self) -> np.ndarray | None:
        try:
            # A page that was closed never answers.
            address = self._evaluate("aslFrame()", timeout_sec=self._timeout) or ""
            content = base64.b64decode(address.partition(",")[2], validate=True)
            with Image.open(io.BytesIO(content)) as image:
                return rgb(np.asarray(image.convert("RGB")))
        except (OSError, ValueError, binascii.Error):
            return None
        except Exception as error:  # the page is gone, or Colab's bridge to it
            raise SourceError(
                f"The browser's camera broke off ({first_line(error)}). Run the cell again."
            ) from error

    def _tell(self, script: str) -> None:
        """Run JavaScript in a page that may be closed already, and its camera with it."""
        try:
            self._evaluate(script, timeout_sec=self._timeout)
        except Exception:
            return

    def _release(self) -> None:
        self._tell("window.aslStop && window.aslStop()")


def _colab() -> Callable[..., str | None]:
    """Return Colab's way to run JavaScript in the page."""
    try:
        from google.colab.output import eval_js
    except ImportError as error:
        raise SourceError(
            "The source colab works in a Colab notebook only. Use a camera's number here."
        ) from error
    return eval_js


# What is no camera


class VideoSource(Source):
    """A video file that OpenCV reads; ``fps``, frames a second, instead of what the file says."""

    def __init__(self, path: Path, fps: float | None = None) -> None:
        """Open the file and read its first frame."""
        super().__init__(f"video {path.name}")
        cv2 = _opencv()
        self._capture = cv2.VideoCapture(str(path))
        self._first = _captured(self._capture) if self._capture.isOpened() else None
        if self._first is None:
            self.close()
            raise SourceError(
                f"{path.name} is damaged or no video that OpenCV can read. Check that it plays, "
                "or convert it to .mp4."
            )
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self._step = _seconds_a_frame(fps or (stated if 1 <= stated <= 240 else 25.0))
        self._count = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))

    def _frames(self) -> Iterator[Frame]:
        image, self._first = self._first, None
        index = 0
        while image is not None:
            yield Frame(image, index * self._step)
            index += 1
            if self.closed:
                return
            image = _captured(self._capture)
        if index < 0.9 * self._count - 1:  # a file's own count may be a little off
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
        try:
            inside = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
        except OSError as error:
            raise SourceError(f"{folder} cannot be read ({error.strerror}).") from error
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
        What else `draw_clip` takes: ``speed``, ``fps``, ``size``, ``signer`` ... The attribute
        ``clip`` is what it returns, with the truth about each frame.
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
        for image, moment in zip(self.clip.images(), self.clip.times, strict=True):
            yield Frame(image, float(moment))


# Images


def rgb(image) -> np.ndarray | None:
    """Return an image as RGB uint8 (height, width, 3), or None for what is no image.

    Cameras hand out empty images while they start or after they are unplugged; gray ones and ones
    with an alpha channel are made RGB.
    """
    image = np.asarray(image) if image is not None else np.zeros(0)
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.dtype != np.uint8 or min(image.shape[:2]) < 2:
        return None
    if image.shape[2] == 1:
        image = np.repeat(image, 3, axis=2)
    return np.ascontiguousarray(image[..., :3]) if image.shape[2] in (3, 4) else None


def _captured(capture) -> np.ndarray | None:
    """Return the next image of OpenCV's ``capture`` as RGB, or None where none comes."""
    cv2 = _opencv()
    try:
        is_there, image = capture.read()
    except cv2.error:
        return None
    image = rgb(image) if is_there else None
    return None if image is None else np.ascontiguousarray(image[..., ::-1])


def _seconds_a_frame(fps: float) -> float:
    if not 0 < fps < float("inf"):
        raise SourceError(f"fps={fps}: expected a positive number.")
    return 1 / fps


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
