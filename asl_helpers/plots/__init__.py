"""Figures of the course: one function each, which returns the figure. A module a theme."""

from asl_helpers.plots.evaluation import confusion_matrix, intervals, recall_bars
from asl_helpers.plots.images import class_grid, class_rows, image_grid, mistakes
from asl_helpers.plots.training import history_curves

__all__ = [
    "class_grid",
    "class_rows",
    "confusion_matrix",
    "history_curves",
    "image_grid",
    "intervals",
    "mistakes",
    "recall_bars",
]
