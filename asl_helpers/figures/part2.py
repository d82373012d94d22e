"""Figures of Part 2: scores run by run."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from asl_helpers.figures.style import (
    CYCLE,
    INK,
    MARKS,
    RULE,
    as_percent,
    figure,
    label,
    panels,
)

# --- Chapter 11: experiments


@figure
def seed_scores(table: pd.DataFrame, by: str, scores: Mapping[str, str]) -> Figure:
    """Draw scores run by run: a row a variant, a mark a seed, mean and standard deviation below.

    A thin line joins the runs of one seed, so that one sees whether a variant wins within a seed
    where the seeds lie far apart. ``table`` has a row a run, with ``seed`` and the setting ``by``;
    ``scores`` is a column of shares -> the title of its panel.
    """
    names = list(dict.fromkeys(table[by]))
    fig, axes = panels(1, len(scores), 0.95 + 0.55 * len(names), sharey=True, sharex=True)
    for ax, (score, title) in zip(axes[0], scores.items(), strict=True):
        wide = table.pivot_table(score, by, "seed", sort=False, dropna=False).reindex(names)
        rows = np.arange(len(names))
        for seed, color, mark in zip(wide, CYCLE[1:], MARKS, strict=False):
            ax.plot(wide[seed], rows, color=RULE, lw=1, zorder=1)
            ax.plot(wide[seed], rows, mark, color=color, ms=6, zorder=3)
        means, sds = wide.mean(axis=1), wide.std(axis=1)
        ax.errorbar(means, rows + 0.27, xerr=sds, fmt="|", color=INK, ms=9, mew=2, elinewidth=1.3)
        for row, mean in enumerate(means):
            label(ax, f"{mean:.0%}", (mean, row + 0.27), (0, -7), fontsize=9, ha="center", va="top")
        ax.set_title(title, fontsize=10.5)
        as_percent(ax.xaxis)
        ax.grid(axis="x", linewidth=0.6)
        ax.margins(x=0.08)
        ax.tick_params(axis="y", length=0)
    axes[0, 0].set_yticks(range(len(names)), [str(name) for name in names])
    axes[0, 0].set_ylim(len(names) - 0.3, -0.4)
    return fig
