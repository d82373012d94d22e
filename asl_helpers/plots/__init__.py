"""Figures of the course: one function each, which returns the figure. A module a theme."""

from asl_helpers.plots.activations import activations, signed_maps
from asl_helpers.plots.cells import grids, pixel_values
from asl_helpers.plots.convolution import (
    channel_sum,
    feature_maps,
    kernel_learning,
    padding_and_stride,
    receptive_field,
    sliding_window,
)
from asl_helpers.plots.evaluation import confusion_matrix, intervals
from asl_helpers.plots.hands import alphabet, atlas
from asl_helpers.plots.images import class_grid, class_rows, image_grid, mistakes
from asl_helpers.plots.lines import lines
from asl_helpers.plots.losses import class_bars, log_loss, loss_comparison, reliability
from asl_helpers.plots.training import history_curves

__all__ = [
    "activations",
    "alphabet",
    "atlas",
    "channel_sum",
    "class_bars",
    "class_grid",
    "class_rows",
    "confusion_matrix",
    "feature_maps",
    "grids",
    "history_curves",
    "image_grid",
    "intervals",
    "kernel_learning",
    "lines",
    "log_loss",
    "loss_comparison",
    "mistakes",
    "padding_and_stride",
    "pixel_values",
    "receptive_field",
    "reliability",
    "signed_maps",
    "sliding_window",
]
