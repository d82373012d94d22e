import pytest

from asl_helpers.alphabet import LETTERS
from asl_helpers.realtime import letter_pairs
from asl_helpers.realtime.letter_pairs import count, frequencies


def test_the_table_is_what_the_word_list_says():
    pytest.importorskip("symspellpy")
    from asl_helpers.realtime import words

    listed = {word: 10**weight for word, weight in words.english()._weight.items()}
    assert count(listed) == letter_pairs._TABLE.strip()


def test_words_are_counted_by_the_root_of_their_frequency():
    rows = dict(line.split() for line in count({"AB": 1, "AC": 4, "CC": 1}).splitlines())
    assert sorted(rows) == sorted([*LETTERS, "*"])
    level = dict(zip(LETTERS, map(int, rows["A"]), strict=True))
    assert level["C"] == level["B"] + 1 > level["A"] == 0  # twice as often, not four times
    assert rows["C"][2] == "9" and set(rows["Z"]) == {"0"}


def test_every_letter_can_follow_every_other_and_shares_add_up():
    for before in (None, *LETTERS):
        row = frequencies(before)
        assert tuple(row) == LETTERS and min(row.values()) > 0
        assert 0.7 < sum(row.values()) / 26 < 1.3
    assert max(frequencies("Q"), key=frequencies("Q").get) == "U"
    assert frequencies("T")["R"] > 2 * frequencies("T")["U"]
    assert frequencies()["E"] > 8 * frequencies()["J"]
