"""Figures of Part 1: from the sliding window to the architectures."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from asl_helpers.figures.grids import blank, draw_cells, outline, sign_after
from asl_helpers.figures.style import (
    BLUE,
    DIVERGING,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SEQUENTIAL,
    WIDTH,
    border,
    canvas,
    figure,
    minus,
    panel_title,
    panels,
    show_image,
)
from asl_helpers.scratch import corr2d, output_size, pad_widths

# --- Chapter 1: convolution


@figure
def pixel_values(image: np.ndarray, corner: tuple[int, int], size: int) -> Figure:
    """Show a gray image (uint8) with a square framed, and the numbers inside the frame beside it.

    ``corner`` is the row and column of the frame's upper left pixel, ``size`` its side in pixels.
    """
    row, column = corner
    fig, ((left, right),) = panels(1, 2, 2.9)
    show_image(left, image)
    outline(left, row, column, size, size)
    patch = image[row : row + size, column : column + size]
    draw_cells(right, patch, cmap="gray", limits=(0, 255))
    outline(right, 0, 0, size, size)
    panel_title(left, f"{image.shape[0]} × {image.shape[1]} pixels")
    panel_title(right, f"rows {row}–{row + size - 1}, columns {column}–{column + size - 1}")
    return fig


@figure
def sliding_window(
    image: np.ndarray, kernel: np.ndarray, places: Sequence[tuple[int, int]]
) -> Figure:
    """Show a kernel at a few places of a small image, and the output filled in so far.

    ``places`` are output positions (m, n) in reading order, a column of the figure each.
    """
    full = corr2d(image, kernel)
    fig, axes = panels(2, len(places), 4.1, height_ratios=[image.shape[0], full.shape[0]])
    for (above, below), (m, n) in zip(axes.T, places, strict=True):
        draw_cells(above, image, cmap="gray", limits=(-0.6 * image.max(), image.max()))
        outline(above, m, n, *kernel.shape)
        done = np.arange(full.size).reshape(full.shape) <= m * full.shape[1] + n
        draw_cells(below, np.where(done, full, np.nan))
        outline(below, m, n, 1, 1)
        panel_title(above, f"window at ({m}, {n})")
        panel_title(below, minus(f"Y[{m}, {n}] = {full[m, n]:g}"))
    return fig


@figure
def feature_maps(
    image: np.ndarray,
    kernels: Mapping[str, np.ndarray],
    maps: Sequence[np.ndarray] | None = None,
    numbers: bool = True,
) -> Figure:
    """Show an image, then kernels and, under each, what it makes of the image.

    ``image`` is (height, width), uint8 or 0-1, ``kernels`` a title -> (height, width); ``maps`` are
    their outputs, None computes them with ``corr2d``. ``numbers`` writes the weights.
    """
    maps = [corr2d(image, kernel) for kernel in kernels.values()] if maps is None else maps
    across = min(len(kernels) + 1, 5)
    bands = -(-(len(kernels) + 1) // across)
    fig, axes = panels(2 * bands, across, (2 * WIDTH / across + 0.55) * bands)
    for ax in axes.flat:
        ax.axis("off")
    show_image(axes[1, 0], image, **({"vmin": 0, "vmax": 1} if image.dtype.kind == "f" else {}))
    axes[1, 0].axis("on")
    panel_title(axes[1, 0], "image X")
    for index, ((title, kernel), result) in enumerate(zip(kernels.items(), maps, strict=True), 1):
        band, column = divmod(index, across)
        above, below = axes[2 * band : 2 * band + 2, column]
        form = "{:.2g}" if numbers else ""
        draw_cells(above, kernel, fontsize=11 if across < 5 else 9, form=form)
        panel_title(above, title)
        below.axis("on")
        _show_signed(below, result)
    return fig


def _show_signed(
    ax: Axes, values: np.ndarray, title: str | None = None, reach: float | None = None
) -> None:
    """Show a feature map on a scale of colors around zero; None takes its own largest value."""
    reach = np.abs(values).max() if reach is None else reach
    show_image(ax, values, title, cmap=DIVERGING, vmin=-reach, vmax=reach)


@figure
def padding_and_stride(size: int, kernel: int, settings: Sequence[tuple[str | int, int]]) -> Figure:
    """Show where a kernel lands on a square image, a panel for each (padding, stride).

    The image's cells are filled and the zeros around it dotted; the first two windows are framed,
    and a dot marks the center of every window: one output value each.
    """
    margin = max(max(pad_widths(size, kernel, stride, pad)) for pad, stride in settings)
    fig, axes = panels(1, len(settings), 2.1)
    for ax, (padding, stride) in zip(axes[0], settings, strict=True):
        before, after = pad_widths(size, kernel, stride, padding)
        out = output_size(size, kernel, stride, padding)
        blank(ax, (size + 2 * margin, size + 2 * margin))
        for row, column in itertools.product(range(-before, size + after), repeat=2):
            look = {"color": MUTED, "linestyle": ":", "lw": 0.9}
            if 0 <= row < size and 0 <= column < size:
                look = {"color": RULE, "fill": True, "facecolor": "#dbeaf4", "lw": 0.8}
            outline(ax, row + margin, column + margin, 1, 1, zorder=1, **look)
        start = margin - before
        outline(ax, start, start, kernel, kernel, ORANGE, lw=2.4)
        outline(ax, start, start + stride, kernel, kernel, BLUE, lw=2.4, linestyle=(0, (3, 1.5)))
        centers = start + (kernel - 1) / 2 + stride * np.arange(out)
        across, down = np.meshgrid(centers, centers)
        ax.plot(across.ravel(), down.ravel(), "o", color=INK, markersize=4, zorder=4)
        panel_title(ax, f"{padding}, stride {stride}")
        ax.text(0.5, -0.01, f"{size} → {out}", transform=ax.transAxes, ha="center", va="top")
    return fig


# --- Chapter 2: activations and pooling


@figure
def signed_maps(maps: Mapping[str, np.ndarray], signs: Sequence[str] = ()) -> Figure:
    """Show feature maps side by side on one scale of colors around zero.

    ``maps`` is a title -> (height, width); ``signs`` stand between map i and i + 1.
    """
    reach = max(np.abs(values).max() for values in maps.values())
    fig, axes = panels(1, len(maps), 0.85 * WIDTH / len(maps) + 0.55)
    for index, (ax, (title, values)) in enumerate(zip(axes[0], maps.items(), strict=True)):
        _show_signed(ax, values, title, reach)
        if index < len(signs):
            sign_after(ax, signs[index], gap=8, fontsize=15)
    if signs:
        fig.get_layout_engine().set(wspace=0.12)
    return fig


# --- Chapter 4: backpropagation


@figure
def computational_graph(order: Sequence) -> Figure:
    """Draw the nodes of a calculation with values and gradients, and the local derivatives.

    ``order`` holds nodes, each after its parents, with ``name``, ``value``, ``gradient`` and
    ``parents``, pairs of a node and the local derivative. The last one is drawn at the right end.
    """
    level = {order[-1]: 0}
    for node in reversed(order):
        for parent, _ in node.parents:
            level[parent] = max(level.get(parent, 0), level[node] + 1)
    columns = [[node for node in order if level[node] == c] for c in range(max(level.values()) + 1)]
    # Results in the upper row, what they are computed with below them.
    at = {
        node: (1.5 * (len(columns) - c), -row)
        for c, column in enumerate(columns)
        for row, node in enumerate(sorted(column, key=lambda node: not node.parents))
    }
    fig, ax = canvas(2.4)
    words = {"ha": "center", "va": "center", "fontsize": 9.5}
    arrow = {"arrowstyle": "-|>", "color": BLUE, "shrinkA": 22, "shrinkB": 22}
    for node, (x, y) in at.items():
        outline(ax, y + 0.1, x + 0.2, 0.8, 0.6, MUTED, lw=1.2)
        ax.text(x, y + 0.24, node.name, **words)
        ax.text(x, y, minus(f"{node.value:g}"), **words)
        ax.text(x, y - 0.24, minus(f"{node.gradient:g}"), color=ORANGE, weight="bold", **words)
        for index, (parent, local) in enumerate(node.parents):
            twice = sum(other is parent for other, _ in node.parents) > 1
            bend = 0.45 - 0.9 * index if twice else 0
            bent = arrow | {"connectionstyle": f"arc3,rad={bend}"}
            ax.annotate("", at[node], at[parent], arrowprops=bent)
            x_middle, y_middle = np.mean([at[node], at[parent]], axis=0)
            above = y_middle - 0.85 * bend if twice else y_middle + 0.14
            ax.text(x_middle, above, minus(f"{local:g}"), color=BLUE, **words)
    ax.set(xlim=(1, 1.5 * len(columns) + 0.5), ylim=(-1.5, 0.6))
    ax.axis("off")
    return fig


# --- Chapter 5: gradient descent to Adam


@figure
def descent_paths(
    loss: Callable[[np.ndarray], np.ndarray], paths: Mapping[str, np.ndarray]
) -> Figure:
    """Draw ways over a surface of two weights, a panel each, on lines of equal loss.

    ``loss`` goes from places (..., 2) to losses (...), lowest at (0, 0); ``paths`` is a title ->
    (steps + 1, 2) places, the start first. A path that leaves the picture is cut off there.
    """
    left, right, low, high = -10, 5, -2.6, 2.6
    height = (WIDTH - 0.5) * (high - low) / (right - left) + 0.34
    fig, axes = panels(len(paths), 1, height * len(paths) + 0.3, sharex=True)
    first, second = np.meshgrid(np.linspace(left, right, 200), np.linspace(low, high, 100))
    heights = np.sqrt(loss(np.stack([first, second], axis=-1)))  # lines closer on the slope
    for ax, (title, path) in zip(axes[:, 0], paths.items(), strict=True):
        ax.contour(first, second, heights, 12, cmap=SEQUENTIAL, linewidths=0.8, alpha=0.75)
        with np.errstate(invalid="ignore"):
            shown = np.clip(path, -1e3, 1e3)  # what diverges would overflow the drawing
        ax.plot(*shown.T, "o-", color=ORANGE, markersize=3.2, lw=1.4)
        ax.plot(*shown[0], "o", color=INK, markersize=6)
        ax.plot(0, 0, "*", color=BLUE, markersize=11, markeredgecolor="white", zorder=4)
        ax.set(title=title, xlim=(left, right), ylim=(low, high), yticks=[-2, 0, 2])
        ax.set_aspect("equal")
    axes[-1, 0].set_xlabel("first weight")
    axes[len(paths) // 2, 0].set_ylabel("second weight")
    return fig


# --- Chapter 7: architectures


@figure
def survivors(panes: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw points as they came back, a panel a case, those that lost their place in orange.

    ``panes`` is a title -> (points (n, 2), y down; lost (n,) bool); all share the first's axes.
    """
    rows = math.ceil(len(panes) / 3)
    fig, axes = panels(rows, min(len(panes), 3), 2.15 * rows)
    reach = 1.12 * np.abs(next(iter(panes.values()))[0]).max()
    for ax, (title, (points, lost)) in zip(axes.flat, panes.items(), strict=False):
        ax.scatter(*points[~lost].T, s=7, color=BLUE, linewidths=0)
        ax.scatter(*points[lost].T, s=10, color=ORANGE, marker="D", linewidths=0)
        ax.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal", xticks=[], yticks=[])
        panel_title(ax, title)
        border(ax)
    for ax in axes.flat[len(panes) :]:
        ax.axis("off")
    return fig
