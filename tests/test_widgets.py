import re

import ipywidgets as widgets
import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import KERNELS, kernel_explorer

IMAGE = np.tile(np.repeat([0, 255], 6), (12, 1)).astype(np.uint8)  # dark left, bright right


@pytest.fixture
def explorer():
    return kernel_explorer(IMAGE, subject="a step from dark to bright")


def parts(box):
    _, choice, tabs, grid, _ = box.children
    return choice, tabs, grid.children


def weights(page):
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page.value)
    return [float(cell.replace("−", "-")) for cell in cells]


def test_every_preset_has_a_ready_page_with_its_weights(explorer):
    choice, tabs, _ = parts(explorer)
    assert list(choice.options) == list(KERNELS)
    for page, (kernel, note) in zip(tabs.children, KERNELS.values(), strict=True):
        assert weights(page) == [float(weight) for weight in np.ravel(kernel)]
        assert note in page.value


def test_the_browser_swaps_pages_without_python(explorer):
    choice, tabs, _ = parts(explorer)
    page_state = widgets.Widget.get_manager_state()["state"].values()
    links = [model["state"] for model in page_state if model["model_name"] == "LinkModel"]
    ends = [(link["source"], link["target"]) for link in links]
    wanted = (
        [f"IPY_MODEL_{choice.model_id}", "index"],
        [f"IPY_MODEL_{tabs.model_id}", "selected_index"],
    )
    assert wanted in [(list(source), list(target)) for source, target in ends]


def test_images_say_what_they_show(explorer):
    page = parts(explorer)[1].children[0]
    alts = re.findall(r'<img alt="([^"]*)"', page.value)
    assert len(alts) == 2
    assert alts[0] == "The image: a step from dark to bright"
    assert "values 0.00 to 4.00" in alts[1]  # 1 + 2 + 1 where it steps from 0 to 1


def test_a_preset_moves_the_sliders_and_a_slider_redraws_the_page(explorer):
    choice, tabs, sliders = parts(explorer)
    choice.index = list(KERNELS).index("identity")
    assert [slider.value for slider in sliders] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    sliders[0].value = -2.5
    page = tabs.children[choice.index]
    assert weights(page) == [-2.5, 0, 0, 0, 1, 0, 0, 0, 0]
    assert "values −1.50 to 1.00" in page.value


def test_choosing_a_preset_again_restores_it(explorer):
    choice, tabs, sliders = parts(explorer)
    sliders[4].value = 3
    assert weights(tabs.children[0])[4] == 3
    choice.index = 1
    choice.index = 0
    assert weights(tabs.children[0]) == [float(w) for w in np.ravel(KERNELS["left to right"][0])]


def test_what_it_cannot_show_is_named():
    with pytest.raises(ExplorerError, match=r"image\.mean"):
        kernel_explorer(np.zeros((8, 8, 3), np.uint8), "a hand")
    with pytest.raises(ExplorerError, match="'wide' is not a 3 x 3"):
        kernel_explorer(IMAGE, "a hand", {"wide": ([[1, 2]], "")})
