"""Scores on people whom a model has not met: by signer, letter, randomisation, skin tone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.plots.style import (
    BLUE,
    CYCLE,
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

_MARKS = "osD^v"


@figure
def signer_scores(
    scores: Mapping[str, Mapping[str, tuple[float, float]]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the accuracy on each unseen signer, one row a signer, one mark a kind of training.

    ``scores`` is ``{training: {signer: (mean, standard deviation)}}``, shares 0-1; a signer may
    be missing from a training.
    """
    names = list(dict.fromkeys(name for found in scores.values() for name in found))
    fig, ax = canvas(ax, WIDTH, 1.35 + 0.42 * len(names) + 0.24 * len(scores))
    shift = np.linspace(-0.22, 0.22, len(scores)) if len(scores) > 1 else [0]
    for place, (training, found) in enumerate(scores.items()):
        rows = [names.index(name) + shift[place] for name in found]
        means, sds = np.array(list(found.values())).T
        ax.errorbar(
            means, rows, xerr=sds, fmt=_MARKS[place % 5], color=CYCLE[place], markersize=7,
            elinewidth=1.5, label=training,
        )  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlim=(0, 1), xlabel="letters read right")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2, fontsize=9.5)
    return finish(fig, source)


@figure
def letter_recalls(
    recalls: Mapping[str, float], ax: Axes | None = None, source: str | None = None
) -> Figure:
    """Draw the share of each letter that was found, worst first; the mean as a line."""
    letters = sorted(recalls, key=recalls.get)
    values = [recalls[letter] for letter in letters]
    fig, ax = canvas(ax, WIDTH, 2.7)
    mean = float(np.mean(values))
    colors = [ORANGE if value < mean - 0.1 else BLUE for value in values]
    ax.bar(letters, values, color=colors, width=0.75)
    ax.axhline(mean, color=INK, linewidth=1, linestyle=":")
    ax.annotate(
        f"mean {mean:.0%}", (-0.5, mean), (0, 5), textcoords="offset points", fontsize=9.5,
    )  # fmt: skip
    ax.set(ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1], ylabel="share read right")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.tick_params(axis="x", length=0)
    return finish(fig, source)


@figure
def changes(
    found: Mapping[str, tuple[float, float]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw what leaving something out changes: ``{what: (change, deviation)}``, shares 0-1."""
    names = sorted(found, key=lambda name: found[name][0])
    points = 100 * np.array([found[name] for name in names])
    fig, ax = canvas(ax, WIDTH, 0.9 + 0.42 * len(names))
    colors = [ORANGE if change < 0 else BLUE for change in points[:, 0]]
    ax.barh(range(len(names)), points[:, 0], xerr=points[:, 1], color=colors, height=0.62,
            error_kw={"elinewidth": 1.4, "ecolor": MUTED})  # fmt: skip
    low, high = points[:, 0] - points[:, 1], points[:, 0] + points[:, 1]
    room = 0.2 * (max(high.max(), 0) - min(low.min(), 0))
    for row, change in enumerate(points[:, 0]):
        edge = low[row] if change < 0 else high[row]
        ax.annotate(f"{change:+.1f}", (edge, row), (-4 if change < 0 else 4, 0), va="center",
                    ha="right" if change < 0 else "left", textcoords="offset points",
                    fontsize=9.5)  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(min(low.min(), 0) - room, max(high.max(), 0) + room)
    ax.axvline(0, color=INK, linewidth=1)
    ax.invert_yaxis()
    ax.set_xlabel("change of the accuracy, percentage points")
    return finish(fig, source)


@figure
def rejection(
    curve: Sequence[Mapping[str, float]],
    reliability: Sequence[Mapping[str, float]],
    chosen: Mapping[str, float],
    source: str | None = None,
) -> Figure:
    """Draw how far a confidence can be believed, and what refusing to answer buys.

    Parameters
    ----------
    curve:
        Rows of ``coverage`` and ``accuracy`` (of what is answered) at growing thresholds.
    reliability:
        Rows of mean ``confidence``, ``accuracy`` and ``share`` of the hands, a bin each.
    chosen:
        The row of the shipped threshold, as in ``curve``.
    """
    fig, axes = panels(1, 2, WIDTH, 3.1)
    left, right = axes[0]
    left.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":")
    left.annotate("dotted: as sure\nas right", (1.0, 0.04), ha="right", fontsize=9, color=MUTED)
    sizes = [16 + 200 * row["share"] for row in reliability]
    left.plot(
        [row["confidence"] for row in reliability], [row["accuracy"] for row in reliability],
        color=BLUE, linewidth=1.2,
    )  # fmt: skip
    left.scatter(
        [row["confidence"] for row in reliability], [row["accuracy"] for row in reliability],
        s=sizes, color=BLUE, linewidth=0, clip_on=False, zorder=3,
    )  # fmt: skip
    left.set(xlim=(0, 1.03), ylim=(0, 1.03), xlabel="confidence", ylabel="share read right")
    left.set_title("Sure, and right?", fontsize=10.5)
    rows = [row for row in curve if row["accuracy"] is not None]
    right.plot([row["coverage"] for row in rows], [row["accuracy"] for row in rows], color=BLUE)
    right.plot(chosen["coverage"], chosen["accuracy"], "o", color=ORANGE, markersize=8)
    right.annotate(
        "shipped\nthreshold", (chosen["coverage"], chosen["accuracy"]), (-10, -6),
        textcoords="offset points", ha="right", va="top", fontsize=9, color=ORANGE,
    )  # fmt: skip
    right.set(xlabel="share of hands answered")
    right.set_title("What silence buys", fontsize=10.5)
    for ax in (left, right):
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.grid(color=RULE, linewidth=0.6)
    return finish(fig, source)


@figure
def tone_scores(
    rows: Sequence[Mapping[str, float]], ax: Axes | None = None, source: str | None = None
) -> Figure:
    """Draw how often a hand is found and read, by skin tone.

    Each row has ``tone`` (1-10), ``colour`` of the swatch, ``coverage`` and ``accuracy`` (of all
    pictures), shares 0-1.
    """
    fig, ax = canvas(ax, WIDTH, 3.0)
    tones = [row["tone"] for row in rows]
    for name, label, color, offset in (
        ("coverage", "hand found", MUTED, 8),
        ("accuracy", "letter read right", BLUE, -15),
    ):
        values = [row[name] for row in rows]
        ax.plot(tones, values, "-", color=color, zorder=1)
        ax.scatter(tones, values, s=110, c=[row["colour"] for row in rows], edgecolors=color,
                   linewidths=1.8, zorder=2)  # fmt: skip
        ax.annotate(label, (tones[0], values[0]), (0, offset), textcoords="offset points",
                    color=color, fontsize=10)  # fmt: skip
    ax.set_xticks(tones)
    ax.set(ylim=(0, 1.1), xlabel="Monk skin tone", ylabel="share of the pictures")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    return finish(fig, source)
