"""How far apart must two frames of a film be, before one no longer gives the other away?"""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.datasets.grouping import fingerprints
from asl_helpers.explorers.frame import ExplorerError, card, dropdown, picture, swapped
from asl_helpers.plots.style import BLUE, INK, MUTED, RULE

_WIDTH, _HEIGHT, _FLOOR = 360, 120, 98


def film_explorer(
    films: Mapping[str, tuple[np.ndarray, np.ndarray]], distances: Sequence[int]
) -> widgets.VBox:
    """Return a widget that holds a frame of a film against a later one of one's own choice.

    A list chooses the film, a slider the distance in frames. Each panel shows two frames so far
    apart, how alike they are, and how alike any two frames at each distance are on average. All
    panels are made beforehand, so the page needs no Python.

    Parameters
    ----------
    films:
        A name -> (pictures (n, height, width, 3) uint8, their frame numbers (n,)).
    distances:
        Distances in frames to choose from, ascending. Where a film has no two frames exactly so
        far apart, the nearest distance that it has is shown, and said.

    Raises
    ------
    ExplorerError
        If a film has fewer than two frames, or numbers that do not fit its pictures.
    """
    for name, (images, frames) in films.items():
        if np.ndim(images) != 4 or len(images) < 2 or np.shape(frames) != (len(images),):
            raise ExplorerError(
                f"Film {name!r}: expected two or more pictures of shape (n, height, width, 3) and "
                f"a number for each; got {np.shape(images)} and {np.shape(frames)}."
            )
        if len(np.unique(frames)) < len(frames):
            raise ExplorerError(f"Film {name!r}: two pictures have the same frame number.")
    slider = widgets.SelectionSlider(
        options=[(f"{each}", each) for each in distances],
        value=distances[0],
        description="Frames apart",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="420px"),
    )
    tabs = []
    for name, (images, frames) in films.items():
        order = np.argsort(frames)
        pages = _pages(name, images[order], np.asarray(frames)[order], distances)
        tabs.append(swapped(slider, [widgets.HTML(page) for page in pages]))
    choice = dropdown("Film", list(films))
    return card([choice, slider], swapped(choice, tabs))


def _pages(name: str, images: np.ndarray, frames: np.ndarray, distances) -> list[str]:
    """Return a panel for each distance."""
    prints = fingerprints(images)
    likeness = prints @ prints.T
    apart = np.abs(frames[:, None] - frames)
    there = np.unique(apart[apart > 0])
    taken = [int(there[np.abs(there - each).argmin()]) for each in distances]
    means = [float(likeness[apart == each].mean()) for each in taken]
    pages = []
    for place, distance in enumerate(taken):
        rows, columns = np.nonzero(np.triu(apart == distance))
        values = likeness[rows, columns]
        pair = np.abs(values - np.median(values)).argmin()  # a usual pair, not a lucky one
        first, second = rows[pair], columns[pair]
        both = "".join(
            picture(images[each], f"{name}, frame {frames[each]}", f"frame {frames[each]}")
            for each in (first, second)
        )
        text = (
            f"{distance} apart: this pair has a correlation of {values[pair]:.3f}; on average a "
            f"pair has {means[place]:.3f}, over {len(values):,} of them."
        )
        pages.append(
            f'<div class="asl-row">{both}</div>{_bars(name, taken, means, place)}'
            f"<p>{escape(text)}</p>"
        )
    return pages


def _bars(name: str, distances: list[int], means: list[float], chosen: int) -> str:
    """Return a drawing of the mean likeness at each distance, the chosen one dark."""
    step = _WIDTH / len(distances)
    bars = []
    for place, (distance, mean) in enumerate(zip(distances, means, strict=True)):
        height = max(1.0, (_FLOOR - 8) * max(mean, 0.0))
        color = BLUE if place == chosen else MUTED
        bars.append(
            f'<rect x="{place * step + 2:.1f}" y="{_FLOOR - height:.1f}" '
            f'width="{step - 4:.1f}" height="{height:.1f}" fill="{color}"/>'
            f'<text x="{(place + 0.5) * step:.1f}" y="{_HEIGHT - 6}" text-anchor="middle" '
            f'{f"""fill="{INK}" font-weight="bold" """ if place == chosen else ""}>'
            f"{distance}</text>"
        )
    alt = f"{name}: mean correlation {means[chosen]:.2f} at {distances[chosen]} frames apart"
    return (
        f'<figure style="flex:none;max-width:440px"><svg role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" style="width:100%;height:auto;display:block" '
        f'font-size="12" fill="{MUTED}">{"".join(bars)}'
        f'<line x1="0" x2="{_WIDTH}" y1="{_FLOOR}" y2="{_FLOOR}" stroke="{RULE}"/></svg>'
        "<figcaption>mean correlation of two frames so far apart; the full height is 1"
        "</figcaption></figure>"
    )
