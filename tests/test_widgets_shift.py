import re

import ipywidgets as widgets
import numpy as np
import pytest

from asl_helpers.scratch import corr2d, max_pool, relu
from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import POOLINGS, shift_explorer

VERTICAL = np.array([[-1, 0, 1]] * 3)
IMAGE = np.zeros((12, 20), np.uint8)
IMAGE[3:9, 4:8] = 200  # a bright block on an even ground


@pytest.fixture
def explorer():
    return shift_explorer(IMAGE, VERTICAL, "a block", reach=4)


def parts(box):
    _, choice, slider, tabs = box.children
    return choice, slider, tabs


def change(page):
    return float(re.search(r"changed by ([\d.]+)", page.value).group(1))


def test_every_pooling_has_a_page_for_every_shift(explorer):
    choice, slider, tabs = parts(explorer)
    assert list(choice.options) == list(POOLINGS)
    assert (slider.min, slider.max) == (0, 4)
    assert [len(inner.children) for inner in tabs.children] == [5] * len(POOLINGS)


def test_the_browser_swaps_pages_without_python(explorer):
    choice, slider, tabs = parts(explorer)
    states = widgets.Widget.get_manager_state()["state"].values()
    links = {
        (link["state"]["source"][0], link["state"]["target"][0])
        for link in states
        if link["model_name"] == "LinkModel"
    }
    assert (f"IPY_MODEL_{choice.model_id}", f"IPY_MODEL_{tabs.model_id}") in links
    for inner in tabs.children:
        assert (f"IPY_MODEL_{slider.model_id}", f"IPY_MODEL_{inner.model_id}") in links


def test_the_pages_say_what_was_measured(explorer):
    tabs = parts(explorer)[2]
    pages = dict(zip(POOLINGS, tabs.children, strict=True))
    assert [change(page) for page in pages["global max"].children] == [0] * 5
    before, after = (
        max_pool(relu(corr2d(np.roll(IMAGE, step, 1) / 255, VERTICAL)), 2) for step in (0, 1)
    )
    expected = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert change(pages["max 2 × 2"].children[1]) == pytest.approx(expected, abs=0.005)
    assert change(pages["none"].children[3]) > 1


def test_images_say_what_they_show(explorer):
    page = parts(explorer)[2].children[0].children[2]
    alts = re.findall(r'<img alt="([^"]*)"', page.value)
    assert alts == [
        "The image: a block, shifted by 2 pixels",
        "Features of a block, not shifted",
        "Features of a block, shifted by 2 pixels: other values",
    ]


def test_what_it_cannot_show_is_named():
    with pytest.raises(ExplorerError, match=r"image\.mean"):
        shift_explorer(np.zeros((8, 8, 3), np.uint8), VERTICAL, "a hand")
    with pytest.raises(ExplorerError, match=r"np\.pad"):
        shift_explorer(np.tile(np.arange(20, dtype=np.uint8), (9, 1)), VERTICAL, "a ramp")
