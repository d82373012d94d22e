import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from asl_helpers.figures import style


@style.figure
def drawn(*, ax=None, source=None):
    fig, ax = style.canvas(ax)
    ax.plot([1, 2])
    return style.finish(fig, source)


def luminance(color):
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_a_figure_is_shown_once_and_has_an_opaque_light_background():
    fig = drawn(source="drawn hands")
    assert fig.number not in plt.get_fignums()
    assert fig.get_facecolor() == (*to_rgb(style.CARD), 1.0)
    assert fig.get_supxlabel() == "Data: drawn hands"


def test_an_axis_of_the_caller_stays_the_callers():
    fig, (left, right) = plt.subplots(1, 2)
    assert drawn(ax=right) is fig
    assert fig.number in plt.get_fignums()
    assert (len(left.lines), len(right.lines)) == (0, 1)
    plt.close(fig)


def test_the_readers_own_settings_are_untouched():
    before = dict(plt.rcParams)
    drawn()
    assert dict(plt.rcParams) == before


def test_text_has_enough_contrast_on_every_color_of_the_maps():
    for colors in (style.SEQUENTIAL, style.DIVERGING, plt.get_cmap("gray")):
        for place in np.linspace(0, 1, 101):
            color = colors(place)[:3]
            assert contrast(color, style.text_on(color)) >= 4.5


@pytest.mark.parametrize(("name", "least"), [("INK", 7), ("MUTED", 4.5)])
def test_text_has_enough_contrast_on_the_card(name, least):
    assert contrast(getattr(style, name), style.CARD) >= least


def test_maps_change_lightness_steadily():
    steps = np.diff([luminance(style.SEQUENTIAL(x)[:3]) for x in np.linspace(0, 1, 50)])
    assert (steps < 0).all()
    halves = [luminance(style.DIVERGING(x)[:3]) for x in np.linspace(0, 1, 51)]
    assert int(np.argmax(halves)) == 25


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3)])
def test_images_of_bytes_share_one_scale(shape):
    fig, axes = style.panels(1, 1)
    style.show_image(axes[0, 0], np.full(shape, 7, np.uint8), title="B", frame=style.ORANGE)
    shown = axes[0, 0].images[0]
    assert shown.get_array().shape[:2] == (4, 5)
    if shape[-1] != 3:
        assert shown.get_clim() == (0, 255)
    plt.close(fig)


def test_a_long_source_is_wrapped():
    fig = drawn(source="a source that goes on " * 8)
    assert max(len(line) for line in fig.get_supxlabel().splitlines()) <= 90
