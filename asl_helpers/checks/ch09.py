"""Checkers of chapter 9: the data and its trap."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import Changed, Failed, case, exercise, numbers, refusal, run

SHARE = 0.25
_NO_J = np.array([label for label in range(25) if label != 9])


@exercise(points=3)
def remap(labels):
    if not np.isin(labels, _NO_J).all():
        raise ValueError("a label that is none of the 24")
    return labels - (labels > 9)


def _refused(what, *labels):
    def test(call):
        call(_NO_J)  # a function that fails for every label refuses nothing
        message = f"A {what} came through: no such letter is in the set."
        return refusal(call, np.array(labels), accepted=message)

    return test


remap.cases = {
    "all 24 letters": case(np.random.default_rng(7).permutation(_NO_J)),
    "a part in which letters are missing": case(np.array([3, 24, 11, 8, 10, 3, 23])),
    "a 9 is refused": _refused(9, 0, 9, 24),
    "a 25 is refused": _refused(25, 25, 3, 1),
}
remap.wrong = {
    "Nothing has moved: K is still 10, and Y would need a 25th output.": (" - (labels > 9)", ""),
    "Every letter has moved down: A to I stand before the gap and stay.": ("(labels > 9)", "1"),
    "K, a 10 in the file, moves as well: the gap is at 9.": ("> 9", "> 10"),
    "Y is put into the gap: the alphabet's order is lost.":
        lambda labels: np.where(labels == 24, 9, labels),
    "X and Y have become one class, 23.": lambda labels: np.minimum(labels, 23),
    "The labels are numbered by the letters that occur, so a part without A makes B a 0.":
        lambda labels: np.unique(labels, return_inverse=True)[1],
    "A 9 came through": ("not np.isin(labels, _NO_J).all()", "False"),
    "`python -O` switches `assert` off: raise a ValueError instead.":
        ("ValueError", "AssertionError"),
}  # fmt: skip


@exercise(points=3)
def standardise(train, images):
    return (images - train.mean()) / train.std()


_RNG = np.random.default_rng(17)
_TRAIN = _RNG.integers(90, 200, (20, 4, 4, 1), dtype=np.uint8)

standardise.cases = {
    "the training images themselves": case(_TRAIN, _TRAIN),
    "brighter images stay brighter": case(
        _TRAIN, _RNG.integers(180, 256, (6, 4, 4, 1), dtype=np.uint8)
    ),
    "one image alone": case(_TRAIN, _RNG.integers(0, 120, (1, 4, 4, 1), dtype=np.uint8)),
}
standardise.wrong = {
    "These are the images' own statistics: use those of `train`.": ("train", "images"),
    "These are the statistics of both sets, so the second one has a say in them.":
        ("train.", "np.concatenate([train, images])."),
    "Each image is standardized by itself: its brightness is lost.":
        ("train.mean()", "images.mean((1, 2, 3), keepdims=True)",
         "train.std()", "images.std((1, 2, 3), keepdims=True)"),
    "There is a mean for each pixel: take one for all.": ("()", "(axis=0)"),
    "This divides by the variance: take its root.": ("std", "var"),
    "The standard deviation divides by n, not by n - 1.": ("std()", "std(ddof=1)"),
    "The mean is subtracted; divide by the standard deviation, too.": (" / train.std()", ""),
    "This divides by the standard deviation without subtracting the mean.": (" - train.mean()", ""),
    "These are the numbers 0 to 1; mean 0 and standard deviation 1 are asked for.":
        lambda train, images: images / 255.0,
}  # fmt: skip


def _rows(images, center=True, unit=True):
    """Return one row per image, centered and of length 1 unless told otherwise."""
    flat = images.reshape(len(images), -1).astype(float)
    flat = flat - flat.mean(axis=1, keepdims=True) * center
    return flat / np.linalg.norm(flat, axis=1, keepdims=True) if unit else flat


@exercise(points=3)
def nearest(queries, pictures):
    table = _rows(queries) @ _rows(pictures).T
    return table.argmax(axis=1), table.max(axis=1)


def _least_difference(queries, pictures):
    table = ((queries[:, None].astype(float) - pictures) ** 2).sum(axis=(2, 3))
    return table.argmin(axis=1), table.min(axis=1)


_RNG = np.random.default_rng(27)
_NOISE = _RNG.integers(0, 256, (30, 6, 6), dtype=np.uint8)
_QUERY = _RNG.integers(40, 200, (1, 6, 6), dtype=np.uint8)
_COPY = (_QUERY[0] * 0.3 + 170).astype(np.uint8)
_NEAR = np.clip(_QUERY[0] + _RNG.normal(0, 30, (6, 6)), 0, 255).astype(np.uint8)

nearest.cases = {
    "a brighter, flatter copy": case(_QUERY, np.stack([_NOISE[0], _NEAR, _COPY, _NOISE[1]])),
    "a negative is no copy": case(_QUERY, np.stack([255 - _QUERY[0], _NEAR, _NOISE[2]])),
    "five queries among thirty": case(_NOISE[:5] // 4 + 90, _RNG.permutation(_NOISE)),
}
nearest.wrong = {
    "This is the smallest difference in gray levels, and a brighter copy differs a lot.":
        _least_difference,
    "A negative has r = -1: do not take the absolute value.": ("table.", "np.abs(table)."),
    "The mean is not subtracted: any two bright images look alike.":
        ("_rows(", "_rows(center=False, images="),
    "The length is not divided out: the image with the most contrast wins.":
        ("_rows(", "_rows(unit=False, images="),
    "This is the least similar image: the largest r is asked for.": ("= _rows", "= -_rows"),
    "The second array is 1 - r: return r.": Changed(lambda pair: (pair[0], 1 - pair[1])),
    "Two arrays were expected: indices and correlations.": Changed(lambda pair: pair[0]),
    "One index for each query was expected.":
        ("_rows(queries) @ _rows(pictures).T", "_rows(pictures) @ _rows(queries).T"),
}  # fmt: skip


@exercise(points=4)
def block_split(labels, blocks, share, rng):
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mine = labels == label
        for block in rng.permutation(np.unique(blocks[mine])):
            if test[mine].mean() < share:
                test |= mine & (blocks == block)
    return test


def _splits_blocks(answer: Any) -> Iterator[tuple[str, str | None]]:
    """Check that whole blocks of each letter are drawn, in about the share that is asked for."""
    rng = np.random.default_rng(37)
    blocks = rng.permutation(np.repeat(np.arange(48), rng.integers(4, 7, 48)))
    labels = blocks % 12

    def split(seed):
        mask = numbers(run(answer, labels, blocks, SHARE, np.random.default_rng(seed)))
        if mask is None or mask.shape != labels.shape:
            raise Failed(f"A mask of shape {labels.shape} was expected: one bool for each image.")
        if mask.dtype != bool:
            raise Failed(
                f"The mask is of type {mask.dtype}; bool is needed, True for the test set."
            )
        return mask

    test, again, other = split(0), split(0), split(1)
    both = np.intersect1d(blocks[test], blocks[~test]).size
    message = f"{both} of 48 blocks lie on both sides: deal out whole blocks, not images."
    yield "no block lies on both sides", message if both else None

    missing = next((label for label in labels if test[labels == label].mean() in (0, 1)), None)
    message = f"All images of letter {missing} are on one side: deal out the blocks of each letter "
    message += "by themselves."
    yield "every letter is in both sets", None if missing is None else message

    share = float(test.mean())
    message = f"With share = {SHARE} the test set has {share:.2f} of the images."
    if abs(share - (1 - SHARE)) <= 0.15:
        message = f"{share:.2f} of the images: True must mark the test set, not the training set."
    about = SHARE - 0.1 <= share <= SHARE + 0.2
    yield "the test set is about as large as asked", None if about else message

    message = None
    if not np.array_equal(test, again):
        message = "The same seed gives two different splits: draw from `rng` alone."
    elif np.array_equal(test, other):
        message = "Every `rng` gives the same split: put the blocks in random order first."
    yield "chance decides, and a seed repeats it", message


block_split.cases = _splits_blocks
block_split.wrong = {
    "deal out whole blocks, not images.":
        ("for label", "blocks = np.arange(len(labels))\n    for label"),
    "deal out the blocks of each letter by themselves.":
        lambda labels, blocks, share, rng: np.isin(blocks, rng.permutation(48)[:12]),
    "True must mark the test set": ("return test", "return ~test"),
    "put the blocks in random order first.": ("rng.permutation", ""),
    "bool is needed, True for the test set.": Changed(lambda test: test.astype(int)),
    "one bool for each image.": Changed(np.flatnonzero),
}  # fmt: skip
