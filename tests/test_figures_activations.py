"""What the figures of chapter 2 show, and the lines that later chapters share."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from asl_helpers.figures import charts, part1


def test_activations_and_their_derivatives_stand_side_by_side():
    x = np.linspace(-2, 2, 9)
    fig = part1.activations(x, {"ReLU": (np.maximum(x, 0), (x > 0) * 1.0), "identity": (x, x**0)})
    left, right = fig.axes
    assert left.lines[0].get_ydata().tolist() == np.maximum(x, 0).tolist()
    assert right.lines[0].get_ydata().tolist() == (x > 0).tolist()
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["ReLU", "identity"]


def test_signed_maps_share_one_scale_around_zero():
    maps = {"a": np.full((3, 3), -4.0), "b": np.ones((2, 2))}
    fig = part1.signed_maps(maps, signs=["+"], source="drawn hand")
    assert [ax.images[0].get_clim() for ax in fig.axes] == [(-4, 4), (-4, 4)]
    assert [ax.get_title() for ax in fig.axes] == ["a", "b"]
    assert "drawn hand" in fig.get_supxlabel()


def test_lines_are_named_at_their_ends_in_their_own_colour():
    series = {"low": [0, 1], "high": [0, 9], "close": [0, 9.1]}
    (ax,) = charts.lines([0, 1], series, "step", "loss").axes
    named = {text.get_text(): text for text in ax.texts}
    assert list(named) == ["low", "high", "close"]
    for line, name in zip(ax.lines, series, strict=True):
        assert line.get_color() == named[name].get_color()
    heights = {name: text.xy[1] for name, text in named.items()}
    room = 0.07 * np.diff(ax.get_ylim()).item()
    assert heights["close"] - heights["high"] > room, "names must not overlap"
    assert heights["low"] == pytest.approx(1)


def test_lines_write_shares_as_percentages_and_draw_in_a_given_axis():
    _, ax = plt.subplots()
    fig = charts.lines(
        np.arange(3), {"a": [0.1, 0.2, 0.5]}, "shift", "accuracy", percent=True, ax=ax
    )
    fig.canvas.draw()
    assert any(label.get_text().endswith("%") for label in ax.get_yticklabels())
    plt.close(fig)
