"""Figures of the chapter on architectures: what comes back from behind a ReLU."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.plots.style import BLUE, ORANGE, RULE, WIDTH, figure, finish, panels


@figure
def survivors(
    panes: Mapping[str, tuple[np.ndarray, np.ndarray]], source: str | None = None
) -> Figure:
    """Draw points as they came back, a panel a case, those that lost their place in orange.

    Parameters
    ----------
    panes:
        A title -> (points (n, 2), y down; lost (n,) bool). All panels share the axes of the first.
    source:
        Where the points come from; printed small below.
    """
    rows = math.ceil(len(panes) / 3)
    fig, axes = panels(rows, min(len(panes), 3), WIDTH, 2.15 * rows)
    first = next(iter(panes.values()))[0]
    reach = 1.12 * np.abs(first).max()
    for ax, (title, (points, lost)) in zip(axes.flat, panes.items(), strict=False):
        ax.scatter(*points[~lost].T, s=7, color=BLUE, linewidths=0)
        ax.scatter(*points[lost].T, s=10, color=ORANGE, marker="D", linewidths=0)
        ax.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal", xticks=[], yticks=[])
        ax.set_title(title, loc="center", fontsize=10.5, fontweight="normal")
        for spine in ax.spines.values():
            spine.set(visible=True, color=RULE)
    for ax in axes.flat[len(panes) :]:
        ax.axis("off")
    return finish(fig, source)
