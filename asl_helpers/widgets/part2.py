"""Widgets of Part 2: copies above a threshold, the runs of a sweep, a covered picture."""

import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
import pandas as pd
from PIL import Image

from asl_helpers.datasets.grouping import fingerprints, near_copies
from asl_helpers.figures.charts import sweep
from asl_helpers.figures.style import BLUE, INK, MUTED, ORANGE, RULE
from asl_helpers.widgets.base import ExplorerError, card, dropdown, picture, stepper, swapped

THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Correlations from which on two pictures may count as copies."""

_COPIES_WIDTH, _COPIES_HEIGHT, _COPIES_LOWEST = 360, 110, 0.5


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
        pages = [widgets.HTML(_copies_page(name, images, likeness, each)) for each in thresholds]
        tabs.append(swapped(slider, pages))
        tabs[-1].selected_index = slider.index
    choice = dropdown("Letter", list(classes))
    return card([choice, slider], swapped(choice, tabs))


def _copies_page(name: str, images: np.ndarray, likeness: np.ndarray, threshold: float) -> str:
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
        pairs += _copies_pair(*both, values[place], words) if there else f"<p>{words}: no pair</p>"
    text = (
        f"{len(images)} pictures of {name}: {np.count_nonzero(copies):,} pairs reach "
        f"{threshold:.2f}. They tie the pictures into {len(sizes)} groups; the largest has "
        f"{sizes.max()}."
    )
    best = np.where(np.eye(len(images), dtype=bool), -1, likeness).max(axis=1)
    return f'{_copies_bars(name, best, threshold)}<div class="asl-row">{pairs}</div><p>{escape(text)}</p>'


def _copies_pair(left: np.ndarray, right: np.ndarray, value: float, words: str) -> str:
    """Return two pictures side by side, with their correlation below."""
    gap = np.full((left.shape[0], 2), 255, np.uint8)
    alt = f"Two pictures of the class beside each other, correlation {value:.3f}"
    return picture(np.hstack([left, gap, right]), alt, f"{words}: {value:.3f}")


def _copies_bars(name: str, best: np.ndarray, threshold: float) -> str:
    """Return a drawing of how many pictures have a nearest one how alike, and the threshold."""
    edges = np.linspace(_COPIES_LOWEST, 1, 51)
    counts = np.histogram(np.clip(best, _COPIES_LOWEST, 1), edges)[0]
    step, floor = _COPIES_WIDTH / len(counts), _COPIES_HEIGHT - 22
    bars = []
    for place, count in enumerate(counts):
        height = (floor - 16) * count / counts.max()
        color = BLUE if edges[place] >= threshold - 1e-9 else MUTED
        bars.append(
            f'<rect x="{place * step:.1f}" y="{floor - height:.1f}" width="{step - 1:.1f}" '
            f'height="{height:.1f}" fill="{color}"/>'
        )
    at = (threshold - _COPIES_LOWEST) / (1 - _COPIES_LOWEST) * _COPIES_WIDTH
    ticks = "".join(
        f'<text x="{(value - _COPIES_LOWEST) / (1 - _COPIES_LOWEST) * _COPIES_WIDTH:.0f}" y="{_COPIES_HEIGHT - 5}" '
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
        f'viewBox="0 0 {_COPIES_WIDTH} {_COPIES_HEIGHT}" style="width:100%;height:auto;display:block" '
        f'font-size="13" fill="{MUTED}">{"".join(bars)}'
        f'<line x1="0" x2="{_COPIES_WIDTH}" y1="{floor}" y2="{floor}" stroke="{RULE}"/>'
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{floor}" stroke="{INK}" '
        f'stroke-width="2" stroke-dasharray="5 3"/>{ticks}</svg>'
        f"<figcaption>how alike each picture is to its nearest one; {share:.0%} reach the "
        "threshold</figcaption></figure>"
    )


def runs_explorer(
    tables: Mapping[str, pd.DataFrame],
    scores: Mapping[str, str],
    by: str = "optimizer",
    x: str = "rate",
    start: float | None = None,
) -> widgets.VBox:
    """Return a widget that shows any score of any of some sweeps, every run a point.

    One list chooses the data, one the score. Everything is drawn beforehand, so the page needs no
    Python. Below each figure stands the best run of each value of ``by``, in words.

    Parameters
    ----------
    tables:
        Name of the data -> a row a run; ``attrs["source"]``, where there is one, is printed below.
    scores:
        Column -> its name. What ends in "accuracy" is better when high, all else when low.
    by, x:
        The settings that tell lines apart, and on the horizontal axis.
    start:
        The loss before training, for columns that end in "loss".

    Raises
    ------
    ExplorerError
        If a table lacks a column.
    """
    for name, table in tables.items():
        missing = [column for column in (by, x, *scores) if column not in table]
        if missing:
            raise ExplorerError(
                f"The table {name!r} has no column {missing[0]!r}; it has {', '.join(table)}."
            )
    score, choice = dropdown("Score", list(scores.values())), dropdown("Data", list(tables))
    tabs = []
    for name, table in tables.items():
        pages = [
            widgets.HTML(_runs_page(name, table, column, label, by, x, start))
            for column, label in scores.items()
        ]
        tabs.append(swapped(score, pages))
    return card([choice, score], swapped(choice, tabs))


def _runs_page(
    name: str,
    table: pd.DataFrame,
    column: str,
    label: str,
    by: str,
    x: str,
    start: float | None,
) -> str:
    """Return one panel: the figure, and the best run of each line in words."""
    is_loss = column.endswith("loss")
    source = table.attrs.get("source")
    drawn = sweep(table, column, label, by, x, start if is_loss else None, source=source)
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=120)
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    words = f"Best {label}: {_runs_best(table, column, by, x)}."
    failed = int(table[column].isna().sum())
    words += f" {failed} of {len(table)} runs have none." if failed else ""
    alt = f"{name}: {label} of {len(table)} runs over the {x}. {words}"
    shown = picture(pixels, alt, escape(words))
    return f'<div class="asl-row asl-wide">{shown}</div>'


def _runs_best(table: pd.DataFrame, column: str, by: str, x: str) -> str:
    """Name the best run of each value of ``by``: its score and where it was."""
    is_share, found = column.endswith("accuracy"), []
    for name, group in table.dropna(subset=[column]).groupby(by, sort=False):
        row = group.loc[group[column].idxmax() if is_share else group[column].idxmin()]
        value = f"{row[column]:.1%}" if is_share else f"{row[column]:.2f}"
        found.append(f"{name} {value} at {row[x]:g}")
    return ", ".join(found) if found else "none"


_OCCLUDER_ZOOM, _OCCLUDER_LISTED = 4, 3


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
            widgets.HTML(
                _occluder_page(
                    each, title, corner, patch, _occluder_best(probs[0], now, class_names)
                )
            )
            for each, corner, now in zip(covered[1:], corners, probs[1:], strict=True)
        ]
        lines = [
            swapped(across, pages[start : start + places]) for start in range(0, len(pages), places)
        ]
        tabs.append(swapped(down, lines))
    choice = dropdown("Picture", list(titles))
    return card([choice, down, across], swapped(choice, tabs))


def _occluder_best(
    whole: np.ndarray, covered: np.ndarray, class_names: Sequence[str]
) -> list[tuple[str, float, float]]:
    """Return the classes with the largest shares now: (name, share without the square, with it).

    The class that the whole picture was read as is always among them.
    """
    order = list(np.argsort(-covered, kind="stable")[:_OCCLUDER_LISTED])
    if whole.argmax() not in order:
        order[-1] = int(whole.argmax())
    return [(class_names[place], float(whole[place]), float(covered[place])) for place in order]


def _occluder_page(
    image: np.ndarray,
    title: str,
    corner: tuple[int, int],
    patch: int,
    shares: list[tuple[str, float, float]],
) -> str:
    """Return one panel: the covered picture, and a row for each of the likeliest letters."""
    pixels = np.repeat((255 * image).round().astype(np.uint8), 3, axis=-1)
    large = pixels.repeat(_OCCLUDER_ZOOM, axis=0).repeat(_OCCLUDER_ZOOM, axis=1)
    top, left, side = _OCCLUDER_ZOOM * corner[0], _OCCLUDER_ZOOM * corner[1], _OCCLUDER_ZOOM * patch
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
