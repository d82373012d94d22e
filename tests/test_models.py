import numpy as np
import pytest

from asl_helpers import models


def test_baseline_has_the_documented_shapes_and_counts():
    model = models.baseline_cnn()
    table = models.layer_table(model)
    assert list(table.index) == [
        "images",
        "conv1",
        "pool1",
        "conv2",
        "pool2",
        "flatten",
        "dense",
        "logits",
    ]
    assert table["output shape"].tolist() == [
        "28 × 28 × 1",
        "26 × 26 × 32",
        "13 × 13 × 32",
        "11 × 11 × 64",
        "5 × 5 × 64",
        "1600",
        "128",
        "24",
    ]
    by_hand = {
        "conv1": (3 * 3 * 1 + 1) * 32,
        "conv2": (3 * 3 * 32 + 1) * 64,
        "dense": (5 * 5 * 64 + 1) * 128,
        "logits": (128 + 1) * 24,
    }
    assert table["parameters"][table["parameters"] > 0].to_dict() == by_hand
    assert model.count_params() == sum(by_hand.values())


def test_baseline_gives_logits_for_other_shapes_and_classes():
    model = models.baseline_cnn((32, 20, 3), classes=5)
    logits = np.asarray(model(np.zeros((2, 32, 20, 3), np.float32)))
    assert logits.shape == (2, 5)
    assert logits.dtype == np.float32
    assert np.allclose(logits, 0)  # zero in, zero biases: a softmax here would give 0.2


@pytest.mark.parametrize("shape", [(9, 28, 1), (28, 28), (28, 28, 0)])
def test_baseline_refuses_shapes_that_two_pools_cannot_halve(shape):
    with pytest.raises(models.ModelError, match="input_shape"):
        models.baseline_cnn(shape)


def test_baseline_takes_the_smallest_shape_it_promises():
    assert models.baseline_cnn((10, 10, 1), 2).output_shape == (None, 2)


def test_baseline_refuses_a_single_class():
    with pytest.raises(models.ModelError, match="at least 2 classes"):
        models.baseline_cnn(classes=1)
