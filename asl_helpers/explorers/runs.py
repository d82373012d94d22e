"""A sweep's runs, score by score: which data, which column of the table."""

import io
from collections.abc import Mapping
from html import escape

import ipywidgets as widgets
import numpy as np
import pandas as pd
from PIL import Image

from asl_helpers.explorers.frame import ExplorerError, card, dropdown, picture, swapped
from asl_helpers.plots.sweeps import sweep_points


def runs_explorer(
    tables: Mapping[str, pd.DataFrame],
    scores: Mapping[str, str],
    by: str = "optimizer",
    x: str = "rate",
    start: float | None = None,
) -> widgets.VBox:
    """Return a widget that shows any score of any of some sweeps, every run a point.

    One list chooses the data, one the score. Everything is drawn beforehand, so the page needs no
    Python. Below each figure stands the best run of each value of ``by``, in words.

    Parameters
    ----------
    tables:
        Name of the data -> a row a run; ``attrs["source"]``, where there is one, is printed below.
    scores:
        Column -> its name. What ends in "accuracy" is better when high, all else when low.
    by, x:
        The settings that tell lines apart, and on the horizontal axis.
    start:
        The loss before training, for columns that end in "loss".

    Raises
    ------
    ExplorerError
        If a table lacks a column.
    """
    for name, table in tables.items():
        missing = [column for column in (by, x, *scores) if column not in table]
        if missing:
            raise ExplorerError(
                f"The table {name!r} has no column {missing[0]!r}; it has {', '.join(table)}."
            )
    score, choice = dropdown("Score", list(scores.values())), dropdown("Data", list(tables))
    tabs = []
    for name, table in tables.items():
        pages = [
            widgets.HTML(_page(name, table, column, label, by, x, start))
            for column, label in scores.items()
        ]
        tabs.append(swapped(score, pages))
    return card([choice, score], swapped(choice, tabs))


def _page(
    name: str,
    table: pd.DataFrame,
    column: str,
    label: str,
    by: str,
    x: str,
    start: float | None,
) -> str:
    """Return one panel: the figure, and the best run of each line in words."""
    is_loss = column.endswith("loss")
    source = table.attrs.get("source")
    drawn = sweep_points(table, column, label, by, x, start if is_loss else None, source=source)
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=120)
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    words = f"Best {label}: {_best(table, column, by, x)}."
    failed = int(table[column].isna().sum())
    words += f" {failed} of {len(table)} runs have none." if failed else ""
    alt = f"{name}: {label} of {len(table)} runs over the {x}. {words}"
    shown = picture(pixels, alt, escape(words))
    return f'<div class="asl-row asl-wide">{shown}</div>'


def _best(table: pd.DataFrame, column: str, by: str, x: str) -> str:
    """Name the best run of each value of ``by``: its score and where it was."""
    is_share, found = column.endswith("accuracy"), []
    for name, group in table.dropna(subset=[column]).groupby(by, sort=False):
        row = group.loc[group[column].idxmax() if is_share else group[column].idxmin()]
        value = f"{row[column]:.1%}" if is_share else f"{row[column]:.2f}"
        found.append(f"{name} {value} at {row[x]:g}")
    return ", ".join(found) if found else "none"
