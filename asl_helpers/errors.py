"""The base of every error that the package raises on purpose, and helpers for its wording."""

from collections.abc import Iterable
from difflib import get_close_matches


class AslError(Exception):
    """Something the reader can mend; each module raises its own subclass.

    The message names what was wrong, what was expected and the next step.
    """


def first_line(error: Exception) -> str:
    """Return how a library's error begins, one line of at most 160 characters, or its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def did_you_mean(given: str, options: Iterable[str]) -> str:
    """Return ``' Did you mean …? Known: …'`` for a name that is not in ``options``."""
    options = [str(option) for option in options]
    near = get_close_matches(str(given).lower(), [option.lower() for option in options], n=1)
    nearest = next((option for option in options if near and option.lower() == near[0]), None)
    hint = f" Did you mean {nearest!r}?" if nearest else ""
    return f"{hint} Known: {', '.join(options)}."
