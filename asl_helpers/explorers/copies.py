"""When are two pictures the same photograph? A threshold to move, and what it lets through."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.datasets.grouping import fingerprints, near_copies
from asl_helpers.explorers.frame import ExplorerError, card, dropdown, picture, swapped
from asl_helpers.plots.style import BLUE, INK, MUTED, RULE

THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Correlations from which on two pictures may count as copies."""

_WIDTH, _HEIGHT, _LOWEST = 360, 110, 0.5


def copies_explorer(
    classes: Mapping[str, np.ndarray], thresholds: Sequence[float] = THRESHOLDS, start: float = 0.95
) -> widgets.VBox:
    """Return a widget that groups the pictures of a class by a threshold of one's own choice.

    A list chooses the class, a slider the threshold. Each panel shows how alike the pictures are
    to their nearest one, the pair that the threshold lets in last and the one that it leaves out
    first, and how many groups come of it. All panels are made beforehand, so the page needs no
    Python.

    Parameters
    ----------
    classes:
        A name -> (n, height, width) uint8 pictures of that class, two or more.
    thresholds, start:
        The thresholds to choose from, ascending, and the one to begin with.

    Raises
    ------
    ExplorerError
        If a class has fewer than two grey pictures, or ``start`` is not among the thresholds.
    """
    for name, images in classes.items():
        if np.ndim(images) != 3 or len(images) < 2:
            raise ExplorerError(
                f"Class {name!r}: expected grey pictures of shape (n, height, width), two or more; "
                f"got {np.shape(images)}."
            )
    if start not in thresholds:
        raise ExplorerError(f"start={start} is none of the thresholds {list(thresholds)}.")
    slider = widgets.SelectionSlider(
        options=[(f"{each:.2f}", each) for each in thresholds],
        value=start,
        description="Threshold",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="420px"),
    )
    tabs = []
    for name, images in classes.items():
        prints = fingerprints(images[..., np.newaxis])
        likeness = prints @ prints.T
        pages = [widgets.HTML(_page(name, images, likeness, each)) for each in thresholds]
        tabs.append(swapped(slider, pages))
        tabs[-1].selected_index = slider.index
    choice = dropdown("Letter", list(classes))
    return card([choice, slider], swapped(choice, tabs))


def _page(name: str, images: np.ndarray, likeness: np.ndarray, threshold: float) -> str:
    """Return one panel: the distribution, the two pairs next to the threshold, and the counts."""
    rows, columns = np.triu_indices(len(images), 1)
    values = likeness[rows, columns]
    copies = values >= threshold
    groups = near_copies(images[..., np.newaxis], np.zeros(len(images), int), threshold)
    sizes = np.bincount(groups)
    last = np.where(copies, values, np.inf).argmin()
    first = np.where(copies, -np.inf, values).argmax()
    pairs = ""
    for words, place, there in (
        ("last one in", last, copies.any()),
        ("first one out", first, not copies.all()),
    ):
        both = images[rows[place]], images[columns[place]]
        pairs += _pair(*both, values[place], words) if there else f"<p>{words}: no pair</p>"
    text = (
        f"{len(images)} pictures of {name}: {np.count_nonzero(copies):,} pairs reach "
        f"{threshold:.2f}. They tie the pictures into {len(sizes)} groups; the largest has "
        f"{sizes.max()}."
    )
    best = np.where(np.eye(len(images), dtype=bool), -1, likeness).max(axis=1)
    return f'{_bars(name, best, threshold)}<div class="asl-row">{pairs}</div><p>{escape(text)}</p>'


def _pair(left: np.ndarray, right: np.ndarray, value: float, words: str) -> str:
    """Return two pictures side by side, with their correlation below."""
    gap = np.full((left.shape[0], 2), 255, np.uint8)
    alt = f"Two pictures of the class beside each other, correlation {value:.3f}"
    return picture(np.hstack([left, gap, right]), alt, f"{words}: {value:.3f}")


def _bars(name: str, best: np.ndarray, threshold: float) -> str:
    """Return a drawing of how many pictures have a nearest one how alike, and the threshold."""
    edges = np.linspace(_LOWEST, 1, 51)
    counts = np.histogram(np.clip(best, _LOWEST, 1), edges)[0]
    step, floor = _WIDTH / len(counts), _HEIGHT - 22
    bars = []
    for place, count in enumerate(counts):
        height = (floor - 16) * count / counts.max()
        color = BLUE if edges[place] >= threshold - 1e-9 else MUTED
        bars.append(
            f'<rect x="{place * step:.1f}" y="{floor - height:.1f}" width="{step - 1:.1f}" '
            f'height="{height:.1f}" fill="{color}"/>'
        )
    at = (threshold - _LOWEST) / (1 - _LOWEST) * _WIDTH
    ticks = "".join(
        f'<text x="{(value - _LOWEST) / (1 - _LOWEST) * _WIDTH:.0f}" y="{_HEIGHT - 5}" '
        f'text-anchor="{anchor}">{value:g}</text>'
        for value, anchor in ((0.5, "start"), (0.6, "middle"), (0.7, "middle"), (0.8, "middle"),
                              (0.9, "middle"), (1.0, "end"))
    )  # fmt: skip
    share = np.mean(best >= threshold)
    alt = (
        f"{name}: {share:.0%} of the pictures have another one with a correlation of at least "
        f"{threshold:.2f}"
    )
    return (
        f'<figure style="flex:none;max-width:440px"><svg role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" style="width:100%;height:auto;display:block" '
        f'font-size="13" fill="{MUTED}">{"".join(bars)}'
        f'<line x1="0" x2="{_WIDTH}" y1="{floor}" y2="{floor}" stroke="{RULE}"/>'
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{floor}" stroke="{INK}" '
        f'stroke-width="2" stroke-dasharray="5 3"/>{ticks}</svg>'
        f"<figcaption>how alike each picture is to its nearest one; {share:.0%} reach the "
        "threshold</figcaption></figure>"
    )
