"""Backdrops: scenes without a hand, a cut-out hand before them, another light."""

import numpy as np
import pytest
import tensorflow as tf

from asl_helpers.errors import AslError
from asl_helpers.hand.scene import clutter, composite, recolour

SEED = [3, 4]


@pytest.fixture(scope="module")
def scenes():
    return clutter(12, 32, seed=1)


def test_scenes_are_pictures_and_the_same_for_the_same_seed(scenes):
    assert scenes.shape == (12, 32, 32, 3)
    assert scenes.dtype == np.uint8
    assert (clutter(12, 32, seed=1) == scenes).all()
    assert (clutter(12, 32, seed=2) != scenes).any(axis=(1, 2, 3)).all()


def test_a_scene_does_not_depend_on_how_many_are_drawn(scenes):
    assert (clutter(3, 32, seed=1) == scenes[:3]).all()


def test_scenes_differ_in_light_and_in_detail(scenes):
    assert np.ptp(scenes.mean(axis=(1, 2, 3))) > 60
    detail = np.abs(np.diff(scenes.astype(float), axis=2)).mean(axis=(1, 2, 3))
    assert detail.max() > 3 * detail.min()


def test_the_hand_stays_and_the_rest_is_replaced():
    hand, wall = tf.fill((2, 4, 4, 3), 0.8), tf.fill((2, 4, 4, 3), 0.2)
    mask = np.zeros((2, 4, 4, 1), np.float32)
    mask[0, :2] = 1  # the upper half of the first picture is hand
    mask[1, 0, 0] = 0.5  # a soft edge
    made = composite(hand, tf.constant(mask), wall).numpy()
    np.testing.assert_allclose(made[0, :2], 0.8)
    np.testing.assert_allclose(made[0, 2:], 0.2, rtol=1e-6)
    np.testing.assert_allclose(made[1, 0, 0], 0.5, rtol=1e-6)


def test_no_change_of_light_leaves_the_picture():
    pictures = tf.random.stateless_uniform((4, 8, 8, 3), SEED, 0.01, 1.0)
    same = recolour(pictures, SEED, exposure=0, tint=0, saturation=0, grey=0)
    np.testing.assert_allclose(same, pictures, atol=1e-5)


def test_exposure_keeps_black_and_white_and_the_order_of_greys():
    ramp = tf.tile(tf.linspace(0.0, 1.0, 9)[None, None, :, None], (40, 1, 1, 3))
    lit = recolour(ramp, SEED, exposure=0.7, tint=0, saturation=0, grey=0).numpy()[:, 0, :, 0]
    np.testing.assert_allclose(lit[:, 0], 0, atol=0.01)
    np.testing.assert_allclose(lit[:, -1], 1, atol=1e-5)
    assert (np.diff(lit, axis=1) > 0).all()
    assert lit[:, 4].min() >= 0.5**1.7 - 1e-3  # the darkest that 1 + exposure allows
    assert lit[:, 4].max() <= 0.5 ** (1 / 1.7) + 1e-3
    assert lit[:, 4].max() > 0.6 > 0.4 > lit[:, 4].min()


def test_all_grey_pictures_have_equal_channels_and_the_same_luma():
    pictures = tf.random.stateless_uniform((6, 8, 8, 3), SEED, 0.1, 0.9)
    grey = recolour(pictures, SEED, exposure=0, tint=0, saturation=0, grey=1).numpy()
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=1e-6)
    luma = (pictures.numpy() * [0.299, 0.587, 0.114]).sum(axis=-1)
    np.testing.assert_allclose(grey[..., 0], luma, atol=1e-5)


def test_each_picture_gets_its_own_tint_within_the_bound():
    pictures = tf.fill((64, 4, 4, 3), 0.5)
    tinted = recolour(pictures, SEED, exposure=0, tint=0.1, saturation=0, grey=0).numpy()
    factors = tinted[:, 0, 0] / 0.5
    assert factors.min() >= 0.9 - 1e-5
    assert factors.max() <= 1.1 + 1e-5
    assert len(np.unique(factors.round(4), axis=0)) == 64


def test_pictures_of_whole_numbers_are_refused():
    with pytest.raises(AslError, match="divide by 255"):
        recolour(tf.zeros((2, 4, 4, 3), tf.uint8), SEED)
