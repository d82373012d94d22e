"""A model's scores: which class is read as which, and how sure the score is."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.plots.style import (
    BLUE,
    ORANGE,
    SEQUENTIAL,
    WIDTH,
    canvas,
    figure,
    finish,
    text_on,
)


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
