"""What comes back from behind a ReLU, as it is drawn."""

import numpy as np
from matplotlib.colors import to_rgba

from asl_helpers.figures import part1
from asl_helpers.figures.style import BLUE, ORANGE


def test_lost_points_are_set_apart_and_panels_share_their_axes():
    points = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    lost = np.array([False, True, True])
    panes = {"all": (points, ~np.ones(3, bool)), "some": (points / 2, lost)}
    fig = part1.survivors(panes, source="drawn")
    left, right = fig.axes
    assert [ax.get_title(loc="center") for ax in fig.axes] == ["all", "some"]
    kept, gone = right.collections
    np.testing.assert_array_equal(kept.get_offsets(), points[:1] / 2)
    np.testing.assert_array_equal(gone.get_offsets(), points[1:] / 2)
    assert tuple(kept.get_facecolor()[0]) == to_rgba(BLUE)
    assert tuple(gone.get_facecolor()[0]) == to_rgba(ORANGE)
    assert left.get_xlim() == right.get_xlim()
    assert left.yaxis_inverted()  # y points down, as in a picture
    assert "drawn" in fig.get_supxlabel()


def test_five_panels_take_two_rows_and_leave_one_place_empty():
    points = np.ones((2, 2))
    fig = part1.survivors({str(n): (points, np.zeros(2, bool)) for n in range(5)})
    assert [ax.axison for ax in fig.axes] == [True] * 5 + [False]
