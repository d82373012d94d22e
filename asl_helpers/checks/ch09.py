"""Checkers of chapter 9: a better CNN."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.checks.core import CAUGHT, Check, checker, run

Function = Callable[..., Any]
_MARK: list[str] = []
_FIRST = "Read a good file first."


class _RunsCode:
    """An object whose unpickling leaves a mark: harmless here, anything in a stranger's file."""

    def __reduce__(self):
        return _leave_a_mark, ()


def _leave_a_mark() -> int:
    _MARK.append("ran")
    return 0


@checker(points=3)
def load_npz(check: Check, load_npz: Function) -> None:
    """Check ``load_npz(path)``: two arrays out of a file, or a ValueError for a bad one."""
    rng = np.random.default_rng(9)
    images = rng.integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)
    labels = np.array([3, 0, 23, 7, 7])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npz"
        np.savez_compressed(path, images=images, labels=labels)
        reads = _good_file(check, load_npz, path, images, labels)
        refused = [
            ("pictures without a channel axis", images[..., 0], labels, "their shape"),
            ("pictures that are normalised already", images / 255, labels, "their type"),
            ("one label too few", images, labels[:-1], "whether there are as many of both"),
            ("labels that are no whole numbers", images, labels / 2, "the labels' type"),
        ]
        for label, one, other, what in refused:
            np.savez_compressed(path, images=one, labels=other)
            message = _refusal(load_npz, path, what) if reads else _FIRST
            check.record(f"refused: {label}", message)
        code = np.array([_RunsCode()] * len(labels), dtype=object)
        np.savez_compressed(path, images=images, labels=code)
        check.record("a file cannot run code", _code(load_npz, path) if reads else _FIRST)


def _good_file(check: Check, load_npz: Function, path: Path, images, labels) -> bool:
    """Check that a good file gives its two arrays; return whether it gives two at all."""
    answer, message = run(load_npz, path)
    pair = message is None and isinstance(answer, (tuple, list)) and len(answer) == 2
    if message is None and not pair:
        message = "Return two arrays, `images, labels`."
    elif message is None:
        first, second = answer
        if np.shape(first) == labels.shape:
            message = "The order is images first, then labels."
        elif getattr(first, "dtype", None) != np.uint8 or not np.array_equal(first, images):
            message = "The images are changed: return them as they were stored, uint8 0-255."
        elif not np.array_equal(second, labels):
            message = "The labels are not those of the file."
    check.record("a good file gives its images and labels", message)
    return pair and sorted(map(len, map(np.shape, answer))) == [1, 4]


def _refusal(load_npz: Function, path: Path, what: str) -> str | None:
    """Return what to say when a bad file is not met by a ValueError."""
    try:
        load_npz(path)
    except ValueError:
        return None
    except AssertionError:
        return "`assert` is switched off by `python -O`: raise a ValueError instead."
    except CAUGHT as error:
        return f"Expected a ValueError that says what is wrong, got {type(error).__name__}."
    return f"It was accepted: check {what}, and raise a ValueError."


def _code(load_npz: Function, path: Path) -> str | None:
    """Return what to say when reading a file ran what was hidden in it."""
    _MARK.clear()
    run(load_npz, path)
    return "The file ran code while it was read: that is allow_pickle=True." if _MARK else None


@checker(points=3)
def early_stop(check: Check, early_stop: Function) -> None:
    """Check ``early_stop(losses, patience) -> (kept, last)``, epochs counted from 1."""
    cases = [
        ("the loss falls, then rises", [0.9, 0.6, 0.5, 0.7, 0.8, 0.9, 1.0], 3),
        ("a relapse within the patience is forgiven", [0.9, 0.7, 0.8, 0.6, 0.75, 0.7, 0.65], 2),
        ("below its neighbour is not below the best", [0.9, 0.4, 0.8, 0.7, 0.6, 0.5, 0.3], 3),
        ("an equal loss is no lower one", [0.8, 0.5, 0.5, 0.5, 0.5, 0.4], 2),
        ("the epochs run out first", [0.9, 0.8, 0.7, 0.75], 5),
        ("it never gets better", [0.5, 0.6, 0.7, 0.8], 1),
    ]
    for label, losses, patience in cases:
        kept, last = _stop(losses, patience)
        never = len(losses)
        overall = int(np.argmin(losses)) + 1
        mistakes = [
            ((kept - 1, last - 1), "Python counts places from 0; epochs are counted from 1 here."),
            ((kept - 1, last), "The kept epoch is counted from 0, the last one from 1."),
            ((last, kept), "The order is (kept, last)."),
            ((last, last), "The weights of the last epoch are kept: it is the best that counts."),
            (
                (overall, last),
                "The lowest loss of all lies behind the stop: training never got there.",
            ),
            (
                _stop(losses, patience, equal=True),
                "An equal loss counts as better: only a lower one does.",
            ),
            (
                _stop(losses, patience, neighbour=True),
                "Each loss is compared with the one before: compare with the lowest so far.",
            ),
            (_stop(losses, patience + 1), "One epoch too late: after `patience` of them, stop."),
            (_stop(losses, patience - 1), "One epoch too early: `patience` of them are allowed."),
            ((overall, never), "The run never stops: compare with the best epoch so far."),
        ]
        check.call(
            label, _as_pair(early_stop), losses, patience, expected=(kept, last), mistakes=mistakes
        )


def _stop(
    losses: list[float], patience: int, equal: bool = False, neighbour: bool = False
) -> tuple[int, int]:
    """Return (kept, last), with a misconception on demand."""
    best, waited = 0, 0
    for place in range(1, len(losses)):
        against = losses[place - 1] if neighbour else losses[best]
        if losses[place] < against or (equal and losses[place] == against):
            waited = 0
            best = place if losses[place] <= losses[best] else best
        else:
            waited += 1
        if waited >= max(patience, 0):
            return best + 1, place + 1
    return best + 1, len(losses)


def _as_pair(function: Any) -> Any:
    """Let an answer be a list, an array or NumPy's integers as well: the two numbers count."""
    if not callable(function):
        return function

    def answer(losses: list[float], patience: int) -> Any:
        value = function(losses, patience)
        if isinstance(value, (list, tuple, np.ndarray)):
            return tuple(part.item() if hasattr(part, "item") else part for part in value)
        return value

    return answer


@checker(points=3)
def optimism(check: Check, optimism: Function) -> None:
    """Check ``optimism(validation, test)``: accuracies (runs, epochs) to one number."""
    rng = np.random.default_rng(9)
    rising = np.linspace(0.5, 0.6, 6)
    cases = [
        ("one run", np.array([[0.5, 0.7, 0.6]]), np.array([[0.52, 0.6, 0.68]])),
        ("both peak together: nothing gained", np.array([[0.5, 0.8]]), np.array([[0.4, 0.9]])),
        (
            "several runs, each with its own epoch",
            rising + rng.normal(0, 0.08, (4, 6)),
            rising + rng.normal(0, 0.08, (4, 6)),
        ),
    ]
    for label, validation, test in cases:
        rows = np.arange(len(test))
        chosen = test[rows, validation.argmax(axis=1)]
        right = np.mean(test.max(axis=1) - chosen)
        together = validation.mean(axis=0).argmax()
        mistakes = [
            (-right, "The sign is exchanged: how much higher is the picked score?"),
            (100 * right, "This is in points; accuracies from 0 to 1 give a share."),
            (test.max(axis=1) - chosen, "Return the mean over the runs, one number."),
            (
                np.mean(validation.max(axis=1) - chosen),
                "This compares validation with test: ask for the test score twice.",
            ),
            (
                np.mean(test.max(axis=1) - test[:, -1]),
                "The last epoch was not chosen by anything: use the epoch that validation chose.",
            ),
            (
                np.mean(test.max(axis=1) - test[rows, validation.argmin(axis=1)]),
                "This is the epoch with the lowest validation accuracy.",
            ),
            (
                np.mean(test.max(axis=1) - test[:, together]),
                "One epoch for all runs: each run has its own.",
            ),
            (
                test.mean(axis=0).max() - test.mean(axis=0)[together],
                "The runs were averaged first: each run has its own epochs.",
            ),
            (np.mean(test.max(axis=1)), "This is the picked score alone: subtract the honest one."),
            (np.mean(chosen), "This is the honest score alone."),
        ]
        check.call(label, optimism, validation, test, expected=right, mistakes=mistakes)
