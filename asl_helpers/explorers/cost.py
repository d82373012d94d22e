"""What a convolution costs, and what it costs in two steps: presets, and sliders for one's own."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets

from asl_helpers.counting import Cost, conv, depthwise, pointwise
from asl_helpers.explorers.frame import ExplorerError
from asl_helpers.explorers.sliders import slider, with_sliders

COSTS: dict[str, tuple[list[int], str]] = {
    "a layer in the middle": (
        [3, 64, 64, 28],
        "Nearly all that is left is the mixing, which has one place where the kernel had nine.",
    ),
    "many channels": (
        [3, 512, 512, 7],
        "More filters hardly help any more: the share nears 1 / 9, one over the kernel's places.",
    ),
    "few filters": (
        [3, 64, 4, 28],
        "Only four filters share the filtering, so more than a third of the cost is left.",
    ),
    "the first layer, one channel": (
        [3, 1, 32, 28],
        "Cheap, and a poor bargain: one channel gets one filter, so all 32 maps are that one "
        "filtered image times a number.",
    ),
    "kernel 1 × 1": (
        [1, 64, 64, 28],
        "Nothing to save: a 1 × 1 convolution is the mixing itself, and the filtering comes on "
        "top.",
    ),
    "kernel 7 × 7": (
        [7, 64, 64, 28],
        "The larger the kernel, the more is saved: its 49 places are paid for once a channel.",
    ),
    "twice the size": (
        [3, 64, 64, 56],
        "Four times the places, four times the multiply-adds, and not one parameter more.",
    ),
}
"""Presets: kernel, channels, filters and the maps' side in pixels; and what to look for."""

_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has sliders for the kernel, "
    "the channels, the filters and the size."
)


def cost_explorer(presets: Mapping[str, tuple[list[int], str]] = COSTS) -> widgets.VBox:
    """Return a widget that shows the cost of a convolution and of its two separable steps.

    Parameters
    ----------
    presets:
        A name -> ([kernel, channels, filters, side of the output in pixels], what to look for).

    Raises
    ------
    ExplorerError
        If a preset has not four whole numbers from 1.
    """
    for name, (values, _) in presets.items():
        if len(values) != 4 or any(value != int(value) or value < 1 for value in values):
            raise ExplorerError(
                f"Preset {name!r}: expected kernel, channels, filters and size, whole numbers from "
                f"1; got {values}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own layer." if own else presets[name][1]
        return _page(*(int(value) for value in values), note)

    first = next(iter(presets.values()))[0]
    ranges = {
        "kernel": (1, 11, 2),
        "channels": (1, 512, 1),
        "filters": (1, 512, 1),
        "size": (1, 112, 1),
    }
    sliders = []
    for value, (name, given) in zip(first, ranges.items(), strict=True):
        each = slider(name, value, *given, room="62px")
        each.readout_format = ".0f"
        sliders.append(each)
    plain = {name: values for name, (values, _) in presets.items()}
    return with_sliders("Layer", plain, draw, sliders, _STATIC, columns=2)


def _page(kernel: int, channels: int, filters: int, size: int, note: str) -> str:
    """Return one panel: a row for each way and step, with a bar of its multiply-adds."""
    steps = depthwise(size, kernel, channels), pointwise(size, channels, filters)
    whole, pair = conv(size, kernel, channels, filters), steps[0] + steps[1]
    most = max(whole.multiply_adds, pair.multiply_adds)
    rows = "".join(
        _row(name, cost, most)
        for name, cost in zip(
            ("standard", "depthwise", "pointwise", "both steps"),
            (whole, *steps, pair),
            strict=True,
        )
    )
    head = '<td></td><th scope="col">weights</th><th scope="col">multiply-adds</th>'
    share = pair.multiply_adds / whole.multiply_adds
    words = (
        f"Kernel {kernel} × {kernel}, {channels} → {filters} channels, maps of {size} × {size}. "
        f"In two steps: 1/{filters} + 1/{kernel**2} = {share:.1%} of the multiply-adds."
    )
    return (
        f'<table class="asl-bars"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"<p>{words}</p><p>{escape(note)}</p>"
    )


def _row(name: str, cost: Cost, most: int) -> str:
    """Return a row; the bar lies below the name, where a phone has room for it."""
    share = 100 * cost.multiply_adds / most
    bar = f'<div style="height:8px;margin:2px 0 6px;width:{share:.1f}%"></div>'
    return (
        f'<tr><th scope="row" class="asl-bar" style="text-align:left;width:60%">{name}{bar}</th>'
        f"<td>{cost.trained:,}</td><td>{cost.multiply_adds:,}</td></tr>"
    )
