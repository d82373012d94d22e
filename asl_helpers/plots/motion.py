"""Hands in time: the way a fingertip takes, frames against seconds, what a layer looks back on."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.hand.skeleton import BONES
from asl_helpers.plots.style import (
    AMBER,
    BLUE,
    CYCLE,
    DASHES,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SKY,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
)


@figure
def stroke_paths(
    strokes: Mapping[str, tuple[np.ndarray, int]],
    *,
    columns: int = 2,
    unit: str | None = None,
    source: str | None = None,
) -> Figure:
    """Draw strokes as a viewer sees them: the hand at the start and the end, a landmark's way.

    Parameters
    ----------
    strokes:
        A title -> (points (frames, 21, 2 or more), the landmark whose way is drawn).
    columns:
        Panels side by side.
    unit:
        What the axes count, such as "palm lengths"; None draws no axes.
    source:
        Where the data come from; printed small below.
    """
    rows = -(-len(strokes) // columns)
    side = WIDTH / columns
    fig, axes = panels(rows, columns, WIDTH, rows * (side + (0.6 if unit else 0.25)))
    for ax in axes.flat[len(strokes) :]:
        ax.set_axis_off()
    for ax, (title, (points, landmark)) in zip(axes.flat, strokes.items(), strict=False):
        points = np.asarray(points)[..., :2]
        for hand, color, width in ((points[0], SKY, 2.2), (points[-1], MUTED, 1.2)):
            for start, end in BONES:
                ax.plot(*hand[[start, end]].T, color=color, linewidth=width)
        way = points[:, landmark]
        ax.plot(*way.T, color=ORANGE, linewidth=2.6)
        ax.plot(*way[0], "o", color=ORANGE, markersize=8)
        step = max(1, len(way) // 8)
        ax.annotate(
            "", way[-1], way[-1 - step],
            arrowprops={"arrowstyle": "-|>", "color": ORANGE, "lw": 2.6, "mutation_scale": 18},
        )  # fmt: skip
        low, high = points.reshape(-1, 2).min(axis=0), points.reshape(-1, 2).max(axis=0)
        middle, half = (low + high) / 2, 0.56 * max((high - low).max(), 1e-6)
        ax.set(
            xlim=(middle[0] - half, middle[0] + half),
            ylim=(middle[1] + half, middle[1] - half),
            aspect="equal",
        )
        ax.set_title(title, fontsize=10, fontweight="normal", loc="center")
        if unit:
            ax.set(xlabel=unit)
        else:
            ax.set(xticks=[], yticks=[])
            for spine in ax.spines.values():
                spine.set(visible=True, color=RULE, linewidth=0.8)
    return finish(fig, source)


@figure
def frames_and_seconds(
    tracks: Mapping[str, tuple[np.ndarray, np.ndarray]], ylabel: str, *, source: str | None = None
) -> Figure:
    """Draw the same movement twice: over the number of the frame, and over seconds.

    ``tracks`` is a name -> (times (m,) in seconds, values (m,)); four at most.
    """
    fig, axes = panels(1, 2, WIDTH, 2.9, sharey=True)
    marks = "os^D"
    for place, (name, (times, values)) in enumerate(tracks.items()):
        look = {
            "color": CYCLE[place],
            "linestyle": DASHES[place],
            "marker": marks[place],
            "markersize": max(3, 6 - 2 * place),
            "label": name,
        }
        axes[0, 0].plot(np.arange(len(values)), values, **look)
        axes[0, 1].plot(times, values, **look)
    axes[0, 0].set(xlabel="frame", ylabel=ylabel)
    axes[0, 1].set(xlabel="seconds")
    for ax in axes.flat:
        ax.grid(axis="y")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return finish(fig, source)


@figure
def looks_back(
    taps: int, dilations: Sequence[int], rate: float, *, ax: Axes | None = None
) -> Figure:
    """Show which steps each layer of causal convolutions looks back on, from one last output.

    Parameters
    ----------
    taps:
        Length of each kernel, steps.
    dilations:
        How far apart the taps are, first layer first.
    rate:
        Steps a second, for the axis.
    """
    fig, ax = canvas(ax, WIDTH, 0.75 * len(dilations) + 1.5)
    used = {0}
    levels = [sorted(used)]
    for level in range(len(dilations), 0, -1):
        dilation = dilations[level - 1]
        below = set()
        for step in used:
            for tap in range(taps):
                back = step - tap * dilation
                below.add(back)
                ax.plot(
                    [back / rate, step / rate], [level - 1, level],
                    color=BLUE if step == 0 else RULE, linewidth=1.4 if step == 0 else 0.7,
                    zorder=2 if step == 0 else 1,
                )  # fmt: skip
        used = below
        levels.append(sorted(used))
    reach = -levels[-1][0]
    for level, steps in zip(range(len(dilations), -1, -1), levels, strict=True):
        every = np.arange(-reach - 2, 1)
        ax.plot(every / rate, np.full(len(every), level), "o", color=RULE, markersize=3.5, zorder=3)
        ax.plot(
            np.array(steps) / rate, np.full(len(steps), level), "o",
            color=BLUE, markersize=4.5, zorder=4,
        )  # fmt: skip
    names = ["input"] + [f"layer {k}: every {d}" for k, d in enumerate(dilations, 1)]
    names = [name.replace("every 1", "neighbours") for name in names]
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="seconds before the last step", ylim=(-0.3, len(dilations) + 0.3))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return finish(fig)


@figure
def reading(
    clips: Mapping[str, Mapping],
    *,
    threshold: float | None = None,
    source: str | None = None,
) -> Figure:
    """Draw what a recogniser says over time, with the strokes behind it; a panel a clip.

    Parameters
    ----------
    clips:
        A title -> ``times`` (m,) seconds, ``series`` a name -> (m,) probabilities, ``strokes``
        (name, start, end) and, optionally, ``events`` (letter, time).
    threshold:
        Drawn as a line across.
    source:
        Where the data come from; printed small below.
    """
    fig, axes = panels(len(clips), 1, WIDTH, 2.1 * len(clips) + 0.5)
    colors = (BLUE, ORANGE, GREEN, INK)
    for ax, (title, clip) in zip(axes.flat, clips.items(), strict=True):
        for name, start, end in clip["strokes"]:
            ax.axvspan(start, end, color=AMBER, alpha=0.22, linewidth=0)
            ax.text((start + end) / 2, 1.03, name, ha="center", fontsize=9, color=INK)
        for place, (name, values) in enumerate(clip["series"].items()):
            ax.plot(
                clip["times"], values,
                color=colors[place], linestyle=DASHES[place], label=name,
            )  # fmt: skip
        if threshold is not None:
            ax.axhline(threshold, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        for letter, time in clip.get("events", ()):
            ax.plot(time, 0.5, "v", color=INK, markersize=8)
            ax.annotate(letter, (time, 0.5), (7, -4), textcoords="offset points", fontweight="bold")
        ax.set(ylim=(0, 1.14), title=title, xlim=(clip["times"][0], clip["times"][-1]))
        ax.title.set(fontsize=10, fontweight="normal")
        ax.set_yticks([0, 0.5, 1])
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.grid(axis="y")
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.6)
    axes[-1, 0].set_xlabel("seconds")
    return finish(fig, source)
