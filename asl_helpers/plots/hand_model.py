"""The hand model drawn: joints with their names, bending fingers, flesh, people and cameras."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from asl_helpers.hand.skeleton import BONES, JOINTS
from asl_helpers.plots.style import (
    AMBER,
    BLUE,
    CYCLE,
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

_FINGER_COLORS = (PURPLE, BLUE, GREEN, AMBER, ORANGE)
"""Thumb to little finger."""


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
