"""The explorer of costs: a panel for each preset, true notes, sliders that draw anew."""

import re
from html import unescape

import pytest

from asl_helpers.counting import conv, depthwise, pointwise
from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import COSTS, cost_explorer


@pytest.fixture
def parts():
    _, choice, tabs, grid, note = cost_explorer().children
    return choice, tabs.children, grid.children, note


def numbers(page):
    """Return the weights and multiply-adds of each row."""
    cells = [int(cell.replace(",", "")) for cell in re.findall(r"<td>([\d,]+)</td>", page.value)]
    return list(zip(cells[::2], cells[1::2], strict=True))


def expected(kernel, channels, filters, size):
    steps = depthwise(size, kernel, channels), pointwise(size, channels, filters)
    every = (conv(size, kernel, channels, filters), *steps, steps[0] + steps[1])
    return [(cost.trained, cost.multiply_adds) for cost in every]


def test_every_preset_has_a_ready_panel_with_its_costs(parts):
    choice, pages, _, note = parts
    assert list(choice.options) == list(COSTS)
    for page, (values, words) in zip(pages, COSTS.values(), strict=True):
        assert numbers(page) == expected(*values)
        assert words in unescape(page.value)
    assert "sliders" in note.value


def share(name):
    rows = expected(*COSTS[name][0])
    return rows[3][1] / rows[0][1]


def test_the_notes_are_true():
    middle = expected(*COSTS["a layer in the middle"][0])
    assert middle[2][1] > 0.8 * middle[3][1]  # the mixing is nearly all of it
    assert 1 / 9 < share("many channels") < 0.12
    assert 0.3 < share("few filters") < 0.4
    assert share("kernel 1 × 1") > 1
    assert share("kernel 7 × 7") < 0.05
    double = expected(*COSTS["twice the size"][0])
    assert [row[0] for row in double] == [row[0] for row in middle]
    assert [row[1] for row in double] == [4 * row[1] for row in middle]


def test_the_share_is_one_over_the_filters_and_one_over_the_kernel(parts):
    assert share("a layer in the middle") == pytest.approx(1 / 64 + 1 / 9)
    assert "1/64 + 1/9 = 12.7%" in parts[1][0].value


def test_sliders_follow_the_preset_and_draw_the_readers_own(parts):
    choice, pages, sliders, _ = parts
    choice.index = 5
    assert [slider.value for slider in sliders] == COSTS["kernel 7 × 7"][0]
    sliders[3].value = 14
    assert numbers(pages[5]) == expected(7, 64, 64, 14)
    assert "Your own layer." in pages[5].value


@pytest.mark.parametrize("values", [[3, 64, 64], [3, 0, 64, 28], [3, 64, 64, 2.5]])
def test_a_preset_that_does_not_fit_is_named(values):
    with pytest.raises(ExplorerError, match="'odd': expected kernel, channels, filters and size"):
        cost_explorer({"odd": (values, "")})
