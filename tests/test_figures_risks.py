"""The figure of risk over coverage."""

import numpy as np
from matplotlib.colors import to_hex

from asl_helpers.figures import part3
from asl_helpers.figures.style import BLUE, ORANGE


def test_a_line_a_name_and_a_ring_at_the_threshold():
    coverage = np.linspace(0.1, 1, 10)
    curves = {"at home": (coverage, coverage / 10), "strangers": (coverage, coverage / 2)}
    fig = part3.risk_curves(curves, {"strangers": (0.6, 0.3)}, 0.1, source="drawn")
    (ax,) = fig.axes
    long = [line for line in ax.lines if len(line.get_xdata()) == 10]
    assert [to_hex(line.get_color()) for line in long] == [BLUE, ORANGE]
    np.testing.assert_allclose(long[1].get_ydata(), coverage / 2)
    rings = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in rings] == [(0.6, 0.3)]
    words = {text.get_text() for text in ax.texts}
    assert {"at home", "strangers", "asked for"} <= words
    assert any("drawn" in text.get_text() for text in fig.texts) or fig._supxlabel


def test_without_threshold_and_limit_there_are_lines_alone():
    coverage = np.linspace(0.1, 1, 10)
    (ax,) = part3.risk_curves({"home": (coverage, coverage / 10)}).axes
    assert len(ax.lines) == 1
