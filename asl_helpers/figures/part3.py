"""Figures of Part 3: frames of a film in the parts of a split."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.figures.style import ORANGE, PURPLE, SKY, border, figure, legend_above, panels

_PARTS = {
    "training": (SKY, 0.0, 0.62),
    "validation": (PURPLE, 0.2, 0.8),
    "test": (ORANGE, 0.38, 1.0),
}
"""Color, bottom and top of each part of a split: color is not needed to tell them apart."""


@figure
def film_strips(frames: Sequence[int], strips: Mapping[str, Sequence[int]]) -> Figure:
    """Draw the frames of one film in order, a strip a split, each frame in the color of its part.

    ``frames`` are the numbers of the frames (n,), in any order; ``strips`` is a split -> (n,)
    parts: 0 training, 1 validation, 2 test, -1 left out.
    """
    frames = np.asarray(frames)
    fig, axes = panels(len(strips), 1, 0.78 * len(strips) + 1.05, sharex=True)
    step = max(1, int(np.median(np.diff(np.sort(frames))))) if len(frames) > 1 else 1
    for ax, (name, parts) in zip(axes[:, 0], strips.items(), strict=True):
        for part, (said, (color, bottom, top)) in enumerate(_PARTS.items()):
            mine = frames[np.asarray(parts) == part]
            ax.bar(mine, top - bottom, 0.9 * step, bottom, color=color, label=said, lw=0)
        ax.set(ylim=(0, 1), yticks=[], facecolor="white")
        ax.set_title(name, fontsize=10.5)
        border(ax)
    axes[-1, 0].set_xlabel("number of the frame in the film")
    legend_above(fig, 3, handlelength=1.0)
    return fig
