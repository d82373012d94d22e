"""Class sets, and each handshape in words.

The words serve twice: the chapters print them, and they are the text alternative of every drawn
hand. Right hand, seen by the viewer. Source for the handshapes: the manual alphabet as described
in Stokoe's notation and in current ASL dictionaries; accepted variants are named.
"""

import string
from collections.abc import Iterable, Sequence

import numpy as np

from asl_helpers.errors import AslError, did_you_mean

LETTERS = tuple(string.ascii_uppercase)
"""The 26 letters of the manual alphabet."""

MOVING = ("J", "Z")
"""The two letters that are a movement: one picture cannot hold them."""

STATIC_LETTERS = tuple(letter for letter in LETTERS if letter not in MOVING)
"""The 24 letters that one picture can hold; the classes of Sign Language MNIST."""

NONE = "none"
"""The class of hands that spell nothing, as recognisers of landmarks name it."""

INTERFACE_CLASSES = ("del", "nothing", "space")
"""Three classes of Kaggle's ASL Alphabet that are no signs: two commands and an empty picture."""

KAGGLE_CLASSES = LETTERS + INTERFACE_CLASSES
"""The 29 classes of Kaggle's ASL Alphabet, in the order of its folders."""

CLASS_SETS = {"static": STATIC_LETTERS, "letters": LETTERS, "kaggle": KAGGLE_CLASSES}


HANDSHAPE = {
    "A": "a fist, the thumb upright against the side of the index finger",
    "B": "four fingers straight up and together, the thumb folded across the palm",
    "C": "fingers and thumb curved towards each other, an open round shape like the letter C",
    "D": "the index finger straight up, the other fingertips meeting the thumb in a ring",
    "E": "all fingertips curled down to the thumb, which lies folded below them",
    "F": "thumb and index fingertip meet in a ring, the other three fingers spread upwards",
    "G": "index finger and thumb point sideways, parallel, the other fingers closed",
    "H": "index and middle finger point sideways together, the other fingers closed",
    "I": "the little finger straight up, the other fingers a fist under the thumb",
    "J": "the I hand, its little finger drawing a J downwards and round; here held still",
    "K": "index finger up, middle finger forward, the thumb tip between them",
    "L": "index finger up and thumb out to the side at a right angle, like the letter L",
    "M": "the thumb tucked under the index, middle and ring fingers",
    "N": "the thumb tucked under the index and middle fingers",
    "O": "all fingertips meet the thumb tip in a round opening",
    "P": "the K hand pointing down: index finger forward, middle finger down, thumb between",
    "Q": "the G hand pointing down: index finger and thumb point to the floor",
    "R": "index and middle finger upright and crossed",
    "S": "a fist, the thumb across the front of the fingers",
    "T": "a fist with the thumb tucked between index and middle finger",
    "U": "index and middle finger straight up, held together",
    "V": "index and middle finger straight up, spread in a V",
    "W": "index, middle and ring finger straight up and spread",
    "X": "the index finger raised and bent into a hook, the other fingers closed",
    "Y": "thumb and little finger stretched out, the three middle fingers folded",
    "Z": "the index finger points and draws a Z in the air; here held still",
    "del": "a level hand, palm down, fingers to the side and bent: an interface class, no sign",
    "nothing": "no hand at all: an interface class, not a sign",
    "space": "a level hand, palm and thumb up, fingers to the side: an interface class, no sign",
}
"""Each class as a handshape in words."""


def class_names(name: str) -> tuple[str, ...]:
    """Return the class names of ``"static"`` (24), ``"letters"`` (26) or ``"kaggle"`` (29)."""
    try:
        return CLASS_SETS[name]
    except KeyError:
        raise AslError(f"No class set {name!r}.{did_you_mean(name, CLASS_SETS)}") from None


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the classes that occur, each once: the course's as it orders and spells them.

    Others follow by name. Names that differ in upper and lower case only are one class.
    """
    given = {label.upper(): label for label in sorted(labels, reverse=True)}
    known = [name for name in KAGGLE_CLASSES if given.pop(name.upper(), None)]
    return (*known, *sorted(given.values()))


def encode(labels: Iterable[str], names: Sequence[str]) -> np.ndarray:
    """Return the index of each label in ``names``, int64 (n,); case does not count."""
    index = {name.lower(): place for place, name in enumerate(names)}
    try:
        return np.array([index[label.lower()] for label in labels], dtype=np.int64)
    except KeyError as error:
        wrong = error.args[0]
        raise AslError(f"Unknown label {wrong!r}.{did_you_mean(wrong, names)}") from None
