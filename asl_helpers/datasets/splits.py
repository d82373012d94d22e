"""Splitting a collection into train, validation and test so that near-copies stay on one side.

Sign Language MNIST is why near-copies are looked for: its rows are photographs repeated about
twenty times with another brightness, contrast, blur or a turn of a few degrees, and shuffled.
Undoing brightness and contrast shows it: within a class, the correlation of two rows is either
above 0.97 (the same photograph) or mostly far below 0.95.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from asl_helpers.datasets.catalog import Collection
from asl_helpers.errors import AslError, did_you_mean

SPLITS = ("blocks", "official", "signer", "random")
"""The ways to split; only ``random`` lets near-copies of a training image into the test part."""

PARTS = ("train", "validation", "test")
SHARES = (0.7, 0.15, 0.15)
GAP = 30
"""Frames left out on the training side of each cut through a video: one second at 30 a second."""

SAME_PHOTO = 0.95
"""Two images of a class with at least this correlation count as copies of one photograph."""

_UNUSED = -1


def assign(collection: Collection, split: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of each image and the block that kept it together, int8 and int64 (n,).

    Parts are indices into ``PARTS``, or -1 for a frame left out between two blocks. The same seed
    gives the same split.

    ``"blocks"``
        Whole clips where they are known, else runs of consecutive frames, else the near-copies of
        one photograph.
    ``"official"``
        The publisher's test part; validation is taken by blocks from its training part.
    ``"signer"``
        No person in two parts.
    ``"random"``
        Image by image, which leaks wherever images are near-copies.
    """
    if split not in SPLITS:
        raise AslError(f"No split {split!r}.{did_you_mean(split, SPLITS)}")
    rng = np.random.default_rng(seed)
    everything = np.arange(len(collection))
    if split == "random":
        return _at_random(collection, rng), everything
    if split == "signer":
        return _by_signer(collection, rng), collection.signers
    if split == "official":
        return _official(collection, rng)
    return _by_blocks(collection, everything, SHARES, rng)


def _by_blocks(collection, indices, shares, rng):
    """Split the images at ``indices`` by known groups, runs of frames, or near-copies."""
    groups = collection.groups
    if groups is None and collection.frames is not None:
        return _by_frames(collection, indices, shares, rng)
    if groups is None:
        groups = np.full(len(collection), _UNUSED, np.int64)
        groups[indices] = near_copies(collection.images[indices], collection.labels[indices])
    return _by_groups(collection, indices, groups, shares, rng), groups


def _at_random(collection, rng):
    """Deal the images of each class out one by one."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    for label in range(len(collection.class_names)):
        rows = rng.permutation(np.flatnonzero(collection.labels == label))
        _check_enough(collection, label, len(rows), "images", len(PARTS))
        for part, run in enumerate(np.split(rows, _ends(SHARES, len(rows))[:-1])):
            parts[run] = part
    return parts


def _by_groups(collection, indices, groups, shares, rng):
    """Give whole groups to the parts, class by class, so that each class is in each part."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    for label in range(len(collection.class_names)):
        rows = indices[collection.labels[indices] == label]
        names, sizes = np.unique(groups[rows], return_counts=True)
        _check_enough(collection, label, len(names), "separate blocks", np.count_nonzero(shares))
        order = rng.permutation(len(names))
        filled = np.zeros(len(shares))
        for rank, group in enumerate(order):
            left = len(order) - rank
            empty = [part for part in range(len(shares)) if shares[part] and not filled[part]]
            if left <= len(empty):  # the last blocks go where there is none yet
                part = empty[0]
            else:
                short = np.array(shares) * len(rows) - filled
                part = len(short) - 1 - int(np.argmax(short[::-1]))  # a tie goes to the test part
            filled[part] += sizes[group]
            parts[rows[groups[rows] == names[group]]] = part
    return parts


def _by_frames(collection, indices, shares, rng):
    """Cut each class's video into one run of frames per part, with a gap at each cut."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    blocks = np.full(len(collection), _UNUSED, np.int64)
    wanted = np.flatnonzero(shares)
    for label in range(len(collection.class_names)):
        rows = indices[collection.labels[indices] == label]
        rows = rows[np.argsort(collection.frames[rows], kind="stable")]
        _check_enough(collection, label, len(rows), "images", len(wanted))
        order = rng.permutation(wanted)
        cuts = _ends([shares[part] for part in order], len(rows))[:-1]
        for part, run in zip(order, np.split(rows, cuts), strict=True):
            parts[run] = part
            blocks[run] = label * len(shares) + part
        _open_gaps(parts, rows, collection.frames, cuts)
    return parts, blocks


def _ends(shares, n):
    """Return where each run ends when ``n`` frames are cut by ``shares``, none of them empty."""
    ends = np.round(np.cumsum(shares) / np.sum(shares) * n).astype(int)
    for index in range(len(ends)):
        lowest = (ends[index - 1] if index else 0) + 1
        ends[index] = min(max(ends[index], lowest), n - (len(ends) - 1 - index))
    return ends


def _open_gaps(parts, rows, frames, cuts):
    """Leave out the frames nearest to each cut, on the side of the larger part.

    A short video keeps at least half of that side, so that no part runs empty.
    """
    sides = parts[rows].copy()
    for cut in cuts:
        left, right = sides[cut - 1], sides[cut]
        larger = left if np.sum(sides == left) >= np.sum(sides == right) else right
        if larger == left:
            near = frames[rows] > frames[rows[cut]] - GAP
            drop = np.flatnonzero(near & (sides == left) & (np.arange(len(rows)) < cut))[::-1]
        else:
            near = frames[rows] < frames[rows[cut - 1]] + GAP
            drop = np.flatnonzero(near & (sides == right) & (np.arange(len(rows)) >= cut))
        spare = np.sum(parts[rows] == larger) - -(-np.sum(sides == larger) // 2)
        parts[rows[drop[: max(0, spare)]]] = _UNUSED


def _by_signer(collection, rng):
    """Give whole signers to the parts: at least one each, the rest by share."""
    known = [] if collection.signers is None else np.unique(collection.signers)
    if len(known) < len(PARTS):
        raise AslError(
            f"{collection.source}: {len(known)} known signers, and split='signer' needs at least "
            f"{len(PARTS)}. Use split='blocks'."
        )
    people = rng.permutation(known)
    parts = np.full(len(collection), _UNUSED, np.int8)
    for part, signers in enumerate(np.split(people, _ends(SHARES, len(people))[:-1])):
        mine = np.isin(collection.signers, signers)
        parts[mine] = part
        there = set(collection.labels[mine].tolist())
        names = [name for label, name in enumerate(collection.class_names) if label not in there]
        if names:
            raise AslError(
                f"{collection.source}: split='signer' leaves no image of {', '.join(names[:5])} in "
                f"the {PARTS[part]} part. Use another seed or split='blocks'."
            )
    return parts


def _official(collection, rng):
    """Keep the publisher's test part; take validation by blocks from the training part."""
    if collection.parts is None or not {"train", "test"} <= set(collection.parts):
        raise AslError(
            f"{collection.source}: no official training and test part in it. Use split='blocks'."
        )
    training = np.flatnonzero(collection.parts == "train")
    shares = (1 - SHARES[1], SHARES[1], 0.0)
    parts, blocks = _by_blocks(collection, training, shares, rng)
    testing = collection.parts == "test"
    parts[testing] = PARTS.index("test")
    return parts, np.where(testing, blocks.max() + 1, blocks)


def _check_enough(collection, label, count, what, needed):
    if count < needed:
        raise AslError(
            f"{collection.source}: class {collection.class_names[label]!r} has {count} {what}, and "
            f"this split needs at least {needed}. Add images of it, or choose another split."
        )


def fingerprints(images: np.ndarray) -> np.ndarray:
    """Return unit vectors, float32 (n, pixels), whose dot products are correlations of images.

    Images are uint8 (n, height, width, channels); large ones are averaged down to about 28 pixels
    a side. Brightness (the mean) and contrast (the length) are taken out, so that a brighter copy
    of an image has the same fingerprint.
    """
    step = max(1, min(images.shape[1:3]) // 28)
    rows, columns = (images.shape[1] // step, images.shape[2] // step)
    cut = images[:, : rows * step, : columns * step]
    small = cut.reshape(len(images), rows, step, columns, step, -1).mean((2, 4, 5), np.float32)
    flat = small.reshape(len(images), -1)
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.maximum(length, 1e-6)


def near_copies(
    images: np.ndarray, labels: np.ndarray, threshold: float = SAME_PHOTO
) -> np.ndarray:
    """Number the photographs behind the images, int64 (n,): copies of one have equal numbers.

    Images are uint8 (n, height, width, channels). Two of one class are copies if their correlation
    is at least ``threshold``. Chains count: if a is a copy of b and b of c, all three share a
    number, so that no near pair can be parted.
    """
    groups = np.empty(len(labels), np.int64)
    first = 0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        prints = fingerprints(images[rows])
        count, numbers = connected_components(prints @ prints.T >= threshold, directed=False)
        groups[rows] = numbers + first
        first += count
    return groups


@dataclass(frozen=True)
class Leakage:
    """How near test images come to the training images, image by image, (n,) each."""

    distance: np.ndarray  # 1 - correlation with the nearest training image: 0 is a copy, 1 unlike
    nearest: np.ndarray  # index of that training image in the source
    indices: np.ndarray  # indices of the images that were asked about

    @property
    def copies(self) -> float:
        """Return the share of images, 0 to 1, that have a near-copy in the training part."""
        return float(np.mean(self.distance <= 1 - SAME_PHOTO))


def leakage(data, sample: int = 500, seed: int = 0) -> Leakage:
    """Find the nearest training image of each of ``sample`` test images, drawn by ``seed``.

    ``data`` is what ``load`` returns; compare the same set under ``split="random"`` and
    ``"blocks"``. Images are compared at about 28 x 28 pixels, within a class. All training images
    are read, so load large sets with ``size=`` and ``limit=``.
    """
    images, labels = data.collection.images, data.collection.labels
    mine, train = data.indices("test"), data.indices("train")
    rng = np.random.default_rng(seed)
    mine = np.sort(rng.choice(mine, min(sample, len(mine)), replace=False))
    distance = np.empty(len(mine), np.float32)
    nearest = np.empty(len(mine), np.int64)
    for label in np.unique(labels[mine]):
        asked = np.flatnonzero(labels[mine] == label)
        there = train[labels[train] == label]
        prints = [fingerprints(images[rows]) for rows in (mine[asked], there)]
        correlation = prints[0] @ prints[1].T
        best = correlation.argmax(axis=1)
        nearest[asked] = there[best]
        distance[asked] = 1 - correlation.max(axis=1)
    return Leakage(np.clip(distance, 0, 2), nearest, mine)
