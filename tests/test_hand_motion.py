"""Letters in time: J and Z draw their shape, other letters stay."""

import numpy as np

from asl_helpers import hand

INDEX_TIP, PINKY_TIP = 8, 20


def _sequences(letter, seed=0, **options):
    return hand.sample_motion([letter], 40, frames=25, seed=seed, **options)[0]


def test_letters_are_shared_out_equally_and_the_whole_way_is_in_the_image():
    landmarks, labels = hand.sample_motion("JZA", 30, frames=12, seed=1)
    assert landmarks.shape == (30, 12, 21, 3)
    np.testing.assert_array_equal(np.bincount(labels), 10)
    assert 0 <= landmarks[..., :2].min() <= landmarks[..., :2].max() <= 1
    np.testing.assert_allclose(landmarks[:, :, 0, 2], 0, atol=1e-6)


def test_only_j_and_z_travel():
    def way(letter):
        points = _sequences(letter)
        palm = np.linalg.norm(points[:, :1, 9, :2] - points[:, :1, 0, :2], axis=-1)
        return np.median(np.ptp(points[:, :, 0, :2], axis=1).max(axis=1) / palm[:, 0])

    assert way("A") < 0.3
    assert way("J") > 0.8
    assert way("Z") > 0.8


def test_the_viewer_sees_a_right_hands_z_start_on_the_right_and_end_low_on_the_left():
    tips = _sequences("Z", left_share=0)[:, :, INDEX_TIP]
    assert (tips[:, 0, 0] > tips[:, -1, 0]).mean() > 0.9
    assert (tips[:, 0, 1] < tips[:, -1, 1]).mean() > 0.9
    left = _sequences("Z", left_share=1)[:, :, INDEX_TIP]
    assert (left[:, 0, 0] < left[:, -1, 0]).mean() > 0.9


def test_the_little_finger_goes_down_before_it_hooks():
    tips = _sequences("J", left_share=0)[:, :, PINKY_TIP]
    lowest = tips[..., 1].argmax(axis=1)
    assert np.median(lowest) > 6
    assert (tips[:, -1, 0] > tips[:, 0, 0]).mean() > 0.9
