"""What the figures of chapter 7 show."""

import numpy as np

from asl_helpers.figures import part2


def texts(ax):
    return [text.get_text().strip() for text in ax.texts]


def test_class_counts_has_a_bar_a_class_its_number_and_the_even_share():
    fig = part2.class_counts([10, 1300, 40, 50, 600], "ABCDE", source="drawn hands")
    left, right = fig.axes
    assert [bar.get_width() for bar in left.patches] == [10, 1300, 40]
    assert [bar.get_width() for bar in right.patches] == [50, 600]
    assert [tick.get_text() for tick in left.get_yticklabels()] == list("ABC")
    assert [tick.get_text() for tick in right.get_yticklabels()] == list("DE")
    assert texts(left) == ["10", "1,300", "40", "even share 400"]
    assert [float(ax.lines[0].get_xdata()[0]) for ax in fig.axes] == [400, 400]
    assert left.get_ylim()[0] > left.get_ylim()[1], "the first class stands on top"
    assert "drawn hands" in fig.get_supxlabel()


def test_value_spread_marks_mean_and_deviation_of_each_stage():
    grey = np.array([[0, 0, 100, 100]], np.uint8)
    fig = part2.value_spread({"grey level": grey, "standardised": (grey - 50.0) / 50}, bins=4)
    first, second = fig.axes
    assert [ax.get_xlabel() for ax in fig.axes] == ["grey level", "standardised"]
    assert first.patches[0].get_data().values.tolist() == [0.5, 0, 0, 0.5]
    assert float(first.lines[0].get_xdata()[0]) == 50
    assert "mean 50, deviation 50" in texts(first)
    assert "mean 0, deviation 1" in texts(second)


def test_likeness_has_a_panel_a_kind_and_says_how_many_reach_the_threshold():
    near = np.array([0.99, 0.97, 0.96, 0.5])
    fig = part2.likeness({"same": near, "other": near - 0.4}, 0.95, source="drawn hands")
    same, other = fig.axes
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["same", "other"]
    assert [ax.get_title(loc="right") for ax in fig.axes] == [
        "75.0% from 0.95 on",
        "0.0% from 0.95 on",
    ]
    shares = same.patches[0].get_data()
    assert shares.values.sum() == 1
    assert shares.values[shares.edges[:-1] >= 0.94].sum() == 0.75
    assert float(other.lines[0].get_xdata()[0]) == 0.95
    assert "drawn hands" in fig.get_supxlabel()


def test_likeness_counts_negative_correlations_as_zero():
    fig = part2.likeness({"same": np.array([-0.5, 0.01])}, 0.9)
    assert fig.axes[0].patches[0].get_data().values[0] == 1
