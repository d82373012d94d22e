"""Figures of softmax and cross-entropy: scores as bars, the cost of a guess, calibration."""

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

BINS, FEWEST = 10, 10
"""Bins of confidence, of equal width, in the reliability diagrams; answers a drawn bin holds."""


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
def log_loss(marks: Mapping[str, float], ax: Axes | None = None) -> Figure:
    """Draw the loss -log(p) over the true class's probability p, with named marks on it.

    Parameters
    ----------
    marks:
        A name -> a probability, in 0.01-1.
    ax:
        An axis to draw in; None makes a figure.
    """
    fig, ax = canvas(ax, height=3.0)
    probs = np.linspace(0.01, 1, 400)
    ax.plot(probs, -np.log(probs), color=BLUE)
    for name, prob in marks.items():
        ax.plot(prob, -np.log(prob), "o", color=ORANGE, clip_on=False, zorder=3)
        # A name near the right edge stands to the left of its mark.
        offset, side = ((8, 5), "left") if prob < 0.7 else ((4, 14), "right")
        ax.annotate(
            name,
            (prob, -np.log(prob)),
            offset,
            textcoords="offset points",
            fontsize=10.5,
            ha=side,
        )
    ax.set(
        xlabel="probability given to the true class",
        ylabel="loss, −log p",
        xlim=(0, 1.0),
        ylim=(0, 4.8),
    )
    ax.grid(axis="y")
    return finish(fig)


@figure
def loss_comparison(
    runs: Mapping[str, Mapping[str, Sequence[float]]],
    floor: tuple[str, float] | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the training loss and accuracy of several runs over the epochs.

    Parameters
    ----------
    runs:
        A name -> the ``history`` of a Keras fit, with ``loss`` and ``accuracy``.
    floor:
        A name and a loss below which some run cannot come, drawn as a dotted line.
    source:
        Where the data come from; printed below.
    """
    fig, axes = panels(1, 2, WIDTH, 3.5)
    styles = ("-", "--", "-.", ":")
    for (name, history), color, line in zip(runs.items(), CYCLE, styles, strict=False):
        for ax, key in zip(axes[0], ("loss", "accuracy"), strict=True):
            epochs = np.arange(1, len(history[key]) + 1)
            ax.plot(epochs, history[key], line, color=color, label=name)
    if floor:
        name, value = floor
        axes[0, 0].axhline(value, color=MUTED, lw=1, ls=":")
        end = (1, value)
        axes[0, 0].annotate(
            name,
            end,
            (-2, -3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=9.5,
            color=MUTED,
        )
    axes[0, 0].set(title="Training loss", xlabel="epoch", ylim=(0, None))
    axes[0, 1].set(title="Training accuracy", xlabel="epoch", ylim=(0, 1.02))
    axes[0, 1].yaxis.set_major_formatter(PercentFormatter(1.0))
    for ax in axes[0]:
        ax.grid(axis="y")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper left", ncols=1, handlelength=3)
    return finish(fig, source)


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
