"""Images, and arrays of numbered cells, in rows: with titles, words or heat on them."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from textwrap import fill

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from asl_helpers.figures.style import (
    DIVERGING,
    INK,
    ORANGE,
    RULE,
    WIDTH,
    figure,
    minus,
    panel_title,
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

    ``limits`` are the values at the ends of the color map; without them they lie symmetrically
    around zero, a little beyond the largest value. ``form`` is a format for one value; the empty
    string writes no numbers.
    """
    values = np.asarray(values, dtype=float)
    # 1.4: the map's darkest ends would drown the numbers.
    reach = 1.4 * max(np.abs(np.nan_to_num(values)).max(), 1e-12)
    scale = Normalize(*(limits or (-reach, reach)))
    cmap = colormaps[cmap] if isinstance(cmap, str) else cmap
    for (row, column), value in np.ndenumerate(values):
        empty = np.isnan(value)
        color = "none" if empty else cmap(scale(value))
        outline(ax, row, column, 1, 1, RULE, lw=0.8, fill=True, facecolor=color, zorder=1)
        if form and not empty:
            text = form.format(value)
            text = minus(text) if text.strip("-0.") else "0"  # what rounds to zero is not -0.0
            look = {"fontsize": fontsize, "color": text_on(color)}
            ax.text(column, row, text, ha="center", va="center", **look)
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
    options = {"lw": 2.6, "fill": False, "zorder": 3, "edgecolor": color, **options}
    ax.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, clip_on=False, **options))


def sign_after(ax: Axes, sign: str, gap: float = 12, fontsize: float = 17) -> None:
    """Write a sign such as ``×`` or ``=`` to the right of an axis, ``gap`` points off its edge."""
    ax.annotate(
        sign, (1, 0.5), (gap, 0), xycoords="axes fraction", textcoords="offset points",
        ha="center", va="center", fontsize=fontsize, color=INK,
    )  # fmt: skip


@figure
def numbers(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str],
    signs: Sequence[str] = (),
    frames: Sequence[tuple[int, int, int, int] | None] = (),
    form: str = "{:g}",
) -> Figure:
    """Draw 2-D arrays as grids of numbers in a row, signs such as ``×`` or ``=`` between them.

    ``frames`` has for each array None or the (row, column, height, width) of cells to frame, and
    ``form`` is the format of one number.
    """
    columns = [max(np.shape(array)[1], 2) for array in arrays]
    fig, axes = panels(1, len(arrays), 1.75, width_ratios=columns)
    given = zip_longest(axes[0], arrays, titles, signs, frames)
    for ax, array, title, sign, frame in given:
        draw_cells(ax, array, form=form)
        panel_title(ax, title)
        if frame:
            outline(ax, *frame)
        if sign:
            sign_after(ax, sign)
    if signs:
        fig.get_layout_engine().set(wspace=0.14)
    return fig


@figure
def image_grid(
    images: np.ndarray | Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int = 6,
    frames: Sequence[str | None] | None = None,
) -> Figure:
    """Draw images (height, width[, channels]) in rows of ``columns``, each under its title.

    ``frames`` has the color of a thick border for each image, or None for a hairline.
    """
    count = len(images)
    titles, frames = titles or [None] * count, frames or [None] * count
    rows = max(1, -(-count // columns))
    lines = max((title.count("\n") + 1 if title else 0 for title in titles), default=0)
    tall = np.shape(images[0])[0] / np.shape(images[0])[1] if count else 1.0
    fig, axes = panels(rows, columns, rows * (tall * WIDTH / columns + 0.17 * lines) + 0.35)
    for ax in axes.flat[count:]:
        ax.set_axis_off()
    if not count:
        axes[0, 0].text(0, 0.5, "no images", va="center")
    for ax, image, title, frame in zip(axes.flat, images, titles, frames, strict=False):
        show_image(ax, image, title, frame)
    return fig


@figure
def image_rows(
    rows: Sequence[tuple[Sequence[np.ndarray], str, str]], titles: Sequence[str] = ()
) -> Figure:
    """Draw rows of images, the same number in each, with a heading and words beside them.

    ``rows`` are (images, heading, words); ``titles`` stand above the columns of images.
    """
    count = len(rows[0][0])
    side = min(1.3, 3.8 / count)
    beside = WIDTH - side * count
    ratios = [1] * count + [beside / side]
    fig, axes = panels(len(rows), count + 1, side * len(rows) + 0.45, width_ratios=ratios)
    for row, (images, heading, words) in zip(axes, rows, strict=True):
        for ax, image in zip(row, images, strict=False):
            show_image(ax, image)
        text = "\n".join(fill(line, round(13.5 * beside)) for line in words.splitlines())
        # Out of the layout, or a long description would push the rows apart.
        look = {"va": "top", "in_layout": False}
        row[-1].set_axis_off()
        row[-1].text(0.02, 0.98, heading, fontsize=11.5, fontweight="bold", **look)
        row[-1].text(0.02, 0.74, text, fontsize=9.5, **look)
    for ax, title in zip(axes[0], titles, strict=False):
        panel_title(ax, title)
    return fig


def class_rows(
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    classes: Sequence[str],
    words: Mapping[str, str],
    source: str | None = None,
) -> Figure:
    """Draw four images of each of some classes, spread evenly over it, with the class in words.

    ``labels`` (n,) index ``class_names``; ``words`` describe a class, as ``alphabet.HANDSHAPE``.
    """
    rows = []
    for name in classes:
        members = np.flatnonzero(labels == list(class_names).index(name))
        spread = members[np.linspace(0, len(members) - 1, 4).astype(int)]
        rows.append((images[spread], name, words.get(name, "")))
    return image_rows(rows, source=source)


@figure
def heat_rows(images: np.ndarray, maps: Mapping[str, np.ndarray], titles: Sequence[str]) -> Figure:
    """Draw up to six images in a row, and below it a row for each kind of map, laid over them.

    Blue is evidence for the class, orange evidence against it; the deepest color of an image is
    its own largest value, so that colors compare places within one image only. ``images`` are
    (n, height, width[, 1]), ``maps`` a row's name -> (n, height, width).
    """
    images = np.asarray(images, dtype=float).reshape(*np.shape(images)[:3])
    images = images / (255 if images.max(initial=0) > 1 else 1)
    rows, columns = 1 + len(maps), len(images)
    side = min(1.45, (WIDTH - 1.1) / columns)
    fig, axes = panels(rows, columns, rows * side + 0.55, 1.1 + columns * side)
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        show_image(ax, image, vmin=0, vmax=1)
        panel_title(ax, title)
    for row, heat in zip(axes[1:], maps.values(), strict=True):
        for ax, image, values in zip(row, images, heat, strict=True):
            show_image(ax, _heated(image, values))
    for ax, name in zip(axes[:, 0], ("picture", *maps), strict=True):
        ax.set_ylabel(fill(name, 13), fontsize=10, rotation=0, ha="right", va="center", labelpad=8)
    return fig


def _heated(image: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return a pale grey image with the map's colors on it, (height, width, 3) in 0-1."""
    share = values / max(float(np.abs(values).max()), 1e-9)
    color = DIVERGING(np.where(share >= 0, 0.92, 0.1))[..., :3]
    amount = (np.abs(share) ** 0.8)[..., None] * 0.85
    pale = 0.35 + 0.65 * image[..., None]
    return pale * (1 - amount) + color * amount
