"""Frames from a camera of this machine, or of the browser in which a Colab notebook runs.

A frame lives until the next one comes: none is stored, and no source opens a connection. (Colab's
browser hands its frames to the notebook's own machine.)
"""

import base64
import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers.errors import AslError, first_line

_BLACK = 24  # the brightest a pixel of a covered lens is, its noise included


class SourceError(AslError):
    """A source of frames that cannot be opened, or that broke off; the message says why."""


@dataclass(frozen=True)
class Frame:
    """An ``image``, RGB uint8 (height, width, 3), and its ``time``, seconds since the start."""

    image: np.ndarray
    time: float


class Source(AbstractContextManager):
    """A stream of frames. Close it, or use ``with``; it closes itself where the stream ends."""

    live = False  # whether it is a camera

    def __init__(self, name: str) -> None:
        """Name the source in words; ``note`` may say why it is this one and not another."""
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

    def _release(self) -> None:
        """Do what closing takes."""

    def __exit__(self, *exception) -> None:
        """Close the source."""
        self.close()


def in_colab() -> bool:
    """Tell whether this runs in a Colab notebook."""
    return "google.colab" in sys.modules


def camera_numbers() -> list[int]:
    """Return the numbers of the cameras that Linux knows; elsewhere nobody lists them: 0 and 1."""
    if sys.platform != "linux":
        return [0, 1]
    return sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))


class LiveSource(Source):
    """A camera: its images come when they come, and may be black, or stop.

    A subclass gives ``_image()``, the next image or None. ``advice`` says why none may come within
    ``patience`` seconds, and what to do.
    """

    live = True

    def __init__(self, name: str, patience: float, advice: str) -> None:
        """Wait for the first image that shows something."""
        super().__init__(name)
        self._patience, self._advice = patience, advice
        try:
            self._first: np.ndarray | None = self._first_image()
        except BaseException:
            self.close()
            raise

    def _first_image(self) -> np.ndarray:
        """Return the first image that is not black; a camera needs some time to wake up."""
        end, wrong = time.monotonic() + self._patience, f"no image: {self._advice}"
        while time.monotonic() < end:
            image = self._image()
            if image is None:
                time.sleep(0.005)
            elif np.quantile(image, 0.99) >= _BLACK:
                return image
            else:
                wrong = (
                    "only black images: its shutter or lens cap is closed, or it is dark. Open "
                    "the shutter, switch on a light, or choose another camera."
                )
        raise SourceError(f"{self.name[0].upper()}{self.name[1:]} gives {wrong}")

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


class CameraSource(LiveSource):
    """A camera by its number, 0 the first, asked for images of ``width`` and ``height``."""

    def __init__(
        self,
        number: int = 0,
        width: int = 640,
        height: int = 480,
        capture: Callable | None = None,
        patience: float = 2.0,
    ) -> None:
        """Open the camera, in tests by ``capture``, and wait for its first image."""
        cv2 = opencv()
        known = camera_numbers()
        if capture is None and sys.platform == "linux" and number not in known:
            others = f"Known: {', '.join(map(str, known))}." if known else "None is connected."
            raise SourceError(
                f"There is no camera {number} on this machine. {others} Connect one, or let the "
                "drawn signer sign (drawn:HELLO)."
            )
        self._capture = (capture or cv2.VideoCapture)(number)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
        advice = (
            "another program is using it, or this one may not. Close the other program (a meeting, "
            "a browser tab), allow the camera in the system's settings, or choose another number."
        )
        super().__init__(f"camera {number}", patience if self._capture.isOpened() else 0, advice)

    def _image(self) -> np.ndarray | None:
        return captured(self._capture)

    def _release(self) -> None:
        self._capture.release()


_SCRIPT = Path(__file__).with_name("camera.js").read_text(encoding="utf-8")

_ASKING = 60.0  # seconds for the reader to answer the browser's question
_ADVICE = {
    "NotFoundError": "Connect a camera",
    "NotReadableError": "Close the other program or tab that uses it",
    "NotSupportedError": "Use a browser that lets this page ask for one, such as Chrome",
    "": "Allow it for this page (the camera sign in the address bar)",
}
"""What helps against the errors that browsers name."""


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
        if evaluate is None and not in_colab():
            raise SourceError(
                "The source colab works in a Colab notebook only. Use a camera's number here."
            )
        if evaluate is None:
            from google.colab.output import eval_js as evaluate
        self._evaluate, self._timeout = evaluate, patience
        try:
            start = f"{_SCRIPT}\naslStart({int(width)}, {int(height)})"
            answer = evaluate(start, timeout_sec=_ASKING)
        except Exception as error:  # Colab wraps whatever the page throws in its own types
            advice = next(advice for name, advice in _ADVICE.items() if name in str(error))
            raise SourceError(
                f"The browser gives no camera ({first_line(error)}). {advice} and run the cell "
                "again."
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
        except (OSError, ValueError):
            return None
        except Exception as error:  # the page is gone, or Colab's bridge to it
            raise SourceError(
                f"The browser's camera broke off ({first_line(error)}). Run the cell again."
            ) from error

    def _tell(self, script: str) -> None:
        """Run JavaScript in a page that may be closed already, and its camera with it."""
        with suppress(Exception):
            self._evaluate(script, timeout_sec=self._timeout)

    def _release(self) -> None:
        self._tell("window.aslStop && window.aslStop()")


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


def captured(capture) -> np.ndarray | None:
    """Return the next image of OpenCV's ``capture`` as RGB, or None where none comes."""
    cv2 = opencv()
    try:
        is_there, image = capture.read()
    except cv2.error:
        return None
    image = rgb(image) if is_there else None
    return None if image is None else np.ascontiguousarray(image[..., ::-1])


def opencv():
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
