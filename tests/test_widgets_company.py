import re

import numpy as np
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part1 import company_explorer

IMAGE = np.tile(np.array([90, 160], np.uint8), (6, 3))  # stripes, mean 125
DARK, BRIGHT = np.full((4, 6, 6), 20, np.uint8), np.full((4, 6, 6), 240, np.uint8)


@pytest.fixture
def pages():
    box = company_explorer(IMAGE, {"dark": DARK, "bright": BRIGHT}, "stripes")
    _, choice, slider, tabs = box.children
    assert list(choice.options) == ["dark", "bright"]
    assert (slider.min, slider.max) == (0, 4)
    return {name: inner.children for name, inner in zip(choice.options, tabs.children, strict=True)}


def ranges(page):
    """The values of training and of inference, (lowest, highest) each."""
    found = re.findall(r"(−?\d+\.\d) to (−?\d+\.\d)", page.value.split("<p>")[1])
    return [tuple(float(end.replace("−", "-")) for end in pair) for pair in found]


def test_in_training_the_company_decides_and_in_inference_it_does_not(pages):
    (dark, usual), (bright, same) = ranges(pages["dark"][4]), ranges(pages["bright"][4])
    assert dark[0] > bright[1], "brighter than dark pictures, darker than bright ones"
    assert usual == same


def test_alone_a_picture_is_measured_by_itself(pages):
    (alone, _), (again, _) = ranges(pages["dark"][0]), ranges(pages["bright"][0])
    assert alone == again == (-1, 1)
    assert "alone" in pages["dark"][0].value
    assert "mean 0.49" in pages["dark"][0].value


def test_images_say_what_they_show(pages):
    alts = re.findall(r'<img alt="([^"]*)"', pages["bright"][2].value)
    assert alts[0] == "The image: stripes"
    assert alts[1].startswith("stripes, with 2 bright: ")
    assert alts[2].startswith("stripes, by kept statistics: ")


def test_what_it_cannot_show_is_named():
    for companies in ({"wide": np.zeros((4, 6, 7))}, {"a": DARK, "b": BRIGHT[:2]}):
        with pytest.raises(ExplorerError, match="share one shape"):
            company_explorer(IMAGE, companies, "stripes")
