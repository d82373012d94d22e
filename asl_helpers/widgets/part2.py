"""Widgets of Part 2: copies above a threshold, the runs of a sweep, a covered image."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import numpy as np
import pandas as pd

from asl_helpers.datasets.splits import fingerprints, near_copies
from asl_helpers.figures.charts import sweep
from asl_helpers.figures.style import ORANGE
from asl_helpers.widgets.base import (
    bar_chart,
    bar_table,
    card,
    dropdown,
    picture,
    row,
    stepper,
    swapped,
)

# --- Chapter 7: when are two images the same photograph?

THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Correlations from which on two images may count as copies."""


def copies_explorer(
    classes: Mapping[str, np.ndarray], thresholds: Sequence[float] = THRESHOLDS, start: float = 0.95
) -> widgets.VBox:
    """Return a widget that groups the images of a class by a threshold of one's own choice.

    Each panel shows how alike the images are to their nearest one, the pair that the threshold
    lets in last and the one that it leaves out first, and how many groups come of it.

    Parameters
    ----------
    classes:
        A name -> (n, height, width) uint8 images of that class, two or more.
    thresholds, start:
        The thresholds to choose from, ascending, and the one to begin with.
    """
    named = [f"{each:.2f}" for each in thresholds]
    threshold = stepper("Threshold", named, list(thresholds).index(start))
    tabs = []
    for name, images in classes.items():
        prints = fingerprints(images[..., np.newaxis])
        likeness = prints @ prints.T
        pages = [_copies(name, images, likeness, each) for each in thresholds]
        tabs.append(swapped(threshold, pages))
    choice = dropdown("Letter", list(classes))
    return card([choice, threshold], swapped(choice, tabs))


def _copies(name: str, images: np.ndarray, likeness: np.ndarray, threshold: float) -> str:
    """Return one panel: the distribution, the two pairs next to the threshold, and the counts."""
    left, right = np.triu_indices(len(images), 1)
    values = likeness[left, right]
    copies = values >= threshold
    sizes = np.bincount(near_copies(images[..., None], np.zeros(len(images), int), threshold))
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
    best = np.where(np.eye(len(images), dtype=bool), -1, likeness).max(axis=1)
    edges = np.linspace(0.5, 1, 51)
    counts = np.histogram(np.clip(best, 0.5, 1), edges)[0]
    share = np.mean(best >= threshold)
    chart = bar_chart(
        counts / counts.max(),
        edges[:-1] >= threshold - 1e-9,
        {2 * value - 1: f"{value:g}" for value in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)},
        f"{name}: {share:.0%} of the images have another one with a correlation of at least "
        f"{threshold:.2f}",
        f"how alike each image is to its nearest one; {share:.0%} reach the threshold",
        line=2 * threshold - 1,
    )
    note = (
        f"{len(images)} images of {name}: {np.count_nonzero(copies):,} pairs reach "
        f"{threshold:.2f}. They tie the images into {len(sizes)} groups; the largest has "
        f"{sizes.max()}."
    )
    return chart + row(*pairs, note=note)


# --- Chapter 10: a sweep's runs, score by score


def runs_explorer(
    tables: Mapping[str, pd.DataFrame], scores: Mapping[str, str], start: float | None = None
) -> widgets.VBox:
    """Return a widget that shows any score of any of some sweeps, every run a point.

    Below each figure stands the best run of each optimizer, in words.

    Parameters
    ----------
    tables:
        Name of the data -> a row a run, with ``optimizer`` and ``rate``; ``attrs["source"]``,
        where there is one, is printed below.
    scores:
        Column -> its name. What ends in "accuracy" is better when high, all else when low.
    start:
        The loss before training, for columns that end in "loss".
    """
    score, choice = dropdown("Score", list(scores.values())), dropdown("Data", list(tables))
    tabs = [
        swapped(score, [_runs(name, table, *each, start) for each in scores.items()])
        for name, table in tables.items()
    ]
    return card([choice, score], swapped(choice, tabs))


def _runs(name: str, table: pd.DataFrame, column: str, label: str, start: float | None) -> str:
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
    from_loss = start if column.endswith("loss") else None
    drawn = sweep(table, column, label, start=from_loss, source=table.attrs.get("source"))
    return row(picture(drawn, alt, words), wide=True)


# --- Chapter 11: a square that covers part of an image, and what the model reads then

_ZOOM, _LISTED = 4, 3


def occlusion_explorer(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    titles: Sequence[str],
    class_names: Sequence[str],
    patch: int = 8,
    places: int = 5,
) -> widgets.VBox:
    """Return a widget that covers a square of an image and shows what the model reads then.

    Parameters
    ----------
    predict:
        From a batch of images, float32 (n, height, width, 1) in 0-1, to probabilities
        (n, classes).
    images:
        (n, height, width, 1) float32 in 0-1.
    titles:
        One an image, such as its true letter; each of them different.
    class_names:
        The class of each probability.
    patch, places:
        Side of the square in pixels, and how many places it has along each side. It is filled with
        the image's own mean.
    """
    images = np.asarray(images, np.float32)
    rows, columns = (
        np.linspace(0, side - patch, places).round().astype(int) for side in images.shape[1:3]
    )
    corners = [(top, left) for top in rows for left in columns]
    down, across = stepper("Row", range(places)), stepper("Column", range(places))
    tabs = []
    for image, title in zip(images, titles, strict=True):
        covered = np.repeat(image[None], len(corners) + 1, axis=0)
        for copy, (top, left) in zip(covered[1:], corners, strict=True):
            copy[top : top + patch, left : left + patch] = image.mean()
        whole, *probs = np.asarray(predict(covered))
        pages = [
            _covered(each, title, corner, patch, whole, now, class_names)
            for each, corner, now in zip(covered[1:], corners, probs, strict=True)
        ]
        lines = [swapped(across, pages[k : k + places]) for k in range(0, len(pages), places)]
        tabs.append(swapped(down, lines))
    choice = dropdown("Picture", list(titles))
    return card([choice, down, across], swapped(choice, tabs))


def _covered(
    image: np.ndarray,
    title: str,
    corner: tuple[int, int],
    patch: int,
    whole: np.ndarray,
    now: np.ndarray,
    class_names: Sequence[str],
) -> str:
    """Return one panel: the covered image, and a row for each of the likeliest letters.

    The class that the whole image was read as is always among them.
    """
    pixels = np.repeat((255 * image).round().astype(np.uint8), 3, axis=-1)
    large = pixels.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
    top, left, side = _ZOOM * corner[0], _ZOOM * corner[1], _ZOOM * patch
    frame = np.zeros(large.shape[:2], bool)
    frame[top : top + side, left : left + side] = True
    frame[top + 2 : top + side - 2, left + 2 : left + side - 2] = False
    large[frame] = [int(ORANGE[k : k + 2], 16) for k in (1, 3, 5)]
    where = f"rows {corner[0]}–{corner[0] + patch - 1}, columns {corner[1]}–{corner[1] + patch - 1}"
    order = list(np.argsort(-now, kind="stable")[:_LISTED])
    if whole.argmax() not in order:
        order[-1] = int(whole.argmax())
    cells = {class_names[k]: (f"{whole[k]:.0%}", f"{now[k]:.0%}") for k in order}
    before, after = class_names[whole.argmax()], class_names[now.argmax()]
    changed = f"Now read as {after}, not as {before}."
    return row(
        picture(large, f"{title}, covered at {where}", where),
        bar_table(("letter", "whole", "covered"), cells, now[order], beside=True),
        note=changed if after != before else f"Still read as {before}.",
    )
