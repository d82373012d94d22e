"""Checkers of chapter 20: the webcam."""

from itertools import groupby

import numpy as np

from asl_helpers.checks.core import case, exercise


@exercise(points=4)
def majority(answers, frames):
    said, last = "", ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(dict.fromkeys(window), key=window.count)
        if window.count(best) > frames / 2 and best != last:
            said, last = said + best, best
    return said


def _by_blocks(answers, frames):
    blocks = [answers[start : start + frames] for start in range(0, len(answers), frames)]
    return "".join(max(dict.fromkeys(block), key=block.count) for block in blocks)


_SORTED = ("dict.fromkeys(window)", "sorted(window)")  # which of two equals comes first

majority.cases = {
    "one letter, held": case(list("AAAAAAA"), 5),
    "slips are outvoted": case([*"CCCCC", "O", *"CCCC", "", *"CCC"], 5),
    "a hand on its way has no majority": case([*"SAAAAAA", *"SEXE", *"BBBBBB"], 5),
    "the same letter after the hand was gone": case([*"LLLLL", *[""] * 6, *"LLLLL"], 5),
    "exactly half is no majority": case([*"AAABBB", *"AABBAABB"], 4),
}
majority.wrong = {
    "A letter is said when the majority changes, not in every frame.": (" and best != last", ""),
    "Every change is said: let the window outvote single frames.":
        lambda answers, frames: "".join(answer for answer, _ in groupby(answers)),
    "The same letter comes once only, but after a gap the next L is a new one.":
        ("best != last", "best not in (last, '')"),
    "Half of the window is no majority: more than half is asked for.": [
        ("> frames / 2", ">= frames / 2"),
        ("> frames / 2", ">= frames / 2", *_SORTED),
    ],
    "The most frequent answer is said even without a majority: more than half must agree.": [
        ("> frames / 2", "> 0"),
        ("> frames / 2", "> 0", *_SORTED),
    ],
    "This window is not full yet: ask for more than half of `frames`.":
        ("frames / 2", "len(window) / 2"),
    "The frames are cut into blocks, but the window slides on by one frame.": _by_blocks,
}  # fmt: skip


@exercise(points=4)
def held(answers, times, hold):
    frames, start, said = [], 0, False
    for frame, answer in enumerate(answers):
        if answer != answers[start]:
            start, said = frame, False
        if answer and not said and times[frame] - times[start] >= hold:
            frames.append(frame)
            said = True
    return np.array(frames, int)


_STEADY = np.arange(12) / 25
_STUTTER = np.array([0, 0.04, 0.08, 0.2, 0.4, 0.44, 0.48, 0.5, 0.52, 0.55, 0.56, 0.58])

held.cases = {
    "a letter in passing is not said": case([*"AAAAA", *"SS", *"BBBBB"], _STEADY, 0.1),
    "one letter": case(["", "", *"AAAAAAAAAA"], _STEADY, 0.1),
    "a double letter": case([*"LLLL", "", "", *"LLLLLL"], _STEADY, 0.1),
    "frames that come late": case([*"AAA", *"BB", *"CCCCCCC"], _STUTTER, 0.1),
    "a hand that says nothing": case([""] * 12, _STEADY, 0.1),
}
held.wrong = {
    "The letter is said in each further frame, but once per hold is enough.": (" and not said", ""),
    "These are where the holds begin: wait until `hold` is over.":
        ("append(frame)", "append(start)"),
    "Every new answer is said, but a letter must be held first.":
        (" and times[frame] - times[start] >= hold", ""),
    "Frames are counted, as if they came evenly: use `times`.":
        lambda answers, times, hold: held.reference(answers, np.arange(len(times)) / 25, hold),
    "A double letter is said once only, but after a gap it is a new hold.":
        ("not said", "not said and answer not in [answers[k] for k in frames[-1:]]"),
    "An empty answer is no letter: it is never said.": ("answer and not said", "not said"),
}  # fmt: skip


@exercise(points=3)
def budget(steps):
    whole = steps.sum(axis=1)
    median, late = np.quantile(whole, [0.5, 0.95])
    return median, late, 1000 / late


_RNG = np.random.default_rng(18)
_APART = np.array([[10.0, 1.0]] * 18 + [[40.0, 1.0], [10.0, 30.0]])

budget.cases = {
    "one step": case(np.array([[10.0], [12.0], [11.0], [50.0]])),
    "two steps that are slow in different frames": case(_APART),
    "many frames": case(_RNG.gamma(4, 3, (200, 4))),
}
budget.wrong = {
    "The steps' 95th percentiles are added up, but the steps are not slow in the same frame.":
        ("    return", "    late = np.quantile(steps, 0.95, axis=0).sum()\n    return"),
    "Percentiles of steps do not add up: add the steps of each frame.":
        ("np.quantile(whole, [0.5, 0.95])", "np.quantile(steps, [0.5, 0.95], axis=0).sum(axis=1)"),
    "The first number is the mean; a median is asked for.":
        ("return median", "return whole.mean()"),
    "Half of all frames come too late: use 1000 / p95.": ("1000 / late", "1000 / median"),
    "The steps are in milliseconds: use 1000 / p95.": ("1000 / late", "1 / late"),
    "That is the slowest frame of all.": ("0.95", "1"),
    "All steps are in one pot: sum those of each frame.": ("steps.sum(axis=1)", "steps"),
}  # fmt: skip
