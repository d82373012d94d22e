import re

import ipywidgets as widgets
import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part2 import occlusion_explorer

NAMES = ["lit", "dark", "never"]
IMAGES = np.zeros((2, 8, 8, 1), np.float32)
IMAGES[0, :4, :4] = 1  # a bright quarter, upper left
IMAGES[1, 4:, 4:] = 1


def predict(images):
    """Surely "lit" where the upper left quarter is bright."""
    lit = (images[:, :4, :4].mean(axis=(1, 2, 3)) > 0.9).astype(float)
    return np.stack([0.8 * lit + 0.1, 0.9 - 0.8 * lit, 0 * lit], axis=1)


@pytest.fixture
def explorer():
    return occlusion_explorer(predict, IMAGES, ["left", "right"], NAMES, patch=4, places=2)


def parts(box):
    _, choice, down, across, tabs = box.children
    return choice, down, across, tabs


def page(box, picture, row, column):
    return parts(box)[3].children[picture].children[row].children[column].value


def shares(html):
    """A class -> percent for the whole picture and for the covered one."""
    found = re.findall(r'<th scope="row">(\w+)</th><td>(\d+)%</td><td>(\d+)%', html)
    return {name: (int(whole), int(covered)) for name, whole, covered in found}


def test_every_picture_has_a_page_for_every_place(explorer):
    choice, down, across, tabs = parts(explorer)
    assert list(choice.options) == ["left", "right"]
    assert (down.max, across.max) == (1, 1)
    assert [len(line.children) for tab in tabs.children for line in tab.children] == [2] * 4


def test_the_square_changes_the_answer_only_where_it_covers_what_counts(explorer):
    assert shares(page(explorer, 0, 0, 0)) == {"dark": (10, 90), "lit": (90, 10), "never": (0, 0)}
    assert "Now read as dark, not as lit." in page(explorer, 0, 0, 0)
    for row, column in ((0, 1), (1, 0), (1, 1)):
        assert shares(page(explorer, 0, row, column))["lit"] == (90, 90)
        assert "Still read as lit." in page(explorer, 0, row, column)
    assert "Still read as dark." in page(explorer, 1, 1, 1)


def test_the_class_of_the_whole_picture_is_always_listed():
    def crowd(images):
        probs = predict(images)
        return np.concatenate([probs[:, :2], np.full((len(images), 3), 0.3)], axis=1)

    names = ["lit", "dark", "x", "y", "z"]
    box = occlusion_explorer(crowd, IMAGES[:1], ["left"], names, patch=4, places=2)
    assert shares(page(box, 0, 0, 0))["lit"] == (90, 10)


def test_the_browser_swaps_pages_without_python(explorer):
    choice, down, across, tabs = parts(explorer)
    states = widgets.Widget.get_manager_state()["state"].values()
    links = {
        (link["state"]["source"][0], link["state"]["target"][0])
        for link in states
        if link["model_name"] == "LinkModel"
    }
    wanted = [(choice, tabs), *((down, tab) for tab in tabs.children)]
    wanted += [(across, line) for tab in tabs.children for line in tab.children]
    for control, panel in wanted:
        assert (f"IPY_MODEL_{control.model_id}", f"IPY_MODEL_{panel.model_id}") in links


def test_the_given_pictures_stay_as_they_are():
    before = IMAGES.copy()
    occlusion_explorer(predict, IMAGES, ["a", "b"], NAMES, patch=4, places=3)
    np.testing.assert_array_equal(IMAGES, before)


def test_images_say_what_they_show(explorer):
    (alt,) = re.findall(r'<img alt="([^"]*)"', page(explorer, 1, 1, 0))
    assert alt == "right, covered at rows 4–7, columns 0–3"


def test_what_it_cannot_show_is_named():
    for images, titles in ((IMAGES[..., 0], ["a", "b"]), (IMAGES, ["a"]), (IMAGES, ["a", "a"])):
        with pytest.raises(ExplorerError, match="different titles"):
            occlusion_explorer(predict, images, titles, NAMES)
    for named in ({"patch": 9}, {"patch": 0}, {"patch": 4, "places": 1}):
        with pytest.raises(ExplorerError, match="does not fit"):
            occlusion_explorer(predict, IMAGES, ["a", "b"], NAMES, **named)
