"""Checkers of chapter 7: the data and its trap."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import CAUGHT, TOLERANCE, Check, checker, kind, numbers, run

_J = 9
SHARE = 0.25


@checker(points=3)
def remap(check: Check, remap: Callable[[np.ndarray], np.ndarray]) -> None:
    """Check ``remap(labels)``: integers 0-24 without 9 -> 0-23, anything else a ValueError."""
    every = np.random.default_rng(7).permutation([label for label in range(25) if label != _J])
    cases = [
        ("all 24 letters", every),
        ("a part in which letters are missing", np.array([3, 24, 11, 8, 10, 3, 23])),
    ]
    for label, labels in cases:
        mistakes = [
            (labels, "Nothing has moved: K is still 10, and Y would need a 25th output."),
            (labels - 1, "Every letter has moved down: A to I stand before the gap and stay."),
            (labels - (labels > _J + 1), "K, a 10 in the file, moves as well: the gap is at 9."),
            (
                np.where(labels == 24, _J, labels),
                "Y is put into the gap: then the outputs no longer follow the alphabet, and a list "
                "of names in its order misreads K to Y.",
            ),
            (np.minimum(labels, 23), "X and Y have become one class, 23."),
            (
                np.unique(labels, return_inverse=True)[1],
                "Numbered by the letters that occur here: a part without an A would call B 0.",
            ),
        ]
        check.call(label, remap, labels, expected=labels - (labels > _J), mistakes=mistakes)
    _, broken = run(remap, every)  # a function that fails for every label refuses nothing
    for label, labels in (("9", np.array([0, 9, 24])), ("25", np.array([25, 3, 1]))):
        check.record(f"a {label} is refused", broken or _refuses(remap, labels, label))


@checker(points=3)
def standardise(check: Check, standardise: Callable[..., np.ndarray]) -> None:
    """Check ``standardise(train, images)``: ``images`` by mean and deviation of ``train``."""
    rng = np.random.default_rng(17)
    train = rng.integers(90, 200, (20, 4, 4, 1), dtype=np.uint8)
    cases = [
        ("the training pictures themselves", train),
        ("brighter pictures stay brighter", rng.integers(180, 256, (6, 4, 4, 1), dtype=np.uint8)),
        ("one picture alone", rng.integers(0, 120, (1, 4, 4, 1), dtype=np.uint8)),
    ]
    for label, images in cases:
        mean, std = train.mean(), train.std()
        both = np.concatenate([train, images])
        own = images.mean(axis=(1, 2, 3), keepdims=True), images.std(axis=(1, 2, 3), keepdims=True)
        mistakes = [
            (
                (images - images.mean()) / images.std(),
                "The pictures are measured by their own statistics: use those of `train`, for "
                "whatever pictures.",
            ),
            (
                (images - both.mean()) / both.std(),
                "The statistics are those of both sets together: the second one has a say in them.",
            ),
            ((images - own[0]) / own[1], "Each picture by itself: its brightness is lost."),
            (
                (images - train.mean(axis=0)) / train.std(axis=0),
                "A mean for each pixel: one number for the whole set is asked for.",
            ),
            ((images - mean) / train.var(), "Divided by the variance: take its root."),
            ((images - mean) / train.std(ddof=1), "The deviation divides by n, not by n - 1."),
            (images - mean, "The mean is taken off; divide by the deviation, too."),
            (images / std, "Divided by the deviation, but the mean is not taken off."),
            (images / 255.0, "These are the numbers 0 to 1; mean 0 and deviation 1 are asked for."),
        ]
        check.call(
            label, standardise, train, images, expected=(images - mean) / std, mistakes=mistakes
        )


@checker(points=3)
def nearest(check: Check, nearest: Callable[..., Any]) -> None:
    """Check ``nearest(queries, pictures) -> (places, correlations)``, two arrays (queries,)."""
    rng = np.random.default_rng(27)
    noise = rng.integers(0, 256, (30, 6, 6), dtype=np.uint8)
    query = rng.integers(40, 200, (1, 6, 6), dtype=np.uint8)
    copy = (query[0] * 0.3 + 170).astype(np.uint8)
    near = np.clip(query[0] + rng.normal(0, 30, (6, 6)), 0, 255).astype(np.uint8)
    cases = [
        ("a brighter, flatter copy", query, np.stack([noise[0], near, copy, noise[1]])),
        ("a negative is no copy", query, np.stack([255 - query[0], near, noise[2]])),
        ("five queries among thirty", noise[:5] // 4 + 90, rng.permutation(noise)),
    ]
    for label, queries, pictures in cases:
        check.record(label, _nearest_message(nearest, queries, pictures))


@checker(points=4)
def block_split(check: Check, block_split: Callable[..., np.ndarray]) -> None:
    """Check ``block_split(labels, blocks, share, rng)``: bool (n,), True in the test part."""
    rng = np.random.default_rng(37)
    blocks = rng.permutation(np.repeat(np.arange(48), rng.integers(4, 7, 48)))
    labels = blocks % 12
    names = (
        "no block lies on both sides",
        "every letter is in both parts",
        "the test part is about as large as asked",
        "chance decides, and a seed repeats it",
    )
    masks, messages = [], []
    for seed in (0, 0, 1):
        answer, message = run(_seeded(block_split, seed), labels, blocks, SHARE)
        message = message or _no_mask(answer, len(labels))
        masks.append(answer)
        messages.append(message)
    if any(messages):
        for name in names:
            check.record(name, next(filter(None, messages)))
        return
    first, again, other = (np.asarray(mask) for mask in masks)
    check.record(names[0], _parted(first, blocks))
    check.record(names[1], _one_sided(first, labels))
    check.record(names[2], _wrong_share(first))
    check.record(names[3], _not_drawn(first, again, other))


def _refuses(remap: Callable, labels: np.ndarray, what: str) -> str | None:
    """Return what is wrong unless ``remap(labels)`` raises ValueError."""
    try:
        answer = remap(labels.copy())
    except ValueError:
        return None
    except CAUGHT as error:
        return f"A {type(error).__name__} was raised; a ValueError is asked for."
    return f"A {what} came through, in {answer!r}: no such letter is in the set."


def _nearest_message(nearest: Any, queries: np.ndarray, pictures: np.ndarray) -> str | None:
    """Return what is wrong with the answer on these pictures, or None."""
    answer, message = run(nearest, queries, pictures)
    if message:
        return message
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return f"Two arrays were expected, (places, correlations); this is {kind(answer)}."
    places, values = (numbers(part) for part in answer)
    if places is None or values is None or places.shape != values.shape:
        return "Both parts of the answer are arrays of numbers, one for each query."
    if places.shape != (len(queries),):
        return f"One place for each query was expected, {(len(queries),)}; got {places.shape}."
    table = _correlations(queries, pictures)
    right, value = table.argmax(axis=1), table.max(axis=1)
    same = np.array_equal(places, right)
    if same and np.allclose(values, value, atol=TOLERANCE):
        return None
    if same and np.allclose(values, 1 - value, atol=TOLERANCE):
        return "The places are right; the second array is 1 - r, the correlation r is asked for."
    for wrong, words in _wrong_tables(queries, pictures):
        if np.allclose(values, wrong.max(axis=1), atol=TOLERANCE):
            return words
    if same:
        return f"The place is right, its correlation is {value[0]:.4f}, not {values[0]:.4f}."
    for wrong, words in _wrong_tables(queries, pictures):
        if np.array_equal(places, wrong.argmax(axis=1)) and not np.array_equal(places, right):
            return words
    return f"The most similar picture is number {right[0]}, not {places[0]:g}."


def _wrong_tables(queries: np.ndarray, pictures: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Return the likenesses by which usual slips choose, and what to say to each."""
    plain, others = (each.reshape(len(each), -1).astype(float) for each in (queries, pictures))
    centred, centred_others = (rows - rows.mean(axis=1, keepdims=True) for rows in (plain, others))
    lengths = np.linalg.norm(plain, axis=1)[:, None] * np.linalg.norm(others, axis=1)
    right = _correlations(queries, pictures)
    return [
        (
            -((plain[:, None] - others) ** 2).sum(axis=2),
            "This is the smallest difference in grey levels: a brighter copy is far away by that. "
            "Take off each picture's mean and divide by its length.",
        ),
        (np.abs(right), "A negative has r = -1: do not take the absolute value."),
        (
            plain @ others.T / lengths,
            "The mean is not taken off: any two bright pictures look alike.",
        ),
        (
            centred @ centred_others.T,
            "The length is not divided out: the picture with the most contrast wins.",
        ),
        (-right, "This is the least similar picture: the largest r is asked for."),
    ]


def _correlations(queries: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return the correlation of each query with each picture, from NumPy's own function."""
    rows = np.concatenate([queries, pictures]).reshape(len(queries) + len(pictures), -1)
    return np.corrcoef(rows.astype(float))[: len(queries), len(queries) :]


def _seeded(block_split: Any, seed: int) -> Any:
    """Return the answer with a generator of its own; what is no function is left as it is."""
    if not callable(block_split):
        return block_split
    return lambda labels, blocks, share: block_split(
        labels, blocks, share, np.random.default_rng(seed)
    )


def _no_mask(answer: Any, count: int) -> str | None:
    mask = numbers(answer)
    if mask is None or mask.shape != (count,):
        return f"A mask of shape {(count,)} was expected: one True or False for each picture."
    if mask.dtype != bool:
        return f"The mask is of type {mask.dtype}; bool is needed, True for the test part."
    return None


def _parted(test: np.ndarray, blocks: np.ndarray) -> str | None:
    both = np.intersect1d(blocks[test], blocks[~test])
    if not both.size:
        return None
    of = len(np.unique(blocks))
    return f"{both.size} of {of} blocks lie on both sides: deal out whole blocks, not pictures."


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
