"""Checkers of chapter 13: the 29-class set."""

from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.checks.core import Changed, case, exercise


def _as_rows(value: Any) -> Any:
    """Compare a table as its columns and rows."""
    if isinstance(value, pd.DataFrame):
        return tuple(value.columns), *value.itertuples(index=False, name=None)
    return value


@exercise(points=3, read=_as_rows)
def picture_table(paths):
    table = pd.DataFrame({"path": paths})
    names = table["path"].astype(str)  # paths may be strings or Paths
    table["label"] = names.str.split("/").str[-2]
    table["frame"] = names.str.extract(r"(\d+)\.jpg$")[0].astype(int)
    return table.sort_values(["label", "frame"], ignore_index=True)


picture_table.cases = {
    "two letters, ten frames and more": case([
        "set/B/B2.jpg", "set/A/A10.jpg", "set/A/A9.jpg", "set/B/B11.jpg", "set/A/A1.jpg",
    ]),
    "names that hold more than a letter": case([
        "x7/train/space/space12.jpg", "x7/train/del/del3.jpg", "x7/train/nothing/nothing3.jpg",
        "x7/train/space/space4.jpg",
    ]),
    "a file that another program named": case(["set/C/picture20.jpg", "set/C/picture3.jpg"]),
}  # fmt: skip
picture_table.wrong = {
    "A data frame was expected.": Changed(lambda table: table.to_dict("records")),
    "The columns are path, label, frame.": Changed(lambda table: table.iloc[:, [1, 0, 2]]),
    "A file is missing: a row for each is asked for.": Changed(lambda table: table.iloc[1:]),
    "The frames are no whole numbers: as text, '10' comes before '9'.":
        Changed(lambda table: table.astype({"frame": str})),
    "Sorted as text, 10 comes before 9: sort by label, then by the number.":
        ('["label", "frame"]', '"path"'),
    "The rows are right, their order is not.": Changed(lambda table: table.iloc[::-1]),
    "The label is the name of the file's folder.": ("str[-2]", "str[-1].str[0]"),
    "The frame is the number at the end of the name.":
        Changed(lambda t: t.assign(frame=t["path"].str.extract(r"(\d+)")[0].astype(int))),
}  # fmt: skip


@exercise(points=3)
def dark_share(images, level):
    return (images.mean(axis=-1) < level).mean(axis=(1, 2))


_RNG = np.random.default_rng(12)
_BACKLIT = np.full((1, 10, 10, 3), 250, np.uint8)
_BACKLIT[:, 2:8, :9] = _RNG.integers(0, 30, (1, 6, 9, 3), dtype=np.uint8)
_RED = np.zeros((2, 4, 4, 3), np.uint8)
_RED[..., 0] = 120  # each pixel's mean is 40, two of its three numbers are 0

dark_share.cases = {
    "a dark hand before a bright wall": case(_BACKLIT, 30),
    "four images, a number each":
        case(_RNG.integers(0, 256, (4, 6, 5, 3), dtype=np.uint8), 120),
    "a pixel counts once, not as three numbers": case(_RED, 30),
    "a pixel at the level is not darker": case(np.full((1, 4, 4, 3), 30, np.uint8), 30),
}  # fmt: skip
dark_share.wrong = {
    "These are the brighter pixels.": ("<", ">"),
    "This is a count: take the mean of the booleans.": ("level).mean", "level).sum"),
    "The image's mean is compared, so a bright wall outvotes the hand.":
        lambda images, level: images.mean(axis=(1, 2, 3)) < level,
    "Every channel counts by itself: take the pixel's mean first.":
        ("images.mean(axis=-1)", "images", "(1, 2)", "(1, 2, 3)"),
    "This is one number for all images: keep the first axis.": ("axis=(1, 2)", ""),
    "The mean runs over the images: keep axis 0.": ("(1, 2)", "0"),
    "Darker than the level is asked for: `<`, not `<=`.": ("<", "<="),
    "This is the brightness: compare with `level` first.":
        lambda images, level: images.mean(axis=(1, 2, 3)),
}  # fmt: skip


@exercise(points=4)
def film_split(frames, share, gap):
    first = np.sort(frames)[len(frames) - round(share * len(frames))]
    parts = (frames >= first).astype(int)
    parts[(frames < first) & (frames > first - gap)] = -1
    return parts


_RNG = np.random.default_rng(22)
_NO_GAP = ("= -1", "= 0")
_LAST_FILES = (
    "np.sort(frames)", "frames", "frames < first", "parts == 0",
    "frames >= first", "np.arange(len(frames)) >= len(frames) - round(share * len(frames))",
)  # fmt: skip
_FROM_THE_START = (
    "len(frames) - round", "round", "frames >= first", "frames < first",
    "frames < first) & (frames > first - gap", "frames >= first) & (frames < first + gap - 1",
)  # fmt: skip

film_split.cases = {
    "a film in order": case(np.arange(40), 0.25, 5),
    "files in another order": case(_RNG.permutation(40), 0.25, 5),
    "a film with frames missing": case(np.sort(_RNG.choice(400, 40, replace=False)), 0.2, 30),
    "no gap asked for": case(_RNG.permutation(30) + 7, 0.5, 0),
}
film_split.wrong = {
    "There is no gap, but the frame before is a twin.": _NO_GAP,
    "The last files of the list are not the end of a film: compare frame numbers.": [
        _LAST_FILES,
        (*_LAST_FILES, *_NO_GAP),
    ],
    "The gap is counted in files; count it in frame numbers, because some are missing.":
        lambda frames, share, gap: film_split.reference(frames.argsort().argsort(), share, gap),
    "The gap must be taken from the training set.":
        ("(frames < first) & (frames > first - gap)", "(frames >= first) & (frames < first + gap)"),
    "The two are exchanged: 1 marks the test set.":
        Changed(lambda parts: np.array([1, 0, -1])[parts]),
    "One frame too many is left out: a frame `gap` away may stay.": ("> first", ">= first"),
    "The test set is the end of the film, not its beginning.": [
        _FROM_THE_START,
        (*_FROM_THE_START, *_NO_GAP),
    ],
    "The gap has gone to the test set: mark it -1.": ("= -1", "= 1"),
}  # fmt: skip


@exercise(points=3)
def preprocess(images):
    return np.asarray(images, np.float32) / 127.5 - 1


_RNG = np.random.default_rng(32)

preprocess.cases = {
    "the darkest, the brightest and the middle":
        case(np.array([[[[0, 255, 128]]]], np.uint8), dtype=np.float32),
    "two images":
        case(_RNG.integers(256, size=(2, 5, 4, 3), dtype=np.uint8), dtype=np.float32),
    "a dark image stays dark":
        case(_RNG.integers(60, size=(1, 5, 4, 3), dtype=np.uint8), dtype=np.float32),
    "floats from a resize, left as they were":
        case(np.float32(_RNG.uniform(0, 255, (2, 4, 4, 3))), dtype=np.float32),
}  # fmt: skip
preprocess.wrong = {
    "These are the numbers 0 to 1; the model was trained on -1 to 1.": ("127.5 - 1", "255"),
    "These are the numbers 0 to 2: subtract 1.": (" - 1", ""),
    "These are the numbers -0.5 to 0.5, half of the range that the model was trained on.":
        ("127.5 - 1", "255 - 0.5"),
    "These are the numbers -1 to 0: divide by 127.5, half of 255.": ("127.5", "255"),
    "This divides by 128, but 255 must become 1.": ("127.5", "128"),
    "Black and white are exchanged: 0 must become -1.": Changed(np.negative),
    "Nothing is scaled: these are still the numbers 0 to 255.": (" / 127.5 - 1", ""),
    "This is stretched to the image's own range, but a dark image must stay dark.":
        lambda images: (images - images.min()) / (np.ptp(images) / 2) - 1,
}  # fmt: skip
