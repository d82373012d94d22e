"""Widgets to play with. Each one also works in the built page, where no Python runs behind it.

Choosing a preset only swaps ready-made panels, which the browser does by itself; what needs Python
shows itself only in a running notebook. ipywidgets 7.7 (Colab) and 8 both draw them. A module an
explorer.
"""

from asl_helpers.explorers.frame import ExplorerError
from asl_helpers.explorers.kernel import KERNELS, kernel_explorer

__all__ = ["KERNELS", "ExplorerError", "kernel_explorer"]
