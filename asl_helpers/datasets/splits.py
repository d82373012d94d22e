"""Splitting a collection into train, validation and test so that near-copies stay on one side."""

import numpy as np

from asl_helpers.datasets.catalog import DatasetError
from asl_helpers.datasets.collection import Collection
from asl_helpers.datasets.grouping import near_copies
from asl_helpers.errors import did_you_mean

SPLITS = ("blocks", "official", "signer", "random")
"""The ways to split; only ``random`` lets near-copies of a training picture into the test part."""

PARTS = ("train", "validation", "test")
SHARES = (0.7, 0.15, 0.15)
GAP = 30
"""Frames left out on the training side of each cut through a video: one second at 30 a second."""

_UNUSED = -1


def assign(collection: Collection, split: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of each picture and the block that kept it together.

    Parameters
    ----------
    collection:
        The pictures to split.
    split:
        ``"blocks"``: whole clips where they are known, else runs of consecutive frames, else the
        near-copies of one photograph. ``"official"``: the publisher's test part; validation is
        taken by blocks from its training part. ``"signer"``: no person on two sides.
        ``"random"``: picture by picture, which leaks wherever pictures are near-copies.
    seed:
        The same seed gives the same split.

    Returns
    -------
    parts, blocks
        int8 and int64 of shape (n,). ``parts`` holds indices into ``PARTS``, or -1 for a frame
        left out between two blocks.
    """
    if split not in SPLITS:
        raise DatasetError(f"No split {split!r}.{did_you_mean(split, SPLITS)}")
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
    """Split the pictures at ``indices`` by known groups, runs of frames, or near-copies."""
    groups = collection.groups
    if groups is None:
        if collection.frames is not None:
            return _by_frames(collection, indices, shares, rng)
        groups = near_copies(collection.images.read(indices), collection.labels[indices])
        whole = np.full(len(collection), _UNUSED, np.int64)
        whole[indices] = groups
        groups = whole
    return _by_groups(collection, indices, groups, shares, rng), groups


def _at_random(collection, rng):
    """Deal the pictures of each class out one by one."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    for label, name in enumerate(collection.class_names):
        places = rng.permutation(np.flatnonzero(collection.labels == label))
        if len(places) < len(PARTS):
            raise DatasetError(
                f"{collection.source}: class {name!r} has {len(places)} pictures, and a split "
                f"needs {len(PARTS)}. Add pictures of it."
            )
        start = 0
        for part, end in enumerate(_ends(SHARES, len(places))):
            parts[places[start:end]] = part
            start = end
    return parts


def _by_groups(collection, indices, groups, shares, rng):
    """Give whole groups to the parts, class by class, so that each class is in each part."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    wanted = np.count_nonzero(shares)
    for label, name in enumerate(collection.class_names):
        places = indices[collection.labels[indices] == label]
        names, sizes = np.unique(groups[places], return_counts=True)
        if len(names) < wanted:
            raise DatasetError(
                f"{collection.source}: class {name!r} has {len(places)} pictures in "
                f"{len(names)} separate blocks, and a split by blocks needs {wanted}. Add pictures "
                "of it, or choose another split."
            )
        order = rng.permutation(len(names))
        filled = np.zeros(len(shares))
        for rank, place in enumerate(order):
            left = len(order) - rank
            empty = [part for part in range(len(shares)) if shares[part] and not filled[part]]
            if left <= len(empty):  # the last blocks go where there is none yet
                part = empty[0]
            else:
                short = np.array(shares) * len(places) - filled
                part = len(short) - 1 - int(np.argmax(short[::-1]))  # a tie goes to the test part
            filled[part] += sizes[place]
            parts[places[groups[places] == names[place]]] = part
    return parts


def _by_frames(collection, indices, shares, rng):
    """Cut each class's video into one run of frames a part, with a gap at each cut."""
    parts = np.full(len(collection), _UNUSED, np.int8)
    blocks = np.full(len(collection), _UNUSED, np.int64)
    wanted = np.flatnonzero(shares)
    for label, name in enumerate(collection.class_names):
        places = indices[collection.labels[indices] == label]
        places = places[np.argsort(collection.frames[places], kind="stable")]
        if len(places) < len(wanted):
            raise DatasetError(
                f"{collection.source}: class {name!r} has {len(places)} pictures; a split by "
                f"blocks needs at least {len(wanted)}. Add pictures of it."
            )
        order = rng.permutation(wanted)
        ends = _ends([shares[part] for part in order], len(places))
        start = 0
        for part, end in zip(order, ends, strict=True):
            parts[places[start:end]] = part
            blocks[places[start:end]] = label * len(shares) + part
            start = end
        _open_gaps(parts, places, collection.frames, ends[:-1])
    return parts, blocks


def _ends(shares, n):
    """Return where each run ends when ``n`` frames are cut by ``shares``, none of them empty."""
    ends = np.round(np.cumsum(shares) / np.sum(shares) * n).astype(int)
    for place in range(len(ends)):
        lowest = (ends[place - 1] if place else 0) + 1
        ends[place] = min(max(ends[place], lowest), n - (len(ends) - 1 - place))
    return ends


def _open_gaps(parts, places, frames, cuts):
    """Leave out the frames nearest to each cut, on the side of the larger part.

    A short video keeps at least half of that side, so that no part runs empty.
    """
    sides = parts[places].copy()
    for cut in cuts:
        left, right = sides[cut - 1], sides[cut]
        larger = left if np.sum(sides == left) >= np.sum(sides == right) else right
        if larger == left:
            near = frames[places] > frames[places[cut]] - GAP
            drop = np.flatnonzero(near & (sides == left) & (np.arange(len(places)) < cut))[::-1]
        else:
            near = frames[places] < frames[places[cut - 1]] + GAP
            drop = np.flatnonzero(near & (sides == right) & (np.arange(len(places)) >= cut))
        spare = np.sum(parts[places] == larger) - -(-np.sum(sides == larger) // 2)
        drop = drop[: max(0, spare)]
        parts[places[drop]] = _UNUSED


def _by_signer(collection, rng):
    """Give whole signers to the parts: at least one each, the rest by share."""
    if collection.signers is None:
        raise DatasetError(
            f"{collection.source}: who signs is not known, so split='signer' is not possible. "
            "Use split='blocks'."
        )
    people = rng.permutation(np.unique(collection.signers))
    if len(people) < len(PARTS):
        raise DatasetError(
            f"{collection.source}: {len(people)} signers, and split='signer' needs at least "
            f"{len(PARTS)}. Use split='blocks'."
        )
    ends = _ends(SHARES, len(people))
    parts = np.full(len(collection), _UNUSED, np.int8)
    start = 0
    for part, end in enumerate(ends):
        parts[np.isin(collection.signers, people[start:end])] = part
        start = end
    _check_all_classes(collection, parts, "signer")
    return parts


def _official(collection, rng):
    """Keep the publisher's test part; take validation by blocks from the training part."""
    if collection.parts is None or not {"train", "test"} <= set(collection.parts):
        raise DatasetError(
            f"{collection.source}: no official training and test part in it. Use split='blocks'."
        )
    training = np.flatnonzero(collection.parts == "train")
    shares = (1 - SHARES[1], SHARES[1], 0.0)
    parts, blocks = _by_blocks(collection, training, shares, rng)
    testing = np.flatnonzero(collection.parts == "test")
    parts[testing] = PARTS.index("test")
    blocks = blocks.copy()
    blocks[testing] = blocks.max() + 1
    return parts, blocks


def _check_all_classes(collection, parts, split):
    for part, title in enumerate(PARTS):
        there = np.unique(collection.labels[parts == part])
        if len(there) < len(collection.class_names):
            missing = sorted(set(range(len(collection.class_names))) - set(there.tolist()))
            names = ", ".join(collection.class_names[label] for label in missing[:5])
            raise DatasetError(
                f"{collection.source}: split={split!r} leaves no picture of {names} in the "
                f"{title} part. Use another seed or split='blocks'."
            )
