"""Softmax and cross-entropy equal TensorFlow's to 1e-5, and stay finite where exp does not."""

import numpy as np
import pytest

from asl_helpers.scratch import (
    ScratchError,
    cross_entropy,
    cross_entropy_gradient,
    log_softmax,
    softmax,
)

HUGE = np.array([[1000.0, 999.0, -1000.0], [-5000.0, -5000.0, -5001.0]])


@pytest.fixture
def batch():
    rng = np.random.default_rng(4)
    return rng.normal(scale=3, size=(9, 5)), rng.integers(5, size=9)


def test_softmax_by_hand():
    assert softmax(np.log([1, 2, 5])) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert softmax(np.zeros(4)).tolist() == [0.25] * 4


def test_a_shift_changes_nothing_and_a_stretch_does(batch):
    logits, _ = batch
    np.testing.assert_allclose(softmax(logits + 700), softmax(logits), atol=1e-12)
    assert np.abs(softmax(2 * logits) - softmax(logits)).max() > 0.05


@pytest.mark.filterwarnings("error")
def test_nothing_overflows_or_vanishes():
    probs = softmax(HUGE)
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    assert probs[0, 2] == 0
    assert log_softmax(HUGE)[0, 2] == pytest.approx(-2000.3133, abs=1e-3)
    assert cross_entropy(HUGE, np.array([2, 0])) == pytest.approx(
        (2000.3133 + 0.8620) / 2, abs=1e-3
    )
    assert np.isfinite(cross_entropy_gradient(HUGE, np.array([2, 0]))).all()


def test_equal_to_tensorflow(batch):
    tf = pytest.importorskip("tensorflow")
    logits, labels = batch[0].astype("float32"), batch[1]
    np.testing.assert_allclose(softmax(logits), tf.nn.softmax(logits), atol=1e-5)
    np.testing.assert_allclose(log_softmax(logits), tf.nn.log_softmax(logits), atol=1e-5)
    tensor = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tensor)
        loss = tf.reduce_mean(losses)
    assert cross_entropy(logits, labels) == pytest.approx(float(loss), abs=1e-5)
    ours = cross_entropy_gradient(logits, labels)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, tape.gradient(loss, tensor), atol=1e-5)


def test_equal_to_keras(batch):
    keras = pytest.importorskip("keras")
    logits, labels = batch
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert cross_entropy(logits, labels) == pytest.approx(float(loss(labels, logits)), abs=1e-5)


def test_the_gradient_is_the_slope(batch):
    logits, labels = batch
    gradient, step = cross_entropy_gradient(logits, labels), 1e-5
    for place in [(0, 0), (3, 4), (8, labels[8])]:
        nudge = np.zeros_like(logits)
        nudge[place] = step
        rise = cross_entropy(logits + nudge, labels) - cross_entropy(logits - nudge, labels)
        assert rise / (2 * step) == pytest.approx(gradient[place], abs=1e-8)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-15)


def test_whole_numbers_are_computed_as_floats():
    assert softmax(np.array([0, 0], dtype=np.uint8)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros(3), np.array([0]), r"Expected logits \(batch, classes\)"),
        (np.zeros((2, 3)), np.array([0]), "got shapes"),
        (np.zeros((2, 3)), np.eye(3)[:2], "argmax"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), "float64"),
        (np.zeros((2, 3)), np.array([0, 3]), r"count the 3 classes from 0; got \[0, 3\]"),
        (np.zeros((2, 3)), np.array([-1, 0]), r"\[-1, 0\]"),
        (np.zeros((0, 3)), np.array([], dtype=int), "none"),
    ],
)
def test_what_cannot_be_computed_is_named(logits, labels, message):
    with pytest.raises(ScratchError, match=message):
        cross_entropy(logits, labels)
