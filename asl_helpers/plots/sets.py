"""What is in a set of pictures: how many of each class, which grey levels, how alike they are."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.plots.style import (
    AMBER,
    INK,
    MUTED,
    SKY,
    WIDTH,
    figure,
    finish,
    panels,
)

_AREAS = (SKY, AMBER)


@figure
def class_counts(
    counts: Sequence[int], class_names: Sequence[str], source: str | None = None
) -> Figure:
    """Draw how many pictures each class has, and the even share as a line, in two columns.

    Parameters
    ----------
    counts:
        Whole numbers (classes,), in the order of ``class_names``.
    class_names:
        A name a class.
    source:
        Where the pictures come from; printed small below.
    """
    counts = np.asarray(counts)
    half = -(-len(counts) // 2)
    fig, axes = panels(1, 2, WIDTH, 0.24 * half + 0.75, sharex=True)
    even = counts.mean()
    for ax, start in zip(axes[0], (0, half), strict=True):
        mine = counts[start : start + half]
        ax.barh(range(len(mine)), mine, color=SKY, height=0.72)
        ax.axvline(even, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        for row, count in enumerate(mine):
            ax.text(0, row, f" {count:,}", va="center", fontsize=10, color="black")
        ax.set_yticks(range(len(mine)), class_names[start : start + half], fontsize=10.5)
        ax.set(ylim=(half - 0.4, -1.3), xlim=(0, 1.04 * counts.max()), xticks=[])
        ax.tick_params(length=0)
        ax.spines["bottom"].set_visible(False)
    text = f"even share {even:,.0f} "
    axes[0, 0].text(even, -0.95, text, ha="right", va="center", fontsize=10, color=MUTED)
    return finish(fig, source)


@figure
def value_spread(
    stages: Mapping[str, np.ndarray], bins: int = 32, source: str | None = None
) -> Figure:
    """Draw how the values of pictures are spread, a panel a stage, with mean and deviation.

    Parameters
    ----------
    stages:
        A name for the values, such as ``grey level`` -> pictures of any shape.
    bins:
        Bars a panel, from the smallest value to the largest.
    source:
        Where the pictures come from; printed small below.
    """
    fig, axes = panels(1, len(stages), WIDTH, 3.0, sharey=True)
    for ax, (name, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).ravel()
        count, edges = np.histogram(flat, bins)
        ax.stairs(count / len(flat), edges, fill=True, color=SKY)
        mean, std = flat.mean(dtype=float), flat.std(dtype=float)
        top = 1.12 * count.max() / len(flat)
        ax.axvline(mean, ymax=0.9, color=INK, lw=1.6)
        ax.annotate(
            "", (mean - std, top), (mean + std, top), arrowprops={"arrowstyle": "<->", "color": INK}
        )
        said = f"mean {mean if abs(mean) > 1e-3 else 0:.3g}, deviation {std:.3g}"
        ax.text(0.5, 0.995, said, transform=ax.transAxes, ha="center", va="top", fontsize=9.5)
        ax.set(xlabel=name, ylim=(0, 1.3 * top))
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes[0, 0].set_ylabel("share of the pixels")
    return finish(fig, source)


@figure
def likeness(
    nearest: Mapping[str, np.ndarray], threshold: float, source: str | None = None
) -> Figure:
    """Draw how alike pictures are to their nearest picture, a panel a kind of neighbour.

    Parameters
    ----------
    nearest:
        A kind -> correlations (n,), each picture's with its nearest picture of that kind.
    threshold:
        From where on two pictures count as copies: a line through all panels.
    source:
        Where the pictures come from; printed small below.
    """
    fig, axes = panels(len(nearest), 1, WIDTH, 1.55 * len(nearest) + 0.6, sharex=True)
    edges = np.linspace(0, 1, 51)
    for place, (ax, (name, values)) in enumerate(zip(axes[:, 0], nearest.items(), strict=True)):
        share = np.histogram(np.clip(values, 0, 1), edges)[0] / len(values)
        ax.stairs(share, edges, fill=True, color=_AREAS[place % 2])
        ax.axvline(threshold, color=INK, lw=1.2, linestyle=(0, (4, 2)))
        above = f"{np.mean(np.asarray(values) >= threshold):.1%} from {threshold:g} on"
        ax.set_title(name, fontsize=10.5)
        ax.set_title(above, loc="right", fontsize=10, fontweight="normal")
        ax.set(xlim=(0, 1), ylim=(0, 1.12 * share.max()))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes[-1, 0].set_xlabel("correlation with the nearest picture")
    fig.supylabel("share of the pictures", fontsize=11)
    return finish(fig, source)
