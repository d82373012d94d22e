"""Depthwise convolution equals Keras's, and is a convolution whose other weights are zero."""

import numpy as np
import pytest

from asl_helpers.scratch import ScratchError, conv2d, depthwise_conv2d

RNG = np.random.default_rng(9)
X = RNG.normal(size=(3, 9, 7, 5)).astype(np.float32)
K = RNG.normal(size=(3, 3, 5)).astype(np.float32)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2])
def test_it_equals_keras(stride, padding):
    keras = pytest.importorskip("keras")
    layer = keras.layers.DepthwiseConv2D(
        3, stride, padding=padding, bias_initializer="random_normal"
    )
    theirs = np.asarray(layer(X))
    kernels, bias = layer.get_weights()
    ours = depthwise_conv2d(X, kernels, bias, stride, padding)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_it_is_a_convolution_with_a_diagonal_of_kernels():
    full = np.zeros((3, 3, 5, 5))
    full[:, :, range(5), range(5)] = K
    np.testing.assert_allclose(depthwise_conv2d(X, K), conv2d(X, full), atol=1e-5)


def test_a_single_image_and_whole_numbers_will_do():
    image = np.full((4, 4, 2), 200, np.uint8)
    out = depthwise_conv2d(image, np.ones((2, 2, 2), np.uint8))
    assert out.shape == (3, 3, 2)
    assert (out == 800).all()


@pytest.mark.parametrize("kernels", [np.ones((3, 3, 4)), np.ones((3, 3, 5, 2)), np.ones((3, 3))])
def test_kernels_that_do_not_fit_are_named(kernels):
    with pytest.raises(ScratchError, match="one filter a channel"):
        depthwise_conv2d(X, kernels)


def test_a_bias_for_each_channel():
    with pytest.raises(ScratchError, match=r"\(5,\)"):
        depthwise_conv2d(X, K, bias=np.zeros(1))
