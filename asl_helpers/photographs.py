"""Photographs that the reader has, in the form of drawn scenes: with landmarks where it can be."""

from collections.abc import Sequence

import numpy as np

from asl_helpers import settings, tracking
from asl_helpers.datasets.catalog import entry
from asl_helpers.datasets.collection import resize
from asl_helpers.datasets.load import load
from asl_helpers.datasets.sources import where
from asl_helpers.hand.drawing import Scenes

STRETCH = 100
"""Frames of a film that are taken for one scene where nobody says where a scene ends."""

_TRACKED = 160  # pixels: the tracker finds larger hands better


def has_photographs(*names: str) -> bool:
    """Tell whether ASL_DATA_DIR holds all of these data sets."""
    return settings.user_data_dir() is not None and all(
        where(entry(name)).startswith("ASL_DATA_DIR") for name in names
    )


def photographed(
    name: str, letters: Sequence[str], frames: int, size: int = 48, signer: int = 0
) -> tuple[Scenes, str]:
    """Return photographs of some letters as scenes, and the line that names their source.

    Parameters
    ----------
    name:
        A data set with numbered frames, ``"asl_alphabet"`` or ``"asl_rooms"``.
    letters:
        Whose pictures; labels count them in this order.
    frames:
        At most so many of each letter, evenly spaced over its film.
    size:
        Pixels a side.
    signer:
        The number to give to the set's signer. Rooms are stretches of the film.

    ``points`` are what the tracker finds, NaN where it finds no hand or is not installed; sides are
    "unknown".
    """
    data = load(name, verbose=False)
    whole = data.collection
    chosen, labels = [], []
    for place, letter in enumerate(letters):
        film = np.flatnonzero(whole.labels == whole.class_names.index(letter))
        film = film[np.argsort(whole.frames[film], kind="stable")]
        pick = np.unique(np.linspace(0, len(film) - 1, frames).round().astype(int))
        chosen.append(film[pick])
        labels.append(np.full(len(pick), place))
    rows = np.concatenate(chosen)
    images = whole.images.read(rows)
    scenes = Scenes(
        images=resize(images, size),
        points=_tracked(images),
        labels=np.concatenate(labels),
        signers=np.full(len(rows), signer),
        rooms=whole.frames[rows] // STRETCH,
        frames=whole.frames[rows],
        sides=np.full(len(rows), "unknown"),
    )
    return scenes, data.info.source


def _tracked(images: np.ndarray) -> np.ndarray:
    """Return landmarks (n, 21, 3) float32, NaN where there are none."""
    try:
        return tracking.track_all(resize(images, max(_TRACKED, images.shape[1]))).points
    except tracking.TrackingError:
        return np.full((len(images), 21, 3), np.nan, np.float32)
