"""Figures of the chapter on dropout and batch normalisation."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.plots.style import CYCLE, DASHES, MUTED, WIDTH, figure, finish, panels


@figure
def channel_spread(stages: Mapping[str, np.ndarray], source: str | None = None) -> Figure:
    """Draw how the values of each channel are spread, a panel a stage.

    Parameters
    ----------
    stages:
        A title -> (batch, ..., channels); four channels at most, the same in every stage.
    source:
        Where the data come from; printed small below.
    """
    fig, axes = panels(1, len(stages), WIDTH, 2.9, sharey=True)
    for ax, (title, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).reshape(-1, np.shape(values)[-1])
        low, high = np.percentile(flat, [0.2, 99.8])
        edges = np.linspace(low - 0.05 * (high - low), high + 0.05 * (high - low), 50)
        for channel, (color, dash) in enumerate(zip(CYCLE[: flat.shape[1]], DASHES, strict=False)):
            share = np.histogram(flat[:, channel], edges)[0] / len(flat)
            middle = (edges[1:] + edges[:-1]) / 2
            ax.plot(middle, share, color=color, linestyle=dash, lw=1.8, label=f"c = {channel}")
        ax.axvline(0, color=MUTED, lw=0.8, zorder=0)
        ax.set(xlabel="value", title=title)
    axes[0, 0].set(ylabel="share of the values", ylim=(0, None))
    axes[0, -1].legend(loc="upper right", handlelength=2.4, borderaxespad=0)
    return finish(fig, source)
