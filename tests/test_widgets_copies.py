import re

import ipywidgets as widgets
import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part2 import copies_explorer

RNG = np.random.default_rng(0)
PHOTOS = RNG.integers(60, 140, (3, 8, 8))
# Each of three photographs four times: brighter, flatter, and once with a little noise.
SET = np.concatenate(
    [PHOTOS, PHOTOS + 90, PHOTOS // 2 + 20, PHOTOS + RNG.integers(-20, 20, PHOTOS.shape)]
).astype(np.uint8)


@pytest.fixture
def parts():
    box = copies_explorer({"A": SET, "B": SET[:4]}, thresholds=(0.7, 0.95, 0.99999), start=0.95)
    _, choice, slider, tabs = box.children
    return choice, slider, tabs


def counts(page):
    pairs, groups, largest = re.search(
        r"([\d,]+) pairs reach .* into (\d+) groups; the largest has (\d+)", page.value
    ).groups()
    return int(pairs), int(groups), int(largest)


def test_the_higher_the_threshold_the_fewer_pairs_and_the_more_groups(parts):
    _, _, tabs = parts
    loose, usual, strict = (counts(page) for page in tabs.children[0].children)
    assert loose == (18, 3, 4), "three photographs, four copies and six pairs each"
    assert usual == (9, 6, 3), "the noisy ones stand alone"
    assert strict[0] < usual[0], "the flatter ones are rounded"


def test_it_begins_at_the_start_and_the_browser_swaps_pages(parts):
    choice, slider, tabs = parts
    assert slider.value == 0.95
    assert [inner.selected_index for inner in tabs.children] == [1, 1]
    state = widgets.Widget.get_manager_state()["state"].values()
    links = [model["state"] for model in state if model["model_name"] == "LinkModel"]
    ends = [(tuple(link["source"]), tuple(link["target"])) for link in links]
    for inner in tabs.children:
        source = (f"IPY_MODEL_{slider.model_id}", "index")
        assert (source, (f"IPY_MODEL_{inner.model_id}", "selected_index")) in ends
    source = (f"IPY_MODEL_{choice.model_id}", "index")
    assert (source, (f"IPY_MODEL_{tabs.model_id}", "selected_index")) in ends


def test_the_pairs_beside_the_threshold_are_on_their_side_of_it(parts):
    page = parts[2].children[0].children[1]
    inside, outside = (
        float(found) for found in re.findall(r"one (?:in|out): ([\d.]+)", page.value)
    )
    assert outside < 0.95 <= inside
    alts = re.findall(r'<img alt="([^"]*)"', page.value)
    assert all(f"{value:.3f}" in alt for value, alt in zip((inside, outside), alts, strict=True))


def test_the_drawing_says_what_it_shows(parts):
    page = parts[2].children[0].children[1]
    label = re.search(r'<svg role="img" aria-label="([^"]*)"', page.value).group(1)
    assert label == "A: 75% of the pictures have another one with a correlation of at least 0.95"


def test_a_side_without_pairs_says_so():
    box = copies_explorer({"A": np.stack([PHOTOS[0], PHOTOS[0] + 5]).astype(np.uint8)})
    page = box.children[-1].children[0].children[0]
    assert "first one out: no pair" in page.value


def test_what_it_cannot_show_is_named():
    with pytest.raises(ExplorerError, match="Class 'A': expected grey pictures"):
        copies_explorer({"A": SET[:1]})
    with pytest.raises(ExplorerError, match=r"start=0\.5 is none of the thresholds"):
        copies_explorer({"A": SET}, start=0.5)
