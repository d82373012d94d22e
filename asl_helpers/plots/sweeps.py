"""Tables of runs: a score over the rate, and a score seed by seed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from asl_helpers.plots.style import (
    BLUE,
    CYCLE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
)

_MARKS, _DASHES = "os^Dv", ("-", "--", "-.", ":", "-")
_COLORS = (MUTED, ORANGE, GREEN, BLUE, *CYCLE)  # as optimizers have them in chapter 5


@figure
def sweep_points(
    table: pd.DataFrame,
    score: str,
    label: str,
    by: str = "optimizer",
    x: str = "rate",
    start: float | None = None,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw every run of a sweep as a point: its score over a setting, on a logarithmic axis.

    Parameters
    ----------
    table:
        A row a run, as ``sweeps.run_sweep`` returns. Runs without a score are crosses at the edge
        where bad scores are.
    score, label:
        The column to draw, and its name for the axis. Names that end in "accuracy" are shares.
    by:
        The setting that tells lines apart; a line goes through the mean at each ``x``.
    x:
        The setting on the horizontal axis.
    start:
        The loss before training, a dotted line; what is more than 1.15 times as high stands at
        the upper edge.
    ax, source:
        An axis to draw in, a new one if None; where the data come from.
    """
    fig, ax = canvas(ax, height=3.5)
    is_share = score.endswith("accuracy")
    ceiling = np.inf if start is None else 1.15 * start
    values = table[score].clip(upper=ceiling)
    highest = max([*values.dropna(), start or 0.0]) or 1.0
    low, high = (0.0, 1.0) if is_share else (0.0, 1.05 * highest)
    bad = low if is_share else highest
    for place, (name, group) in enumerate(values.groupby(table[by], sort=False)):
        color = _COLORS[place % len(_COLORS)]
        means = group.groupby(table[x]).mean().dropna()
        ax.plot(means.index, means, _DASHES[place % 5], color=color, lw=1.6)
        style = {"color": color, "linestyle": "", "label": str(name)}
        ax.plot(table.loc[group.index, x], group, marker=_MARKS[place % 5], ms=5.5, **style)
        failed = table.loc[group.index[group.isna()], x]
        ax.plot(failed, np.full(len(failed), bad), "x", color=color, ms=8, mew=2, clip_on=False)
    if start is not None:
        ax.axhline(start, color=MUTED, lw=0.9, ls=":")
        ax.annotate(
            "before training", (0.01, start), (0, 2), fontsize=9.5, color=MUTED, va="bottom",
            xycoords=("axes fraction", "data"), textcoords="offset points",
        )  # fmt: skip
    places = sorted(table[x].unique())
    ax.set_xscale("log")
    ax.set_xlim(places[0] / 1.5, places[-1] * 1.5)
    first, last = (np.log10(place) for place in (places[0], places[-1]))
    decades = [
        10.0**power for power in range(int(np.ceil(first - 1e-9)), int(np.floor(last + 1e-9)) + 1)
    ]
    ax.xaxis.set_major_locator(FixedLocator(decades if len(decades) > 1 else places))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda place, _: f"{place:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set(
        xlabel="learning rate" if x == "rate" else x.replace("_", " "),
        ylabel=label,
        ylim=(low, high),
    )
    if is_share:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    fig.legend(loc="outside upper left", ncols=4, handlelength=1.2, columnspacing=1.2)
    return finish(fig, source)


@figure
def seed_scores(
    table: pd.DataFrame,
    by: str,
    scores: Mapping[str, str],
    pair: str = "seed",
    source: str | None = None,
) -> Figure:
    """Draw scores run by run: a row a variant, a mark a seed, mean and standard deviation below.

    A thin line joins the runs of one seed, so that one sees whether a variant wins within a seed
    where the seeds lie far apart.

    Parameters
    ----------
    table:
        A row a run.
    by:
        The setting whose values are the rows, from the top.
    scores:
        A column of shares -> the title of its panel.
    pair:
        The setting that tells the runs of a variant apart.
    """
    names = list(dict.fromkeys(table[by]))
    fig, axes = panels(1, len(scores), WIDTH, 0.95 + 0.55 * len(names), sharey=True, sharex=True)
    for ax, (score, title) in zip(axes[0], scores.items(), strict=True):
        wide = table.pivot_table(score, index=by, columns=pair, sort=False, dropna=False)
        rows = np.arange(len(names))
        for place, seed in enumerate(wide.columns):
            values = wide[seed].reindex(names)
            ax.plot(values, rows, color=RULE, lw=1, zorder=1)
            ax.plot(values, rows, _MARKS[place % 5], color=_COLORS[1:][place % 5], ms=6, zorder=3)
        means, sds = wide.mean(axis=1).reindex(names), wide.std(axis=1, ddof=1).reindex(names)
        ax.errorbar(means, rows + 0.27, xerr=sds, fmt="|", color=INK, ms=9, mew=2, elinewidth=1.3)
        for row, mean in enumerate(means):
            ax.annotate(f"{mean:.0%}", (mean, row + 0.27), (0, -7), fontsize=9, ha="center",
                        va="top", textcoords="offset points")  # fmt: skip
        ax.set_title(title, fontsize=10.5)
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.grid(axis="x", color=RULE, linewidth=0.6)
        ax.margins(x=0.08)
    axes[0, 0].set_yticks(range(len(names)), [str(name) for name in names])
    axes[0, 0].set_ylim(len(names) - 0.3, -0.4)
    for ax in axes[0]:
        ax.tick_params(axis="y", length=0)
    return finish(fig, source)
