"""Widgets of Part 3: two frames of a film, and one threshold in two places."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.datasets.splits import fingerprints
from asl_helpers.widgets.base import bar_table, card, chosen, picture, row, stepper, swapped

# --- Chapter 13: how far apart must two frames be, before one no longer gives the other away?


def film_explorer(
    films: Mapping[str, tuple[np.ndarray, np.ndarray]], distances: Sequence[int]
) -> widgets.VBox:
    """Return a widget that holds a frame of a film against a later one of one's own choice.

    ``films`` is a name -> (images (n, height, width, 3) uint8, their frame numbers (n,), all
    different); ``distances`` in frames ascend. Where a film has no two frames exactly so far apart,
    the nearest distance that it has is shown, and said.
    """
    pages = {name: _film(name, *film, distances) for name, film in films.items()}
    return chosen("Film", pages, stepper("Frames apart", distances))


def _film(name: str, images: np.ndarray, frames: np.ndarray, distances: Sequence[int]) -> list[str]:
    """Return a panel for each distance: two frames so far apart, and how alike such frames are."""
    order = np.argsort(frames)
    images, frames = images[order], np.asarray(frames)[order]
    prints = fingerprints(images)
    likeness = prints @ prints.T
    apart = np.abs(frames[:, None] - frames)
    there = np.unique(apart[apart > 0])
    pages = []
    for distance in (there[np.abs(there - each).argmin()] for each in distances):
        rows, columns = np.nonzero(np.triu(apart == distance))
        values = likeness[rows, columns]
        pair = np.abs(values - np.median(values)).argmin()  # a usual pair, not a lucky one
        both = [
            picture(images[k], f"{name}, frame {frames[k]}", f"frame {frames[k]}")
            for k in (rows[pair], columns[pair])
        ]
        note = (
            f"{distance} apart: this pair has a correlation of {values[pair]:.3f}; on average a "
            f"pair has {values.mean():.3f}, over {len(values):,} of them."
        )
        pages.append(row(*both, note=note))
    return pages


# --- Chapter 16: how many images are answered, rightly, wrongly, or not at all


def threshold_explorer(
    answers: Mapping[str, tuple[np.ndarray, np.ndarray]], thresholds: Sequence[float]
) -> widgets.VBox:
    """Return a widget that moves a threshold and shows what becomes of the answers.

    ``answers`` is a place -> confidences (n,), 0-1, and whether each answer is right, bool (n,);
    ``thresholds`` are confidences below which nothing is said, ascending.
    """
    choice = stepper("Answer from", [f"{each:.2f}" for each in thresholds])
    return card([choice], swapped(choice, [_answered(answers, each) for each in thresholds]))


def _answered(answers: Mapping[str, tuple[np.ndarray, np.ndarray]], threshold: float) -> str:
    """Return one panel: what is answered rightly, wrongly and not at all in each place."""
    cells, rightly, said = {}, [], []
    for place, (confidence, right) in answers.items():
        kept = np.asarray(confidence) >= threshold
        given, of_all = kept.mean(), (kept & right).mean()
        rightly.append(of_all)
        cells[place] = [f"{share:.0%}" for share in (of_all, given - of_all, 1 - given)]
        of_these = f"{of_all / given:.0%} of these right" if given else "nothing to be right about"
        said.append(f"{place}: {given:.0%} answered, {of_these}")
    words = f"Answers from a confidence of {threshold:.2f}. {'; '.join(said)}."
    table = bar_table(("answers", "right", "wrong", "silent"), cells, rightly)
    return f"{table}<p>{escape(words)}</p>"
