"""What every widget is built from: the card, ready-made panels that the browser swaps, sliders.

Each widget also works in the built page, where no Python runs behind it: choosing a preset swaps
panels, which the browser does by itself; what needs Python shows itself only in a running notebook.
ipywidgets 7.7 (Colab) and 8 both draw them.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.figures.style import BLUE, CARD, DIVERGING, INK, MUTED, RULE

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
.asl-explorer figure {{ margin: 0 !important; flex: 0 1 168px; min-width: 118px;
  max-width: 200px; }}
.asl-explorer img {{ width: 100%; height: auto; image-rendering: pixelated; display: block;
  margin: 0 !important; padding: 0 !important; border: 1px solid {RULE} !important;
  border-radius: 0 !important; background: {CARD} !important; filter: none !important; }}
.asl-explorer .asl-wide figure {{ flex: 1 1 100%; max-width: none; }}
.asl-explorer .asl-wide img {{ image-rendering: auto; border: 0 !important; }}
.asl-explorer figcaption, .asl-explorer caption, .asl-explorer p {{ font-size: 14px;
  color: {MUTED} !important; margin: 4px 0; padding: 0; text-align: left; white-space: normal;
  line-height: 1.4; }}
.asl-explorer table {{ border-collapse: collapse; margin: 0; width: auto; flex: none; }}
.asl-explorer caption {{ caption-side: bottom; }}
.asl-explorer td {{ width: 42px; height: 42px; padding: 0; text-align: center; line-height: 1;
  border: 1px solid {RULE}; font-size: 14px; }}
.asl-explorer table.asl-bars {{ width: 100%; font-family: inherit; }}
.asl-explorer table.asl-bars td, .asl-explorer table.asl-bars th {{ width: auto; height: 30px;
  border: 0; border-bottom: 1px solid {RULE}; text-align: right; padding: 0 8px; font-size: 14px;
  color: {INK}; background: transparent; font-family: inherit; white-space: nowrap; }}
.asl-explorer table.asl-bars td.asl-bar {{ width: 60%; text-align: left; }}
.asl-explorer .asl-bar div {{ height: 16px; min-width: 1px; background: {BLUE}; }}
.asl-explorer table.asl-beside {{ width: auto; flex: 1 1 240px; }}
@media (max-width: 520px) {{
  .asl-explorer figure {{ flex: 1 1 40%; }}
  .asl-explorer table {{ order: 1; }}
}}
.asl-explorer .widget-readout {{ min-width: 40px; }}
.asl-static {{ display: none; }}
.bd-article .asl-static {{ display: block; }}
.bd-article .asl-live {{ display: none !important; }}
</style>"""


class ExplorerError(AslError):
    """An explorer was given something that it cannot show."""


def dropdown(label: str, names: Sequence[str]) -> widgets.Dropdown:
    """Return a list of names to choose from, the first one chosen."""
    return widgets.Dropdown(
        options=list(names), index=0, description=label, style={"description_width": "initial"}
    )


def stepper(label: str, last: int) -> widgets.IntSlider:
    """Return a slider over the whole numbers 0 to ``last``."""
    return widgets.IntSlider(
        value=0,
        min=0,
        max=last,
        description=label,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="320px"),
    )


def swapped(control: widgets.Widget, panels: Sequence[widgets.Widget]) -> widgets.Tab:
    """Return the panels, of which one shows: that of the control's index or value.

    The browser swaps them by itself, so this works where no Python runs. ``control`` has an
    ``index`` (a dropdown) or else a ``value`` that counts the panels from 0 (an integer slider).
    """
    tabs = widgets.Tab(children=list(panels), selected_index=0)
    trait = "index" if control.has_trait("index") else "value"
    widgets.jslink((control, trait), (tabs, "selected_index"))
    return tabs


def card(
    controls: Sequence[widgets.Widget],
    panel: widgets.Widget,
    live: Sequence[widgets.Widget] = (),
    static: str = "",
) -> widgets.VBox:
    """Return the explorer: controls above the panel, below it what needs Python.

    ``live`` shows in a running notebook only, the words of ``static`` on the page only.
    """
    for widget in live:
        widget.add_class("asl-live")
    note = [widgets.HTML(f'<p class="asl-static">{escape(static)}</p>')] if static else []
    box = widgets.VBox([widgets.HTML(_CSS), *controls, panel, *live, *note])
    box.add_class("asl-explorer")
    return box


def coloured(values: np.ndarray, reach: float) -> np.ndarray:
    """Return values from -``reach`` to ``reach`` as coloured pixels, white at 0."""
    return (255 * DIVERGING((values / reach + 1) / 2)[..., :3]).round().astype(np.uint8)


def picture(pixels: np.ndarray, alt: str, caption: str) -> str:
    """Return HTML of one picture, uint8 (h, w) or (h, w, 3), with its caption below."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<figure><img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def slider(
    name: str, value: float, low: float, high: float, step: float = 0.01, room: str = "44px"
) -> widgets.FloatSlider:
    """Return a slider that shrinks with its card; ``room`` is the width kept for its name."""
    return widgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=name,
        readout_format=".2f",
        style={"description_width": room},
        layout=widgets.Layout(width="auto", min_width="0"),
    )


def with_sliders(
    label: str,
    presets: Mapping[str, Sequence[float]],
    draw: Callable[[Sequence[float], str, bool], str],
    sliders: Sequence[widgets.FloatSlider],
    static: str,
    columns: int = 3,
) -> widgets.VBox:
    """Return an explorer: a panel for each preset, and sliders for values of one's own.

    Parameters
    ----------
    label:
        What is chosen, the name of the list.
    presets:
        A name -> one value for each slider.
    draw:
        Gives a panel's HTML from the values, the preset's name, and whether the values are the
        reader's own.
    sliders:
        They stand at the values of the first preset.
    static:
        What the page says in place of the sliders.
    columns:
        Sliders side by side.
    """
    names, values = list(presets), list(presets.values())
    pages = [widgets.HTML(draw(each, name, False)) for name, each in presets.items()]
    choice = dropdown(label, names)

    def preset(change) -> None:
        place = change["new"]
        pages[place].value = draw(values[place], names[place], False)
        for each, value in zip(sliders, values[place], strict=True):
            each.unobserve(own, "value")  # nine moves of sliders are one drawing
            each.value = float(value)
            each.observe(own, "value")

    def own(_) -> None:
        place = choice.index
        pages[place].value = draw([each.value for each in sliders], names[place], True)

    choice.observe(preset, "index")
    for each in sliders:
        each.observe(own, "value")

    layout = widgets.Layout(grid_template_columns=f"repeat({columns}, minmax(0, 1fr))")
    return card([choice], swapped(choice, pages), [widgets.GridBox(sliders, layout=layout)], static)
