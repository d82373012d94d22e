"""The alphabet as a figure: a hand a letter."""

import numpy as np

from asl_helpers.figures import part4


def test_the_alphabet_shows_a_hand_above_each_letter():
    fig = part4.alphabet("ABCD", columns=3, width=3, pixels=60)
    (ax,) = fig.axes
    assert [text.get_text() for text in ax.texts] == ["A", "B", "C", "D"]
    sheet = ax.images[0].get_array()
    assert sheet.shape == (132, 180, 3)
    paper = np.array([int(part4.PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    inked = np.abs(sheet.astype(int) - paper).max(-1) > 30
    assert all(inked[:60, 60 * k : 60 * k + 60].mean() > 0.08 for k in range(3))
    assert inked[66:126, 60:120].mean() > 0.08  # D alone in its row stands in the middle
    assert not inked[66:, :55].any()
    np.testing.assert_allclose(sheet[0, 0], paper, atol=1)
