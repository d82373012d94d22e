"""Silhouettes: where the hand is, from its landmarks."""

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.hand.scene import studio


@pytest.fixture(scope="module")
def batch():
    return hand.sample_hands(["A", "B", "V", "Y"], 8, seed=3)


def test_landmarks_are_inside_and_far_corners_outside(batch):
    masks = hand.silhouettes(batch.image, 64)
    assert masks.shape == (8, 64, 64, 1)
    assert masks.dtype == np.float32
    for mask, points in zip(masks, batch.image, strict=True):
        at = np.clip((points[:, :2] * 64).astype(int), 0, 63)
        assert (mask[at[:, 1], at[:, 0], 0] > 0.9).all()
        corners = np.array([[0, 0], [0, 63], [63, 0], [63, 63]])
        away = [c for c in corners if np.abs(c[::-1] / 64 - points[:, :2]).max(axis=1).min() > 0.3]
        assert all(mask[row, column, 0] == 0 for row, column in away)


def test_it_covers_about_what_the_renderer_draws(batch):
    papers = [hand.render(batch, 64, look=studio(5, paper)) for paper in ("#ffffff", "#2020ff")]
    drawn = (papers[0] == papers[1]).all(axis=-1)  # the paper differs, the hand and arm do not
    mask = hand.silhouettes(batch.image, 64)[..., 0] > 0.5
    assert drawn[mask].mean() > 0.85


def test_a_hand_that_was_not_found_keeps_its_image(batch):
    points = batch.image.copy()
    points[1] = np.nan
    masks = hand.silhouettes(points, 16)
    assert (masks[1] == 1).all()
    assert masks[0].min() == 0
