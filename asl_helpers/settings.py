"""The three switches of a run, read from the environment each time they are asked for.

``ASL_PROFILE``   ``quick`` (default: embedded data, a CPU, seconds) or ``full`` (real data).
``ASL_OFFLINE``   ``1`` forbids every attempt to reach the network.
``ASL_DATA_DIR``  a folder with real data files; looked at before any other source.
"""

import os
from pathlib import Path
from typing import TypeVar

from asl_helpers.errors import AslError, did_you_mean

PROFILES = ("quick", "full")
T = TypeVar("T")


class SettingsError(AslError):
    """A switch holds a value that it cannot have."""


def profile() -> str:
    """Return the run profile, ``"quick"`` or ``"full"``; raise SettingsError for another."""
    value = os.environ.get("ASL_PROFILE", "quick").strip().lower() or "quick"
    if value not in PROFILES:
        raise SettingsError(f"ASL_PROFILE={value!r} is unknown.{did_you_mean(value, PROFILES)}")
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
        raise SettingsError(
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
        raise SettingsError(
            "There is no home folder to keep data in. Set ASL_CACHE_DIR to a folder that can be "
            "written."
        ) from error
