"""What silence buys: the share of wrong answers over the share of pictures that are answered."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.plots.style import (
    BLUE,
    DASHES,
    GREEN,
    MUTED,
    ORANGE,
    WIDTH,
    canvas,
    figure,
    finish,
)

_COLORS = BLUE, ORANGE, GREEN


@figure
def risk_curves(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    chosen: Mapping[str, tuple[float, float]] | None = None,
    most: float | None = None,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the risk at each coverage, a line a name, three at most.

    Parameters
    ----------
    curves:
        A name -> coverage (n,) and risk (n,), shares 0-1, as ``confidence.risk_coverage`` gives.
    chosen:
        A name -> (coverage, risk) at one threshold, a ring on the line.
    most:
        The risk that was asked for, a dotted line.
    ax, source:
        An axis to draw in, a new one if None; where the data come from.
    """
    fig, ax = canvas(ax, WIDTH, 3.3)
    for (name, (coverage, risk)), color, dash in zip(curves.items(), _COLORS, DASHES, strict=False):
        ax.plot(coverage, risk, color=color, linestyle=dash)
        ax.annotate(
            name, (1, risk[-1]), (6, 0), textcoords="offset points", va="center", color=color,
            fontsize=10, annotation_clip=False,
        )  # fmt: skip
        if chosen and name in chosen:
            ax.plot(*chosen[name], "o", color=color, markersize=9, markerfacecolor="none", mew=2)
    if most is not None:
        ax.axhline(most, color=MUTED, linewidth=1, linestyle=":")
        ax.annotate("asked for", (0, most), (2, 3), textcoords="offset points", fontsize=9.5,
                    color=MUTED)  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="pictures answered", ylabel="wrong among the answers")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    return finish(fig, source)
