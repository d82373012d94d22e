import numpy as np
import pytest
from matplotlib.colors import to_hex

from asl_helpers.figures import grids
from asl_helpers.figures.style import ORANGE

NAMES = ("A", "B", "C")


def pictures(n=6, channels=1):
    return (np.arange(n, dtype=np.uint8) * 40)[:, None, None, None] * np.ones(
        (8, 8, channels), np.uint8
    )


def shown(fig):
    """The axes that hold a picture, in reading order."""
    return [ax for ax in fig.axes if ax.images]


def levels(fig):
    return [int(ax.images[0].get_array().max()) for ax in shown(fig)]


def texts(fig):
    return [text.get_text() for ax in fig.axes for text in ax.texts]


def test_image_grid_shows_each_picture_once_under_its_title():
    fig = grids.image_grid(pictures(), list("UVWXYA"), columns=4, source="drawn hands")
    assert levels(fig) == [0, 40, 80, 120, 160, 200]
    assert [ax.get_title() for ax in shown(fig)] == list("UVWXYA")
    assert "drawn hands" in fig.get_supxlabel()


def test_image_grid_leaves_the_places_after_the_last_picture_blank():
    fig = grids.image_grid(pictures(5), columns=4)
    assert len(fig.axes) == 8
    assert [ax.axison for ax in fig.axes] == [True] * 5 + [False] * 3


@pytest.mark.parametrize("channels", [1, 3])
def test_image_grid_takes_grey_and_colour(channels):
    assert levels(grids.image_grid(pictures(2, channels))) == [0, 40]


def test_image_grid_of_nothing_says_so():
    fig = grids.image_grid(pictures(0))
    assert texts(fig) == ["no pictures"]


def test_class_grid_takes_the_first_of_each_class():
    fig = grids.class_grid(pictures(), np.array([2, 0, 0, 1, 1, 2]), NAMES)
    assert [ax.get_title() for ax in shown(fig)] == ["A", "B", "C"]
    assert levels(fig) == [40, 120, 0]


def test_class_rows_spread_over_the_class_and_carry_the_words():
    words = {"B": "four fingers straight up"}
    fig = grids.class_rows(pictures(), np.array([1, 1, 1, 1, 1, 0]), NAMES, ["B"], words, count=3)
    assert levels(fig) == [0, 80, 160]
    assert texts(fig) == ["B", "four fingers straight up"]


def test_mistakes_show_wrong_answers_only_with_both_letters():
    labels, predictions = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 2, 1, 1, 0])
    fig = grids.mistakes(
        pictures(), labels, predictions, NAMES, confidence=np.full(6, 0.5), count=2
    )
    assert levels(fig) == [40, 120]
    assert [ax.get_title() for ax in shown(fig)] == ["read as C, 50%\nis B", "read as B, 50%\nis A"]
    assert {to_hex(ax.spines["left"].get_edgecolor()) for ax in shown(fig)} == {ORANGE}
