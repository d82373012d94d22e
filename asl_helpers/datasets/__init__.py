"""Data sets: one call, several sources, never silent; splits that cannot leak."""

from asl_helpers.datasets.catalog import CATALOG, DatasetError
from asl_helpers.datasets.commands import contact_sheet, describe, prepare
from asl_helpers.datasets.folders import read_folders, write_folders
from asl_helpers.datasets.leakage import leakage
from asl_helpers.datasets.load import from_collection, load
from asl_helpers.datasets.pipeline import DataSplits, Info
from asl_helpers.datasets.splits import SPLITS
from asl_helpers.datasets.streaming import rate, step_times, stream

__all__ = [
    "CATALOG",
    "SPLITS",
    "DataSplits",
    "DatasetError",
    "Info",
    "contact_sheet",
    "describe",
    "from_collection",
    "leakage",
    "load",
    "prepare",
    "rate",
    "read_folders",
    "step_times",
    "stream",
    "write_folders",
]
