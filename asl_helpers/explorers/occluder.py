"""A square that covers part of a picture, moved place by place, and what the model reads then."""

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.explorers.frame import (
    ExplorerError,
    card,
    dropdown,
    picture,
    stepper,
    swapped,
)
from asl_helpers.plots.style import ORANGE

_ZOOM, _LISTED = 4, 3


def occlusion_explorer(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    titles: Sequence[str],
    class_names: Sequence[str],
    patch: int = 8,
    places: int = 5,
) -> widgets.VBox:
    """Return a widget that covers a square of a picture and shows what the model reads then.

    A list chooses the picture, two sliders the square's row and column. Everything is computed
    beforehand, so the page needs no Python.

    Parameters
    ----------
    predict:
        From a batch of pictures, float32 (n, height, width, 1) in 0-1, to probabilities
        (n, classes).
    images:
        (n, height, width, 1) float32 in 0-1.
    titles:
        One a picture, such as its true letter; each of them different.
    class_names:
        The class of each probability.
    patch, places:
        Side of the square in pixels, and how many places it has along each side. It is filled with
        the picture's own mean.

    Raises
    ------
    ExplorerError
        If pictures and titles do not go together, or the square does not fit.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or images.shape[-1] != 1 or len(set(titles)) != len(images):
        raise ExplorerError(
            f"Expected pictures (n, height, width, 1) and n different titles; got {images.shape} "
            f"and {list(titles)}."
        )
    height, width = images.shape[1:3]
    if not 1 <= patch <= min(height, width) or places < 2:
        raise ExplorerError(
            f"A square of {patch} pixels in {places} places a side does not fit pictures of "
            f"{height} x {width}: take a smaller patch, and at least 2 places."
        )
    rows, columns = (
        np.linspace(0, side - patch, places).round().astype(int) for side in (height, width)
    )
    down, across = stepper("Row", places - 1), stepper("Column", places - 1)
    tabs = []
    for image, title in zip(images, titles, strict=True):
        corners = [(row, column) for row in rows for column in columns]
        covered = np.repeat(image[None], len(corners) + 1, axis=0)
        for copy, (row, column) in zip(covered[1:], corners, strict=True):
            copy[row : row + patch, column : column + patch] = image.mean()
        probs = np.asarray(predict(covered))
        pages = [
            widgets.HTML(_page(each, title, corner, patch, _best(probs[0], now, class_names)))
            for each, corner, now in zip(covered[1:], corners, probs[1:], strict=True)
        ]
        lines = [
            swapped(across, pages[start : start + places]) for start in range(0, len(pages), places)
        ]
        tabs.append(swapped(down, lines))
    choice = dropdown("Picture", list(titles))
    return card([choice, down, across], swapped(choice, tabs))


def _best(
    whole: np.ndarray, covered: np.ndarray, class_names: Sequence[str]
) -> list[tuple[str, float, float]]:
    """Return the classes with the largest shares now: (name, share without the square, with it).

    The class that the whole picture was read as is always among them.
    """
    order = list(np.argsort(-covered, kind="stable")[:_LISTED])
    if whole.argmax() not in order:
        order[-1] = int(whole.argmax())
    return [(class_names[place], float(whole[place]), float(covered[place])) for place in order]


def _page(
    image: np.ndarray,
    title: str,
    corner: tuple[int, int],
    patch: int,
    shares: list[tuple[str, float, float]],
) -> str:
    """Return one panel: the covered picture, and a row for each of the likeliest letters."""
    pixels = np.repeat((255 * image).round().astype(np.uint8), 3, axis=-1)
    large = pixels.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
    top, left, side = _ZOOM * corner[0], _ZOOM * corner[1], _ZOOM * patch
    frame = np.zeros(large.shape[:2], bool)
    frame[top : top + side, left : left + side] = True
    frame[top + 2 : top + side - 2, left + 2 : left + side - 2] = False
    large[frame] = [int(ORANGE[place : place + 2], 16) for place in (1, 3, 5)]
    where = f"rows {corner[0]}–{corner[0] + patch - 1}, columns {corner[1]}–{corner[1] + patch - 1}"
    before, now = (max(shares, key=lambda share: share[column])[0] for column in (1, 2))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{whole:.0%}</td><td>{covered:.0%}</td>'
        f'<td class="asl-bar"><div style="width:{100 * covered:.0f}%"></div></td></tr>'
        for name, whole, covered in shares
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("letter", "whole", "covered"))
    head = f'<tr>{head}<td class="asl-bar"></td></tr>'
    verdict = f"Still read as {now}." if now == before else f"Now read as {now}, not as {before}."
    return (
        f'<div class="asl-row">{picture(large, f"{title}, covered at {where}", where)}'
        f'<table class="asl-bars asl-beside"><thead>{head}</thead>'
        f"<tbody>{rows}</tbody></table></div><p>{escape(verdict)}</p>"
    )
