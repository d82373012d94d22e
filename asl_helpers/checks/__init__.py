"""Checkers of the exercises, one module a chapter.

A checker is called as ``checks.ch01_corr2d(corr2d)``. It prints one line a test, ``passed`` or
``not yet`` with the misconception that the answer shows, never raises for a student's mistake,
and returns the points earned: a number, so that nbgrader gives partial credit for it.
"""

from asl_helpers.checks.ch01 import ch01_conv2d, ch01_corr2d, ch01_kernel, ch01_output_size
from asl_helpers.checks.ch02 import (
    ch02_max_pool,
    ch02_merge,
    ch02_relu_backward,
    ch02_shift_change,
)
from asl_helpers.checks.ch03 import ch03_batch_norm, ch03_dropout, ch03_moving_average
from asl_helpers.checks.ch04 import (
    ch04_cross_entropy,
    ch04_gradient,
    ch04_softmax,
    ch04_temperature,
)
from asl_helpers.checks.ch05 import ch05_adam, ch05_cosine, ch05_momentum
from asl_helpers.checks.ch06 import (
    ch06_attention,
    ch06_depthwise,
    ch06_inverted,
    ch06_separable_cost,
)
from asl_helpers.checks.ch07 import (
    ch07_block_split,
    ch07_nearest,
    ch07_remap,
    ch07_standardise,
)
from asl_helpers.checks.ch08 import (
    ch08_confusions,
    ch08_count_parameters,
    ch08_leak,
    ch08_normalise,
)
from asl_helpers.checks.ch09 import ch09_early_stop, ch09_load_npz, ch09_optimism
from asl_helpers.checks.ch10 import ch10_chosen, ch10_mirror, ch10_paired
from asl_helpers.checks.ch11 import ch11_calibration, ch11_heatmap, ch11_scores, ch11_summary
from asl_helpers.checks.ch12 import (
    ch12_dark_share,
    ch12_film_split,
    ch12_picture_table,
    ch12_preprocess,
)
from asl_helpers.checks.ch13 import ch13_head_step, ch13_moving, ch13_rate_of, ch13_square
from asl_helpers.checks.ch14 import (
    ch14_attention,
    ch14_choose,
    ch14_ensemble,
    ch14_wilson,
)
from asl_helpers.checks.ch15 import (
    ch15_checklist,
    ch15_drawn_again,
    ch15_risk_coverage,
    ch15_suspects,
    ch15_to_right,
)
from asl_helpers.checks.ch16 import ch16_answered, ch16_finger, ch16_project
from asl_helpers.checks.ch17 import ch17_mirror, ch17_normalise, ch17_signer
from asl_helpers.checks.ch18 import ch18_budget, ch18_held, ch18_majority
from asl_helpers.checks.ch19 import (
    ch19_causal_conv,
    ch19_events,
    ch19_path,
    ch19_resample,
)

__all__ = [
    "ch01_conv2d",
    "ch01_corr2d",
    "ch01_kernel",
    "ch01_output_size",
    "ch02_max_pool",
    "ch02_merge",
    "ch02_relu_backward",
    "ch02_shift_change",
    "ch03_batch_norm",
    "ch03_dropout",
    "ch03_moving_average",
    "ch04_cross_entropy",
    "ch04_gradient",
    "ch04_softmax",
    "ch04_temperature",
    "ch05_adam",
    "ch05_cosine",
    "ch05_momentum",
    "ch06_attention",
    "ch06_depthwise",
    "ch06_inverted",
    "ch06_separable_cost",
    "ch07_block_split",
    "ch07_nearest",
    "ch07_remap",
    "ch07_standardise",
    "ch08_confusions",
    "ch08_count_parameters",
    "ch08_leak",
    "ch08_normalise",
    "ch09_early_stop",
    "ch09_load_npz",
    "ch09_optimism",
    "ch10_chosen",
    "ch10_mirror",
    "ch10_paired",
    "ch11_calibration",
    "ch11_heatmap",
    "ch11_scores",
    "ch11_summary",
    "ch12_dark_share",
    "ch12_film_split",
    "ch12_picture_table",
    "ch12_preprocess",
    "ch13_head_step",
    "ch13_moving",
    "ch13_rate_of",
    "ch13_square",
    "ch14_attention",
    "ch14_choose",
    "ch14_ensemble",
    "ch14_wilson",
    "ch15_checklist",
    "ch15_drawn_again",
    "ch15_risk_coverage",
    "ch15_suspects",
    "ch15_to_right",
    "ch16_answered",
    "ch16_finger",
    "ch16_project",
    "ch17_mirror",
    "ch17_normalise",
    "ch17_signer",
    "ch18_budget",
    "ch18_held",
    "ch18_majority",
    "ch19_causal_conv",
    "ch19_events",
    "ch19_path",
    "ch19_resample",
]
