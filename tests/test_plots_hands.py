"""Figures of hands: a hand a letter, both sides of it, and its words."""

import numpy as np

from asl_helpers.alphabet import HANDSHAPE
from asl_helpers.plots import hands


def test_the_alphabet_shows_a_hand_above_each_letter():
    fig = hands.alphabet("ABCD", columns=3, width=3, pixels=60)
    (ax,) = fig.axes
    assert [text.get_text() for text in ax.texts] == ["A", "B", "C", "D"]
    sheet = ax.images[0].get_array()
    assert sheet.shape == (132, 180, 3)
    paper = np.array([int(hands.PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    inked = np.abs(sheet.astype(int) - paper).max(-1) > 30
    assert all(inked[:60, 60 * k : 60 * k + 60].mean() > 0.08 for k in range(3))
    assert inked[66:126, 60:120].mean() > 0.08  # D alone in its row stands in the middle
    assert not inked[66:, :55].any()
    np.testing.assert_allclose(sheet[0, 0], paper, atol=1)


def test_the_atlas_shows_both_sides_and_the_words():
    fig = hands.atlas("LV", columns=1, width=4, pixels=48)
    assert len(fig.axes) == 6
    viewer, signer = (fig.axes[k].images[0].get_array() for k in (0, 1))
    assert (viewer != signer).mean() > 0.1
    words = " ".join(text.get_text() for text in fig.axes[2].texts).replace("\n", " ")
    assert words == f"L {HANDSHAPE['L']}"
