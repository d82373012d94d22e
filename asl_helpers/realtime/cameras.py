"""Frames by OpenCV: from a camera or a video file.

Nothing is kept and nothing is sent: a frame lives until the next one comes.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from asl_helpers.realtime.frames import Frame, Patience, Source, SourceError, checked, positive

_PATIENCE = 2.0  # seconds without a picture until a camera counts as gone


class CameraSource(Source):
    """A camera by its number.

    Parameters
    ----------
    number:
        0 is the first camera.
    width, height:
        The size to ask the camera for; it may give another.
    capture:
        Opens a camera by number, as ``cv2.VideoCapture`` does; for tests.
    patience:
        Seconds without a picture until the stream ends with a message.
    """

    live = True

    def __init__(
        self,
        number: int = 0,
        width: int = 640,
        height: int = 480,
        capture: Callable | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        """Open the camera and wait for its first picture."""
        super().__init__(f"camera {number}")
        self._patience = patience
        self._cv2 = _opencv()
        if capture is None and sys.platform == "linux" and not Path(f"/dev/video{number}").exists():
            raise SourceError(f"There is no camera {number} on this machine.{_others()}")
        self._capture = (capture or self._cv2.VideoCapture)(number)
        if self._capture.isOpened():
            self._capture.set(self._cv2.CAP_PROP_FRAME_WIDTH, width)
            self._capture.set(self._cv2.CAP_PROP_FRAME_HEIGHT, height)
            self._capture.set(self._cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
        self._first = self._await() if self._capture.isOpened() else None
        if self._first is None:
            self.close()
            raise SourceError(
                f"Camera {number} gives no picture: another program may be using it, or this one "
                "may not be allowed to. Close the other program (a meeting, a browser tab), allow "
                "the camera in the system's settings, or choose another number."
            )

    def _await(self) -> np.ndarray | None:
        """Return the first good picture; a camera may need some time to wake up."""
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            picture = _read(self._cv2, self._capture)
            if picture is not None:
                return picture
            time.sleep(0.005)
        return None

    def _frames(self) -> Iterator[Frame]:
        start = time.monotonic()
        picture, self._first = self._first, None
        patience = Patience(
            self._patience,
            f"{self.name} stopped giving pictures: it may have been unplugged or taken by another "
            "program. Connect it and open it again.",
        )
        while not self.closed:
            if picture is not None:
                patience.came()
                yield Frame(picture, time.monotonic() - start)
            else:
                patience.missed()
            picture = _read(self._cv2, self._capture)

    def close(self) -> None:
        """Give the camera back."""
        if not self.closed and hasattr(self, "_capture"):
            self._capture.release()
        super().close()


class VideoSource(Source):
    """A video file, from its first frame to its last.

    Parameters
    ----------
    path:
        Any kind that OpenCV reads.
    fps:
        Frames a second, instead of what the file says.
    """

    def __init__(self, path: Path, fps: float | None = None) -> None:
        """Open the file and read its first frame."""
        super().__init__(f"video {path.name}")
        fps = None if fps is None else positive(fps, "fps")
        self._cv2 = _opencv()
        self._capture = self._cv2.VideoCapture(str(path))
        self._first = _read(self._cv2, self._capture) if self._capture.isOpened() else None
        if self._first is None:
            self.close()
            raise SourceError(
                f"{path.name} is damaged or no video that OpenCV can read. Check that it plays, "
                "or convert it to .mp4."
            )
        told = self._capture.get(self._cv2.CAP_PROP_FPS)
        self._step = 1 / (fps or (told if 1 <= told <= 240 else 25.0))
        self._count = int(self._capture.get(self._cv2.CAP_PROP_FRAME_COUNT))

    def _frames(self) -> Iterator[Frame]:
        picture, self._first = self._first, None
        place = 0
        while picture is not None:
            yield Frame(picture, place * self._step)
            place += 1
            if self.closed:
                return
            picture = _read(self._cv2, self._capture)
        if place < 0.9 * self._count - 1:  # a file's own count may be a little off
            raise SourceError(
                f"{self.name} breaks off after {place} of {self._count} frames: the file is "
                "damaged or was not copied to its end. Copy it again, or convert it to .mp4."
            )

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._capture.release()
        super().close()


def _read(cv2, capture) -> np.ndarray | None:
    """Return the next picture of OpenCV's ``capture`` as RGB, or None where none comes."""
    try:
        there, picture = capture.read()
    except cv2.error:
        return None
    picture = checked(picture) if there else None
    return None if picture is None else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _opencv():
    """Import OpenCV, without its remarks on missing cameras."""
    try:
        import cv2
    except ImportError as error:
        raise SourceError(
            f"Cameras and video files need OpenCV, which cannot be imported ({error}). Install "
            "it: pip install opencv-python"
        ) from error
    logging = getattr(getattr(cv2, "utils", None), "logging", None)
    if logging is not None:
        logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    return cv2


def _others() -> str:
    found = sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))
    if found:
        return f" Known: {', '.join(map(str, found))}."
    return " None is connected: connect one, or let the drawn signer sign (drawn:HELLO)."
