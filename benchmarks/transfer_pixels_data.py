"""Pictures for `transfer_pixels`: two real signers with guides, drawn hands, backdrops.

Guides are what helps in training and is never used in testing: where the joints are, and which
pixels are hand, so that another room can be put behind it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import asl_helpers as asl
from asl_helpers import hand
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, LabelCodec
from asl_helpers.files import atomic_path
from asl_helpers.hand.scene import clutter, sample_look
from benchmarks.record import real_folder
from tools.pretrain_backbone import drawn_chunk

CLASSES = (*LETTERS, "del", "space")
"""The 28 classes with a hand; "nothing" is left out, and gives backdrops instead."""

SIZE = 96
"""Pixels a side at which pictures are kept."""

MASK = 64
"""Pixels a side of a mask."""

GUIDED = {"asl_alphabet": 160, "asl_rooms": 100}
"""Training pictures of a class, evenly spaced, whose hands are cut out."""

_PAPER = ((1.0, 1.0, 1.0),) * 4
_CHAINS = [[0, *range(first, first + 4)] for first in range(1, 21, 4)]
_PALM = [0, 1, 2, 5, 9, 13, 17]


@dataclass
class Pictures:
    """n pictures with a hand.

    Attributes
    ----------
    images:
        (n, 96, 96, 3) uint8.
    labels:
        (n,) int64, index into CLASSES.
    points:
        (n, 21, 2) float32, the joints as shares of width and height; NaN where they are unknown.
    masks:
        (n, 64, 64) bool, where the hand is; nowhere, if that is unknown.
    """

    images: np.ndarray
    labels: np.ndarray
    points: np.ndarray
    masks: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> "Pictures":
        return Pictures(self.images[rows], self.labels[rows], self.points[rows], self.masks[rows])


def together(parts: list[Pictures]) -> Pictures:
    """Return several as one."""
    names = ("images", "labels", "points", "masks")
    return Pictures(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def unguided(images: np.ndarray, labels: np.ndarray) -> Pictures:
    """Return pictures of which nothing but the class is known."""
    n = len(labels)
    points = np.full((n, 21, 2), np.nan, np.float32)
    return Pictures(images, labels, points, np.zeros((n, MASK, MASK), bool))


def drawn(cache: Path, chunks: int) -> Pictures:
    """Return 2,000 drawn hands a chunk with exact guides; each chunk is drawn once and kept."""
    return together([_drawn_chunk(cache / f"drawn_{k}.npz", 7000 + k) for k in range(chunks)])


def _drawn_chunk(path: Path, seed: int, n: int = 2000) -> Pictures:
    if not path.is_file():
        batch = hand.sample_hands(CLASSES, n, seed=seed)
        rng = np.random.default_rng([seed, 1])
        looks = [sample_look(rng, int(skin)) for skin in batch.skin]
        plain = {"noise": 0.0, "blur": (0.0, 0.0), "defocus": 0.0}
        bare = [replace(look, background="paper", palette=_PAPER, **plain) for look in looks]
        images = hand.render(batch, SIZE, seed=seed, look=looks)
        # Before white paper, whatever is not white is hand: skin and cloth never reach it.
        on_paper = hand.render(batch, MASK, seed=seed, look=bare, supersample=1)
        _keep(
            path,
            images=images,
            labels=batch.label.astype(np.int64),
            points=batch.image[..., :2].astype(np.float32),
            masks=on_paper.min(axis=-1) < 250,
        )
    return _kept(path)


def more_drawn(folder: Path, chunks: int) -> Pictures:
    """Return drawn hands without guides, those that the course's backbone was pretrained on."""
    return together(
        [unguided(*_with_hand(*drawn_chunk(number, folder))) for number in range(chunks)]
    )


@dataclass
class Signer:
    """One real set: what is learnt from, what is held out to choose by, and all of it.

    Attributes
    ----------
    train, validation:
        Disjoint blocks of frames.
    everything:
        (images, labels) of all pictures with a class in CLASSES, for the test of another's model.
    empty:
        (m, 96, 96, 3) uint8: the training part's pictures of the class "nothing".
    about:
        The row of the record that describes the data.
    """

    train: Pictures
    validation: tuple[np.ndarray, np.ndarray]
    everything: tuple[np.ndarray, np.ndarray]
    empty: np.ndarray
    about: dict


def signer(name: str, cache: Path) -> Signer:
    """Return a real set by blocks of frames, its training part with guides."""
    data = asl.load(name, split="blocks", size=SIZE, verbose=False)
    info = data.info
    if not info.is_real:
        raise SystemExit(f"{name}: only its drawn twin is there. Put the set into ASL_DATA_DIR.")
    images, labels = data.arrays("train")
    path = cache / f"guides_{name}_{info.sha256[:12]}.npz"
    if not path.is_file():
        _keep(path, **_guides(name, data))
    with np.load(path, allow_pickle=False) as stored:
        train = Pictures(images, labels, stored["points"], stored["masks"])
    codec = LabelCodec(CLASSES)
    has_hand = labels != KAGGLE_CLASSES.index("nothing")
    train = train[has_hand]
    train.labels = codec.encode([KAGGLE_CLASSES[label] for label in train.labels])
    collection = data.collection
    every = np.arange(len(collection))
    return Signer(
        train=train,
        validation=_with_hand(*data.arrays("validation")),
        everything=_with_hand(collection.images.read(every), collection.labels),
        empty=images[~has_hand],
        about={"source": info.source, "sha256": info.sha256, "is_real": True},
    )


def scenes(empty: list[np.ndarray], seed: int = 0) -> np.ndarray:
    """Return backdrops (m, 96, 96, 3) uint8: drawn clutter, drawn rooms, the given pictures."""
    rooms, _ = hand.sample_images(("nothing",), 400, SIZE, seed=6000 + seed)
    return np.concatenate([clutter(1500, SIZE, seed), rooms, *empty])


def _with_hand(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures of the 28 classes, labelled by their place in CLASSES."""
    place = np.array([CLASSES.index(n) if n in CLASSES else -1 for n in KAGGLE_CLASSES])[labels]
    return images[place >= 0], place[place >= 0]


def _guides(name: str, data) -> dict[str, np.ndarray]:
    """Find joints and cut out hands in the training part."""
    rows = data.indices("train")
    labels = data.collection.labels[rows]
    points = np.full((len(rows), 21, 2), np.nan, np.float32)
    masks = np.zeros((len(rows), MASK, MASK), bool)
    chosen = []
    for label in range(len(KAGGLE_CLASSES)):
        mine = np.flatnonzero(labels == label)
        if KAGGLE_CLASSES[label] != "nothing":
            few = np.linspace(0, len(mine) - 1, min(GUIDED[name], len(mine)))
            chosen.extend(mine[few.round().astype(int)])
    chosen = np.array(chosen)
    known = _known_points(name, data, rows)
    if known is None:
        points[chosen] = _tracked(name, rows[chosen])
    else:
        points = known
    for row in chosen[np.isfinite(points[chosen]).all(axis=(1, 2))]:
        picture = data.collection.images.read(rows[[row]])[0]
        masks[row] = cut_out(picture, points[row])
    return {"points": points, "masks": masks}


def _known_points(name: str, data, rows: np.ndarray) -> np.ndarray | None:
    """Return the published landmarks of ASL Alphabet's pictures, by file name."""
    path = real_folder(name) / "landmarks_asl_alphabet.npz"
    if name != "asl_alphabet" or not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        names, landmarks = stored["names"].tolist(), stored["landmarks"][..., :2]
    place = {file: row for row, file in enumerate(names)}
    labels, frames = data.collection.labels[rows], data.collection.frames[rows]
    points = np.full((len(rows), 21, 2), np.nan, np.float32)
    for row, (label, frame) in enumerate(zip(labels, frames, strict=True)):
        found = place.get(f"{KAGGLE_CLASSES[label]}{frame}.jpg")
        if found is not None:
            points[row] = landmarks[found]
    return points


def _tracked(name: str, rows: np.ndarray) -> np.ndarray:
    from asl_helpers.tracking import track_all

    collection = asl.load(name, split="blocks", verbose=False).collection  # its own size
    tracked = track_all(collection.images.read(rows[[i]])[0] for i in range(len(rows)))
    return tracked.points[..., :2]


def cut_out(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return where the hand is, (64, 64) bool: GrabCut, begun from the joints.

    ``picture`` is (size, size, 3) uint8, ``points`` (21, 2) shares of its sides.
    """
    import cv2

    small = cv2.resize(picture, (MASK, MASK), interpolation=cv2.INTER_AREA)
    joints = points * MASK
    palm = max(
        np.linalg.norm(joints[9] - joints[0]), 1.1 * np.linalg.norm(joints[5] - joints[17]), 4.0
    )
    wrist = np.round(joints[0]).astype(int)
    back = joints[0] - 0.5 * (joints[9] + joints[13])
    back /= max(np.linalg.norm(back), 1e-6)

    def bones(width: float) -> np.ndarray:
        drawn = np.zeros((MASK, MASK), np.uint8)
        thick = max(1, round(width * palm))
        for chain in _CHAINS:
            cv2.polylines(drawn, [np.round(joints[chain]).astype(np.int32)], False, 1, thick)
        return cv2.fillPoly(drawn, [np.round(joints[_PALM]).astype(np.int32)], 1)

    def arm(drawn: np.ndarray, width: float, length: float) -> np.ndarray:
        elbow = np.round(joints[0] + back * palm * length).astype(int)
        return cv2.line(drawn, wrist.tolist(), elbow.tolist(), 1, max(1, round(width * palm)))

    sure, likely = bones(0.16), arm(bones(0.62), 1.0, 1.0)
    perhaps = arm(np.zeros((MASK, MASK), np.uint8), 1.5, 6.0)
    cv2.circle(perhaps, wrist.tolist(), int(1.1 * palm), 1, -1)
    state = np.full((MASK, MASK), cv2.GC_BGD, np.uint8)
    state[perhaps > 0] = cv2.GC_PR_BGD
    state[likely > 0] = cv2.GC_PR_FGD
    state[sure > 0] = cv2.GC_FGD
    if not (state == cv2.GC_BGD).any():
        return np.zeros((MASK, MASK), bool)
    cv2.setRNGSeed(0)
    cv2.grabCut(small, state, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))
    _, regions = cv2.connectedComponents(found.astype(np.uint8))
    return found & np.isin(regions, np.unique(regions[sure > 0]))


def _keep(path: Path, **arrays: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as made, made.open("wb") as file:
        np.savez(file, **arrays)


def _kept(path: Path) -> Pictures:
    with np.load(path, allow_pickle=False) as stored:
        return Pictures(stored["images"], stored["labels"], stored["points"], stored["masks"])
