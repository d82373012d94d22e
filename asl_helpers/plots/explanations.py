"""Figures of why a model answers as it does: heat over pictures, and pairs that it confuses."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.plots.cells import cell_title
from asl_helpers.plots.style import (
    BLUE,
    DIVERGING,
    MUTED,
    ORANGE,
    WIDTH,
    figure,
    finish,
    panels,
    show_image,
)


@figure
def heat_rows(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    titles: Sequence[str],
    source: str | None = None,
) -> Figure:
    """Draw pictures in a row, and below it a row for each kind of map, laid over the pictures.

    Blue is evidence for the class, orange evidence against it; the deepest colour of a picture is
    its own largest value, so that colours compare places within one picture only.

    Parameters
    ----------
    images:
        (n, height, width) or (n, height, width, 1), uint8 or float in 0-1; six at most.
    maps:
        The name of a row -> (n, height, width); negative values speak against the class.
    titles:
        One a picture.
    source:
        Where the pictures come from; printed below.
    """
    images = np.asarray(images, dtype=float).reshape(*np.shape(images)[:3])
    images = images / (255 if images.max(initial=0) > 1 else 1)
    rows, columns = 1 + len(maps), len(images)
    side = min(1.45, (WIDTH - 1.1) / columns)
    fig, axes = panels(rows, columns, 1.1 + columns * side, rows * side + 0.55)
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        show_image(ax, image, cmap="gray", vmin=0, vmax=1)
        cell_title(ax, title)
    for row, heat in zip(axes[1:], maps.values(), strict=True):
        for ax, image, values in zip(row, images, heat, strict=True):
            show_image(ax, _heated(image, values))
    for ax, name in zip(axes[:, 0], ("picture", *maps), strict=True):
        ax.set_ylabel(fill(name, 13), fontsize=10, rotation=0, ha="right", va="center", labelpad=8)
    return finish(fig, source)


def _heated(image: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return a pale grey picture with the map's colours on it, (height, width, 3) in 0-1."""
    share = values / max(float(np.abs(values).max()), 1e-9)
    color = DIVERGING(np.where(share >= 0, 0.92, 0.1))[..., :3]
    amount = (np.abs(share) ** 0.8)[..., None] * 0.85
    pale = 0.35 + 0.65 * image[..., None]
    return pale * (1 - amount) + color * amount


@figure
def confused_pairs(
    misread: Sequence[np.ndarray],
    examples: Sequence[np.ndarray],
    pairs: Sequence[tuple[str, str]],
    shares: Sequence[float],
    words: Mapping[str, str],
    source: str | None = None,
) -> Figure:
    """Draw a row for each pair: a misread picture, one of the letter it was taken for, and words.

    Parameters
    ----------
    misread, examples:
        For each pair a picture of the true class that was misread, and one of the class it was
        read as, (height, width[, channels]).
    pairs:
        (true, read as).
    shares:
        How many of the true class's pictures are read so, 0-1.
    words:
        A description of each class, such as ``alphabet.HANDSHAPE``.
    """
    side = 1.3
    fig, axes = panels(
        len(pairs),
        3,
        WIDTH,
        side * len(pairs) + 0.45,
        gridspec_kw={"width_ratios": [1, 1, (WIDTH - 2 * side) / side]},
    )
    given = zip(axes, misread, examples, pairs, shares, strict=True)
    for (left, middle, right), wrong, example, (true, read), share in given:
        show_image(left, wrong, f"is {true}, read as {read}", frame=ORANGE)
        show_image(middle, example, f"{read}, from training", frame=BLUE)
        right.set_axis_off()
        head = f"{share:.0%} of {true} read as {read}"
        text = "\n".join(fill(f"{name}: {words.get(name, '')}", 36) for name in (true, read))
        for words_here, place, look in (
            (head, 1.0, {"fontsize": 10.5, "fontweight": "bold"}),
            (text, 0.8, {"fontsize": 9, "color": MUTED, "linespacing": 1.2}),
        ):
            # Out of the layout, or a long description would push the rows apart.
            right.text(0, place, words_here, va="top", in_layout=False, **look)
    return finish(fig, source)
