"""The data cards say what the code and the records say."""

import re

import pytest

from asl_helpers import files, records
from asl_helpers.datasets.catalog import CATALOG
from asl_helpers.datasets.sources import LARGE, RECIPES

CARDS = (files.project_data() / "README.md").read_text(encoding="utf-8")


def pictures(recipe):
    classes = {"static": 24, "kaggle": 29}[recipe.classes]
    return f"{classes * recipe.clips * recipe.frames:,}"


@pytest.mark.parametrize("name", CATALOG)
def test_the_row_of_a_set_agrees_with_the_catalog(name):
    entry = CATALOG[name]
    row = next(line for line in CARDS.splitlines() if line.startswith(f"| `{name}`"))
    assert " × ".join(map(str, entry.shape)) in row
    assert f"| {len(entry.class_names)} |" in row
    assert entry.license.removesuffix(" on Kaggle") in row
    if entry.count:
        assert f"{entry.count:,}" in row
    if name in RECIPES:
        assert pictures(RECIPES[name]) in row


def test_counts_of_drawn_sets_agree_with_their_recipes():
    for recipe in (*RECIPES.values(), LARGE):
        assert f"= {pictures(recipe)}" in CARDS


def test_every_form_that_is_looked_for_in_the_data_folder_is_named():
    for entry in CATALOG.values():
        for name in entry.files:
            assert name in CARDS or name in (entry.kaggle or "")


def section(title):
    return re.search(rf"### {title}\n(.*?)(?=\n##|\Z)", CARDS, re.S)[1]


@pytest.mark.parametrize(
    ("name", "title"),
    [("sign_language_mnist", "Sign Language MNIST"), ("asl_alphabet", "ASL Alphabet")],
)
def test_leakage_in_the_cards_is_the_recorded_one(name, title):
    recorded = records.recorded("leakage")["sets"]
    real = next(one for one in recorded if one["name"] == name and one["is_real"])
    text = " ".join(section(title).split())
    for split in ("random", "blocks"):
        assert f"{round(100 * real[split]['copies'])}%" in text
    if "photographs" in real:
        assert f"fall into {real['photographs']} groups" in text
