"""Figures of the chapter on optimizers: ways down a surface, and losses over the rate."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from asl_helpers.plots.style import (
    BLUE,
    CYCLE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    SEQUENTIAL,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
)


@figure
def descent_paths(
    loss: Callable[[np.ndarray], np.ndarray],
    paths: Mapping[str, np.ndarray],
    extent: tuple[float, float, float, float] = (-10, 5, -2.6, 2.6),
) -> Figure:
    """Draw ways over a surface of two weights, a panel each, on lines of equal loss.

    Parameters
    ----------
    loss:
        From places (..., 2) to losses (...); its lowest place is taken to be (0, 0).
    paths:
        A title -> (steps + 1, 2) places, the start first.
    extent:
        Least and greatest first weight, least and greatest second weight; a path that leaves it
        is cut off there.
    """
    left, right, low, high = extent
    height = (WIDTH - 0.5) * (high - low) / (right - left) + 0.34
    fig, axes = panels(len(paths), 1, WIDTH, height * len(paths) + 0.3, sharex=True)
    first, second = np.meshgrid(np.linspace(left, right, 200), np.linspace(low, high, 100))
    heights = np.sqrt(loss(np.stack([first, second], axis=-1)))  # lines closer on the slope
    for ax, (title, path) in zip(axes[:, 0], paths.items(), strict=True):
        ax.contour(first, second, heights, 12, cmap=SEQUENTIAL, linewidths=0.8, alpha=0.75)
        with np.errstate(invalid="ignore"):
            shown = np.clip(path, -1e3, 1e3)  # what diverges would overflow the drawing
        ax.plot(*shown.T, "o-", color=ORANGE, markersize=3.2, lw=1.4)
        ax.plot(*shown[0], "o", color=INK, markersize=6)
        ax.plot(0, 0, "*", color=BLUE, markersize=11, markeredgecolor="white", zorder=4)
        ax.set_title(title)
        ax.set(xlim=(left, right), ylim=(low, high), aspect="equal", yticks=[-2, 0, 2])
        ax.tick_params(labelsize=10)
    axes[-1, 0].set_xlabel("first weight")
    axes[len(paths) // 2, 0].set_ylabel("second weight")
    return finish(fig)


@figure
def rate_sweep(
    rates: Sequence[float],
    losses: Mapping[str, Sequence[float]],
    start: float,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the loss after a fixed number of steps over the learning rate, a line an optimizer.

    Parameters
    ----------
    rates:
        (n,) learning rates, drawn on a logarithmic axis.
    losses:
        A name -> (n,) losses; what is above 1.15 times ``start`` is drawn at the upper edge.
    start:
        The loss before the first step, a dotted line.
    ax:
        An axis to draw in; None makes a figure.
    source:
        Where the data come from; printed small below.
    """
    fig, ax = canvas(ax, height=3.5)
    styles, marks = ("-", "--", "-.", ":"), ("o", "s", "^", "D")
    ceiling = 1.15 * start
    colors = (MUTED, ORANGE, GREEN, BLUE, *CYCLE)
    for (name, values), line, mark, color in zip(
        losses.items(), styles, marks, colors, strict=False
    ):
        shown = np.minimum(np.nan_to_num(values, nan=np.inf), ceiling)
        ax.semilogx(rates, shown, line, marker=mark, markersize=5, color=color, label=name)
    ax.axhline(start, color=MUTED, lw=0.9, ls=":")
    ax.annotate(
        "before the first step",
        (0.1, start),
        (0, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="bottom",
        fontsize=9.5,
        color=MUTED,
    )
    ax.set(xlabel="learning rate", ylabel="loss at the end", ylim=(0, 1.05 * ceiling))
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.grid(axis="y")
    fig.legend(loc="outside upper left", ncols=2, handlelength=3.2)
    return finish(fig, source)
