"""Right and plausibly wrong answers to the exercises of chapter 18."""

import numpy as np

from asl_helpers.checks import ch18


def majority(answers, frames, more=0.5):
    said, last = "", ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        names, counts = np.unique(window, return_counts=True)
        best = str(names[counts.argmax()])
        if counts.max() > more * frames and best != last:
            said, last = said + best, best
    return said


def held(answers, times, hold):
    said, start = [], 0
    is_said = False
    for frame, answer in enumerate(answers):
        if frame == 0 or answer != answers[frame - 1]:
            start, is_said = frame, False
        if answer and not is_said and times[frame] - times[start] >= hold:
            said.append(frame)
            is_said = True
    return np.array(said, int)


def budget(steps):
    whole = steps.sum(axis=1)
    late = np.quantile(whole, 0.95)
    return np.array([np.median(whole), late, 1000 / late])


REFERENCES = {
    ch18.majority: (majority,),
    ch18.held: (held,),
    ch18.budget: (budget,),
}


def every_frame(answers, frames):
    said = ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(sorted(set(window)), key=window.count)
        said += best if window.count(best) > frames / 2 else ""
    return said


def never_twice(answers, frames):
    said = ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(sorted(set(window)), key=window.count)
        if window.count(best) > frames / 2 and best and not said.endswith(best):
            said += best
    return said


def in_blocks(answers, frames):
    blocks = [answers[start : start + frames] for start in range(0, len(answers), frames)]
    return "".join(max(dict.fromkeys(block), key=block.count) for block in blocks)


def changes(answers, frames):
    return "".join(
        now for before, now in zip(["", *answers], answers, strict=False) if now != before
    )


def not_full(answers, frames):
    said, last = "", ""
    for end in range(1, len(answers) + 1):
        window = answers[max(0, end - frames) : end]
        best = max(dict.fromkeys(window), key=window.count)
        if window.count(best) > len(window) / 2 and best != last:
            said, last = said + best, best
    return said


def each_frame(answers, times, hold):
    said, start = [], 0
    for frame, answer in enumerate(answers):
        start = frame if frame == 0 or answer != answers[frame - 1] else start
        if answer and times[frame] - times[start] >= hold:
            said.append(frame)
    return np.array(said, int)


def the_beginnings(answers, times, hold):
    starts = []
    for frame in held(answers, times, hold):
        while frame and answers[frame - 1] == answers[frame]:
            frame -= 1
        starts.append(frame)
    return np.array(starts, int)


def counting(answers, times, hold):
    return held(answers, np.arange(len(answers)) / 25, hold)


def no_doubles(answers, times, hold):
    said, last = [], ""
    for frame in held(answers, times, hold):
        if answers[frame] != last:
            said.append(frame)
        last = answers[frame]
    return np.array(said, int)


def not_held(answers, times, hold):
    return np.array(
        [k for k, now in enumerate(answers) if now and (k == 0 or now != answers[k - 1])], int
    )


def empty_too(answers, times, hold):
    return held([answer or "?" for answer in answers], times, hold)


def late(values):
    return np.quantile(values, 0.95)


def triple(median, rare):
    return np.array([median, rare, 1000 / rare])


WRONG = [
    (ch18.majority, every_frame, 0, "in every frame in which it has the majority"),
    (ch18.majority, changes, 1.6, "outvote single frames"),
    (ch18.majority, never_twice, 3.2, "the next L is a new one"),
    (ch18.majority, lambda a, n: majority(a, n, 0.499), 3.2, "Half of the window"),
    (ch18.majority, lambda a, n: majority(a, n, 0), 2.4, "more than half"),
    (ch18.majority, not_full, 3.2, "A window that is not full yet"),
    (ch18.majority, in_blocks, 0, "slides on by one frame"),
    (ch18.majority, lambda a, n: list(majority(a, n)), 0, "Expected 'A'"),
    (ch18.held, each_frame, 0.8, "once a hold is enough"),
    (ch18.held, the_beginnings, 0.8, "the holds begin"),
    (ch18.held, counting, 3.2, "use `times`"),
    (ch18.held, no_doubles, 3.2, "A double letter is said once only"),
    (ch18.held, not_held, 0.8, "a letter must be held first"),
    (ch18.held, empty_too, 3.2, "An empty answer is no letter"),
    (ch18.budget, lambda s: triple(np.median(s), late(s)), 1, "in one pot"),
    (ch18.budget, lambda s: triple(np.median(s.sum(1)), np.quantile(s, 0.95, axis=0).sum()),
     1, "not slow in the same frame"),
    (ch18.budget, lambda s: triple(np.median(s, axis=0).sum(),
     np.quantile(s, 0.95, axis=0).sum()), 1, "do not add up"),
    (ch18.budget, lambda s: triple(s.sum(1).mean(), late(s.sum(1))), 0, "is the mean"),
    (ch18.budget, lambda s: budget(s) * [1, 1, 0.001], 0, "milliseconds"),
    (ch18.budget, lambda s: triple(np.median(s.sum(1)), s.sum(1).max()), 0,
     "slowest frame of all"),
    (ch18.budget, lambda s: np.array([*budget(s)[:2], 1000 / np.median(s.sum(1))]), 0,
     "half of all frames would come too late"),
]  # fmt: skip
