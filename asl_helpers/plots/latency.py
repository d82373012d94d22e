"""How long an answer takes, one row a way of asking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from asl_helpers.plots.style import BLUE, INK, ORANGE, WIDTH, canvas, figure, finish


@figure
def latencies(table: pd.DataFrame, ax: Axes | None = None, source: str | None = None) -> Figure:
    """Draw the time of a call for each way and batch size: a dot at the median, a line to p95.

    Parameters
    ----------
    table:
        From ``latency.measure_latency``, with two batch sizes at most.
    ax, source:
        The axis to draw on, a new one if None; what was measured, printed below.
    """
    ways, batches = list(dict.fromkeys(table["way"])), sorted(set(table["batch"]))
    fig, ax = canvas(ax, WIDTH, 1.0 + 0.62 * len(ways))
    offsets = np.linspace(-0.16, 0.16, len(batches)) if len(batches) > 1 else [0.0]
    for batch, color, sign, offset in zip(batches, (BLUE, ORANGE), "os", offsets, strict=False):
        for row in table[table["batch"] == batch].itertuples():
            y = ways.index(row.way) + offset
            ax.plot([row.median_ms, row.p95_ms], [y, y], color=color, linewidth=2.6)
            name = f"batch of {batch}" if row.way == ways[0] else None
            ax.plot(row.median_ms, y, sign, color=color, markersize=7, label=name)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(range(len(ways)), ways, fontsize=10.5, color=INK)
    ax.set_ylim(len(ways) - 0.5, -0.5)
    ax.set_xlabel("milliseconds a call, log scale: median, and line to p95")
    ax.grid(axis="x")
    fig.legend(loc="outside upper left", ncols=len(batches), handlelength=1.2)
    return finish(fig, source)
