"""The prepared copy of a data set: TFRecords made once by TFDS, then read by place.

Beside TFDS's files lies ``index.npz``: for each picture its label, what belongs together, and the
bytes of its encoded picture inside the records, so that any split can be read in any order without
TensorFlow. The copy takes its name only when it is whole.
"""

import errno
import hashlib
import io
import json
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from asl_helpers import settings
from asl_helpers.datasets.arrays import read_npz
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.readers import FileImages
from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path

_COLUMNS = ("frames", "groups", "signers", "parts")
_RECORD_HEADER, _RECORD_FOOTER = 12, 4  # TFRecord: length and its checksum, data, checksum


def can_prepare(entry: Entry) -> bool:
    """Tell whether a data set has a builder."""
    return entry.name in ("sign_language_mnist", "asl_alphabet", "asl_synthetic")


def folder_of(entry: Entry) -> Path:
    """Return where the prepared copy of a data set lies, whether or not it is there."""
    return settings.cache_dir() / "prepared" / entry.name


def write(collection: Collection, entry: Entry, tick: Callable[[int], None]) -> Path:
    """Write the prepared copy of a collection with its TFDS builder; return its folder.

    Errors
    ------
    FilesError when the disk is full or not writable; nothing half-written is kept, and an older
    copy stays.
    """
    _import_tensorflow()
    import tensorflow_datasets as tfds

    from asl_helpers.datasets import builders

    tfds.disable_progress_bar()
    target = folder_of(entry)
    with atomic_path(target) as folder:
        kind = builders.BUILDERS[entry.name]
        builder = kind(data_dir=folder, collection=collection, tick=tick)
        try:
            with redirect_stdout(io.StringIO()):  # TFDS announces itself; our line says it shorter
                builder.download_and_prepare()
        except Exception as error:
            raise _root_cause(error) from error
        digest = _write_index(builder, collection, folder)
        about = {
            "source": collection.source,
            "is_real": collection.is_real,
            "sha256": collection.sha256 or digest,
            "classes": list(collection.class_names),
        }
        (folder / "source.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return target


def _import_tensorflow() -> None:
    """Import TensorFlow without its greetings, which would tear the bar that stands there.

    Its libraries write them to the process's standard error before they read any switch.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise DatasetError(
            "Preparing a data set needs TensorFlow, which is not installed. Run `pip install "
            "tensorflow` in this environment, then the same command again."
        ) from error
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _root_cause(error: Exception) -> Exception:
    """Return what really failed: TFDS wraps it, and TensorFlow has its own type for a full disk."""
    import tensorflow as tf

    link: BaseException | None = error
    while link is not None:
        if isinstance(link, AslError | OSError):
            return link
        if isinstance(link, tf.errors.OpError):
            return OSError(errno.EIO, link.message.rsplit("; ", 1)[-1])
        link = link.__cause__ or link.__context__
    return error


def _write_index(builder, collection: Collection, folder: Path) -> str:
    """Note for each record, in the order written, what it holds and where its picture lies.

    Returns the SHA-256 of the records.
    """
    import tensorflow as tf

    digest = hashlib.sha256()
    files, sizes, where, order = [], [], [], []
    for part in builder.info.splits:
        for name in builder.info.splits[part].filepaths:
            path = Path(name)
            data = path.read_bytes()
            digest.update(data)
            start = 0
            while start < len(data):
                length = int.from_bytes(data[start : start + 8], "little")
                body = start + _RECORD_HEADER
                example = tf.train.Example.FromString(data[body : body + length])
                picture = example.features.feature["image"].bytes_list.value[0]
                where.append((len(files), data.index(picture, body, body + length), len(picture)))
                start = body + length + _RECORD_FOOTER
            files.append(path.relative_to(folder).as_posix())
            sizes.append(len(data))
        places = np.arange(len(collection))
        order.append(places if collection.parts is None else places[collection.parts == part])
    order = np.concatenate(order)
    columns = {name: getattr(collection, name) for name in _COLUMNS}
    np.savez(
        folder / "index.npz",
        files=np.array(files),
        sizes=np.array(sizes, np.int64),
        where=np.array(where, np.int64),
        labels=collection.labels[order],
        **{name: column[order] for name, column in columns.items() if column is not None},
    )
    return digest.hexdigest()


class _Records:
    """Encoded pictures inside TFRecord files."""

    def __init__(self, folder: Path, files: np.ndarray, where: np.ndarray) -> None:
        """Remember the files; nothing is read yet."""
        self.title = folder.name
        self._paths = [folder / name for name in files]
        self._where = where

    def read(self, key: int) -> bytes:
        """Return the encoded picture number ``key``."""
        file, start, length = self._where[key]
        with self._paths[file].open("rb") as records:
            records.seek(start)
            return records.read(length)


def read(entry: Entry, size: int) -> Collection | None:
    """Return the prepared copy, or None where there is none; raise DatasetError if damaged."""
    folder = folder_of(entry)
    if not folder.is_dir():
        return None
    again = f"Delete {folder} and run `asl data prepare {entry.name}`."
    try:
        about = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        source, is_real, digest = about["source"], bool(about["is_real"]), about["sha256"]
        classes = tuple(about["classes"])
        index = read_npz(folder / "index.npz", "files", "sizes", "where", "labels")
        sizes = [(folder / name).stat().st_size for name in index["files"]]
    except (OSError, ValueError, KeyError, TypeError, DatasetError) as error:
        raise DatasetError(f"The prepared {entry.name} is damaged ({error}). {again}") from error
    if classes != entry.class_names or sizes != index["sizes"].tolist():
        raise DatasetError(f"The prepared {entry.name} is cut short or outdated. {again}")
    records = _Records(folder, index["files"], index["where"])
    shape = (size, size, entry.shape[2])
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=FileImages(records, range(len(index["where"])), shape),
        labels=index["labels"],
        source=f"{source}, prepared copy",
        is_real=is_real,
        sha256=digest,
        **{name: index.get(name) for name in _COLUMNS},
    )
