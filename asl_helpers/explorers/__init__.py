"""Widgets to play with. Each one also works in the built page, where no Python runs behind it.

Choosing a preset only swaps ready-made panels, which the browser does by itself; what needs Python
shows itself only in a running notebook. ipywidgets 7.7 (Colab) and 8 both draw them. A module an
explorer.
"""

from asl_helpers.explorers.company import company_explorer
from asl_helpers.explorers.copies import THRESHOLDS, copies_explorer
from asl_helpers.explorers.cost import COSTS, cost_explorer
from asl_helpers.explorers.descent import DESCENTS, descent_explorer
from asl_helpers.explorers.film import film_explorer
from asl_helpers.explorers.frame import ExplorerError
from asl_helpers.explorers.kernel import KERNELS, kernel_explorer
from asl_helpers.explorers.logits import LOGITS, softmax_explorer
from asl_helpers.explorers.occluder import occlusion_explorer
from asl_helpers.explorers.runs import runs_explorer
from asl_helpers.explorers.shift import POOLINGS, shift_explorer
from asl_helpers.explorers.threshold import threshold_explorer

__all__ = [
    "COSTS",
    "DESCENTS",
    "KERNELS",
    "LOGITS",
    "POOLINGS",
    "THRESHOLDS",
    "ExplorerError",
    "company_explorer",
    "copies_explorer",
    "cost_explorer",
    "descent_explorer",
    "film_explorer",
    "kernel_explorer",
    "occlusion_explorer",
    "runs_explorer",
    "shift_explorer",
    "softmax_explorer",
    "threshold_explorer",
]
