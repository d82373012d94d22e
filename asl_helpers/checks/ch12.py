"""Checkers of chapter 12: the 29-class set."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, kind, run

_COLUMNS = ["path", "label", "frame"]


@checker(points=3)
def picture_table(check: Check, picture_table: Callable[[list], Any]) -> None:
    """Check ``picture_table(paths)``: a data frame of path, label and frame, films in order."""
    cases = [
        (
            "two letters, ten frames and more",
            ["set/B/B2.jpg", "set/A/A10.jpg", "set/A/A9.jpg", "set/B/B11.jpg", "set/A/A1.jpg"],
        ),
        (
            "names that hold more than a letter",
            ["x7/train/space/space12.jpg", "x7/train/del/del3.jpg", "x7/train/nothing/nothing3.jpg",
             "x7/train/space/space4.jpg"],
        ),
        ("a file that another program named", ["set/C/picture20.jpg", "set/C/picture3.jpg"]),
    ]  # fmt: skip
    for label, paths in cases:
        check.record(label, _table_message(picture_table, paths))


@checker(points=3)
def dark_share(check: Check, dark_share: Callable[..., np.ndarray]) -> None:
    """Check ``dark_share(images, level)``: the share of dark pixels of each picture, (n,)."""
    rng = np.random.default_rng(12)
    backlit = np.full((1, 10, 10, 3), 250, np.uint8)
    backlit[:, 2:8, :9] = rng.integers(0, 30, (1, 6, 9, 3), dtype=np.uint8)
    mixed = rng.integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
    red = np.zeros((2, 4, 4, 3), np.uint8)
    red[..., 0] = 120  # each pixel's mean is 40, two of its three numbers are 0
    edge = np.full((1, 4, 4, 3), 30, np.uint8)
    cases = [
        ("a dark hand before a bright wall", backlit, 30),
        ("four pictures, a number each", mixed, 120),
        ("a pixel is one place, not three numbers", red, 30),
        ("a pixel at the level is not darker", edge, 30),
    ]
    for label, images, level in cases:
        grey = images.mean(axis=-1)
        expected = (grey < level).mean(axis=(1, 2))
        mistakes = [
            ((grey > level).mean(axis=(1, 2)), "These are the brighter pixels: count the darker."),
            ((grey < level).sum(axis=(1, 2)), "This is a count: a share is the mean of booleans."),
            (
                (grey.mean(axis=(1, 2)) < level).astype(float),
                "This asks whether the mean is dark: a bright wall outvotes a dark hand. Compare "
                "each pixel first, then take the mean.",
            ),
            (
                (images < level).mean(axis=(1, 2, 3)),
                "Every channel counts by itself: a red pixel has three numbers, one of them high. "
                "Take the mean over the channels first.",
            ),
            ((grey < level).mean(), "One number for all pictures: keep the first axis."),
            ((grey < level).mean(axis=0), "The mean runs over the pictures: keep the first axis."),
            ((grey <= level).mean(axis=(1, 2)), "Darker than the level: `<`, not `<=`."),
            (grey.mean(axis=(1, 2)), "This is the mean brightness: compare with `level` first."),
        ]
        check.call(label, dark_share, images, level, expected=expected, mistakes=mistakes)


@checker(points=4)
def film_split(check: Check, film_split: Callable[..., np.ndarray]) -> None:
    """Check ``film_split(frames, share, gap)``: 0 training, 1 test, -1 left out, int (n,)."""
    rng = np.random.default_rng(22)
    cases = [
        ("a film in order", np.arange(40), 0.25, 5),
        ("files in another order", rng.permutation(40), 0.25, 5),
        ("a film with frames missing", np.sort(rng.choice(400, 40, replace=False)), 0.2, 30),
        ("no gap asked for", rng.permutation(30) + 7, 0.5, 0),
    ]
    for label, frames, share, gap in cases:
        check.call(
            label,
            film_split,
            frames,
            share,
            gap,
            expected=_cut(frames, share, gap),
            mistakes=_cut_mistakes(frames, share, gap),
        )


@checker(points=3)
def preprocess(check: Check, preprocess: Callable[[np.ndarray], np.ndarray]) -> None:
    """Check ``preprocess(images)``: uint8 0 to 255 -> float32 -1 to 1, the input unchanged."""
    rng = np.random.default_rng(32)
    ends = np.array([0, 255, 128], np.uint8).reshape(1, 1, 1, 3)
    cases = [
        ("the darkest, the brightest and the middle", ends),
        ("two pictures", rng.integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)),
        ("a dark picture stays dark", rng.integers(0, 60, (1, 5, 4, 3), dtype=np.uint8)),
        ("floats from a resize, left as they were", rng.uniform(0, 255, (2, 4, 4, 3))),
    ]
    for label, images in cases:
        images = images.astype(np.float32) if images.dtype == np.float64 else images
        plain = images.astype(np.float32)
        spread = np.ptp(plain) or 1
        mistakes = [
            (plain / 255, "These are the numbers 0 to 1: MobileNetV2 was trained on -1 to 1."),
            (plain / 127.5, "From 0 to 2: take off 1."),
            (plain / 255 - 0.5, "From -0.5 to 0.5: half of the range that it was trained on."),
            (plain / 255 - 1, "From -1 to 0: divide by 127.5, half of 255."),
            (plain / 128 - 1, "Divided by 128: 255 must become 1."),
            (1 - plain / 127.5, "Black and white are exchanged: 0 must become -1."),
            (plain, "Nothing is scaled: these are still the numbers 0 to 255."),
            (
                2 * (plain - plain.min()) / spread - 1,
                "Stretched to the picture's own range: a dark picture must stay dark.",
            ),
            (
                (plain - plain.mean()) / (plain.std() or 1),
                "Standardised by the pictures themselves; the scale is fixed, whatever comes.",
            ),
            (
                (plain.astype(np.uint8) // 127 - 1).astype(np.float32),
                "Divided in whole numbers: turn the picture into float32 first.",
            ),
        ]
        check.call(
            label,
            preprocess,
            images,
            expected=(plain / 127.5 - 1).astype(np.float32),
            mistakes=mistakes,
            dtype=np.float32,
        )


def _table_message(picture_table: Any, paths: list[str]) -> str | None:
    """Return what is wrong with the table of these paths, or None."""
    import pandas as pd

    answer, message = run(picture_table, paths)
    if message:
        return message
    if not isinstance(answer, pd.DataFrame):
        return f"A data frame was expected, this is {kind(answer)}."
    if list(answer.columns) != _COLUMNS:
        return f"The columns are {list(answer.columns)}; {_COLUMNS} are asked for."
    if len(answer) != len(paths):
        return f"{len(answer)} rows for {len(paths)} files."
    if not pd.api.types.is_integer_dtype(answer["frame"]):
        return (
            "The frames are no whole numbers: as text, '10' comes before '9'. Turn the digits at "
            "the end of the name into an int."
        )
    rows = [(str(row.path), str(row.label), int(row.frame)) for row in answer.itertuples()]
    wanted = [(path, PurePosixPath(path).parent.name, _number(path)) for path in paths]
    in_order = sorted(wanted, key=lambda row: row[1:])
    if rows == in_order:
        return None
    if sorted(rows) == sorted(wanted):
        if rows == sorted(wanted):
            return "Sorted as text, 10 comes before 9: sort by label, then by the number."
        return "The rows are right, their order is not: sort by label, then by frame."
    known = {path: (label, frame) for path, label, frame in wanted}
    for path, label, frame in rows:
        if path not in known:
            return f"{path!r} is none of the files."
        if label != known[path][0]:
            return (
                f"{path}: the label is {label!r}; it is the name of the file's folder, "
                f"{known[path][0]!r}."
            )
        if frame != known[path][1]:
            return f"{path}: the frame is {frame}; the digits at the end say {known[path][1]}."
    return "A file stands in the table twice, and another one is missing."


def _number(path: str) -> int:
    stem = PurePosixPath(path).stem
    return int(stem[len(stem.rstrip("0123456789")) :])


def _cut(frames: np.ndarray, share: float, gap: int) -> np.ndarray:
    """Return the parts that are asked for: the film's end is the test, a gap before it is out."""
    first = np.sort(frames)[len(frames) - round(share * len(frames))]
    parts = (frames >= first).astype(int)
    parts[(frames < first) & (frames > first - gap)] = -1
    return parts


def _cut_mistakes(frames: np.ndarray, share: float, gap: int) -> list[tuple[np.ndarray, str]]:
    """Return the parts that usual slips give, and what to say to each."""
    right = _cut(frames, share, gap)
    test = round(share * len(frames))
    first = np.sort(frames)[len(frames) - test]
    by_place = np.zeros(len(frames), int)
    by_place[len(frames) - test :] = 1
    held = frames[len(frames) - test]
    by_place_gap = by_place.copy()
    by_place_gap[(by_place == 0) & (frames > held - gap)] = -1
    ranks = np.argsort(np.argsort(frames))
    by_rank = (ranks >= len(frames) - test).astype(int)
    by_rank[(ranks < len(frames) - test) & (ranks > len(frames) - test - gap)] = -1
    inside = (frames >= first).astype(int)
    inside[(frames >= first) & (frames < first + gap)] = -1
    wide = right.copy()
    wide[frames == first - gap] = -1
    begin = np.sort(frames)[test]
    start = (frames < begin).astype(int)
    start[(frames >= begin) & (frames < begin + gap - 1)] = -1
    start_all = (frames < begin).astype(int)
    return [
        ((frames >= first).astype(int), "No gap: the frame before the cut is a twin of the first "
         "test frame. Mark it -1."),
        (by_place, "The last files of the list are no end of a film: compare frame numbers."),
        (by_place_gap, "The last files of the list are no end of a film: compare frame numbers."),
        (by_rank, "The gap is counted in files; count it in frame numbers: some are missing."),
        (inside, "The gap is taken out of the test part; take it out of the training."),
        (np.where(right == 1, 0, np.where(right == 0, 1, -1)), "Training and test are exchanged: "
         "1 marks the test."),
        (wide, "One frame too many is left out: a frame that is `gap` away may stay."),
        (start, "The test part is the end of the film, not its beginning."),
        (start_all, "The test part is the end of the film, not its beginning."),
        (np.where(right == -1, 1, right), "The gap has gone to the test part: mark it -1."),
    ]  # fmt: skip
