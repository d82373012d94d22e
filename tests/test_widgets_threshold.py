"""The explorer that moves a threshold."""

import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part3 import threshold_explorer

SURE = np.array([0.9, 0.7, 0.5, 0.2])
RIGHT = np.array([True, False, True, False])


def pages(box):
    (tabs,) = [child for child in box.children if type(child).__name__ == "Tab"]
    return [page.value for page in tabs.children]


def test_a_page_for_each_threshold_says_what_becomes_of_the_answers():
    first, middle, last = pages(threshold_explorer({"home": (SURE, RIGHT)}, [0.0, 0.6, 0.95]))
    assert "home: 100% answered, 50% of these right" in first
    assert "home: 50% answered, 50% of these right" in middle
    assert "home: 0% answered, nothing to be right about" in last
    assert 'role="img" aria-label="Answers from a confidence of 0.60. home: 50%' in middle


def test_the_bars_of_a_place_fill_its_width():
    import re

    for page in pages(threshold_explorer({"home": (SURE, RIGHT)}, [0.0, 0.6])):
        widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', page)]
        assert len(widths) == 3
        assert sum(widths) == pytest.approx(360, abs=0.5)


def test_names_are_escaped():
    (page, _) = pages(threshold_explorer({"<b>": (SURE, RIGHT)}, [0.0, 0.5]))
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("answers", "thresholds", "message"),
    [
        ({"home": (SURE, RIGHT[:2])}, [0.0, 0.5], "as many confidences as answers"),
        ({"home": (SURE, RIGHT)}, [0.5, 0.5], "each higher"),
        ({"home": (SURE, RIGHT)}, [0.5], "two thresholds"),
    ],
)
def test_what_cannot_be_shown_is_refused(answers, thresholds, message):
    with pytest.raises(ExplorerError, match=message):
        threshold_explorer(answers, thresholds)
