"""Which letter follows which in English: what a reader may lean on where two shapes look alike.

A recogniser has seen all letters equally often; a text has not. Where a tracker sees no more of an
R than of a U, "the one that comes after T" is right more often than "the one that is a hair
likelier". It must stay a hint: who spells a name spells what English does not.

Counted in the words of `realtime.words`' list (symspellpy, MIT), each word as often as the square
root of its frequency: THE and OF are hardly ever fingerspelled. `count` counts anew.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from asl_helpers.alphabet import LETTERS

# A row for the letter before (*: whichever), a digit for each letter A-Z that follows: each step is
# a doubling, 4 and 5 lie on either side of 1 in 26.
_TABLE = """
A 04551241403656040656432141
B 64117000620710600652600030
C 60406006505500700536500030
D 62148131710422600551532030
E 52564331301546241765233430
F 60006600700600600625500030
G 60007046600525500652500040
H 71017000700333700435502040
I 53645340001547630466140103
J 70007000500000700000700000
K 62018213701525420362302040
L 62147210702620620044420060
M 75107100600152660040500030
N 50566371503214500166330020
O 33442341303557550655544220
P 60007005500620650745500030
Q 20000000200000000021900000
R 62447231603344620465431040
S 51506105603342551067503030
T 60307006700311600654402040
U 54545240501656250766000111
V 60008000700000500000200010
W 72127106701315610452000020
X 60606204700100470007420340
Y 54546121500555650575303000
Z 71008002600410600010300045
* 63446244602546540655432131
"""


@cache
def frequencies(before: str | None = None) -> Mapping[str, float]:
    """Return how often each letter follows ``before``, as a multiple of 1 in 26.

    ``before`` is ``"A"`` to ``"Z"``, or None: whatever came before. Rare pairs count as 1/23.
    """
    return _parsed()[before]


@cache
def _parsed() -> dict[str | None, dict[str, float]]:
    rows = map(str.split, _TABLE.strip().splitlines())
    return {
        None if before == "*" else before: {
            letter: 2.0 ** (int(digit) - 4.5) for letter, digit in zip(LETTERS, digits, strict=True)
        }
        for before, digits in rows
    }


def count(words: Mapping[str, float]) -> str:
    """Return the table of a list of words and their frequencies, as it stands in this module."""
    counts = np.zeros((26, 26))
    for word, frequency in words.items():
        places = [LETTERS.index(letter) for letter in word]
        np.add.at(counts, (places[:-1], places[1:]), np.sqrt(frequency))
    counts = np.vstack([counts, counts.sum(axis=0)])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9)
    digits = np.clip(np.round(4.5 + np.log2(np.maximum(26 * shares, 1e-9))), 0, 9).astype(int)
    rows = zip((*LETTERS, "*"), digits, strict=True)
    return "\n".join(f"{before} {''.join(map(str, row))}" for before, row in rows)
