"""The NumPy versions equal TensorFlow's to 1e-5, and refuse what cannot be computed."""

import itertools

import numpy as np
import pytest

from asl_helpers.scratch import ScratchError, conv2d, corr2d, output_size, pad_widths


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_corr2d_is_the_worked_example():
    image = np.arange(9).reshape(3, 3)
    kernel = np.array([[0, 1], [2, 3]])
    assert corr2d(image, kernel).tolist() == [[19, 25], [37, 43]]


def test_corr2d_does_not_flip():
    image = np.zeros((3, 3))
    image[0, 0] = 1
    kernel = np.arange(1.0, 10.0).reshape(3, 3)
    assert corr2d(image, kernel).item() == 1  # the flipped kernel would give 9


def test_corr2d_equals_scipy(rng):
    signal = pytest.importorskip("scipy.signal")
    image, kernel = rng.normal(size=(9, 12)), rng.normal(size=(4, 3))
    ours = corr2d(image, kernel)
    np.testing.assert_allclose(ours, signal.correlate2d(image, kernel, mode="valid"), atol=1e-12)
    flipped = signal.convolve2d(image, kernel[::-1, ::-1], mode="valid")
    np.testing.assert_allclose(ours, flipped, atol=1e-12)


def test_bytes_do_not_wrap_around():
    image = np.full((2, 2), 255, dtype=np.uint8)
    kernel = np.full((2, 2), 2, dtype=np.uint8)
    assert corr2d(image, kernel).item() == 4 * 255 * 2
    deep = conv2d(image[..., None], kernel[..., None, None])
    assert deep.item() == 4 * 255 * 2


CASES = list(itertools.product([(5, 5), (8, 7), (28, 28)], [1, 2, 3, 4], [1, 2, 3]))


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_conv2d_and_output_size_equal_tensorflow(padding, rng):
    tf = pytest.importorskip("tensorflow")
    for (height, width), kernel, stride in CASES:
        images = rng.normal(size=(2, height, width, 3)).astype("float32")
        kernels = rng.normal(size=(kernel, max(kernel - 1, 1), 3, 4)).astype("float32")
        bias = rng.normal(size=4).astype("float32")
        theirs = tf.nn.conv2d(images, kernels, stride, padding.upper()).numpy() + bias
        ours = conv2d(images, kernels, bias, stride, padding)
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)
        assert output_size(height, kernel, stride, padding) == theirs.shape[1]


@pytest.mark.parametrize(("stride", "pixels"), [(1, 1), (2, 1), (2, 3), (3, 2)])
def test_padding_by_a_number_equals_tensorflow(stride, pixels, rng):
    tf = pytest.importorskip("tensorflow")
    images = rng.normal(size=(1, 9, 9, 2)).astype("float32")
    kernels = rng.normal(size=(3, 3, 2, 5)).astype("float32")
    around = [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]]
    theirs = tf.nn.conv2d(images, kernels, stride, around).numpy()
    ours = conv2d(images, kernels, stride=stride, padding=pixels)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)


def test_a_keras_layer_is_the_same_sum(rng):
    keras = pytest.importorskip("keras")
    images = rng.uniform(size=(2, 12, 12, 3)).astype("float32")
    layer = keras.layers.Conv2D(6, 3, strides=2, padding="same")
    theirs = np.asarray(layer(images))
    kernels, bias = (np.asarray(weight) for weight in layer.get_weights())
    ours = conv2d(images, kernels, bias, stride=2, padding="same")
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_conv2d_of_one_image_is_its_row_of_the_batch(rng):
    images = rng.normal(size=(3, 6, 6, 2))
    kernels = rng.normal(size=(3, 3, 2, 2))
    np.testing.assert_array_equal(conv2d(images[1], kernels), conv2d(images, kernels)[1])


@pytest.mark.parametrize("padding", ["valid", "same", 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_one_channel_and_one_filter_is_corr2d(stride, padding, rng):
    image, kernel = rng.normal(size=(7, 6)), rng.normal(size=(3, 2))
    deep = conv2d(image[..., None], kernel[..., None, None], None, stride, padding)[..., 0]
    np.testing.assert_allclose(deep, corr2d(image, kernel, stride, padding), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((28, 3), 26),
        ((28, 3, 1, "same"), 28),
        ((28, 3, 2, "same"), 14),
        ((28, 3, 2), 13),
        ((5, 3, 2), 2),
        ((6, 3, 2), 2),
        ((5, 5), 1),
        ((5, 3, 1, 2), 7),
    ],
)
def test_output_size(arguments, size):
    assert output_size(*arguments) == size


def test_the_odd_zero_goes_after():
    assert pad_widths(28, 3, 2, "same") == (0, 1)
    assert pad_widths(5, 3, 1, "same") == (1, 1)
    assert pad_widths(5, 1, 2, "same") == (0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: output_size(2, 3), "does not fit into 2 pixels"),
        (lambda: output_size(5, 3, 0), "start at 1"),
        (lambda: output_size(5, 3, 1, "full"), "'valid', 'same'"),
        (lambda: output_size(5, 3, 1, -1), "Unknown padding -1"),
        (lambda: corr2d(np.ones((4, 4, 3)), np.ones((2, 2))), "use conv2d"),
        (lambda: corr2d(np.ones((2, 2)), np.ones((3, 3))), "does not fit"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2, 1, 1))), "leading batch"),
        (lambda: conv2d(np.ones((4, 4, 3)), np.ones((2, 2, 1, 1))), "as deep as its input"),
        (lambda: conv2d(np.ones((4, 4, 1)), np.ones((2, 2, 1, 3)), np.ones(2)), r"\(3,\)"),
    ],
)
def test_what_cannot_be_computed_is_named(call, message):
    with pytest.raises(ScratchError, match=message):
        call()
