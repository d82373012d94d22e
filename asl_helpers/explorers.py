"""Widgets to play with. Each one also works in the built page, where no Python runs behind it.

Choosing a preset only swaps ready-made panels, which the browser does by itself; the sliders need
Python and show themselves only in a running notebook. ipywidgets 7.7 (Colab) and 8 both draw them.
"""

import base64
import io
from collections.abc import Mapping
from html import escape

import ipywidgets as widgets
import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.plots.style import CARD, DIVERGING, INK, MUTED, RULE, text_on
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

# Selectors name the explorer twice over, and some end in !important, because the notebook's and the
# page's own styles for tabs, images and tables must yield; the card stays light on a dark page.
_CSS = f"""<style>
.asl-explorer {{ background: {CARD}; color: {INK}; border: 1px solid {RULE}; border-radius: 6px;
  padding: 12px; max-width: 600px; overflow: hidden; --jp-widgets-label-color: {INK};
  --jp-widgets-color: {INK}; --jp-ui-font-color1: {INK};
  font-family: var(--pst-font-family-base, var(--jp-ui-font-family, sans-serif)); }}
.asl-explorer figcaption, .asl-explorer caption, .asl-explorer p, .asl-explorer select,
.asl-explorer .widget-label, .asl-explorer td {{ font-family: inherit; }}
.asl-explorer .widget-tab > .widget-tab-bar, .asl-explorer .widget-tab > .p-TabBar,
.asl-explorer .widget-tab > .lm-TabBar {{ display: none !important; }}
.asl-explorer .widget-tab > .widget-tab-contents {{ border: 0 !important; padding: 0 !important;
  background: {CARD} !important; overflow: hidden; }}
.asl-explorer .widget-html, .asl-explorer .widget-html-content {{ width: 100%; height: auto; }}
.asl-explorer select {{ background-color: white !important; color: {INK};
  border: 1px solid {MUTED}; }}
.asl-explorer .asl-row {{ display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center;
  line-height: 1.4; }}
.asl-explorer figure {{ margin: 0 !important; flex: 0 1 168px; min-width: 118px; }}
.asl-explorer img {{ width: 100%; height: auto; image-rendering: pixelated; display: block;
  margin: 0 !important; padding: 0 !important; border: 1px solid {RULE} !important;
  border-radius: 0 !important; background: {CARD} !important; filter: none !important; }}
.asl-explorer figcaption, .asl-explorer caption, .asl-explorer p {{ font-size: 14px;
  color: {MUTED} !important; margin: 4px 0; padding: 0; text-align: left; white-space: normal;
  line-height: 1.4; }}
.asl-explorer table {{ border-collapse: collapse; margin: 0; width: auto; flex: none; }}
.asl-explorer caption {{ caption-side: bottom; }}
.asl-explorer td {{ width: 42px; height: 42px; padding: 0; text-align: center; line-height: 1;
  border: 1px solid {RULE}; font-size: 14px; }}
@media (max-width: 520px) {{
  .asl-explorer figure {{ flex: 1 1 40%; }}
  .asl-explorer table {{ order: 1; }}
}}
.asl-explorer .widget-readout {{ min-width: 40px; }}
.asl-static {{ display: none; }}
.bd-article .asl-static {{ display: block; }}
.bd-article .asl-live {{ display: none !important; }}
</style>"""

_STATIC = (
    '<p class="asl-static">Opened as a notebook (the Colab button above), this explorer also has '
    "nine sliders, one for each weight.</p>"
)


class ExplorerError(AslError):
    """An explorer was given something that it cannot show."""


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

    names, presets = list(kernels), list(kernels.values())
    pages = [
        widgets.HTML(_page(image, subject, np.array(kernel, float), note))
        for kernel, note in presets
    ]
    tabs = widgets.Tab(children=pages, selected_index=0)
    choice = widgets.Dropdown(
        options=names, index=0, description="Kernel", style={"description_width": "initial"}
    )
    widgets.jslink((choice, "index"), (tabs, "selected_index"))

    sliders = [_slider(place, presets[0][0], reach) for place in range(9)]

    def preset(change) -> None:
        kernel, note = presets[change["new"]]
        pages[change["new"]].value = _page(image, subject, np.array(kernel, float), note)
        for slider, weight in zip(sliders, np.ravel(kernel), strict=True):
            slider.unobserve(weights, "value")
            slider.value = float(weight)
            slider.observe(weights, "value")

    def weights(_) -> None:
        kernel = np.array([slider.value for slider in sliders]).reshape(3, 3)
        pages[choice.index].value = _page(image, subject, kernel, "Your own weights.")

    choice.observe(preset, "index")
    for slider in sliders:
        slider.observe(weights, "value")

    grid = widgets.GridBox(
        sliders, layout=widgets.Layout(grid_template_columns="repeat(3, minmax(0, 1fr))")
    )
    grid.add_class("asl-live")
    box = widgets.VBox([widgets.HTML(_CSS), choice, tabs, grid, widgets.HTML(_STATIC)])
    box.add_class("asl-explorer")
    return box


def _slider(place: int, kernel, reach: float) -> widgets.FloatSlider:
    row, column = divmod(place, 3)
    return widgets.FloatSlider(
        value=kernel[row][column],
        min=-reach,
        max=reach,
        step=0.01,
        description=f"K[{row}, {column}]",
        readout_format=".2f",
        style={"description_width": "44px"},
        layout=widgets.Layout(width="auto", min_width="0"),
    )


def _page(image: np.ndarray, subject: str, kernel: np.ndarray, note: str) -> str:
    """Return one panel: the image, the kernel as a table, the feature map with its words."""
    result = corr2d(image / 255.0, kernel)
    reach = max(float(np.abs(result).max()), 1e-9)
    colored = (255 * DIVERGING((result / reach + 1) / 2)[..., :3]).round().astype(np.uint8)
    low, high = (f"{end:.2f}".replace("-", "−") for end in (result.min(), result.max()))
    alt = f"Feature map of {subject}, values {low} to {high}. {note}"
    return (
        '<div class="asl-row">'
        f"<figure>{_img(image, f'The image: {subject}')}<figcaption>image</figcaption></figure>"
        f"{_table(kernel)}"
        f"<figure>{_img(colored, alt)}<figcaption>map, {low} to {high}</figcaption></figure>"
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


def _img(pixels: np.ndarray, alt: str) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
