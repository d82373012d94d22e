"""Pooling equals TensorFlow's, borders and uneven sizes included."""

import itertools

import numpy as np
import pytest

from asl_helpers.scratch import (
    ScratchError,
    average_pool,
    global_average_pool,
    global_max_pool,
    max_pool,
)

IMAGES = np.random.default_rng(5).normal(size=(2, 9, 8, 3)).astype("float32") - 3  # all negative


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_equals_keras(padding):
    keras = pytest.importorskip("keras")
    for size, stride in itertools.product([2, 3, 4], [None, 1, 2, 3]):
        for ours, layer in [
            (max_pool, keras.layers.MaxPooling2D),
            (average_pool, keras.layers.AveragePooling2D),
        ]:
            theirs = np.asarray(layer(size, strides=stride, padding=padding)(IMAGES))
            answer = ours(IMAGES, size, stride, padding)
            assert answer.dtype == np.float32
            np.testing.assert_allclose(answer, theirs, atol=1e-5)


def test_global_pooling_equals_keras():
    keras = pytest.importorskip("keras")
    for ours, layer in [
        (global_average_pool, keras.layers.GlobalAveragePooling2D),
        (global_max_pool, keras.layers.GlobalMaxPooling2D),
    ]:
        answer = ours(IMAGES)
        assert answer.shape == (2, 3)
        np.testing.assert_allclose(answer, np.asarray(layer()(IMAGES)), atol=1e-5)


def test_one_map_one_image_and_a_batch_agree():
    pooled = max_pool(IMAGES, 2)
    np.testing.assert_array_equal(max_pool(IMAGES[1], 2), pooled[1])
    np.testing.assert_array_equal(max_pool(IMAGES[1, ..., 2], 2), pooled[1, ..., 2])


def test_bytes_are_averaged_without_wrapping():
    assert average_pool(np.full((2, 2), 255, np.uint8)).item() == 255


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: max_pool(np.ones(4)), r"got shape \(4,\)"),
        (lambda: max_pool(np.ones((2, 2)), 3), "does not fit into 2 pixels"),
        (lambda: average_pool(np.ones((4, 4)), 2, 0), "start at 1"),
        (lambda: max_pool(np.ones((4, 4)), 2, 2, "full"), "'valid', 'same'"),
        (lambda: global_average_pool(np.ones((4, 4, 3))), "np.newaxis"),
    ],
)
def test_what_cannot_be_computed_is_named(call, message):
    with pytest.raises(ScratchError, match=message):
        call()
