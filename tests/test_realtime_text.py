"""Letters become a text: the speller, the gestures, and words to choose from."""

import random

import numpy as np
import pytest

from asl_helpers import alphabet, hand
from asl_helpers.errors import AslError
from asl_helpers.hand import body, sampling
from asl_helpers.realtime.text import Gestures, Speller, english, is_open, suggest


def spelled(events):
    speller = Speller()
    for event in events:
        speller.add(event)
    return speller


def test_letters_spaces_and_deletes():
    assert spelled("HELLO").text == "HELLO"
    assert spelled(["H", "I", "space", "U", "del", "Y", "O"]).text == "HI YO"
    assert spelled(["H", "I", "space", "Y"]).word == "Y"
    assert spelled(["H", "I", "space"]).word == ""


def test_empty_spaces_and_deletes_change_nothing_and_are_nothing_to_undo():
    speller = spelled(["space", "del", "A", "space", "space"])
    assert speller.text == "A "
    assert speller.undo() == "A"
    assert speller.undo() == ""
    assert speller.undo() == ""


def test_a_delete_takes_a_space_back():
    assert spelled(["A", "space", "del", "B"]).text == "AB"


def test_nothing_is_corrected():
    assert spelled("HELO").text == "HELO"


def test_undo_takes_back_whatever_was_last():
    speller = spelled("HELO")
    assert speller.accept("hello") == "HELLO "
    assert speller.undo() == "HELO"
    assert speller.clear() == ""
    assert speller.undo() == "HELO"
    speller.add("del")
    assert speller.undo() == "HELO"


def test_undo_walks_back_through_any_history():
    rng, speller, texts = random.Random(3), Speller("ab"), []
    for _ in range(300):
        before = speller.text
        event = rng.choice([*"AEZ", "space", "del", "accept", "clear"])
        if event == "accept":
            speller.accept("WORD")
        elif event == "clear":
            speller.clear()
        else:
            speller.add(event)
        if speller.text != before:
            texts.append(before)
    while texts:
        assert speller.undo() == texts.pop()
    assert speller.text == "AB"


@pytest.mark.parametrize("event", ["a", "", "SPACE", "nothing", "AB", "1"])
def test_other_events_are_refused(event):
    speller = Speller("HI")
    with pytest.raises(AslError, match="Known: A, B"):
        speller.add(event)
    assert speller.text == "HI"


def test_other_signs_and_two_words_are_refused():
    with pytest.raises(AslError, match="'!'"):
        Speller("HI!")
    for word in ("", "TWO WORDS"):
        with pytest.raises(AslError, match="One word"):
            Speller("T").accept(word)


COUNTS = {"HELLO": 100, "HELP": 90, "HELL": 30, "HALO": 20, "NAME": 50, "SAME": 40}


def test_suggestions_continue_the_word_the_likeliest_first():
    assert suggest("HEL", words=COUNTS) == ["HELP", "HELLO", "HELL"]
    assert suggest("hel", 1, COUNTS) == ["HELP"]


def test_a_lost_double_letter_and_letters_that_look_alike_come_before_other_differences():
    assert suggest("HELO", words=COUNTS)[0] == "HELLO"
    assert suggest("UAT", words={"RAT": 10, "VAT": 10, "BAT": 10}) == ["RAT", "VAT", "BAT"]
    assert suggest("MAT", words={"SAT": 100, "BAT": 100}) == ["SAT", "BAT"]


def test_the_word_itself_is_never_suggested_nor_anything_for_nothing():
    assert "NAME" not in suggest("NAME", words=COUNTS)
    assert suggest("", words=COUNTS) == suggest("XQZ", words=COUNTS) == []


def test_the_english_list_knows_the_courses_words():
    assert len(english()) == 30_000
    assert all(set(word) <= set(alphabet.LETTERS) for word in english())
    assert "CHAIR" in suggest("CHAI") and suggest("HELO")[0] == "HELLO"


# Gestures

HAND = hand.pose("V").image[0]
SPREAD = np.array([50, 10, 0, 0, 0, 0, 14, 0, 0, 0, 3, 0, 0, 0, -9, 0, 0, 0, -20, 0, 0], np.float32)


def open_hand():
    crowd = body.sample_people(1, np.random.default_rng(0), left_share=0)
    wrist = np.zeros((1, 3), np.float32)
    shape = body.clamp(SPREAD[None])
    rng = np.random.default_rng(0)
    return sampling.photograph(np.zeros(1, np.int64), shape, wrist, crowd, rng).image[0]


def gestured(frames, **options):
    """Run frames of (time, points, shows, says); return the gestures with their times."""
    watching = Gestures(**options)
    found = [(frame[0], watching.update(*frame)) for frame in frames]
    return [(time, what) for time, what in found if what]


def test_an_open_hand_is_open_and_no_letter_is():
    assert is_open(open_hand())
    batch = hand.sample_hands(alphabet.LETTERS, 2600, seed=8)
    called = np.array([is_open(points) for points in batch.image])
    assert called.mean() < 0.002


def test_a_pause_is_a_space_written_with_the_next_letter():
    frames = [(0.0, HAND, True, True)]
    frames += [(0.1 * step, None, False, False) for step in range(1, 9)]
    frames += [(0.9, HAND, True, False), (1.0, HAND, True, True), (1.1, HAND, True, True)]
    assert gestured(frames) == [(1.0, "space")]


def test_a_short_pause_or_none_at_the_end_writes_nothing():
    short = [(0.0, HAND, True, True), (0.1, None, False, False), (0.5, None, False, False)]
    assert gestured([*short, (0.6, HAND, True, True)]) == []
    assert gestured([(float(step), None, False, False) for step in range(9)]) == []


def test_a_pause_before_the_first_letter_is_no_space():
    waiting = [(0.1 * step, None, False, False) for step in range(20)]
    assert gestured([*waiting, (2.0, HAND, True, True)]) == []


def test_an_open_hand_held_deletes_once_each_hold():
    still = [(0.1 * step, open_hand(), False, False) for step in range(22)]
    assert [what for _, what in gestured(still, hold=0.8)] == ["del", "del"]
    assert [round(time, 1) for time, _ in gestured(still, hold=0.8)] == [0.8, 1.6]


def test_a_waving_or_reading_or_lost_hand_deletes_nothing():
    spread = open_hand()
    palm = np.linalg.norm(spread[9, :2] - spread[0, :2])
    sway = [spread + np.array([palm * np.sin(5 * time), 0, 0]) for time in np.arange(0, 4, 0.1)]
    assert gestured([(0.1 * k, p, False, False) for k, p in enumerate(sway)]) == []
    assert gestured([(0.1 * k, spread, True, False) for k in range(40)]) == []
    lost = [(0.1 * k, None if k % 5 == 4 else spread, False, False) for k in range(40)]
    assert gestured(lost) == []


def test_impossible_times_are_refused():
    with pytest.raises(AslError, match="more than 0"):
        Gestures(pause=0)
