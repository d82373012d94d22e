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
    axes[0, 1].set_ylim(top=1.02)
    axes[0, 0].legend(loc="upper right")
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
