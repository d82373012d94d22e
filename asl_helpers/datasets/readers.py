"""Reading images: one file, class folders or a zip of them, Kaggle's CSV tables, NumPy archives."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from asl_helpers.alphabet import STATIC_LETTERS, encode, in_order
from asl_helpers.datasets.catalog import Collection, Entry, resize
from asl_helpers.errors import AslError, first_line
from asl_helpers.files import sha256

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
"""How the names of files that `open_image` reads end, in lower case."""

UNREADABLE = frozenset({".heic", ".heif", ".avif", ".jxl", ".dng", ".raw", ".cr2", ".nef", ".psd"})
"""How the names of images end that only other programs read; they are counted, never ignored."""

_MOST_PIXELS = 60_000_000  # larger images than a camera gives are refused before unpacking
_LARGEST_ENTRY = 20 * 2**20  # bytes that one image of a zip may unpack to
_KEEP_BYTES = 512 * 2**20  # decoded images that fit into this are kept
_KAGGLES_TEST = "asl_alphabet_test"  # a folder with one image per class, no class folders
_CSV_COLUMNS = ["label", *(f"pixel{number}" for number in range(1, 28 * 28 + 1))]


def open_image(
    source: Path | str | bytes, size: int | None = None, name: str | None = None
) -> np.ndarray:
    """Return an image as RGB, uint8 of shape (height, width, 3), whatever its file holds.

    It is turned upright where a phone noted how it was held (EXIF), 16-bit grey becomes 8-bit, and
    white shows through where it is transparent. Of an animation it is the first image.

    ``source`` is a path, or the bytes of a file; ``size``, the height and width to resize to, in
    pixels; ``name``, what an error message calls it. Raises AslError for a file that is missing,
    damaged, of an unknown format, or too large.
    """
    is_bytes = isinstance(source, bytes | bytearray | memoryview)
    name = name or ("The upload" if is_bytes else str(source))
    try:
        with Image.open(io.BytesIO(source) if is_bytes else source) as image:
            if image.width * image.height > _MOST_PIXELS:
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


class ImageFiles:
    """The image files below a folder, or inside a zip that is read in place: nothing is extracted.

    ``names`` are POSIX paths of the files that `open_image` reads, ``unreadable`` those of images
    that it does not. What file managers and notebooks leave behind (``._A1.jpg``, ``__MACOSX``,
    ``.ipynb_checkpoints``) is neither.
    """

    def __init__(self, root: Path) -> None:
        """List the files; no image is opened yet."""
        self.root = root
        if root.is_dir():
            self._zip = None
            paths = sorted(path for path in root.rglob("*") if path.is_file())
            sizes = {path.relative_to(root).as_posix(): path.stat().st_size for path in paths}
        else:
            self._zip = self._guard(root.name, zipfile.ZipFile, root)
            entries = sorted(self._zip.infolist(), key=lambda entry: entry.filename)
            sizes = {entry.filename: entry.file_size for entry in entries}
        self._sizes = {name: size for name, size in sizes.items() if not _is_hidden(name)}
        self.names = [name for name in self._sizes if _suffix(name) in SUFFIXES]
        self.unreadable = [name for name in self._sizes if _suffix(name) in UNREADABLE]

    def read(self, name: str) -> bytes:
        """Return the bytes of one file."""
        if not self._zip:
            return (self.root / name).read_bytes()
        if self._sizes[name] > _LARGEST_ENTRY:
            raise AslError(
                f"{self.root.name}: {name} unpacks to more than {_LARGEST_ENTRY >> 20} MB, too "
                "much for one image. Check where the archive came from."
            )
        return self._guard(f"{self.root.name}: {name}", self._zip.read, name)

    def lost_folders(self) -> list[str]:
        """Return the names of the class folders in which no image can be read."""
        return sorted(set(map(_folder, self.unreadable)) - set(map(_folder, self.names)))

    def sha256(self) -> str:
        """Return the SHA-256 of the zip, or of names and sizes (the pixels may be gigabytes)."""
        if self._zip:
            return sha256(self.root)
        lines = (f"{self._sizes[name]} {name}\n" for name in self.names)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @staticmethod
    def _guard(what: str, call: Callable, argument):
        try:
            return call(argument)
        except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise AslError(
                f"{what} is no readable zip or image in one ({error}); half a download? Fetch it "
                "again. Expected a folder or a zip with one folder per class, such as A/A1.jpg."
            ) from error


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _folder(name: str) -> str:
    return PurePosixPath(name).parent.name


def _is_hidden(name: str) -> bool:
    folders = set(PurePosixPath(name).parts) - {".."}
    return _KAGGLES_TEST in folders or any(part.startswith((".", "__")) for part in folders)


class FileImages:
    """Encoded images that are decoded when they are asked for, by indices as of an array.

    What fits into half a gigabyte is kept once decoded; a larger set is decoded anew each epoch.
    ``read(keys[index])`` returns the bytes of an image, and ``shape`` is the height, the equal
    width and the channels (1 or 3) that it is converted to.
    """

    def __init__(self, read: Callable, keys: Sequence, shape: tuple[int, int, int]) -> None:
        """Remember what to read; nothing is read yet."""
        self._read, self._keys, self.shape = read, keys, (len(keys), *shape)
        keep = int(np.prod(self.shape)) <= _KEEP_BYTES
        self._kept = np.empty(self.shape, np.uint8) if keep else None
        self._known = np.zeros(len(keys), bool)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._keys)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Return the images at ``indices``, decoding those that are not kept."""
        indices = np.asarray(indices, np.int64)
        if self._kept is None:
            images = [self._decode(index) for index in indices]
            return np.array(images, np.uint8).reshape(-1, *self.shape[1:])
        for index in indices[~self._known[indices]]:
            self._kept[index] = self._decode(index)
            self._known[index] = True
        return self._kept[indices]

    def original_jpeg(self, index: int) -> bytes | None:
        """Return the bytes of an image that is an upright JPEG of this shape already, else None."""
        content = self._read(self._keys[index])
        with Image.open(io.BytesIO(content)) as image:
            fits = image.format == "JPEG" and image.mode == "RGB" and not image.getexif()
            return content if fits and image.size == self.shape[2:0:-1] else None

    def _decode(self, index: int) -> np.ndarray:
        key, (_, size, _, channels) = self._keys[index], self.shape
        return open_image(self._read(key), size, str(key))[..., :channels]


def read_folder(
    root: Path, size: int, entry: Entry | None = None, title: str = "class folders"
) -> Collection:
    """Read class folders (``A/A1.jpg``), a folder or a zip, as images of ``size`` pixels a side.

    Folders ``train`` and ``test`` above the classes give the publisher's parts; Kaggle's
    ``asl_alphabet_train`` may repeat itself, and its ``asl_alphabet_test`` is left out. A number at
    the end of each file's name is its index in the class's video. No image is decoded yet.

    The classes of ``entry`` must all be there; without it, they are those that occur. ``title``
    begins the collection's ``source``, where the files that cannot be read are counted. Raises
    AslError for a file that is no zip, no images, images outside class folders, an unknown or an
    empty class folder, and class folders in which nothing can be read.
    """
    files = ImageFiles(root)
    folders = [_folder(name) for name in files.names]
    if lost := files.lost_folders():
        raise AslError(
            f"{root.name}: nothing in class folder {', '.join(lost)} can be read "
            f"({len(files.unreadable)} files such as {files.unreadable[0]}). Save the images as "
            "JPEG or PNG, or remove the folder."
        )
    if not folders or "" in folders:
        wrong = "images outside class folders" if folders else "no images"
        raise AslError(
            f"{root.name} holds {wrong}. Expected one folder per class, such as A/A1.jpg, in JPEG, "
            "PNG or WebP."
        )
    names = entry.class_names if entry else in_order(folders)
    labels = encode(folders, names)
    empty = [name for label, name in enumerate(names) if label not in labels]
    if empty:
        raise AslError(
            f"{root.name}: no images of class {empty[0]!r} ({len(empty)} of {len(names)} classes "
            "are empty); half a download? Fetch it again."
        )
    images = FileImages(files.read, files.names, (size, size, 3))
    native = len(open_image(files.read(files.names[0]), name=files.names[0]))
    facts = [root.name]
    if native != size:
        facts.append(f"{native} px resized to {size}")
    if files.unreadable:
        facts.append(f"without {len(files.unreadable)} files that cannot be read")
    frames = [re.search(r"(\d+)$", PurePosixPath(name).stem) for name in files.names]
    parts = [{"train", "test"} & set(PurePosixPath(name).parts[:-2]) for name in files.names]
    return Collection(
        name=entry.name if entry else root.name,
        class_names=names,
        images=images,
        labels=labels,
        source=f"{title} ({', '.join(facts)})",
        is_real=True,
        sha256=files.sha256(),
        frames=np.array([int(number[1]) for number in frames]) if all(frames) else None,
        parts=np.array([max(part) for part in parts]) if all(parts) else None,
    )


def read_sign_mnist_csv(entry: Entry, folder: Path, title: str, size: int) -> Collection:
    """Read ``sign_mnist_train.csv`` and ``sign_mnist_test.csv`` from ``folder`` or one level below.

    ``parts`` are the publisher's. A file that is missing, cut short, of another shape, or holds a
    label or a pixel out of range is an error.
    """
    images, labels, digest = [], [], hashlib.sha256()
    for part in ("train", "test"):
        name = f"sign_mnist_{part}.csv"
        paths = [path for path in (folder / name, *folder.glob(f"*/{name}")) if path.is_file()]
        if not paths:
            raise AslError(
                f"{name} is not in {folder}. Sign Language MNIST is two files, "
                "sign_mnist_train.csv and sign_mnist_test.csv: put both there, or run `asl data "
                "prepare sign_language_mnist`."
            )
        pixels, numbers = _read_csv(paths[0])
        images.append(pixels)
        labels.append(numbers)
        digest.update(bytes.fromhex(sha256(paths[0])))
    sizes = [len(numbers) for numbers in labels]
    n = sum(sizes)
    note = "both parts" if n == entry.count else f"{n:,} of {entry.count:,} images"
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=resize(np.concatenate(images), size),
        labels=np.concatenate(labels),
        source=f"{title} ({note})",
        is_real=True,
        sha256=digest.hexdigest(),
        parts=np.repeat(["train", "test"], sizes),
    )


def _read_csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one CSV into (images uint8 (n, 28, 28, 1), labels int64 (n,))."""
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=np.int64)
        # Where rows have a column too many, pandas takes the first one for the index.
        if list(table.columns) != _CSV_COLUMNS or not isinstance(table.index, pd.RangeIndex):
            raise ValueError("other columns")
        if table.empty:
            raise ValueError("no rows")
        labels, pixels = table["label"].to_numpy(), table.iloc[:, 1:].to_numpy()
        if pixels.min() < 0 or pixels.max() > 255:
            raise ValueError(f"pixels from {pixels.min()} to {pixels.max()}")
        return pixels.astype(np.uint8).reshape(-1, 28, 28, 1), sign_mnist_labels(labels)
    except (ValueError, OSError, MemoryError) as error:  # pandas's parser errors are ValueErrors
        raise AslError(
            f"{path.name} cannot be read ({first_line(error)}). Expected the columns label, "
            "pixel1 to pixel784, and pixels 0-255. The file is cut short or not Kaggle's; fetch it "
            "again."
        ) from error


def sign_mnist_labels(labels: np.ndarray) -> np.ndarray:
    """Turn Sign Language MNIST's labels into indices of the 24 static letters, int64.

    The set numbers its letters 0-24 by their index in the alphabet and leaves out 9, J.
    """
    wrong = np.flatnonzero((labels < 0) | (labels > len(STATIC_LETTERS)) | (labels == 9))
    if len(wrong):
        raise ValueError(f"label {labels[wrong[0]]} in row {wrong[0] + 1:,}, not 0-24 without 9")
    return labels.astype(np.int64) - (labels > 9)


def read_sign_mnist_npz(entry: Entry, path: Path, size: int) -> Collection:
    """Read ``sign_mnist_test.npz``: the official test part alone, its grey levels stretched.

    The file holds ``images`` uint8 (n, 28, 28) and ``labels`` 0-24 without 9. Its training part
    is elsewhere, so all three parts are cut from these images, by photograph.
    """
    arrays = read_npz(path, "images", "labels")
    images, labels = arrays["images"], arrays["labels"]
    try:
        if images.dtype != np.uint8 or images.shape[1:] != entry.shape[:2]:
            raise ValueError(f"images are {images.dtype} of shape {images.shape}")
        labels = sign_mnist_labels(labels)
    except ValueError as error:
        raise AslError(
            f"{path.name}: {error}; expected images uint8 (n, 28, 28) and labels 0-24 without 9. "
            "Check which file this is."
        ) from error
    return Collection(
        name=entry.name,
        class_names=entry.class_names,
        images=resize(images[..., None], size),
        labels=labels,
        source=(
            f"Sign Language MNIST, official test part alone ({path.name}), grey levels stretched "
            "to 0-255, parts cut from it"
        ),
        is_real=True,
        sha256=sha256(path),
    )


def read_npz(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Return the arrays of a NumPy archive by name; all of ``names`` must be among them.

    A file that is damaged or holds Python objects, which could run code, is an error too.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise AslError(
            f"{path.name} cannot be read ({first_line(error)}). It must be a NumPy archive of "
            "plain arrays, without Python objects; fetch it again."
        ) from error
    missing = [name for name in names if name not in arrays]
    if missing:
        raise AslError(
            f"{path.name} has no array {missing[0]!r}; it has {', '.join(arrays) or 'none'}. Check "
            "which file this is."
        )
    return arrays
