"""How an optimizer goes down a long valley: presets, and sliders for rate and memory."""

import io
from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from PIL import Image

from asl_helpers.explorers.frame import ExplorerError, picture
from asl_helpers.explorers.sliders import slider, with_sliders
from asl_helpers.plots.descent import descent_paths
from asl_helpers.scratch import Adam, GradientDescent, RMSprop, walk

CURVATURE, START, STEPS = np.array([1.0, 20.0]), np.array([-9.0, 2.0]), 40

OPTIMIZERS = {
    "gradient descent": lambda rate, memory: GradientDescent(rate),
    "momentum": GradientDescent,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "Adam, not corrected": lambda rate, memory: Adam(rate, memory, bias_correction=False),
}
"""From learning rate and memory (momentum, rho or beta 1) to an optimizer."""

DESCENTS: dict[str, tuple[str, list[float], str]] = {
    "gradient descent, careful": (
        "gradient descent", [0.03, 0.0],
        "Down the steep side at once, then along the flat floor in ever shorter steps.",
    ),
    "gradient descent, hasty": (
        "gradient descent", [0.095, 0.0],
        "From side to side across the valley; 0.1 would be the limit.",
    ),
    "gradient descent, too fast": (
        "gradient descent", [0.103, 0.0],
        "Each swing is wider than the last: the rate is above 2 / 20.",
    ),
    "momentum": (
        "momentum", [0.03, 0.9],
        "Swings cancel, the way along the floor adds up; it overshoots and comes back.",
    ),
    "RMSprop": (
        "RMSprop", [0.3, 0.9],
        "Both weights move at about the same pace, steep or flat.",
    ),
    "Adam": (
        "Adam", [0.3, 0.9],
        "The same pace for both weights, with momentum: a first step of 0.3 in each.",
    ),
    "Adam, not corrected": (
        "Adam, not corrected", [0.3, 0.9],
        "The first step is 3.16 times the rate in each weight, and the next ones are longer still.",
    ),
}  # fmt: skip
"""Presets: the optimizer, its rate and memory, and what to look for."""

_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has sliders for the rate "
    "and for the memory (momentum, rho or beta 1)."
)


def descent_explorer(
    presets: Mapping[str, tuple[str, list[float], str]] = DESCENTS,
) -> widgets.VBox:
    """Return a widget that shows 40 steps of an optimizer down (w0^2 + 20 w1^2) / 2.

    Parameters
    ----------
    presets:
        A name -> (a name of OPTIMIZERS, [learning rate, memory], what to look for).

    Raises
    ------
    ExplorerError
        If a preset names no optimizer.
    """
    for name, (optimizer, _, _) in presets.items():
        if optimizer not in OPTIMIZERS:
            raise ExplorerError(
                f"Preset {name!r}: unknown optimizer {optimizer!r}; known are {list(OPTIMIZERS)}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        optimizer, _, note = presets[name]
        return _page(optimizer, *values, "Your own setting." if own else note)

    rate, memory = next(iter(presets.values()))[1]
    sliders = [
        slider("rate", rate, 0.005, 1.0, 0.005, "60px"),
        slider("memory", memory, 0.0, 0.99, 0.01, "60px"),
    ]
    plain = {name: values for name, (_, values, _) in presets.items()}
    return with_sliders("Optimizer", plain, draw, sliders, _STATIC, columns=2)


def _loss(weights: np.ndarray) -> np.ndarray:
    return (CURVATURE * weights**2).sum(axis=-1) / 2


def _page(optimizer: str, rate: float, memory: float, note: str) -> str:
    """Return one panel: the way as a picture, the setting and the losses in words."""
    way = walk(OPTIMIZERS[optimizer](rate, memory), lambda w: CURVATURE * w, START, STEPS)
    setting = f"{optimizer}, rate {rate:g}" + (f", memory {memory:g}" if memory else "")
    last = _loss(way[-1])
    written = f"{last:,.0f}" if last >= 100 else f"{last:.2g}"
    end = f"loss {_loss(START):.0f} at the start, {written} after {STEPS} steps"
    buffer = io.BytesIO()
    descent_paths(_loss, {setting: way}).savefig(buffer, format="png", dpi=120)
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    place = ", ".join(f"{value:.2f}".replace("-", "−") for value in way[-1])
    alt = f"{STEPS} steps from (−9, 2) in a long valley end at ({place}). {note}"
    shown = picture(pixels, alt, escape(end))
    return f'<div class="asl-row asl-wide">{shown}</div><p>{escape(note)}</p>'
