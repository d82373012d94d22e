"""The real hands that `unseen_signers` judges on: landmarks of five signers, and tracked pictures.

Labels are class names; hands are normalised as `asl evaluate` does it, so scores agree with it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import STATIC_LETTERS, LabelCodec
from asl_helpers.files import atomic_path, sha256
from asl_helpers.judge import read_samples

SIGNERS = {
    "A": "landmarks_fingerspelling5_signer_A.npz",
    "B": "landmarks_fingerspelling5_signer_B.npz",
    "C": "landmarks_fingerspelling5_signer_C.npz",
    "D": "landmarks_fingerspelling5_signer_D.npz",
    "ASL Alphabet": "landmarks_asl_alphabet.npz",
}
"""Files of landmarks, one real signer each; the last is the usual single-signer set."""

LIMIT = 1000
"""Hands of a letter and signer, evenly spaced over the file; more are near-copies in a video."""

PICTURES = {"rooms": "asl29_rooms_160.zip", "massey": "massey_letters_hands12.zip"}
"""Archives of pictures, tracked first."""


@dataclass
class Hands:
    """Hands of the classes that were asked for, n of them.

    Attributes
    ----------
    source:
        The file's name.
    labels:
        (n,) int64, index into the classes; STATIC_LETTERS unless others were asked for.
    found:
        (n,) bool: where a hand was found; landmarks files hold found hands alone.
    points:
        (m, 21, 3) float32: the m hands that were found, as they came.
    normalised:
        (m, 21, 3) float32: the same as right hands of one palm length, aspect made good.
    about:
        The row of the record that describes the file.
    """

    source: str
    labels: np.ndarray
    found: np.ndarray
    points: np.ndarray
    normalised: np.ndarray
    about: dict[str, Any]

    def __len__(self) -> int:
        return len(self.labels)


def read_signers(folder: Path) -> dict[str, Hands]:
    """Return the real landmarks by signer, static letters alone."""
    return {name: read_landmarks(folder / file) for name, file in SIGNERS.items()}


def read_landmarks(path: Path, classes: Sequence[str] = STATIC_LETTERS) -> Hands:
    """Return a file's hands of ``classes`` (upper case), at most `LIMIT` of each."""
    samples = read_samples(path, LIMIT)
    samples = samples.keep(np.isin(samples.labels, classes), "another class")
    found = np.ones(len(samples), bool)
    normal = landmarks.normalise(samples.points)
    return Hands(
        path.name,
        _indices(samples.labels, classes),
        found,
        samples.points,
        normal,
        _about(path) | {"limit_per_class": LIMIT},
    )


def read_pictures(folder: Path, cache: Path, limit: int | None = None) -> dict[str, Hands]:
    """Return tracked pictures by set; each archive is tracked once and kept in ``cache``."""
    return {name: read_tracked(folder / file, cache, limit) for name, file in PICTURES.items()}


def read_tracked(
    path: Path, cache: Path, limit: int | None, classes: Sequence[str] = STATIC_LETTERS
) -> Hands:
    """Return an archive's pictures of ``classes`` (upper case), tracked once."""
    from asl_helpers.tracking import track_all

    samples = read_samples(path, limit)
    samples = samples.keep(np.isin(samples.labels, classes), "another class")
    about = _about(path)
    which = "" if classes == STATIC_LETTERS else f" {' '.join(classes)}"
    named = f"{about['sha256']} {limit} {tracker_version()}{which}"
    key = hashlib.sha256(named.encode()).hexdigest()
    kept = cache / f"tracked_{path.stem}_{key[:12]}.npz"
    if not kept.is_file():
        tracked = track_all(samples.picture(index) for index in range(len(samples)))
        with atomic_path(kept) as made, made.open("wb") as file:
            np.savez(file, points=tracked.points, hands=tracked.hands, aspect=tracked.aspect)
    with np.load(kept, allow_pickle=False) as tracked:
        points, hands, aspect = tracked["points"], tracked["hands"], tracked["aspect"]
    single = hands < 2  # as in `asl evaluate`: two hands in a picture are left out, and counted
    found = hands[single] == 1
    points, aspect = points[single][found], aspect[single][found]
    labels = _indices(samples.labels[single], classes)
    about |= {"two_hands": int((~single).sum()), "limit_per_class": limit}
    about["tracker"] = tracker_version()
    return Hands(path.name, labels, found, points, landmarks.normalise(points, aspect), about)


def tracker_version() -> str:
    """Return what the tracked points depend on: MediaPipe's release and the code around it."""
    from importlib.metadata import version

    from asl_helpers import tracking

    code = hashlib.sha256(Path(tracking.__file__).read_bytes()).hexdigest()
    return f"{version('mediapipe')} {code[:12]}"


def _indices(names: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    return LabelCodec(tuple(classes)).encode(names)


def _about(path: Path) -> dict[str, Any]:
    return {"source": path.name, "sha256": sha256(path), "is_real": True}
