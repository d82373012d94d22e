"""Checkers of chapter 10: a better CNN."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.checks.core import Changed, Failed, case, exercise, refusal


@exercise(points=3)
def load_npz(path):
    with np.load(path, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    if images.dtype != np.uint8 or labels.dtype.kind not in "iu":
        raise ValueError("uint8 images and whole numbers as labels are expected")
    if images.shape[1:] != (28, 28, 1):
        raise ValueError("images of shape (n, 28, 28, 1) are expected")
    if len(images) != len(labels):
        raise ValueError("a label for each image is expected")
    return images, labels


_IMAGES = np.random.default_rng(9).integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)
_LABELS = np.array([3, 0, 23, 7, 7])
_MARK: list[str] = []


class _RunsCode:
    """An object whose unpickling leaves a mark: harmless here, anything in a stranger's file."""

    def __reduce__(self):
        return _leave_a_mark, ()


def _leave_a_mark():
    _MARK.append("ran")
    return 0


def _with_file(test, images=_IMAGES, labels=_LABELS):
    """Return a test that gets the answer, what it makes of a good file, and the path of a file."""

    def with_file(call):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pictures.npz"
            np.savez_compressed(path, images=_IMAGES, labels=_LABELS)
            pair = call(path)
            if not isinstance(pair, tuple | list) or sorted(map(np.ndim, pair)) != [1, 4]:
                raise Failed("Return two arrays, `images, labels`.")
            np.savez_compressed(path, images=images, labels=labels)
            return test(call, pair, path)

    return with_file


def _same_arrays(call: Any, pair: tuple, path: Path) -> str | None:
    images, labels = pair
    if np.ndim(images) == 1:
        return "The order is images first, then labels."
    if getattr(images, "dtype", None) != np.uint8 or not np.array_equal(images, _IMAGES):
        return "The images are changed: return them as they were stored, uint8 0-255."
    return None if np.array_equal(labels, _LABELS) else "The labels are not those of the file."


def _refused(what, images=_IMAGES, labels=_LABELS):
    message = f"It was accepted: check {what}, and raise a ValueError."
    return _with_file(
        lambda call, pair, path: refusal(call, path, accepted=message), images, labels
    )


def _runs_no_code(call, pair, path):
    _MARK.clear()
    refusal(call, path, accepted="")
    return "The file ran code while it was read: that is allow_pickle=True." if _MARK else None


load_npz.cases = {
    "a good file gives its images and labels": _with_file(_same_arrays),
    "refused: images without a channel axis": _refused("their shape", images=_IMAGES[..., 0]),
    "refused: images that are normalized already": _refused("their type", images=_IMAGES / 255),
    "refused: one label too few":
        _refused("whether there are as many of both", labels=_LABELS[:-1]),
    "refused: labels that are no whole numbers": _refused("the labels' type", labels=_LABELS / 2),
    "a file cannot run code":
        _with_file(_runs_no_code, labels=np.array([_RunsCode()] * len(_LABELS), dtype=object)),
}  # fmt: skip
load_npz.wrong = {
    "The file ran code while it was read": ("allow_pickle=False", "allow_pickle=True"),
    "It was accepted: check their shape": ("(28, 28, 1)", "images.shape[1:]"),
    "It was accepted: check their type": ("images.dtype != np.uint8", "False"),
    "It was accepted: check whether there are as many of both": ("len(labels)", "len(images)"),
    "`python -O` switches `assert` off: raise a ValueError instead.":
        ("ValueError", "AssertionError"),
    "KeyError was raised": ("ValueError", "KeyError"),
    "The images are changed": Changed(lambda pair: (pair[0] / 255, pair[1])),
    "The order is images first, then labels.": Changed(lambda pair: pair[::-1]),
    "Return two arrays": lambda path: dict(np.load(path)),
}  # fmt: skip


@exercise(points=3)
def early_stop(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        waited += 1
        if losses[epoch] < losses[best]:
            best, waited = epoch, 0
        if waited >= patience:
            return best + 1, epoch + 1
    return best + 1, len(losses)


early_stop.cases = {
    "the loss falls, then rises": case([0.9, 0.6, 0.5, 0.7, 0.8, 0.9, 1.0], 3),
    "a relapse within the patience is forgiven": case([0.9, 0.7, 0.8, 0.6, 0.75, 0.7, 0.65], 2),
    "below its neighbor is not below the best": case([0.9, 0.4, 0.8, 0.7, 0.6, 0.5, 0.3], 3),
    "an equal loss is no lower one": case([0.8, 0.5, 0.5, 0.5, 0.5, 0.4], 2),
    "the epochs run out first": case([0.9, 0.8, 0.7, 0.75], 5),
    "it never gets better": case([0.5, 0.6, 0.7, 0.8], 1),
}
early_stop.wrong = {
    "Epochs are counted from 1 here.": Changed(lambda pair: np.subtract(pair, 1)),
    "The order is (kept, last).": Changed(lambda pair: pair[::-1]),
    "The last epoch is kept: keep the best.": Changed(lambda pair: (pair[1], pair[1])),
    "The lowest loss comes after the stop.":
        lambda losses, n: (np.argmin(losses) + 1, early_stop.reference(losses, n)[1]),
    "An equal loss is not lower: compare with `<`.": ("<", "<="),
    "Compare with the lowest loss so far, not with the last one.":
        ("losses[best]", "losses[epoch - 1]",
         "= epoch, 0", "= min(epoch, best, key=losses.__getitem__), 0"),
    "It stops one epoch too late: after `patience` of them, stop.": (">=", ">"),
    "It stops one epoch too early: `patience` of them are allowed.": ("patience:", "patience - 1:"),
    "It never stops: compare with the best so far.":
        lambda losses, n: (np.argmin(losses) + 1, len(losses)),
}  # fmt: skip


@exercise(points=3)
def optimism(validation, test):
    honest = test[np.arange(len(test)), validation.argmax(axis=1)]
    return (test.max(axis=1) - honest).mean()


_NOISY = np.linspace(0.5, 0.6, 6) + np.random.default_rng(9).normal(0, 0.08, (2, 4, 6))

optimism.cases = {
    "one run": case(np.array([[0.5, 0.7, 0.6]]), np.array([[0.52, 0.6, 0.68]])),
    "both peak together: nothing gained": case(np.array([[0.5, 0.8]]), np.array([[0.4, 0.9]])),
    "several runs, each with its own epoch": case(*_NOISY),
}
optimism.wrong = {
    "The sign is reversed: picked minus honest.": Changed(np.negative),
    "Return the mean over the runs.": (".mean()", ""),
    "This compares validation with test: both scores come from the test set.":
        ("test.max", "validation.max"),
    "The last epoch was not chosen by anything: use the epoch that validation chose.":
        ("validation.argmax(axis=1)", "-1"),
    "This is the epoch with the lowest validation accuracy.": ("argmax", "argmin"),
    "The runs were averaged first, but each has its own epochs.":
        lambda v, t: optimism.reference(v.mean(axis=0)[None], t.mean(axis=0)[None]),
    "This is the picked score alone: subtract the honest one.": (" - honest", ""),
    "This is the honest score alone.": ("(test.max(axis=1) - honest)", "honest"),
}  # fmt: skip
