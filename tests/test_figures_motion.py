"""What the figures of chapter 19 show."""

import numpy as np
from matplotlib.colors import to_hex

from asl_helpers.figures import part4
from asl_helpers.figures.style import BLUE, ORANGE


def test_stroke_paths_draw_the_way_of_the_landmark_with_y_downwards():
    points = np.zeros((9, 21, 3))
    points[:, 8, 0] = np.arange(9)
    points[:, 8, 1] = np.arange(9) / 2
    fig = part4.stroke_paths({"a": (points, 8), "b": (points, 4), "c": (points, 0)}, source="x")
    first = fig.axes[0]
    (way,) = [line for line in first.lines if len(line.get_xdata()) == 9]
    np.testing.assert_array_equal(way.get_xdata(), np.arange(9))
    assert to_hex(way.get_color()) == ORANGE
    low, high = first.get_ylim()
    assert low > high
    assert [ax.get_title() for ax in fig.axes[:3]] == ["a", "b", "c"]
    assert not fig.axes[3].axison
    assert fig.get_supxlabel() == "Data: x"


def test_frames_and_seconds_show_the_same_values_over_both():
    tracks = {"slow": (np.array([0, 0.1, 0.4]), np.array([1, 2, 3.0]))}
    fig = part4.frames_and_seconds(tracks, "way")
    frames, seconds = fig.axes
    np.testing.assert_array_equal(frames.lines[0].get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(seconds.lines[0].get_xdata(), [0, 0.1, 0.4])
    np.testing.assert_array_equal(frames.lines[0].get_ydata(), seconds.lines[0].get_ydata())


def test_looks_back_marks_the_steps_that_count():
    (ax,) = part4.looks_back(5, (1, 2, 4), 20).axes
    marked = [
        line for line in ax.lines if line.get_marker() == "o" and to_hex(line.get_color()) == BLUE
    ]
    assert sorted(len(line.get_xdata()) for line in marked) == [1, 5, 13, 29]
    assert min(line.get_xdata().min() for line in marked) == -28 / 20


def test_reading_shades_strokes_and_marks_events():
    times = np.linspace(0, 2, 21)
    clip = {
        "times": times,
        "series": {"J": times / 2, "Z": 1 - times / 2},
        "strokes": [("J", 0.5, 1.5)],
        "events": [("J", 1.4)],
    }
    fig = part4.reading({"one": clip, "two": {**clip, "events": []}}, threshold=0.8)
    first, second = fig.axes
    assert first.patches[0].get_x() == 0.5
    assert first.patches[0].get_width() == 1.0
    counts = [sum(line.get_marker() == "v" for line in ax.lines) for ax in (first, second)]
    assert counts == [1, 0]
    assert [text.get_text() for text in first.get_legend().get_texts()] == ["J", "Z"]
