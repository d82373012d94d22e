"""The explorer of runs: a panel for each table and score, and the best runs in words."""

import re

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

from asl_helpers.widgets.base import ExplorerError
from asl_helpers.widgets.part2 import runs_explorer

COLUMNS = ["optimizer", "rate", "val_loss", "test_accuracy"]
DRAWN = pd.DataFrame(
    [
        ("SGD", 0.01, 2.0, 0.4),
        ("SGD", 0.1, 1.5, 0.3),
        ("Adam", 0.001, 1.2, 0.61),
        ("Adam", 0.01, np.nan, np.nan),
    ],
    columns=COLUMNS,
)
REAL = DRAWN.assign(val_loss=[1.0, 3.0, 0.5, 0.7], test_accuracy=[0.9, 0.2, 0.7, 0.8])
SCORES = {"val_loss": "validation loss", "test_accuracy": "test accuracy"}


@pytest.fixture
def parts():
    DRAWN.attrs["source"] = "drawn twin"
    box = runs_explorer({"drawn hands": DRAWN, "photographs": REAL}, SCORES, start=3.2)
    _, choice, score, tabs = box.children
    return choice, score, tabs


def words(page):
    return re.search(r"<figcaption>(.*?)</figcaption>", page.value)[1]


def test_each_table_and_score_has_its_panel_with_the_best_runs_in_words(parts):
    choice, score, tabs = parts
    assert choice.options == ("drawn hands", "photographs")
    assert score.options == ("validation loss", "test accuracy")
    (loss, accuracy), (real_loss, real_accuracy) = (tab.children for tab in tabs.children)
    assert words(loss).startswith("Best validation loss: SGD 1.50 at 0.1, Adam 1.20 at 0.001.")
    assert words(accuracy).startswith("Best test accuracy: SGD 40.0% at 0.01, Adam 61.0% at 0.001")
    assert words(real_loss) == "Best validation loss: SGD 1.00 at 0.01, Adam 0.50 at 0.001."
    assert words(real_accuracy).endswith("Adam 80.0% at 0.01.")


def test_runs_without_a_score_are_counted(parts):
    page = parts[2].children[0].children[0]
    assert words(page).endswith("1 of 4 runs have none.")


def test_the_picture_says_which_data_and_what_it_shows(parts):
    alts = [
        re.search(r'alt="([^"]*)"', page.value)[1]
        for tab in parts[2].children
        for page in tab.children
    ]
    assert alts[0].startswith("drawn hands: validation loss of 4 runs over the rate. Best")
    assert alts[3].startswith("photographs: test accuracy of 4 runs over the rate.")
    assert len(set(alts)) == 4


def test_the_browser_swaps_panels_without_python(parts):
    choice, score, tabs = parts
    states = widgets.Widget.get_manager_state()["state"].values()
    links = [model["state"] for model in states if model["model_name"] == "LinkModel"]
    ends = [(link["source"][0], link["target"][0]) for link in links]
    assert (f"IPY_MODEL_{choice.model_id}", f"IPY_MODEL_{tabs.model_id}") in ends
    for tab in tabs.children:
        assert (f"IPY_MODEL_{score.model_id}", f"IPY_MODEL_{tab.model_id}") in ends


def test_a_table_without_a_score_has_none_to_name():
    empty = DRAWN.assign(val_loss=np.nan)
    box = runs_explorer({"failed": empty}, {"val_loss": "validation loss"}, start=3.2)
    page = box.children[3].children[0].children[0]
    assert words(page) == "Best validation loss: none. 4 of 4 runs have none."


def test_a_missing_column_is_named():
    with pytest.raises(ExplorerError, match="'photographs' has no column 'val_loss'; it has"):
        runs_explorer({"photographs": REAL.drop(columns="val_loss")}, SCORES)
