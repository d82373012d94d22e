"""Figures of the chapter on convolution: the sliding window, padding, channels, learned kernels."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Polygon

from asl_helpers.plots.cells import blank, cell_title, draw_cells, outline
from asl_helpers.plots.style import (
    AMBER,
    BLUE,
    DIVERGING,
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
    show_image,
)
from asl_helpers.scratch import corr2d, output_size, pad_widths

_PIXEL = {"fill": True, "facecolor": "#dbeaf4", "lw": 0.8, "zorder": 1}
_ZERO = {"linestyle": ":", "lw": 0.9, "zorder": 1}


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
