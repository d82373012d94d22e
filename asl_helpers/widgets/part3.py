"""Widgets of Part 3: two frames of a film, and one threshold in two places."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.datasets.splits import fingerprints
from asl_helpers.figures.style import AMBER, BLUE, INK, RULE
from asl_helpers.widgets.base import bar_chart, card, dropdown, picture, row, stepper, swapped

# --- Chapter 12: how far apart must two frames be, before one no longer gives the other away?


def film_explorer(
    films: Mapping[str, tuple[np.ndarray, np.ndarray]], distances: Sequence[int]
) -> widgets.VBox:
    """Return a widget that holds a frame of a film against a later one of one's own choice.

    Each panel shows two frames so far apart, how alike they are, and how alike any two frames at
    each distance are on average.

    Parameters
    ----------
    films:
        A name -> (images (n, height, width, 3) uint8, their frame numbers (n,), all different).
    distances:
        Distances in frames to choose from, ascending. Where a film has no two frames exactly so
        far apart, the nearest distance that it has is shown, and said.
    """
    apart = stepper("Frames apart", distances)
    tabs = []
    for name, (images, frames) in films.items():
        order = np.argsort(frames)
        pages = _film(name, images[order], np.asarray(frames)[order], distances)
        tabs.append(swapped(apart, pages))
    choice = dropdown("Film", list(films))
    return card([choice, apart], swapped(choice, tabs))


def _film(name: str, images: np.ndarray, frames: np.ndarray, distances: Sequence[int]) -> list[str]:
    """Return a panel for each distance."""
    prints = fingerprints(images)
    likeness = prints @ prints.T
    apart = np.abs(frames[:, None] - frames)
    there = np.unique(apart[apart > 0])
    taken = [int(there[np.abs(there - each).argmin()]) for each in distances]
    means = np.array([likeness[apart == each].mean() for each in taken])
    pages = []
    for index, distance in enumerate(taken):
        rows, columns = np.nonzero(np.triu(apart == distance))
        values = likeness[rows, columns]
        pair = np.abs(values - np.median(values)).argmin()  # a usual pair, not a lucky one
        both = [
            picture(images[k], f"{name}, frame {frames[k]}", f"frame {frames[k]}")
            for k in (rows[pair], columns[pair])
        ]
        chart = bar_chart(
            np.clip(means, 0.01, 1),
            np.arange(len(taken)) == index,
            {(k + 0.5) / len(taken): str(each) for k, each in enumerate(taken)},
            f"{name}: mean correlation {means[index]:.2f} at {distance} frames apart",
            "mean correlation of two frames so far apart; the full height is 1",
        )
        note = (
            f"{distance} apart: this pair has a correlation of {values[pair]:.3f}; on average a "
            f"pair has {means[index]:.3f}, over {len(values):,} of them."
        )
        pages.append(row(*both) + chart + f"<p>{escape(note)}</p>")
    return pages


# --- Chapter 15: how many images are answered, rightly, wrongly, or not at all


def threshold_explorer(
    answers: Mapping[str, tuple[np.ndarray, np.ndarray]], thresholds: Sequence[float]
) -> widgets.VBox:
    """Return a widget that moves a threshold and shows what becomes of the answers.

    Parameters
    ----------
    answers:
        A place -> confidences (n,), 0-1, and whether each answer is right, bool (n,).
    thresholds:
        Confidences below which nothing is said, to choose from, ascending.
    """
    choice = stepper("Answer from", [f"{each:.2f}" for each in thresholds])
    return card([choice], swapped(choice, [_answered(answers, each) for each in thresholds]))


def _answered(answers: Mapping[str, tuple[np.ndarray, np.ndarray]], threshold: float) -> str:
    """Return one panel: a bar in three parts for each place, and the same in words."""
    bars, said = "", []
    for place, (confidence, right) in answers.items():
        kept, right = np.asarray(confidence) >= threshold, np.asarray(right)
        rightly, wrongly = float((kept & right).mean()), float((kept & ~right).mean())
        parts = ""
        for share, fill, word, ink in (
            (rightly, BLUE, "right", "white"),
            (wrongly, AMBER, "wrong", INK),
            (1 - rightly - wrongly, "white", "silent", INK),
        ):
            text = f"{word} {share:.0%}" if share > 0.23 else ""
            look = (
                f"width:{100 * share:.1f}%;background:{fill};color:{ink};outline:1px solid {RULE}"
            )
            parts += f'<div style="{look};line-height:26px;text-indent:6px">{text}</div>'
        bars += (
            f'<div style="margin-top:8px">{escape(place)}</div>'
            f'<div style="display:flex;height:26px;overflow:hidden">{parts}</div>'
        )
        given = rightly + wrongly
        of_these = f"{rightly / given:.0%} of these right" if given else "nothing to be right about"
        said.append(f"{place}: {given:.0%} answered, {of_these}")
    words = f"Answers from a confidence of {threshold:.2f}. {'; '.join(said)}."
    return (
        f'<div role="img" aria-label="{escape(words)}" style="font-size:13px">{bars}</div>'
        f"<p>{escape(words)}</p>"
    )
