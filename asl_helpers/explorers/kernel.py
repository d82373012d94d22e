"""What a 3 x 3 kernel makes of an image: presets, and nine sliders in a running notebook."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.explorers.frame import ExplorerError, picture
from asl_helpers.explorers.sliders import slider, with_sliders
from asl_helpers.plots.style import DIVERGING, text_on
from asl_helpers.scratch import corr2d

KERNELS: dict[str, tuple[list[list[float]], str]] = {
    "left to right": (
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "Blue where it gets brighter from left to right, orange where it gets darker.",
    ),
    "top to bottom": (
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "Blue where it gets brighter downwards, orange where it gets darker.",
    ),
    "outline": (
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "The weights sum to 0, so flat areas vanish and every contour stays.",
    ),
    "blur": (
        [[0.11, 0.11, 0.11], [0.11, 0.11, 0.11], [0.11, 0.11, 0.11]],
        "Each value is about the mean of nine pixels: detail goes, large shapes stay.",
    ),
    "sharpen": (
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "The weights sum to 1: brightness stays, differences to the neighbours grow.",
    ),
    "identity": (
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "One weight of 1 in the middle copies the image.",
    ),
    "shift": (
        [[0, 0, 0], [0, 0, 0], [0, 0, 1]],
        "The 1 sits off the centre: the same image, one pixel up and to the left.",
    ),
}
"""Presets of the explorer: weights, and what to look for."""

_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has nine sliders, one for "
    "each weight."
)


def kernel_explorer(
    image: np.ndarray,
    subject: str,
    kernels: Mapping[str, tuple[list[list[float]], str]] = KERNELS,
    reach: float = 8.0,
) -> widgets.VBox:
    """Return a widget that shows what a 3 x 3 kernel makes of an image.

    Parameters
    ----------
    image:
        (height, width) uint8 grey levels; about 100 pixels a side.
    subject:
        What the image shows, in words, for the text alternatives.
    kernels:
        A name -> (3 x 3 weights, what to look for).
    reach:
        The sliders run from ``-reach`` to ``reach``.

    Raises
    ------
    ExplorerError
        If the image has channels, or a kernel is not 3 x 3.
    """
    if np.ndim(image) != 2:
        raise ExplorerError(
            f"The explorer shows one channel, shape (height, width); got {np.shape(image)}. "
            "Take image.mean(axis=-1) of a colour image."
        )
    wrong = [name for name, (kernel, _) in kernels.items() if np.shape(kernel) != (3, 3)]
    if wrong:
        raise ExplorerError(f"The explorer has nine sliders: {wrong[0]!r} is not a 3 x 3 kernel.")

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own weights." if own else kernels[name][1]
        return _page(image, subject, np.reshape(values, (3, 3)).astype(float), note)

    plain = {name: np.ravel(kernel).tolist() for name, (kernel, _) in kernels.items()}
    first = next(iter(plain.values()))
    sliders = [
        slider("K[{}, {}]".format(*divmod(place, 3)), first[place], -reach, reach)
        for place in range(9)
    ]
    return with_sliders("Kernel", plain, draw, sliders, _STATIC)


def _page(image: np.ndarray, subject: str, kernel: np.ndarray, note: str) -> str:
    """Return one panel: the image, the kernel as a table, the feature map with its words."""
    result = corr2d(image / 255.0, kernel)
    reach = max(float(np.abs(result).max()), 1e-9)
    colored = (255 * DIVERGING((result / reach + 1) / 2)[..., :3]).round().astype(np.uint8)
    low, high = (f"{end:.2f}".replace("-", "−") for end in (result.min(), result.max()))
    alt = f"Feature map of {subject}, values {low} to {high}. {note}"
    return (
        '<div class="asl-row">'
        f"{picture(image, f'The image: {subject}', 'image')}"
        f"{_table(kernel)}"
        f"{picture(colored, alt, f'map, {low} to {high}')}"
        f"</div><p>{escape(note)}</p>"
    )


def _table(kernel: np.ndarray) -> str:
    """Return the weights as a table whose cells have the colours of the figures."""
    reach = 1.3 * max(float(np.abs(kernel).max()), 1e-9)
    rows = []
    for weights in kernel:
        cells = []
        for weight in weights:
            color = DIVERGING((weight / reach + 1) / 2)[:3]
            fill = "#" + "".join(f"{round(255 * channel):02x}" for channel in color)
            text = f"{weight:.3g}".replace("-", "−")
            cells.append(f'<td style="background:{fill};color:{text_on(color)}">{text}</td>')
        rows.append("<tr>" + "".join(cells) + "</tr>")
    return f"<table><caption>kernel</caption><tbody>{''.join(rows)}</tbody></table>"
