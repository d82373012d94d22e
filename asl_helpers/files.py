"""The switches of a run, where the project's data lies, and writing files whole or not at all.

The switches are read from the environment each time they are asked for:

``ASL_PROFILE``   ``quick`` (default: embedded data, a CPU, seconds) or ``full`` (real data).
``ASL_OFFLINE``   ``1`` forbids every attempt to reach the network.
``ASL_DATA_DIR``  a folder with real data files; looked at before any other source.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from asl_helpers.errors import AslError, did_you_mean

PROFILES = ("quick", "full")
T = TypeVar("T")

_PACKAGE = Path(__file__).resolve().parent


def profile() -> str:
    """Return the run profile, ``"quick"`` or ``"full"``; raise AslError for another."""
    value = os.environ.get("ASL_PROFILE", "quick").strip().lower() or "quick"
    if value not in PROFILES:
        raise AslError(f"ASL_PROFILE={value!r} is unknown.{did_you_mean(value, PROFILES)}")
    return value


def pick(*, quick: T, full: T) -> T:
    """Return the value for the profile of this run: ``pick(quick=3, full=30)`` epochs."""
    return quick if profile() == "quick" else full


def is_offline() -> bool:
    """Tell whether ``ASL_OFFLINE`` forbids the network."""
    return os.environ.get("ASL_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}


def user_data_dir() -> Path | None:
    """Return the folder that ``ASL_DATA_DIR`` names, or None; a missing folder is an error."""
    value = os.environ.get("ASL_DATA_DIR", "").strip()
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise AslError(
            f"ASL_DATA_DIR={value!r} is not a folder. Point it at the folder that holds the data "
            "files, or unset it to use the prepared, downloaded or drawn data."
        )
    return folder.resolve()


def cache_dir() -> Path:
    """Return the folder for prepared data (``ASL_CACHE_DIR``, else ``~/.cache/asl``)."""
    value = os.environ.get("ASL_CACHE_DIR", "").strip()
    try:
        return Path(value or "~/.cache/asl").expanduser()
    except RuntimeError as error:  # as in a container that runs as an unknown user
        raise AslError(
            "There is no home folder to keep data in. Set ASL_CACHE_DIR to a folder that can be "
            "written."
        ) from error


def project_data() -> Path:
    """Return the folder with ``samples``, ``weights`` and ``results``.

    In a checkout it is ``data/`` beside the package; in an installed wheel the same files lie
    inside the package.
    """
    inside = _PACKAGE / "_data"
    return inside if inside.is_dir() else _PACKAGE.parent / "data"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Raise AslError unless the file at ``path`` has this SHA-256."""
    found = sha256(path)
    if found != expected:
        raise AslError(
            f"{path.name} is damaged or not the expected version: sha256 {found[:12]}…, expected "
            f"{expected[:12]}…. Delete {path} and fetch it again."
        )


def check_writable(target: Path) -> None:
    """Raise AslError if no file could be written at ``target``, before hours of work for it."""
    _holder_beside(target).rmdir()


def _holder_beside(target: Path) -> Path:
    """Make an empty folder beside the file ``target``."""
    if target.is_dir():
        raise AslError(f"Cannot write {target}: it is a folder. Name a file inside it.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise AslError(
            f"Cannot write {target}: {error.strerror}. Make its folder writable, or choose another."
        ) from error


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that takes its name only if the block succeeds.

    After an error (a full disk, a cut download) nothing is left behind, and the file that was at
    ``target`` before is still there.
    """
    holder = _holder_beside(target)
    try:
        yield holder / target.name
        (holder / target.name).replace(target)
    except OSError as error:
        raise AslError(
            f"Could not write {target}: {error.strerror or error}. Nothing was kept; free some "
            "space or choose another folder, then run the same command again."
        ) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)
