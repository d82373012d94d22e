"""Letters from frames: streams written by hand, each of them a thing that happens to signers."""

from dataclasses import replace

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.alphabet import LETTERS
from asl_helpers.realtime.letters import (
    MajorityWindow,
    Observation,
    SteadyHand,
    pair_frequencies,
    smoother,
)

FPS = 25
HANDS = {letter: hand.pose(letter).image[0, :, :2] for letter in "ABLRSTUY"}
OPEN = hand.pose("del").image[0, :, :2]
PALM = np.linalg.norm(HANDS["L"][9] - HANDS["L"][0])


def frame(time, letter, points, sure=0.9):
    """Return what a frame shows: a letter, no letter (None), or no hand (``points`` None)."""
    answers = {}
    if points is not None:
        answers = {letter or "none": sure} | dict.fromkeys("CGKQ", (1 - sure) / 4)
    return Observation(time, letter, sure if answers else 0.0, points, answers)


def stream(*stretches, sure=0.9):
    """Return frames of stretches.

    A stretch is (letter, seconds): the hand stands in a letter's shape; ("A>B", seconds): it moves
    from one shape to the other, which reads as the nearer one; (letter, seconds, step): it moves
    aside by ``step`` palm lengths a frame; ("lost", seconds): no hand; ("A>", ...) opens the hand.
    """
    seen, place = [], 0.0
    for what, seconds, *step in stretches:
        frames = round(seconds * FPS)
        for number in range(frames):
            place += step[0] * PALM if step else 0.0
            start, _, end = what.partition(">")
            share = (number + 1) / (frames + 1) if ">" in what else 0.0
            if what == "lost":
                seen.append(frame(len(seen) / FPS, None, None))
                continue
            goal = HANDS.get(end, OPEN)
            points = HANDS[start] + share * (goal - HANDS[start]) + [place, 0.0]
            letter = start if share < 0.5 else (end or None)
            seen.append(frame(len(seen) / FPS, letter, points, sure))
    return seen


def said(way, seen):
    return "".join(answer[0] for answer in map(way.update, seen) if answer)


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("AB", [("A", 0.5), ("A>B", 0.2), ("B", 0.5)]),
        ("A", [("A", 5.0)]),
        ("AY", [("A", 0.4), ("A>L", 0.16), ("L>B", 0.16), ("B>Y", 0.2), ("Y", 0.4)]),  # passing
        ("LL", [("L", 0.4), ("L>", 0.14), ("L", 0.4)]),  # a release
        ("LL", [("L", 0.4), ("L", 0.16, 0.7 / 4), ("L", 0.4)]),  # a slide
        ("LL", [("L", 0.4), ("L", 1.0, 0.7 / 25), ("L", 0.4)]),  # a slow one
        ("A", [("A", 0.3), ("lost", 0.12), ("A", 0.3)]),
        ("AA", [("A", 0.4), ("lost", 0.6), ("A", 0.4)]),
        ("", [("A", 0.04), ("lost", 0.5), ("A", 0.04)]),  # a single frame
        ("", [("A>B", 0.24), ("B>L", 0.24)]),
        ("", []),
    ],
)
def test_a_steady_hand_says_what_is_held(text, stretches):
    seen = stream(*stretches)
    assert said(SteadyHand(), seen) == text
    best = [Observation(one.time, one.letter, one.confidence, one.points) for one in seen]
    assert said(SteadyHand(), best) == text, "without probabilities the best answer counts"


def test_a_hand_that_spells_nothing_is_never_a_letter():
    assert said(SteadyHand(), stream(("A", 2.0), sure=0.2)) == ""
    assert said(SteadyHand(), [frame(k / FPS, None, OPEN) for k in range(50)]) == ""
    assert said(SteadyHand(), [Observation(k / FPS, None, 0.05, OPEN) for k in range(50)]) == ""


def test_a_slow_release_that_stands_half_way_is_no_third_letter():
    half = HANDS["L"] + 0.35 * (OPEN - HANDS["L"])
    seen = stream(("L", 0.4), ("L>", 0.12))
    for points, count in ((half, 8), (HANDS["L"], 12)):
        seen += [frame((len(seen) + k) / FPS, "L", points) for k in range(count)]
    assert said(SteadyHand(), seen) == "LL"


def test_a_hand_that_trembles_or_slips_is_still_one_letter():
    rng = np.random.default_rng(0)
    held = [
        frame(k / FPS, "A", HANDS["A"] + 0.01 * PALM * rng.standard_normal((21, 2)))
        for k in range(75)
    ]
    assert said(SteadyHand(), held) == "A"
    for letter, points in (("S", HANDS["A"]), (None, OPEN), ("B", HANDS["B"])):
        slipped = [*held]
        slipped[30] = frame(30 / FPS, letter, points)
        assert said(SteadyHand(), slipped) == "A"


def test_two_letters_that_look_alike_do_not_take_turns():
    mixed = [
        Observation(
            k / FPS, "AS"[k % 2], 0.6, HANDS["A"], {"AS"[k % 2]: 0.6, "SA"[k % 2]: 0.4 - 0.02}
        )
        for k in range(60)
    ]
    assert len(said(SteadyHand(), mixed)) == 1


def test_a_slip_of_the_tracker_does_not_begin_the_hold_anew():
    """A short hold of which two frames are read elsewhere: the hand has stood all the same."""
    held = [frame(k / FPS, "A", HANDS["A"]) for k in range(6)]
    held[2] = frame(2 / FPS, "B", HANDS["B"])
    assert said(SteadyHand(), held) == "A"


def test_a_hand_that_may_spell_nothing_is_left_alone():
    for nothing, text in ((0.05, "S"), (0.2, "")):
        answers = {"S": 0.95 - nothing, "A": 0.05, "none": nothing}
        held = [Observation(k / FPS, "S", 0.8, HANDS["S"], answers) for k in range(25)]
        assert said(SteadyHand(), held) == text
        assert said(SteadyHand(max_none_probability=0.5), held) == "S"


def test_a_relaxed_hand_between_a_c_and_an_o_is_left_alone_sooner():
    for shares, text in (({"C": 0.98}, "C"), ({"C": 0.7, "O": 0.28}, "")):
        answers = {**shares, "none": 0.01}
        held = [Observation(k / FPS, "C", 0.7, HANDS["A"], answers) for k in range(25)]
        assert said(SteadyHand(), held) == text


def doubtful(before, shares):
    """Return frames of a letter, then of a hand that stands as ``shares`` says it may be read."""
    seen = stream((before, 0.4), (f"{before}>U", 0.2))
    seen += [
        Observation((len(seen) + k) / FPS, max(shares, key=shares.get), 0.5, HANDS["U"], shares)
        for k in range(15)
    ]
    return seen


@pytest.mark.parametrize(
    ("shares", "english", "text"),
    [
        ({"U": 0.53, "O": 0.45}, 4, "TO"),  # in doubt English helps
        ({"U": 0.53, "O": 0.45}, 1, "TU"),
        ({"U": 0.85, "O": 0.15}, 4, "TU"),  # the tracker is sure
        ({"B": 0.81, "E": 0.19}, 4, "TB"),  # no pair of English is rarer
        ({"B": 0.81, "E": 0.19}, 9, "TE"),
        ({"U": 0.6, "R": 0.4}, 4, "TR"),  # an R may have lost its crossing, a U gains none
        ({"U": 0.6, "R": 0.4}, 1, "TR"),
        ({"U": 0.7, "R": 0.3}, 1, "TU"),
    ],
)
def test_english_is_a_hint_where_two_letters_look_alike(shares, english, text):
    seen = doubtful("T", shares)
    way = SteadyHand(english=english)
    answers = [answer for answer in map(way.update, seen) if answer]
    assert "".join(letter for letter, _ in answers) == text
    assert answers[1][1] == pytest.approx(shares[text[1]]), "the confidence stays the model's"
    if english == 1:
        assert said(smoother("neutral"), seen) == text


def test_where_a_j_is_being_drawn_its_last_shape_is_no_i():
    held = [
        Observation(k / FPS, "I", 0.9, HANDS["Y"], {"I": 0.9, "Y": 0.1}, 0.8) for k in range(10)
    ]
    assert said(SteadyHand(), held) == ""
    assert said(SteadyHand(), [replace(one, moving=0.1) for one in held]) == "I"
    other = [replace(one, letter="L", probabilities={"L": 0.9, "D": 0.1}) for one in held]
    assert said(SteadyHand(), other) == "L"


def test_after_a_pause_the_letter_before_counts_no_more():
    shares = {"N": 0.6, "H": 0.4}
    seen = doubtful("T", shares)
    assert said(SteadyHand(), seen) == "TH"
    for gap, text in ((5, "TH"), (8, "TN")):  # frames without a hand, 0.24 and 0.36 seconds
        lost = [frame((10 + k) / FPS, None, None) for k in range(gap)]
        after = [replace(one, time=one.time + (gap - 5) / FPS) for one in seen[15:]]
        assert said(SteadyHand(), [*seen[:10], *lost, *after]) == text


def test_the_letter_is_timed_by_the_clock_not_by_frames():
    for fps in (10, 25, 60):
        way = SteadyHand()
        frames = [frame(k / fps, "A", HANDS["A"]) for k in range(2 * fps)]
        first = next(seen.time for seen in frames if way.update(seen))
        assert way.hold - 1e-6 <= first <= way.hold + 1.5 / fps


def test_confidence_is_the_mean_of_the_frames_that_decided():
    way = SteadyHand(hold=0.12)
    sure = [0.1, 0.7, 0.8, 0.9, 1.0]  # the first frame only shows where the hand is
    answers = [way.update(frame(k / FPS, "A", HANDS["A"], c)) for k, c in enumerate(sure)]
    assert [answer is not None for answer in answers] == [False, False, False, True, False]
    assert answers[3][1] == pytest.approx(0.8, abs=0.01)


def test_the_window_says_the_most_frequent_answer_when_it_changes():
    assert said(MajorityWindow(5), stream(("A", 0.2), ("B", 0.08), ("A", 0.2), ("B", 0.4))) == "AB"
    assert said(MajorityWindow(5), stream(("A", 0.4), ("lost", 0.4), ("A", 0.4))) == "AA"
    slide = stream(("L", 0.4), ("L", 0.16, 0.7 / 4), ("L", 0.4))
    assert said(MajorityWindow(), slide) == "L", "blind to time"
    passing = stream(("A", 0.4), ("A>L", 0.16), ("L>B", 0.16), ("B>Y", 0.2), ("Y", 0.4))
    assert said(MajorityWindow(4), passing) != "AY"


def test_every_letter_can_follow_every_other_and_shares_add_up():
    for before in (None, *LETTERS):
        row = pair_frequencies(before)
        assert tuple(row) == LETTERS and min(row.values()) > 0
        assert 0.7 < sum(row.values()) / 26 < 1.3
    assert max(pair_frequencies("Q"), key=pair_frequencies("Q").get) == "U"
    assert pair_frequencies("T")["R"] > 2 * pair_frequencies("T")["U"]
    assert pair_frequencies()["E"] > 8 * pair_frequencies()["J"]
