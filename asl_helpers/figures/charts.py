"""Charts that chapters of several parts share: lines, points, bars, histograms, calibration."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from asl_helpers.figures import style
from asl_helpers.figures.style import (
    BLUE,
    CYCLE,
    DASHES,
    GREEN,
    INK,
    MARKS,
    MUTED,
    ORANGE,
    RULE,
    SEQUENTIAL,
    SKY,
    WIDTH,
    as_percent,
    canvas,
    draw_lines,
    figure,
    label,
    legend_above,
    minus,
    text_on,
)

Interval = tuple[float, float, float]
"""A value with the low and the high end of its interval."""

BINS, FEWEST = 10, 10
"""Bins of confidence, of equal width, in the reliability diagrams; answers a drawn bin holds."""


@figure
def lines(
    x: Sequence,
    series: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    *,
    percent: bool = False,
    marker: str | None = None,
    bottom: float | None = 0,
) -> Figure:
    """Draw one line a name over a common ``x`` (n,), the names at the right ends; at most six.

    ``series`` is a name -> (n,) values, or (runs, n): the mean, in a band of one standard
    deviation. With ``percent`` they are shares of 1; ``bottom`` is where the vertical axis starts,
    None leaves it to the data. Whole numbers as ``x`` get whole ticks.
    """
    fig, ax = canvas(3.2)
    runs = {name: np.atleast_2d(np.asarray(values, float)) for name, values in series.items()}
    for (name, values), color, dash in zip(runs.items(), CYCLE, DASHES, strict=False):
        sns.lineplot(
            x=np.tile(x, len(values)), y=values.ravel(), errorbar="sd", ax=ax, color=color,
            linestyle=dash, marker=marker, ms=6, label=name, legend=False,
        )  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="y")
    ax.margins(x=0.02)
    if bottom is not None:
        ax.set_ylim(bottom=bottom)
    if percent:
        as_percent(ax.yaxis)
    if np.issubdtype(np.asarray(x).dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 4, 5, 10]))
    _name_ends(ax, {name: np.nanmean(values[:, -1]) for name, values in runs.items()})
    return fig


def _name_ends(ax: Axes, ends: Mapping[str, float]) -> None:
    """Write each name beside its line's last value, moved apart where they would overlap."""
    room = 0.075 * np.ptp(ax.get_ylim())
    names, values = list(ends), np.array(list(ends.values()))
    order = np.argsort(values, kind="stable")
    heights = values[order]
    for _ in range(100):  # a pair that overlaps moves apart, half of the way each
        overlap = np.maximum(room - np.diff(heights), 0)
        if not (overlap > 1e-3 * room).any():
            break
        heights[1:] += overlap / 2
        heights[:-1] -= overlap / 2
    for height, index in zip(heights, order, strict=True):
        label(
            ax, names[index], (1, height), (5, 0), xycoords=("axes fraction", "data"),
            va="center", color=CYCLE[index], fontsize=10,
        )  # fmt: skip


@figure
def curves(
    panels: Mapping[str, Mapping[str, tuple[Sequence, Sequence]]],
    xlabel: str = "",
    ylabel: str = "",
    marker: str | None = None,
) -> Figure:
    """Draw panels side by side, a title -> a name -> (x, y); the names stand above."""
    fig, axes = style.panels(1, len(panels), 3.3)
    for ax, (title, series) in zip(axes[0], panels.items(), strict=True):
        draw_lines(ax, series, marker=marker)
        ax.set(title=title, xlabel=xlabel)
        ax.grid(axis="y")
    axes[0, 0].set_ylabel(ylabel)
    legend_above(fig, 2, handlelength=3)
    return fig


@figure
def history_curves(history: pd.DataFrame) -> Figure:
    """Draw loss and accuracy over the epochs, training against validation.

    ``history`` is what ``training.fit`` returns: index ``epoch``, columns ``loss``, ``accuracy``,
    ``val_loss``, ``val_accuracy``. Its ``attrs["best_epoch"]`` is marked where it is there.
    """
    fig, ((loss, accuracy),) = style.panels(1, 2, 3.2)
    best = history.attrs.get("best_epoch")
    for ax, name, title in ((loss, "loss", "Cross-entropy"), (accuracy, "accuracy", "Accuracy")):
        columns = {"training": name, "validation": f"val_{name}"}
        draw_lines(ax, {key: (history.index, history[c]) for key, c in columns.items()}, marker=".")
        if best is not None:
            ax.axvline(best, color=MUTED, linewidth=0.9, linestyle=":")
            ax.plot(best, history[f"val_{name}"][best], "o", color=ORANGE, label="kept")
        ax.set(title=title, xlabel="epoch", ylim=(0, None))
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.grid(axis="y")
    accuracy.set_ylim(0, 1.02)
    as_percent(accuracy.yaxis)
    legend_above(fig)
    return fig


@figure
def histograms(
    panels: Mapping[str, np.ndarray], xlabel: str = "value", at: float | None = None
) -> Figure:
    """Draw how values are spread, a panel a title: (n,), or (n, channels) as an outline each.

    ``at`` is a value to mark in all panels, which then share their horizontal axis.
    """
    fig, axes = style.panels(1, len(panels), 3.0, sharey=True, sharex=at is not None)
    ends = [np.percentile(values, [0.1, 99.9]) for values in panels.values()]
    ends = ends if at is None else [(np.min(ends), np.max(ends))] * len(ends)
    for ax, (title, values), (low, high) in zip(axes[0], panels.items(), ends, strict=True):
        channels = np.reshape(values, (len(values), -1)).T
        edges = np.linspace(low, high, 41)
        for c, (each, color, dash) in enumerate(zip(channels, CYCLE, DASHES, strict=False)):
            shares = np.histogram(each, edges)[0] / len(each)
            look = {"color": color, "linestyle": dash, "lw": 1.8, "label": f"c = {c}"}
            ax.stairs(
                shares, edges, **(look if len(channels) > 1 else {"fill": True, "color": SKY})
            )
        if at is not None:
            ax.axvline(at, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        ax.set(xlabel=xlabel)
        ax.set_title(title, fontsize=10.5)
    if len(channels) > 1:
        legend_above(fig)
    axes[0, 0].set_ylabel("share of the values")
    as_percent(axes[0, 0].yaxis)
    return fig


@figure
def confusion_matrix(confusion: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draw a confusion matrix as the percent of each true class; 5 % and more are written.

    ``confusion`` has counts, integers of shape (classes, classes): rows true, columns predicted.
    """
    confusion = np.asarray(confusion)
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    table = pd.DataFrame(shares, list(class_names), list(class_names))
    words = table.map(lambda share: f"{100 * share:.0f}" if share >= 0.05 else "")
    size = max(5.5, min(10, 170 / len(table)))
    fig, ax = canvas(WIDTH + 0.4)
    sns.heatmap(
        table, vmin=0, vmax=1, cmap=SEQUENTIAL, annot=words, fmt="", annot_kws={"fontsize": size},
        square=True, cbar=False, xticklabels=True, yticklabels=True, ax=ax,
    )  # fmt: skip
    for text, color in zip(ax.texts, ax.collections[0].get_facecolors(), strict=True):
        text.set_color(text_on(color[:3]))
    ax.tick_params(length=0, rotation=0, labelsize=max(8, size))
    ax.set(xlabel="read as", ylabel="true letter", title="Percent of each true class")
    return fig


@figure
def intervals(
    scores: Mapping[str, Interval],
    xlabel: str = "accuracy on the test part, with its 95 % interval",
) -> Figure:
    """Draw shares 0-1 with their intervals, a row a name, each with its number."""
    fig, ax = canvas(0.75 + 0.55 * len(scores))
    _dots(ax, {"": scores})
    for row, (score, _, _) in enumerate(scores.values()):
        label(ax, minus(f"{score:.1%}"), (score, row), (0, 8), ha="center", fontsize=11)
    as_percent(ax.xaxis)
    ax.margins(x=0.08)
    ax.set(xlabel=xlabel, ylim=(len(scores) - 0.5, -0.6))
    return fig


@figure
def points(
    series: Mapping[str, Mapping[str, float | Interval]], xlabel: str, *, log: bool = False
) -> Figure:
    """Draw a row a name and a sign a series, with intervals where they are given.

    ``series`` is a series -> a row -> a value or (value, low, high); a row may be missing from a
    series. The values are shares of 1; with ``log`` any, on a logarithmic axis.
    """
    rows = dict.fromkeys(row for values in series.values() for row in values)
    fig, ax = canvas(1.25 + (0.3 + 0.08 * len(series)) * len(rows))
    _dots(ax, series)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.set_xlim(-0.02, 1.03)
        as_percent(ax.xaxis)
    ax.set_xlabel(xlabel)
    legend_above(fig, 1 if max(map(len, series)) > 24 else 2, handlelength=1.2)
    return fig


def _dots(ax: Axes, series: Mapping[str, Mapping[str, float | Interval]]) -> None:
    """Draw the dots and intervals of ``points``."""
    rows = list(dict.fromkeys(row for values in series.values() for row in values))
    shifts = np.linspace(-0.2, 0.2, len(series)) if len(series) > 1 else [0.0]
    looks = zip(shifts, MARKS, CYCLE, strict=False)
    for (name, values), (shift, mark, color) in zip(series.items(), looks, strict=False):
        middle, low, high = np.array([np.broadcast_to(value, 3) for value in values.values()]).T
        ax.errorbar(
            middle, [rows.index(row) + shift for row in values],
            xerr=[middle - low, high - middle], fmt=mark, color=color, markersize=7,
            elinewidth=2.6, label=name,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), rows, fontsize=10.5, color=INK)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="x")


@figure
def sweep(table: pd.DataFrame, score: str, ylabel: str, start: float | None = None) -> Figure:
    """Draw every run of a sweep, a point: its score over the rate; lines go through the means.

    ``table`` has a row a run, with ``optimizer`` and ``rate``. Columns of scores whose names end
    in "accuracy" are shares. Runs without a score are crosses at the edge where bad scores are.
    ``start`` is the loss before training: a dotted line, and what is over 1.15 times as high stands
    at the upper edge.
    """
    fig, ax = canvas(3.5)
    is_share = score.endswith("accuracy")
    table = table.assign(score=table[score].clip(upper=None if start is None else 1.15 * start))
    highest = max([*table["score"].dropna(), start or 0.0]) or 1.0
    low, high, bad = (0.0, 1.0, 0.0) if is_share else (0.0, 1.05 * highest, highest)
    looks = zip((MUTED, ORANGE, GREEN, BLUE, INK), DASHES, MARKS, strict=False)
    groups = table.groupby("optimizer", sort=False)
    for (name, runs), (color, dash, mark) in zip(groups, looks, strict=False):
        means = runs.groupby("rate")["score"].mean().dropna()
        ax.plot(means.index, means, color=color, linestyle=dash, lw=1.6)
        ax.plot("rate", "score", mark, data=runs, color=color, ms=5.5, label=name)
        failed = runs.loc[runs["score"].isna(), "rate"]
        if len(failed):  # an empty line would spoil the layout
            ax.plot(failed, [bad] * len(failed), "x", color=color, ms=8, mew=2, clip_on=False)
    if start is not None:
        ax.axhline(start, color=MUTED, lw=0.9, ls=":")
        at = {"xycoords": ("axes fraction", "data"), "va": "bottom", "color": MUTED}
        label(ax, "before training", (0.01, start), (0, 2), **at)
    values = np.sort(table["rate"].unique())
    decades = [value for value in values if np.isclose(np.log10(value) % 1, 0)]
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(decades if len(decades) > 1 else values))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.minorticks_off()
    ax.set(xlim=(values[0] / 1.5, values[-1] * 1.5), ylim=(low, high))
    ax.set(xlabel="learning rate", ylabel=ylabel)
    if is_share:
        as_percent(ax.yaxis)
    ax.grid(axis="y")
    legend_above(fig, handlelength=1.2, columnspacing=1.2)
    return fig


@figure
def bars(values: Mapping[str, float], ylabel: str, percent: bool = False) -> Figure:
    """Draw a bar a name and the mean as a line; bars under nine tenths of it are orange."""
    fig, ax = canvas(2.7)
    heights = np.array(list(values.values()))
    mean = heights.mean()
    ax.bar(list(values), heights, color=np.where(heights < 0.9 * mean, ORANGE, BLUE), width=0.75)
    ax.axhline(mean, color=INK, linewidth=1, linestyle=":")
    label(ax, f"mean {mean:.0%}" if percent else f"mean {mean:,.0f}", (-0.4, mean), (0, 5))
    ax.set(ylim=(0, 1.15 * max(heights.max(), mean)), ylabel=ylabel)
    if percent:
        ax.set(ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])
        as_percent(ax.yaxis)
    ax.tick_params(axis="x", length=0)
    ax.margins(x=0.01)
    return fig


@figure
def class_bars(
    columns: Mapping[str, np.ndarray], names: Sequence[str], form: str = "{:.2f}"
) -> Figure:
    """Draw values of classes as bars with their numbers, a panel for each step of a calculation.

    ``columns`` is a title -> (classes,) values, negative ones to the left, in orange; ``names`` are
    the classes from the top, ``form`` is the format of a number.
    """
    fig, axes = style.panels(1, len(columns), 0.75 + 0.36 * len(names), sharey=True)
    for ax, (title, values) in zip(axes[0], columns.items(), strict=True):
        values = np.asarray(values, dtype=float)
        bars = ax.barh(names, values, color=np.where(values < 0, ORANGE, BLUE), height=0.62)
        ax.bar_label(bars, [minus(form.format(value)) for value in values], padding=4, fontsize=10)
        ax.axvline(0, color=MUTED, lw=0.8)
        # Room for the numbers on either side that has bars.
        low, high, reach = min(values.min(), 0), max(values.max(), 0), np.ptp([0, *values])
        ax.set_xlim(low - 0.62 * reach * (low < 0), high + 0.5 * reach * (high > 0))
        ax.set_title(title, fontsize=10.5)
        ax.set_xticks([])
        ax.spines[["bottom", "left"]].set_visible(False)
        ax.tick_params(length=0, labelsize=11, labelcolor=INK)
    axes[0, 0].invert_yaxis()
    return fig


@figure
def reliability(answers: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw how often answers are right against how sure they claim to be.

    Answers are sorted into ten bins by confidence. Each bin is a dot at its mean confidence and
    its share of right answers, larger for more answers; a line leads to the diagonal, where the
    two agree. A bin with fewer than ten answers is left out: its share would be chance.

    ``answers`` is a title -> confidences (n,), 0-1, and whether each answer is right, bool (n,).
    """
    fig, axes = style.panels(1, len(answers), 2.75, sharey=True)
    room = []  # of each panel, from the nearest dot to where a word would stand
    for ax, (title, (confidence, right)) in zip(axes[0], answers.items(), strict=True):
        table = pd.DataFrame({"claimed": confidence, "right": np.asarray(right, float)})
        table["bin"] = np.minimum((table["claimed"] * BINS).astype(int), BINS - 1)
        bins = table.groupby("bin").mean().assign(count=table.groupby("bin").size())
        bins = bins[bins["count"] >= FEWEST]
        claimed, true = bins["claimed"], bins["right"]
        color = np.where(true < claimed, ORANGE, BLUE)
        ax.plot([0, 1], [0, 1], color=RULE, lw=1.6, zorder=1)
        ax.vlines(claimed, np.minimum(true, claimed), np.maximum(true, claimed), color, lw=2)
        sizes = 14 + 130 * bins["count"] / max(bins["count"].max(), 1)
        ax.scatter(claimed, true, sizes, color, edgecolors=INK, linewidths=0.6, zorder=3)
        away = [np.hypot(claimed - x, true - y) for x, y in ((0.25, 0.93), (0.8, 0.09))]
        room.append(np.min(away, initial=2.0))
        ax.set_title(title, fontsize=10.5)
        ax.set(xlim=(0, 1.07), ylim=(0, 1.07), aspect="equal", xticks=[0, 0.5, 1])
        ax.set_xlabel("claimed")
        as_percent(ax.xaxis, ax.yaxis)
    clear = axes[0, int(np.argmax(room))]
    clear.text(0.04, 0.9, "too modest", color=BLUE, fontsize=9.5)
    clear.text(1.0, 0.06, "too sure", color=ORANGE, fontsize=9.5, ha="right")
    axes[0, 0].set_ylabel("right")
    return fig


@figure
def receptive_field(
    layers: Sequence[tuple[int, int, int]], width: int, rate: float | None = None
) -> Figure:
    """Show in a cross-section which values of each layer one last value depends on, and how many.

    ``layers`` are (kernel, stride, dilation), first layer first; ``width`` input values are drawn.
    With ``rate``, values a second, the layers are causal: they look back in time only.
    """
    names = ["input", *(f"layer {level}" for level in range(1, len(layers) + 1))]
    steps = np.cumprod([1, *(stride for _, stride, _ in layers)]) / (rate or 1)
    low, high = (-width / rate, 0) if rate else (-width / 2, width / 2)
    fig, ax = canvas(0.75 * len(layers) + 1.5)
    used = np.array([0.0])
    for level in range(len(layers), -1, -1):
        places = used[0] + steps[level] * np.arange(-width, width + 1)
        places = places[(places > low) & (places < high + 1e-9)]
        for at, color, size in ((places, RULE, 4), (used, BLUE, 5.5)):
            ax.plot(at, np.full(len(at), level), "o", color=color, ms=size, zorder=size)
        at = {"xycoords": ("axes fraction", "data"), "va": "center", "fontweight": "bold"}
        label(ax, str(len(used)), (1, level), (6, 0), fontsize=11, **at)
        if level:
            kernel, _, dilation = layers[level - 1]
            taps = np.arange(kernel) - (kernel - 1 if rate else (kernel - 1) / 2)
            below = used[:, None] + taps * dilation * steps[level - 1]
            ax.plot([np.repeat(used, kernel), below.ravel()], [level, level - 1], color=SKY, lw=0.9)
            used = np.unique(below.round(9))
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(-0.3, len(layers) + 0.3), xlabel="seconds before the last step")
    ax.xaxis.set_visible(rate is not None)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return fig
