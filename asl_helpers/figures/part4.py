"""Figures of Part 4: hand model, landmarks, the webcam, letters that move."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from asl_helpers.alphabet import LETTERS
from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CARD,
    CYCLE,
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
    show_image,
)
from asl_helpers.hand.body import BONES, JOINTS

PAPER = "#f6eedf"

"""The warm background of pictures that stand alone on a page."""

_SKINS = (3, 7, 1, 9, 5, 2, 8, 4, 6, 0)

_LEFT_EVERY = 6  # so that about one hand in six is a left one: seen, yet not the rule

_FINGER_COLORS = (PURPLE, BLUE, GREEN, AMBER, ORANGE)

"""Thumb to little finger."""

_MARKS = "osD^v"

_CHAINS = {
    "wrist": MUTED, "thumb": PURPLE, "index": BLUE, "middle": GREEN, "ring": AMBER,
    "little": ORANGE,
}  # fmt: skip

_STEPS = (SKY, ORANGE, GREEN, PURPLE, BLUE, MUTED)


@figure
def alphabet(
    letters: Sequence[str] = LETTERS,
    *,
    columns: int = 9,
    width: float = 11.0,
    pixels: int = 260,
    paper: str = PAPER,
    left_hands: bool = True,
) -> Figure:
    """Show hands that spell ``letters``, in every tone of the Monk Skin Tone scale.

    Parameters
    ----------
    letters:
        Letters or classes with a pose, in reading order; a word works too.
    columns:
        Hands a row.
    width:
        Inches across.
    pixels:
        Size of each hand's picture.
    paper:
        Background colour, such as "#f6eedf".
    left_hands:
        Draw every sixth hand as a left one.
    """
    from asl_helpers import hand

    rows = -(-len(letters) // columns)
    step = round(1.1 * pixels)  # a strip for the letter's name below each hand
    blank = np.array([int(paper[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    sheet = np.broadcast_to(blank, (rows * step, columns * pixels, 3)).copy()
    fig, ax = canvas(None, width, width * rows * 1.1 / columns)
    fig.set_layout_engine("none")
    fig.set_facecolor(paper)
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    for place, letter in enumerate(letters):
        row, column = divmod(place, columns)
        in_row = min(columns, len(letters) - row * columns)
        left = column * pixels + (columns - in_row) * pixels // 2  # a short row is centred
        sheet[row * step :, left : left + pixels][:pixels] = hand.draw(
            letter,
            pixels,
            side="left" if left_hands and place % _LEFT_EVERY == _LEFT_EVERY - 1 else "right",
            skin=_SKINS[place % len(_SKINS)],
            background=paper,
            fade=True,
            same_scale=True,
        )
        at = (left + pixels / 2, row * step + 1.045 * pixels)
        ax.text(*at, letter, ha="center", va="center", fontsize=11 * width / columns)
    ax.imshow(sheet, interpolation="antialiased", aspect="auto")
    return fig


@figure
def named_joints(image: np.ndarray, ax: Axes | None = None) -> Figure:
    """Draw one hand's 21 joints with their numbers, and the names of the wrist and the tips.

    ``image`` is (21, 3), image coordinates as ``hand.pose`` gives them.
    """
    fig, ax = canvas(ax, WIDTH, WIDTH)
    _bones(ax, image, width=3)
    for joint, (x, y) in enumerate(image[:, :2]):
        ax.annotate(str(joint), (x, y), (7, 4), textcoords="offset points", fontsize=9, color=MUTED)
    for tip in (4, 8, 12, 16, 20):
        x, y = image[tip, :2]
        ax.annotate(
            JOINTS[tip], (x, y), (3, 14), textcoords="offset points", rotation=45, fontsize=9,
        )  # fmt: skip
    ax.annotate(
        "WRIST", image[0, :2], (0, -20), textcoords="offset points", ha="center", fontsize=9
    )
    return finish(fig)


@figure
def finger_bends(chains: dict[str, np.ndarray], ax: Axes | None = None) -> Figure:
    """Draw fingers in their own plane: ``{name: (joints, 2)}``, straight on and bent inwards."""
    fig, ax = canvas(ax, WIDTH, 3.0)
    for color, (name, points) in zip(CYCLE, chains.items(), strict=False):
        along, inward = np.asarray(points).T
        ax.plot(along, inward, "o-", color=color, linewidth=3, markersize=6)
        ax.annotate(name, (along[-1], inward[-1]), (7, 3), textcoords="offset points", color=color)
    ax.plot(0, 0, "o", color=INK, markersize=9)
    ax.annotate("knuckle", (0, 0), (0, -16), textcoords="offset points", ha="center", color=MUTED)
    ax.set(xlabel="straight on, palm lengths", ylabel="bent inwards")
    ax.set_aspect("equal")
    ax.margins(x=0.15, y=0.25)
    return finish(fig)


@figure
def stick_hands(
    images: np.ndarray, titles: Sequence[str] | None = None, columns: int = 6
) -> Figure:
    """Draw hands as bones alone, side by side: ``images`` is (n, 21, 3), image coordinates."""
    rows = -(-len(images) // columns)
    fig, axes = panels(rows, columns, WIDTH, rows * (WIDTH / columns + (0.3 if titles else 0.05)))
    for place, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if place < len(images):
            _bones(ax, images[place], width=1.8, dots=2.5)
            if titles is not None:
                ax.set_title(titles[place], fontsize=9.5, fontweight="normal", loc="center")
    return finish(fig)


@figure
def hand_steps(image: np.ndarray, radius: np.ndarray, picture: np.ndarray) -> Figure:
    """Show how a hand becomes a picture: its joints, a sphere of flesh at each, the picture.

    Parameters
    ----------
    image, radius:
        (21, 3) and (21,), one row of a HandBatch: joints and flesh in widths of the picture.
    picture:
        uint8 (size, size, 3), the same hand drawn.
    """
    fig, axes = panels(1, 3, WIDTH, WIDTH / 3 + 0.35)
    for ax, title in zip(axes[0], ("21 joints", "flesh swept along", "light, skin, camera"),
                         strict=True):  # fmt: skip
        ax.set_title(title, fontsize=10, fontweight="normal", loc="center")
    for ax in axes[0, :2]:
        ax.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[], aspect="equal")
    for start, end in BONES:
        for share in np.linspace(0, 1, 9):
            at = image[start] + share * (image[end] - image[start])
            size = radius[start] + share * (radius[end] - radius[start])
            axes[0, 1].add_patch(_disc(at, size))
    for ax in axes[0, :2]:
        _bones(ax, image, width=1.8, dots=2.5, frame=False)
        for spine in ax.spines.values():
            spine.set(visible=True, color=RULE, linewidth=0.8)
    show_image(axes[0, 2], picture)
    axes[0, 2].set_title("light, skin, camera", fontsize=10, fontweight="normal", loc="center")
    return finish(fig)


def _disc(at: np.ndarray, size: float):
    from matplotlib.patches import Circle

    return Circle(at[:2], size, color=SKY, alpha=0.25, linewidth=0)


def _bones(ax: Axes, image: np.ndarray, width: float, dots: float = 5, frame: bool = True) -> None:
    """Draw the twenty bones, each finger in its colour, near bones over far ones."""
    order = sorted(range(len(BONES)), key=lambda bone: -image[list(BONES[bone]), 2].mean())
    for bone in order:
        start, end = BONES[bone]
        x, y = image[[start, end], 0], image[[start, end], 1]
        ax.plot(x, y, color=_FINGER_COLORS[bone // 4], linewidth=width, solid_capstyle="round")
        ax.plot(x[1], y[1], "o", color=_FINGER_COLORS[bone // 4], markersize=dots)
    ax.plot(image[0, 0], image[0, 1], "o", color=INK, markersize=dots)
    if frame:
        middle, half = image[:, :2].mean(axis=0), 0.62 * np.ptp(image[:, :2], axis=0).max()
        ax.set(xlim=middle[0] + half * np.array([-1, 1]), ylim=middle[1] + half * np.array([1, -1]))
        ax.set(xticks=[], yticks=[], aspect="equal")
        ax.set_axis_off()


@figure
def signer_scores(
    scores: Mapping[str, Mapping[str, tuple[float, float]]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the accuracy on each unseen signer, one row a signer, one mark a kind of training.

    ``scores`` is ``{training: {signer: (mean, standard deviation)}}``, shares 0-1; a signer may
    be missing from a training.
    """
    names = list(dict.fromkeys(name for found in scores.values() for name in found))
    fig, ax = canvas(ax, WIDTH, 1.35 + 0.42 * len(names) + 0.24 * len(scores))
    shift = np.linspace(-0.22, 0.22, len(scores)) if len(scores) > 1 else [0]
    for place, (training, found) in enumerate(scores.items()):
        rows = [names.index(name) + shift[place] for name in found]
        means, sds = np.array(list(found.values())).T
        ax.errorbar(
            means, rows, xerr=sds, fmt=_MARKS[place % 5], color=CYCLE[place], markersize=7,
            elinewidth=1.5, label=training,
        )  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlim=(0, 1), xlabel="letters read right")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2, fontsize=9.5)
    return finish(fig, source)


@figure
def letter_recalls(
    recalls: Mapping[str, float], ax: Axes | None = None, source: str | None = None
) -> Figure:
    """Draw the share of each letter that was found, worst first; the mean as a line."""
    letters = sorted(recalls, key=recalls.get)
    values = [recalls[letter] for letter in letters]
    fig, ax = canvas(ax, WIDTH, 2.7)
    mean = float(np.mean(values))
    colors = [ORANGE if value < mean - 0.1 else BLUE for value in values]
    ax.bar(letters, values, color=colors, width=0.75)
    ax.axhline(mean, color=INK, linewidth=1, linestyle=":")
    ax.annotate(
        f"mean {mean:.0%}", (-0.5, mean), (0, 5), textcoords="offset points", fontsize=9.5,
    )  # fmt: skip
    ax.set(ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1], ylabel="share read right")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.tick_params(axis="x", length=0)
    return finish(fig, source)


@figure
def changes(
    found: Mapping[str, tuple[float, float]],
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw what leaving something out changes: ``{what: (change, deviation)}``, shares 0-1."""
    names = sorted(found, key=lambda name: found[name][0])
    points = 100 * np.array([found[name] for name in names])
    fig, ax = canvas(ax, WIDTH, 0.9 + 0.42 * len(names))
    colors = [ORANGE if change < 0 else BLUE for change in points[:, 0]]
    ax.barh(range(len(names)), points[:, 0], xerr=points[:, 1], color=colors, height=0.62,
            error_kw={"elinewidth": 1.4, "ecolor": MUTED})  # fmt: skip
    low, high = points[:, 0] - points[:, 1], points[:, 0] + points[:, 1]
    room = 0.2 * (max(high.max(), 0) - min(low.min(), 0))
    for row, change in enumerate(points[:, 0]):
        edge = low[row] if change < 0 else high[row]
        ax.annotate(f"{change:+.1f}", (edge, row), (-4 if change < 0 else 4, 0), va="center",
                    ha="right" if change < 0 else "left", textcoords="offset points",
                    fontsize=9.5)  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(min(low.min(), 0) - room, max(high.max(), 0) + room)
    ax.axvline(0, color=INK, linewidth=1)
    ax.invert_yaxis()
    ax.set_xlabel("change of the accuracy, percentage points")
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
    fig, axes = panels(1, 2, WIDTH, 3.1)
    left, right = axes[0]
    left.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":")
    left.annotate("dotted: as sure\nas right", (1.0, 0.04), ha="right", fontsize=9, color=MUTED)
    sizes = [16 + 200 * row["share"] for row in reliability]
    left.plot(
        [row["confidence"] for row in reliability], [row["accuracy"] for row in reliability],
        color=BLUE, linewidth=1.2,
    )  # fmt: skip
    left.scatter(
        [row["confidence"] for row in reliability], [row["accuracy"] for row in reliability],
        s=sizes, color=BLUE, linewidth=0, clip_on=False, zorder=3,
    )  # fmt: skip
    left.set(xlim=(0, 1.03), ylim=(0, 1.03), xlabel="confidence", ylabel="share read right")
    left.set_title("Sure, and right?", fontsize=10.5)
    rows = [row for row in curve if row["accuracy"] is not None]
    right.plot([row["coverage"] for row in rows], [row["accuracy"] for row in rows], color=BLUE)
    right.plot(chosen["coverage"], chosen["accuracy"], "o", color=ORANGE, markersize=8)
    right.annotate(
        "shipped\nthreshold", (chosen["coverage"], chosen["accuracy"]), (-10, -6),
        textcoords="offset points", ha="right", va="top", fontsize=9, color=ORANGE,
    )  # fmt: skip
    right.set(xlabel="share of hands answered")
    right.set_title("What silence buys", fontsize=10.5)
    for ax in (left, right):
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.grid(color=RULE, linewidth=0.6)
    return finish(fig, source)


@figure
def tone_scores(
    rows: Sequence[Mapping[str, float]], ax: Axes | None = None, source: str | None = None
) -> Figure:
    """Draw how often a hand is found and read, by skin tone.

    Each row has ``tone`` (1-10), ``colour`` of the swatch, ``coverage`` and ``accuracy`` (of all
    pictures), shares 0-1.
    """
    fig, ax = canvas(ax, WIDTH, 3.0)
    tones = [row["tone"] for row in rows]
    for name, label, color, offset in (
        ("coverage", "hand found", MUTED, 8),
        ("accuracy", "letter read right", BLUE, -15),
    ):
        values = [row[name] for row in rows]
        ax.plot(tones, values, "-", color=color, zorder=1)
        ax.scatter(tones, values, s=110, c=[row["colour"] for row in rows], edgecolors=color,
                   linewidths=1.8, zorder=2)  # fmt: skip
        ax.annotate(label, (tones[0], values[0]), (0, offset), textcoords="offset points",
                    color=color, fontsize=10)  # fmt: skip
    ax.set_xticks(tones)
    ax.set(ylim=(0, 1.1), xlabel="Monk skin tone", ylabel="share of the pictures")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="y")
    return finish(fig, source)


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


@figure
def letters_in_time(
    times: Sequence[float],
    letters: Sequence[str | None],
    sure: Sequence[float],
    spelled: Sequence[tuple[str, float, float]],
    written: Sequence[tuple[str, float]],
    threshold: float,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw each frame's answer over time, between what was signed and what was written.

    Parameters
    ----------
    times:
        (n,) seconds.
    letters:
        (n,) each frame's answer, None or "" where it has none; it stands as a letter.
    sure:
        (n,) how sure each frame is, 0-1: the height of its letter; a frame without an answer is a
        small dot.
    spelled:
        (letter, start, end) in seconds of what was signed: the grey bands.
    written:
        (letter, time) of what was written: the arrows on top.
    threshold:
        Drawn as a line, 0-1.
    """
    fig, ax = canvas(ax, WIDTH, 3.4)
    for letter, start, end in spelled:
        ax.axvspan(start, end, color=RULE, alpha=0.55, linewidth=0)
        ax.text((start + end) / 2, -0.16, letter, ha="center", va="center", color=INK, fontsize=12)
    for time, letter, share in zip(times, letters, sure, strict=True):
        if letter:
            ax.text(time, share, letter, ha="center", va="center", color=BLUE, fontsize=9)
        else:
            ax.plot(time, share, ".", color=MUTED, markersize=3)
    for letter, time in written:
        ax.annotate(
            letter,
            (time, 1.06),
            (time, 1.26),
            ha="center",
            va="center",
            color=ORANGE,
            fontsize=12,
            fontweight="bold",
            arrowprops={"arrowstyle": "->", "color": ORANGE},
        )
    ax.axhline(threshold, color=INK, linestyle="--", linewidth=0.9)
    ax.text(times[-1], threshold + 0.02, "threshold", ha="right", va="bottom", fontsize=9)
    ax.set(ylim=(-0.28, 1.36), yticks=[0, 0.5, 1], ylabel="confidence", xlabel="seconds")
    ax.text(times[0], 1.26, "written:", va="center", fontsize=9.5, color=ORANGE)
    ax.text(times[0], -0.16, "signed:", va="center", fontsize=9.5, color=INK)
    return finish(fig, source)


@figure
def step_times(
    rows: Mapping[str, Mapping[str, float]],
    budget: float | None = None,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw where a frame's time goes: a bar for each way, a part for each step.

    Parameters
    ----------
    rows:
        A way -> (a step -> milliseconds). Steps have one colour in all rows, and their name where
        there is room for it.
    budget:
        Milliseconds that a frame may take, drawn as a line.
    """
    fig, ax = canvas(ax, WIDTH, 0.9 + 0.62 * len(rows))
    steps = list(dict.fromkeys(step for row in rows.values() for step in row))
    longest = max(sum(row.values()) for row in rows.values())
    for place, row in enumerate(rows.values()):
        start = 0.0
        for step, taken in row.items():
            color = _STEPS[steps.index(step) % len(_STEPS)]
            ax.barh(place, taken, left=start, height=0.5, color=color, edgecolor="white")
            if taken > 0.22 * longest:
                words = f"{step} {taken:.1f}"
                ax.text(start + taken / 2, place, words, ha="center", va="center", fontsize=9.5)
            start += taken
        behind = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}
        words = f"{start:.1f} ms"
        ax.text(start + 0.01 * longest, place, words, va="center", fontsize=10, bbox=behind)
    if budget is not None:
        # Behind the bars: it would cross the names of their parts.
        ax.axvline(budget, color=INK, linestyle="--", linewidth=0.9, zorder=0.9)
        ax.text(budget, -0.55, f" {budget:g} ms a frame: 25 a second", va="center", fontsize=9)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(ylim=(len(rows) - 0.4, -0.75), xlim=(0, 1.18 * longest), xlabel="milliseconds a frame")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    for step in steps:
        ax.bar(0, 0, color=_STEPS[steps.index(step) % len(_STEPS)], label=step)
    fig.legend(loc="outside upper left", ncols=len(steps), handlelength=1.0)
    return finish(fig, source)


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
