"""Figures of Part 1: from the sliding window to the architectures."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Polygon
from matplotlib.ticker import PercentFormatter

from asl_helpers.figures.grids import blank, cell_title, draw_cells, outline, sign_after
from asl_helpers.figures.style import (
    AMBER,
    BLUE,
    CYCLE,
    DASHES,
    DIVERGING,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SEQUENTIAL,
    SKY,
    WIDTH,
    canvas,
    figure,
    finish,
    panels,
    show_image,
)
from asl_helpers.scratch import corr2d, output_size, pad_widths

_PIXEL = {"fill": True, "facecolor": "#dbeaf4", "lw": 0.8, "zorder": 1}

_ZERO = {"linestyle": ":", "lw": 0.9, "zorder": 1}

BINS, FEWEST = 10, 10

"""Bins of confidence, of equal width, in the reliability diagrams; answers a drawn bin holds."""


@figure
def pixel_values(image: np.ndarray, corner: tuple[int, int], size: int, source=None) -> Figure:
    """Show a grey image with a frame, and the numbers inside the frame beside it.

    Parameters
    ----------
    image:
        (height, width) uint8.
    corner, size:
        Row and column of the frame's upper left pixel, and its side in pixels.
    source:
        Where the image comes from; printed below.
    """
    row, column = corner
    patch = image[row : row + size, column : column + size]
    fig, ((left, right),) = panels(1, 2, WIDTH, 2.9)
    show_image(left, image)
    outline(left, row, column, size, size)
    draw_cells(right, patch, cmap="gray", limits=(0, 255), fontsize=11)
    outline(right, 0, 0, size, size)
    cell_title(left, f"{image.shape[0]} × {image.shape[1]} pixels")
    cell_title(right, f"rows {row}–{row + size - 1}, columns {column}–{column + size - 1}")
    return finish(fig, source)


@figure
def sliding_window(
    image: np.ndarray, kernel: np.ndarray, places: Sequence[tuple[int, int]]
) -> Figure:
    """Show a kernel at a few places of a small image, and the output filled in so far.

    Parameters
    ----------
    image, kernel:
        (height, width) and (kernel height, kernel width); small whole numbers read best.
    places:
        Output positions (m, n) in reading order, a column of the figure each.
    """
    full = corr2d(image, kernel)
    rows, columns = kernel.shape
    fig, axes = panels(2, len(places), WIDTH, 4.1, height_ratios=[image.shape[0], full.shape[0]])
    for (above, below), (m, n) in zip(axes.T, places, strict=True):
        draw_cells(above, image, cmap="gray", limits=(-0.6 * image.max(), image.max()), fontsize=11)
        outline(above, m, n, rows, columns)
        done = np.arange(full.size).reshape(full.shape) <= m * full.shape[1] + n
        draw_cells(below, np.where(done, full, np.nan), fontsize=11)
        outline(below, m, n, 1, 1)
        cell_title(above, f"window at ({m}, {n})")
        cell_title(below, f"Y[{m}, {n}] = {full[m, n]:g}".replace("-", "−"))
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
    source:
        Where the image comes from; printed below.
    """
    maps = [corr2d(image, kernel) for kernel in kernels.values()] if maps is None else maps
    across = min(len(kernels) + 1, 5)
    bands = -(-(len(kernels) + 1) // across)
    size = 11 if across < 5 else 9
    fig, axes = panels(2 * bands, across, WIDTH, (2 * WIDTH / across + 0.55) * bands)
    for ax in axes.flat:
        ax.axis("off")
    show_image(axes[1, 0], image, **({"vmin": 0, "vmax": 1} if image.dtype.kind == "f" else {}))
    axes[1, 0].axis("on")
    cell_title(axes[1, 0], "image X")
    for place, ((title, kernel), result) in enumerate(zip(kernels.items(), maps, strict=True), 1):
        band, column = divmod(place, across)
        above, below = axes[2 * band : 2 * band + 2, column]
        draw_cells(above, kernel, fontsize=size, form="{:.2g}" if numbers else "")
        cell_title(above, title)
        reach = np.abs(result).max()
        below.axis("on")
        show_image(below, result, cmap=DIVERGING, vmin=-reach, vmax=reach)
    return finish(fig, source)


@figure
def padding_and_stride(size: int, kernel: int, settings: Sequence[tuple[str | int, int]]) -> Figure:
    """Show where a kernel lands on a square image, a panel for each (padding, stride).

    The image's cells are filled and the zeros around it dashed; the first window is framed, and a
    dot marks the centre of every window: one output value each.
    """
    margin = max(max(pad_widths(size, kernel, stride, pad)) for pad, stride in settings)
    fig, axes = panels(1, len(settings), WIDTH, 2.1)
    for ax, (padding, stride) in zip(axes[0], settings, strict=True):
        before, after = pad_widths(size, kernel, stride, padding)
        out = output_size(size, kernel, stride, padding)
        cells = range(-before, size + after)
        blank(ax, (size + 2 * margin, size + 2 * margin))
        for row, column in itertools.product(cells, cells):
            inside = 0 <= row < size and 0 <= column < size
            color, look = (RULE, _PIXEL) if inside else (MUTED, _ZERO)
            outline(ax, row + margin, column + margin, 1, 1, color, **look)
        start = margin - before
        outline(ax, start, start, kernel, kernel, ORANGE, lw=2.4)
        outline(ax, start, start + stride, kernel, kernel, BLUE, lw=2.4, linestyle=(0, (3, 1.5)))
        centres = start + (kernel - 1) / 2 + stride * np.arange(out)
        across, down = np.meshgrid(centres, centres)
        ax.plot(across.ravel(), down.ravel(), "o", color=INK, markersize=4, zorder=4)
        cell_title(ax, f"{padding}, stride {stride}")
        ax.text(0.5, -0.01, f"{size} → {out}", transform=ax.transAxes, ha="center", va="top")
    return finish(fig)


@figure
def channel_sum(
    image: np.ndarray, kernel: np.ndarray, bias: float = 0.0, source: str | None = None
) -> Figure:
    """Show a colour image channel by channel: kernel, map, and the sum of the three maps.

    The first column holds the picture, its grey version, and for comparison the map that the red
    channel's weights make of the grey version; all maps share one colour scale.

    Parameters
    ----------
    image:
        (height, width, 3), values 0-1.
    kernel:
        (kernel height, kernel width, 3).
    bias:
        Added to the sum.
    source:
        Where the image comes from; printed below.
    """
    grey = image.mean(axis=-1)
    maps = [corr2d(image[..., c], kernel[..., c]) for c in range(3)]
    total, plain = sum(maps) + bias, corr2d(grey, kernel[..., 0])
    reach = max(np.abs(layer).max() for layer in [*maps, total])
    signed = {"cmap": DIVERGING, "vmin": -reach, "vmax": reach}
    weight = 1.4 * np.abs(kernel).max()
    fig, axes = panels(3, 5, WIDTH, 3.6)
    show_image(axes[0, 0], image)
    show_image(axes[1, 0], grey, vmin=0, vmax=1)
    show_image(axes[2, 0], plain, **signed)
    for ax, title in zip(axes[:, 0], ("picture", "in grey", "grey’s map"), strict=True):
        cell_title(ax, title)
    for c, (name, tint) in enumerate(zip(("red", "green", "blue"), np.eye(3), strict=True)):
        plane, weights, result, last = axes[c, 1:]
        show_image(plane, image[..., c, None] * tint)
        cell_title(plane, f"{name}, c = {c}")
        draw_cells(weights, kernel[..., c], fontsize=10, limits=(-weight, weight))
        cell_title(weights, f"K[:, :, {c}]")
        show_image(result, maps[c], **signed)
        cell_title(result, "map")
        last.axis("off")
    middle = axes[1, 4]
    middle.axis("on")
    show_image(middle, total, **signed)
    cell_title(middle, "sum + b", fontweight="bold")
    for c in range(3):
        _arrow(axes[c, 3], (1.0, 0.5), middle, (0.0, 0.5))
    return finish(fig, source)


@figure
def receptive_field(layers: Sequence[tuple[int, int]], width: int = 13, ax=None) -> Figure:
    """Show, in a cross-section, which cells of each layer one last value depends on.

    Parameters
    ----------
    layers:
        (kernel, stride) of each layer, first layer first.
    width:
        Cells of the input to draw; odd.
    ax:
        An axis to draw in; None makes a figure.
    """
    fig, ax = canvas(ax, height=0.9 * len(layers) + 1.3)
    spans, steps = [(0.0, 0.0)], [1]
    for _, stride in layers:
        steps.append(steps[-1] * stride)
    reach = 1
    fields = [1]
    for kernel, stride in reversed(layers):
        reach = (reach - 1) * stride + kernel
        fields.append(reach)
    fields = fields[::-1]  # cells of each layer that the last value depends on, input first
    spans = [(field - 1) / 2 * step for field, step in zip(fields, steps, strict=True)]
    for level, (field, step, span) in enumerate(zip(fields, steps, spans, strict=True)):
        half = (width - 1) // 2
        places = np.arange(-(half // step), half // step + 1) * step
        if not np.isclose((span / step) % 1, 0):  # an even field has its centre between two cells
            places = np.arange(-(half // step), half // step) * step + step / 2
        for place in places:
            seen = abs(place) <= span + 1e-9
            ax.add_patch(
                Polygon(
                    _square(place, level * 1.7, 0.46),
                    facecolor=SKY if seen else "none",
                    edgecolor=BLUE if seen else RULE,
                    lw=1.4 if seen else 0.8,
                )
            )
        name = "input" if level == 0 else f"layer {level}"
        ax.text(-half - 1.1, level * 1.7, name, ha="right", va="center", fontsize=10)
        ax.text(half + 0.9, level * 1.7, f"{field}", ha="left", va="center", fontweight="bold")
        if level:
            kernel = layers[level - 1][0]
            below = steps[level - 1] * (kernel - 1) / 2
            for place in (-span, span):
                for edge in (-below, below):
                    ax.plot(
                        [place, place + edge],
                        [level * 1.7 - 0.5, (level - 1) * 1.7 + 0.5],
                        color=MUTED,
                        lw=1,
                    )
    ax.set(
        xlim=(-width / 2 - 3.2, width / 2 + 1.6),
        ylim=(-0.7, 1.7 * len(layers) + 0.7),
        aspect="equal",
    )
    ax.axis("off")
    return finish(fig)


@figure
def kernel_learning(
    snapshots: Mapping[int, np.ndarray], losses: Sequence[float], target: np.ndarray
) -> Figure:
    """Show a kernel on its way to the target, over the loss of every step.

    Parameters
    ----------
    snapshots:
        Step number -> the kernel then; all of one shape.
    losses:
        The loss at each step, from step 0.
    target:
        The kernel that made the outputs.
    """
    fig, axes = panels(2, len(snapshots) + 1, WIDTH, 4.2, height_ratios=[1, 1.35])
    reach = 1.4 * np.abs(target).max()
    shown = {f"step {step}": kernel for step, kernel in snapshots.items()} | {"true": target}
    for ax, (title, kernel) in zip(axes[0], shown.items(), strict=True):
        draw_cells(ax, kernel, limits=(-reach, reach), fontsize=10, form="{:.1f}")
        cell_title(ax, title, fontweight="bold" if title == "true" else "normal")
    for ax in axes[1]:
        ax.remove()
    ax = fig.add_subplot(axes[1, 0].get_gridspec()[1, :])
    ax.semilogy(losses, color=BLUE)
    steps = [step for step in snapshots if step < len(losses)]
    ax.plot(steps, [losses[step] for step in steps], "o", color=ORANGE, clip_on=False)
    ax.set(xlabel="step", ylabel="mean squared error")
    ax.margins(x=0.02)
    return finish(fig)


def _square(x: float, y: float, half: float) -> list[tuple[float, float]]:
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def _arrow(left, start, right, end) -> None:
    arrow = ConnectionPatch(
        start,
        end,
        "axes fraction",
        "axes fraction",
        axesA=left,
        axesB=right,
        arrowstyle="-|>",
        mutation_scale=11,
        color=AMBER,
        lw=1.6,
    )
    left.figure.add_artist(arrow)


@figure
def activations(x: np.ndarray, functions: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw activations on the left and their derivatives on the right, over the same x.

    Parameters
    ----------
    x:
        (n,) increasing.
    functions:
        A name -> (values, derivatives), (n,) each; three at most.
    """
    fig, ((left, right),) = panels(1, 2, WIDTH, 2.9)
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
    maps: Mapping[str, np.ndarray],
    signs: Sequence[str] = (),
    reach: float | None = None,
    source: str | None = None,
) -> Figure:
    """Show feature maps side by side on one scale of colours around zero.

    Parameters
    ----------
    maps:
        A title -> (height, width) each.
    signs:
        What stands between map i and i + 1.
    reach:
        The value of the darkest colours; None takes the largest there is.
    source:
        Where the image comes from; printed below.
    """
    reach = max(np.abs(values).max() for values in maps.values()) if reach is None else reach
    fig, axes = panels(1, len(maps), WIDTH, 0.85 * WIDTH / len(maps) + 0.55)
    for index, (ax, (title, values)) in enumerate(zip(axes[0], maps.items(), strict=True)):
        show_image(ax, values, cmap=DIVERGING, vmin=-reach, vmax=reach)
        cell_title(ax, title)
        if index < len(signs):
            sign_after(ax, signs[index], gap=8, fontsize=15)
    if signs:
        fig.get_layout_engine().set(wspace=0.12)
    return finish(fig, source)


@figure
def channel_spread(stages: Mapping[str, np.ndarray], source: str | None = None) -> Figure:
    """Draw how the values of each channel are spread, a panel a stage.

    Parameters
    ----------
    stages:
        A title -> (batch, ..., channels); four channels at most, the same in every stage.
    source:
        Where the data come from; printed small below.
    """
    fig, axes = panels(1, len(stages), WIDTH, 2.9, sharey=True)
    for ax, (title, values) in zip(axes[0], stages.items(), strict=True):
        flat = np.asarray(values).reshape(-1, np.shape(values)[-1])
        low, high = np.percentile(flat, [0.2, 99.8])
        edges = np.linspace(low - 0.05 * (high - low), high + 0.05 * (high - low), 50)
        for channel, (color, dash) in enumerate(zip(CYCLE[: flat.shape[1]], DASHES, strict=False)):
            share = np.histogram(flat[:, channel], edges)[0] / len(flat)
            middle = (edges[1:] + edges[:-1]) / 2
            ax.plot(middle, share, color=color, linestyle=dash, lw=1.8, label=f"c = {channel}")
        ax.axvline(0, color=MUTED, lw=0.8, zorder=0)
        ax.set(xlabel="value", title=title)
    axes[0, 0].set(ylabel="share of the values", ylim=(0, None))
    axes[0, -1].legend(loc="upper right", handlelength=2.4, borderaxespad=0)
    return finish(fig, source)


@figure
def log_loss(marks: Mapping[str, float], ax: Axes | None = None) -> Figure:
    """Draw the loss -log(p) over the true class's probability p, with named marks on it.

    Parameters
    ----------
    marks:
        A name -> a probability, in 0.01-1.
    ax:
        An axis to draw in; None makes a figure.
    """
    fig, ax = canvas(ax, height=3.0)
    probs = np.linspace(0.01, 1, 400)
    ax.plot(probs, -np.log(probs), color=BLUE)
    for name, prob in marks.items():
        ax.plot(prob, -np.log(prob), "o", color=ORANGE, clip_on=False, zorder=3)
        # A name near the right edge stands to the left of its mark.
        offset, side = ((8, 5), "left") if prob < 0.7 else ((4, 14), "right")
        ax.annotate(
            name,
            (prob, -np.log(prob)),
            offset,
            textcoords="offset points",
            fontsize=10.5,
            ha=side,
        )
    ax.set(
        xlabel="probability given to the true class",
        ylabel="loss, −log p",
        xlim=(0, 1.0),
        ylim=(0, 4.8),
    )
    ax.grid(axis="y")
    return finish(fig)


@figure
def loss_comparison(
    runs: Mapping[str, Mapping[str, Sequence[float]]],
    floor: tuple[str, float] | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the training loss and accuracy of several runs over the epochs.

    Parameters
    ----------
    runs:
        A name -> the ``history`` of a Keras fit, with ``loss`` and ``accuracy``.
    floor:
        A name and a loss below which some run cannot come, drawn as a dotted line.
    source:
        Where the data come from; printed below.
    """
    fig, axes = panels(1, 2, WIDTH, 3.5)
    styles = ("-", "--", "-.", ":")
    for (name, history), color, line in zip(runs.items(), CYCLE, styles, strict=False):
        for ax, key in zip(axes[0], ("loss", "accuracy"), strict=True):
            epochs = np.arange(1, len(history[key]) + 1)
            ax.plot(epochs, history[key], line, color=color, label=name)
    if floor:
        name, value = floor
        axes[0, 0].axhline(value, color=MUTED, lw=1, ls=":")
        end = (1, value)
        axes[0, 0].annotate(
            name,
            end,
            (-2, -3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=9.5,
            color=MUTED,
        )
    axes[0, 0].set(title="Training loss", xlabel="epoch", ylim=(0, None))
    axes[0, 1].set(title="Training accuracy", xlabel="epoch", ylim=(0, 1.02))
    axes[0, 1].yaxis.set_major_formatter(PercentFormatter(1.0))
    for ax in axes[0]:
        ax.grid(axis="y")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper left", ncols=1, handlelength=3)
    return finish(fig, source)


@figure
def descent_paths(
    loss: Callable[[np.ndarray], np.ndarray],
    paths: Mapping[str, np.ndarray],
    extent: tuple[float, float, float, float] = (-10, 5, -2.6, 2.6),
) -> Figure:
    """Draw ways over a surface of two weights, a panel each, on lines of equal loss.

    Parameters
    ----------
    loss:
        From places (..., 2) to losses (...); its lowest place is taken to be (0, 0).
    paths:
        A title -> (steps + 1, 2) places, the start first.
    extent:
        Least and greatest first weight, least and greatest second weight; a path that leaves it
        is cut off there.
    """
    left, right, low, high = extent
    height = (WIDTH - 0.5) * (high - low) / (right - left) + 0.34
    fig, axes = panels(len(paths), 1, WIDTH, height * len(paths) + 0.3, sharex=True)
    first, second = np.meshgrid(np.linspace(left, right, 200), np.linspace(low, high, 100))
    heights = np.sqrt(loss(np.stack([first, second], axis=-1)))  # lines closer on the slope
    for ax, (title, path) in zip(axes[:, 0], paths.items(), strict=True):
        ax.contour(first, second, heights, 12, cmap=SEQUENTIAL, linewidths=0.8, alpha=0.75)
        with np.errstate(invalid="ignore"):
            shown = np.clip(path, -1e3, 1e3)  # what diverges would overflow the drawing
        ax.plot(*shown.T, "o-", color=ORANGE, markersize=3.2, lw=1.4)
        ax.plot(*shown[0], "o", color=INK, markersize=6)
        ax.plot(0, 0, "*", color=BLUE, markersize=11, markeredgecolor="white", zorder=4)
        ax.set_title(title)
        ax.set(xlim=(left, right), ylim=(low, high), aspect="equal", yticks=[-2, 0, 2])
        ax.tick_params(labelsize=10)
    axes[-1, 0].set_xlabel("first weight")
    axes[len(paths) // 2, 0].set_ylabel("second weight")
    return finish(fig)


@figure
def rate_sweep(
    rates: Sequence[float],
    losses: Mapping[str, Sequence[float]],
    start: float,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw the loss after a fixed number of steps over the learning rate, a line an optimizer.

    Parameters
    ----------
    rates:
        (n,) learning rates, drawn on a logarithmic axis.
    losses:
        A name -> (n,) losses; what is above 1.15 times ``start`` is drawn at the upper edge.
    start:
        The loss before the first step, a dotted line.
    ax:
        An axis to draw in; None makes a figure.
    source:
        Where the data come from; printed small below.
    """
    fig, ax = canvas(ax, height=3.5)
    styles, marks = ("-", "--", "-.", ":"), ("o", "s", "^", "D")
    ceiling = 1.15 * start
    colors = (MUTED, ORANGE, GREEN, BLUE, *CYCLE)
    for (name, values), line, mark, color in zip(
        losses.items(), styles, marks, colors, strict=False
    ):
        shown = np.minimum(np.nan_to_num(values, nan=np.inf), ceiling)
        ax.semilogx(rates, shown, line, marker=mark, markersize=5, color=color, label=name)
    ax.axhline(start, color=MUTED, lw=0.9, ls=":")
    ax.annotate(
        "before the first step",
        (0.1, start),
        (0, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="bottom",
        fontsize=9.5,
        color=MUTED,
    )
    ax.set(xlabel="learning rate", ylabel="loss at the end", ylim=(0, 1.05 * ceiling))
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.grid(axis="y")
    fig.legend(loc="outside upper left", ncols=2, handlelength=3.2)
    return finish(fig, source)


@figure
def survivors(
    panes: Mapping[str, tuple[np.ndarray, np.ndarray]], source: str | None = None
) -> Figure:
    """Draw points as they came back, a panel a case, those that lost their place in orange.

    Parameters
    ----------
    panes:
        A title -> (points (n, 2), y down; lost (n,) bool). All panels share the axes of the first.
    source:
        Where the points come from; printed small below.
    """
    rows = math.ceil(len(panes) / 3)
    fig, axes = panels(rows, min(len(panes), 3), WIDTH, 2.15 * rows)
    first = next(iter(panes.values()))[0]
    reach = 1.12 * np.abs(first).max()
    for ax, (title, (points, lost)) in zip(axes.flat, panes.items(), strict=False):
        ax.scatter(*points[~lost].T, s=7, color=BLUE, linewidths=0)
        ax.scatter(*points[lost].T, s=10, color=ORANGE, marker="D", linewidths=0)
        ax.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal", xticks=[], yticks=[])
        ax.set_title(title, loc="center", fontsize=10.5, fontweight="normal")
        for spine in ax.spines.values():
            spine.set(visible=True, color=RULE)
    for ax in axes.flat[len(panes) :]:
        ax.axis("off")
    return finish(fig, source)
