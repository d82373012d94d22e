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
    CYCLE,
    DASHES,
    GREEN,
    INK,
    MARKS,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
    WIDTH,
    as_percent,
    border,
    canvas,
    figure,
    finish,
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


# --- Chapter 16: the hand model


@figure
def alphabet(letters: Sequence[str] = LETTERS, columns: int = 9, pixels: int = 260) -> Figure:
    """Show hands that spell ``letters``, in every tone of the Monk Skin Tone scale.

    Every sixth hand is a left one. ``pixels`` is the size of each hand's picture.
    """
    from asl_helpers import hand

    width = 11.0
    rows = -(-len(letters) // columns)
    step = round(1.1 * pixels)  # a strip for the letter's name below each hand
    blank = np.array([int(PAPER[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    sheet = np.broadcast_to(blank, (rows * step, columns * pixels, 3)).copy()
    fig, ax = canvas(width * rows * 1.1 / columns, width)
    fig.set_layout_engine("none")
    fig.set_facecolor(PAPER)
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    for index, letter in enumerate(letters):
        row, column = divmod(index, columns)
        in_row = min(columns, len(letters) - row * columns)
        left = column * pixels + (columns - in_row) * pixels // 2  # a short row is centered
        sheet[row * step :, left : left + pixels][:pixels] = hand.draw(
            letter, pixels, side="left" if index % _LEFT_EVERY == _LEFT_EVERY - 1 else "right",
            skin=_SKINS[index % len(_SKINS)], background=PAPER, fade=True, same_scale=True,
        )  # fmt: skip
        at = (left + pixels / 2, row * step + 1.045 * pixels)
        ax.text(*at, letter, ha="center", va="center", fontsize=11 * width / columns)
    ax.imshow(sheet, interpolation="antialiased", aspect="auto")
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
    return finish(fig)


@figure
def finger_bends(chains: Mapping[str, np.ndarray]) -> Figure:
    """Draw fingers in their own plane: ``{name: (joints, 2)}``, straight on and bent inwards."""
    fig, ax = canvas(3.0)
    for color, (name, points) in zip(CYCLE, chains.items(), strict=False):
        ax.plot(*np.transpose(points), "o-", color=color, linewidth=3, markersize=6)
        label(ax, name, points[-1], (7, 3), color=color, fontsize=11)
    ax.plot(0, 0, "o", color=INK, markersize=9)
    label(ax, "knuckle", (0, 0), (0, -16), ha="center", color=MUTED, fontsize=11)
    ax.set(xlabel="straight on, palm lengths", ylabel="bent inwards", aspect="equal")
    ax.margins(x=0.15, y=0.25)
    return finish(fig)


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
    return finish(fig)


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
    return finish(fig)


@figure
def letter_recalls(recalls: Mapping[str, float], source: str | None = None) -> Figure:
    """Draw the share of each letter that was found, worst first; the mean as a line."""
    letters = sorted(recalls, key=recalls.get)
    values = np.array([recalls[letter] for letter in letters])
    fig, ax = canvas(2.7)
    mean = values.mean()
    ax.bar(letters, values, color=np.where(values < mean - 0.1, ORANGE, BLUE), width=0.75)
    ax.axhline(mean, color=INK, linewidth=1, linestyle=":")
    label(ax, f"mean {mean:.0%}", (-0.5, mean), (0, 5))
    ax.set(ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1], ylabel="share read right")
    as_percent(ax.yaxis)
    ax.tick_params(axis="x", length=0)
    return finish(fig, source)


@figure
def rejection(
    curve: Sequence[Mapping[str, float]],
    reliability: Sequence[Mapping[str, float]],
    chosen: Mapping[str, float],
    source: str | None = None,
) -> Figure:
    """Draw how far a confidence can be believed, and what refusing to answer buys.

    Parameters
    ----------
    curve:
        Rows of ``coverage`` and ``accuracy`` (of what is answered) at growing thresholds.
    reliability:
        Rows of mean ``confidence``, ``accuracy`` and ``share`` of the hands, a bin each.
    chosen:
        The row of the shipped threshold, as in ``curve``.
    """
    fig, ((left, right),) = panels(1, 2, 3.1)
    bins = pd.DataFrame(reliability)
    left.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":")
    left.text(1.0, 0.04, "dotted: as sure\nas right", ha="right", fontsize=9, color=MUTED)
    left.plot("confidence", "accuracy", data=bins, color=BLUE, linewidth=1.2)
    sizes = 16 + 200 * bins["share"]
    look = {"color": BLUE, "linewidth": 0, "clip_on": False, "zorder": 3}
    left.scatter("confidence", "accuracy", sizes, data=bins, **look)
    left.set(xlim=(0, 1.03), ylim=(0, 1.03), xlabel="confidence", ylabel="share read right")
    left.set_title("Sure, and right?", fontsize=10.5)
    answered = pd.DataFrame(curve).dropna(subset=["accuracy"]).astype(float)
    right.plot("coverage", "accuracy", data=answered, color=BLUE)
    at = (chosen["coverage"], chosen["accuracy"])
    right.plot(*at, "o", color=ORANGE, markersize=8)
    look = {"ha": "right", "va": "top", "fontsize": 9, "color": ORANGE}
    label(right, "shipped\nthreshold", at, (-10, -6), **look)
    right.set(xlabel="share of hands answered")
    right.set_title("What silence buys", fontsize=10.5)
    for ax in (left, right):
        as_percent(ax.xaxis, ax.yaxis)
        ax.grid(linewidth=0.6)
    return finish(fig, source)


@figure
def tone_scores(rows: Sequence[Mapping[str, float]], source: str | None = None) -> Figure:
    """Draw how often a hand is found and read, by skin tone.

    Each row has ``tone`` (1-10), ``colour`` of the swatch, ``coverage`` and ``accuracy`` (of all
    pictures), shares 0-1.
    """
    fig, ax = canvas(3.0)
    tones = pd.DataFrame(rows)
    for name, words, color, offset in (
        ("coverage", "hand found", MUTED, 8),
        ("accuracy", "letter read right", BLUE, -15),
    ):
        ax.plot("tone", name, "-", data=tones, color=color, zorder=1)
        look = {"edgecolors": color, "linewidths": 1.8, "zorder": 2}
        ax.scatter("tone", name, s=110, c="colour", data=tones, **look)
        label(ax, words, (tones["tone"][0], tones[name][0]), (0, offset), color=color, fontsize=10)
    ax.set(xticks=tones["tone"], ylim=(0, 1.1))
    ax.set(xlabel="Monk skin tone", ylabel="share of the pictures")
    as_percent(ax.yaxis)
    ax.grid(axis="y")
    return finish(fig, source)


# --- Chapter 17: landmarks


@figure
def tracked_and_true(
    pictures: Sequence[np.ndarray],
    tracked: Sequence[np.ndarray],
    true: Sequence[np.ndarray],
    source: str | None = None,
) -> Figure:
    """Draw hands in pictures, close up, with what a tracker found and where the joints are.

    ``tracked`` and ``true`` are arrays (21, 2 or more) for each picture: x and y as shares of its
    width and height. Tracked points are dots with bones, true ones open circles.
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
    return finish(fig, source)


@figure
def joint_errors(errors: np.ndarray, source: str | None = None) -> Figure:
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
    return finish(fig, source)


# --- Chapter 18: the webcam


@figure
def letters_in_time(
    times: Sequence[float],
    letters: Sequence[str | None],
    sure: Sequence[float],
    spelled: Sequence[tuple[str, float, float]],
    written: Sequence[tuple[str, float]],
    threshold: float,
    source: str | None = None,
) -> Figure:
    """Draw each frame's answer over time, between what was signed and what was written.

    Parameters
    ----------
    times, letters, sure:
        (n,) seconds, each frame's answer (None or "" where it has none: a dot), and how sure it
        is, 0-1: the height of its letter.
    spelled:
        (letter, start, end) in seconds of what was signed: the grey bands.
    written:
        (letter, time) of what was written: the arrows on top.
    threshold:
        Drawn as a line, 0-1.
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
    return finish(fig, source)


@figure
def step_times(
    rows: Mapping[str, Mapping[str, float]], budget: float, source: str | None = None
) -> Figure:
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
    return finish(fig, source)


# --- Chapter 19: letters that move


@figure
def stroke_paths(
    strokes: Mapping[str, tuple[np.ndarray, int]],
    *,
    unit: str | None = None,
    source: str | None = None,
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
    return finish(fig, source)


@figure
def frames_and_seconds(
    tracks: Mapping[str, tuple[np.ndarray, np.ndarray]], ylabel: str, source: str | None = None
) -> Figure:
    """Draw the same movement twice: over the number of the frame, and over seconds.

    ``tracks`` is a name -> (times (m,) in seconds, values (m,)).
    """
    fig, ((frames, seconds),) = panels(1, 2, 2.9, sharey=True)
    for index, (name, (times, values)) in enumerate(tracks.items()):
        look = {"color": CYCLE[index], "linestyle": DASHES[index], "marker": MARKS[index]}
        look |= {"markersize": max(3, 6 - 2 * index), "label": name}
        frames.plot(values, **look)
        seconds.plot(times, values, **look)
    frames.set(xlabel="frame", ylabel=ylabel)
    seconds.set(xlabel="seconds")
    for ax in (frames, seconds):
        ax.grid(axis="y")
    legend_above(fig)
    return finish(fig, source)


@figure
def looks_back(taps: int, dilations: Sequence[int], rate: float) -> Figure:
    """Show which steps each layer of causal convolutions looks back on, from one last output.

    Kernels have ``taps`` steps, ``dilations`` apart, first layer first; ``rate`` is steps a second.
    """
    fig, ax = canvas(0.75 * len(dilations) + 1.5)
    used = {len(dilations): np.array([0])}  # of each level, the steps that count
    for level in range(len(dilations), 0, -1):
        back = used[level][:, None] - dilations[level - 1] * np.arange(taps)
        used[level - 1] = np.unique(back)
        for step, below in zip(used[level], back, strict=True):
            look = (BLUE, 1.4, 2) if step == 0 else (RULE, 0.7, 1)
            for tap in below:
                ends = [tap / rate, step / rate], [level - 1, level]
                ax.plot(*ends, color=look[0], linewidth=look[1], zorder=look[2])
    every = np.arange(used[0].min() - 2, 1)
    for level, steps in used.items():
        dots = ((every, RULE, 3.5, 3), (steps, BLUE, 4.5, 4))
        for places, color, size, order in dots:
            heights = np.full(len(places), level)
            ax.plot(places / rate, heights, "o", color=color, markersize=size, zorder=order)
    names = [f"layer {k}: every {d}" if d > 1 else f"layer {k}: neighbours"
             for k, d in enumerate(dilations, 1)]  # fmt: skip
    ax.set_yticks(range(len(names) + 1), ["input", *names])
    ax.set(xlabel="seconds before the last step", ylim=(-0.3, len(dilations) + 0.3))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return finish(fig)


@figure
def reading(
    clips: Mapping[str, Mapping], threshold: float | None = None, source: str | None = None
) -> Figure:
    """Draw what a recogniser says over time, with the strokes behind it; a panel a clip.

    ``clips`` is a title -> ``times`` (m,) seconds, ``series`` a name -> (m,) probabilities,
    ``strokes`` (name, start, end) and, optionally, ``events`` (letter, time); ``threshold`` is
    drawn as a line across.
    """
    fig, axes = panels(len(clips), 1, 2.1 * len(clips) + 0.5)
    colors = (BLUE, ORANGE, GREEN, INK)
    for ax, (title, clip) in zip(axes.flat, clips.items(), strict=True):
        for name, start, end in clip["strokes"]:
            ax.axvspan(start, end, color=AMBER, alpha=0.22, linewidth=0)
            ax.text((start + end) / 2, 1.03, name, ha="center", fontsize=9, color=INK)
        for index, (name, values) in enumerate(clip["series"].items()):
            look = {"color": colors[index], "linestyle": DASHES[index]}
            ax.plot(clip["times"], values, label=name, **look)
        if threshold is not None:
            ax.axhline(threshold, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        for letter, time in clip.get("events", ()):
            ax.plot(time, 0.5, "v", color=INK, markersize=8)
            label(ax, letter, (time, 0.5), (7, -4), fontweight="bold", fontsize=11)
        ax.set(ylim=(0, 1.14), yticks=[0, 0.5, 1], xlim=(clip["times"][0], clip["times"][-1]))
        ax.set_title(title, fontsize=10.5)
        as_percent(ax.yaxis)
        ax.grid(axis="y")
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.6)
    axes[-1, 0].set_xlabel("seconds")
    return finish(fig, source)
