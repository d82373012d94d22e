"""Right and plausibly wrong answers to the exercises of chapter 12."""

import re
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from asl_helpers.checks import ch12


def picture_table(paths):
    rows = [
        (path, PurePosixPath(path).parent.name, int(re.search(r"(\d+)\.jpg$", str(path))[1]))
        for path in paths
    ]
    table = pd.DataFrame(rows, columns=["path", "label", "frame"])
    return table.sort_values(["label", "frame"], ignore_index=True)


def dark_share(images, level):
    return (images.mean(axis=-1) < level).mean(axis=(1, 2))


def film_split(frames, share, gap):
    first = np.sort(frames)[len(frames) - round(share * len(frames))]
    parts = np.zeros(len(frames), int)
    parts[frames > first - gap] = -1
    parts[frames >= first] = 1
    return parts


def preprocess(images):
    return np.asarray(images, np.float32) / 127.5 - 1


REFERENCES = {
    ch12.picture_table: (picture_table,),
    ch12.dark_share: (dark_share,),
    ch12.film_split: (film_split,),
    ch12.preprocess: (preprocess,),
}


def changed(change):
    """The right table, changed."""
    return lambda paths: change(picture_table(paths))


def label_from_name(paths):
    table = picture_table(paths)
    table["label"] = [PurePosixPath(path).stem[0] for path in table["path"]]
    return table


def first_digits(paths):
    table = picture_table(paths)
    table["frame"] = [int(re.search(r"\d+", path)[0]) for path in table["path"]]
    return table


def by_file_order(frames, share, gap):
    parts = np.zeros(len(frames), int)
    start = len(frames) - round(share * len(frames))
    parts[frames > frames[start] - gap] = -1
    parts[:start][parts[:start] != -1] = 0
    parts[start:] = 1
    return parts


def gap_in_files(frames, share, gap):
    order = np.argsort(frames)
    start = len(frames) - round(share * len(frames))
    parts = np.zeros(len(frames), int)
    parts[order[max(0, start - gap + 1) : start]] = -1
    parts[order[start:]] = 1
    return parts


def no_gap(frames, share, gap):
    return np.maximum(film_split(frames, share, 0), 0)


def gap_in_test(frames, share, gap):
    parts = no_gap(frames, share, gap)
    first = frames[parts == 1].min()
    parts[(frames >= first) & (frames < first + gap)] = -1
    return parts


def from_the_start(frames, share, gap):
    begin = np.sort(frames)[round(share * len(frames))]
    return (frames < begin).astype(int)


def in_place(images):
    images[...] = images / 127.5 - 1
    return images


def stretched(images):
    images = np.asarray(images, np.float32)
    return 2 * (images - images.min()) / np.ptp(images) - 1


WRONG = [
    (ch12.picture_table, lambda paths: picture_table(paths).to_dict("records"), 0,
     "A data frame was expected"),
    (ch12.picture_table, changed(lambda t: t[["label", "path", "frame"]]), 0,
     "The columns are"),
    (ch12.picture_table, changed(lambda t: t.iloc[1:]), 0, "rows for"),
    (ch12.picture_table, changed(lambda t: t.assign(frame=t["frame"].astype(str))), 0,
     "'10' comes before '9'"),
    (ch12.picture_table, changed(lambda t: t.sort_values("path")), 0, "Sorted as text"),
    (ch12.picture_table, changed(lambda t: t.iloc[::-1]), 0, "their order is not"),
    (ch12.picture_table, label_from_name, 1, "the name of the file's folder"),
    (ch12.picture_table, first_digits, 2, "the digits at the end say"),
    (ch12.dark_share, lambda x, t: (x.mean(axis=(1, 2, 3)) < t) * 1.0, 1.5,
     "a bright wall outvotes"),
    (ch12.dark_share, lambda x, t: (x < t).mean(axis=(1, 2, 3)), 1.5,
     "Every channel counts by itself"),
    (ch12.dark_share, lambda x, t: (x.mean(axis=-1) < t).sum(axis=(1, 2)), 1.5,
     "This is a count"),
    (ch12.dark_share, lambda x, t: (x.mean(axis=-1) > t).mean(axis=(1, 2)), 0.75,
     "the brighter pixels"),
    (ch12.dark_share, lambda x, t: (x.mean(axis=-1) < t).mean(), 0, "keep the first axis"),
    (ch12.dark_share, lambda x, t: (x.mean(axis=-1) <= t).mean(axis=(1, 2)), 2.25,
     "not `<=`"),
    (ch12.dark_share, lambda x, t: x.mean(axis=(1, 2, 3)), 0, "the mean brightness"),
    (ch12.film_split, no_gap, 1, "No gap"),
    (ch12.film_split, by_file_order, 2, "compare frame numbers"),
    (ch12.film_split, gap_in_files, 3, "counted in files"),
    (ch12.film_split, gap_in_test, 1, "take it out of the training"),
    (ch12.film_split, from_the_start, 0, "not its beginning"),
    (ch12.film_split, lambda f, s, g: film_split(f, s, g + 1), 1, "One frame too many"),
    (ch12.film_split, lambda f, s, g: np.where(film_split(f, s, g) == -1, 1,
     film_split(f, s, g)), 1, "gap has gone to the test"),
    (ch12.film_split, lambda f, s, g: np.array([1, 0, -1])[film_split(f, s, g)], 0,
     "exchanged"),
    (ch12.preprocess, lambda x: np.float32(x) / 255, 0, "0 to 1"),
    (ch12.preprocess, lambda x: np.float32(x) / 127.5, 0, "take off 1"),
    (ch12.preprocess, lambda x: np.float32(x) / 255 - 0.5, 0, "half of the range"),
    (ch12.preprocess, lambda x: np.float32(x) / 128 - 1, 0, "255 must become 1"),
    (ch12.preprocess, lambda x: np.float32(x), 0, "Nothing is scaled"),
    (ch12.preprocess, lambda x: 1 - np.float32(x) / 127.5, 0, "exchanged"),
    (ch12.preprocess, stretched, 0.75, "a dark picture must stay dark"),
    (ch12.preprocess, lambda x: np.asarray(x) / 127.5 - 1, 0.75, "float32"),
    (ch12.preprocess, in_place, 0, "changes the array"),
]  # fmt: skip
