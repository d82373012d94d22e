"""The explorer of softmax: a panel for each preset, sliders that draw anew."""

import re

import pytest

from asl_helpers.scratch import softmax
from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import LOGITS, softmax_explorer


@pytest.fixture
def parts():
    _, choice, tabs, grid, note = softmax_explorer().children
    return choice, tabs.children, grid.children, note


def shares(page):
    return [float(share) / 100 for share in re.findall(r"<td>([\d.]+)%</td>", page.value)]


def test_every_preset_has_a_ready_panel_with_its_shares(parts):
    choice, pages, _, note = parts
    assert list(choice.options) == list(LOGITS)
    for page, (values, words) in zip(pages, LOGITS.values(), strict=True):
        *logits, temperature = values
        wanted = softmax([logit / temperature for logit in logits])
        assert shares(page) == pytest.approx(wanted.tolist(), abs=6e-4)
        assert words in page.value
    assert "temperature" in note.value


def test_the_notes_are_true():
    presets = {name: values for name, (values, _) in LOGITS.items()}
    fists = softmax(presets["five fists"][:-1])
    assert softmax(presets["all plus 4"][:-1]) == pytest.approx(fists)
    assert [2 * value for value in presets["five fists"][:-1]] == presets["all doubled"][:-1]
    assert presets["temperature 3"] == [*presets["five fists"][:-1], 3]


def test_sliders_follow_the_preset_and_draw_the_readers_own(parts):
    choice, pages, sliders, _ = parts
    choice.index = 3
    assert [slider.value for slider in sliders] == LOGITS["temperature 3"][0]
    sliders[-1].value = 10
    flat = shares(pages[3])
    assert max(flat) - min(flat) < 0.1
    assert "Your own logits" in pages[3].value
    choice.index = 0
    choice.index = 3
    assert LOGITS["temperature 3"][1] in pages[3].value


@pytest.mark.parametrize("values", [[1, 2, 3], [1, 2, 3, 4, 5, 0]])
def test_a_preset_that_does_not_fit_is_named(values):
    with pytest.raises(ExplorerError, match="'odd': expected 5 logits and a temperature above 0"):
        softmax_explorer(presets={"odd": (values, "")})
