"""Checkers of chapter 18: the webcam."""

from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker

Function = Callable[..., Any]


@checker(points=4)
def majority(check: Check, majority: Function) -> None:
    """Check ``majority(answers, frames)``: the letters that a sliding majority says, a string."""
    cases = [
        ("one letter, held", list("AAAAAAA"), 5),
        ("slips are outvoted", [*"CCCCC", "O", *"CCCC", "", *"CCC"], 5),
        ("a hand on its way has no majority", [*"SAAAAAA", *"SEXE", *"BBBBBB"], 5),
        ("the same letter after the hand was gone", [*"LLLLL", *[""] * 6, *"LLLLL"], 5),
        ("exactly half is no majority", [*"AAABBB", *"AABBAABB"], 4),
    ]
    for label, answers, frames in cases:
        check.call(
            label,
            majority,
            answers,
            frames,
            expected=_majority(answers, frames),
            mistakes=_majority_mistakes(answers, frames),
        )


@checker(points=4)
def held(check: Check, held: Function) -> None:
    """Check ``held(answers, times, hold)``: the frames in which a held letter is said."""
    steady = np.arange(12) / 25
    stutter = np.array([0, 0.04, 0.08, 0.2, 0.4, 0.44, 0.48, 0.5, 0.52, 0.55, 0.56, 0.58])
    cases = [
        ("a letter in passing is not said", [*"AAAAA", *"SS", *"BBBBB"], steady, 0.1),
        ("one letter", [""] * 2 + ["A"] * 10, steady, 0.1),
        ("a double letter", [*"LLLL", *["", ""], *"LLLLLL"], steady, 0.1),
        ("frames that come late", [*"AAA", *"BB", *"CCCCCCC"], stutter, 0.1),
        ("a hand that says nothing", [""] * 12, steady, 0.1),
    ]
    for label, answers, times, hold in cases:
        expected = _held(answers, times, hold)
        check.call(
            label,
            held,
            answers,
            times,
            hold,
            expected=expected,
            mistakes=_held_mistakes(answers, times, hold),
        )


@checker(points=3)
def budget(check: Check, budget: Function) -> None:
    """Check ``budget(steps)``: median and 95th percentile of a frame, and frames a second then."""
    rng = np.random.default_rng(18)
    apart = np.array([[10.0, 1.0]] * 18 + [[40.0, 1.0], [10.0, 30.0]])
    cases = [
        ("one step", np.array([[10.0], [12.0], [11.0], [50.0]])),
        ("two steps that are slow in different frames", apart),
        ("many frames", rng.gamma(4, 3, (200, 4))),
    ]
    for label, steps in cases:
        whole = steps.sum(axis=1)
        median, late = np.quantile(whole, [0.5, 0.95])
        expected = np.array([median, late, 1000 / late])
        apart_late = np.quantile(steps, 0.95, axis=0).sum()
        mistakes = [
            (
                np.array([median, apart_late, 1000 / apart_late]),
                "The 95th percentiles of the steps are added up, but they are not slow in the same "
                "frame: add up the steps of each frame first.",
            ),
            (
                np.array([np.median(steps, axis=0).sum(), apart_late, 1000 / apart_late]),
                "Percentiles of the steps do not add up to those of the frame: add up the steps of "
                "each frame first.",
            ),
            (
                np.array([whole.mean(), late, 1000 / late]),
                "The first number is the mean; a median is asked for, which one slow frame does "
                "not move.",
            ),
            (
                np.array([median, late, 1000 / median]),
                "The last number is for the median: half of all frames would come too late.",
            ),
            (
                np.array([median, late, 1 / late]),
                "The steps are in milliseconds: 1000 of them are a second.",
            ),
            (
                np.array([median, whole.max(), 1000 / whole.max()]),
                "That is the slowest frame of all; 95 of 100 are to be in time.",
            ),
            (
                np.array(
                    [np.median(steps), *[np.quantile(steps, 0.95)], 1000 / np.quantile(steps, 0.95)]
                ),
                "All steps of all frames are in one pot: a frame takes the sum of its steps.",
            ),
        ]
        check.call(label, budget, steps, expected=expected, mistakes=mistakes)


def _majority(
    answers: list[str],
    frames: int,
    more: float = 0.5,
    full: bool = True,
    order: Function = dict.fromkeys,
) -> str:
    """Return what a window says that needs more than a share of its frames.

    ``order`` decides between equals: the first of what it gives.
    """
    said, last = "", ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(order(window), key=window.count)
        if window.count(best) > more * (frames if full else len(window)) and best != last:
            said, last = said + best, best
    return said


def _majority_mistakes(answers: list[str], frames: int) -> list[tuple[str, str]]:
    """Return what usual slips give, and what to say to each."""
    every, kept, last = "", "", ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(dict.fromkeys(window), key=window.count)
        if window.count(best) > frames / 2:
            every += best
            if best and best != last:
                kept, last = kept + best, best
    changes = "".join(
        now for before, now in zip(["", *answers], answers, strict=False) if now != before
    )
    blocks = [answers[start : start + frames] for start in range(0, len(answers), frames)]
    by_block = "".join(max(dict.fromkeys(block), key=block.count) for block in blocks)
    half, most = (
        [
            (_majority(answers, frames, more, order=order), message)
            for order in (dict.fromkeys, lambda window: sorted(set(window)))
        ]
        for more, message in (
            (0.5 - 1e-9, "Half of the window is no majority: more than half is asked for."),
            (0.0, "The most frequent answer is said even where it has no majority: more than half "
             "of the frames must agree."),
        )
    )  # fmt: skip
    return [
        (every, "A letter is said in every frame in which it has the majority: say it when the "
         "majority changes."),
        (changes, "Every change of the answer is said: let the window outvote single frames."),
        (kept, "The same letter comes once only: where no answer has the majority, the hand was "
         "gone, and the next L is a new one."),
        *half,
        *most,
        (_majority(answers, frames, full=False), "A window that is not full yet is judged by the "
         "frames it has: more than half of `frames` is asked for from the beginning."),
        (by_block, "The frames are cut into blocks; the window slides on by one frame each time."),
    ]  # fmt: skip


def _runs(answers: list[str]) -> list[tuple[int, int]]:
    """Return (first frame, frame after the last) of each run of equal answers that are letters."""
    starts = [k for k in range(len(answers)) if k == 0 or answers[k] != answers[k - 1]]
    ends = [*starts[1:], len(answers)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if answers[start]]


def _held(answers: list[str], times: np.ndarray, hold: float) -> np.ndarray:
    """Return the first frame of each run at which it has lasted ``hold`` seconds."""
    said = []
    for start, end in _runs(answers):
        long = [k for k in range(start, end) if times[k] - times[start] >= hold]
        said += long[:1]
    return np.array(said, int)


def _held_mistakes(answers: list[str], times: np.ndarray, hold: float) -> list[tuple[Any, str]]:
    """Return what usual slips give, and what to say to each."""
    runs = _runs(answers)
    every = [k for a, b in runs for k in range(a, b) if times[k] - times[a] >= hold]
    begins = [a for a, b in runs if times[b - 1] - times[a] >= hold]
    passing = [a for a, _ in runs]
    count = int(np.ceil(hold * 25))
    by_count = [a + count for a, b in runs if b - a > count]
    once, seen = [], None
    for frame in _held(answers, times, hold):
        if answers[frame] != seen:
            once.append(int(frame))
        seen = answers[frame]
    blank = [""] + [answer or " " for answer in answers]
    with_none = _held(blank[1:], times, hold)
    return [
        (np.array(every, int), "The letter is said again in each further frame: once a hold is "
         "enough."),
        (np.array(begins, int), "These are the frames in which the holds begin; then nobody knows "
         "yet how long they will last. Name the frames in which `hold` seconds are over."),
        (np.array(passing, int), "Every new answer is said; a letter must be held first."),
        (np.array(by_count, int), "Frames are counted, as if they came evenly: use `times`."),
        (np.array(once, int), "A double letter is said once only: after a gap the same letter "
         "is a new hold."),
        (with_none, "An empty answer is no letter: it is never said."),
    ]  # fmt: skip
