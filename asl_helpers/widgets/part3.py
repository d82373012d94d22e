"""Widgets of Part 3: two frames of a film, and one threshold in two places."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.datasets.grouping import fingerprints
from asl_helpers.figures.style import AMBER, BLUE, INK, MUTED, RULE
from asl_helpers.widgets.base import ExplorerError, card, dropdown, picture, swapped

_FILM_WIDTH, _FILM_HEIGHT, _FILM_FLOOR = 360, 120, 98


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
        pages = _film_pages(name, images[order], np.asarray(frames)[order], distances)
        tabs.append(swapped(slider, [widgets.HTML(page) for page in pages]))
    choice = dropdown("Film", list(films))
    return card([choice, slider], swapped(choice, tabs))


def _film_pages(name: str, images: np.ndarray, frames: np.ndarray, distances) -> list[str]:
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
            f'<div class="asl-row">{both}</div>{_film_bars(name, taken, means, place)}'
            f"<p>{escape(text)}</p>"
        )
    return pages


def _film_bars(name: str, distances: list[int], means: list[float], chosen: int) -> str:
    """Return a drawing of the mean likeness at each distance, the chosen one dark."""
    step = _FILM_WIDTH / len(distances)
    bars = []
    for place, (distance, mean) in enumerate(zip(distances, means, strict=True)):
        height = max(1.0, (_FILM_FLOOR - 8) * max(mean, 0.0))
        color = BLUE if place == chosen else MUTED
        bars.append(
            f'<rect x="{place * step + 2:.1f}" y="{_FILM_FLOOR - height:.1f}" '
            f'width="{step - 4:.1f}" height="{height:.1f}" fill="{color}"/>'
            f'<text x="{(place + 0.5) * step:.1f}" y="{_FILM_HEIGHT - 6}" text-anchor="middle" '
            f'{f"""fill="{INK}" font-weight="bold" """ if place == chosen else ""}>'
            f"{distance}</text>"
        )
    alt = f"{name}: mean correlation {means[chosen]:.2f} at {distances[chosen]} frames apart"
    return (
        f'<figure style="flex:none;max-width:440px"><svg role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {_FILM_WIDTH} {_FILM_HEIGHT}" style="width:100%;height:auto;display:block" '
        f'font-size="12" fill="{MUTED}">{"".join(bars)}'
        f'<line x1="0" x2="{_FILM_WIDTH}" y1="{_FILM_FLOOR}" y2="{_FILM_FLOOR}" stroke="{RULE}"/></svg>'
        "<figcaption>mean correlation of two frames so far apart; the full height is 1"
        "</figcaption></figure>"
    )


_THRESHOLD_WIDTH, _THRESHOLD_BAR, _THRESHOLD_ROW = 360, 26, 62


def threshold_explorer(
    answers: Mapping[str, tuple[np.ndarray, np.ndarray]], thresholds: Sequence[float]
) -> widgets.VBox:
    """Return a widget that moves a threshold and shows what becomes of the answers.

    A slider chooses the confidence below which nothing is said. For each place there is a bar:
    answered rightly, answered wrongly, silent. Everything is computed beforehand, so the page needs
    no Python.

    Parameters
    ----------
    answers:
        A place -> confidences (n,), 0-1, and whether each answer is right, bool (n,).
    thresholds:
        Confidences to choose from, ascending.

    Raises
    ------
    ExplorerError
        If confidences and answers do not go together, or the thresholds do not ascend.
    """
    for place, (confidence, right) in answers.items():
        if np.shape(confidence) != np.shape(right) or np.ndim(right) != 1 or not len(right):
            raise ExplorerError(
                f"{place}: expected as many confidences as answers, got {np.shape(confidence)} "
                f"and {np.shape(right)}."
            )
    if len(thresholds) < 2 or (np.diff(thresholds) <= 0).any():
        raise ExplorerError("Give two thresholds or more, each higher than the one before.")
    slider = widgets.SelectionSlider(
        options=[(f"{each:.2f}", each) for each in thresholds],
        value=thresholds[0],
        description="Answer from",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="420px"),
    )
    pages = [widgets.HTML(_threshold_page(answers, each)) for each in thresholds]
    return card([slider], swapped(slider, pages))


def _threshold_page(answers: Mapping[str, tuple[np.ndarray, np.ndarray]], threshold: float) -> str:
    """Return one panel: a bar for each place, and the same in words."""
    bars, said = [], []
    for row, (place, (confidence, right)) in enumerate(answers.items()):
        kept = np.asarray(confidence) >= threshold
        rightly = float((kept & right).mean())
        wrongly = float((kept & ~np.asarray(right)).mean())
        bars.append(_threshold_bar(place, row * _THRESHOLD_ROW, rightly, wrongly))
        given = rightly + wrongly
        share = f"{rightly / given:.0%} of these right" if given else "nothing to be right about"
        said.append(f"{place}: {given:.0%} answered, {share}")
    words = f"Answers from a confidence of {threshold:.2f}. {'; '.join(said)}."
    height = _THRESHOLD_ROW * len(answers)
    return (
        f'<figure style="flex:none;max-width:none"><svg role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {_THRESHOLD_WIDTH} {height}" style="width:100%;height:auto;display:block" '
        f'font-size="13">{"".join(bars)}</svg></figure><p>{escape(words)}</p>'
    )


def _threshold_bar(place: str, top: int, rightly: float, wrongly: float) -> str:
    """Return the drawing of one place: its name, and a bar in three parts."""
    parts, left = [], 0.0
    for share, fill, word, ink in (
        (rightly, BLUE, "right", "white"),
        (wrongly, AMBER, "wrong", INK),
        (1 - rightly - wrongly, "white", "silent", INK),
    ):
        width = share * _THRESHOLD_WIDTH
        parts.append(
            f'<rect x="{left:.1f}" y="{top + 22}" width="{max(width, 0):.1f}" height="{_THRESHOLD_BAR}" '
            f'fill="{fill}" stroke="{RULE}"/>'
        )
        if width > 84:
            parts.append(
                f'<text x="{left + 6:.1f}" y="{top + 40}" fill="{ink}">{word} {share:.0%}</text>'
            )
        left += width
    return f'<text x="0" y="{top + 15}" fill="{INK}">{escape(place)}</text>' + "".join(parts)
