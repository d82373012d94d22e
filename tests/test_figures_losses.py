"""What the figures of chapter 4 say: the numbers at the bars, the marks, the bins."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from asl_helpers.figures import charts, part1
from asl_helpers.figures.style import BLUE, ORANGE


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_carry_their_numbers_and_negative_ones_go_left():
    fig = charts.class_bars({"o": [2.0, -1.0], "p": [0.75, 0.25]}, ["A", "E"])
    left, right = fig.axes
    assert words(left) == ["2.00", "−1.00"]
    assert words(right) == ["0.75", "0.25"]
    assert [bar.get_width() for bar in left.patches] == [2, -1]
    assert [bar.get_facecolor() for bar in left.patches] == [to_rgba(BLUE), to_rgba(ORANGE)]
    assert [label.get_text() for label in left.get_yticklabels()] == ["A", "E"]
    assert left.yaxis_inverted()  # the first class is on top


def test_marks_lie_on_the_curve():
    ax = part1.log_loss({"a guess": 0.2, "right": 0.95}).axes[0]
    assert words(ax) == ["a guess", "right"]
    for mark, prob in zip(ax.lines[1:], (0.2, 0.95), strict=True):
        assert mark.get_ydata()[0] == pytest.approx(-np.log(prob))


def test_runs_are_named_once_and_the_floor_is_drawn():
    history = {"loss": [3, 2], "accuracy": [0.1, 0.4]}
    fig = part1.loss_comparison({"right": history, "twice": history}, ("lowest", 2.25), "drawn")
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["right", "twice"]
    loss, accuracy = fig.axes
    assert loss.lines[2].get_ydata()[0] == 2.25
    assert words(loss) == ["lowest"]
    assert len(accuracy.lines) == 2
    assert "drawn" in fig.get_supxlabel()


def test_reliability_shows_a_dot_for_each_bin_that_holds_enough():
    confidence = np.repeat([0.95, 0.55, 0.15], [20, 20, 3])
    right = np.concatenate([np.arange(20) < 12, np.arange(20) < 15, [True] * 3])
    ax = charts.reliability({"as trained": (confidence, right)}).axes[0]
    dots = ax.collections[-1]
    np.testing.assert_allclose(dots.get_offsets(), [[0.55, 0.75], [0.95, 0.6]])
    colors = [to_rgba(BLUE), to_rgba(ORANGE)]  # modest, then too sure
    assert [tuple(color) for color in dots.get_facecolors()] == colors
