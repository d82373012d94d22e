"""Lines over a common axis, each named at its end in its own colour."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from asl_helpers.plots.style import (
    BLUE,
    DASHES,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    WIDTH,
    canvas,
    figure,
    finish,
)

_COLORS = (BLUE, ORANGE, GREEN, PURPLE, INK)
_DASHES = (*DASHES, "-")


@figure
def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    *,
    percent: bool = False,
    marker: str | None = None,
    bottom: float | None = 0,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw one line a name, the names at the right ends.

    Parameters
    ----------
    x:
        (n,) common to all lines; whole numbers get whole ticks.
    series:
        A name -> (n,) values, five at most; colour and dashes both tell the lines apart.
    xlabel, ylabel:
        Quantity and unit of each axis.
    percent:
        Whether the values are shares of 1, written as percentages.
    marker:
        Matplotlib's sign for single points, where each x is a measurement.
    bottom:
        Where the vertical axis starts; None leaves it to the data.
    ax:
        An axis to draw in; None makes a figure.
    source:
        Where the data come from; printed small below.
    """
    fig, ax = canvas(ax, width=WIDTH, height=3.2)
    for (_, values), color, dash in zip(series.items(), _COLORS, _DASHES, strict=False):
        ax.plot(x, values, color=color, linestyle=dash, marker=marker, markersize=4.5)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="y")
    ax.margins(x=0.02)
    if bottom is not None:
        ax.set_ylim(bottom=bottom)
    if percent:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if np.issubdtype(np.asarray(x).dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 4, 5, 10]))
    _name_ends(ax, list(series), [np.asarray(values)[-1] for values in series.values()])
    return finish(fig, source)


def _name_ends(ax: Axes, names: Sequence[str], ends: Sequence[float]) -> None:
    """Write each name beside its line's last value, moved apart where they would overlap."""
    low, high = ax.get_ylim()
    room = 0.075 * (high - low)
    order = np.argsort(ends, kind="stable")
    places = np.array(ends, dtype=float)[order]
    for _ in range(100):  # a pair that overlaps moves apart, half of the way each
        overlap = np.maximum(room - np.diff(places), 0)
        if not (overlap > 1e-3 * room).any():
            break
        places[1:] += overlap / 2
        places[:-1] -= overlap / 2
    for place, index in zip(places, order, strict=True):
        ax.annotate(
            names[index],
            (1, place),
            (5, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=_COLORS[index],
            fontsize=10,
            annotation_clip=False,
        )
