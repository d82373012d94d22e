import numpy as np
import pytest
import tensorflow as tf

from asl_helpers.augmentation import Variation, varied, vary
from asl_helpers.errors import AslError

SEED = tf.constant([3, 4])


def spot(row, column, n=40):
    """Images that are dark but for one square of 3 x 3 pixels about (row, column)."""
    images = np.zeros((n, 29, 29, 1), np.float32)
    images[:, row - 1 : row + 2, column - 1 : column + 2] = 1
    return images


def centres(images):
    """Where the light is: (n, 2), rows and columns from the middle."""
    weights = np.asarray(images)[..., 0]
    steps = np.arange(29) - 14
    total = weights.sum((1, 2))
    return np.stack([(weights.sum(2) @ steps), (weights.sum(1) @ steps)], 1) / total[:, None]


def texture(n=8):
    return np.random.default_rng(1).uniform(0.2, 0.8, (n, 29, 29, 1)).astype(np.float32)


def test_nothing_asked_nothing_changed():
    images = texture()
    np.testing.assert_array_equal(vary(tf.constant(images), SEED, Variation()), images)


def test_the_same_seed_varies_the_same_way_and_each_image_in_its_own():
    images = tf.constant(np.repeat(texture(1), 6, axis=0))
    all_of_it = Variation(20, 0.1, 0.2, 0.1, 0.1, 0.5, 0.1, 0.3, 0.1, 0.5, 0.05, 0.3)
    first, again = (vary(images, SEED, all_of_it) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - vary(images, SEED + 1, all_of_it)).mean() > 0.01
    assert min(np.abs(first[i] - first[j]).mean() for i in range(6) for j in range(i)) > 0.01
    assert first.dtype == tf.float32
    assert float(tf.reduce_min(first)) >= 0 and float(tf.reduce_max(first)) <= 1


def test_a_turn_keeps_the_distance_and_stays_within_its_degrees():
    found = centres(vary(tf.constant(spot(14, 22)), SEED, Variation(turn=30)))
    np.testing.assert_allclose(np.hypot(*found.T), 8, atol=0.35)
    angles = np.degrees(np.arctan2(found[:, 0], found[:, 1]))
    assert np.abs(angles).max() <= 31 and angles.min() < -15 and angles.max() > 15


def test_a_shift_goes_its_share_and_no_further():
    found = centres(vary(tf.constant(spot(14, 14)), SEED, Variation(shift=0.2)))
    assert 4 < np.abs(found).max() <= 0.2 * 29 + 0.2
    assert np.abs(np.corrcoef(found.T)[0, 1]) < 0.5  # rows and columns by themselves


def test_zoom_moves_along_the_ray_by_its_factor():
    found = centres(vary(tf.constant(spot(18, 18)), SEED, Variation(zoom=0.25)))
    np.testing.assert_allclose(found[:, 0], found[:, 1], atol=0.2)
    assert 3 < found.min() < 3.6 and 4.5 < found.max() < 5.3


def test_stretch_and_shear_change_what_they_name():
    stretched = centres(vary(tf.constant(spot(20, 20)), SEED, Variation(stretch=0.3)))
    assert np.corrcoef(stretched.T)[0, 1] < -0.9  # wider is lower
    sheared = centres(vary(tf.constant(spot(22, 14)), SEED, Variation(shear=0.3)))
    np.testing.assert_allclose(sheared[:, 0], 8, atol=0.3)
    assert np.ptp(sheared[:, 1]) > 2.5


def test_mirror_exchanges_left_and_right_of_its_share_and_never_up_and_down():
    images = texture(400)
    result = vary(tf.constant(images), SEED, Variation(mirror=0.5)).numpy()
    flipped = np.isclose(result, images[:, :, ::-1], atol=1e-4).all((1, 2, 3))
    kept = np.isclose(result, images, atol=1e-4).all((1, 2, 3))
    assert (flipped ^ kept).all()
    assert 0.4 < flipped.mean() < 0.6


def test_light_changes_brightness_contrast_and_shade():
    images = np.full((200, 29, 29, 1), 0.5, np.float32)
    brighter = vary(tf.constant(images), SEED, Variation(brightness=0.2)).numpy()
    assert np.ptp(brighter, axis=(1, 2)).max() < 1e-6
    assert 0.15 < np.abs(brighter - 0.5).max() <= 0.2001
    images = texture(200)
    spread = vary(tf.constant(images), SEED, Variation(contrast=0.3)).numpy().std((1, 2))
    factors = (spread / images.std((1, 2))).ravel()
    assert 1 / 1.31 < factors.min() < 0.85 and 1.15 < factors.max() < 1.31
    shaded = vary(tf.constant(images), SEED, Variation(shade=0.1)).numpy() - images
    np.testing.assert_allclose(shaded[:, 14, 14], 0, atol=1e-6)
    assert 0.1 < np.abs(shaded).max() < 0.2001


def test_blur_noise_and_cutout():
    images = texture(100)
    rough = np.abs(np.diff(vary(tf.constant(images), SEED, Variation(blur=0.8)), axis=1)).mean(
        (1, 2, 3)
    )
    before = np.abs(np.diff(images, axis=1)).mean((1, 2, 3))
    assert (rough < 0.7 * before).any() and (rough > 1.2 * before).any()
    noise = vary(tf.constant(images), SEED, Variation(noise=0.1)).numpy() - images
    assert 0.03 < noise.std() < 0.1
    cut = vary(tf.constant(images), SEED, Variation(cutout=0.3)).numpy() != images
    assert cut.any((1, 2, 3)).all() and cut.mean() < 0.3**2 + 0.02


def test_varied_is_new_in_every_epoch_and_repeats_with_its_seed():
    source = tf.data.Dataset.from_tensor_slices((texture(), np.arange(8))).batch(4)

    def epochs(seed):
        batches = varied(source, Variation(turn=20), seed)
        return [
            np.concatenate([images for images, _ in batches.as_numpy_iterator()]) for _ in range(2)
        ]

    (first, second), again = epochs(1), epochs(1)
    np.testing.assert_array_equal([first, second], again)
    assert not np.allclose(first, second) and not np.allclose(first, epochs(2)[0])
    labels = [label for _, label in varied(source, Variation(), 1).as_numpy_iterator()]
    assert np.concatenate(labels).tolist() == list(range(8))
    assert varied(source, Variation(), 1).cardinality() == 2


def test_only_batches_of_floats_are_varied():
    for images in (tf.zeros((29, 29, 1)), tf.zeros((1, 29, 29, 1), tf.int32)):
        with pytest.raises(AslError, match="Batch and normalize"):
            vary(images, SEED, Variation(turn=1))
