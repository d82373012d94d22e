"""Figures of Part 1: from the sliding window to the architectures."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from asl_helpers.figures.grids import blank, draw_cells, outline, sign_after
from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CYCLE,
    DASHES,
    DIVERGING,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SEQUENTIAL,
    SKY,
    WIDTH,
    as_percent,
    border,
    canvas,
    figure,
    finish,
    label,
    legend_above,
    minus,
    panel_title,
    panels,
    show_image,
)
from asl_helpers.scratch import corr2d, output_size, pad_widths

# --- Chapter 1: convolution


@figure
def pixel_values(
    image: np.ndarray, corner: tuple[int, int], size: int, source: str | None = None
) -> Figure:
    """Show a grey image (uint8) with a square framed, and the numbers inside the frame beside it.

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
    return finish(fig, source)


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
    return finish(fig)


@figure
def feature_maps(
    image: np.ndarray,
    kernels: Mapping[str, np.ndarray],
    maps: Sequence[np.ndarray] | None = None,
    numbers: bool = True,
    source: str | None = None,
) -> Figure:
    """Show kernels and, under each, what it makes of the image; the image comes first.

    Parameters
    ----------
    image:
        (height, width) grey levels, uint8 or 0-1.
    kernels:
        A title and a (kernel height, kernel width) array each.
    maps:
        The outputs, (height, width) each; None computes them with ``corr2d``.
    numbers:
        Whether the weights are written into the cells.
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
    return finish(fig, source)


def _show_signed(ax: Axes, values: np.ndarray, reach: float | None = None) -> None:
    """Show a feature map on a scale of colors around zero."""
    reach = np.abs(values).max() if reach is None else reach
    show_image(ax, values, cmap=DIVERGING, vmin=-reach, vmax=reach)


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
    return finish(fig)


@figure
def channel_sum(
    image: np.ndarray, kernel: np.ndarray, bias: float = 0.0, source: str | None = None
) -> Figure:
    """Show a color image channel by channel: kernel, map, and the sum of the three maps.

    The first column holds the image, its grey version, and for comparison the map that the red
    channel's weights make of the grey version; all maps share one color scale. ``image`` is
    (height, width, 3) in 0-1, ``kernel`` (kernel height, kernel width, 3).
    """
    grey = image.mean(axis=-1)
    maps = [corr2d(image[..., c], kernel[..., c]) for c in range(3)]
    total = sum(maps) + bias
    reach = max(np.abs(layer).max() for layer in [*maps, total])
    weight = 1.4 * np.abs(kernel).max()
    fig, axes = panels(3, 5, 3.6)
    show_image(axes[0, 0], image)
    show_image(axes[1, 0], grey, vmin=0, vmax=1)
    _show_signed(axes[2, 0], corr2d(grey, kernel[..., 0]), reach)
    for ax, title in zip(axes[:, 0], ("picture", "in grey", "grey’s map"), strict=True):
        panel_title(ax, title)
    middle = axes[1, 4]
    for c, (name, tint) in enumerate(zip(("red", "green", "blue"), np.eye(3), strict=True)):
        plane, weights, result, last = axes[c, 1:]
        show_image(plane, image[..., c, None] * tint)
        panel_title(plane, f"{name}, c = {c}")
        draw_cells(weights, kernel[..., c], fontsize=10, limits=(-weight, weight))
        panel_title(weights, f"K[:, :, {c}]")
        _show_signed(result, maps[c], reach)
        panel_title(result, "map")
        last.axis("off")
        arrow = ConnectionPatch(
            (1.0, 0.5), (0.0, 0.5), "axes fraction", "axes fraction", axesA=result, axesB=middle,
            arrowstyle="-|>", mutation_scale=11, color=AMBER, lw=1.6,
        )  # fmt: skip
        fig.add_artist(arrow)
    middle.axis("on")
    _show_signed(middle, total, reach)
    panel_title(middle, "sum + b", fontweight="bold")
    return finish(fig, source)


@figure
def receptive_field(layers: Sequence[tuple[int, int]], width: int = 13) -> Figure:
    """Show, in a cross-section, which cells of each layer one last value depends on.

    ``layers`` are (kernel, stride) of each layer, first layer first; ``width`` is the number of
    input cells to draw, odd.
    """
    fields, steps = [1], [1]
    for kernel, stride in reversed(layers):
        fields.insert(0, (fields[0] - 1) * stride + kernel)  # cells the last value depends on
    for _, stride in layers:
        steps.append(steps[-1] * stride)
    spans = [(field - 1) / 2 * step for field, step in zip(fields, steps, strict=True)]
    half = (width - 1) // 2
    fig, ax = canvas(0.9 * len(layers) + 1.3)
    for level, (field, step, span) in enumerate(zip(fields, steps, spans, strict=True)):
        y = 1.7 * level
        centers = np.arange(-(half // step), half // step + 1) * step
        if not np.isclose((span / step) % 1, 0):  # an even field has its center between two cells
            centers = centers[:-1] + step / 2
        for x in centers:
            seen = abs(x) <= span + 1e-9
            look = {"facecolor": SKY, "edgecolor": BLUE, "lw": 1.4}
            look = look if seen else {"facecolor": "none", "edgecolor": RULE, "lw": 0.8}
            ax.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, **look))
        name = f"layer {level}" if level else "input"
        ax.text(-half - 1.1, y, name, ha="right", va="center", fontsize=10)
        ax.text(half + 0.9, y, f"{field}", ha="left", va="center", fontweight="bold")
        if level:
            below = steps[level - 1] * (layers[level - 1][0] - 1) / 2
            for x, edge in itertools.product((-span, span), (-below, below)):
                ax.plot([x, x + edge], [y - 0.5, y - 1.2], color=MUTED, lw=1)
    ax.set(xlim=(-width / 2 - 3.2, width / 2 + 1.6), ylim=(-0.7, 1.7 * len(layers) + 0.7))
    ax.set_aspect("equal")
    ax.axis("off")
    return finish(fig)


@figure
def kernel_learning(
    snapshots: Mapping[int, np.ndarray], losses: Sequence[float], target: np.ndarray
) -> Figure:
    """Show a kernel on its way to the target, over the loss of every step.

    ``snapshots`` is a step -> the kernel then; ``losses`` are those of each step, from step 0;
    ``target`` is the kernel that made the outputs.
    """
    fig, axes = panels(2, len(snapshots) + 1, 4.2, height_ratios=[1, 1.35])
    reach = 1.4 * np.abs(target).max()
    shown = {f"step {step}": kernel for step, kernel in snapshots.items()} | {"true": target}
    for ax, (title, kernel) in zip(axes[0], shown.items(), strict=True):
        draw_cells(ax, kernel, limits=(-reach, reach), fontsize=10, form="{:.1f}")
        panel_title(ax, title, fontweight="bold" if title == "true" else "normal")
    for ax in axes[1]:
        ax.remove()
    ax = fig.add_subplot(axes[1, 0].get_gridspec()[1, :])
    ax.semilogy(losses, color=BLUE)
    steps = [step for step in snapshots if step < len(losses)]
    ax.plot(steps, [losses[step] for step in steps], "o", color=ORANGE, clip_on=False)
    ax.set(xlabel="step", ylabel="mean squared error")
    ax.margins(x=0.02)
    return finish(fig)


# --- Chapter 2: activations and pooling


@figure
def activations(x: np.ndarray, functions: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw activations on the left and their derivatives on the right, over the same x (n,).

    ``functions`` is a name -> (values, derivatives), (n,) each; four at most.
    """
    fig, ((left, right),) = panels(1, 2, 2.9)
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
    maps: Mapping[str, np.ndarray], signs: Sequence[str] = (), source: str | None = None
) -> Figure:
    """Show feature maps side by side on one scale of colors around zero.

    ``maps`` is a title -> (height, width); ``signs`` stand between map i and i + 1.
    """
    reach = max(np.abs(values).max() for values in maps.values())
    fig, axes = panels(1, len(maps), 0.85 * WIDTH / len(maps) + 0.55)
    for index, (ax, (title, values)) in enumerate(zip(axes[0], maps.items(), strict=True)):
        _show_signed(ax, values, reach)
        panel_title(ax, title)
        if index < len(signs):
            sign_after(ax, signs[index], gap=8, fontsize=15)
    if signs:
        fig.get_layout_engine().set(wspace=0.12)
    return finish(fig, source)


# --- Chapter 3: dropout and batch normalization


@figure
def channel_spread(stages: Mapping[str, np.ndarray], source: str | None = None) -> Figure:
    """Draw how the values of each channel are spread, a panel a stage.

    ``stages`` is a title -> (batch, ..., channels), four channels at most.
    """
    fig, axes = panels(1, len(stages), 2.9, sharey=True)
    for ax, (title, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).reshape(-1, np.shape(values)[-1])
        low, high = np.percentile(flat, [0.2, 99.8])
        edges = np.linspace(low - 0.05 * (high - low), high + 0.05 * (high - low), 50)
        middles = (edges[1:] + edges[:-1]) / 2
        for c, (color, dash) in enumerate(zip(CYCLE[: flat.shape[1]], DASHES, strict=False)):
            share = np.histogram(flat[:, c], edges)[0] / len(flat)
            ax.plot(middles, share, color=color, linestyle=dash, lw=1.8, label=f"c = {c}")
        ax.axvline(0, color=MUTED, lw=0.8, zorder=0)
        ax.set(xlabel="value", title=title)
    axes[0, 0].set(ylabel="share of the values", ylim=(0, None))
    axes[0, -1].legend(loc="upper right", handlelength=2.4, borderaxespad=0)
    return finish(fig, source)


# --- Chapter 4: softmax and cross-entropy


@figure
def log_loss(marks: Mapping[str, float]) -> Figure:
    """Draw the loss -log(p) over the true class's probability p, with named marks on it.

    ``marks`` is a name -> a probability, in 0.01-1.
    """
    fig, ax = canvas(3.0)
    probs = np.linspace(0.01, 1, 400)
    ax.plot(probs, -np.log(probs), color=BLUE)
    for name, prob in marks.items():
        ax.plot(prob, -np.log(prob), "o", color=ORANGE, clip_on=False, zorder=3)
        # A name near the right edge stands to the left of its mark.
        offset, side = ((8, 5), "left") if prob < 0.7 else ((4, 14), "right")
        label(ax, name, (prob, -np.log(prob)), offset, fontsize=10.5, ha=side)
    ax.set(xlabel="probability given to the true class", ylabel="loss, −log p")
    ax.set(xlim=(0, 1.0), ylim=(0, 4.8))
    ax.grid(axis="y")
    return finish(fig)


@figure
def loss_comparison(
    runs: Mapping[str, Mapping[str, Sequence[float]]],
    floor: tuple[str, float],
    source: str | None = None,
) -> Figure:
    """Draw the training loss and accuracy of several runs over the epochs.

    ``runs`` is a name -> the ``history`` of a Keras fit; ``floor`` a name and a loss below which
    some run cannot come, drawn as a dotted line.
    """
    fig, ((loss, accuracy),) = panels(1, 2, 3.5)
    for ax, key in ((loss, "loss"), (accuracy, "accuracy")):
        for (name, run), color, dash in zip(runs.items(), CYCLE, DASHES, strict=False):
            epochs = np.arange(1, len(run[key]) + 1)
            ax.plot(epochs, run[key], color=color, linestyle=dash, label=name)
        ax.set(title=f"Training {key}", xlabel="epoch", ylim=(0, None))
        ax.grid(axis="y")
    name, value = floor
    loss.axhline(value, color=MUTED, lw=1, ls=":")
    at = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "top"}
    label(loss, name, (1, value), (-2, -3), color=MUTED, **at)
    accuracy.set_ylim(0, 1.02)
    as_percent(accuracy.yaxis)
    legend_above(fig, 1, handlelength=3)
    return finish(fig, source)


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
    return finish(fig)


# --- Chapter 6: architectures


@figure
def survivors(
    panes: Mapping[str, tuple[np.ndarray, np.ndarray]], source: str | None = None
) -> Figure:
    """Draw points as they came back, a panel a case, those that lost their place in orange.

    ``panes`` is a title -> (points (n, 2), y down; lost (n,) bool). All panels share the axes of
    the first.
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
    return finish(fig, source)
