import re

import pandas as pd

from asl_helpers.records import table


def cells(styler, tag):
    return re.findall(rf"<{tag}[^>]*>([^<]*)</{tag}>", styler.to_html())


def test_a_table_has_no_index_and_names_every_column():
    frame = pd.DataFrame({"letter": ["A", "B"], "images": [1204, 7], "found": [0.5, 0.9872]})
    shown = table(frame, percent=["found"])
    assert cells(shown, "th") == ["letter", "images", "found"]
    assert cells(shown, "td") == ["A", "1,204", "50.0%", "B", "7", "98.7%"]
    assert 'class="dataframe"' in shown.to_html()


def test_a_named_index_is_the_first_column():
    frame = pd.DataFrame({"parameters": [320]}, index=pd.Index(["conv1"], name="layer"))
    assert cells(table(frame), "th") == ["layer", "parameters"]
    assert cells(table(frame), "td") == ["conv1", "320"]


def test_numbers_stand_to_the_right():
    style = table(pd.DataFrame({"letter": ["A"], "images": [3]})).to_html()
    aligned = re.findall(r"(col\d+) \{\s*text-align: right", style)
    assert aligned == ["col1", "col1"]  # its head and its cells, and no other column's


def test_a_missing_number_is_a_dash_and_a_fraction_has_four_digits():
    frame = pd.DataFrame({"found": [0.5, float("nan")], "aim": [0.96, float("nan")]})
    assert cells(table(frame, percent=["found"]), "td") == ["50.0%", "0.96", "–", "–"]
