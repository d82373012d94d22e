"""Activations and their gradients equal TensorFlow's."""

import numpy as np
import pytest

from asl_helpers.scratch import (
    ScratchError,
    gelu,
    gelu_derivative,
    leaky_relu,
    relu,
    relu_backward,
)

X = np.random.default_rng(3).normal(scale=2, size=(5, 6, 4)).astype("float32")
X[0, 0] = 0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (relu, lambda keras, x: keras.activations.relu(x)),
        (leaky_relu, lambda keras, x: keras.layers.LeakyReLU(negative_slope=0.1)(x)),
        (
            lambda x: leaky_relu(x, 0.3),
            lambda keras, x: keras.activations.leaky_relu(x, negative_slope=0.3),
        ),
        (gelu, lambda keras, x: keras.activations.gelu(x)),
    ],
)
def test_activations_equal_keras(ours, theirs):
    keras = pytest.importorskip("keras")
    answer = ours(X)
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, np.asarray(theirs(keras, X)), atol=1e-5)


def test_gradients_equal_tensorflow():
    tf = pytest.importorskip("tensorflow")
    upstream = np.random.default_rng(4).normal(size=X.shape).astype("float32")
    for function, ours in [
        (tf.nn.relu, relu_backward(X, upstream)),
        (lambda x: tf.nn.gelu(x, approximate=False), gelu_derivative(X) * upstream),
    ]:
        x = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(function(x) * upstream)
        np.testing.assert_allclose(ours, tape.gradient(total, x), atol=1e-5)


def test_at_zero_the_gradient_stops():
    assert relu_backward(np.array([-1, 0, 2]), np.array([5, 5, 5])).tolist() == [0, 0, 5]


def test_shapes_that_differ_are_named():
    with pytest.raises(ScratchError, match=r"expected shape \(2,\), got \(3,\)"):
        relu_backward(np.ones(2), np.ones(3))
