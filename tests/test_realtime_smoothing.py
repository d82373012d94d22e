"""Letters from frames: streams written by hand, each of them a thing that happens to signers."""

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.realtime.events import Seen
from asl_helpers.realtime.smoothing import (
    MajorityWindow,
    SmoothingError,
    SteadyHand,
    smoother,
)

FPS = 25
POINTS = hand.pose("B").image[0, :, :2]


def stream(*stretches):
    """Return frames of stretches (letter or None or "lost", seconds, place, moves a frame)."""
    seen, place = [], np.zeros(2, np.float32)
    for stretch in stretches:
        letter, seconds, *rest = stretch
        step = np.array(rest[0] if rest else (0, 0), np.float32)
        for _ in range(round(seconds * FPS)):
            place = place + step
            lost = letter == "lost"
            seen.append(
                Seen(
                    time=len(seen) / FPS,
                    letter=None if lost else letter,
                    confidence=0.0 if lost else 0.9,
                    points=None if lost else POINTS + place,
                )
            )
    return seen


def said(way, seen):
    return "".join(answer[0] for answer in map(way.update, seen) if answer)


FAST = (0.06, 0.0)  # widths of the picture a frame: a hand on its way
PASSING = [("A", 0.4), ("S", 0.16, FAST), ("T", 0.12, FAST), ("Y", 0.4)]


def test_a_steady_hand_says_each_letter_once():
    assert said(SteadyHand(), stream(("A", 0.5), (None, 0.2, FAST), ("B", 0.5))) == "AB"
    assert said(SteadyHand(), stream(("A", 5.0))) == "A"


def test_shapes_in_passing_are_not_said():
    assert said(SteadyHand(), stream(*PASSING)) == "AY"
    assert said(MajorityWindow(frames=4, share=0.7), stream(*PASSING)) != "AY"


def test_a_double_letter_is_said_twice_after_a_release():
    seen = stream(("L", 0.4), (None, 0.2), ("L", 0.4))
    assert said(SteadyHand(), seen) == "LL"


def test_a_double_letter_is_said_twice_after_a_slide():
    palm = np.linalg.norm(POINTS[9] - POINTS[0])
    step = (0.7 * palm / 4, 0.0)
    seen = stream(("L", 0.4), ("L", 0.16, step), ("L", 0.4))
    assert said(SteadyHand(), seen) == "LL"
    assert said(MajorityWindow(), seen) == "L"


def test_a_hand_that_drifts_slowly_or_slips_is_still_one_letter():
    flicker = [("A", 0.2), ("S", 0.04), ("A", 0.2), (None, 0.04), ("A", 0.3)]
    assert said(SteadyHand(), stream(*flicker)) == "A"
    lost = [("A", 0.3), ("lost", 0.12), ("A", 0.3)]
    assert said(SteadyHand(), stream(*lost)) == "A"


def test_a_hand_that_went_away_and_came_back_is_a_new_letter():
    seen = stream(("A", 0.4), ("lost", 0.6), ("A", 0.4))
    assert said(SteadyHand(), seen) == "AA"


def test_the_letter_is_timed_by_the_clock_not_by_frames():
    for fps in (10, 25, 60):
        way = SteadyHand()
        frames = [Seen(k / fps, "A", 0.9, POINTS) for k in range(2 * fps)]
        first = next(seen.time for seen in frames if way.update(seen))
        assert way.hold - 1e-6 <= first <= way.hold + 1 / fps


def test_a_single_frame_is_never_a_letter():
    assert said(SteadyHand(), stream(("A", 0.04), (None, 0.5), ("lost", 0.04))) == ""
    assert said(SteadyHand(), []) == ""


def test_confidence_is_the_mean_of_the_frames_that_decided():
    way = SteadyHand()
    sure = [0.6, 0.7, 0.8, 0.9, 1.0]
    answers = [way.update(Seen(k / FPS, "A", c, POINTS)) for k, c in enumerate(sure)]
    (answer,) = [answer for answer in answers if answer]
    count = next(k for k, a in enumerate(answers) if a) + 1
    assert answer[1] == pytest.approx(np.mean(sure[:count]))


def test_the_window_says_the_most_frequent_answer_when_it_changes():
    way = MajorityWindow(frames=5, share=0.6)
    assert said(way, stream(("A", 0.2), ("B", 0.08), ("A", 0.2), ("B", 0.4))) == "AB"
    assert said(MajorityWindow(5), stream(("A", 0.4), ("lost", 0.4), ("A", 0.4))) == "AA"


def test_ways_that_do_not_exist_are_refused():
    assert isinstance(smoother("steady", hold=0.2), SteadyHand)
    with pytest.raises(SmoothingError, match="Did you mean 'majority'"):
        smoother("majorty")
    with pytest.raises(SmoothingError, match="must be positive"):
        SteadyHand(hold=0)
    with pytest.raises(SmoothingError, match="0 frames"):
        MajorityWindow(frames=0)
