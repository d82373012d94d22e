"""Checkers of chapter 12: the 29-class set."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Exercise, case

_PATHS = {
    "two letters, ten frames and more": [
        "set/B/B2.jpg", "set/A/A10.jpg", "set/A/A9.jpg", "set/B/B11.jpg", "set/A/A1.jpg",
    ],
    "names that hold more than a letter": [
        "x7/train/space/space12.jpg", "x7/train/del/del3.jpg", "x7/train/nothing/nothing3.jpg",
        "x7/train/space/space4.jpg",
    ],
    "a file that another program named": ["set/C/picture20.jpg", "set/C/picture3.jpg"],
}  # fmt: skip


def _picture_table(paths):
    table = pd.DataFrame({"path": paths})
    table["label"] = table["path"].str.split("/").str[-2]
    table["frame"] = table["path"].str.extract(r"(\d+)\.jpg$")[0].astype(int)
    return table.sort_values(["label", "frame"])


def _as_rows(value: Any) -> Any:
    """Compare a table as its columns and rows."""
    if isinstance(value, pd.DataFrame):
        return tuple(value.columns), *value.itertuples(index=False, name=None)
    return value


def _changed(change):
    """Return an answer whose table is right but for a change."""
    return lambda paths: change(_picture_table(paths))


picture_table = Exercise(
    points=3,
    reference=_picture_table,
    read=_as_rows,
    cases={label: case(paths) for label, paths in _PATHS.items()},
    misconceptions={
        "A data frame was expected.": _changed(lambda table: table.to_dict("records")),
        "The columns are path, label, frame.": _changed(lambda table: table.iloc[:, [1, 0, 2]]),
        "A file is missing: a row for each.": _changed(lambda table: table.iloc[1:]),
        "The frames are no whole numbers: as text, '10' comes before '9'.":
            _changed(lambda table: table.astype({"frame": str})),
        "Sorted as text, 10 comes before 9: sort by label, then by the number.":
            _changed(lambda table: table.sort_values("path")),
        "The rows are right, their order is not.": _changed(lambda table: table.iloc[::-1]),
        "The label is the name of the file's folder.":
            _changed(lambda table: table.assign(label=table["path"].str.split("/").str[-1].str[0])),
        "The frame is what the digits at the end say.":
            _changed(lambda t: t.assign(frame=t["path"].str.extract(r"(\d+)")[0].astype(int))),
    },
)  # fmt: skip


def _grey(images):
    return images.mean(axis=-1)


_RNG = np.random.default_rng(12)
_BACKLIT = np.full((1, 10, 10, 3), 250, np.uint8)
_BACKLIT[:, 2:8, :9] = _RNG.integers(0, 30, (1, 6, 9, 3), dtype=np.uint8)
_RED = np.zeros((2, 4, 4, 3), np.uint8)
_RED[..., 0] = 120  # each pixel's mean is 40, two of its three numbers are 0

dark_share = Exercise(
    points=3,
    reference=lambda images, level: (_grey(images) < level).mean(axis=(1, 2)),
    cases={
        "a dark hand before a bright wall": case(_BACKLIT, 30),
        "four pictures, a number each":
            case(_RNG.integers(0, 256, (4, 6, 5, 3), dtype=np.uint8), 120),
        "a pixel is one place, not three numbers": case(_RED, 30),
        "a pixel at the level is not darker": case(np.full((1, 4, 4, 3), 30, np.uint8), 30),
    },
    misconceptions={
        "These are the brighter pixels.": lambda x, t: (_grey(x) > t).mean(axis=(1, 2)),
        "This is a count: take the mean of booleans.": lambda x, t: (_grey(x) < t).sum(axis=(1, 2)),
        "The mean is compared: a bright wall outvotes the hand.":
            lambda x, t: x.mean(axis=(1, 2, 3)) < t,
        "Every channel counts by itself: mean first.": lambda x, t: (x < t).mean(axis=(1, 2, 3)),
        "One number for all pictures: keep the first axis.": lambda x, t: (_grey(x) < t).mean(),
        "The mean runs over pictures: keep axis 0.": lambda x, t: (_grey(x) < t).mean(axis=0),
        "Darker than the level: `<`, not `<=`.": lambda x, t: (_grey(x) <= t).mean(axis=(1, 2)),
        "This is the brightness: compare with `level` first.": lambda x, t: x.mean(axis=(1, 2, 3)),
    },
)  # fmt: skip


def _film_split(frames, share, gap, test_gap=0, left_out=-1):
    """Mark the film's end as test, and a gap out of the training; or, wrongly, out of the test."""
    first = np.sort(frames)[len(frames) - round(share * len(frames))]
    parts = (frames >= first).astype(int)
    parts[(frames < first) & (frames > first - gap)] = left_out
    parts[(frames >= first) & (frames < first + test_gap)] = -1
    return parts


def _last_files(frames, share, gap):
    start = len(frames) - round(share * len(frames))
    parts = np.repeat([0, 1], [start, len(frames) - start])
    parts[:start][frames[:start] > frames[start] - gap] = -1
    return parts


def _from_the_start(frames, share, gap):
    begin = np.sort(frames)[round(share * len(frames))]
    parts = (frames < begin).astype(int)
    parts[(frames >= begin) & (frames < begin + gap - 1)] = -1
    return parts


_RNG = np.random.default_rng(22)

film_split = Exercise(
    points=4,
    reference=lambda frames, share, gap: _film_split(frames, share, gap),
    cases={
        "a film in order": case(np.arange(40), 0.25, 5),
        "files in another order": case(_RNG.permutation(40), 0.25, 5),
        "a film with frames missing": case(np.sort(_RNG.choice(400, 40, replace=False)), 0.2, 30),
        "no gap asked for": case(_RNG.permutation(30) + 7, 0.5, 0),
    },
    misconceptions={
        "No gap: the frame before is a twin.": lambda f, s, g: _film_split(f, s, 0),
        "The last files of the list are no end of a film: compare frame numbers.": (
            lambda f, s, g: _last_files(f, s, 0),
            _last_files,
        ),
        "The gap is counted in files; count it in frame numbers: some are missing.":
            lambda f, s, g: _film_split(f.argsort().argsort(), s, g),
        "The gap belongs to the training.": lambda f, s, g: _film_split(f, s, 0, test_gap=g),
        "Exchanged: 1 marks the test.": lambda *a: np.array([1, 0, -1])[_film_split(*a)],
        "One frame too many: `gap` away may stay.": lambda f, s, g: _film_split(f, s, g + 1),
        "The test part is the end of the film, not its beginning.": (
            _from_the_start,
            lambda f, s, g: _from_the_start(f, s, 0),
        ),
        "The gap has gone to the test part: mark it -1.": lambda *a: _film_split(*a, left_out=1),
    },
)  # fmt: skip


def _scaled(images, by=127.5, off=1.0):
    return np.asarray(images, np.float32) / by - off


_RNG = np.random.default_rng(32)


def _pictures(high, *shape):
    return case(_RNG.integers(0, high, shape, dtype=np.uint8), dtype=np.float32)


preprocess = Exercise(
    points=3,
    reference=lambda images: _scaled(images),
    cases={
        "the darkest, the brightest and the middle":
            case(np.array([[[[0, 255, 128]]]], np.uint8), dtype=np.float32),
        "two pictures": _pictures(256, 2, 5, 4, 3),
        "a dark picture stays dark": _pictures(60, 1, 5, 4, 3),
        "floats from a resize, left as they were":
            case(np.float32(_RNG.uniform(0, 255, (2, 4, 4, 3))), dtype=np.float32),
    },
    misconceptions={
        "These are the numbers 0 to 1: it was trained on -1 to 1.": lambda x: _scaled(x, 255, 0),
        "From 0 to 2: take off 1.": lambda x: _scaled(x, 127.5, 0),
        "From -0.5 to 0.5: half of the range it was trained on.": lambda x: _scaled(x, 255, 0.5),
        "From -1 to 0: divide by 127.5, half of 255.": lambda x: _scaled(x, 255),
        "Divided by 128: 255 must become 1.": lambda x: _scaled(x, 128),
        "Black and white are exchanged: 0 must become -1.": lambda x: -_scaled(x),
        "Nothing is scaled: these are still the numbers 0 to 255.": lambda x: _scaled(x, 1, 0),
        "Stretched to the picture's own range: a dark picture must stay dark.":
            lambda x: _scaled(x - x.min(), np.ptp(x) / 2),
    },
)  # fmt: skip
