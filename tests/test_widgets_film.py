import re

import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part3 import film_explorer

RNG = np.random.default_rng(0)
CLIPS = RNG.integers(40, 200, (2, 8, 8, 3))
# Two clips of three frames: alike within a clip, strangers across.
FILM = np.concatenate([np.stack([clip, clip + 20, clip + 40]) for clip in CLIPS]).astype(np.uint8)
FRAMES = np.array([0, 1, 2, 3, 4, 5])


@pytest.fixture
def pages():
    _, choice, slider, tabs = film_explorer({"A": (FILM, FRAMES)}, (1, 2, 3, 9)).children
    assert list(choice.options) == ["A"]
    assert [value for _, value in slider.options] == [1, 2, 3, 9]
    return [page.value for page in tabs.children[0].children]


def test_a_panel_shows_two_frames_so_far_apart(pages):
    for page, distance in zip(pages, (1, 2, 3), strict=False):
        first, second = (int(each) for each in re.findall(r'alt="A, frame (\d+)"', page))
        assert second - first == distance


def test_the_mean_is_over_all_pairs_at_that_distance(pages):
    flat = FILM.mean(axis=-1).reshape(6, -1)
    table = np.corrcoef(flat)
    said = [float(re.search(r"average a pair has (-?[\d.]+), over", page)[1]) for page in pages]
    for distance, value in zip((1, 2, 3), said, strict=False):
        assert value == pytest.approx(np.diagonal(table, distance).mean(), abs=2e-3)
    assert "over 5 of them" in pages[0]


def test_a_distance_that_the_film_has_not_becomes_the_nearest(pages):
    assert "5 apart" in pages[3]


def test_the_order_of_the_pictures_does_not_matter():
    turned = film_explorer({"A": (FILM[::-1], FRAMES[::-1])}, (1, 2))
    straight = film_explorer({"A": (FILM, FRAMES)}, (1, 2))
    first, second = (box.children[3].children[0].children[0].value for box in (turned, straight))
    assert first == second


def test_what_it_cannot_show_is_named():
    for film in ((FILM[:1], FRAMES[:1]), (FILM[..., 0], FRAMES), (FILM, FRAMES[:3])):
        with pytest.raises(ExplorerError, match="two or more pictures"):
            film_explorer({"A": film}, (1, 2))
    with pytest.raises(ExplorerError, match="same frame number"):
        film_explorer({"A": (FILM, FRAMES // 2)}, (1, 2))
