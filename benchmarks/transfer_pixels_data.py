"""Images for `transfer_pixels`: two real signers with guides, drawn hands, backdrops.

Guides are what helps in training and is never used in testing: where the joints are, and which
pixels are hand, so that another room can be put behind it.
"""

from dataclasses import dataclass, replace

import numpy as np

import asl_helpers as asl
from asl_helpers import hand
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS
from asl_helpers.hand.scene import clutter, sample_look
from benchmarks.record import memory, real_folder
from tools.pretrain_backbone import drawn_chunk

CLASSES = (*LETTERS, "del", "space")
"""The 28 classes with a hand; "nothing" is left out, and gives backdrops instead."""

SIZE, MASK = 96, 64
"""Pixels a side at which images are kept, and those of a mask."""

GUIDED = {"asl_alphabet": 160, "asl_rooms": 100}
"""Training images per class, evenly spaced, whose hands are cut out."""

_PAPER = ((1.0, 1.0, 1.0),) * 4
_CHAINS = [[0, *range(first, first + 4)] for first in range(1, 21, 4)]
_PALM = [0, 1, 2, 5, 9, 13, 17]


@dataclass
class Pictures:
    """n images with a hand.

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
    """Return images of which nothing but the class is known."""
    n = len(labels)
    points = np.full((n, 21, 2), np.nan, np.float32)
    return Pictures(images, labels, points, np.zeros((n, MASK, MASK), bool))


def drawn(seed: int, n: int = 2000) -> Pictures:
    """Return drawn hands with exact guides."""
    batch = hand.sample_hands(CLASSES, n, seed=seed)
    rng = np.random.default_rng([seed, 1])
    looks = [sample_look(rng, int(skin)) for skin in batch.skin]
    plain = {"noise": 0.0, "blur": (0.0, 0.0), "defocus": 0.0}
    bare = [replace(look, background="paper", palette=_PAPER, **plain) for look in looks]
    images = hand.render(batch, SIZE, seed=seed, look=looks)
    # Before white paper, whatever is not white is hand: skin and cloth never reach it.
    on_paper = hand.render(batch, MASK, seed=seed, look=bare, supersample=1)
    points = batch.image[..., :2].astype(np.float32)
    return Pictures(images, batch.label.astype(np.int64), points, on_paper.min(axis=-1) < 250)


def drawn_hands(guided: int, without: int) -> list[Pictures]:
    """Return so many chunks of 2,000 drawn hands with guides, and so many without.

    The latter are those that the course's backbone was pretrained on.
    """
    kept = memory("transfer_pixels").cache(drawn)
    more = [unguided(*with_hand(*drawn_chunk(number))) for number in range(without)]
    return [together([kept(7000 + chunk) for chunk in range(guided)]), together(more)]


@dataclass
class Signer:
    """One real set: what is learnt from, what is held out to choose by, and all of it.

    Attributes
    ----------
    train, validation:
        Disjoint blocks of frames; validation and everything are (images, labels).
    everything:
        All images with a class in CLASSES, for the test of another's model.
    empty:
        (m, 96, 96, 3) uint8: the training part's images of the class "nothing".
    """

    train: Pictures
    validation: tuple[np.ndarray, np.ndarray]
    everything: tuple[np.ndarray, np.ndarray]
    empty: np.ndarray


def signer(name: str) -> Signer:
    """Return a real set by blocks of frames, its training part with guides."""
    data = asl.load(name, split="blocks", size=SIZE, verbose=False)
    if not data.info.is_real:
        raise SystemExit(f"{name}: only its drawn twin is there. Put the set into ASL_DATA_DIR.")
    images, labels = data.arrays("train")
    points, masks = memory("transfer_pixels").cache(guides)(name, data.info.sha256)
    has_hand = labels != KAGGLE_CLASSES.index("nothing")
    collection = data.collection
    every = np.arange(len(collection))
    return Signer(
        train=Pictures(*with_hand(images, labels), points[has_hand], masks[has_hand]),
        validation=with_hand(*data.arrays("validation")),
        everything=with_hand(collection.images[every], collection.labels),
        empty=images[~has_hand],
    )


def scenes(empty: list[np.ndarray], seed: int = 0) -> np.ndarray:
    """Return backdrops (m, 96, 96, 3) uint8: drawn clutter, drawn rooms, the given images."""
    rooms, _ = hand.sample_images(("nothing",), 400, SIZE, seed=6000 + seed)
    return np.concatenate([clutter(1500, SIZE, seed), rooms, *empty])


def with_hand(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of the 28 classes, labelled by their place in CLASSES."""
    place = np.array([CLASSES.index(n) if n in CLASSES else -1 for n in KAGGLE_CLASSES])[labels]
    return images[place >= 0], place[place >= 0]


def guides(name: str, sha256: str) -> tuple[np.ndarray, np.ndarray]:
    """Find joints and cut out hands in the training part; ``sha256`` is for the cache."""
    data = asl.load(name, split="blocks", size=SIZE, verbose=False)
    rows = data.indices("train")
    labels = data.collection.labels[rows]
    chosen = []
    for label, class_name in enumerate(KAGGLE_CLASSES):
        mine = np.flatnonzero(labels == label)
        if class_name != "nothing":
            few = np.linspace(0, len(mine) - 1, min(GUIDED[name], len(mine)))
            chosen.extend(mine[few.round().astype(int)])
    points = _known_points(data, rows) if name == "asl_alphabet" else None
    if points is None:
        points = np.full((len(rows), 21, 2), np.nan, np.float32)
        points[chosen] = _tracked(name, rows[chosen])
    masks = np.zeros((len(rows), MASK, MASK), bool)
    for row in (row for row in chosen if np.isfinite(points[row]).all()):
        masks[row] = cut_out(data.collection.images[rows[[row]]][0], points[row])
    return points, masks


def _known_points(data, rows: np.ndarray) -> np.ndarray | None:
    """Return the published landmarks of ASL Alphabet's images, by file name, if they are here."""
    path = real_folder("asl_alphabet") / "landmarks_asl_alphabet.npz"
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        place = {file: row for row, file in enumerate(stored["names"].tolist())}
        landmarks = stored["landmarks"][..., :2]
    points = np.full((len(rows), 21, 2), np.nan, np.float32)
    pairs = zip(data.collection.labels[rows], data.collection.frames[rows], strict=True)
    for row, (label, frame) in enumerate(pairs):
        file = f"{KAGGLE_CLASSES[label]}{frame}.jpg"
        if file in place:
            points[row] = landmarks[place[file]]
    return points


def _tracked(name: str, rows: np.ndarray) -> np.ndarray:
    from asl_helpers.tracking import track_all

    collection = asl.load(name, split="blocks", verbose=False).collection  # its own size
    tracked = track_all(collection.images[rows[[i]]][0] for i in range(len(rows)))
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
