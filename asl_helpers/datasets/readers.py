"""Reading images: one file, class folders, or a zip of them, one at a time, never extracted."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from asl_helpers.alphabet import LabelCodec
from asl_helpers.datasets.catalog import DatasetError, Entry
from asl_helpers.datasets.collection import Collection, Images
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.files import sha256

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
"""How the names of files that `open_image` reads end, in lower case."""

MOST_PIXELS = 60_000_000
"""Larger images than a camera gives are refused before they are unpacked."""

_KEEP_BYTES = 512 * 2**20
_LARGEST_FILE = 20 * 2**20
_TEST_FOLDER = "asl_alphabet_test"


def open_image(
    source: Path | str | bytes, size: int | None = None, name: str | None = None
) -> np.ndarray:
    """Return an image as RGB, uint8 of shape (height, width, 3), whatever its file holds.

    It is turned upright where a phone noted how it was held (EXIF), 16-bit grey becomes 8-bit, and
    white shows through where it is transparent. Of an animation it is the first image.

    Parameters
    ----------
    source:
        A path, or the bytes of a file, as an upload or a zip gives them.
    size:
        Height and width to resize to, in pixels; None keeps the image's own.
    name:
        What an error message calls it; its path where None.

    Errors
    ------
    AslError for a file that is missing, damaged, of an unknown format, or too large.
    """
    is_bytes = isinstance(source, bytes | bytearray | memoryview)
    name = name or ("The upload" if is_bytes else str(source))
    try:
        with Image.open(io.BytesIO(source) if is_bytes else source) as image:
            if image.width * image.height > MOST_PIXELS:
                raise AslError(
                    f"{name} has {image.width} x {image.height} pixels, more than a camera gives. "
                    "Make it smaller first."
                )
            if size:
                image.draft("RGB", (size, size))  # lets a JPEG decode at a fraction of its size
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip
                image = Image.fromarray((np.clip(image, 0, 65535) / 257).round().astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image)
            image = image.convert("RGB")
            if size and image.size != (size, size):
                image = image.resize((size, size), Image.Resampling.BILINEAR)
            return np.asarray(image)
    except FileNotFoundError as error:
        raise AslError(f"There is no image at {name}. Check the path.") from error
    except AslError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds for damaged files
        # Pillow names the buffer in memory, which tells a reader nothing.
        is_unknown = isinstance(error, UnidentifiedImageError)
        why = "of no known format" if is_unknown else first_line(error)
        raise AslError(
            f"{name} is no readable image ({why}). Expected JPEG, PNG, WebP, BMP, GIF or TIFF; "
            "open it in an image viewer and save it as JPEG, or delete it."
        ) from error


class Container(Protocol):
    """Something that holds picture files."""

    title: str

    def read(self, key) -> bytes:
        """Return the bytes of one file."""


class Folder:
    """The picture files below a folder."""

    def __init__(self, root: Path) -> None:
        """List the files; ``names`` are POSIX paths relative to ``root``."""
        self.root, self.title = root, root.name
        files = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES)
        self.names = [path.relative_to(root).as_posix() for path in files]
        self.sizes = [path.stat().st_size for path in files]

    def read(self, name: str) -> bytes:
        """Return the bytes of one file."""
        return (self.root / name).read_bytes()

    def digest(self) -> str:
        """Return the SHA-256 of the list of names and sizes (the pixels may be gigabytes)."""
        lines = (f"{size} {name}\n" for name, size in zip(self.names, self.sizes, strict=True))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class Zip:
    """The picture files inside a zip; they are read in place, so none can land elsewhere."""

    def __init__(self, root: Path) -> None:
        """List the files; ``names`` are POSIX paths inside the archive."""
        self.title = root.name
        self._path = root
        try:
            self._archive = zipfile.ZipFile(root)
        except (zipfile.BadZipFile, OSError) as error:
            raise DatasetError(
                f"{root.name} is no readable zip ({error}); half a download? Fetch it again."
            ) from error
        files = [
            item
            for item in self._archive.infolist()
            if PurePosixPath(item.filename).suffix.lower() in SUFFIXES
        ]
        huge = next((item.filename for item in files if item.file_size > _LARGEST_FILE), None)
        if huge:
            raise DatasetError(
                f"{root.name}: {huge} unpacks to more than {_LARGEST_FILE >> 20} MB, too much for "
                "one picture of this set. Check where the archive came from."
            )
        files.sort(key=lambda item: item.filename)
        self.names = [item.filename for item in files]

    def read(self, name: str) -> bytes:
        """Return the bytes of one file."""
        return self._archive.read(name)

    def digest(self) -> str:
        """Return the SHA-256 of the archive."""
        return sha256(self._path)


class FileImages:
    """Pictures decoded when they are asked for.

    What fits in half a gigabyte is kept once decoded; a larger set is decoded anew each epoch.

    Parameters
    ----------
    container:
        What holds the files: its ``read(key)`` returns the bytes of one.
    keys:
        The files of the pictures, in order.
    shape:
        Height, width (equal) and channels (1 or 3) to convert to, in pixels.
    """

    def __init__(self, container: Container, keys: Sequence, shape: tuple[int, int, int]) -> None:
        """Remember what to read; nothing is read yet."""
        self._container = container
        self._keys = keys
        self.shape = tuple(shape)
        keep = len(keys) * int(np.prod(shape)) <= _KEEP_BYTES
        self._kept = np.empty((len(keys), *shape), np.uint8) if keep else None
        self._known = np.zeros(len(keys), bool)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._keys)

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return the pictures at ``indices``, decoding those that are not kept."""
        indices = np.asarray(indices)
        if self._kept is None:
            if not len(indices):
                return np.empty((0, *self.shape), np.uint8)
            return np.stack([self._decode(index) for index in indices])
        for index in indices[~self._known[indices]]:
            self._kept[index] = self._decode(index)
            self._known[index] = True
        return self._kept[indices]

    def original(self, index: int) -> bytes:
        """Return the bytes of one picture's file, as its publisher encoded it."""
        return self._container.read(self._keys[index])

    def _decode(self, index: int) -> np.ndarray:
        return _open(self._container, self._keys[index], self.shape[0])[..., : self.shape[2]]


def _open(container: Container, key, size: int | None = None) -> np.ndarray:
    """Open an image of a container, whose zip may be damaged or locked."""
    name = f"{container.title}: {key}"
    try:
        content = container.read(key)
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise AslError(
            f"{name} is no readable image ({error}). Delete it or fetch the data again."
        ) from error
    return open_image(content, size, name)


def encode(images: Images, index: int, lossless: bool) -> bytes:
    """Return one picture as the bytes of a PNG or a JPEG.

    A JPEG that has the right size already is passed on as it is, once it has been decoded to see
    that it is whole.
    """
    picture = images.read(np.array([index]))[0]
    if not lossless and isinstance(images, FileImages):
        data = images.original(index)
        with Image.open(io.BytesIO(data)) as found:
            if (
                found.format == "JPEG"
                and found.mode == "RGB"
                and found.size == picture.shape[1::-1]
            ):
                return data
    out = io.BytesIO()
    Image.fromarray(picture.squeeze()).save(
        out, "PNG" if lossless else "JPEG", **({} if lossless else {"quality": 95})
    )
    return out.getvalue()


def read_pictures(entry: Entry, root: Path, size: int, title: str) -> Collection:
    """Read class folders (``A/A1.jpg``), as a folder or a zip, without decoding a picture yet.

    Folders ``train`` and ``test`` above the classes give the publisher's parts; Kaggle's
    ``asl_alphabet_train`` may repeat itself, and its ``asl_alphabet_test`` (a picture a class) is
    left out. A number at the end of each file's name is its place in the class's video.

    Errors
    ------
    DatasetError for a folder without pictures, an unknown class folder, a class without pictures.
    """
    container = Zip(root) if root.is_file() else Folder(root)
    names = [name for name in container.names if is_wanted(name)]
    if not names:
        raise DatasetError(
            f"{root.name} holds no pictures. Expected one folder a class, such as A/A1.jpg."
        )
    labels = _labels(entry, root, names)
    parts = np.array([_part(name) for name in names])
    frames = [re.search(r"(\d+)$", PurePosixPath(name).stem) for name in names]
    native = len(_open(container, names[0]))
    note = "" if native == size else f", {native} px resized to {size}"
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=FileImages(container, names, (size, size, 3)),
        labels=labels,
        source=f"{title} ({root.name}{note})",
        is_real=True,
        sha256=container.digest(),
        frames=np.array([int(found[1]) for found in frames]) if all(frames) else None,
        parts=parts if (parts != "").all() else None,
    )


def is_wanted(name: str) -> bool:
    """Leave out Kaggle's 29 test pictures and what file managers add."""
    folders = PurePosixPath(name).parts
    return not any(part.startswith((".", "__")) or part == _TEST_FOLDER for part in folders)


def _labels(entry: Entry, root: Path, names: list[str]) -> np.ndarray:
    """Read the class from each picture's folder; every class must be there."""
    folders = [PurePosixPath(name).parent.name for name in names]
    known = {class_name.lower() for class_name in entry.class_names}
    for folder in dict.fromkeys(folders):
        if folder.lower() not in known:
            raise DatasetError(
                f"{root.name}: folder {folder!r} is no class of {entry.name}."
                f"{did_you_mean(folder, entry.class_names)}"
            )
    labels = LabelCodec(entry.class_names).encode(folders)
    missing = sorted(set(range(len(entry.class_names))) - set(labels.tolist()))
    if missing:
        raise DatasetError(
            f"{root.name}: no pictures of class {entry.class_names[missing[0]]!r} "
            f"({len(missing)} of {len(entry.class_names)} classes are empty); half a download? "
            "Fetch it again."
        )
    return labels


def _part(name: str) -> str:
    folders = PurePosixPath(name).parts[:-2]
    return next((part for part in ("train", "test") if part in folders), "")
