"""Letters become a text: the speller, the two gestures that work it, and words to choose from.

The speller writes what it is told and corrects nothing. ``space`` and ``del`` are gestures of the
interface, not signs of ASL; their names are those of the 29-class set.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np

from asl_helpers.alphabet import LETTERS
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.files import project_data
from asl_helpers.landmarks import palm_length

SPACE, DELETE = "space", "del"

_REMEMBERED = 10_000  # edits that can be undone: an hour and a half of fast spelling


class Speller:
    """A text that grows by letter events: capital letters and single spaces.

    >>> speller = Speller()
    >>> for event in ["H", "I", "space", "U", "del", "Y"]:
    ...     _ = speller.add(event)
    >>> speller.text
    'HI Y'
    >>> speller.undo()
    'HI '
    """

    def __init__(self, text: str = "") -> None:
        """Begin with ``text``: letters A to Z in any case, and single spaces."""
        self.text = text.upper()
        self._done: list[tuple[int, str]] = []  # (letters kept, what stood behind them)

    @property
    def word(self) -> str:
        """The unfinished word: what stands behind the last space."""
        return self.text.rpartition(" ")[2]

    def add(self, event: str) -> str:
        """Apply one event, a letter A to Z, ``"space"`` or ``"del"``; return the text.

        A space at the beginning or after a space changes nothing, nor does a ``del`` of nothing.
        """
        if event not in (*LETTERS, SPACE, DELETE):
            raise AslError(f"No event {event!r}.{did_you_mean(event, (*LETTERS, SPACE, DELETE))}")
        if event == SPACE:
            return self._write(len(self.text), " ") if self.word else self.text
        if event == DELETE:
            return self._write(len(self.text) - 1, "") if self.text else self.text
        return self._write(len(self.text), event)

    def accept(self, word: str) -> str:
        """Put ``word``, a suggestion that the user chose, and a space for the unfinished word."""
        return self._write(len(self.text) - len(self.word), word.upper() + " ")

    def clear(self) -> str:
        """Empty the text; this, too, can be undone."""
        return self._write(0, "") if self.text else self.text

    def undo(self) -> str:
        """Take back the last change, whichever it was; return the text."""
        if self._done:
            kept, behind = self._done.pop()
            self.text = self.text[:kept] + behind
        return self.text

    def _write(self, kept: int, new: str) -> str:
        """Keep the first ``kept`` letters, put ``new`` behind them, and remember the way back."""
        self._done.append((kept, self.text[kept:]))
        del self._done[:-_REMEMBERED]
        self.text = self.text[:kept] + new
        return self.text


# Gestures

_STRAIGHT = 0.85  # cosine between a finger's first and last half, in the image
_SPREAD = np.cos(np.deg2rad(15))  # between index and little finger
_THUMB = 0.6  # palm lengths from the thumb's tip to the index finger's knuckle
_STILL = 0.35  # palm lengths that any joint may move while the gesture is held
_PAUSE, _HOLD = 0.6, 0.8  # seconds without a hand; seconds for which an open hand is held


class Gestures:
    """Watches the hand between letters: a pause is a space, an open hand deletes.

    Whoever signs ends a word by lowering the hand, so a pause between two letters is a space. It
    is written with the letter that follows it: a hand that goes away for good leaves nothing. An
    open hand with spread fingers is no letter of the alphabet. Held still it deletes one letter,
    and further ones for as long as it is held, as a key does; a hand that waves deletes nothing.
    """

    def __init__(self) -> None:
        """Begin without a pause and without a hand."""
        self._gone: float | None = None  # when the hand went
        self._has_spelled = self._has_paused = False
        self._since: float | None = None  # when the open hand came, and how it looked
        self._held: np.ndarray | None = None

    def update(self, time: float, points: np.ndarray | None, shows: bool, says: bool) -> str | None:
        """Take the next frame, at ``time`` in seconds; return ``"space"``, ``"del"`` or None.

        ``points`` are (21, 2 or 3) landmarks whose x and y have one unit, None without a hand. A
        hand that ``shows`` a letter deletes nothing; if the frame ``says`` one, completes it, a
        space goes before it if one is due.
        """
        if points is None:
            self._gone = time if self._gone is None else self._gone
        else:
            if self._gone is not None and time - self._gone >= _PAUSE:
                self._has_paused = self._has_spelled  # before the first letter no word can end
            self._gone = None
        if says:
            self._since = None
            was_paused, self._has_paused, self._has_spelled = self._has_paused, False, True
            return SPACE if was_paused else None
        if points is None or shows or not is_open(points):
            self._since = None
        elif self._since is None or _moved(points, self._held) > _STILL:
            self._since, self._held = time, points
        elif time - self._since >= _HOLD:
            self._since = time
            return DELETE
        return None


def is_open(points: np.ndarray) -> bool:
    """Tell whether a hand, (21, 2 or 3) with x and y in one unit, shows five spread fingers."""
    flat = np.asarray(points, dtype=np.float64)[:, :2]
    lower = flat[[6, 10, 14, 18]] - flat[[5, 9, 13, 17]]
    upper = flat[[8, 12, 16, 20]] - flat[[6, 10, 14, 18]]
    if (_cosine(lower, upper) < _STRAIGHT).any():
        return False
    fingers = flat[[8, 20]] - flat[[5, 17]]
    palms = flat[[5, 17]] - flat[0]
    if _cosine(fingers[:1], fingers[1:])[0] > _SPREAD or (_cosine(fingers, palms) < 0.5).any():
        return False
    return float(np.linalg.norm(flat[4] - flat[5])) > _THUMB * palm_length(flat)


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / np.maximum(lengths, 1e-9)


def _moved(points: np.ndarray, before: np.ndarray) -> float:
    """Return how far the joint went that moved most, palm lengths."""
    way = np.linalg.norm((points - before)[:, :2], axis=1).max()
    return float(way / max(palm_length(points[:, :2]), 1e-6))


# Words to choose from

_ALIKE = [frozenset(group) for group in ("AEMNST", "UVRK", "GHQP", "DX", "IJY", "CO", "FB")]
"""Letters whose handshapes a reader mistakes for each other."""

# What a difference costs, in powers of ten of the frequency: the other word must be so much rarer.
_LETTER_MORE, _DOUBLED, _MISREAD, _OTHER = 0.15, 0.4, 0.8, 2.0


@cache
def english() -> dict[str, int]:
    """Return English words in capitals and how often they occur (data/words/README.md).

    Names, which are often fingerspelled, are mostly missing from such a list; that is why words
    are only offered, and nothing is ever corrected.
    """
    lines = (project_data() / "words" / "english.txt").read_text(encoding="ascii").splitlines()
    return {word: int(count) for word, count in map(str.split, lines)}


def suggest(word: str, n: int = 3, words: Mapping[str, int] | None = None) -> list[str]:
    """Return up to ``n`` other words, the likeliest first, in capitals.

    They continue ``word``, or differ from it in one place: a letter doubled or not, a letter
    misread for one that looks alike, a letter too many or too few, two exchanged.

    >>> suggest("HELO", words={"HELLO": 100, "HELP": 50, "JELLO": 1})
    ['HELLO', 'HELP']
    """
    word, words = word.upper(), english() if words is None else words
    if not word:
        return []
    costs = {
        other: _LETTER_MORE * (len(other) - len(word))
        for other in words
        if other.startswith(word) and other != word
    }
    for other, cost in _one_off(word):
        if other in words and other != word:
            costs[other] = min(cost, costs.get(other, math.inf))
    return sorted(costs, key=lambda other: (costs[other] - math.log10(words[other]), other))[:n]


def _one_off(word: str) -> Iterator[tuple[str, float]]:
    """Yield strings that differ from ``word`` in one place, with what the difference costs."""
    for index in range(len(word) + 1):
        head, tail = word[:index], word[index:]
        for letter in LETTERS:
            yield head + letter + tail, _DOUBLED if letter in (head[-1:], tail[:1]) else _OTHER
        if not tail:
            return
        yield head + tail[1:], _DOUBLED if head[-1:] == tail[0] else _OTHER
        yield head + tail[1:2] + tail[0] + tail[2:], _OTHER
        for letter in LETTERS:
            is_alike = any({letter, tail[0]} <= group for group in _ALIKE)
            yield head + letter + tail[1:], _MISREAD if is_alike else _OTHER
