"""One look for every figure: palette, type sizes, light card, and the line that names the data.

A figure is an opaque, near-white card, so it reads the same in a light and in a dark page. Type is
sized for the narrowest reader: a card ``WIDTH`` inches wide, shown 350 px wide on a phone, still
has text of about nine pixels.

A figure function looks like this; the decorator applies the style and keeps notebooks from
showing the same figure twice::

    @figure
    def curve(values, *, ax=None, source=None):
        fig, ax = canvas(ax)
        ax.plot(values)
        return finish(fig, source)
"""

import functools
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

WIDTH = 5.6
"""Inches across a full figure."""

CARD, INK, MUTED, RULE = "#fcfcfa", "#1d2430", "#565e6b", "#d3d7dd"
"""Background, text, quieter text (7:1 and 6:1 on the card), and lines that only separate."""

BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#aa4499",
    "#56b4e9",
    "#e69f00",
)
"""After Okabe and Ito's palette, which stays distinct with every common colour blindness; its pink
is deepened so that a thin line of it is seen. SKY and AMBER are for areas, not for thin lines."""

CYCLE = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY)
"""The order in which lines take their colours."""

DASHES = ("-", (0, (6, 1.5)), (0, (2, 1.2)), (0, (6, 1.5, 1.5, 1.5)))
"""How lines are broken, in the same order: they stay apart without colours too."""

SEQUENTIAL = LinearSegmentedColormap.from_list(
    "asl_sequential", ["#f7fafc", "#b8d9ec", "#56a5d3", "#0072b2", "#06304d"]
)
"""Nothing to much: counts, probabilities. Lightness falls steadily."""

DIVERGING = LinearSegmentedColormap.from_list(
    "asl_diverging", ["#8f3a00", "#d55e00", "#f3b98e", "#f6f5f2", "#9cc9e4", "#0072b2", "#00436b"]
)
"""Negative (orange) through zero (near white) to positive (blue): weights, differences."""

RC: dict[str, Any] = {
    "figure.figsize": (WIDTH, 3.4),
    "figure.dpi": 160,
    "figure.facecolor": CARD,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": CARD,
    "savefig.dpi": "figure",
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "figure.titlesize": 12,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.facecolor": CARD,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": RULE,
    "lines.linewidth": 2.2,
    "image.interpolation": "nearest",
    "image.cmap": "gray",
    "axes.prop_cycle": plt.cycler(color=CYCLE),
}


@contextmanager
def style() -> Iterator[None]:
    """Draw with the course's look inside the block, and leave the reader's own settings alone."""
    with plt.rc_context(RC):
        yield


def figure(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a figure function: it draws in the course's look and returns the figure once.

    A figure that the function made itself is taken out of pyplot's list, or a notebook would show
    it twice: as the cell's value and again when the cell ends. A figure whose axis was passed in
    as ``ax=`` belongs to the caller and stays.
    """

    @functools.wraps(function)
    def drawn(*args: Any, **kwargs: Any) -> Figure:
        with style():
            made = function(*args, **kwargs)
        if kwargs.get("ax") is None:
            plt.close(made)
        return made

    return drawn


def canvas(
    ax: Axes | None = None, width: float = WIDTH, height: float = 3.4
) -> tuple[Figure, Axes]:
    """Return ``(figure, axis)``: the given axis and its figure, or new ones, in inches."""
    return (ax.figure, ax) if ax is not None else plt.subplots(figsize=(width, height))


def panels(
    rows: int, columns: int, width: float = WIDTH, height: float = 3.4, **options: Any
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its axes, always an array of shape (rows, columns); sizes in inches.

    ``options`` go to ``matplotlib.pyplot.subplots``.
    """
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, **options)


def show_image(
    ax: Axes, image: np.ndarray, title: str | None = None, frame: str | None = None, **options: Any
) -> None:
    """Show an image without ticks: (h, w), (h, w, 1) or (h, w, 3).

    ``frame`` is the colour of a thick border (say, around a mistake); without it the border is a
    hairline. ``options`` go to ``imshow``; an integer grey image is shown on the range 0-255.
    """
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim == 2 and image.dtype == np.uint8:
        options = {"vmin": 0, "vmax": 255, **options}
    ax.imshow(image, **options)
    ax.set(xticks=[], yticks=[])
    if title:
        ax.set_title(title, fontsize=10, fontweight="normal", loc="center", pad=4)
    for spine in ax.spines.values():
        spine.set(visible=True, color=frame or RULE, linewidth=3 if frame else 0.8)


def text_on(color: Any) -> str:
    """Return "black" or "white", whichever stands out more on ``color``: always 4.5:1 or better."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])  # WCAG 2's relative luminance
    return "black" if luminance > 0.1791 else "white"


def footnote(fig: Figure, source: str | None) -> Figure:
    """Print the source of the data, small, below the figure; None prints nothing."""
    if source:
        # Wrapped to the figure's width, or a long line would widen the picture.
        text = textwrap.fill(f"Data: {source}", round(15 * fig.get_figwidth()))
        fig.supxlabel(text, x=0.01, ha="left", fontsize=8.5, color=MUTED)
    return fig


def finish(fig: Figure, source: str | None = None, title: str | None = None) -> Figure:
    """Add the overall title and the source's footnote where they are given; return the figure."""
    if title:
        fig.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return footnote(fig, source)
