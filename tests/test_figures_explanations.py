"""What the figures of chapter 11 say: where the heat lies, which letter stands beside which."""

import numpy as np
import pandas as pd
import pytest

from asl_helpers.figures import grids, part2

PICTURES = np.full((2, 4, 4, 1), 128, np.uint8)


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_heat_lies_where_the_map_is_and_leaves_the_rest_grey():
    heat = np.zeros((2, 4, 4))
    heat[0, 1, 2], heat[1, 3, 0] = 0.2, -5  # for, and against
    fig = grids.heat_rows(PICTURES, {"loss": heat}, ["A", "B"], source="drawn hands")
    first, second = (shown(ax) for ax in fig.axes[2:])
    blue, orange, grey = first[1, 2], second[3, 0], first[0, 0]
    assert blue[2] > 2 * blue[0], "evidence for the class is blue"
    assert orange[0] > 2 * orange[2], "evidence against it is orange"
    assert np.ptp(grey) == pytest.approx(0)
    for picture, place in ((first, (1, 2)), (second, (3, 0))):
        colored = np.ptp(picture, axis=-1) > 0.01
        assert np.argwhere(colored).tolist() == [list(place)]
    assert [ax.get_title() for ax in fig.axes[:2]] == ["A", "B"]
    assert [fig.axes[place].get_ylabel() for place in (0, 2)] == ["picture", "loss"]
    assert "drawn hands" in fig.get_supxlabel()


def test_an_empty_map_stays_grey():
    fig = grids.heat_rows(PICTURES / 255, {"none": np.zeros((2, 4, 4))}, ["A", "B"])
    assert np.ptp(shown(fig.axes[2]), axis=-1).max() == pytest.approx(0)


def test_pairs_name_both_letters_and_what_tells_them_apart():
    fig = part2.confused_pairs(
        [PICTURES[0], PICTURES[1]],
        [PICTURES[1], PICTURES[0]],
        [("N", "M"), ("P", "H")],
        [0.5, 0.125],
        {"N": "two fingers", "M": "three fingers"},
        source="drawn hands",
    )
    assert [ax.get_title() for ax in fig.axes[:2]] == ["is N, read as M", "M, from training"]
    assert words(fig.axes[2]) == ["50% of N read as M", "N: two fingers\nM: three fingers"]
    assert words(fig.axes[5])[0] == "12% of P read as H"


def test_latencies_run_from_median_to_p95():
    table = pd.DataFrame(
        {
            "way": ["slow", "slow", "fast", "fast"],
            "batch": [1, 32, 1, 32],
            "median_ms": [40.0, 50.0, 0.5, 2.0],
            "p95_ms": [60.0, 70.0, 0.9, 2.5],
        }
    )
    fig = part2.latencies(table, source="this machine")
    ax = fig.axes[0]
    lines = [line.get_xdata().tolist() for line in ax.lines[::2]]
    assert lines == [[40, 60], [0.5, 0.9], [50, 70], [2, 2.5]]
    assert [line.get_xdata()[0] for line in ax.lines[1::2]] == [40, 0.5, 50, 2]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["slow", "fast"]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["batch of 1", "batch of 32"]
    assert ax.get_xscale() == "log"
