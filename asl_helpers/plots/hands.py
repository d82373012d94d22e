"""A figure of drawn hands: the alphabet at a glance."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.alphabet import LETTERS
from asl_helpers.plots.style import canvas, figure

PAPER = "#f6eedf"
"""The warm background of pictures that stand alone on a page."""

_SKINS = (3, 7, 1, 9, 5, 2, 8, 4, 6, 0)
_LEFT_EVERY = 6  # so that about one hand in six is a left one: seen, yet not the rule


@figure
def alphabet(
    letters: Sequence[str] = LETTERS,
    *,
    columns: int = 9,
    width: float = 11.0,
    pixels: int = 260,
    paper: str = PAPER,
    left_hands: bool = True,
) -> Figure:
    """Show hands that spell ``letters``, in every tone of the Monk Skin Tone scale.

    Parameters
    ----------
    letters:
        Letters or classes with a pose, in reading order; a word works too.
    columns:
        Hands a row.
    width:
        Inches across.
    pixels:
        Size of each hand's picture.
    paper:
        Background colour, such as "#f6eedf".
    left_hands:
        Draw every sixth hand as a left one.
    """
    from asl_helpers import hand

    rows = -(-len(letters) // columns)
    step = round(1.1 * pixels)  # a strip for the letter's name below each hand
    blank = np.array([int(paper[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    sheet = np.broadcast_to(blank, (rows * step, columns * pixels, 3)).copy()
    fig, ax = canvas(None, width, width * rows * 1.1 / columns)
    fig.set_layout_engine("none")
    fig.set_facecolor(paper)
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    for place, letter in enumerate(letters):
        row, column = divmod(place, columns)
        in_row = min(columns, len(letters) - row * columns)
        left = column * pixels + (columns - in_row) * pixels // 2  # a short row is centred
        sheet[row * step :, left : left + pixels][:pixels] = hand.draw(
            letter,
            pixels,
            side="left" if left_hands and place % _LEFT_EVERY == _LEFT_EVERY - 1 else "right",
            skin=_SKINS[place % len(_SKINS)],
            background=paper,
            fade=True,
            same_scale=True,
        )
        at = (left + pixels / 2, row * step + 1.045 * pixels)
        ax.text(*at, letter, ha="center", va="center", fontsize=11 * width / columns)
    ax.imshow(sheet, interpolation="antialiased", aspect="auto")
    return fig
