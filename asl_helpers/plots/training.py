"""Curves of a training run."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from asl_helpers.plots.style import BLUE, MUTED, ORANGE, WIDTH, figure, finish, panels


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
