"""Small tables for chapters: no index, figures aligned, the same look as the book's own."""

from collections.abc import Sequence

import pandas as pd
from pandas.io.formats.style import Styler


def table(frame: pd.DataFrame, percent: Sequence[str] = ()) -> Styler:
    """Return ``frame`` as a table for a notebook's output: every column named, no index.

    Parameters
    ----------
    frame:
        What to show; an index with a name becomes the first column.
    percent:
        Columns with shares from 0 to 1, shown as percent with one decimal. Whole numbers get
        separators between thousands, other numbers four significant digits, and a missing
        number is a dash.
    """
    shown = frame.reset_index() if frame.index.name else frame
    numbers = [name for name in shown.columns if pd.api.types.is_numeric_dtype(shown[name])]
    whole = [name for name in numbers if pd.api.types.is_integer_dtype(shown[name])]
    rest = [name for name in numbers if name not in whole and name not in percent]
    right = [{"selector": "td, th", "props": [("text-align", "right")]}]
    return (
        shown.style.hide(axis="index")
        .format("{:.1%}", subset=list(percent), na_rep="–")
        .format("{:.4g}", subset=rest, na_rep="–")
        .format("{:,}", subset=whole)
        .set_table_styles(dict.fromkeys(numbers, right))
        .set_table_attributes('class="dataframe"')
    )
