"""Letters to words, and words to choose from."""

import random

import pytest

from asl_helpers.realtime import words
from asl_helpers.realtime.speller import Speller, SpellerError
from asl_helpers.realtime.words import WordList, WordsError


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
    with pytest.raises(SpellerError, match="Known: A, B"):
        speller.add(event)
    assert speller.text == "HI"


def test_other_signs_and_two_words_are_refused():
    with pytest.raises(SpellerError, match="'!'"):
        Speller("HI!")
    for word in ("", "TWO WORDS"):
        with pytest.raises(SpellerError, match="One word"):
            Speller("T").accept(word)


COUNTS = {"hello": 100, "help": 90, "hell": 30, "halo": 20, "name": 50, "same": 40, "it's": 99}


def test_suggestions_continue_the_word_the_likeliest_first():
    assert WordList(COUNTS).suggest("HEL") == ["HELP", "HELLO", "HELL"]
    assert WordList(COUNTS).suggest("hel", n=1) == ["HELP"]


def test_a_lost_double_letter_comes_before_another_misreading():
    assert WordList(COUNTS).suggest("HELO")[0] == "HELLO"


def test_letters_that_look_alike_are_cheaper_than_others():
    assert WordList({"rat": 10, "vat": 10, "bat": 10}).suggest("UAT") == ["RAT", "VAT", "BAT"]
    assert WordList({"sat": 100, "bat": 100}).suggest("MAT") == ["SAT", "BAT"]


def test_the_word_itself_is_never_suggested_nor_anything_for_nothing():
    assert "NAME" not in WordList(COUNTS).suggest("NAME")
    assert WordList(COUNTS).suggest("") == []
    assert WordList(COUNTS).suggest("XQZ") == []


def test_only_words_of_letters_are_kept():
    listed = WordList(COUNTS)
    assert len(listed) == 6 and "IT'S" not in listed and "Hello" in listed


def test_the_english_list_knows_the_course_s_words():
    pytest.importorskip("symspellpy")
    listed = words.english()
    assert 80_000 < len(listed) < 90_000
    assert "CHAIR" in listed.suggest("CHAI")
    assert listed.suggest("HELO")[0] == "HELLO"


def test_a_missing_list_says_how_to_get_it(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'")

    words.english.cache_clear()
    monkeypatch.setattr(words.resources, "files", missing)
    with pytest.raises(WordsError, match=r"asl-helpers\[words\]"):
        words.english()
    words.english.cache_clear()
