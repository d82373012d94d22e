"""Dropout and batch normalisation equal Keras's, in training and in inference."""

import numpy as np
import pytest

from asl_helpers.scratch import (
    ScratchError,
    batch_norm,
    batch_statistics,
    dropout,
    moving_average,
)

X = np.random.default_rng(8).normal(2, 3, size=(6, 5, 4, 3)).astype("float32")


def test_dropout_is_zero_or_scaled_and_keeps_the_mean():
    z = np.full((400, 400), 2.0)
    y = dropout(z, 0.8, np.random.default_rng(1))
    assert set(np.unique(y)) == {0, 2.5}
    assert y.mean() == pytest.approx(2, abs=0.01)
    assert (y == 0).mean() == pytest.approx(0.2, abs=0.005)


def test_every_value_has_a_mask_of_its_own_and_inference_none():
    y = dropout(np.ones((50, 40)), 0.5, np.random.default_rng(1))
    assert len(np.unique(y, axis=0)) == 50
    z = np.ones(3)
    same = dropout(z, 0.5, np.random.default_rng(1), training=False)
    assert same.tolist() == [1, 1, 1]
    assert same is not z


def test_dropout_is_keras_formula_for_keras_mask():
    keras = pytest.importorskip("keras")
    mask = np.asarray(keras.layers.Dropout(0.25, seed=3)(np.ones_like(X), training=True)) > 0
    theirs = np.asarray(keras.layers.Dropout(0.25, seed=3)(X, training=True))

    class Fixed:
        def random(self, shape):
            assert shape == X.shape
            return np.where(mask, 0.0, 0.999)

    np.testing.assert_allclose(dropout(X, 0.75, Fixed()), theirs, atol=1e-5)


@pytest.mark.parametrize("axes", [4, 2])
def test_batch_norm_equals_keras(axes):
    keras = pytest.importorskip("keras")
    x = X if axes == 4 else X[:, 0, 0]
    layer = keras.layers.BatchNormalization(momentum=0.8)
    layer.build(x.shape)
    gamma, beta = np.array([2, 0.5, -1], "float32"), np.array([1, 0, 3], "float32")
    layer.set_weights([gamma, beta, *layer.get_weights()[2:]])
    mean, variance = batch_statistics(x)
    ours = batch_norm(x, mean, variance, gamma, beta)
    np.testing.assert_allclose(ours, np.asarray(layer(x, training=True)), atol=1e-5)
    layer(x + 1, training=True)
    kept_mean = moving_average(np.stack([mean, mean + 1]), 0.8, 0.0)
    kept_variance = moving_average(np.stack([variance, variance]), 0.8, 1.0)
    np.testing.assert_allclose(kept_mean, np.asarray(layer.moving_mean), atol=1e-5)
    np.testing.assert_allclose(kept_variance, np.asarray(layer.moving_variance), atol=1e-4)
    ours = batch_norm(x, kept_mean, kept_variance, gamma, beta)
    np.testing.assert_allclose(ours, np.asarray(layer(x, training=False)), atol=1e-5)


def test_a_batch_of_one_number_a_channel_says_nothing():
    x = np.array([[7.0, -3.0]])
    assert batch_norm(x, *batch_statistics(x)).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dropout(X, 0, np.random.default_rng()), "keep = 1 - rate"),
        (lambda: dropout(X, 20, np.random.default_rng()), "got 20"),
        (lambda: batch_statistics(np.ones(3)), r"got shape \(3,\)"),
        (lambda: moving_average(np.ones(3), 1.0), "share of the old"),
    ],
)
def test_what_cannot_be_computed_is_named(call, message):
    with pytest.raises(ScratchError, match=message):
        call()
