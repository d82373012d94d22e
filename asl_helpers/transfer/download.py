"""Where the weights of ImageNet come from: a folder of the reader's, Keras's cache, its server.

Keras's own download has no time limit and keeps a half file when it is cut. This one fetches the
same file to the same place, gives up within seconds, and leaves nothing half there.
"""

import os
import sys
import threading
from pathlib import Path

from asl_helpers import settings
from asl_helpers.files import FilesError, atomic_path
from asl_helpers.transfer.errors import TransferError

ANSWER_SECONDS = 6.0
"""How long the server may take to answer at all."""

_STALL_SECONDS = 20.0
_failed: dict[str, str] = {}


def imagenet_weights(alpha: float = 0.35) -> tuple[Path, str]:
    """Return a file with MobileNetV2's weights of ImageNet, no classifier, and a line about it.

    The first of: ``mobilenet_v2_<alpha>_224_no_top.weights.h5`` in ``ASL_DATA_DIR``; the file in
    Keras's cache; Keras's download, which is asked in the full profile only
    (``ASL_PROFILE=full``), and never under ``ASL_OFFLINE=1``.

    Raises
    ------
    TransferError
        If none of them has it, within seconds; ``error.reason`` says why in few words.
    """
    name = "1.0" if alpha == 1 else f"{alpha:g}"
    folder = settings.user_data_dir()
    own = folder and folder / f"mobilenet_v2_{name}_224_no_top.weights.h5"
    if own and own.is_file():
        return own, f"ImageNet weights, ASL_DATA_DIR ({own.name})"
    known = _keras_home() / "models" / _keras_file(name)
    if known.is_file():
        return known, f"ImageNet weights, Keras ({known.name})"
    try:
        _fetch(_keras_file(name), known)
    except _OutOfReach as error:
        reason = str(error)
        failed = TransferError(
            f"The weights of ImageNet for alpha={alpha:g} are out of reach: {reason}. Connect and "
            "set ASL_PROFILE=full, or put mobilenet_v2_"
            f"{name}_224_no_top.weights.h5 into the folder that ASL_DATA_DIR names, or take "
            "weights='drawn'."
        )
        failed.reason = f"ImageNet's: {reason}"
        raise failed from error
    return known, f"ImageNet weights, Keras's download ({known.name})"


class _OutOfReach(Exception):
    """The server was not asked, or did not deliver."""


def _keras_home() -> Path:
    value = os.environ.get("KERAS_HOME", "").strip()
    return Path(value) if value else Path.home() / ".keras"


def _keras_file(name: str) -> str:
    return f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{name}_224_no_top.h5"


def _address(file: str) -> str:
    """Return where Keras itself would fetch the file from."""
    import keras

    module = sys.modules[keras.applications.MobileNetV2.__module__]
    base = getattr(module, "BASE_WEIGHT_PATH", None)
    if base is None:
        raise _OutOfReach("this version of Keras names no address for them")
    return base + file


def _fetch(file: str, target: Path) -> None:
    """Download a file to ``target``, whole or not at all; raise _OutOfReach within seconds."""
    if settings.is_offline():
        raise _OutOfReach("ASL_OFFLINE is set")
    if settings.profile() == "quick":
        raise _OutOfReach("the quick profile asks no network")
    if file in _failed:
        raise _OutOfReach(_failed[file])
    try:
        response = _answer(_address(file))
        with atomic_path(target) as path, path.open("wb") as out:
            size = sum(out.write(part) for part in response.iter_content(1 << 16))
            expected = int(response.headers.get("content-length", size))
            if size != expected:
                raise _OutOfReach(f"the download was cut after {size:,} of {expected:,} bytes")
    except _OutOfReach as error:
        _failed[file] = str(error)
        raise
    except (OSError, FilesError) as error:  # requests' own errors are OSErrors
        _failed[file] = f"the download failed ({type(error).__name__})"
        raise _OutOfReach(_failed[file]) from error


def _answer(address: str):
    """Return the server's response, its body unread."""
    import requests

    found: list = []

    def ask() -> None:
        try:
            answer = requests.get(address, stream=True, timeout=(ANSWER_SECONDS, _STALL_SECONDS))
            answer.raise_for_status()
            found.append(answer)
        except requests.RequestException as error:
            found.append(error)

    # Looking a name up has no timeout of its own, so the wait is on a thread that may be left.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS + 1)
    if not found:
        raise _OutOfReach(f"no answer in {ANSWER_SECONDS:.0f} s")
    if isinstance(found[0], Exception):
        raise _OutOfReach(f"Keras's server cannot be reached ({type(found[0]).__name__})")
    return found[0]
