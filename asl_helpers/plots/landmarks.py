"""From a picture to 21 points: where a tracker puts them, how far off, and when it fails."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.hand.skeleton import BONES
from asl_helpers.plots.style import (
    AMBER,
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    PURPLE,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
    show_image,
)

_CHAINS = {
    "wrist": MUTED, "thumb": PURPLE, "index": BLUE, "middle": GREEN, "ring": AMBER,
    "little": ORANGE,
}  # fmt: skip


@figure
def tracked_and_true(
    pictures: Sequence[np.ndarray],
    tracked: Sequence[np.ndarray],
    true: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    source: str | None = None,
) -> Figure:
    """Draw hands in pictures, close up, with what a tracker found and where the joints are.

    Parameters
    ----------
    pictures:
        k pictures, uint8 (height, width, 3).
    tracked, true:
        k arrays (21, 3) each: x and y as shares of the picture's width and height. Tracked points
        are dots with bones, true ones open circles.
    titles:
        One a picture, or None.
    """
    count = len(pictures)
    fig, axes = panels(1, count, WIDTH, WIDTH / count + 0.8)
    for place, ax in enumerate(axes[0]):
        height, width = np.shape(pictures[place])[:2]
        show_image(ax, pictures[place], titles[place] if titles else None)
        x, y = (np.asarray(tracked[place])[:, :2] * [width, height] - 0.5).T
        for start, end in BONES:
            ax.plot(x[[start, end]], y[[start, end]], color="white", linewidth=3)
            ax.plot(x[[start, end]], y[[start, end]], color=BLUE, linewidth=1.6)
        ax.plot(x, y, "o", color=BLUE, markersize=4, markeredgecolor="white", label="tracker")
        x, y = (np.asarray(true[place])[:, :2] * [width, height] - 0.5).T
        for edge, width_pt, label in (("white", 2.8, None), ("black", 1.3, "true joint")):
            ax.plot(x, y, "o", markersize=6.5, markerfacecolor="none", markeredgecolor=edge,
                    markeredgewidth=width_pt, linestyle="none", label=label)  # fmt: skip
        middle = np.array([(x.min() + x.max()) / 2, (y.min() + y.max()) / 2])
        half = 0.75 * max(np.ptp(x), np.ptp(y))
        ax.set(xlim=middle[0] + half * np.array([-1, 1]), ylim=middle[1] + half * np.array([1, -1]))
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper left", ncols=2)
    return finish(fig, source)


@figure
def joint_errors(errors: np.ndarray, ax: Axes | None = None, source: str | None = None) -> Figure:
    """Draw how far off each joint is: a bar to the median, a line to the 90th percentile.

    ``errors`` is (n, 21), palm lengths, in MediaPipe's order; NaN is left out.
    """
    fig, ax = canvas(ax, WIDTH, 3.0)
    middle, most = np.nanquantile(errors, [0.5, 0.9], axis=0)
    colors = [list(_CHAINS.values())[0 if joint == 0 else (joint + 3) // 4] for joint in range(21)]
    ax.bar(range(21), middle, color=colors, width=0.7)
    for joint in range(21):
        ax.plot([joint, joint], [middle[joint], most[joint]], color=MUTED, linewidth=1.4)
    for place, name in enumerate(_CHAINS):
        at = 0 if place == 0 else 4 * place - 1.5
        ax.annotate(name, (at, 0), (0, -26), xycoords=("data", "axes fraction"), ha="center",
                    textcoords="offset points", fontsize=9.5, annotation_clip=False)  # fmt: skip
    ax.set_xticks(range(21), range(21), fontsize=8.5)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("joint", labelpad=18)
    ax.set(ylim=(0, None), ylabel="off by, palm lengths", axisbelow=True)
    ax.grid(axis="y")
    return finish(fig, source)


@figure
def turned_shares(
    angles: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw what share is read right by the angle of turning: ``{letter: shares}``, 0-1.

    The first line is the thick one: all letters, say.
    """
    fig, ax = canvas(ax, WIDTH, 3.4)
    colors = ("black", BLUE, ORANGE, GREEN, PURPLE, AMBER)
    styles = ("-", "-", "--", "-", "--", ":")
    for place, (name, values) in enumerate(shares.items()):
        ax.plot(angles, values, styles[place % 6], color=colors[place % 6], label=name,
                linewidth=3.4 if place == 0 else 1.8)  # fmt: skip
    ax.set_xticks([angle for angle in angles if angle % 45 == 0])
    ax.set(ylim=(0, 1.05), xlabel="turned clockwise, degrees", ylabel="share read right")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=6, fontsize=9.5)
    return finish(fig, source)


@figure
def condition_scores(
    rows: Sequence[Mapping], ax: Axes | None = None, source: str | None = None
) -> Figure:
    """Draw how often a hand is found and read, a row a condition.

    Each row has ``condition``, ``found`` and ``read`` (shares 0-1 of all pictures), and ``low`` and
    ``high``, the interval of ``read``.
    """
    fig, ax = canvas(ax, WIDTH, 1.3 + 0.36 * len(rows))
    for place, row in enumerate(rows):
        ax.plot([row["low"], row["high"]], [place, place], color=BLUE, linewidth=3, alpha=0.45,
                solid_capstyle="butt")  # fmt: skip
    places = range(len(rows))
    ax.plot([row["found"] for row in rows], places, "D", color=MUTED, markersize=7,
            markerfacecolor="none", markeredgewidth=1.6, label="hand found")  # fmt: skip
    ax.plot([row["read"] for row in rows], places, "o", color=BLUE, markersize=8,
            label="letter read right")  # fmt: skip
    ax.set_yticks(places, [row["condition"] for row in rows], fontsize=10)
    ax.set(xlim=(-0.02, 1.03), ylim=(len(rows) - 0.5, -0.5), xlabel="share of the pictures")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="x")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return finish(fig, source)
