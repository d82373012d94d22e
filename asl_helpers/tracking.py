"""MediaPipe's hand tracker behind one function: a picture or a video frame in, hands out.

Which hand: ``Hand.side`` is the signer's own, for a picture that is not mirrored, as a camera and
everyone facing the signer see it. Of a mirrored picture (a webcam preview) the side comes out
reversed: mirror the picture back before tracking. MediaPipe's older API named the sides for
mirrored pictures; the tests hold this convention with drawn left and right hands.

MediaPipe is an optional package (``pip install "asl-helpers[tracking]"``) and is loaded with the
first tracker; its reports to its maker are switched off then (`tracker_reports`).
"""

import os
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers import tracker_reports
from asl_helpers.errors import AslError
from asl_helpers.tracker_file import TrackingError, task_file

__all__ = ["Hand", "HandTracker", "Tracked", "TrackingError", "task_file", "track_all"]

_BORDER = 0.3  # of a picture's sides: hands that fill it are found and read better with room
_SMALL, _ENLARGED = 128, 192  # pixels: smaller pictures are enlarged first
_SAME_HAND = 0.5  # two finds are one hand where more of the smaller box lies in the other


@dataclass(frozen=True)
class Hand:
    """One hand in one picture.

    Attributes
    ----------
    points:
        (21, 3) float32 in MediaPipe's order: x, y as shares of the picture's width and height,
        z in the unit of x, 0 at the wrist, negative nearer the camera.
    side:
        ``"left"`` or ``"right"``: the signer's hand, if the picture is not mirrored.
    score:
        How sure the tracker is of the side, 0-1.
    """

    points: np.ndarray
    side: str
    score: float


@dataclass(frozen=True)
class Tracked:
    """The hands of many pictures, one row a picture.

    Attributes
    ----------
    points:
        (n, 21, 3) float32; NaN where no hand was found.
    hands:
        (n,) int64: how many hands were found, 0, 1 or 2; ``points`` hold the surest.
    aspect:
        (n,) float32: height / width of each picture, for ``landmarks.normalise``.
    """

    points: np.ndarray
    hands: np.ndarray
    aspect: np.ndarray


class HandTracker:
    """Finds hands in pictures, or follows them through a video. Close it, or use ``with``.

    Parameters
    ----------
    video:
        False: each picture stands alone. It is tracked with its edge pixels continued outwards,
        which reads hands that fill it better, then, if that finds none, as it is. True: frames
        follow each other, as they are, which is faster and steadier.
    hands:
        How many hands to look for.
    confidence:
        The least score, 0-1, for a find to count. MediaPipe's own default is 0.5; at 0.3 it finds
        more of the hands in cropped pictures.

    Raises
    ------
    TrackingError
        If MediaPipe or its file is missing.

    >>> with HandTracker() as tracker:  # doctest: +SKIP
    ...     found = tracker.track(image)
    """

    def __init__(self, video: bool = False, hands: int = 1, confidence: float = 0.3) -> None:
        """Load the networks; takes about a second, the first time in a process several."""
        task = task_file()
        mediapipe, vision, options = _mediapipe()
        self.video = video
        self._image = lambda pixels: mediapipe.Image(mediapipe.ImageFormat.SRGB, pixels)
        self._last = -1
        mode = vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE
        # Bytes, not a path: MediaPipe cannot open paths with letters outside ASCII everywhere.
        base = options(model_asset_buffer=task.read_bytes())
        self._landmarker = vision.HandLandmarker.create_from_options(
            vision.HandLandmarkerOptions(
                base_options=base,
                running_mode=mode,
                num_hands=hands,
                min_hand_detection_confidence=confidence,
                min_hand_presence_confidence=confidence,
                min_tracking_confidence=confidence,
            )
        )

    def track(self, image: np.ndarray, milliseconds: int | None = None) -> list[Hand]:
        """Return the hands of a picture or of the next frame, the surest first.

        Parameters
        ----------
        image:
            RGB, uint8 (height, width, 3), not mirrored. Grey (height, width) or (..., 1) will do.
        milliseconds:
            In video mode, the frame's time; it must grow. Left out: 33 ms after the last.

        Raises
        ------
        TrackingError
            For another kind of array, a time that does not grow, or a closed tracker.
        """
        if self._landmarker is None:
            raise TrackingError("This tracker is closed. Make a new HandTracker.")
        pixels = _rgb(image)
        if self.video:
            now = self._last + 33 if milliseconds is None else int(milliseconds)
            if now <= self._last:
                raise TrackingError(
                    f"Frame time {now} ms is not after the last one, {self._last} ms: pass frames "
                    "in order, or make a new HandTracker for another video."
                )
            self._last = now
            return _hands(self._landmarker.detect_for_video(self._image(pixels), now))
        pixels = _enlarged(pixels)
        found = self._with_border(pixels)
        return found or _hands(self._landmarker.detect(self._image(pixels)))

    def close(self) -> None:
        """Free the networks and their threads; safe to call twice."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None

    def __enter__(self) -> "HandTracker":
        """Return the tracker."""
        return self

    def __exit__(self, *exception) -> None:
        """Close the tracker."""
        self.close()

    def _with_border(self, pixels: np.ndarray) -> list[Hand]:
        """Track with the edge pixels continued outwards, in the coordinates of the picture."""
        height, width = pixels.shape[:2]
        down, right = int(_BORDER * height), int(_BORDER * width)
        padded = np.pad(pixels, ((down, down), (right, right), (0, 0)), mode="edge")
        grown = np.array(
            [(width + 2 * right) / width, (height + 2 * down) / height, (width + 2 * right) / width]
        )
        shift = np.array([right / width, down / height, 0.0])
        return [
            Hand((hand.points * grown - shift).astype(np.float32), hand.side, hand.score)
            for hand in _hands(self._landmarker.detect(self._image(padded)))
        ]


def track_all(images: Iterable[np.ndarray]) -> Tracked:
    """Track many pictures that stand alone; see `HandTracker.track` for what each may be."""
    points, hands, aspect = [], [], []
    with HandTracker(hands=2) as tracker:
        for image in images:
            found = tracker.track(image)
            points.append(found[0].points if found else np.full((21, 3), np.nan))
            hands.append(len(found))
            aspect.append(image.shape[0] / image.shape[1])
    return Tracked(
        np.array(points, dtype=np.float32).reshape(-1, 21, 3),
        np.array(hands, dtype=np.int64),
        np.array(aspect, dtype=np.float32),
    )


def _mediapipe():
    """Import MediaPipe; return (package, its vision module, its BaseOptions)."""
    # Its C++ core logs to stderr, which notebooks would show.
    os.environ.setdefault("GLOG_minloglevel", "2")
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ImportError as error:
        raise TrackingError(
            f"MediaPipe cannot be imported ({error}). Install it: "
            'pip install "asl-helpers[tracking]"'
        ) from error
    library = tracker_reports.library_of(Path(mediapipe.__file__).parent)
    if library is not None and not tracker_reports.silence(library):
        warnings.warn(tracker_reports.NOTICE.format(version=mediapipe.__version__), stacklevel=3)
    return mediapipe, vision, BaseOptions


def _rgb(image: np.ndarray) -> np.ndarray:
    """Return the picture as contiguous uint8 (height, width, 3)."""
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3):
        raise TrackingError(
            f"A picture is uint8 of shape (height, width, 3), found {pixels.dtype} of shape "
            f"{pixels.shape}. Floats of 0-1 become one by (image * 255).astype('uint8')."
        )
    if not pixels.size:
        raise TrackingError(f"The picture is empty: its shape is {pixels.shape}.")
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    """Return a picture whose longer side has at least `_SMALL` pixels; others grow."""
    longer = max(pixels.shape[:2])
    if longer >= _SMALL:
        return pixels
    from PIL import Image

    height, width = (max(1, round(side * _ENLARGED / longer)) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))


def _hands(result) -> list[Hand]:
    """Turn MediaPipe's result into hands, the surest first, each of them once."""
    hands = [
        Hand(
            np.array([(mark.x, mark.y, mark.z) for mark in marks], dtype=np.float32),
            sides[0].category_name.lower(),
            float(sides[0].score),
        )
        for marks, sides in zip(result.hand_landmarks, result.handedness, strict=True)
    ]
    hands.sort(key=lambda hand: -hand.score)
    kept: list[Hand] = []
    for hand in hands:
        if all(_overlap(hand.points, other.points) < _SAME_HAND for other in kept):
            kept.append(hand)
    return kept


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the share of the smaller of two hands' boxes that lies in the other, 0-1."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))[:2]
    high = np.minimum(one.max(axis=0), other.max(axis=0))[:2]
    shared = np.prod(np.maximum(high - low, 0))
    smaller = min(np.prod(np.ptp(points, axis=0)[:2]) for points in (one, other))
    return float(shared / max(smaller, 1e-9))


if __name__ == "__main__":
    try:
        path: Path = task_file()
    except AslError as error:
        sys.exit(f"tracking: {error}")
    print(f"{path}: ready")
