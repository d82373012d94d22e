"""One threshold in two places: how many pictures are answered, rightly, wrongly, or not at all."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.explorers.frame import ExplorerError, card, swapped
from asl_helpers.plots.style import AMBER, BLUE, INK, RULE

_WIDTH, _BAR, _ROW = 360, 26, 62


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
    pages = [widgets.HTML(_page(answers, each)) for each in thresholds]
    return card([slider], swapped(slider, pages))


def _page(answers: Mapping[str, tuple[np.ndarray, np.ndarray]], threshold: float) -> str:
    """Return one panel: a bar for each place, and the same in words."""
    bars, said = [], []
    for row, (place, (confidence, right)) in enumerate(answers.items()):
        kept = np.asarray(confidence) >= threshold
        rightly = float((kept & right).mean())
        wrongly = float((kept & ~np.asarray(right)).mean())
        bars.append(_bar(place, row * _ROW, rightly, wrongly))
        given = rightly + wrongly
        share = f"{rightly / given:.0%} of these right" if given else "nothing to be right about"
        said.append(f"{place}: {given:.0%} answered, {share}")
    words = f"Answers from a confidence of {threshold:.2f}. {'; '.join(said)}."
    height = _ROW * len(answers)
    return (
        f'<figure style="flex:none;max-width:none"><svg role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {_WIDTH} {height}" style="width:100%;height:auto;display:block" '
        f'font-size="13">{"".join(bars)}</svg></figure><p>{escape(words)}</p>'
    )


def _bar(place: str, top: int, rightly: float, wrongly: float) -> str:
    """Return the drawing of one place: its name, and a bar in three parts."""
    parts, left = [], 0.0
    for share, fill, word, ink in (
        (rightly, BLUE, "right", "white"),
        (wrongly, AMBER, "wrong", INK),
        (1 - rightly - wrongly, "white", "silent", INK),
    ):
        width = share * _WIDTH
        parts.append(
            f'<rect x="{left:.1f}" y="{top + 22}" width="{max(width, 0):.1f}" height="{_BAR}" '
            f'fill="{fill}" stroke="{RULE}"/>'
        )
        if width > 84:
            parts.append(
                f'<text x="{left + 6:.1f}" y="{top + 40}" fill="{ink}">{word} {share:.0%}</text>'
            )
        left += width
    return f'<text x="0" y="{top + 15}" fill="{INK}">{escape(place)}</text>' + "".join(parts)
