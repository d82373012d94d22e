"""Figures of the course: one function each, which returns the figure. A module a theme."""

from asl_helpers.plots.activations import activations, signed_maps
from asl_helpers.plots.architectures import survivors
from asl_helpers.plots.cells import grids, pixel_values
from asl_helpers.plots.convolution import (
    channel_sum,
    feature_maps,
    kernel_learning,
    padding_and_stride,
    receptive_field,
    sliding_window,
)
from asl_helpers.plots.descent import descent_paths, rate_sweep
from asl_helpers.plots.evaluation import confusion_matrix, intervals
from asl_helpers.plots.explanations import confused_pairs, heat_rows
from asl_helpers.plots.films import film_strips, picture_rates
from asl_helpers.plots.hand_model import finger_bends, hand_steps, named_joints, stick_hands
from asl_helpers.plots.hands import alphabet
from asl_helpers.plots.images import class_grid, class_rows, image_grid, mistakes
from asl_helpers.plots.landmarks import (
    condition_scores,
    joint_errors,
    tracked_and_true,
    turned_shares,
)
from asl_helpers.plots.latency import latencies
from asl_helpers.plots.lines import lines
from asl_helpers.plots.losses import class_bars, log_loss, loss_comparison, reliability
from asl_helpers.plots.motion import frames_and_seconds, looks_back, reading, stroke_paths
from asl_helpers.plots.normalisation import channel_spread
from asl_helpers.plots.risks import risk_curves
from asl_helpers.plots.sets import class_counts, likeness, value_spread
from asl_helpers.plots.signers import (
    changes,
    letter_recalls,
    rejection,
    signer_scores,
    tone_scores,
)
from asl_helpers.plots.sweeps import seed_scores, sweep_points
from asl_helpers.plots.training import history_curves
from asl_helpers.plots.webcam import letters_in_time, step_times

__all__ = [
    "activations",
    "alphabet",
    "changes",
    "channel_spread",
    "channel_sum",
    "class_bars",
    "class_counts",
    "class_grid",
    "class_rows",
    "condition_scores",
    "confused_pairs",
    "confusion_matrix",
    "descent_paths",
    "feature_maps",
    "film_strips",
    "finger_bends",
    "frames_and_seconds",
    "grids",
    "hand_steps",
    "heat_rows",
    "history_curves",
    "image_grid",
    "intervals",
    "joint_errors",
    "kernel_learning",
    "latencies",
    "letter_recalls",
    "letters_in_time",
    "likeness",
    "lines",
    "log_loss",
    "looks_back",
    "loss_comparison",
    "mistakes",
    "named_joints",
    "padding_and_stride",
    "picture_rates",
    "pixel_values",
    "rate_sweep",
    "reading",
    "receptive_field",
    "rejection",
    "reliability",
    "risk_curves",
    "seed_scores",
    "signed_maps",
    "signer_scores",
    "sliding_window",
    "step_times",
    "stick_hands",
    "stroke_paths",
    "survivors",
    "sweep_points",
    "tone_scores",
    "tracked_and_true",
    "turned_shares",
    "value_spread",
]
