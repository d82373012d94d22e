"""What the figures of chapter 18 show."""

import numpy as np

from asl_helpers.figures import grids, part4


def test_letters_in_time_shows_answers_signs_and_what_was_written():
    fig = part4.letters_in_time(
        [0.0, 0.1, 0.2],
        ["A", None, "B"],
        [0.9, 0.3, 0.8],
        [("A", 0.0, 0.1), ("B", 0.15, 0.3)],
        [("B", 0.2)],
        0.6,
        source="drawn",
    )
    (ax,) = fig.axes
    said = {(text.get_text(), tuple(np.round(text.get_position(), 2))) for text in ax.texts}
    assert {("A", (0.0, 0.9)), ("B", (0.2, 0.8)), ("B", (0.2, 1.26)), ("A", (0.05, -0.16))} <= said
    dots, threshold = ax.lines
    assert (float(dots.get_xdata()[0]), float(dots.get_ydata()[0])) == (0.1, 0.3)
    assert list(threshold.get_ydata()) == [0.6, 0.6]
    assert len(ax.patches) == 2  # a band for each sign
    assert "drawn" in fig.get_supxlabel()


def test_step_times_stacks_the_steps_and_names_the_sum():
    rows = {"usual": {"tracker": 20.0, "model": 50.0}, "quick": {"tracker": 20.0, "model": 0.5}}
    fig = part4.step_times(rows, 40, source="here")
    (ax,) = fig.axes
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_height() == 0.5]
    assert bars == [(0, 20), (20, 50), (0, 20), (20, 0.5)]
    said = [text.get_text() for text in ax.texts]
    assert {"70.0 ms", "20.5 ms", "model 50.0", "tracker 20.0"} <= set(said)
    assert "model 0.5" not in said  # no room
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["tracker", "model"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["usual", "quick"]


def test_wide_pictures_leave_no_gap_in_a_grid():
    wide = np.zeros((4, 30, 60, 3), np.uint8)
    square = np.zeros((4, 30, 30, 3), np.uint8)
    heights = [grids.image_grid(each, columns=2).get_figheight() for each in (wide, square)]
    assert heights[0] < 0.6 * heights[1]
