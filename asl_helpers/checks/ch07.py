"""Checkers of chapter 7: the data and its trap."""

from typing import Any

import numpy as np

from asl_helpers.checks.core import CAUGHT, Check, Exercise, case, compare, kind, numbers, run

SHARE = 0.25
_NO_J = np.array([label for label in range(25) if label != 9])


def _remap(labels):
    if not np.isin(labels, _NO_J).all():
        raise ValueError("a label that is none of the 24")
    return labels - (labels > 9)


def _refuses_other_labels(check: Check, answer: Any) -> None:
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
    "``remap(labels)``: integers 0-24 without 9 -> 0-23, anything else a ValueError",
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
    "``standardise(train, images)``: ``images`` by mean and deviation of ``train``",
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
        "A mean for each pixel: take one for the whole set.":
            lambda t, x: _standardise(t, x, axis=0),
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
    table = -((queries[:, None].astype(float) - pictures) ** 2).sum(axis=(2, 3))
    return table.argmax(axis=1), table.max(axis=1)


_nearest = _by()
_WRONG_LIKENESS = {
    "This is the smallest difference in grey levels: a brighter copy is far away by that. Take off "
    "each picture's mean and divide by its length.": _least_difference,
    "A negative has r = -1: do not take the absolute value.": _by(np.abs),
    "The mean is not taken off: any two bright pictures look alike.": _by(centre=False),
    "The length is not divided out: the picture with the most contrast wins.": _by(unit=False),
    "This is the least similar picture: the largest r is asked for.": _by(np.negative),
}


def _finds_nearest(check: Check, answer: Any) -> None:
    rng = np.random.default_rng(27)
    noise = rng.integers(0, 256, (30, 6, 6), dtype=np.uint8)
    query = rng.integers(40, 200, (1, 6, 6), dtype=np.uint8)
    copy = (query[0] * 0.3 + 170).astype(np.uint8)
    near = np.clip(query[0] + rng.normal(0, 30, (6, 6)), 0, 255).astype(np.uint8)
    cases = {
        "a brighter, flatter copy": (query, np.stack([noise[0], near, copy, noise[1]])),
        "a negative is no copy": (query, np.stack([255 - query[0], near, noise[2]])),
        "five queries among thirty": (noise[:5] // 4 + 90, rng.permutation(noise)),
    }
    for label, given in cases.items():
        check.record(label, _nearest_message(answer, *given))


def _nearest_message(answer: Any, queries: np.ndarray, pictures: np.ndarray) -> str | None:
    """Return what is wrong with the answer on these pictures, or None."""
    result, message = run(answer, queries, pictures)
    if message:
        return message
    if not isinstance(result, tuple | list) or len(result) != 2:
        return f"Two arrays were expected, (places, correlations); this is {kind(result)}."
    places, values = (numbers(part) for part in result)
    if places is None or values is None or places.shape != values.shape:
        return "Both parts of the answer are arrays of numbers, one for each query."
    if places.shape != (len(queries),):
        return f"One place for each query was expected, {(len(queries),)}; got {places.shape}."
    right, correlations = _nearest(queries, pictures)
    right_places = np.array_equal(places, right)
    if right_places and compare(values, correlations) is None:
        return None
    if right_places and compare(values, 1 - correlations) is None:
        return "The places are right; the second array is 1 - r, the correlation r is asked for."
    wrong = {words: each(queries, pictures) for words, each in _WRONG_LIKENESS.items()}
    for words, (_, likeness) in wrong.items():
        if compare(values, likeness) is None:
            return words
    if right_places:
        value = correlations[0]
        return f"The place is right, its correlation is {value:.4f}, not {values[0]:.4f}."
    for words, (mistaken, _) in wrong.items():
        if np.array_equal(places, mistaken) and not np.array_equal(mistaken, right):
            return words
    return f"The most similar picture is number {right[0]}, not {places[0]:g}."


nearest = Exercise(
    "``nearest(queries, pictures) -> (places, correlations)``, two arrays (queries,)",
    points=3,
    reference=_nearest,
    tests=_finds_nearest,
    wrong_answers={
        **_WRONG_LIKENESS,
        "the second array is 1 - r": lambda q, p: (_nearest(q, p)[0], 1 - _nearest(q, p)[1]),
        "Two arrays were expected": lambda q, p: _nearest(q, p)[0],
        "One place for each query was expected": lambda q, p: _nearest(p, q),
    },
)


def _block_split(labels, blocks, share, rng):
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mine = labels == label
        for block in rng.permutation(np.unique(blocks[mine])):
            if test[mine].mean() < share:
                test |= mine & (blocks == block)
    return test


def _splits_blocks(check: Check, answer: Any) -> None:
    rng = np.random.default_rng(37)
    blocks = rng.permutation(np.repeat(np.arange(48), rng.integers(4, 7, 48)))
    labels = blocks % 12

    def split(seed):
        seeded = answer
        if callable(answer):
            seeded = lambda *given: answer(*given, np.random.default_rng(seed))  # noqa: E731
        mask, message = run(seeded, labels, blocks, SHARE)
        return mask, message or _no_mask(mask, len(labels))

    (first, message), (again, _), (other, unlike) = split(0), split(0), split(1)
    message = message or unlike
    for label, fault in {
        "no block lies on both sides": lambda: _parted(first, blocks),
        "every letter is in both parts": lambda: _one_sided(first, labels),
        "the test part is about as large as asked": lambda: _wrong_share(first),
        "chance decides, and a seed repeats it": lambda: _not_drawn(first, again, other),
    }.items():
        check.record(label, message or fault())


def _no_mask(answer: Any, count: int) -> str | None:
    mask = numbers(answer)
    if mask is None or mask.shape != (count,):
        return f"A mask of shape {(count,)} was expected: one True or False for each picture."
    if mask.dtype != bool:
        return f"The mask is of type {mask.dtype}; bool is needed, True for the test part."
    return None


def _parted(test: np.ndarray, blocks: np.ndarray) -> str | None:
    both, total = np.intersect1d(blocks[test], blocks[~test]).size, np.unique(blocks).size
    message = f"{both} of {total} blocks lie on both sides: deal out whole blocks, not pictures."
    return message if both else None


def _one_sided(test: np.ndarray, labels: np.ndarray) -> str | None:
    for part, name in ((test, "test"), (~test, "training")):
        missing = np.setdiff1d(labels, labels[part])
        if missing.size:
            return (
                f"Letter {missing[0]} has no picture in the {name} part: deal out the blocks of "
                "each letter by themselves."
            )
    return None


def _wrong_share(test: np.ndarray) -> str | None:
    share = float(test.mean())
    if SHARE - 0.1 <= share <= SHARE + 0.2:
        return None
    if abs(share - (1 - SHARE)) <= 0.15:
        return f"{share:.2f} of the pictures: True must mark the test part, not the training."
    return f"With share = {SHARE} the test part has {share:.2f} of the pictures."


def _not_drawn(first: np.ndarray, again: np.ndarray, other: np.ndarray) -> str | None:
    if not np.array_equal(first, again):
        return "The same seed gives two different splits: draw from `rng` alone."
    if np.array_equal(first, other):
        return "Every `rng` gives the same split: put the blocks in random order first."
    return None


block_split = Exercise(
    "``block_split(labels, blocks, share, rng)``: bool (n,), True in the test part",
    points=4,
    reference=_block_split,
    tests=_splits_blocks,
    wrong_answers={
        "deal out whole blocks, not pictures.":
            lambda labels, blocks, *a: _block_split(labels, np.arange(len(labels)), *a),
        "deal out the blocks of each letter by themselves.":
            lambda labels, blocks, share, rng: np.isin(blocks, rng.permutation(48)[:12]),
        "True must mark the test part, not the training.": lambda *a: ~_block_split(*a),
        "put the blocks in random order first.":
            lambda labels, blocks, share, rng:
                _block_split(labels, blocks, share, np.random.default_rng(5)),
        "bool is needed, True for the test part.": lambda *a: _block_split(*a).astype(int),
        "one True or False for each picture.": lambda *a: np.flatnonzero(_block_split(*a)),
    },
)  # fmt: skip
