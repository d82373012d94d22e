"""What the figures of chapter 5 say: each way as it was walked, each loss where it belongs."""

import numpy as np
import pytest

from asl_helpers.figures import part1
from asl_helpers.scratch import GradientDescent, walk

CURVATURE = np.array([1.0, 20.0])


def loss(weights):
    return (CURVATURE * weights**2).sum(axis=-1) / 2


def test_each_panel_holds_its_way_the_start_and_the_lowest_place():
    ways = {
        f"rate {rate}": walk(GradientDescent(rate), lambda w: CURVATURE * w, [-9.0, 2.0], 10)
        for rate in (0.03, 0.09)
    }
    fig = part1.descent_paths(loss, ways)
    assert [ax.get_title(loc="left") for ax in fig.axes] == list(ways)
    for ax, way in zip(fig.axes, ways.values(), strict=True):
        drawn, start, lowest = ax.lines
        np.testing.assert_allclose(drawn.get_xydata(), way)
        assert start.get_xydata().tolist() == [[-9, 2]]
        assert lowest.get_xydata().tolist() == [[0, 0]]


@pytest.mark.filterwarnings("error")
def test_a_way_that_diverges_can_be_drawn():
    way = walk(GradientDescent(1.0), lambda w: CURVATURE * w, [-9.0, 2.0], 200)
    fig = part1.descent_paths(loss, {"too fast": way})
    fig.canvas.draw()
    assert np.abs(fig.axes[0].lines[0].get_ydata()).max() == 1e3


def test_losses_above_the_start_stand_at_the_upper_edge():
    rates = [0.01, 0.1, 1.0]
    fig = part1.rate_sweep(rates, {"Adam": [2.0, 0.5, np.nan]}, start=3.0, source="drawn")
    ax = fig.axes[0]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0.01, 2], [0.1, 0.5], [1, 3.45]])
    assert ax.lines[1].get_ydata()[0] == 3
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.01", "0.1", "1"]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["Adam"]
