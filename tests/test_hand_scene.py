"""Camera, looks and backgrounds; backdrops for other images, and another light for them."""

from dataclasses import replace

import numpy as np
import pytest

from asl_helpers.hand import body, scene


def test_rotations_are_right_handed_and_wrist_turns_mean_what_the_table_says():
    for axis, before, after in (("x", 1, 2), ("y", 2, 0), ("z", 0, 1)):
        matrix = scene.rotation(axis, np.array([90.0]))[0]
        np.testing.assert_allclose(matrix @ np.eye(3)[before], np.eye(3)[after], atol=1e-6)
        assert np.linalg.det(matrix) == pytest.approx(1, abs=1e-6)
    finger, thumb = np.array([0, -1.0, 0]), np.array([1.0, 0, 0])
    for turns, line, expected in (
        ((90, 0, 0), finger, (1, 0, 0)),  # points to the right
        ((0, 90, 0), finger, (0, 0, -1)),  # points at the camera
        ((0, 0, 180), thumb, (-1, 0, 0)),  # the back shows
        ((0, 0, 90), thumb, (0, 0, -1)),  # the thumb's side shows
    ):
        turned = scene.wrist_rotation(np.array([turns]))[0] @ line
        np.testing.assert_allclose(turned, expected, atol=1e-6)


def test_an_upright_open_hand_points_up_and_perspective_enlarges_what_is_near():
    joints = body.forward(np.zeros((1, 21), np.float32))
    assert joints[0, 12, 1] < -1.5
    joints[0, 12, 2] = -1.0
    image, magnification = scene.project(
        joints, np.array([4.0]), np.array([0.2]), np.array([[0.5, 0.5]])
    )
    assert magnification[0, 12] == pytest.approx(0.2 * 4 / 3)
    assert image[0, 12, 2] == pytest.approx(-0.2)
    np.testing.assert_allclose(image[0, 0], [0.5, 0.5, 0])


@pytest.mark.parametrize("kind", ["paper", "plain", "gradient", "noise", "room"])
def test_backgrounds_are_light_of_the_palette(kind):
    look = replace(scene.sample_look(np.random.default_rng(1), 3), background=kind)
    image = scene.draw_background(look, 40)
    assert image.shape == (40, 40, 3)
    assert 0 <= image.min() <= image.max() < 2.5


def test_colours_follow_the_srgb_curve():
    np.testing.assert_allclose(scene.to_linear("#ffffff"), 1)
    np.testing.assert_allclose(scene.to_linear("#bcbcbc"), 0.5029, atol=1e-3)
    np.testing.assert_array_equal(scene.to_linear("blue"), [0, 0, 1])


def test_clutter_is_the_same_for_the_same_seed_however_many_are_drawn():
    scenes = scene.clutter(12, 32, seed=1)
    assert (scene.clutter(3, 32, seed=1) == scenes[:3]).all()
    assert (scene.clutter(12, 32, seed=2) != scenes).any(axis=(1, 2, 3)).all()
    assert np.ptp(scenes.mean(axis=(1, 2, 3))) > 60  # they differ in light and in detail
    detail = np.abs(np.diff(scenes.astype(float), axis=2)).mean(axis=(1, 2, 3))
    assert detail.max() > 3 * detail.min()


def test_another_light_keeps_black_and_the_order_of_greys_and_differs_from_image_to_image():
    tf = pytest.importorskip("tensorflow")
    ramp = tf.tile(tf.linspace(0.0, 1.0, 9)[None, None, :, None], (40, 1, 1, 3))
    lit = scene.recolour(ramp, [3, 4]).numpy()[:, 0]
    np.testing.assert_allclose(lit[:, 0], 0, atol=0.01)
    assert (np.diff(lit, axis=1) >= 0).all() and lit[:, -1].min() > 0.8
    assert lit[:, 4].max() > 0.6 > 0.4 > lit[:, 4].min() > 0.2
    grey = (np.ptp(lit, axis=2) < 1e-6).all(axis=1)
    assert 0 < grey.mean() < 0.3, "one in ten loses its colours"
