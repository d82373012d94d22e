"""Figures of Part 2: what a set holds, experiments, and why a model answers as it does."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from asl_helpers.figures.charts import points
from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CYCLE,
    INK,
    MARKS,
    MUTED,
    ORANGE,
    RULE,
    SKY,
    WIDTH,
    as_percent,
    figure,
    finish,
    label,
    panels,
    show_image,
)

# --- Chapter 7: the data and its trap


@figure
def class_counts(
    counts: Sequence[int], class_names: Sequence[str], source: str | None = None
) -> Figure:
    """Draw how many images each class has, and the even share as a line, in two columns."""
    counts = np.asarray(counts)
    half = -(-len(counts) // 2)
    fig, axes = panels(1, 2, 0.24 * half + 0.75, sharex=True)
    even = counts.mean()
    for ax, start in zip(axes[0], (0, half), strict=True):
        mine = counts[start : start + half]
        ax.barh(list(class_names[start : start + half]), mine, color=SKY, height=0.72)
        ax.axvline(even, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        for row, count in enumerate(mine):
            ax.text(0, row, f" {count:,}", va="center", fontsize=10, color="black")
        ax.set(ylim=(half - 0.4, -1.3), xlim=(0, 1.04 * counts.max()), xticks=[])
        ax.tick_params(length=0, labelsize=10.5)
        ax.spines["bottom"].set_visible(False)
    text = f"even share {even:,.0f} "
    axes[0, 0].text(even, -0.95, text, ha="right", va="center", fontsize=10, color=MUTED)
    return finish(fig, source)


@figure
def value_spread(
    stages: Mapping[str, np.ndarray], bins: int = 32, source: str | None = None
) -> Figure:
    """Draw how the values of images are spread, a panel a stage, with mean and deviation.

    ``stages`` is a name for the values, such as ``grey level`` -> images of any shape.
    """
    fig, axes = panels(1, len(stages), 3.0, sharey=True)
    for ax, (name, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).ravel()
        shares, edges = np.histogram(flat, bins, weights=np.full(len(flat), 1 / len(flat)))
        ax.stairs(shares, edges, fill=True, color=SKY)
        mean, std, top = flat.mean(dtype=float), flat.std(dtype=float), 1.12 * shares.max()
        ax.axvline(mean, ymax=0.9, color=INK, lw=1.6)
        arrow = {"arrowstyle": "<->", "color": INK}
        ax.annotate("", (mean - std, top), (mean + std, top), arrowprops=arrow)
        said = f"mean {mean if abs(mean) > 1e-3 else 0:.3g}, deviation {std:.3g}"
        ax.text(0.5, 0.995, said, transform=ax.transAxes, ha="center", va="top", fontsize=9.5)
        ax.set(xlabel=name, ylim=(0, 1.3 * top))
    as_percent(axes[0, 0].yaxis)
    axes[0, 0].set_ylabel("share of the pixels")
    return finish(fig, source)


@figure
def likeness(
    nearest: Mapping[str, np.ndarray], threshold: float, source: str | None = None
) -> Figure:
    """Draw how alike images are to their nearest image, a panel a kind of neighbor.

    ``nearest`` is a kind -> correlations (n,), each image's with its nearest of that kind; from
    ``threshold`` on two images count as copies: a line through all panels.
    """
    fig, axes = panels(len(nearest), 1, 1.55 * len(nearest) + 0.6, sharex=True)
    for ax, color, (name, values) in zip(axes[:, 0], (SKY, AMBER), nearest.items(), strict=False):
        look = {"stat": "proportion", "element": "step", "color": color, "alpha": 1, "lw": 0}
        sns.histplot(np.clip(values, 0, 1), bins=50, binrange=(0, 1), ax=ax, **look)
        ax.axvline(threshold, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        above = f"{np.mean(np.asarray(values) >= threshold):.1%} from {threshold:g} on"
        ax.set_title(name, fontsize=10.5)
        ax.set_title(above, loc="right", fontsize=10, fontweight="normal")
        ax.set(xlim=(0, 1), ylabel="")
        as_percent(ax.yaxis)
    axes[-1, 0].set_xlabel("correlation with the nearest picture")
    fig.supylabel("share of the pictures", fontsize=11)
    return finish(fig, source)


# --- Chapter 10: experiments


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
    fig, axes = panels(1, len(scores), 0.95 + 0.55 * len(names), sharey=True, sharex=True)
    for ax, (score, title) in zip(axes[0], scores.items(), strict=True):
        wide = table.pivot_table(score, by, pair, sort=False, dropna=False).reindex(names)
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
    return finish(fig, source)


# --- Chapter 11: looking inside


@figure
def confused_pairs(
    misread: Sequence[np.ndarray],
    examples: Sequence[np.ndarray],
    pairs: Sequence[tuple[str, str]],
    shares: Sequence[float],
    words: Mapping[str, str],
    source: str | None = None,
) -> Figure:
    """Draw a row for each pair: a misread image, one of the letter it was taken for, and words.

    Parameters
    ----------
    misread, examples:
        For each pair an image of the true class that was misread, and one of the class it was
        read as, (height, width[, channels]).
    pairs:
        (true, read as).
    shares:
        How many of the true class's images are read so, 0-1.
    words:
        A description of each class, such as ``alphabet.HANDSHAPE``.
    """
    side = 1.3
    ratios = [1, 1, (WIDTH - 2 * side) / side]
    fig, axes = panels(len(pairs), 3, side * len(pairs) + 0.45, width_ratios=ratios)
    given = zip(axes, misread, examples, pairs, shares, strict=True)
    for (left, middle, right), wrong, example, (true, read), share in given:
        show_image(left, wrong, f"is {true}, read as {read}", frame=ORANGE)
        show_image(middle, example, f"{read}, from training", frame=BLUE)
        right.set_axis_off()
        head = f"{share:.0%} of {true} read as {read}"
        text = "\n".join(fill(f"{name}: {words.get(name, '')}", 36) for name in (true, read))
        # Out of the layout, or a long description would push the rows apart.
        look = {"va": "top", "in_layout": False}
        right.text(0, 1.0, head, fontsize=10.5, fontweight="bold", **look)
        right.text(0, 0.8, text, fontsize=9, color=MUTED, linespacing=1.2, **look)
    return finish(fig, source)


def latencies(table: pd.DataFrame, source: str | None = None) -> Figure:
    """Draw the time of a call for each way and batch size: a sign at the median, a line to p95.

    ``table`` comes from ``latency.measure_latency``.
    """
    series = {
        f"batch of {batch}": {row.way: (row.median_ms, row.median_ms, row.p95_ms)
                              for row in rows.itertuples()}
        for batch, rows in table.groupby("batch")
    }  # fmt: skip
    xlabel = "milliseconds a call, log scale: median, and line to p95"
    return points(series, xlabel, log=True, source=source)
