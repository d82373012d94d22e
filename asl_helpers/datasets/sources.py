"""Where a data set comes from: the first source that has it, in a fixed order.

1. ``ASL_DATA_DIR``, a folder of the reader's own.
2. The copy that ``asl data prepare`` made, TFDS records in the cache folder.
3. Kaggle: a copy downloaded earlier in any profile; the network is asked only in Colab, in the
   full profile (``ASL_PROFILE=full``) and by ``asl data prepare``: no quick run here waits for it.
4. The drawn twin: same shape, classes and splits, and no photograph in it.
"""

import hashlib
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import asl_helpers
from asl_helpers import files
from asl_helpers.datasets.catalog import Collection, Entry, resize
from asl_helpers.datasets.readers import (
    FileImages,
    open_image,
    read_folder,
    read_npz,
    read_sign_mnist_csv,
    read_sign_mnist_npz,
)
from asl_helpers.errors import AslError, first_line

KNOWN = ("frames", "groups", "signers")
"""What a prepared record holds beside image and label; `UNKNOWN` where its source did not say."""

UNKNOWN = -1
PROBE_SECONDS = 6.0  # how long Kaggle may take to answer at all
_KAGGLE = "https://api.kaggle.com/"


class Unreachable(AslError):
    """Kaggle could not be asked, or did not deliver."""


def find(known: Entry, size: int) -> Collection:
    """Return the data set from the first source that has it; its ``source`` says which.

    A source that has the set but is damaged is an error: a worse source would hide that.
    """
    if path := _own(known):
        return _read(known, path, size, known.title)
    if folder := prepared_folder(known):
        return _read_prepared(known, folder, size)
    if known.kaggle is None:
        return _read_twin(known, size, "")
    if not (_asks_kaggle() or _downloaded(known)):
        return _read_twin(known, size, f"the real one: asl data prepare {known.name}")
    try:
        return _read_kaggle(known, size)
    except Unreachable as error:
        return _read_twin(known, size, f"the real one is out of reach: {error}")


def find_original(known: Entry, size: int) -> Collection:
    """Return what a prepared copy is made from: the reader's files, Kaggle's, or drawn hands.

    A drawn twin must not take the place of a real set on disk, so its absence is an error here.
    """
    if path := _own(known):
        return _read(known, path, size, known.title)
    if known.kaggle is None:
        arrays = draw_sample(LARGE)  # takes minutes
        digest = hashlib.sha256(arrays["images"].tobytes()).hexdigest()
        return _drawn(known, LARGE, arrays, size, digest)
    try:
        return _read_kaggle(known, size)
    except Unreachable as error:
        raise AslError(
            f"{known.name} is out of reach: {error}. Nothing was prepared. Connect and try again, "
            "or put its files into a folder and name it in ASL_DATA_DIR; until then its drawn twin "
            "is used, which needs no preparation."
        ) from error


def where(known: Entry) -> str:
    """Say which source ``find`` would take now, without reading it or asking the network."""
    if path := _own(known):
        return f"ASL_DATA_DIR ({path.name})"
    if prepared_folder(known):
        return "prepared copy"
    if known.kaggle and _downloaded(known):
        return "Kaggle, downloaded"
    if known.kaggle and _asks_kaggle() and not files.is_offline():
        return "Kaggle, to be downloaded"
    if known.name in RECIPES:
        return "drawn twin" if known.kaggle else "drawn"
    return "none outside ASL_DATA_DIR"


def _asks_kaggle() -> bool:
    return files.profile() == "full" or "google.colab" in sys.modules


def _own(known: Entry) -> Path | None:
    """Return the first of the set's known files in ``ASL_DATA_DIR``, or None."""
    folder = files.user_data_dir()
    paths = [folder / name for name in known.files] if folder else []
    return next(filter(Path.exists, paths), None)


def _read(known: Entry, path: Path, size: int, title: str) -> Collection:
    """Read a file or folder in whichever of the known forms it is."""
    if known.name != "sign_language_mnist":
        return read_folder(path, size, known, title)
    if path.suffix == ".npz":
        return read_sign_mnist_npz(known, path, size)
    return read_sign_mnist_csv(known, path if path.is_dir() else path.parent, title, size)


# The prepared copy


def prepared_folder(known: Entry) -> Path | None:
    """Return the folder of a data set's prepared copy, or None where there is none."""
    versions = sorted(prepared_root().glob(f"{known.name}/*/dataset_info.json"))
    return versions[-1].parent if versions else None


def prepared_root() -> Path:
    """Return the folder that `asl data prepare` gives to TFDS."""
    return files.cache_dir() / "tfds"


def _read_prepared(known: Entry, folder: Path, size: int) -> Collection:
    """Read the prepared copy through TFDS; its images are decoded when they are asked for."""
    import tensorflow_datasets as tfds

    rows, parts = [], []
    try:
        builder = tfds.builder_from_directory(folder)
        for part in builder.info.splits:
            encoded = {"image": tfds.decode.SkipDecoding()}
            rows += tfds.as_numpy(builder.as_dataset(split=part, decoders=encoded))
            parts += [part] * (len(rows) - len(parts))
        columns = {name: np.array([row[name] for row in rows]) for name in ("label", *KNOWN)}
        about = dict(builder.info.metadata)
    except Exception as error:  # TFDS and TensorFlow have many kinds
        raise AslError(
            f"The prepared {known.name} is damaged ({first_line(error)}). Delete {folder} and run "
            f"`asl data prepare {known.name}`."
        ) from error
    shape = (size, size, known.shape[2])
    return Collection(
        name=known.name,
        class_names=known.class_names,
        images=FileImages(lambda row: rows[row]["image"], range(len(rows)), shape),
        labels=columns.pop("label"),
        source=f"{about['source']}, prepared copy",
        is_real=about["is_real"],
        sha256=about["sha256"],
        parts=np.array(parts) if "test" in parts else None,
        **{name: None if UNKNOWN in column else column for name, column in columns.items()},
    )


# Kaggle


def _read_kaggle(known: Entry, size: int) -> Collection:
    """Read Kaggle's copy, which must be complete; it is downloaded first if it is not here."""
    folder = _downloaded(known) or _download(known)
    found = _read(known, folder, size, f"{known.title}, from Kaggle")
    if len(found) != known.count:
        raise AslError(
            f"{folder}: {len(found):,} images, and {known.title} has {known.count:,}; half a "
            f"download? Delete that folder and run `asl data prepare {known.name}`."
        )
    return found


def _downloaded(known: Entry) -> Path | None:
    """Return the folder of an earlier, complete download, or None; asks nobody."""
    try:
        folder = Path(_note(known).read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return folder if folder.is_dir() else None


def _download(known: Entry) -> Path:
    """Have kagglehub download the set, check and unpack it; give up soon without a network."""
    if files.is_offline():
        raise Unreachable("ASL_OFFLINE is set")
    if why := _silence():
        raise Unreachable(why)
    import kagglehub

    print(f"{known.name}: downloading from Kaggle ({known.kaggle}) …", file=sys.stderr)
    try:
        folder = kagglehub.dataset_download(known.kaggle)
    except Exception as error:  # of the network, the archive, the disk
        raise Unreachable(f"kagglehub failed: {first_line(error)}") from error
    with files.atomic_path(_note(known)) as path:
        path.write_text(f"{folder}\n", encoding="utf-8")
    return Path(folder)


def _note(known: Entry) -> Path:
    """Return the file that names the folder of a complete download."""
    return files.cache_dir() / "kaggle" / f"{known.name}.txt"


@cache
def _silence() -> str:
    """Ask Kaggle once, where kagglehub would retry for minutes; return "" or why it is silent."""
    import requests

    reasons = []

    def ask() -> None:
        try:
            requests.head(_KAGGLE, timeout=PROBE_SECONDS - 1)
            reasons.append("")
        except requests.RequestException as error:
            reasons.append(f"Kaggle cannot be reached ({type(error).__name__})")

    # Looking a name up has no timeout of its own, so the wait is on a thread that may be left.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return reasons[0] if reasons else f"Kaggle does not answer in {PROBE_SECONDS:.0f} s"


# Drawn hands


@dataclass(frozen=True)
class Recipe:
    """How a drawn set is made: what :func:`asl_helpers.hand.sample_clips` takes, and two more."""

    classes: str
    clips: int
    frames: int
    size: int
    seed: int
    signers: int
    gray: bool
    close: bool
    test_signers: int  # so many of the signers, the last ones, make the test part
    quality: int | None = None  # of JPEG, 1-95; None keeps the pixels as they are


RECIPES = {
    "sign_language_mnist": Recipe("static", 60, 4, 28, 1, 12, True, True, 2),
    "asl_alphabet": Recipe("kaggle", 5, 3, 200, 2, 5, False, False, 1, quality=80),
    "asl_synthetic": Recipe("kaggle", 30, 1, 64, 3, 30, False, False, 5, quality=90),
}
"""The embedded samples by name; ``make samples`` draws them again into ``data/samples``."""

LARGE = Recipe("kaggle", 200, 1, 64, 4, 50, False, False, 8)
"""What ``asl data prepare asl_synthetic`` draws: 200 images per class, 50 signers."""

COLUMNS = ("labels", "groups", "frames", "signers", "parts")
"""What a sample knows of each image: ``groups`` is its clip, ``frames`` its index in the film."""


def draw_sample(recipe: Recipe, only: Iterable[int] | None = None) -> dict[str, np.ndarray]:
    """Draw a sample, or the clips that ``only`` numbers: ``images`` and `COLUMNS`."""
    from asl_helpers.hand import sample_clips

    options = {name: getattr(recipe, name) for name in ("size", "seed", "signers", "gray", "close")}
    arrays = sample_clips(recipe.classes, recipe.clips, recipe.frames, **options, only=only)
    is_test = arrays["signers"] >= recipe.signers - recipe.test_signers
    return arrays | {"parts": np.where(is_test, "test", "train")}


def read_sample(path: Path) -> dict[str, np.ndarray]:
    """Read a sample's ``images``, uint8 (n, height, width, channels), and `COLUMNS`.

    The archive holds ``images``, or ``jpeg`` (all JPEG files joined) and ``ends``, the index at
    which each one ends.
    """
    arrays = read_npz(path, *COLUMNS)
    if "images" not in arrays:
        ends = arrays.pop("ends")[:-1]
        encoded = np.split(arrays.pop("jpeg"), ends)
        arrays["images"] = np.stack([open_image(one.tobytes(), name=path.name) for one in encoded])
    return arrays


def _read_twin(known: Entry, size: int, note: str) -> Collection:
    """Read the embedded drawn images; ``note`` says why it is the twin and not the real set."""
    if known.name not in RECIPES:
        raise AslError(
            f"{known.name} is not here and has no drawn twin. Put {known.files[0]} into a folder "
            "and name the folder in ASL_DATA_DIR."
        )
    path = files.project_data() / "samples" / f"{known.name}.npz"
    return _drawn(known, RECIPES[known.name], read_sample(path), size, files.sha256(path), note)


def _drawn(known: Entry, recipe: Recipe, arrays: dict, size: int, sha256: str, note: str = ""):
    """Return drawn images, as `draw_sample` gives them, as a collection."""
    what = f"drawn twin of {known.name}" if known.kaggle else "drawn hands"
    return Collection(
        name=known.name,
        class_names=known.class_names,
        images=resize(arrays.pop("images"), size),
        source=f"{what} (asl_helpers {asl_helpers.__version__}, seed {recipe.seed})",
        is_real=False,
        sha256=sha256,
        note=note,
        **arrays,
    )
