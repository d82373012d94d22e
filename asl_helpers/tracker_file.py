"""``hand_landmarker.task``, which MediaPipe's hand tracker reads: fetched once, checked, kept.

It comes from its public address. Where that is out of reach it is put together from a package:
the wheel of mediapipe 0.10.21 holds the same two networks, and a .task file is a stored zip of
them. Both outcomes are pinned by SHA-256, and nothing half-fetched is ever used.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from asl_helpers import files
from asl_helpers.errors import AslError
from asl_helpers.files import FilesError, atomic_path, check_sha256, sha256

NAME = "hand_landmarker.task"
ADDRESS = (
    "https://storage.googleapis.com/mediapipe-models/hand_landmarker/hand_landmarker/"
    "float16/1/hand_landmarker.task"
)
FETCHED_SHA256 = "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1"
BUILT_SHA256 = "ef3f184fa8d5e6905ea4770282627d6937975119af763054312d05985c059bda"

PACKAGE = "mediapipe==0.10.21"
NETWORKS = {
    "hand_detector.tflite": (
        "mediapipe/modules/palm_detection/palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
    "hand_landmarks_detector.tflite": (
        "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    ),
}
"""Name in the .task file: name in the wheel, and SHA-256 of the network (Apache License 2.0)."""

_TIMEOUT = 10  # seconds without an answer from the public address


class TrackingError(AslError):
    """The tracker's file cannot be had, or the tracker cannot be used this way."""


def task_file() -> Path:
    """Return the path of the checked file, fetching or building it on the first call.

    It lies in `files.cache_dir`, or in the environment's ``share/asl`` where ``make`` put it.
    With ``ASL_OFFLINE=1`` nothing is fetched.

    Raises
    ------
    TrackingError
        If there is none, or only a damaged one, and none can be had.
    """
    target = files.cache_dir() / NAME
    for path in (target, Path(sys.prefix) / "share" / "asl" / NAME):
        if path.is_file() and sha256(path) in (FETCHED_SHA256, BUILT_SHA256):
            return path
    state = f"{target} is damaged" if target.exists() else f"{NAME} is not prepared"
    if files.is_offline():
        raise TrackingError(
            f"{state}, and ASL_OFFLINE=1 forbids fetching it. Run once with the network: "
            "python -m asl_helpers.tracking"
        )
    try:
        with atomic_path(target) as made:
            reason = _fetch(made)
            if reason:
                _build(made, reason)
    except FilesError as error:
        raise TrackingError(str(error)) from error
    return target


def _fetch(target: Path) -> str:
    """Download the file to ``target``; return why not, or '' when it is there and checked."""
    try:
        with urlopen(ADDRESS, timeout=_TIMEOUT) as answer:
            target.write_bytes(answer.read())
        check_sha256(target, FETCHED_SHA256)
    except (URLError, TimeoutError, OSError) as error:
        return f"its public address cannot be reached ({getattr(error, 'reason', error)})"
    except FilesError:
        target.unlink()
        return "its public address answered with another file"
    return ""


def _build(target: Path, reason: str) -> None:
    """Put the file together at ``target`` from the wheel of `PACKAGE`."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder), reason)
        bundle(wheel, target)


def _wheel(folder: Path, reason: str) -> Path:
    """Fetch the wheel into ``folder`` by pip. Any platform's will do: no program in it is run."""
    command = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--quiet"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--python-version=311"]
    command += ["--platform=manylinux_2_28_x86_64", f"--dest={folder}"]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise TrackingError(
            f"{NAME} cannot be had: {reason}, and pip could not download {PACKAGE} ({last}). "
            f"Check the network, or put the file from {ADDRESS} at {files.cache_dir() / NAME}."
        )
    return wheels[0]


def bundle(wheel: Path, target: Path) -> None:
    """Write the two networks of ``wheel`` to ``target`` as a .task file, the same bytes each time.

    Raises
    ------
    TrackingError
        If a network is missing from the wheel or is not the pinned one.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as task:
        for name, content in _networks(wheel):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else the bytes would differ between systems
            entry.external_attr = 0o600 << 16
            task.writestr(entry, content)


def _networks(wheel: Path):
    """Yield (name in the .task file, bytes) of the two networks, checked."""
    import hashlib

    with zipfile.ZipFile(wheel) as archive:
        for name, (member, expected) in NETWORKS.items():
            try:
                content = archive.read(member)
            except KeyError:
                raise TrackingError(f"{wheel.name} has no {member}: expected {PACKAGE}.") from None
            found = hashlib.sha256(content).hexdigest()
            if found != expected:
                raise TrackingError(
                    f"{member} in {wheel.name} has sha256 {found[:12]}…, expected "
                    f"{expected[:12]}…. Delete pip's cache (pip cache purge) and try again."
                )
            yield name, content
