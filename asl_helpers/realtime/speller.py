"""Letters become words: what each letter event does to a text, and how to take it back.

The speller writes what it is told and corrects nothing. ``space`` and ``del`` are gestures of the
interface, not signs of ASL; their names are those of the 29-class set.
"""

from asl_helpers.alphabet import LETTERS
from asl_helpers.errors import AslError, did_you_mean

SPACE, DELETE = "space", "del"

_REMEMBERED = 10_000  # edits that can be undone: an hour and a half of fast spelling


class SpellerError(AslError):
    """An event that no speller knows, or a word that cannot be put in."""


class Speller:
    """A text that grows by letter events.

    Attributes
    ----------
    text:
        What is spelled so far: capital letters and single spaces.

    >>> speller = Speller()
    >>> for event in ["H", "I", "space", "U", "del", "Y"]:
    ...     _ = speller.add(event)
    >>> speller.text
    'HI Y'
    >>> speller.undo()
    'HI '
    """

    def __init__(self, text: str = "") -> None:
        """Begin with ``text``: letters A to Z in any case, and spaces."""
        self.text = ""
        self._done: list[tuple[int, str]] = []  # (letters kept, what stood behind them)
        self._write(0, _checked(text))
        self._done.clear()

    @property
    def word(self) -> str:
        """The unfinished word: what stands behind the last space."""
        return self.text.rpartition(" ")[2]

    def add(self, event: str) -> str:
        """Apply one event, a letter A to Z, ``"space"`` or ``"del"``; return the text.

        A space at the beginning or after a space changes nothing, nor does a ``del`` of nothing.
        """
        if event == SPACE:
            return self.text if not self.word else self._write(len(self.text), " ")
        if event == DELETE:
            return self.text if not self.text else self._write(len(self.text) - 1, "")
        if event not in LETTERS:
            raise SpellerError(
                f"No event {event!r}.{did_you_mean(event, (*LETTERS, SPACE, DELETE))}"
            )
        return self._write(len(self.text), event)

    def accept(self, word: str) -> str:
        """Put ``word``, a suggestion that the user chose, and a space for the unfinished word."""
        if not word or " " in word:
            raise SpellerError(f"One word is put in at a time, without spaces; found {word!r}.")
        return self._write(len(self.text) - len(self.word), _checked(word) + " ")

    def clear(self) -> str:
        """Empty the text; this, too, can be undone."""
        return self.text if not self.text else self._write(0, "")

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


def _checked(text: str) -> str:
    """Return a text as the speller holds it, or raise SpellerError."""
    text = text.upper()
    wrong = sorted(set(text) - {*LETTERS, " "})
    if wrong:
        raise SpellerError(
            f"{text!r} holds {wrong[0]!r}; the manual alphabet here has A to Z, and spaces."
        )
    return text
