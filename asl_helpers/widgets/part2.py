"""Widgets of Part 2: copies above a threshold, the runs of a sweep, a covered image."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from asl_helpers.datasets.splits import fingerprints, near_copies
from asl_helpers.figures.charts import sweep
from asl_helpers.figures.style import ORANGE
from asl_helpers.widgets.base import (
    bar_table,
    card,
    chosen,
    dropdown,
    picture,
    row,
    stepper,
    swapped,
)

# --- Chapter 9: when are two images the same photograph?

THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Correlations from which on two images may count as copies."""


def copies_explorer(
    classes: Mapping[str, np.ndarray], thresholds: Sequence[float] = THRESHOLDS
) -> widgets.VBox:
    """Return a widget that groups the images of a class by a threshold of one's own choice.

    Each panel shows the pair that the threshold lets in last and the one that it leaves out first,
    and how many groups come of it. ``classes`` is a name -> (n, height, width) uint8, two images or
    more; ``thresholds`` ascend and hold 0.95, where the widget begins.
    """
    pages = {}
    for name, images in classes.items():
        prints = fingerprints(images[..., np.newaxis])
        pages[name] = [_copies(name, images, prints @ prints.T, each) for each in thresholds]
    named = [f"{each:.2f}" for each in thresholds]
    return chosen("Letter", pages, stepper("Threshold", named, list(thresholds).index(0.95)))


def _copies(name: str, images: np.ndarray, likeness: np.ndarray, threshold: float) -> str:
    """Return one panel: the two pairs next to the threshold, and the counts."""
    left, right = np.triu_indices(len(images), 1)
    values = likeness[left, right]
    copies = values >= threshold
    last, first = np.where(copies, values, np.inf), np.where(copies, -np.inf, values)
    pairs = []
    for words, index in (("last one in", last.argmin()), ("first one out", first.argmax())):
        if copies[index] != (words == "last one in"):
            pairs.append(f"<p>{words}: no pair</p>")
            continue
        gap = np.full((images.shape[1], 2), 255, np.uint8)
        both = np.hstack([images[left[index]], gap, images[right[index]]])
        value = f"{values[index]:.3f}"
        alt = f"Two images of the class beside each other, correlation {value}"
        pairs.append(picture(both, alt, f"{words}: {value}"))
    sizes = np.bincount(near_copies(images[..., None], np.zeros(len(images), int), threshold))
    alone = np.eye(len(images), dtype=bool)
    share = np.mean(np.where(alone, -1, likeness).max(axis=1) >= threshold)
    note = (
        f"{len(images)} images of {name}: {share:.0%} have another one with a correlation of at "
        f"least {threshold:.2f}; {np.count_nonzero(copies):,} pairs reach it. They tie the images "
        f"into {len(sizes)} groups; the largest has {sizes.max()}."
    )
    return row(*pairs, note=note)


# --- Chapter 11: a sweep's runs, score by score


def runs_explorer(
    tables: Mapping[str, pd.DataFrame], scores: Mapping[str, str], start: float
) -> widgets.VBox:
    """Return a widget that shows any score of any of some sweeps, every run a point.

    Below each figure stands the best run of each optimizer, in words. ``tables`` is the name of the
    data -> a row a run, as for ``charts.sweep``, with its source in ``attrs["source"]``; ``scores``
    is a column -> its name: what ends in "accuracy" is better when high, all else when low.
    ``start`` is the loss before training.
    """
    pages = {
        name: [_runs(name, table, *each, start) for each in scores.items()]
        for name, table in tables.items()
    }
    return chosen("Data", pages, dropdown("Score", list(scores.values())))


def _runs(name: str, table: pd.DataFrame, column: str, label: str, start: float) -> str:
    """Return one panel: the figure, and the best run of each optimizer in words."""
    is_share, best = column.endswith("accuracy"), []
    for optimizer, group in table.dropna(subset=[column]).groupby("optimizer", sort=False):
        run = group.loc[group[column].idxmax() if is_share else group[column].idxmin()]
        value = f"{run[column]:.1%}" if is_share else f"{run[column]:.2f}"
        best.append(f"{optimizer} {value} at {run['rate']:g}")
    words = f"Best {label}: {', '.join(best) or 'none'}."
    failed = int(table[column].isna().sum())
    words += f" {failed} of {len(table)} runs have none." if failed else ""
    alt = f"{name}: {label} of {len(table)} runs over the rate. {words}"
    start = None if is_share else start
    drawn = sweep(table, column, label, start, source=table.attrs.get("source"))
    return row(picture(drawn, alt, words), wide=True)


# --- Chapter 12: a square that covers part of an image, and what the model reads then

PATCH, PLACES = 8, 5
"""Side of the square in pixels, and how many places it has along each side of the image."""

_ZOOM, _LISTED = 4, 3


def occlusion_explorer(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    titles: Sequence[str],
    class_names: Sequence[str],
) -> widgets.VBox:
    """Return a widget that covers a square of an image and shows what the model reads then.

    ``predict`` goes from a batch, float32 (n, height, width, 1) in 0-1, to probabilities
    (n, classes). ``images`` are such a batch, ``titles`` one for each, all different. The square is
    filled with the image's own mean.
    """
    images = np.asarray(images, np.float32)
    ends = (np.linspace(0, side - PATCH, PLACES).round().astype(int) for side in images.shape[1:3])
    tops, lefts = ends
    corners = [(top, left) for top in tops for left in lefts]
    down, across = stepper("Row", range(PLACES)), stepper("Column", range(PLACES))
    tabs = []
    for image, title in zip(images, titles, strict=True):
        covered = np.repeat(image[None], len(corners) + 1, axis=0)
        for copy, (top, left) in zip(covered[1:], corners, strict=True):
            copy[top : top + PATCH, left : left + PATCH] = image.mean()
        whole, *probs = np.asarray(predict(covered))
        pages = [
            _covered(each, title, corner, whole, now, class_names)
            for each, corner, now in zip(covered[1:], corners, probs, strict=True)
        ]
        lines = [swapped(across, pages[k : k + PLACES]) for k in range(0, len(pages), PLACES)]
        tabs.append(swapped(down, lines))
    choice = dropdown("Picture", list(titles))
    return card([choice, down, across], swapped(choice, tabs))


def _covered(
    image: np.ndarray,
    title: str,
    corner: tuple[int, int],
    whole: np.ndarray,
    now: np.ndarray,
    class_names: Sequence[str],
) -> str:
    """Return one panel: the covered image, and a row for each of the likeliest letters.

    The class that the whole image was read as is always among them.
    """
    pixels = Image.fromarray((255 * image[..., 0]).round().astype(np.uint8)).convert("RGB")
    large = pixels.resize((_ZOOM * pixels.width, _ZOOM * pixels.height), Image.Resampling.NEAREST)
    top, left, side = _ZOOM * corner[0], _ZOOM * corner[1], _ZOOM * PATCH - 1
    ImageDraw.Draw(large).rectangle((left, top, left + side, top + side), outline=ORANGE, width=2)
    where = f"rows {corner[0]}–{corner[0] + PATCH - 1}, columns {corner[1]}–{corner[1] + PATCH - 1}"
    order = list(np.argsort(-now, kind="stable")[:_LISTED])
    if whole.argmax() not in order:
        order[-1] = int(whole.argmax())
    cells = {class_names[k]: (f"{whole[k]:.0%}", f"{now[k]:.0%}") for k in order}
    before, after = class_names[whole.argmax()], class_names[now.argmax()]
    changed = f"Now read as {after}, not as {before}."
    return row(
        picture(np.asarray(large), f"{title}, covered at {where}", where),
        bar_table(("letter", "whole", "covered"), cells, now[order], beside=True),
        note=changed if after != before else f"Still read as {before}.",
    )
