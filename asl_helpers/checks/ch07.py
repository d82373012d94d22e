"""Checkers of chapter 7: the data and its trap."""

from typing import Any

import numpy as np

from asl_helpers.checks.core import CAUGHT, Check, Exercise, case, numbers, run

SHARE = 0.25
_NO_J = np.array([label for label in range(25) if label != 9])


def _remap(labels):
    if not np.isin(labels, _NO_J).all():
        raise ValueError("a label that is none of the 24")
    return labels - (labels > 9)


def _refuses_other_labels(check: Check, answer: Any) -> None:
    """Check that a 9 and a 25 are refused by a ValueError."""
    _, broken = run(answer, _NO_J)  # a function that fails for every label refuses nothing
    for what, labels in ((9, np.array([0, 9, 24])), (25, np.array([25, 3, 1]))):
        check.record(f"a {what} is refused", broken or _refusal(answer, labels, what))


def _refusal(answer: Any, labels: np.ndarray, what: int) -> str | None:
    try:
        value = answer(labels)
    except ValueError:
        return None
    except CAUGHT as error:
        return f"{type(error).__name__} was raised; a ValueError is asked for."
    return f"A {what} came through, in {value!r}: no such letter is in the set."


def _asserted(labels):
    assert np.isin(labels, _NO_J).all()
    return labels - (labels > 9)


remap = Exercise(
    points=3,
    reference=_remap,
    cases={
        "all 24 letters": case(np.random.default_rng(7).permutation(_NO_J)),
        "a part in which letters are missing": case(np.array([3, 24, 11, 8, 10, 3, 23])),
    },
    misconceptions={
        "Nothing has moved: K is still 10, and Y would need a 25th output.": lambda y: y,
        "Every letter has moved down: A to I stand before the gap and stay.": lambda y: y - 1,
        "K, a 10 in the file, moves as well: the gap is at 9.": lambda y: y - (y > 10),
        "Y is put into the gap: the alphabet's order is lost.": lambda y: np.where(y == 24, 9, y),
        "X and Y have become one class, 23.": lambda y: np.minimum(y, 23),
        "By the letters that occur: else B is 0.": lambda y: np.unique(y, return_inverse=True)[1],
    },
    tests=_refuses_other_labels,
    wrong_answers={
        "A 9 came through": lambda labels: labels - (labels > 9),
        "AssertionError was raised; a ValueError is asked for.": _asserted,
    },
)  # fmt: skip


_RNG = np.random.default_rng(17)
_TRAIN = _RNG.integers(90, 200, (20, 4, 4, 1), dtype=np.uint8)


def _grey(low, high, count):
    return _RNG.integers(low, high, (count, 4, 4, 1), dtype=np.uint8)


def _standardise(train, images, axis=None):
    return (images - train.mean(axis, keepdims=True)) / train.std(axis, keepdims=True)


standardise = Exercise(
    points=3,
    reference=lambda train, images: (images - train.mean()) / train.std(),
    cases={
        "the training pictures themselves": case(_TRAIN, _TRAIN),
        "brighter pictures stay brighter": case(_TRAIN, _grey(180, 256, 6)),
        "one picture alone": case(_TRAIN, _grey(0, 120, 1)),
    },
    misconceptions={
        "Measured by their own statistics: use those of `train`.": lambda t, x: _standardise(x, x),
        "The statistics of both sets: the second one has a say in them.":
            lambda t, x: _standardise(np.concatenate([t, x]), x),
        "Each picture by itself: its brightness is lost.":
            lambda t, x: _standardise(x, x, axis=(1, 2, 3)),
        "A mean for each pixel: take one for all.": lambda t, x: _standardise(t, x, axis=0),
        "Divided by the variance: take its root.": lambda t, x: (x - t.mean()) / t.var(),
        "The deviation divides by n, not by n - 1.": lambda t, x: (x - t.mean()) / t.std(ddof=1),
        "The mean is taken off; divide by the deviation, too.": lambda t, x: x - t.mean(),
        "Divided by the deviation, but the mean is not taken off.": lambda t, x: x / t.std(),
        "These are the numbers 0 to 1; mean 0, deviation 1 are asked for.": lambda t, x: x / 255.0,
    },
)  # fmt: skip


def _by(choose=lambda products: products, centre=True, unit=True):
    """Return a nearest by the products of rows, centred and of length 1 unless told otherwise."""

    def rows(images):
        flat = images.reshape(len(images), -1).astype(float)
        flat = flat - flat.mean(axis=1, keepdims=True) * centre
        return flat / np.linalg.norm(flat, axis=1, keepdims=True) if unit else flat

    def nearest(queries, pictures):
        table = choose(rows(queries) @ rows(pictures).T)
        return table.argmax(axis=1), table.max(axis=1)

    return nearest


def _least_difference(queries, pictures):
    table = ((queries[:, None].astype(float) - pictures) ** 2).sum(axis=(2, 3))
    return np.array([table.argmin(axis=1), table.min(axis=1)])


_nearest = _by()
_RNG = np.random.default_rng(27)
_NOISE = _RNG.integers(0, 256, (30, 6, 6), dtype=np.uint8)
_QUERY = _RNG.integers(40, 200, (1, 6, 6), dtype=np.uint8)
_COPY = (_QUERY[0] * 0.3 + 170).astype(np.uint8)
_NEAR = np.clip(_QUERY[0] + _RNG.normal(0, 30, (6, 6)), 0, 255).astype(np.uint8)

nearest = Exercise(
    points=3,
    reference=_nearest,
    read=lambda value: np.array(value) if isinstance(value, tuple) else value,
    cases={
        "a brighter, flatter copy": case(_QUERY, np.stack([_NOISE[0], _NEAR, _COPY, _NOISE[1]])),
        "a negative is no copy": case(_QUERY, np.stack([255 - _QUERY[0], _NEAR, _NOISE[2]])),
        "five queries among thirty": case(_NOISE[:5] // 4 + 90, _RNG.permutation(_NOISE)),
    },
    misconceptions={
        "This is the smallest difference in grey levels: a brighter copy is far away by that.":
            _least_difference,
        "A negative has r = -1: do not take the absolute value.": _by(np.abs),
        "The mean is not taken off: any two bright pictures look alike.": _by(centre=False),
        "The length is not divided out: the picture with the most contrast wins.": _by(unit=False),
        "This is the least similar picture: the largest r is asked for.": _by(np.negative),
        "The second array is 1 - r: return r.": lambda *a: (_nearest(*a)[0], 1 - _nearest(*a)[1]),
        "Two arrays were expected: places and correlations.": lambda *a: _nearest(*a)[0],
        "One place for each query was expected.": lambda q, p: _nearest(p, q),
    },
)  # fmt: skip


def _block_split(labels, blocks, share, rng):
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mine = labels == label
        for block in rng.permutation(np.unique(blocks[mine])):
            if test[mine].mean() < share:
                test |= mine & (blocks == block)
    return test


def _splits_blocks(check: Check, answer: Any) -> None:
    """Check that whole blocks of each letter are drawn, in about the share that is asked for."""
    rng = np.random.default_rng(37)
    blocks = rng.permutation(np.repeat(np.arange(48), rng.integers(4, 7, 48)))
    labels = blocks % 12
    masks, message = [], None
    for seed in (0, 0, 1):
        mask, failed = run(answer, labels, blocks, SHARE, np.random.default_rng(seed))
        mask = numbers(mask)
        if not failed and (mask is None or mask.shape != labels.shape):
            failed = f"Expected a mask of shape {labels.shape}: one True or False for each picture."
        elif not failed and mask.dtype != bool:
            failed = f"The mask is of type {mask.dtype}; bool is needed, True for the test part."
        masks.append(np.zeros(labels.shape, bool) if failed else mask)
        message = message or failed
    for label, fault in _faults(*masks, labels, blocks):
        check.record(label, message or fault)


def _faults(test, again, other, labels, blocks):
    """Yield each respect, and what is wrong with a split drawn twice and another one, if any."""
    both, share = np.intersect1d(blocks[test], blocks[~test]).size, float(test.mean())
    message = f"{both} of 48 blocks lie on both sides: deal out whole blocks, not pictures."
    yield "no block lies on both sides", message if both else None
    missing = [
        f"Letter {label} has no picture in the {name} part: deal out the blocks of each letter by "
        "themselves."
        for part, name in ((test, "test"), (~test, "training"))
        for label in np.setdiff1d(labels, labels[part])
    ]
    yield "every letter is in both parts", missing[0] if missing else None
    message = f"With share = {SHARE} the test part has {share:.2f} of the pictures."
    if SHARE - 0.1 <= share <= SHARE + 0.2:
        message = None
    elif abs(share - (1 - SHARE)) <= 0.15:
        message = f"{share:.2f} of the pictures: True must mark the test part, not the training."
    yield "the test part is about as large as asked", message
    message = None
    if not np.array_equal(test, again):
        message = "The same seed gives two different splits: draw from `rng` alone."
    elif np.array_equal(test, other):
        message = "Every `rng` gives the same split: put the blocks in random order first."
    yield "chance decides, and a seed repeats it", message


block_split = Exercise(
    points=4,
    reference=_block_split,
    tests=_splits_blocks,
    wrong_answers={
        "deal out whole blocks, not pictures.":
            lambda y, blocks, *a: _block_split(y, np.arange(len(y)), *a),
        "deal out the blocks of each letter by themselves.":
            lambda labels, blocks, share, rng: np.isin(blocks, rng.permutation(48)[:12]),
        "True must mark the test part": lambda *a: ~_block_split(*a),
        "put the blocks in random order first.":
            lambda *a: _block_split(*a[:3], np.random.default_rng(5)),
        "bool is needed, True for the test part.": lambda *a: _block_split(*a).astype(int),
        "one True or False for each picture.": lambda *a: np.flatnonzero(_block_split(*a)),
    },
)  # fmt: skip
