"""Pictures with words under them: samples of each class, and the mistakes of a model."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from asl_helpers.plots.style import ORANGE, WIDTH, figure, finish, panels, show_image


@figure
def image_grid(
    images: np.ndarray | Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int = 6,
    frames: Sequence[str | None] | None = None,
    source: str | None = None,
) -> Figure:
    """Draw images in rows, each with a title above it.

    Parameters
    ----------
    images:
        (n, height, width), (n, height, width, 1) or (n, height, width, 3).
    titles:
        One a picture, or None.
    columns:
        Pictures in a row.
    frames:
        The colour of a thick border for each picture, or None for a hairline.
    source:
        Where the pictures come from; printed small below.
    """
    count = len(images)
    titles, frames = titles or [None] * count, frames or [None] * count
    rows = max(1, -(-count // columns))
    lines = max((title.count("\n") + 1 if title else 0) for title in titles) if count else 0
    tall = np.shape(images[0])[0] / np.shape(images[0])[1] if count else 1.0
    height = rows * (tall * WIDTH / columns + 0.17 * lines) + 0.35
    fig, axes = panels(rows, columns, height=height)
    for ax in axes.flat:
        ax.set_axis_off()
    if not count:
        axes[0, 0].text(0, 0.5, "no pictures", va="center")
    for ax, image, title, frame in zip(axes.flat, images, titles, frames, strict=False):
        ax.set_axis_on()
        show_image(ax, image, title, frame)
    return finish(fig, source)


def class_grid(
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    columns: int = 6,
    source: str | None = None,
) -> Figure:
    """Draw the first picture of each class under the name of the class."""
    first = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
    titles = [class_names[int(labels[index])] for index in first]
    return image_grid(images[first], titles, columns, source=source)


@figure
def class_rows(
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    classes: Sequence[str],
    words: dict[str, str] | None = None,
    count: int = 4,
    source: str | None = None,
) -> Figure:
    """Draw a few pictures of some classes, a row a class, and the class in words beside them.

    Parameters
    ----------
    images, labels:
        (n, height, width[, channels]) and integers (n,) that index ``class_names``.
    classes:
        Names of the classes to show, from the top.
    words:
        A description of each class, such as ``alphabet.HANDSHAPE``.
    count:
        Pictures a class: spread evenly over the class, so that they differ.
    """
    side = 0.95
    fig, axes = panels(
        len(classes),
        count + 1,
        height=side * len(classes) + 0.35,
        width=WIDTH,
        gridspec_kw={"width_ratios": [1] * count + [(WIDTH - side * count) / side]},
    )
    for row, name in zip(axes, classes, strict=True):
        members = np.flatnonzero(labels == list(class_names).index(name))
        spread = members[np.linspace(0, len(members) - 1, count).astype(int)]
        for ax, index in zip(row, spread, strict=False):
            show_image(ax, images[index])
        text = fill((words or {}).get(name, ""), 26)
        row[-1].set_axis_off()
        row[-1].text(0.02, 0.98, name, va="top", fontsize=13, fontweight="bold")
        row[-1].text(0.02, 0.70, text, va="top", fontsize=9.5)
    return finish(fig, source)


def mistakes(
    images: np.ndarray,
    labels: np.ndarray,
    predictions: np.ndarray,
    class_names: Sequence[str],
    confidence: np.ndarray | None = None,
    count: int = 12,
    columns: int = 4,
    source: str | None = None,
) -> Figure:
    """Draw the first wrong answers in the given order: predicted, then true, above each picture.

    Parameters
    ----------
    images, labels, predictions:
        (n, height, width[, channels]) and two times integers (n,) that index ``class_names``.
    confidence:
        The probability of each prediction, (n,); written behind it where given.
    count:
        The most pictures to draw.
    """
    wrong = np.flatnonzero(np.asarray(labels) != np.asarray(predictions))[:count]
    titles = []
    for index in wrong:
        sure = "" if confidence is None else f", {confidence[index]:.0%}"
        read, true = class_names[int(predictions[index])], class_names[int(labels[index])]
        titles.append(f"read as {read}{sure}\nis {true}")
    return image_grid(images[wrong], titles, columns, [ORANGE] * len(wrong), source=source)
