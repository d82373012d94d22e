"""The data to judge on: landmarks in a file, pictures in class folders, or a data set by name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from asl_helpers import landmarks
from asl_helpers.errors import did_you_mean
from asl_helpers.judge.errors import JudgeError

UNREADABLE = "picture cannot be read"
NOT_FINITE = "landmarks are not finite numbers"
OTHER_LABEL = "label outside the classes judged"
TWO_HANDS = "two hands"


@dataclass
class Samples:
    """Labelled hands, as landmarks or as pictures.

    Attributes
    ----------
    name:
        What they are, for the report.
    labels:
        (n,) str, upper case.
    points:
        (n, 21, 3) float32 landmarks, or None where there are pictures.
    picture:
        Returns the picture at an index, uint8 (height, width, 3), or None if it cannot be read.
    skipped:
        How many were left out, by reason.
    """

    name: str
    labels: np.ndarray
    points: np.ndarray | None = None
    picture: Callable[[int], np.ndarray | None] | None = None
    skipped: Counter = field(default_factory=Counter)

    def __len__(self) -> int:
        """Return the number of hands or pictures."""
        return len(self.labels)

    def keep(self, mask: np.ndarray, reason: str) -> "Samples":
        """Return those where ``mask`` (n,) is true; the others are counted under ``reason``."""
        rows = np.flatnonzero(mask)
        picture = None
        if self.picture is not None:
            read = self.picture

            def picture(index: int) -> np.ndarray | None:
                return read(int(rows[index]))

        return Samples(
            self.name,
            self.labels[rows],
            None if self.points is None else self.points[rows],
            picture,
            self.skipped + Counter({reason: int((~mask).sum())}),
        )


def read_samples(data: str | Path, limit: int | None = None) -> Samples:
    """Return what ``data`` names.

    Parameters
    ----------
    data:
        An ``.npz`` with ``landmarks`` (n, 21, 3) and ``labels`` (n,); a folder, or a zip, of class
        folders of pictures; or a data set's name, of which the test part is taken.
    limit:
        At most this many of each class, evenly spaced.

    Raises
    ------
    JudgeError
        If there is nothing by this name, or nothing in it to judge on.
    """
    path = Path(data)
    if path.suffix.lower() == ".npz" and path.is_file():
        samples = _landmark_file(path)
    elif path.is_dir() or (path.suffix.lower() == ".zip" and path.is_file()):
        samples = _pictures(path)
    else:
        samples = _data_set(str(data))
    if limit is not None:
        samples = _thin(samples, limit)
    if not len(samples):
        why = "; ".join(f"{count} skipped: {reason}" for reason, count in samples.skipped.items())
        raise JudgeError(f"{samples.name} holds nothing to judge on{': ' + why if why else ''}.")
    return samples


def _landmark_file(path: Path) -> Samples:
    """Read an archive of landmarks; rows that are not finite, or without extent, are skipped."""
    from asl_helpers.datasets.arrays import read_npz

    arrays = read_npz(path, "landmarks", "labels")
    points, labels = arrays["landmarks"], arrays["labels"]
    if points.ndim != 3 or points.shape[1:] != (21, 3) or points.dtype.kind not in "fiu":
        raise JudgeError(
            f"{path.name}: landmarks are {points.dtype} of shape {points.shape}; expected numbers "
            "of shape (n, 21, 3): 21 landmarks, each x, y, z."
        )
    if labels.shape != points.shape[:1]:
        raise JudgeError(
            f"{path.name}: {len(points)} hands but labels of shape {labels.shape}; expected one "
            "label a hand."
        )
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    if labels.dtype.kind != "U":
        raise JudgeError(
            f"{path.name}: labels are {labels.dtype}; expected letters such as 'A'. Turn indices "
            "into letters by LabelCodec.decode."
        )
    samples = Samples(path.name, np.char.upper(labels), points.astype(np.float32))
    return samples.keep(landmarks.usable(points), NOT_FINITE)


def _pictures(path: Path) -> Samples:
    """List the pictures of a folder or zip; the folder that holds a picture is its label."""
    from asl_helpers.datasets.readers import Folder, Zip, open_image

    container = Folder(path) if path.is_dir() else Zip(path)
    names = [name for name in container.names if "/" in name]
    if not names:
        raise JudgeError(
            f"{path.name} has no pictures in class folders; expected such as A/first.jpg, in JPEG "
            "or PNG."
        )

    def picture(index: int) -> np.ndarray | None:
        try:
            return open_image(container.read(names[index]))
        except Exception:  # a damaged image, or a zip that is cut or locked
            return None

    labels = np.array([name.split("/")[-2].upper() for name in names])
    return Samples(path.name, labels, picture=picture)


def _data_set(name: str) -> Samples:
    """Load the test part of a data set by name."""
    from asl_helpers.datasets import CATALOG, load

    if name not in CATALOG:
        raise JudgeError(
            f"{name!r} is no .npz file, no folder or zip of class folders, and no data set."
            f"{did_you_mean(name, CATALOG)}"
        )
    data = load(name, verbose=False)
    images, labels = data.arrays("test")
    names = np.char.upper(np.array(data.info.class_names))

    def picture(index: int) -> np.ndarray:
        return np.broadcast_to(images[index], (*images.shape[1:3], 3))

    return Samples(f"{name}, test part ({data.info.source})", names[labels], picture=picture)


def _thin(samples: Samples, limit: int) -> Samples:
    """Keep at most ``limit`` of each class, evenly spaced; the rest are not counted as skipped."""
    if limit < 1:
        raise JudgeError(f"limit={limit}: expected at least 1 of each class.")
    kept = np.zeros(len(samples), bool)
    for label in np.unique(samples.labels):
        places = np.flatnonzero(samples.labels == label)
        steps = np.linspace(0, len(places) - 1, min(limit, len(places)))
        kept[places[steps.round().astype(int)]] = True
    thinned = samples.keep(kept, "over the limit")
    del thinned.skipped["over the limit"]
    return thinned
