"""Explorers with presets and sliders: the page swaps ready panels, the notebook also draws anew."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets

from asl_helpers.explorers.frame import card, dropdown, swapped


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
