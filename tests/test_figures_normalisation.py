"""What the figures of chapter 3 show."""

import numpy as np

from asl_helpers.figures import part1


def test_channel_spread_has_a_line_a_channel_and_shares_that_add_up():
    values = np.random.default_rng(1).normal([0, 5], [1, 2], size=(4, 9, 9, 2))
    fig = part1.channel_spread({"before": values, "after": values - [0, 5]}, source="drawn hands")
    before, after = fig.axes
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["before", "after"]
    for ax in fig.axes:
        shares = [line.get_ydata().sum() for line in ax.lines[:2]]
        assert all(0.98 < share <= 1 for share in shares)
    first, second = (line.get_xdata()[line.get_ydata().argmax()] for line in before.lines[:2])
    assert second - first > 3, "the second channel lies to the right of the first"
    assert [text.get_text() for text in after.get_legend().get_texts()] == ["c = 0", "c = 1"]
    assert "drawn hands" in fig.get_supxlabel()
