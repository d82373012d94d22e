"""Figures of Part 4: the hand model, landmarks, the webcam, letters that move."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from asl_helpers.alphabet import LETTERS
from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CARD,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
    WIDTH,
    as_percent,
    border,
    canvas,
    draw_lines,
    figure,
    label,
    legend_above,
    panel_title,
    panels,
    show_image,
)
from asl_helpers.hand.body import BONES, JOINTS

PAPER = "#f6eedf"
"""The warm background of pictures that stand alone on a page."""

_SKINS = (3, 7, 1, 9, 5, 2, 8, 4, 6, 0)
_LEFT_EVERY = 6  # so that about one hand in six is a left one: seen, yet not the rule

_CHAINS = {"thumb": PURPLE, "index": BLUE, "middle": GREEN, "ring": AMBER, "little": ORANGE}
"""Fingers and their colors, in the order of the joints."""


def _bones(ax: Axes, image: np.ndarray, width: float, dots: float = 5) -> None:
    """Draw the twenty bones of (21, 3) joints, each finger in its color, near bones over far."""
    colors = [color for color in _CHAINS.values() for _ in range(4)]
    for bone in np.argsort([-image[list(ends), 2].mean() for ends in BONES], kind="stable"):
        x, y = image[list(BONES[bone]), :2].T
        ax.plot(x, y, color=colors[bone], linewidth=width, solid_capstyle="round")
        ax.plot(x[1], y[1], "o", color=colors[bone], markersize=dots)
    ax.plot(*image[0, :2], "o", color=INK, markersize=dots)


def _frame(ax: Axes, points: np.ndarray, room: float) -> None:
    """Show a square around (n, 2) points, y down; its half side is ``room`` times their extent."""
    low, high = points.min(axis=0), points.max(axis=0)
    (x, y), half = (low + high) / 2, room * max((high - low).max(), 1e-6)
    ax.set(xlim=(x - half, x + half), ylim=(y + half, y - half), aspect="equal")


# --- Chapter 18: the hand model


@figure
def alphabet(letters: Sequence[str] = LETTERS, pixels: int = 260) -> Figure:
    """Show hands that spell ``letters``, nine in a row, in every tone of the Monk Skin Tone scale.

    Every sixth hand is a left one. ``pixels`` is the size of each hand's picture.
    """
    from asl_helpers import hand

    rows = -(-len(letters) // 9)
    fig, axes = panels(rows, 9, 1.35 * rows, 11.0)
    fig.set_facecolor(PAPER)
    fig.get_layout_engine().set(w_pad=0, h_pad=0.02, wspace=0, hspace=0)
    for ax in axes.flat:
        ax.set_axis_off()
    for index, (ax, letter) in enumerate(zip(axes.flat, letters, strict=False)):
        side = "left" if index % _LEFT_EVERY == _LEFT_EVERY - 1 else "right"
        look = {"background": PAPER, "fade": True, "same_scale": True}
        tone = _SKINS[index % len(_SKINS)]
        ax.imshow(hand.draw(letter, pixels, side=side, skin=tone, **look), interpolation="auto")
        ax.text(0.5, -0.01, letter, transform=ax.transAxes, ha="center", va="top", fontsize=13)
    return fig


@figure
def named_joints(image: np.ndarray) -> Figure:
    """Draw one hand's 21 joints (21, 3) with their numbers, the wrist and the tips with names."""
    fig, ax = canvas(WIDTH)
    _bones(ax, image, width=3)
    for joint, at in enumerate(image[:, :2]):
        label(ax, str(joint), at, (7, 4), fontsize=9, color=MUTED)
    for tip in (4, 8, 12, 16, 20):
        label(ax, JOINTS[tip], image[tip, :2], (3, 14), rotation=45, fontsize=9)
    label(ax, "WRIST", image[0, :2], (0, -20), ha="center", fontsize=9)
    _frame(ax, image[:, :2], 0.62)
    ax.set_axis_off()
    return fig


@figure
def stick_hands(
    images: np.ndarray, titles: Sequence[str] | None = None, columns: int = 6
) -> Figure:
    """Draw hands as bones alone, side by side: ``images`` is (n, 21, 3), image coordinates."""
    rows = -(-len(images) // columns)
    fig, axes = panels(rows, columns, rows * (WIDTH / columns + (0.3 if titles else 0.05)))
    for index, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if index < len(images):
            _bones(ax, images[index], width=1.8, dots=2.5)
            _frame(ax, images[index, :, :2], 0.62)
            if titles is not None:
                panel_title(ax, titles[index], fontsize=9.5)
    return fig


@figure
def hand_steps(image: np.ndarray, radius: np.ndarray, picture: np.ndarray) -> Figure:
    """Show how a hand becomes a picture: its joints, a sphere of flesh at each, the picture.

    ``image`` (21, 3) and ``radius`` (21,) are joints and flesh in widths of the picture; the
    ``picture`` is the same hand drawn, uint8 (size, size, 3).
    """
    fig, axes = panels(1, 3, WIDTH / 3 + 0.35)
    joints, flesh, drawn = axes[0]
    for start, end in BONES:
        for share in np.linspace(0, 1, 9):
            x, y, _ = image[start] + share * (image[end] - image[start])
            size = radius[start] + share * (radius[end] - radius[start])
            flesh.add_patch(Circle((x, y), size, color=SKY, alpha=0.25, linewidth=0))
    for ax in (joints, flesh):
        _bones(ax, image, width=1.8, dots=2.5)
        ax.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[], aspect="equal")
        border(ax)
    panel_title(joints, "21 joints", fontsize=10)
    panel_title(flesh, "flesh swept along", fontsize=10)
    show_image(drawn, picture, "light, skin, camera")
    return fig


# --- Chapter 19: landmarks


@figure
def tracked_and_true(
    pictures: Sequence[np.ndarray], tracked: Sequence[np.ndarray], true: Sequence[np.ndarray]
) -> Figure:
    """Draw hands in pictures, close up: tracked points as dots with bones, true ones as circles.

    ``tracked`` and ``true`` are arrays (21, 2 or more) for each picture: x and y as shares of its
    width and height.
    """
    fig, axes = panels(1, len(pictures), WIDTH / len(pictures) + 0.8)
    for ax, picture, found, joints in zip(axes[0], pictures, tracked, true, strict=True):
        show_image(ax, picture)
        size = np.array(picture.shape[1::-1])
        found, joints = (np.asarray(each)[:, :2] * size - 0.5 for each in (found, joints))
        for bone in BONES:
            for color, width in (("white", 3), (BLUE, 1.6)):
                ax.plot(*found[list(bone)].T, color=color, linewidth=width)
        dot = {"color": BLUE, "markersize": 4, "markeredgecolor": "white"}
        ax.plot(*found.T, "o", label="tracker", **dot)
        for edge, width, name in (("white", 2.8, "_"), ("black", 1.3, "true joint")):
            ring = {"mfc": "none", "mec": edge, "mew": width, "markersize": 6.5}
            ax.plot(*joints.T, "o", label=name, **ring)
        _frame(ax, joints, 0.75)
    legend_above(fig, 2)
    return fig


@figure
def joint_errors(errors: np.ndarray) -> Figure:
    """Draw how far off each joint is: a bar to the median, a line to the 90th percentile.

    ``errors`` is (n, 21), palm lengths, in MediaPipe's order; NaN is left out.
    """
    fig, ax = canvas(3.0)
    middle, most = np.nanquantile(errors, [0.5, 0.9], axis=0)
    fingers = [color for color in _CHAINS.values() for _ in range(4)]
    ax.bar(range(21), middle, color=[MUTED, *fingers], width=0.7)
    ax.vlines(range(21), middle, most, MUTED, linewidth=1.4)
    for index, name in enumerate(("wrist", *_CHAINS)):
        at = (max(0, 4 * index - 1.5), 0)
        label(ax, name, at, (0, -26), xycoords=("data", "axes fraction"), ha="center")
    ax.set_xticks(range(21), range(21), fontsize=8.5)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("joint", labelpad=18)
    ax.set(ylim=(0, None), ylabel="off by, palm lengths")
    ax.grid(axis="y")
    return fig


# --- Chapter 20: the webcam


@figure
def letters_in_time(
    times: Sequence[float],
    letters: Sequence[str | None],
    sure: Sequence[float],
    spelled: Sequence[tuple[str, float, float]],
    written: Sequence[tuple[str, float]],
    threshold: float,
) -> Figure:
    """Draw each frame's answer over time, between what was signed and what was written.

    ``letters`` (n,) stand at their ``times`` in seconds, as high as they are ``sure``, 0-1; a
    frame without one is a dot. ``spelled`` are (letter, start, end), grey bands; ``written`` are
    (letter, time), arrows on top; ``threshold`` is a line.
    """
    fig, ax = canvas(3.4)
    centered = {"ha": "center", "va": "center"}
    for letter, start, end in spelled:
        ax.axvspan(start, end, color=RULE, alpha=0.55, linewidth=0)
        ax.text((start + end) / 2, -0.16, letter, color=INK, fontsize=12, **centered)
    for time, letter, share in zip(times, letters, sure, strict=True):
        if letter:
            ax.text(time, share, letter, color=BLUE, fontsize=9, **centered)
        else:
            ax.plot(time, share, ".", color=MUTED, markersize=3)
    for letter, time in written:
        look = {"color": ORANGE, "fontsize": 12, "fontweight": "bold", **centered}
        arrow = {"arrowstyle": "->", "color": ORANGE}
        ax.annotate(letter, (time, 1.06), (time, 1.26), arrowprops=arrow, **look)
    ax.axhline(threshold, color=INK, linestyle="--", linewidth=0.9)
    ax.text(times[-1], threshold + 0.02, "threshold", ha="right", va="bottom", fontsize=9)
    ax.set(ylim=(-0.28, 1.36), yticks=[0, 0.5, 1], ylabel="confidence", xlabel="seconds")
    ax.text(times[0], 1.26, "written:", va="center", fontsize=9.5, color=ORANGE)
    ax.text(times[0], -0.16, "signed:", va="center", fontsize=9.5, color=INK)
    return fig


@figure
def step_times(rows: Mapping[str, Mapping[str, float]], budget: float) -> Figure:
    """Draw where a frame's time goes: a bar for each way, a part for each step.

    ``rows`` is a way -> (a step -> milliseconds); a frame may take ``budget`` milliseconds, drawn
    as a line. A step's name stands in its part where there is room for it.
    """
    table = pd.DataFrame(rows).T
    longest = table.sum(axis=1).max()
    fig, ax = canvas(0.9 + 0.62 * len(rows))
    colors = (SKY, ORANGE, GREEN, PURPLE, BLUE, MUTED)[: table.shape[1]]
    table.plot.barh(stacked=True, color=colors, edgecolor="white", legend=False, ax=ax)
    for bars, step in zip(ax.containers, table, strict=True):
        words = [f"{step} {ms:.1f}" if ms > 0.22 * longest else "" for ms in table[step]]
        ax.bar_label(bars, words, label_type="center", fontsize=9.5, color="black")
    behind = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}
    totals = [f"{total:.1f} ms" for total in table.sum(axis=1)]
    ax.bar_label(ax.containers[-1], totals, padding=5, fontsize=10, bbox=behind)
    # Behind the bars: it would cross the names of their parts.
    ax.axvline(budget, color=INK, linestyle="--", linewidth=0.9, zorder=0.9)
    ax.text(budget, -0.55, f" {budget:g} ms a frame: 25 a second", va="center", fontsize=9)
    ax.set(ylim=(len(rows) - 0.4, -0.75), xlim=(0, 1.18 * longest), xlabel="milliseconds a frame")
    ax.grid(axis="x")
    legend_above(fig, table.shape[1], handlelength=1.0)
    return fig


# --- Chapter 21: letters that move


@figure
def stroke_paths(
    strokes: Mapping[str, tuple[np.ndarray, int]], *, unit: str | None = None
) -> Figure:
    """Draw strokes as a viewer sees them: the hand at the start and the end, a landmark's way.

    ``strokes`` is a title -> (points (frames, 21, 2 or more), the landmark whose way is drawn);
    ``unit`` is what the axes count, such as "palm lengths"; None draws no axes.
    """
    rows = -(-len(strokes) // 2)
    fig, axes = panels(rows, 2, rows * (WIDTH / 2 + (0.6 if unit else 0.25)))
    for ax in axes.flat[len(strokes) :]:
        ax.set_axis_off()
    for ax, (title, (points, landmark)) in zip(axes.flat, strokes.items(), strict=False):
        points = np.asarray(points)[..., :2]
        for hand, color, width in ((points[0], SKY, 2.2), (points[-1], MUTED, 1.2)):
            for bone in BONES:
                ax.plot(*hand[list(bone)].T, color=color, linewidth=width)
        way = points[:, landmark]
        ax.plot(*way.T, color=ORANGE, linewidth=2.6)
        ax.plot(*way[0], "o", color=ORANGE, markersize=8)
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "lw": 2.6, "mutation_scale": 18}
        ax.annotate("", way[-1], way[-1 - max(1, len(way) // 8)], arrowprops=arrow)
        _frame(ax, points.reshape(-1, 2), 0.56)
        panel_title(ax, title, fontsize=10)
        if unit:
            ax.set_xlabel(unit)
        else:
            ax.set(xticks=[], yticks=[])
            border(ax)
    return fig


@figure
def reading(clips: Mapping[str, Mapping], threshold: float | None = None) -> Figure:
    """Draw what a recogniser says over time, with the strokes behind it; a panel a clip.

    ``clips`` is a title -> ``times`` (m,) seconds, ``series`` a name -> (m,) probabilities,
    ``strokes`` (name, start, end) and, optionally, ``events`` (letter, time); ``threshold`` is
    drawn as a line across.
    """
    fig, axes = panels(len(clips), 1, 2.1 * len(clips) + 0.5)
    for ax, (title, clip) in zip(axes.flat, clips.items(), strict=True):
        for name, start, end in clip["strokes"]:
            ax.axvspan(start, end, color=AMBER, alpha=0.22, linewidth=0)
            ax.text((start + end) / 2, 1.03, name, ha="center", fontsize=9, color=INK)
        times = clip["times"]
        draw_lines(ax, {name: (times, values) for name, values in clip["series"].items()})
        if threshold is not None:
            ax.axhline(threshold, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        for letter, time in clip.get("events", ()):
            ax.plot(time, 0.5, "v", color=INK, markersize=8)
            label(ax, letter, (time, 0.5), (7, -4), fontweight="bold", fontsize=11)
        ax.set(ylim=(0, 1.14), yticks=[0, 0.5, 1], xlim=(times[0], times[-1]))
        ax.set_title(title, fontsize=10.5)
        as_percent(ax.yaxis)
        ax.grid(axis="y")
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.6)
    axes[-1, 0].set_xlabel("seconds")
    return fig
