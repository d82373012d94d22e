"""Numbers that prose may quote, glued from the run or read from a recorded result, and tables."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.files import project_data

if TYPE_CHECKING:  # glue needs no pandas, and every chapter glues
    import pandas as pd
    from pandas.io.formats.style import Styler

# MyST-NB finds a glued value by this prefix and metadata; writing them here spares Colab readers
# an installation of Sphinx.
_PREFIX = "application/papermill.record/"
GLUED = f"{_PREFIX}text/plain"


def glue(chapter: str, /, **values: Any) -> None:
    """Keep values for the prose of a chapter, and show them to whoever runs the cell.

    The text quotes ``asl.glue("ch01", share=0.5)`` as ``{glue:text}`ch01_share:.1%```.
    """
    from IPython.display import display

    for key, value in values.items():
        name, shown = f"{chapter}_{key}", value.item() if hasattr(value, "item") else value
        metadata = {"scrapbook": {"name": name, "mime_prefix": _PREFIX}}
        display({GLUED: repr(shown)}, metadata=metadata, raw=True)
        print(f"{name} = {shown:.4g}" if isinstance(shown, float) else f"{name} = {shown}")


def glued(notebook: dict[str, Any]) -> dict[str, str]:
    """Return the repr of each value that an executed notebook has glued, by its name."""
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    return {
        output["metadata"]["scrapbook"]["name"]: output["data"][GLUED]
        for output in outputs
        if GLUED in output.get("data", {})
    }


def recorded(name: str) -> dict[str, Any]:
    """Return ``data/results/NAME.json``, written by a script in ``benchmarks/``."""
    folder = project_data() / "results"
    path = folder / f"{name}.json"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.json"))
        raise AslError(f"No recorded result {name!r}.{did_you_mean(name, known)}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AslError(f"{path} is not valid JSON ({error}). Run its benchmark again.") from error


def recorded_row(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the row called ``name`` of a record that has a list ``rows``; say if it is missing."""
    rows = {row["name"]: row for row in record["rows"]}
    if name not in rows:
        raise AslError(
            f"The record has no row {name!r}.{did_you_mean(name, rows)} Run its benchmark again."
        )
    return rows[name]


def table(frame: "pd.DataFrame", percent: Sequence[str] = ()) -> "Styler":
    """Return ``frame`` as a table for a notebook's output: every column named, no index.

    An index with a name becomes the first column. The columns in ``percent`` hold shares from 0 to
    1 and are shown with one decimal; whole numbers get separators between thousands, other numbers
    four significant digits, and a missing number is a dash.
    """
    import pandas as pd

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
