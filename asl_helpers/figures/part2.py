"""Figures of Part 2: what a set holds, experiments, and why a model answers as it does."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
)

from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CYCLE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SKY,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
    show_image,
)

_AREAS = (SKY, AMBER)

_MARKS, _DASHES = "os^Dv", ("-", "--", "-.", ":", "-")

_COLORS = (MUTED, ORANGE, GREEN, BLUE, *CYCLE)  # as optimizers have them in chapter 5


@figure
def class_counts(
    counts: Sequence[int], class_names: Sequence[str], source: str | None = None
) -> Figure:
    """Draw how many pictures each class has, and the even share as a line, in two columns.

    Parameters
    ----------
    counts:
        Whole numbers (classes,), in the order of ``class_names``.
    class_names:
        A name a class.
    source:
        Where the pictures come from; printed small below.
    """
    counts = np.asarray(counts)
    half = -(-len(counts) // 2)
    fig, axes = panels(1, 2, WIDTH, 0.24 * half + 0.75, sharex=True)
    even = counts.mean()
    for ax, start in zip(axes[0], (0, half), strict=True):
        mine = counts[start : start + half]
        ax.barh(range(len(mine)), mine, color=SKY, height=0.72)
        ax.axvline(even, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        for row, count in enumerate(mine):
            ax.text(0, row, f" {count:,}", va="center", fontsize=10, color="black")
        ax.set_yticks(range(len(mine)), class_names[start : start + half], fontsize=10.5)
        ax.set(ylim=(half - 0.4, -1.3), xlim=(0, 1.04 * counts.max()), xticks=[])
        ax.tick_params(length=0)
        ax.spines["bottom"].set_visible(False)
    text = f"even share {even:,.0f} "
    axes[0, 0].text(even, -0.95, text, ha="right", va="center", fontsize=10, color=MUTED)
    return finish(fig, source)


@figure
def value_spread(
    stages: Mapping[str, np.ndarray], bins: int = 32, source: str | None = None
) -> Figure:
    """Draw how the values of pictures are spread, a panel a stage, with mean and deviation.

    Parameters
    ----------
    stages:
        A name for the values, such as ``grey level`` -> pictures of any shape.
    bins:
        Bars a panel, from the smallest value to the largest.
    source:
        Where the pictures come from; printed small below.
    """
    fig, axes = panels(1, len(stages), WIDTH, 3.0, sharey=True)
    for ax, (name, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).ravel()
        count, edges = np.histogram(flat, bins)
        ax.stairs(count / len(flat), edges, fill=True, color=SKY)
        mean, std = flat.mean(dtype=float), flat.std(dtype=float)
        top = 1.12 * count.max() / len(flat)
        ax.axvline(mean, ymax=0.9, color=INK, lw=1.6)
        ax.annotate(
            "", (mean - std, top), (mean + std, top), arrowprops={"arrowstyle": "<->", "color": INK}
        )
        said = f"mean {mean if abs(mean) > 1e-3 else 0:.3g}, deviation {std:.3g}"
        ax.text(0.5, 0.995, said, transform=ax.transAxes, ha="center", va="top", fontsize=9.5)
        ax.set(xlabel=name, ylim=(0, 1.3 * top))
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes[0, 0].set_ylabel("share of the pixels")
    return finish(fig, source)


@figure
def likeness(
    nearest: Mapping[str, np.ndarray], threshold: float, source: str | None = None
) -> Figure:
    """Draw how alike pictures are to their nearest picture, a panel a kind of neighbour.

    Parameters
    ----------
    nearest:
        A kind -> correlations (n,), each picture's with its nearest picture of that kind.
    threshold:
        From where on two pictures count as copies: a line through all panels.
    source:
        Where the pictures come from; printed small below.
    """
    fig, axes = panels(len(nearest), 1, WIDTH, 1.55 * len(nearest) + 0.6, sharex=True)
    edges = np.linspace(0, 1, 51)
    for place, (ax, (name, values)) in enumerate(zip(axes[:, 0], nearest.items(), strict=True)):
        share = np.histogram(np.clip(values, 0, 1), edges)[0] / len(values)
        ax.stairs(share, edges, fill=True, color=_AREAS[place % 2])
        ax.axvline(threshold, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        above = f"{np.mean(np.asarray(values) >= threshold):.1%} from {threshold:g} on"
        ax.set_title(name, fontsize=10.5)
        ax.set_title(above, loc="right", fontsize=10, fontweight="normal")
        ax.set(xlim=(0, 1), ylim=(0, 1.12 * share.max()))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes[-1, 0].set_xlabel("correlation with the nearest picture")
    fig.supylabel("share of the pictures", fontsize=11)
    return finish(fig, source)


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


@figure
def confused_pairs(
    misread: Sequence[np.ndarray],
    examples: Sequence[np.ndarray],
    pairs: Sequence[tuple[str, str]],
    shares: Sequence[float],
    words: Mapping[str, str],
    source: str | None = None,
) -> Figure:
    """Draw a row for each pair: a misread picture, one of the letter it was taken for, and words.

    Parameters
    ----------
    misread, examples:
        For each pair a picture of the true class that was misread, and one of the class it was
        read as, (height, width[, channels]).
    pairs:
        (true, read as).
    shares:
        How many of the true class's pictures are read so, 0-1.
    words:
        A description of each class, such as ``alphabet.HANDSHAPE``.
    """
    side = 1.3
    fig, axes = panels(
        len(pairs),
        3,
        WIDTH,
        side * len(pairs) + 0.45,
        gridspec_kw={"width_ratios": [1, 1, (WIDTH - 2 * side) / side]},
    )
    given = zip(axes, misread, examples, pairs, shares, strict=True)
    for (left, middle, right), wrong, example, (true, read), share in given:
        show_image(left, wrong, f"is {true}, read as {read}", frame=ORANGE)
        show_image(middle, example, f"{read}, from training", frame=BLUE)
        right.set_axis_off()
        head = f"{share:.0%} of {true} read as {read}"
        text = "\n".join(fill(f"{name}: {words.get(name, '')}", 36) for name in (true, read))
        for words_here, place, look in (
            (head, 1.0, {"fontsize": 10.5, "fontweight": "bold"}),
            (text, 0.8, {"fontsize": 9, "color": MUTED, "linespacing": 1.2}),
        ):
            # Out of the layout, or a long description would push the rows apart.
            right.text(0, place, words_here, va="top", in_layout=False, **look)
    return finish(fig, source)


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
