"""Checkers of chapter 9: a better CNN."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.checks.core import CAUGHT, Check, Exercise, as_tuple, case, run

_MARK: list[str] = []


class _RunsCode:
    """An object whose unpickling leaves a mark: harmless here, anything in a stranger's file."""

    def __reduce__(self):
        return _leave_a_mark, ()


def _leave_a_mark() -> int:
    _MARK.append("ran")
    return 0


def _loader(allow_pickle=False, shape=True, types=True, counts=True, error=ValueError):
    """Return a right answer, or one that leaves a check out."""

    def load_npz(path):
        with np.load(path, allow_pickle=allow_pickle) as file:
            images, labels = file["images"], file["labels"]
        if types and (images.dtype != np.uint8 or labels.dtype.kind not in "iu"):
            raise error("types")
        if shape and images.shape[1:] != (28, 28, 1):
            raise error("shape")
        if counts and len(images) != len(labels):
            raise error("counts")
        return images, labels

    return load_npz


def _reads_and_refuses(check: Check, answer: Any) -> None:
    """Check that a good file is read, a bad one is refused, and none runs code."""
    rng = np.random.default_rng(9)
    images = rng.integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)
    labels = np.array([3, 0, 23, 7, 7])
    code = np.array([_RunsCode()] * len(labels), dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npz"
        np.savez_compressed(path, images=images, labels=labels)
        result, message = run(answer, path)
        pair = message is None and isinstance(result, tuple | list) and len(result) == 2
        reads = pair and sorted(map(len, map(np.shape, result))) == [1, 4]
        if pair:
            message = _unlike(*result, images, labels)
        elif message is None:
            message = "Return two arrays, `images, labels`."
        check.record("a good file gives its images and labels", message)
        for label, one, other, what in (
            ("pictures without a channel axis", images[..., 0], labels, "their shape"),
            ("pictures that are normalised already", images / 255, labels, "their type"),
            ("one label too few", images, labels[:-1], "whether there are as many of both"),
            ("labels that are no whole numbers", images, labels / 2, "the labels' type"),
        ):
            np.savez_compressed(path, images=one, labels=other)
            message = _refusal(answer, path, what) if reads else "Read a good file first."
            check.record(f"refused: {label}", message)
        np.savez_compressed(path, images=images, labels=code)
        _MARK.clear()
        run(answer, path)
        message = None if reads else "Read a good file first."
        if reads and _MARK:
            message = "The file ran code while it was read: that is allow_pickle=True."
        check.record("a file cannot run code", message)


def _unlike(first: Any, second: Any, images: np.ndarray, labels: np.ndarray) -> str | None:
    """Return what is wrong with two arrays out of a good file."""
    if np.shape(first) == labels.shape:
        return "The order is images first, then labels."
    if getattr(first, "dtype", None) != np.uint8 or not np.array_equal(first, images):
        return "The images are changed: return them as they were stored, uint8 0-255."
    return None if np.array_equal(second, labels) else "The labels are not those of the file."


def _refusal(answer: Any, path: Path, what: str) -> str | None:
    """Return what to say when a bad file is not met by a ValueError."""
    try:
        answer(path)
    except ValueError:
        return None
    except AssertionError:
        return "`assert` is switched off by `python -O`: raise a ValueError instead."
    except CAUGHT as error:
        return f"Expected a ValueError that says what is wrong, got {type(error).__name__}."
    return f"It was accepted: check {what}, and raise a ValueError."


def _normalises(path):
    images, labels = _loader()(path)
    return images / 255, labels


load_npz = Exercise(
    points=3,
    reference=_loader(),
    tests=_reads_and_refuses,
    wrong_answers={
        "It was accepted: check their shape": _loader(shape=False, types=False, counts=False),
        "The file ran code while it was read": _loader(allow_pickle=True),
        "It was accepted: check their type": _loader(types=False),
        "It was accepted: check whether there are as many of both": _loader(counts=False),
        "`assert` is switched off by `python -O`": _loader(error=AssertionError),
        "got KeyError": _loader(error=KeyError),
        "The images are changed": _normalises,
        "The order is images first, then labels.": lambda path: _loader()(path)[::-1],
        "Return two arrays": lambda path: dict(np.load(path)),
    },
)


def _stop(losses, patience, equal=False, neighbour=False):
    """Return (kept, last), with a misconception on demand."""
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        against = losses[epoch - 1] if neighbour else losses[best]
        if losses[epoch] < against or (equal and losses[epoch] == against):
            waited = 0
            best = epoch if losses[epoch] <= losses[best] else best
        else:
            waited += 1
        if waited >= patience:
            return best + 1, epoch + 1
    return best + 1, len(losses)


def _lowest(losses):
    return int(np.argmin(losses)) + 1


early_stop = Exercise(
    points=3,
    reference=lambda losses, patience: _stop(losses, patience),
    read=as_tuple,
    cases={
        "the loss falls, then rises": case([0.9, 0.6, 0.5, 0.7, 0.8, 0.9, 1.0], 3),
        "a relapse within the patience is forgiven":
            case([0.9, 0.7, 0.8, 0.6, 0.75, 0.7, 0.65], 2),
        "below its neighbour is not below the best": case([0.9, 0.4, 0.8, 0.7, 0.6, 0.5, 0.3], 3),
        "an equal loss is no lower one": case([0.8, 0.5, 0.5, 0.5, 0.5, 0.4], 2),
        "the epochs run out first": case([0.9, 0.8, 0.7, 0.75], 5),
        "it never gets better": case([0.5, 0.6, 0.7, 0.8], 1),
    },
    misconceptions={
        "Epochs are counted from 1 here.": lambda x, n: np.subtract(_stop(x, n), 1),
        "The order is (kept, last).": lambda x, n: _stop(x, n)[::-1],
        "The last epoch is kept: keep the best.": lambda x, n: (_stop(x, n)[1],) * 2,
        "The lowest loss comes after the stop.":
            lambda x, n: (_lowest(x), _stop(x, n)[1]),
        "An equal loss counts: only a lower one does.": lambda x, n: _stop(x, n, equal=True),
        "Compare with the lowest so far, not the last.": lambda x, n: _stop(x, n, neighbour=True),
        "One epoch too late: after `patience` of them, stop.": lambda x, n: _stop(x, n + 1),
        "One epoch too early: `patience` of them are allowed.": lambda x, n: _stop(x, n - 1),
        "It never stops: compare with the best so far.": lambda x, n: (_lowest(x), len(x)),
    },
)  # fmt: skip


def _optimism(validation, test):
    return np.mean(test.max(axis=1) - _at(test, validation.argmax(axis=1)))


def _at(scores, epochs):
    """Return the score of one epoch of each run."""
    return scores[np.arange(len(scores)), epochs]


_RNG = np.random.default_rng(9)


def _noisy():
    return np.linspace(0.5, 0.6, 6) + _RNG.normal(0, 0.08, (4, 6))


optimism = Exercise(
    points=3,
    reference=_optimism,
    cases={
        "one run": case(np.array([[0.5, 0.7, 0.6]]), np.array([[0.52, 0.6, 0.68]])),
        "both peak together: nothing gained": case(np.array([[0.5, 0.8]]), np.array([[0.4, 0.9]])),
        "several runs, each with its own epoch": case(_noisy(), _noisy()),
    },
    misconceptions={
        "The sign is exchanged: picked minus honest.": lambda v, t: -_optimism(v, t),
        "In points; accuracies from 0 to 1 give a share.": lambda v, t: 100 * _optimism(v, t),
        "Return the mean over the runs.": lambda v, t: t.max(axis=1) - _at(t, v.argmax(axis=1)),
        "This compares validation with test: ask for the test score twice.":
            lambda v, t: np.mean(v.max(axis=1) - _at(t, v.argmax(axis=1))),
        "The last epoch was not chosen by anything: use the epoch that validation chose.":
            lambda v, t: np.mean(t.max(axis=1) - t[:, -1]),
        "This is the epoch with the lowest validation accuracy.": lambda v, t: _optimism(-v, t),
        "The runs were averaged first: each has its own epochs.":
            lambda v, t: _optimism(v.mean(axis=0)[None], t.mean(axis=0)[None]),
        "The picked score alone: subtract the honest one.": lambda v, t: t.max(axis=1).mean(),
        "This is the honest score alone.": lambda v, t: _at(t, v.argmax(axis=1)).mean(),
    },
)  # fmt: skip
