"""Figures of Part 3: frames of a film, how fast files become batches, risk over coverage."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator, PercentFormatter

from asl_helpers.figures.style import (
    BLUE,
    DASHES,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
)

_PARTS = (("training", SKY, (0.0, 0.62)), ("validation", PURPLE, (0.2, 0.8)),
          ("test", ORANGE, (0.38, 1.0)))  # fmt: skip

_WAYS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (INK, "v"))

_COLORS = BLUE, ORANGE, GREEN


@figure
def film_strips(
    frames: Sequence[int], strips: Mapping[str, Sequence[int]], source: str | None = None
) -> Figure:
    """Draw the frames of one film in order, a strip a split, each frame in the colour of its part.

    Parameters
    ----------
    frames:
        Numbers of the frames (n,), in any order.
    strips:
        A split -> (n,) parts: 0 training, 1 validation, 2 test, -1 left out. The parts also
        stand at three heights, so that colour is not needed to tell them apart.
    source:
        Where the film comes from; printed small below.
    """
    frames = np.asarray(frames)
    fig, axes = panels(len(strips), 1, WIDTH, 0.78 * len(strips) + 1.05, sharex=True)
    step = max(1, int(np.median(np.diff(np.sort(frames))))) if len(frames) > 1 else 1
    for ax, (name, parts) in zip(axes[:, 0], strips.items(), strict=True):
        parts = np.asarray(parts)
        for part, (said, color, (bottom, top)) in enumerate(_PARTS):
            mine = frames[parts == part]
            label = said if ax is axes[0, 0] else None
            ax.bar(mine, top - bottom, 0.9 * step, bottom, color=color, label=label, lw=0)
        ax.set(ylim=(0, 1), yticks=[])
        ax.set_title(name, fontsize=10.5)
        ax.set_facecolor("white")
        for spine in ax.spines.values():
            spine.set(visible=True, color=RULE)
    axes[-1, 0].set_xlabel("number of the frame in the film")
    fig.legend(loc="outside upper right", ncols=3, handlelength=1.0)
    return finish(fig, source)


@figure
def picture_rates(
    sizes: Sequence[int], rates: Mapping[str, Sequence[float]], source: str | None = None
) -> Figure:
    """Draw pictures a second for each size, one sign a way, on a logarithmic axis.

    Parameters
    ----------
    sizes:
        Height and width of the pictures in pixels (n,): a row each, the first on top.
    rates:
        A way -> (n,) pictures a second, five ways at most.
    source:
        Where the pictures come from; printed small below.
    """
    fig, ax = canvas(None, WIDTH, 0.5 * len(sizes) + 1.75)
    for (name, values), (color, sign) in zip(rates.items(), _WAYS, strict=False):
        ax.plot(values, range(len(sizes)), sign, color=color, markersize=8, label=name)
    ax.set_xscale("log")
    every = np.concatenate([np.asarray(values, float) for values in rates.values()])
    low, high = every.min() / 1.3, every.max() * 1.3
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    marks = np.outer(powers, (1, 3)).ravel()
    ax.set_xticks(marks[(marks >= low) & (marks <= high)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(range(len(sizes)), [f"{size} px" for size in sizes], color=INK)
    ax.set(ylim=(len(sizes) - 0.5, -0.5), xlim=(low, high))
    ax.set_xlabel("pictures a second, logarithmic")
    ax.grid(axis="both")
    fig.legend(loc="outside upper left", ncols=2, handlelength=1.0)
    return finish(fig, source)


@figure
def risk_curves(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    chosen: Mapping[str, tuple[float, float]] | None = None,
    most: float | None = None,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the risk at each coverage, a line a name, three at most.

    Parameters
    ----------
    curves:
        A name -> coverage (n,) and risk (n,), shares 0-1, as ``confidence.risk_coverage`` gives.
    chosen:
        A name -> (coverage, risk) at one threshold, a ring on the line.
    most:
        The risk that was asked for, a dotted line.
    ax, source:
        An axis to draw in, a new one if None; where the data come from.
    """
    fig, ax = canvas(ax, WIDTH, 3.3)
    for (name, (coverage, risk)), color, dash in zip(curves.items(), _COLORS, DASHES, strict=False):
        ax.plot(coverage, risk, color=color, linestyle=dash)
        ax.annotate(
            name, (1, risk[-1]), (6, 0), textcoords="offset points", va="center", color=color,
            fontsize=10, annotation_clip=False,
        )  # fmt: skip
        if chosen and name in chosen:
            ax.plot(*chosen[name], "o", color=color, markersize=9, markerfacecolor="none", mew=2)
    if most is not None:
        ax.axhline(most, color=MUTED, linewidth=1, linestyle=":")
        ax.annotate("asked for", (0, most), (2, 3), textcoords="offset points", fontsize=9.5,
                    color=MUTED)  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="pictures answered", ylabel="wrong among the answers")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    return finish(fig, source)
