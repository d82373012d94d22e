"""Charts that chapters of several parts share: lines, points, bars, heatmaps, calibration."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

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
    WIDTH,
    as_percent,
    canvas,
    figure,
    finish,
    label,
    legend_above,
    minus,
    panels,
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
    legend: bool = False,
    source: str | None = None,
) -> Figure:
    """Draw one line a name, the names at the right ends.

    Parameters
    ----------
    x:
        (n,) common to all lines; whole numbers get whole ticks, strings stand at equal distances.
    series:
        A name -> (n,) values, or (runs, n): the mean, in a band of one standard deviation. Six
        names at most; color and dashes both tell the lines apart.
    xlabel, ylabel:
        Quantity and unit of each axis.
    percent:
        Whether the values are shares of 1, written as percentages.
    marker:
        Matplotlib's sign for single points, where each x is a measurement.
    bottom:
        Where the vertical axis starts; None leaves it to the data.
    legend:
        Whether the names stand above, for lines that end at one place.
    source:
        Where the data come from; printed small below.
    """
    fig, ax = canvas(3.2)
    runs = {name: np.atleast_2d(np.asarray(values, float)) for name, values in series.items()}
    for (name, values), color, dash in zip(runs.items(), CYCLE, DASHES, strict=False):
        sns.lineplot(
            x=np.tile(x, len(values)), y=values.ravel(), errorbar="sd", ax=ax, color=color,
            linestyle=dash, marker=marker, ms=6, label=name, legend=legend,
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
    if legend:
        legend_above(fig, len(series))
    else:
        _name_ends(ax, {name: np.nanmean(values[:, -1]) for name, values in runs.items()})
    return finish(fig, source)


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
def history_curves(history: pd.DataFrame, source: str | None = None) -> Figure:
    """Draw loss and accuracy over the epochs, training against validation.

    ``history`` is what ``training.fit`` returns: index ``epoch``, columns ``loss``, ``accuracy``,
    ``val_loss``, ``val_accuracy``. Its ``attrs["best_epoch"]`` is marked where it is there.
    """
    fig, ((loss, accuracy),) = panels(1, 2, 3.0)
    for ax, name, title in ((loss, "loss", "Cross-entropy"), (accuracy, "accuracy", "Accuracy")):
        curves = history[[name, f"val_{name}"]].set_axis(["training", "validation"], axis=1)
        marker = "o" if len(history) == 1 else None
        dashes = ("", (6, 1.5))
        sns.lineplot(curves, palette=CYCLE[:2], dashes=dashes, marker=marker, legend=False, ax=ax)
        ax.set(title=title, xlabel="epoch", ylabel="")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.grid(axis="y")
        best = history.attrs.get("best_epoch")
        if best is not None:
            ax.axvline(best, color=MUTED, linewidth=0.9, linestyle=":")
            ax.plot(best, curves["validation"][best], "o", color=ORANGE)
    # Room above the curves, for "kept" and for the name of the upper line.
    loss.set_ylim(0, 1.12 * loss.get_ylim()[1])
    if best is not None:
        label(loss, "kept", (best, loss.get_ylim()[1]), (3, -2), va="top")
    accuracy.set(ylim=(0, 1.16), yticks=[0, 0.25, 0.5, 0.75, 1])
    as_percent(accuracy.yaxis)
    last = history.iloc[-1]
    upper = "accuracy" if last["accuracy"] >= last["val_accuracy"] else "val_accuracy"
    names = (("accuracy", "training", BLUE), ("val_accuracy", "validation", ORANGE))
    for column, name, color in names:
        offset, va = ((0, 6), "bottom") if column == upper else ((0, -7), "top")
        at = (history.index[-1], last[column])
        label(accuracy, name, at, offset, va=va, ha="right", color=color, fontsize=10)
    return finish(fig, source)


@figure
def heatmap(
    shares: pd.DataFrame, xlabel: str, ylabel: str, title: str, source: str | None = None
) -> Figure:
    """Draw a table of shares 0-1 as colors, such as letter by person; 5 % and more are written."""
    size = max(5.5, min(10, 170 / max(shares.shape)))
    height = WIDTH * shares.shape[0] / shares.shape[1] + 0.4
    words = shares.map(lambda share: f"{100 * share:.0f}" if share >= 0.05 else "")
    fig, ax = canvas(height)
    sns.heatmap(
        shares, vmin=0, vmax=1, cmap=SEQUENTIAL, annot=words, fmt="", annot_kws={"fontsize": size},
        square=True, cbar=False, xticklabels=True, yticklabels=True, ax=ax,
    )  # fmt: skip
    mesh = ax.collections[0]
    for text, color in zip(ax.texts, mesh.get_facecolors(), strict=True):
        text.set_color(text_on(color[:3]))
    ax.tick_params(length=0, rotation=0, labelsize=max(8, size))
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    return finish(fig, source)


def confusion_matrix(
    confusion: np.ndarray, class_names: Sequence[str], source: str | None = None
) -> Figure:
    """Draw a confusion matrix: the share of each true class (row) read as each class (column).

    ``confusion`` has counts, integers of shape (classes, classes): rows true, columns predicted.
    """
    confusion = np.asarray(confusion)
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    table = pd.DataFrame(shares, list(class_names), list(class_names))
    return heatmap(table, "read as", "true letter", "Percent of each true class", source)


@figure
def intervals(
    scores: Mapping[str, Interval],
    xlabel: str = "accuracy on the test part, with its 95 % interval",
    source: str | None = None,
) -> Figure:
    """Draw shares 0-1 with their intervals, a row a name, each with its number."""
    fig, ax = canvas(0.75 + 0.55 * len(scores))
    _dots(ax, {"": scores})
    for row, (score, _, _) in enumerate(scores.values()):
        label(ax, minus(f"{score:.1%}"), (score, row), (0, 8), ha="center", fontsize=11)
    as_percent(ax.xaxis)
    ax.margins(x=0.08)
    ax.set(xlabel=xlabel, ylim=(len(scores) - 0.5, -0.6))
    return finish(fig, source)


@figure
def points(
    series: Mapping[str, Mapping[str, float | Interval]],
    xlabel: str,
    *,
    log: bool = False,
    source: str | None = None,
) -> Figure:
    """Draw a row a name and a sign a series, with intervals where they are given.

    Parameters
    ----------
    series:
        A series -> (a row -> a value, or (value, low, high)); a row may be missing from a series.
    xlabel:
        Quantity and unit.
    log:
        A logarithmic axis; without it the values are shares of 1, written as percentages.
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
    return finish(fig, source)


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
def sweep(
    table: pd.DataFrame,
    score: str,
    ylabel: str,
    by: str = "optimizer",
    x: str = "rate",
    start: float | None = None,
    source: str | None = None,
) -> Figure:
    """Draw every run of a sweep as a point: its score over a setting, on a logarithmic axis.

    Parameters
    ----------
    table:
        A row a run. Runs without a score are crosses at the edge where bad scores are.
    score, ylabel:
        The column to draw, and its name for the axis. Names that end in "accuracy" are shares.
    by:
        The setting that tells lines apart; a line goes through the mean at each ``x``.
    x:
        The setting on the horizontal axis.
    start:
        The loss before training, a dotted line; what is more than 1.15 times as high stands at
        the upper edge.
    """
    fig, ax = canvas(3.5)
    is_share = score.endswith("accuracy")
    table = table.assign(score=table[score].clip(upper=None if start is None else 1.15 * start))
    highest = max([*table["score"].dropna(), start or 0.0]) or 1.0
    low, high, bad = (0.0, 1.0, 0.0) if is_share else (0.0, 1.05 * highest, highest)
    looks = zip((MUTED, ORANGE, GREEN, BLUE, INK), DASHES, MARKS, strict=False)
    groups = table.groupby(by, sort=False)
    for (name, runs), (color, dash, mark) in zip(groups, looks, strict=False):
        sns.lineplot(
            runs,
            x=x,
            y="score",
            color=color,
            linestyle=dash,
            lw=1.6,
            errorbar=None,
            legend=False,
            ax=ax,
        )
        ax.plot(x, "score", mark, data=runs, color=color, ms=5.5, label=name)
        failed = runs.loc[runs["score"].isna(), x]
        if len(failed):  # an empty line would spoil the layout
            ax.plot(failed, [bad] * len(failed), "x", color=color, ms=8, mew=2, clip_on=False)
    if start is not None:
        ax.axhline(start, color=MUTED, lw=0.9, ls=":")
        label(
            ax, "before training", (0.01, start), (0, 2), color=MUTED, va="bottom",
            xycoords=("axes fraction", "data"),
        )  # fmt: skip
    values = np.sort(table[x].unique())
    decades = [value for value in values if np.isclose(np.log10(value) % 1, 0)]
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(decades if len(decades) > 1 else values))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.minorticks_off()
    ax.set(
        xlim=(values[0] / 1.5, values[-1] * 1.5), ylim=(low, high), ylabel=ylabel,
        xlabel="learning rate" if x == "rate" else x.replace("_", " "),
    )  # fmt: skip
    if is_share:
        as_percent(ax.yaxis)
    ax.grid(axis="y")
    legend_above(fig, handlelength=1.2, columnspacing=1.2)
    return finish(fig, source)


@figure
def class_bars(
    columns: Mapping[str, np.ndarray],
    names: Sequence[str],
    form: str = "{:.2f}",
    source: str | None = None,
) -> Figure:
    """Draw values of classes as bars, a panel for each step of a calculation.

    Parameters
    ----------
    columns:
        A title -> (classes,) values; negative ones go to the left, in orange.
    names:
        The classes, top to bottom.
    form:
        Format of the number at each bar.
    """
    fig, axes = panels(1, len(columns), 0.75 + 0.36 * len(names), sharey=True)
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
    return finish(fig, source)


@figure
def reliability(
    answers: Mapping[str, tuple[np.ndarray, np.ndarray]], source: str | None = None
) -> Figure:
    """Draw how often answers are right against how sure they claim to be.

    Answers are sorted into ten bins by confidence. Each bin is a dot at its mean confidence and
    its share of right answers, larger for more answers; a line leads to the diagonal, where the
    two agree. A bin with fewer than ten answers is left out: its share would be chance.

    ``answers`` is a title -> confidences (n,), 0-1, and whether each answer is right, bool (n,).
    """
    fig, axes = panels(1, len(answers), 2.75, sharey=True)
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
    return finish(fig, source)
