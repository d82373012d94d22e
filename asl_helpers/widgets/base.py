"""What every widget is built from: the card, panels that the browser swaps, sliders, drawings.

Each widget also works in the built page, where no Python runs behind it: all panels are made
beforehand, and choosing one only swaps them, which the browser does by itself. What needs Python
shows itself only in a running notebook. ipywidgets 7.7 (Colab) and 8 both draw them.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from asl_helpers.figures.style import BLUE, CARD, DIVERGING, INK, MUTED, RULE

# Selectors name the widget twice over, and some end in !important, because the notebook's and the
# page's own styles for tabs, images and tables must yield; the card stays light on a dark page.
_CSS = f"""<style>
.asl-explorer {{ background: {CARD}; color: {INK}; border: 1px solid {RULE}; border-radius: 6px;
  padding: 12px; max-width: 600px; overflow: hidden; --jp-widgets-label-color: {INK};
  --jp-widgets-color: {INK}; --jp-ui-font-color1: {INK};
  font-family: var(--pst-font-family-base, var(--jp-ui-font-family, sans-serif)); }}
.asl-explorer :is(figcaption, caption, p, select, td, th, .widget-label) {{ font-family: inherit; }}
.asl-explorer .widget-tab > :is(.widget-tab-bar, .p-TabBar, .lm-TabBar) {{
  display: none !important; }}
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
.asl-explorer :is(figcaption, caption, p) {{ font-size: 14px;
  color: {MUTED} !important; margin: 4px 0; padding: 0; text-align: left; white-space: normal;
  line-height: 1.4; }}
.asl-explorer table {{ border-collapse: collapse; margin: 0; width: auto; flex: none; }}
.asl-explorer caption {{ caption-side: bottom; }}
.asl-explorer td {{ width: 42px; height: 42px; padding: 0; text-align: center; line-height: 1;
  border: 1px solid {RULE}; font-size: 14px; }}
.asl-explorer table.asl-bars {{ width: 100%; }}
.asl-explorer table.asl-bars :is(td, th) {{ width: auto; height: 30px; border: 0;
  border-bottom: 1px solid {RULE}; text-align: right; padding: 0 8px; font-size: 14px;
  color: {INK}; background: transparent; white-space: nowrap; }}
.asl-explorer table.asl-bars .asl-bar {{ width: 50%; text-align: left; }}
.asl-explorer .asl-bar div {{ height: 8px; margin: 2px 0 6px; min-width: 1px;
  background: {BLUE}; }}
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

_NAMED = {"description_width": "initial"}


def dropdown(label: str, names: Sequence[str]) -> widgets.Dropdown:
    """Return a list of names to choose from, the first one chosen."""
    return widgets.Dropdown(options=list(names), index=0, description=label, style=_NAMED)


def stepper(label: str, options: Sequence, start: int = 0) -> widgets.SelectionSlider:
    """Return a slider over the options, texts or numbers, that stands at index ``start``."""
    pairs = [(str(option), index) for index, option in enumerate(options)]
    layout = widgets.Layout(width="auto", max_width="420px")
    return widgets.SelectionSlider(
        options=pairs, value=start, description=label, style=_NAMED, layout=layout
    )


def swapped(control: widgets.Widget, panels: Sequence[str | widgets.Widget]) -> widgets.Tab:
    """Return the panels (HTML or widgets), of which one shows: that of the control's index.

    The browser swaps them by itself, so this works where no Python runs.
    """
    children = [widgets.HTML(panel) if isinstance(panel, str) else panel for panel in panels]
    tabs = widgets.Tab(children=children, selected_index=control.index)
    widgets.jslink((control, "index"), (tabs, "selected_index"))
    return tabs


def chosen(label: str, pages: Mapping[str, Sequence[str]], control: widgets.Widget) -> widgets.VBox:
    """Return a widget with a list of names; the control swaps the pages of the chosen one."""
    choice = dropdown(label, list(pages))
    tabs = [swapped(control, each) for each in pages.values()]
    return card([choice, control], swapped(choice, tabs))


def card(
    controls: Sequence[widgets.Widget],
    panel: widgets.Widget,
    live: Sequence[widgets.Widget] = (),
    static: str = "",
) -> widgets.VBox:
    """Return the widget: controls above the panel, below it what needs Python.

    ``live`` shows in a running notebook only, the words of ``static`` on the page only.
    """
    for widget in live:
        widget.add_class("asl-live")
    note = [widgets.HTML(f'<p class="asl-static">{escape(static)}</p>')] if static else []
    box = widgets.VBox([widgets.HTML(_CSS), *controls, panel, *live, *note])
    box.add_class("asl-explorer")
    return box


def slider(
    name: str, value: float, low: float, high: float, step: float = 0.01, form: str = ".2f"
) -> widgets.FloatSlider:
    """Return a slider that shrinks with its card."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=name, readout_format=form,
        style={"description_width": f"{max(44, 8 * len(name))}px"},
        layout=widgets.Layout(width="auto", min_width="0"),
    )  # fmt: skip


def with_sliders(
    label: str,
    presets: Mapping[str, tuple[Sequence[float], str]],
    draw: Callable[[str, Sequence[float], str], str],
    sliders: Sequence[widgets.FloatSlider],
    also: str,
    columns: int = 2,
) -> widgets.VBox:
    """Return a widget with a ready panel for each preset, and sliders for values of one's own.

    ``presets`` is a name -> (one value for each slider, what to look for); ``draw`` gives a panel's
    HTML from the name, the values and these words. The sliders, ``columns`` of them side by side,
    stand at the first preset's values; ``also`` says in words what the page lacks.
    """
    pages = [widgets.HTML(draw(name, *preset)) for name, preset in presets.items()]
    choice = dropdown(label, list(presets))

    def preset(change) -> None:
        name, (values, note) = list(presets.items())[change["new"]]
        pages[change["new"]].value = draw(name, values, note)
        for each, value in zip(sliders, values, strict=True):
            each.unobserve(own, "value")  # nine moves of sliders are one drawing
            each.value = float(value)
            each.observe(own, "value")

    def own(_) -> None:
        values = [each.value for each in sliders]
        pages[choice.index].value = draw(choice.value, values, "Your own values.")

    choice.observe(preset, "index")
    for each in sliders:
        each.observe(own, "value")
    layout = widgets.Layout(grid_template_columns=f"repeat({columns}, minmax(0, 1fr))")
    static = f"Opened as a notebook (the Colab button above), this explorer also has {also}."
    return card([choice], swapped(choice, pages), [widgets.GridBox(sliders, layout=layout)], static)


def colored(values: np.ndarray, reach: float) -> np.ndarray:
    """Return values from -``reach`` to ``reach`` as colored pixels, white at 0."""
    return (255 * DIVERGING((values / reach + 1) / 2)[..., :3]).round().astype(np.uint8)


def row(*parts: str, note: str = "", wide: bool = False) -> str:
    """Return HTML parts side by side, with a note below."""
    below = f"<p>{escape(note)}</p>" if note else ""
    return f'<div class="asl-row{" asl-wide" if wide else ""}">{"".join(parts)}</div>{below}'


def picture(pixels: np.ndarray | Figure, alt: str, caption: str) -> str:
    """Return HTML of one picture, uint8 (h, w) or (h, w, 3), or a figure; its caption below."""
    buffer = io.BytesIO()
    if isinstance(pixels, Figure):
        pixels.savefig(buffer, format="png", dpi=120)
        pixels = np.asarray(Image.open(buffer).convert("RGB"))
        buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<figure><img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def bar_table(
    head: Sequence[str], rows: Mapping[str, Sequence[str]], shares: Sequence[float], beside=False
) -> str:
    """Return a table: a row a name, with a bar of its share 0-1 below the name, and its cells."""
    lines = "".join(
        f'<tr><th scope="row" class="asl-bar">{escape(name)}'
        f'<div style="width:{100 * share:.1f}%"></div></th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for (name, cells), share in zip(rows.items(), shares, strict=True)
    )
    first, *others = head
    named = f'<th scope="col" class="asl-bar">{first}</th>'
    named += "".join(f'<th scope="col">{name}</th>' for name in others)
    look = "asl-bars asl-beside" if beside else "asl-bars"
    return f'<table class="{look}"><thead><tr>{named}</tr></thead><tbody>{lines}</tbody></table>'
