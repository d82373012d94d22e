"""Arrays as grids of numbered cells: the drawing that Part 1 explains everything with."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from asl_helpers.plots.style import (
    DIVERGING,
    INK,
    ORANGE,
    RULE,
    WIDTH,
    figure,
    finish,
    panels,
    show_image,
    text_on,
)


def draw_cells(
    ax: Axes,
    values: np.ndarray,
    cmap: Colormap | str = DIVERGING,
    limits: tuple[float, float] | None = None,
    fontsize: float = 11,
    form: str = "{:g}",
) -> None:
    """Draw a 2-D array as cells, each with its number; NaN is an empty cell not yet computed.

    ``limits`` are the values at the ends of the colour map; without them they lie symmetrically
    around zero, a little beyond the largest value. ``form`` is a format for one value; the empty
    string writes no numbers.
    """
    values = np.asarray(values, dtype=float)
    reach = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 1.0
    reach = 1.4 * max(reach, 1e-12)  # the map's darkest ends would drown the numbers
    scale = Normalize(*(limits or (-reach, reach)))
    cmap = _colormap(cmap)
    for (row, column), value in np.ndenumerate(values):
        known = np.isfinite(value)
        color = cmap(scale(value)) if known else "none"
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=color, edgecolor=RULE, lw=0.8)
        )
        if known and form:
            ax.text(
                column,
                row,
                _written(value, form),
                ha="center",
                va="center",
                fontsize=fontsize,
                color=text_on(color),
            )
    blank(ax, values.shape)


def blank(ax: Axes, shape: tuple[int, int]) -> None:
    """Frame ``shape`` cells, row 0 on top, without ticks or spines."""
    rows, columns = shape
    ax.set(xlim=(-0.58, columns - 0.42), ylim=(rows - 0.42, -0.58), aspect="equal")
    ax.axis("off")


def outline(
    ax: Axes, row: float, column: float, height: int, width: int, color: str = ORANGE, **options
) -> None:
    """Draw a frame around ``height`` x ``width`` cells whose upper left one is (row, column)."""
    options = {"lw": 2.6, "fill": False, "zorder": 3, **options}
    ax.add_patch(
        Rectangle(
            (column - 0.5, row - 0.5), width, height, edgecolor=color, clip_on=False, **options
        )
    )


def cell_title(ax: Axes, text: str, **options) -> None:
    """Write a centred, plain title over a grid of cells."""
    ax.set_title(text, **{"loc": "center", "fontsize": 10.5, "fontweight": "normal", **options})


def sign_after(ax: Axes, sign: str, gap: float = 12, fontsize: float = 17) -> None:
    """Write a sign such as ``×`` or ``=`` to the right of an axis, ``gap`` points off its edge."""
    ax.annotate(
        sign,
        (1, 0.5),
        (gap, 0),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=fontsize,
        color=INK,
    )


@figure
def grids(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str],
    signs: Sequence[str] = (),
    frames: Sequence[tuple[int, int, int, int] | None] = (),
    form: str = "{:g}",
    fontsize: float = 11,
    height: float = 1.75,
) -> Figure:
    """Draw arrays as number grids in a row, with signs such as ``×`` or ``=`` between them.

    Parameters
    ----------
    arrays, titles:
        Two-dimensional arrays and a title for each.
    signs:
        What stands between array i and i + 1; fewer or none is fine.
    frames:
        For each array None, or (row, column, height, width) of cells to frame.
    form, fontsize, height:
        Format of one number, its size in points, and the figure's height in inches.
    """
    columns = [max(np.shape(array)[1], 2) for array in arrays]
    fig, axes = panels(1, len(arrays), WIDTH, height, width_ratios=columns)
    for index, (ax, array, title) in enumerate(zip(axes[0], arrays, titles, strict=True)):
        draw_cells(ax, array, form=form, fontsize=fontsize)
        cell_title(ax, title)
        if index < len(frames) and frames[index]:
            outline(ax, *frames[index])
        if index < len(signs) and signs[index]:
            sign_after(ax, signs[index])
    if signs:
        fig.get_layout_engine().set(wspace=0.14)
    return finish(fig)


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


def _written(value: float, form: str) -> str:
    """Return a number with a typographic minus; what rounds to zero is 0, not -0.0."""
    text = form.format(value)
    return text.replace("-", "−") if text.strip("-0.") else "0"


def _colormap(cmap: Colormap | str) -> Colormap:
    from matplotlib import colormaps

    return colormaps[cmap] if isinstance(cmap, str) else cmap
