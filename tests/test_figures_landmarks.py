"""What the figures of chapter 17 show."""

import numpy as np

from asl_helpers import hand
from asl_helpers.figures import part4


def test_tracked_points_and_true_joints_lie_where_they_should():
    picture = np.full((30, 60, 3), 200, np.uint8)
    true = hand.pose("B").image[0]
    fig = part4.tracked_and_true([picture] * 2, [true + 0.1] * 2, [true] * 2, ["B", "B"], "drawn")
    ax = fig.axes[0]
    dots = {line.get_label(): line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 21}
    assert np.allclose(dots["true joint"], true[:, :2] * [60, 30] - 0.5)
    assert np.allclose(dots["tracker"] - dots["true joint"], [6, 3], atol=1e-4)
    low, high = sorted(ax.get_xlim())
    assert low < dots["true joint"][:, 0].min() < dots["true joint"][:, 0].max() < high
    assert ax.yaxis_inverted()
    assert [axis.get_title(loc="center") for axis in fig.axes] == ["B", "B"]
    assert "drawn" in fig.get_supxlabel()


def test_joint_errors_show_median_and_90th_percentile_of_what_was_found():
    errors = np.tile(np.arange(11.0)[:, None] / 10, (1, 21))
    errors[:, 4] *= 2
    errors = np.concatenate([errors, np.full((3, 21), np.nan)])
    (ax,) = part4.joint_errors(errors).axes
    heights = [bar.get_height() for bar in ax.patches]
    assert np.isclose(heights[4], 1.0)
    assert np.isclose(heights[8], 0.5)
    assert np.allclose(ax.lines[8].get_ydata(), [0.5, 0.9])
    names = {text.get_text(): text.xy[0] for text in ax.texts}
    assert (names["wrist"], names["thumb"], names["little"]) == (0, 2.5, 18.5)
    assert len({bar.get_facecolor() for bar in ax.patches[1:5]}) == 1


def test_turned_shares_name_their_lines():
    fig = part4.turned_shares([-90, 0, 90], {"all": [0.1, 0.9, 0.2], "K": [0, 1, 0]}, source="d")
    (ax,) = fig.axes
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["all", "K"]
    assert list(ax.lines[0].get_ydata()) == [0.1, 0.9, 0.2]
    assert ax.lines[0].get_linewidth() > ax.lines[1].get_linewidth()


def test_condition_scores_keep_the_order_of_the_rows():
    rows = [
        {"condition": "as usual", "found": 1.0, "read": 0.9, "low": 0.8, "high": 0.95},
        {"condition": "dark", "found": 0.5, "read": 0.4, "low": 0.3, "high": 0.5},
    ]
    (ax,) = part4.condition_scores(rows, source="drawn").axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["as usual", "dark"]
    marks = {line.get_label(): list(line.get_xdata()) for line in ax.lines}
    assert marks["hand found"] == [1.0, 0.5]
    assert marks["letter read right"] == [0.9, 0.4]
    assert list(ax.lines[1].get_xdata()) == [0.3, 0.5]
    assert ax.yaxis_inverted()
