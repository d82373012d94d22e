"""Checkers of chapter 18: the webcam."""

from itertools import groupby

import numpy as np

from asl_helpers.checks.core import Exercise, case


def _windows(answers, frames, order=dict.fromkeys):
    """Yield each window's most frequent answer, its count, and the frames that there are.

    ``order`` decides between equals: the first of what it gives.
    """
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(order(window), key=window.count)
        yield best, window.count(best), len(window)


def _changes(answers):
    return "".join(answer for answer, _ in groupby(answers))


def _majority(answers, frames, more=0.5, full=True, order=dict.fromkeys):
    """Return what a window says that needs more than a share of its frames."""
    said, last = "", ""
    for best, count, length in _windows(answers, frames, order):
        if count > more * (frames if full else length) and best != last:
            said, last = said + best, best
    return said


def _every_frame(answers, frames):
    return [best for best, count, _ in _windows(answers, frames) if count > frames / 2]


def _by_blocks(answers, frames):
    blocks = [answers[start : start + frames] for start in range(0, len(answers), frames)]
    return "".join(max(dict.fromkeys(block), key=block.count) for block in blocks)


majority = Exercise(
    points=4,
    reference=lambda answers, frames: _majority(answers, frames),
    cases={
        "one letter, held": case(list("AAAAAAA"), 5),
        "slips are outvoted": case([*"CCCCC", "O", *"CCCC", "", *"CCC"], 5),
        "a hand on its way has no majority": case([*"SAAAAAA", *"SEXE", *"BBBBBB"], 5),
        "the same letter after the hand was gone": case([*"LLLLL", *[""] * 6, *"LLLLL"], 5),
        "exactly half is no majority": case([*"AAABBB", *"AABBAABB"], 4),
    },
    misconceptions={
        "Say it when the majority changes.": lambda *a: "".join(_every_frame(*a)),
        "Every change is said: let the window outvote single frames.": lambda a, f: _changes(a),
        "The same letter comes once only: after a gap the next L is a new one.":
            lambda *a: _changes(best for best in _every_frame(*a) if best),
        "Half of the window is no majority: more than half is asked for.": (
            lambda *a: _majority(*a, more=0.499),
            lambda *a: _majority(*a, more=0.499, order=sorted),
        ),
        "The most frequent answer is said even without a majority: more than half must agree.": (
            lambda *a: _majority(*a, more=0),
            lambda *a: _majority(*a, more=0, order=sorted),
        ),
        "A window that is not full yet: ask for more than half of `frames`.":
            lambda *a: _majority(*a, full=False),
        "The frames are cut into blocks; the window slides on by one frame.": _by_blocks,
    },
)  # fmt: skip


def _holds(answers, times, hold):
    """Return, for each run of a letter, all its frames and those at which it is long enough."""
    indices = range(len(answers))
    runs = [list(run) for _, run in groupby(indices, key=answers.__getitem__)]
    return [
        (run, [frame for frame in run if times[frame] - times[run[0]] >= hold])
        for run in runs
        if answers[run[0]]
    ]


def _held(answers, times, hold):
    return np.array([held[0] for _, held in _holds(answers, times, hold) if held], int)


def _never_twice(answers, times, hold):
    held = _held(answers, times, hold)
    before = ["", *(answers[frame] for frame in held)]
    return np.array([k for k, last in zip(held, before, strict=False) if answers[k] != last], int)


_STEADY = np.arange(12) / 25
_STUTTER = np.array([0, 0.04, 0.08, 0.2, 0.4, 0.44, 0.48, 0.5, 0.52, 0.55, 0.56, 0.58])

held = Exercise(
    points=4,
    reference=_held,
    cases={
        "a letter in passing is not said": case([*"AAAAA", *"SS", *"BBBBB"], _STEADY, 0.1),
        "one letter": case(["", "", *"AAAAAAAAAA"], _STEADY, 0.1),
        "a double letter": case([*"LLLL", "", "", *"LLLLLL"], _STEADY, 0.1),
        "frames that come late": case([*"AAA", *"BB", *"CCCCCCC"], _STUTTER, 0.1),
        "a hand that says nothing": case([""] * 12, _STEADY, 0.1),
    },
    misconceptions={
        "The letter is said in each further frame: once a hold is enough.":
            lambda *a: [frame for _, held in _holds(*a) for frame in held],
        "These are where the holds begin: wait until `hold` is over.":
            lambda *a: [run[0] for run, held in _holds(*a) if held],
        "Every new answer is said; a letter must be held first.":
            lambda *a: [run[0] for run, _ in _holds(*a)],
        "Frames are counted, as if they came evenly: use `times`.":
            lambda a, t, h: _held(a, np.arange(len(t)) / 25, h),
        "A double letter is said once only: after a gap it is a new hold.": _never_twice,
        "An empty answer is no letter: it is never said.":
            lambda a, *more: _held([answer or " " for answer in a], *more),
    },
)  # fmt: skip


def _late(times, axis=None):
    return np.quantile(times, 0.95, axis=axis)


def _budget(steps):
    whole = steps.sum(axis=1)
    return _numbers(np.median(whole), _late(whole))


def _numbers(median, late):
    return np.array([median, late, 1000 / late])


_RNG = np.random.default_rng(18)
_APART = np.array([[10.0, 1.0]] * 18 + [[40.0, 1.0], [10.0, 30.0]])

budget = Exercise(
    points=3,
    reference=_budget,
    cases={
        "one step": case(np.array([[10.0], [12.0], [11.0], [50.0]])),
        "two steps that are slow in different frames": case(_APART),
        "many frames": case(_RNG.gamma(4, 3, (200, 4))),
    },
    misconceptions={
        "The steps' 95th percentiles are added up, but they are not slow in the same frame.":
            lambda s: _numbers(np.median(s.sum(axis=1)), _late(s, axis=0).sum()),
        "Percentiles of steps do not add up: add the steps of each frame.":
            lambda s: _numbers(np.median(s, axis=0).sum(), _late(s, axis=0).sum()),
        "The first number is the mean; a median is asked for.":
            lambda s: _numbers(s.sum(axis=1).mean(), _late(s.sum(axis=1))),
        "Half of all frames come too late.": lambda s: [*_budget(s)[:2], 1000 / _budget(s)[0]],
        "The steps are in milliseconds: use 1000 / p95.": lambda s: _budget(s) * [1, 1, 0.001],
        "That is the slowest frame of all.": lambda s: _numbers(_budget(s)[0], s.sum(axis=1).max()),
        "All steps are in one pot: sum each frame.": lambda s: _numbers(np.median(s), _late(s)),
    },
)  # fmt: skip
