"""What every source of frames is: pictures with times, in order, closed when they end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from asl_helpers.errors import AslError


class SourceError(AslError):
    """A source of frames that cannot be opened, or that broke off; the message says why."""


@dataclass(frozen=True)
class Frame:
    """One picture of a stream.

    Attributes
    ----------
    image:
        RGB, uint8 (height, width, 3).
    time:
        Seconds from the start of the stream; grows from frame to frame.
    """

    image: np.ndarray
    time: float


class Source:
    """A stream of frames. Close it, or use ``with``; it closes itself where the stream ends.

    Attributes
    ----------
    name:
        The source in words, such as ``"camera 0"``.
    note:
        Why this source and not another one, or ``""``.
    live:
        Whether frames come from a camera, now.
    """

    live = False

    def __init__(self, name: str, note: str = "") -> None:
        """Name the source."""
        self.name, self.note = name, note
        self.closed = False

    def frames(self, pace: bool = False) -> Iterator[Frame]:
        """Yield frames until the stream ends or is closed.

        Parameters
        ----------
        pace:
            For what is no camera: wait until each frame's time has come, as if it were one.

        Raises
        ------
        SourceError
            If the stream breaks off, after the last good frame; the source is closed by then.
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

    def _frames(self) -> Iterator[Frame]:
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the source holds, such as a camera; safe to call twice."""
        self.closed = True

    def __enter__(self) -> "Source":
        """Return the source."""
        return self

    def __exit__(self, *exception) -> None:
        """Close the source."""
        self.close()


def checked(image) -> np.ndarray | None:
    """Return a picture as RGB uint8 (height, width, 3), or None for one that is no picture.

    Cameras hand out empty pictures while they start or after they are unplugged; grey ones and
    ones with an alpha channel are made RGB.
    """
    picture = np.asarray(image) if image is not None else np.zeros(0)
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.ndim != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 2:
        return None
    if picture.shape[2] == 1:
        picture = np.repeat(picture, 3, axis=2)
    return np.ascontiguousarray(picture[..., :3]) if picture.shape[2] in (3, 4) else None


def positive(value: float, name: str) -> float:
    """Return a number above 0 as a float; raise SourceError for another."""
    if not 0 < value < float("inf"):
        raise SourceError(f"{name}={value}: expected a positive number.")
    return float(value)


class Patience:
    """Lets a stream miss a few pictures, then ends it.

    Parameters
    ----------
    seconds:
        How long no picture may come.
    message:
        What to say then.
    """

    def __init__(
        self, seconds: float, message: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start waiting."""
        self.seconds, self.message, self.clock = seconds, message, clock
        self.last = clock()

    def came(self) -> None:
        """Note that a picture came."""
        self.last = self.clock()

    def missed(self) -> None:
        """Note that none came; raise SourceError where it has been too long."""
        if self.clock() - self.last > self.seconds:
            raise SourceError(self.message)
        time.sleep(0.005)
