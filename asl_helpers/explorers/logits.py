"""What softmax makes of five logits: presets, and sliders for logits and temperature."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.explorers.frame import ExplorerError
from asl_helpers.explorers.sliders import slider, with_sliders
from asl_helpers.scratch import softmax

LOGITS: dict[str, tuple[list[float], str]] = {
    "five fists": (
        [2, 0.5, -1, 0, 3, 1],
        "A logit one higher gets e times the share, about 2.7, whatever the other logits are.",
    ),
    "all plus 4": (
        [6, 4.5, 3, 4, 7, 1],
        "Every logit is 4 higher and no share moves: only differences count.",
    ),
    "all doubled": (
        [4, 1, -2, 0, 6, 1],
        "The differences have doubled, and the leader takes much more of the whole.",
    ),
    "temperature 3": (
        [2, 0.5, -1, 0, 3, 3],
        "The logits of the five fists, divided by 3: the same order, flatter shares.",
    ),
    "all alike": (
        [0, 0, 0, 0, 0, 1],
        "Five equal logits, five equal shares: this reader has no idea, and says so.",
    ),
    "only two in the race": (
        [4, -5, -6, -4, 4.5, 1],
        "With two classes in the race, softmax is the logistic function of their difference.",
    ),
}
"""Presets: five logits and the temperature, and what to look for."""

_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has a slider for each logit "
    "and one for the temperature."
)


def softmax_explorer(
    names: Sequence[str] = ("A", "E", "M", "N", "S"),
    presets: Mapping[str, tuple[list[float], str]] = LOGITS,
) -> widgets.VBox:
    """Return a widget that shows the shares softmax gives to logits, at a temperature.

    Parameters
    ----------
    names:
        The classes.
    presets:
        A name -> (a logit for each class and the temperature last, what to look for).

    Raises
    ------
    ExplorerError
        If a preset has not one logit a class and a temperature above 0.
    """
    for name, (values, _) in presets.items():
        if len(values) != len(names) + 1 or values[-1] <= 0:
            raise ExplorerError(
                f"Preset {name!r}: expected {len(names)} logits and a temperature above 0, got "
                f"{values}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own logits." if own else presets[name][1]
        return _page(names, np.asarray(values[:-1], float), float(values[-1]), note)

    first = next(iter(presets.values()))[0]
    sliders = [
        slider(f"o[{name}]", value, -10, 10, 0.1) for name, value in zip(names, first, strict=False)
    ]
    sliders.append(slider("T", first[-1], 0.1, 10, 0.1))
    plain = {name: values for name, (values, _) in presets.items()}
    return with_sliders("Logits", plain, draw, sliders, _STATIC)


def _page(names: Sequence[str], logits: np.ndarray, temperature: float, note: str) -> str:
    """Return one panel: a row for each class with its logit, its share and a bar."""
    rows = []
    for name, logit, prob in zip(names, logits, softmax(logits / temperature), strict=True):
        written = f"{logit:.1f}".replace("-", "−")
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th><td>{written}</td>'
            f'<td>{prob:.1%}</td><td class="asl-bar"><div style="width:{100 * prob:.1f}%"></div>'
            "</td></tr>"
        )
    head = '<tr><th scope="col">letter</th><th scope="col">logit</th><th scope="col">share</th>'
    return (
        f'<table class="asl-bars"><thead>{head}<td class="asl-bar"></td></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        f"<p>Temperature {temperature:g}. {escape(note)}</p>"
    )
