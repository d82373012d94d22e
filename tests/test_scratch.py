"""The NumPy versions equal Keras's and TensorFlow's to 1e-5, and refuse what cannot be computed."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from asl_helpers import scratch
from asl_helpers.errors import AslError

RNG = np.random.default_rng(7)
X = RNG.normal(2, 3, size=(6, 5, 4, 3)).astype("float32")
X[0, 0] = 0
LOGITS, LABELS = RNG.normal(scale=3, size=(9, 5)), RNG.integers(5, size=9)
HUGE = np.array([[1000.0, 999.0, -1000.0], [-5000.0, -5000.0, -5001.0]])


def same(ours, theirs, atol=1e-5):
    np.testing.assert_allclose(ours, np.asarray(theirs), atol=atol, rtol=1e-5)


# --- convolution


def test_corr2d_is_the_worked_example_and_does_not_flip():
    image = np.arange(9).reshape(3, 3)
    assert scratch.corr2d(image, np.array([[0, 1], [2, 3]])).tolist() == [[19, 25], [37, 43]]
    spike = np.pad([[1]], ((0, 2), (0, 2)))
    assert scratch.corr2d(spike, np.arange(1.0, 10.0).reshape(3, 3)).item() == 1
    image, kernel = RNG.normal(size=(9, 12)), RNG.normal(size=(4, 3))
    same(scratch.corr2d(image, kernel), signal.correlate2d(image, kernel, mode="valid"), 1e-12)


def test_bytes_do_not_wrap_around():
    image, kernel = np.full((2, 2), 255, np.uint8), np.full((2, 2), 2, np.uint8)
    assert scratch.corr2d(image, kernel).item() == 4 * 255 * 2
    assert scratch.conv2d(image[..., None], kernel[..., None, None]).item() == 4 * 255 * 2
    assert scratch.average_pool(image).item() == 255
    assert scratch.softmax(np.array([0, 0], np.uint8)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_conv2d_and_output_size_equal_tensorflow(padding):
    for (height, width), kernel, stride in itertools.product(
        [(5, 5), (8, 7), (28, 28)], [1, 2, 3, 4], [1, 2, 3]
    ):
        images = RNG.normal(size=(2, height, width, 3)).astype("float32")
        kernels = RNG.normal(size=(kernel, max(kernel - 1, 1), 3, 4)).astype("float32")
        bias = RNG.normal(size=4).astype("float32")
        theirs = tf.nn.conv2d(images, kernels, stride, padding.upper()).numpy() + bias
        ours = scratch.conv2d(images, kernels, bias, stride, padding)
        assert ours.dtype == np.float32
        same(ours, theirs)
        assert scratch.output_size(height, kernel, stride, padding) == theirs.shape[1]


def test_padding_by_a_number_equals_tensorflow():
    images = RNG.normal(size=(1, 9, 9, 2)).astype("float32")
    kernels = RNG.normal(size=(3, 3, 2, 5)).astype("float32")
    for stride, pixels in [(1, 1), (2, 1), (2, 3), (3, 2)]:
        around = [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]]
        ours = scratch.conv2d(images, kernels, stride=stride, padding=pixels)
        same(ours, tf.nn.conv2d(images, kernels, stride, around))


@pytest.mark.parametrize(
    ("padding", "stride"), [*itertools.product(["valid", "same", 2], [1, 2, 3])]
)
def test_one_channel_and_one_filter_is_corr2d_and_one_image_a_row_of_the_batch(padding, stride):
    images, kernel = RNG.normal(size=(2, 7, 6)), RNG.normal(size=(3, 2))
    batch = scratch.conv2d(images[..., None], kernel[..., None, None], None, stride, padding)
    one = scratch.conv2d(images[1, ..., None], kernel[..., None, None], None, stride, padding)
    np.testing.assert_array_equal(one, batch[1])
    same(one[..., 0], scratch.corr2d(images[1], kernel, stride, padding), 1e-12)


@pytest.mark.parametrize(("padding", "stride"), [*itertools.product(["valid", "same"], [1, 2])])
def test_depthwise_convolution_equals_keras_and_a_diagonal_of_kernels(padding, stride):
    layer = keras.layers.DepthwiseConv2D(
        3, stride, padding=padding, bias_initializer="random_normal"
    )
    theirs = layer(X)
    kernels, bias = (np.asarray(weight) for weight in layer.get_weights())
    same(scratch.depthwise_conv2d(X, kernels, bias, stride, padding), theirs)
    full = np.zeros((3, 3, 3, 3))
    full[:, :, range(3), range(3)] = kernels[..., 0]
    same(scratch.depthwise_conv2d(X[0], kernels[..., 0]), scratch.conv2d(X[0], full))


# --- activations, pooling, attention


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (scratch.relu, keras.activations.relu),
        (scratch.softmax, tf.nn.softmax),
        (scratch.log_softmax, tf.nn.log_softmax),
    ],
)
def test_activations_equal_keras(ours, theirs):
    assert ours(X).dtype == np.float32
    same(ours(X), theirs(X))


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_equals_keras(padding):
    images = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect") - 30  # all negative
    for size, stride in itertools.product([2, 3, 4], [None, 1, 2, 3]):
        for ours, layer in [
            (scratch.max_pool, keras.layers.MaxPooling2D),
            (scratch.average_pool, keras.layers.AveragePooling2D),
        ]:
            answer = ours(images, size, stride, padding)
            assert answer.dtype == np.float32
            same(answer, layer(size, strides=stride, padding=padding)(images))
            same(ours(images[1, ..., 2], size, stride, padding), answer[1, ..., 2])


# --- batch normalization


@pytest.mark.parametrize("x", [X, X[:, 0, 0]], ids=["maps", "features"])
def test_batch_norm_equals_keras_in_training_and_inference(x):
    layer = keras.layers.BatchNormalization(momentum=0.8)
    layer.build(x.shape)
    gamma, beta = np.array([2, 0.5, -1], "float32"), np.array([1, 0, 3], "float32")
    layer.set_weights([gamma, beta, *layer.get_weights()[2:]])
    mean, variance = scratch.batch_statistics(x)
    same(scratch.batch_norm(x, mean, variance, gamma, beta), layer(x, training=True))
    layer(x + 1, training=True)
    ours = scratch.batch_norm(x, *map(np.asarray, layer.get_weights()[2:]), gamma, beta)
    same(ours, layer(x, training=False))


# --- softmax and cross-entropy


def test_softmax_by_hand_a_shift_changes_nothing_and_a_stretch_does():
    assert scratch.softmax(np.log([1, 2, 5])) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    same(scratch.softmax(LOGITS + 700), scratch.softmax(LOGITS), 1e-12)
    assert np.abs(scratch.softmax(2 * LOGITS) - scratch.softmax(LOGITS)).max() > 0.05


@pytest.mark.filterwarnings("error")
def test_nothing_overflows_or_vanishes():
    np.testing.assert_allclose(scratch.softmax(HUGE).sum(axis=1), 1)
    assert scratch.log_softmax(HUGE)[0, 2] == pytest.approx(-2000.3133, abs=1e-3)
    expected = (2000.3133 + 0.8620) / 2
    assert scratch.cross_entropy(HUGE, np.array([2, 0])) == pytest.approx(expected, abs=1e-3)
    assert np.isfinite(scratch.cross_entropy_gradient(HUGE, np.array([2, 0]))).all()


def test_cross_entropy_and_its_gradient_equal_keras():
    logits = tf.constant(LOGITS.astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, logits)
    assert scratch.cross_entropy(LOGITS, LABELS) == pytest.approx(float(loss), abs=1e-5)
    same(scratch.cross_entropy_gradient(LOGITS, LABELS), tape.gradient(loss, logits))


# --- optimizers

GRADIENTS = RNG.normal(size=(100, 3, 4)) * [1e-3, 0.1, 1, 30]
START = RNG.normal(size=(3, 4))


@pytest.mark.parametrize(
    ("ours", "name", "settings"),
    [
        (scratch.GradientDescent(0.01), "SGD", {"learning_rate": 0.01}),
        (scratch.GradientDescent(0.001, 0.9), "SGD", {"learning_rate": 0.001, "momentum": 0.9}),
        (scratch.RMSprop(0.01), "RMSprop", {"learning_rate": 0.01}),
        (scratch.Adam(), "Adam", {}),
        (scratch.Adam(0.01, 0.8, 0.99), "Adam",
         {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99}),
        (scratch.Adam(0.01, weight_decay=0.1), "AdamW",
         {"learning_rate": 0.01, "weight_decay": 0.1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hundred_steps_equal_keras(ours, name, settings):
    theirs = getattr(keras.optimizers, name)(**settings)
    weights, variable = START, keras.Variable(START.astype("float32"))
    for gradient in GRADIENTS:
        weights = ours.step(weights, gradient)
        theirs.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))], [variable])
        same(weights, keras.ops.convert_to_numpy(variable))


def test_schedules_equal_keras_and_are_asked_for_each_step():
    cosine = keras.optimizers.schedules.CosineDecay(0.1, 50)
    for step in (0, 1, 19, 20, 39, 40, 49, 50, 70):
        assert scratch.cosine_decay(step, 0.1, 50) == pytest.approx(float(cosine(step)), abs=1e-7)
    asked, start = [], np.array([1.0])
    rule = scratch.GradientDescent(lambda step: asked.append(step) or 0.1)
    path = scratch.walk(rule, lambda w: w, start, 3)
    assert (asked, start.tolist()) == ([0, 1, 2], [1])
    assert path[:, 0] == pytest.approx([1, 0.9, 0.81, 0.729])


@pytest.mark.parametrize("slope", [1e-3, 1.0, -40.0])
def test_the_first_step_of_adam_is_the_rate_and_3_16_of_it_without_correction(slope):
    for correction, times in ((True, 1), (False, np.sqrt(10))):
        adam = scratch.Adam(0.01, bias_correction=correction)
        first = adam.step(np.zeros(1), np.array([slope])).item()
        assert first == pytest.approx(-0.01 * times * np.sign(slope), rel=1e-2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scratch.output_size(2, 3), "does not fit into 2 pixels"),
        (lambda: scratch.output_size(5, 3, 1, "full"), "'valid', 'same'"),
        (lambda: scratch.corr2d(X[0], np.ones((2, 2))), "use conv2d"),
        (lambda: scratch.conv2d(X, np.ones((2, 2, 1, 1))), "as deep as they are"),
        (lambda: scratch.cross_entropy(LOGITS, np.eye(5)[LABELS]), "argmax"),
        (lambda: scratch.cross_entropy(LOGITS, LABELS - 1), "count the 5 classes from 0"),
    ],
)
def test_what_cannot_be_computed_is_named(call, message):
    with pytest.raises(AslError, match=message):
        call()
