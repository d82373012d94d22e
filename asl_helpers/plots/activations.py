"""Figures of the chapter on activations: the functions with their slopes, and what they cut."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.plots.cells import cell_title, sign_after
from asl_helpers.plots.style import (
    CYCLE,
    DASHES,
    DIVERGING,
    MUTED,
    WIDTH,
    figure,
    finish,
    panels,
    show_image,
)


@figure
def activations(x: np.ndarray, functions: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw activations on the left and their derivatives on the right, over the same x.

    Parameters
    ----------
    x:
        (n,) increasing.
    functions:
        A name -> (values, derivatives), (n,) each; three at most.
    """
    fig, ((left, right),) = panels(1, 2, WIDTH, 2.9)
    for (name, curves), color, dash in zip(functions.items(), CYCLE, DASHES, strict=False):
        for ax, curve in zip((left, right), curves, strict=True):
            ax.plot(x, curve, color=color, linestyle=dash, label=name)
    for ax, title in ((left, "Activation"), (right, "Its derivative")):
        ax.axhline(0, color=MUTED, lw=0.8, zorder=0)
        ax.axvline(0, color=MUTED, lw=0.8, zorder=0)
        ax.set(xlabel="x", title=title)
    left.legend(loc="upper left", handlelength=2.6, borderaxespad=0)
    return finish(fig)


@figure
def signed_maps(
    maps: Mapping[str, np.ndarray],
    signs: Sequence[str] = (),
    reach: float | None = None,
    source: str | None = None,
) -> Figure:
    """Show feature maps side by side on one scale of colours around zero.

    Parameters
    ----------
    maps:
        A title -> (height, width) each.
    signs:
        What stands between map i and i + 1.
    reach:
        The value of the darkest colours; None takes the largest there is.
    source:
        Where the image comes from; printed below.
    """
    reach = max(np.abs(values).max() for values in maps.values()) if reach is None else reach
    fig, axes = panels(1, len(maps), WIDTH, 0.85 * WIDTH / len(maps) + 0.55)
    for index, (ax, (title, values)) in enumerate(zip(axes[0], maps.items(), strict=True)):
        show_image(ax, values, cmap=DIVERGING, vmin=-reach, vmax=reach)
        cell_title(ax, title)
        if index < len(signs):
            sign_after(ax, signs[index], gap=8, fontsize=15)
    if signs:
        fig.get_layout_engine().set(wspace=0.12)
    return finish(fig, source)
