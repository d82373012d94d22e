"""Words that an unfinished one may become: offered, never put in by themselves.

The list is the English one of symspellpy (MIT): about 83,000 words that stand both in Google Books'
n-grams and in SCOWL, with how often they occur. It is an optional package:
``pip install "asl-helpers[words]"``. Names, which are often fingerspelled, are mostly missing from
such a list; that is why nothing is ever corrected.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from asl_helpers.alphabet import LETTERS
from asl_helpers.errors import AslError

_FILE = "frequency_dictionary_en_82_765.txt"

_ALIKE = [frozenset(group) for group in ("AEMNST", "UVRK", "GHQP", "DX", "IJY", "CO", "FB")]
"""Letters whose handshapes a reader mistakes for each other."""

# What a difference costs, in powers of ten of the frequency: the other word must be so much rarer.
_LETTER_MORE, _DOUBLED, _MISREAD, _OTHER = 0.15, 0.4, 0.8, 2.0


class WordsError(AslError):
    """The word list is missing."""


class WordList:
    """Words and how often they occur, and what an unfinished word may become.

    >>> words = WordList({"hello": 100, "help": 50, "jello": 1})
    >>> words.suggest("HELO")
    ['HELLO', 'HELP']
    """

    def __init__(self, counts: Mapping[str, float]) -> None:
        """Keep the words that letters can spell; ``counts`` are positive."""
        self._weight = {
            word.upper(): math.log10(count)
            for word, count in counts.items()
            if set(word.upper()) <= set(LETTERS)
        }
        self._sorted = sorted(self._weight)
        self._longest = max(map(len, self._sorted), default=0)

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self._sorted)

    def __contains__(self, word: str) -> bool:
        """Tell whether a word, in any case, is in the list."""
        return word.upper() in self._weight

    def suggest(self, word: str, n: int = 3) -> list[str]:
        """Return up to ``n`` other words, the likeliest first, in capitals.

        They continue ``word``, or differ from it in one place: a letter doubled or not, a letter
        misread for one that looks alike, a letter too many or too few, two exchanged.
        """
        word = word.upper()
        if not 0 < len(word) <= self._longest + 1:  # none is near, and to look would take long
            return []
        cost: dict[str, float] = {}
        for other, price in (*self._longer(word), *_one_off(word)):
            if other != word and other in self._weight:
                cost[other] = min(price, cost.get(other, math.inf))
        return sorted(cost, key=lambda other: (cost[other] - self._weight[other], other))[:n]

    def _longer(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the words that begin with ``word``."""
        for place in range(bisect_left(self._sorted, word), len(self._sorted)):
            other = self._sorted[place]
            if not other.startswith(word):
                return
            yield other, _LETTER_MORE * (len(other) - len(word))


@cache
def english() -> WordList:
    """Return symspellpy's English words; raise WordsError where the package is missing."""
    try:
        lines = resources.files("symspellpy").joinpath(_FILE).read_text(encoding="utf-8-sig")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise WordsError(
            f"The word list is missing ({error}). Install it for suggestions: "
            'pip install "asl-helpers[words]"'
        ) from error
    return WordList({word: int(count) for word, count in map(str.split, lines.splitlines())})


def _one_off(word: str) -> Iterator[tuple[str, float]]:
    """Yield strings that differ from ``word`` in one place, with what the difference costs."""
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        for letter in LETTERS:
            yield head + letter + tail, _DOUBLED if letter in (head[-1:], tail[:1]) else _OTHER
        if not tail:
            return
        yield head + tail[1:], _DOUBLED if head[-1:] == tail[0] else _OTHER
        yield head + tail[1:2] + tail[0] + tail[2:], _OTHER
        for letter in LETTERS:
            alike = any({letter, tail[0]} <= group for group in _ALIKE)
            yield head + letter + tail[1:], _MISREAD if alike else _OTHER
