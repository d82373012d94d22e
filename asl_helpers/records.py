"""Numbers that prose may quote: glued from the run, or read from a recorded result."""

import json
from typing import Any

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.files import project_data

# MyST-NB finds a glued value by this prefix and metadata; writing them here spares Colab readers
# an installation of Sphinx.
_PREFIX = "application/papermill.record/"


class RecordError(AslError):
    """A recorded result is not there or cannot be read."""


def glue(name: str, value: Any) -> None:
    """Keep ``value`` under ``name`` for the prose below, and show it to whoever runs the cell.

    The text of the chapter quotes it as ``{glue:text}`name:.1%```.
    """
    from IPython.display import display

    shown = value.item() if hasattr(value, "item") else value
    metadata = {"scrapbook": {"name": name, "mime_prefix": _PREFIX}}
    display({_PREFIX + "text/plain": repr(shown)}, metadata=metadata, raw=True)
    print(f"{name} = {shown:.4g}" if isinstance(shown, float) else f"{name} = {shown}")


def recorded(name: str) -> dict[str, Any]:
    """Return ``data/results/NAME.json``, written by a script in ``benchmarks/``."""
    folder = project_data() / "results"
    path = folder / f"{name}.json"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.json"))
        raise RecordError(f"No recorded result {name!r}.{did_you_mean(name, known)}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordError(
            f"{path} is not valid JSON ({error}). Run its benchmark again."
        ) from error


def recorded_row(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the row called ``name`` of a record that has a list ``rows``; say if it is missing."""
    rows = {row["name"]: row for row in record["rows"]}
    if name not in rows:
        raise RecordError(
            f"The record has no row {name!r}.{did_you_mean(name, rows)} Run its benchmark again."
        )
    return rows[name]
