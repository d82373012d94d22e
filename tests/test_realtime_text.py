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


@pytest.mark.parametrize(
    ("events", "text", "word"),
    [
        ("HELO", "HELO", "HELO"),  # nothing is corrected
        (["H", "I", "space", "U", "del", "Y", "O"], "HI YO", "YO"),
        (["H", "I", "space"], "HI ", ""),
        (["A", "space", "del", "B"], "AB", "AB"),
        (["space", "del", "A", "space", "space"], "A ", ""),
    ],
)
def test_letters_spaces_and_deletes(events, text, word):
    speller = spelled(events)
    assert (speller.text, speller.word) == (text, word)


def test_undo_takes_back_whatever_was_last_and_no_more():
    speller = spelled("HELO")
    assert speller.accept("hello") == "HELLO " and speller.undo() == "HELO"
    assert speller.clear() == "" and speller.undo() == "HELO"
    assert speller.add("del") == "HEL" and speller.undo() == "HELO"
    speller = spelled(["space", "del", "A", "space", "space"])
    assert [speller.undo() for _ in range(3)] == ["A", "", ""]


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


def test_other_events_are_refused():
    for event in ("a", "", "SPACE", "nothing", "AB", "1"):
        speller = Speller("HI")
        with pytest.raises(AslError, match="Known: A, B"):
            speller.add(event)
        assert speller.text == "HI"


COUNTS = {"HELLO": 100, "HELP": 90, "HELL": 30, "HALO": 20, "NAME": 50, "SAME": 40}


@pytest.mark.parametrize(
    ("word", "counts", "expected"),
    [
        ("HEL", COUNTS, ["HELP", "HELLO", "HELL"]),
        ("hel", COUNTS, ["HELP", "HELLO", "HELL"]),
        ("HELO", COUNTS, ["HELLO", "HALO", "HELP"]),  # a lost double letter
        ("UAT", {"RAT": 10, "VAT": 10, "BAT": 10}, ["RAT", "VAT", "BAT"]),  # U looks like R and V
        ("MAT", {"SAT": 100, "BAT": 100}, ["SAT", "BAT"]),
        ("NAME", COUNTS, ["SAME"]),  # never the word itself
        ("", COUNTS, []),
        ("XQZ", COUNTS, []),
    ],
)
def test_words_are_suggested_the_likeliest_first(word, counts, expected):
    assert suggest(word, words=counts) == expected
    assert suggest(word, 1, counts) == expected[:1]


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


def gestured(frames):
    """Run frames of (time, points, shows, says); return the gestures with their times."""
    watching = Gestures()
    results = [(frame[0], watching.update(*frame)) for frame in frames]
    return [(time, what) for time, what in results if what]


def test_an_open_hand_is_open_and_no_letter_is():
    assert is_open(open_hand())
    batch = hand.sample_hands(alphabet.LETTERS, 2600, seed=8)
    called = np.array([is_open(points) for points in batch.image])
    assert called.mean() < 0.002


GONE = [(0.1 * step, None, False, False) for step in range(1, 9)]


@pytest.mark.parametrize(
    ("frames", "gestures"),
    [
        ([(0.0, HAND, True, True), *GONE, (1.0, HAND, True, True)], [(1.0, "space")]),
        ([(0.0, HAND, True, True), *GONE, (0.9, HAND, True, False)], []),
        ([(0.0, HAND, True, True), *GONE[:5], (0.6, HAND, True, True)], []),  # a short pause
        ([*GONE, (2.0, HAND, True, True)], []),  # before the first letter
    ],
)
def test_a_pause_is_a_space_written_with_the_next_letter(frames, gestures):
    assert gestured(frames) == gestures


def test_an_open_hand_held_deletes_once_each_hold():
    still = [(0.1 * step, open_hand(), False, False) for step in range(22)]
    assert [what for _, what in gestured(still)] == ["del", "del"]
    assert [round(time, 1) for time, _ in gestured(still)] == [0.8, 1.6]


def test_a_waving_or_reading_or_lost_hand_deletes_nothing():
    spread = open_hand()
    palm = np.linalg.norm(spread[9, :2] - spread[0, :2])
    sway = [spread + np.array([palm * np.sin(5 * time), 0, 0]) for time in np.arange(0, 4, 0.1)]
    assert gestured([(0.1 * k, p, False, False) for k, p in enumerate(sway)]) == []
    assert gestured([(0.1 * k, spread, True, False) for k in range(40)]) == []
    lost = [(0.1 * k, None if k % 5 == 4 else spread, False, False) for k in range(40)]
    assert gestured(lost) == []
