"""One look for every figure: palette, type sizes, light card, and the line that names the data.

A figure is an opaque, near-white card, so it reads the same in a light and in a dark page. Type is
sized for the narrowest reader: a card ``WIDTH`` inches wide, shown 350 px wide on a phone, still
has text of about nine pixels. Seaborn and matplotlib both draw in this look::

    @figure
    def curve(values):
        fig, ax = canvas()
        sns.lineplot(values, ax=ax)
        return fig

    curve([1, 2, 3], source="counted")
"""

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

WIDTH = 5.6
"""Inches across a full figure."""

CARD, INK, MUTED, RULE = "#fcfcfa", "#1d2430", "#565e6b", "#d3d7dd"
"""Background, text, quieter text (7:1 and 6:1 on the card), and lines that only separate."""

BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
PURPLE, SKY, AMBER = "#aa4499", "#56b4e9", "#e69f00"
"""After Okabe and Ito's palette, which stays distinct with every common color blindness; its pink
is deepened so that a thin line of it is seen. SKY and AMBER are for areas, not for thin lines."""

CYCLE = (BLUE, ORANGE, GREEN, PURPLE, INK, MUTED)
"""The order in which lines take their colors."""

DASHES = ("-", *((0, on_off) for on_off in ((6, 1.5), (2, 1.2), (6, 1.5, 1.5, 1.5), (1, 1))), "-.")
"""How lines are broken, in the same order: they stay apart without colors too."""

MARKS = "os^Dv"
"""The signs of points, in the same order."""

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
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": RULE,
    "lines.linewidth": 2.2,
    "image.interpolation": "nearest",
    "image.cmap": "gray",
    "axes.prop_cycle": plt.cycler(color=CYCLE),
}


def figure(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a function that draws: it draws in the course's look and takes ``source`` too.

    ``source`` says where the data come from; it is printed small below, wrapped to the figure's
    width. The figure is taken out of pyplot's list, or a notebook would show it twice.
    """

    @functools.wraps(function)
    def drawn(*args: Any, source: str | None = None, **kwargs: Any) -> Figure:
        with plt.rc_context(RC):
            made = function(*args, **kwargs)
            if source:
                text = textwrap.fill(f"Data: {source}", round(15 * made.get_figwidth()))
                made.supxlabel(text, x=0.01, ha="left", fontsize=8.5, color=MUTED)
        plt.close(made)
        return made

    signature = inspect.signature(function)
    named = inspect.Parameter("source", inspect.Parameter.KEYWORD_ONLY, default=None)
    drawn.__signature__ = signature.replace(parameters=[*signature.parameters.values(), named])
    return drawn


def canvas(height: float = 3.4, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Return a new figure and its one axis; sizes in inches."""
    return plt.subplots(figsize=(width, height))


def panels(
    rows: int, columns: int, height: float = 3.4, width: float = WIDTH, **options: Any
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its axes, always an array of shape (rows, columns); sizes in inches.

    ``options`` go to ``matplotlib.pyplot.subplots``.
    """
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, **options)


def show_image(
    ax: Axes, image: np.ndarray, title: str | None = None, frame: str | None = None, **options: Any
) -> None:
    """Show an image without ticks: (h, w), (h, w, 1) or (h, w, 3).

    ``frame`` is the color of a thick border (say, around a mistake); without it the border is a
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
        panel_title(ax, title, fontsize=10, pad=4)
    border(ax, frame or RULE, 3 if frame else 0.8)


def draw_lines(ax: Axes, series: Mapping[str, tuple[Sequence, Sequence]], **options: Any) -> None:
    """Draw a name -> (x, y) as lines that color and dashes tell apart; ``options`` as for plot."""
    for (name, xy), color, dash in zip(series.items(), CYCLE, DASHES, strict=False):
        ax.plot(*xy, color=color, linestyle=dash, label=name, **options)


def panel_title(ax: Axes, text: str, **options: Any) -> None:
    """Write a centered, plain title over a panel."""
    ax.set_title(text, **{"loc": "center", "fontsize": 10.5, "fontweight": "normal", **options})


def border(ax: Axes, color: str = RULE, linewidth: float = 0.8) -> None:
    """Draw all four sides of an axis."""
    for spine in ax.spines.values():
        spine.set(visible=True, color=color, linewidth=linewidth)


def label(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float] = (0, 0),
    **options: Any,
) -> None:
    """Write words ``offset`` points off the place ``at`` of the data; ``options`` as for text."""
    options = {"fontsize": 9.5, "annotation_clip": False, **options}
    ax.annotate(text, at, offset, textcoords="offset points", **options)


def as_percent(*axes: Axis) -> None:
    """Write the ticks of these axes, shares 0-1, as percentages."""
    for axis in axes:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def legend_above(fig: Figure, columns: int = 4, **options: Any) -> None:
    """Name the lines of the first panel above the figure."""
    handles, names = fig.axes[0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper left", ncols=columns, **options)


def text_on(color: Any) -> str:
    """Return "black" or "white", whichever stands out more on ``color``: always 4.5:1 or better."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])  # WCAG 2's relative luminance
    return "black" if luminance > 0.1791 else "white"


def minus(text: str) -> str:
    """Return a number with a typographic minus."""
    return text.replace("-", "−")
