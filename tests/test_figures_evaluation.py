import numpy as np

from asl_helpers.figures import charts
from asl_helpers.figures.style import canvas

NAMES = ("A", "B", "C")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_confusion_matrix_shows_percent_of_each_true_class():
    fig = charts.confusion_matrix([[3, 1, 0], [0, 2, 0], [1, 1, 98]], NAMES, source="drawn hands")
    ax = fig.axes[0]
    shown = ax.images[0].get_array()
    assert shown[0].tolist() == [0.75, 0.25, 0]
    assert shown[1].tolist() == [0, 1, 0]
    # Shares below five percent are tinted, not written.
    assert texts(ax) == ["75", "25", "100", "98"]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(NAMES)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("read as", "true letter")
    assert "drawn hands" in fig.get_supxlabel()


def test_confusion_matrix_of_a_class_without_images_is_blank_there():
    fig = charts.confusion_matrix([[2, 0], [0, 0]], "AB")
    assert np.isfinite(fig.axes[0].images[0].get_array()).all()
    assert texts(fig.axes[0]) == ["100"]


def test_intervals_draw_each_score_inside_its_bar():
    fig = charts.intervals({"blocks": (0.5, 0.4, 0.6), "random": (0.99, 0.98, 1.0)})
    ax = fig.axes[0]
    bars, dots = ax.lines[::2], ax.lines[1::2]
    assert [bar.get_xdata().tolist() for bar in bars] == [[0.4, 0.6], [0.98, 1.0]]
    assert [dot.get_xdata()[0] for dot in dots] == [0.5, 0.99]
    assert texts(ax) == ["50.0%", "99.0%"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["blocks", "random"]


def test_figures_draw_on_a_given_axis():
    _, ax = canvas()
    assert charts.confusion_matrix(np.eye(3, dtype=int), NAMES, ax=ax) is ax.figure
    assert ax.images
