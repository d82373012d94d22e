"""The explorer of optimizers: ready ways for the presets, new ones from the sliders."""

import re

import numpy as np
import pytest

from asl_helpers.scratch import walk
from asl_helpers.widgets import part1 as descent
from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import CURVATURE, DESCENTS, OPTIMIZERS, START, descent_explorer


def way(name):
    optimizer, values, _ = DESCENTS[name]
    return walk(OPTIMIZERS[optimizer](*values), lambda w: CURVATURE * w, START, descent.STEPS)


@pytest.fixture
def parts():
    few = {name: DESCENTS[name] for name in ("gradient descent, careful", "Adam")}
    _, choice, tabs, grid, note = descent_explorer(few).children
    return choice, tabs.children, grid.children, note


def test_each_preset_has_a_ready_picture_with_its_end_in_words(parts):
    choice, pages, _, note = parts
    for page, name in zip(pages, choice.options, strict=True):
        alt = re.search(r'alt="([^"]*)"', page.value).group(1)
        x, y = (f"{value:.2f}".replace("-", "−") for value in way(name)[-1])
        assert f"end at ({x}, {y})" in alt
        assert DESCENTS[name][2] in page.value
    assert "sliders" in note.value


def test_a_slider_walks_anew_with_the_chosen_optimizer(parts):
    choice, pages, sliders, _ = parts
    before = pages[1].value
    choice.index = 1
    assert [slider.value for slider in sliders] == DESCENTS["Adam"][1]
    sliders[0].value = 0.05
    assert pages[1].value != before
    assert "Your own setting." in pages[1].value
    end = walk(OPTIMIZERS["Adam"](0.05, 0.9), lambda w: CURVATURE * w, START, descent.STEPS)[-1]
    assert f"({end[0]:.2f}".replace("-", "−") in pages[1].value


def test_the_notes_are_true():
    fast = way("gradient descent, too fast")
    assert (np.diff(np.abs(fast[:, 1])) > 0).all()
    hasty = way("gradient descent, hasty")
    assert (np.sign(hasty[1:, 1]) == -np.sign(hasty[:-1, 1])).all()
    assert way("momentum")[:, 0].max() > 1  # past the lowest place
    np.testing.assert_allclose(np.abs(way("Adam")[1] - START), 0.3, rtol=1e-3)
    bare = way("Adam, not corrected")
    first, second = np.abs(np.diff(bare[:3], axis=0))
    np.testing.assert_allclose(first, 0.3 * np.sqrt(10), rtol=1e-3)
    assert second[0] > first[0]


def test_an_unknown_optimizer_is_named():
    with pytest.raises(ExplorerError, match="'odd': unknown optimizer 'Adagrad'"):
        descent_explorer({"odd": ("Adagrad", [0.1, 0.9], "")})
