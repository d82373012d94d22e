"""Kaggle's copy of a data set: fetched once without an account, given up on within seconds.

kagglehub checks the archive, unpacks it and marks it complete, but it retries for minutes when
the network swallows packets, and asks Kaggle for the newest version even when a copy is there. So
it runs in a process of its own that can be stopped, and a stamp of ours says which copy is whole.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from asl_helpers import settings
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.files import atomic_path

PROBE_SECONDS = 6.0
"""How long Kaggle may take to answer at all."""

STALL_SECONDS = 60.0
"""How long a download that has begun may stand still."""

_POLL_SECONDS = 1.0
_ADDRESS = "https://api.kaggle.com/"
_DOWNLOAD = """
import sys, kagglehub
print("\\n" + kagglehub.dataset_download(sys.argv[1]))
"""
_failed: dict[str, str] = {}


class Unreachable(DatasetError):
    """Kaggle could not be asked, or did not deliver."""


def downloaded(entry: Entry) -> Path | None:
    """Return the folder of an earlier, complete download, or None; asks nobody."""
    try:
        stamp = json.loads(_stamp(entry).read_text(encoding="utf-8"))
        folder = Path(stamp["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder if folder.is_dir() else None


def fetch(entry: Entry) -> Path:
    """Return the folder of Kaggle's files, downloading them if they are not here yet.

    Errors
    ------
    Unreachable, at once under ``ASL_OFFLINE=1`` and within 10 seconds without a network. A
    download that was cut has no stamp, and is never read.
    """
    folder = downloaded(entry)
    if folder:
        return folder
    if entry.kaggle is None:
        raise Unreachable("not on Kaggle")
    if settings.is_offline():
        raise Unreachable("ASL_OFFLINE is set")
    _probe()
    folder = _download(entry)
    _write_stamp(entry, {"folder": str(folder)})
    return folder


def check(entry: Entry, digest: str) -> None:
    """Keep a download's SHA-256 when it is first read; raise DatasetError when it has changed.

    Kaggle publishes no checksum of its own; kagglehub compares the archive with the one that the
    server sends along.
    """
    stamp = json.loads(_stamp(entry).read_text(encoding="utf-8"))
    if stamp.setdefault("sha256", digest) != digest:
        raise DatasetError(
            f"{entry.title} has changed since it was downloaded. Delete {stamp['folder']} and run "
            f"`asl data prepare {entry.name}`."
        )
    _write_stamp(entry, stamp)


def _write_stamp(entry: Entry, stamp: dict[str, str]) -> None:
    with atomic_path(_stamp(entry)) as path:
        path.write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def _stamp(entry: Entry) -> Path:
    return settings.cache_dir() / "kaggle" / f"{entry.name}.json"


def _probe() -> None:
    """Raise Unreachable unless Kaggle answers; a failure is remembered while Python runs."""
    if _ADDRESS in _failed:
        raise Unreachable(_failed[_ADDRESS])
    answer: list[str] = []

    def ask() -> None:
        import requests

        try:
            requests.head(_ADDRESS, timeout=PROBE_SECONDS - 1)
            answer.append("")
        except requests.RequestException as error:
            answer.append(_reason(error))

    # Looking a name up has no timeout of its own, so the wait is on a thread that may be left.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    reason = answer[0] if answer else f"no answer in {PROBE_SECONDS:.0f} s"
    if reason:
        _failed[_ADDRESS] = f"Kaggle cannot be reached: {reason}"
        raise Unreachable(_failed[_ADDRESS])


def _reason(error: Exception) -> str:
    """Say in three words why a request failed; the library's own text fills a screen."""
    text = f"{type(error).__name__} {error}".lower()
    for sign, reason in (
        ("resolve", "its name is not found"),
        ("proxy", "the proxy refuses"),
        ("certificate", "its certificate is not trusted"),
        ("ssl", "no secure connection"),
        ("refused", "connection refused"),
        ("time", "no answer"),
    ):
        if sign in text:
            return reason
    return type(error).__name__


def _download(entry: Entry) -> Path:
    """Run kagglehub and return its folder; stop it when nothing arrives any more."""
    cache = settings.cache_dir() / "kaggle"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"cannot write to {cache}: {error.strerror}") from error
    print(f"{entry.name}: downloading from Kaggle ({entry.kaggle}) …", file=sys.stderr)
    process = subprocess.Popen(
        [sys.executable, "-c", _DOWNLOAD, entry.kaggle],
        env={**os.environ, "KAGGLEHUB_CACHE": str(cache), "TQDM_DISABLE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out: list[str] = []
    reader = threading.Thread(target=lambda: out.extend(process.communicate()), daemon=True)
    reader.start()
    try:
        _watch(reader, cache)
    finally:
        if process.poll() is None:
            process.kill()
            reader.join()
    if process.returncode:
        last = (out[1].strip().splitlines() or ["no message"])[-1]
        raise Unreachable(f"kagglehub failed: {last[:100]}")
    folder = Path(out[0].strip().splitlines()[-1])
    if not folder.is_dir():
        raise Unreachable(f"kagglehub named {folder}, which is not there")
    return folder


def _watch(reader: threading.Thread, cache: Path) -> None:
    """Wait for the download; raise Unreachable when the folder has stopped growing."""
    size, since = -1, time.monotonic()
    while reader.is_alive():
        reader.join(_POLL_SECONDS)
        now = _bytes_below(cache)
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > STALL_SECONDS:
            raise Unreachable(f"the download stood still for {STALL_SECONDS:.0f} s")


def _bytes_below(folder: Path) -> int:
    """Return the bytes of the archive and of what is unpacked at the moment."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except OSError:  # a temporary file that has gone
                continue
    return total
