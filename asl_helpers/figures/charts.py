"""Charts that chapters of several parts share: lines, bars, confusion matrices, intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from asl_helpers.figures.style import (
    BLUE,
    DASHES,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SEQUENTIAL,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
    text_on,
)

_COLORS = (BLUE, ORANGE, GREEN, PURPLE, INK)

_DASHES = (*DASHES, "-")

BINS, FEWEST = 10, 10

"""Bins of confidence, of equal width, in the reliability diagrams; answers a drawn bin holds."""


@figure
def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    *,
    percent: bool = False,
    marker: str | None = None,
    bottom: float | None = 0,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw one line a name, the names at the right ends.

    Parameters
    ----------
    x:
        (n,) common to all lines; whole numbers get whole ticks.
    series:
        A name -> (n,) values, five at most; colour and dashes both tell the lines apart.
    xlabel, ylabel:
        Quantity and unit of each axis.
    percent:
        Whether the values are shares of 1, written as percentages.
    marker:
        Matplotlib's sign for single points, where each x is a measurement.
    bottom:
        Where the vertical axis starts; None leaves it to the data.
    ax:
        An axis to draw in; None makes a figure.
    source:
        Where the data come from; printed small below.
    """
    fig, ax = canvas(ax, width=WIDTH, height=3.2)
    for (_, values), color, dash in zip(series.items(), _COLORS, _DASHES, strict=False):
        ax.plot(x, values, color=color, linestyle=dash, marker=marker, markersize=4.5)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="y")
    ax.margins(x=0.02)
    if bottom is not None:
        ax.set_ylim(bottom=bottom)
    if percent:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if np.issubdtype(np.asarray(x).dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 4, 5, 10]))
    _name_ends(ax, list(series), [np.asarray(values)[-1] for values in series.values()])
    return finish(fig, source)


def _name_ends(ax: Axes, names: Sequence[str], ends: Sequence[float]) -> None:
    """Write each name beside its line's last value, moved apart where they would overlap."""
    low, high = ax.get_ylim()
    room = 0.075 * (high - low)
    order = np.argsort(ends, kind="stable")
    places = np.array(ends, dtype=float)[order]
    for _ in range(100):  # a pair that overlaps moves apart, half of the way each
        overlap = np.maximum(room - np.diff(places), 0)
        if not (overlap > 1e-3 * room).any():
            break
        places[1:] += overlap / 2
        places[:-1] -= overlap / 2
    for place, index in zip(places, order, strict=True):
        ax.annotate(
            names[index],
            (1, place),
            (5, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=_COLORS[index],
            fontsize=10,
            annotation_clip=False,
        )


@figure
def history_curves(history: pd.DataFrame, source: str | None = None) -> Figure:
    """Draw loss and accuracy over the epochs, training against validation.

    Parameters
    ----------
    history:
        What ``training.fit`` returns: index ``epoch``, columns ``loss``, ``accuracy``,
        ``val_loss``, ``val_accuracy``. Its ``attrs["best_epoch"]`` is marked where it is there.
    source:
        Where the data come from; printed small below.
    """
    fig, axes = panels(1, 2, width=WIDTH, height=3.0)
    for ax, name, title in zip(
        axes[0], ("loss", "accuracy"), ("Cross-entropy", "Accuracy"), strict=True
    ):
        _pair(ax, history, name)
        ax.set_title(title)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 1].yaxis.set_major_formatter(PercentFormatter(1.0))
    # Room above full marks for the label of the training line.
    axes[0, 1].set(ylim=(0, 1.16), yticks=[0, 0.25, 0.5, 0.75, 1])
    _name_lines(axes[0, 1], history)
    return finish(fig, source)


def _pair(ax: Axes, history: pd.DataFrame, name: str) -> None:
    """Draw one measure: training solid, validation dashed, the kept epoch as a dot."""
    mark = "o" if len(history) == 1 else None
    validation = history[f"val_{name}"]
    ax.plot(history.index, history[name], color=BLUE, marker=mark, label="training")
    ax.plot(history.index, validation, "--", color=ORANGE, marker=mark, label="validation")
    ax.grid(axis="y")
    best = history.attrs.get("best_epoch")
    if best is not None:
        ax.axvline(best, color=MUTED, linewidth=0.9, linestyle=":")
        ax.plot(best, validation[best], "o", color=ORANGE, label="kept")
        if name == "loss":
            ax.set_ylim(top=1.12 * ax.get_ylim()[1])  # the word stands above the curves
            place = (best, ax.get_ylim()[1])
            ax.annotate("kept", place, (3, -2), textcoords="offset points", va="top", fontsize=9.5)


def _name_lines(ax: Axes, history: pd.DataFrame) -> None:
    """Write each line's name at its end: the upper line's above it, the lower line's below."""
    ends = {
        "training": history["accuracy"].iloc[-1],
        "validation": history["val_accuracy"].iloc[-1],
    }
    upper = max(ends, key=ends.get)
    for name, color in (("training", BLUE), ("validation", ORANGE)):
        offset, side = ((0, 6), "bottom") if name == upper else ((0, -7), "top")
        ax.annotate(
            name,
            (history.index[-1], ends[name]),
            offset,
            textcoords="offset points",
            ha="right",
            va=side,
            color=color,
            fontsize=10,
        )


@figure
def class_bars(
    columns: Mapping[str, np.ndarray], names: Sequence[str], form: str = "{:.2f}"
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
    fig, axes = panels(1, len(columns), WIDTH, 0.75 + 0.36 * len(names), sharey=True)
    for ax, (title, values) in zip(axes[0], columns.items(), strict=True):
        values = np.asarray(values, dtype=float)
        rows = np.arange(len(values))
        ax.barh(rows, values, color=np.where(values < 0, ORANGE, BLUE), height=0.62)
        ax.axvline(0, color=MUTED, lw=0.8)
        for row, value in zip(rows, values, strict=True):
            side = -1 if value < 0 else 1
            ax.annotate(
                form.format(value).replace("-", "−"),
                (value, row),
                (4 * side, 0),
                textcoords="offset points",
                va="center",
                ha="left" if side > 0 else "right",
                fontsize=10,
            )
        # Room for the numbers on either side that has bars.
        low, high, reach = min(values.min(), 0), max(values.max(), 0), np.ptp([0, *values])
        ax.set_xlim(low - 0.62 * reach * (low < 0), high + 0.5 * reach * (high > 0))
        ax.set_title(title, fontsize=10.5)
        ax.set_xticks([])
        ax.spines[["bottom", "left"]].set_visible(False)
        ax.tick_params(length=0)
    axes[0, 0].set_yticks(range(len(names)), names, fontsize=11, color=INK)
    axes[0, 0].invert_yaxis()
    return finish(fig)


@figure
def reliability(
    answers: Mapping[str, tuple[np.ndarray, np.ndarray]], source: str | None = None
) -> Figure:
    """Draw how often answers are right against how sure they claim to be.

    Answers are sorted into ten bins by confidence. Each bin is a dot at its mean confidence and
    its share of right answers, larger for more answers; a line leads to the diagonal, where the
    two agree. A bin with fewer than ten answers is left out: its share would be chance.

    Parameters
    ----------
    answers:
        A title -> confidences (n,), 0-1, and whether each answer is right, bool (n,).
    source:
        Where the data come from; printed below.
    """
    fig, axes = panels(1, len(answers), WIDTH, 2.75, sharey=True)
    room = []  # of each panel, from the nearest dot to where a word would stand
    for ax, (title, (confidence, right)) in zip(axes[0], answers.items(), strict=True):
        place = np.minimum((np.asarray(confidence) * BINS).astype(int), BINS - 1)
        counts = np.bincount(place, minlength=BINS)
        held = counts >= FEWEST
        claimed = np.bincount(place, confidence, BINS)[held] / counts[held]
        true = np.bincount(place, right, BINS)[held] / counts[held]
        ax.plot([0, 1], [0, 1], color=RULE, lw=1.6, zorder=1)
        color = np.where(true < claimed, ORANGE, BLUE)
        ax.vlines(claimed, np.minimum(true, claimed), np.maximum(true, claimed), color, lw=2)
        sizes = 14 + 130 * counts[held] / counts.max(initial=1)
        ax.scatter(claimed, true, sizes, color, edgecolors=INK, linewidths=0.6, zorder=3)
        dots = np.stack([claimed, true], axis=1)
        away = [np.linalg.norm(dots - spot, axis=1) for spot in ((0.25, 0.93), (0.8, 0.09))]
        room.append(np.min(away, initial=2.0))
        ax.set_title(title, fontsize=10.5)
        ax.set(xlim=(0, 1.07), ylim=(0, 1.07), aspect="equal", xticks=[0, 0.5, 1])
        ax.xaxis.set_major_formatter(PercentFormatter(1.0))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.set_xlabel("claimed")
    clear = axes[0, int(np.argmax(room))]
    clear.text(0.04, 0.9, "too modest", color=BLUE, fontsize=9.5)
    clear.text(1.0, 0.06, "too sure", color=ORANGE, fontsize=9.5, ha="right")
    axes[0, 0].set_ylabel("right")
    return finish(fig, source)


@figure
def confusion_matrix(
    confusion: np.ndarray,
    class_names: Sequence[str],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw a confusion matrix: the share of each true class (row) read as each class (column).

    Parameters
    ----------
    confusion:
        Counts, integers of shape (classes, classes): rows true, columns predicted.
    class_names:
        Names of the rows and columns.
    ax, source:
        The axis to draw on, a new one if None; where the data come from.
    """
    confusion = np.asarray(confusion)
    share = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    fig, ax = canvas(ax, WIDTH, WIDTH + 0.25)
    ax.imshow(share, cmap=SEQUENTIAL, vmin=0, vmax=1)
    small = max(5.5, min(10, 170 / len(class_names)))
    ax.set_xticks(range(len(class_names)), class_names, fontsize=max(8, small))
    ax.set_yticks(range(len(class_names)), class_names, fontsize=max(8, small))
    ax.tick_params(length=0)
    ax.set(xlabel="read as", ylabel="true letter")
    for row, column in np.argwhere(share >= 0.05):
        color = SEQUENTIAL(share[row, column])
        text = f"{100 * share[row, column]:.0f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=small, color=text_on(color))
    ax.set_title("Percent of each true class")
    return finish(fig, source)


@figure
def intervals(
    scores: dict[str, tuple[float, float, float]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw scores with their intervals, one row a name: ``{name: (score, low, high)}``, 0-1."""
    fig, ax = canvas(ax, WIDTH, 0.75 + 0.55 * len(scores))
    for row, (score, low, high) in enumerate(scores.values()):
        color = (BLUE, ORANGE)[row % 2]
        ax.plot([low, high], [row, row], color=color, linewidth=3, solid_capstyle="butt")
        ax.plot(score, row, "o", color=color, markersize=8)
        ax.annotate(f"{score:.1%}", (score, row), (0, 8), textcoords="offset points", ha="center")
    ax.set_yticks(range(len(scores)), list(scores), fontsize=10.5)
    ax.set_ylim(len(scores) - 0.5, -0.6)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.margins(x=0.08)
    ax.set_xlabel("accuracy on the test part, with its 95 % interval")
    ax.grid(axis="x")
    return finish(fig, source)
