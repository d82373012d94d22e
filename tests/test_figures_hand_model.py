"""Figures of the hand model, and of scores on people whom a model has not met."""

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.figures import part4

SCORES = {
    "drawn": {"A": (0.9, 0.01), "B": (0.8, 0.02)},
    "one signer": {"B": (0.4, 0.03)},
}
TONES = [
    {"tone": tone, "colour": "#a07e56", "coverage": 0.9, "accuracy": 0.8 - tone / 100}
    for tone in range(1, 11)
]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_every_joint_has_its_number_and_every_tip_its_name():
    ax = part4.named_joints(hand.pose("B").image[0]).axes[0]
    assert [int(t) for t in texts(ax) if t.isdigit()] == list(range(21))
    names = {text for text in texts(ax) if not text.isdigit()}
    assert names == {
        "WRIST", "THUMB_TIP", "INDEX_FINGER_TIP", "MIDDLE_FINGER_TIP", "RING_FINGER_TIP",
        "PINKY_TIP",
    }  # fmt: skip
    low, high = ax.get_ylim()
    assert low > high  # y grows downwards, as in a picture


def test_fingers_are_drawn_through_their_joints():
    chain = np.array([[0, 0], [0.5, 0], [0.5, 0.3]])
    ax = part4.finger_bends({"X": chain}).axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), chain)
    assert "X" in texts(ax)


def test_stick_hands_leave_empty_places_empty():
    batch = hand.sample_hands("AB", 3, seed=1)
    fig = part4.stick_hands(batch.image, ["one", "two", "three"], columns=2)
    assert [ax.get_title(loc="center") for ax in fig.axes] == ["one", "two", "three", ""]
    assert len(fig.axes[0].lines) > 20
    assert not fig.axes[3].lines


def test_the_steps_share_one_frame():
    batch = hand.pose("V")
    fig = part4.hand_steps(batch.image[0], batch.radius[0], np.zeros((8, 8, 3), np.uint8))
    joints, flesh, picture = fig.axes
    assert joints.get_xlim() == flesh.get_xlim() == (0, 1)
    assert len(flesh.patches) == 20 * 9
    assert picture.images[0].get_array().shape == (8, 8, 3)


def test_each_signer_has_a_row_and_each_training_its_marks():
    ax = part4.signer_scores(SCORES, source="drawn").axes[0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["A", "B"]
    drawn, single = (mark.lines[0].get_xydata() for mark in ax.containers)
    np.testing.assert_allclose(drawn[:, 0], [0.9, 0.8])
    assert drawn[:, 1].round().tolist() == [0, 1]
    assert single[:, 1].round().tolist() == [1]


def test_letters_are_sorted_from_the_worst():
    ax = part4.letter_recalls({"A": 0.9, "Q": 0.2, "B": 0.7}).axes[0]
    assert [bar.get_height() for bar in ax.patches] == [0.2, 0.7, 0.9]
    assert texts(ax) == ["mean 60%"]


@pytest.mark.parametrize("sign", [1, -1])
def test_changes_are_percentage_points_in_order(sign):
    found = {"people": (sign * 0.01, 0.002), "mirror": (-0.4, 0.05)}
    ax = part4.changes(found).axes[0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["mirror", "people"]
    assert texts(ax) == ["-40.0", f"{sign:+.1f}"]
    low, high = ax.get_xlim()
    assert low < -45 and high > 1.2 * (sign > 0)


def test_rejection_marks_the_shipped_threshold():
    curve = [{"coverage": 1.0, "accuracy": 0.9}, {"coverage": 0.0, "accuracy": None}]
    bins = [{"confidence": 0.9, "accuracy": 0.8, "share": 1.0}]
    fig = part4.rejection(curve, bins, {"coverage": 0.95, "accuracy": 0.93})
    left, right = fig.axes
    assert left.collections[0].get_offsets().tolist() == [[0.9, 0.8]]
    assert right.lines[0].get_xydata().tolist() == [[1.0, 0.9]]
    assert right.lines[1].get_xydata().tolist() == [[0.95, 0.93]]


def test_tones_are_drawn_in_their_colours():
    ax = part4.tone_scores(TONES, source="drawn").axes[0]
    found, read = ax.collections
    assert found.get_offsets()[:, 1].tolist() == [0.9] * 10
    assert read.get_offsets()[0, 1] == pytest.approx(0.79)
    assert texts(ax) == ["hand found", "letter read right"]
