"""Multiply-adds are those of the formulas, for layers, blocks and whole networks."""

import keras
import pytest

from asl_helpers import counting, layers
from asl_helpers.counting import count_multiply_adds
from asl_helpers.errors import AslError
from asl_helpers.networks import baseline_cnn, resnet18


def wrapped(build, shape=(12, 12, 8)):
    images = keras.Input(shape)
    return keras.Model(images, build(images))


LAYERS = [
    (keras.layers.Conv2D(20, 3, padding="same"), 12**2 * 9 * 8 * 20),
    (keras.layers.Conv2D(20, 5), 8**2 * 25 * 8 * 20),
    (keras.layers.DepthwiseConv2D(3, 2, padding="same", use_bias=False), 6**2 * 9 * 8),
    (keras.layers.SeparableConv2D(20, 3, padding="same"), 12**2 * (9 * 8 + 8 * 20)),
    (keras.layers.BatchNormalization(), 0),
    (layers.SqueezeExcitation(4), 8 * 4 + 4 * 8),
    (keras.layers.MaxPooling2D(), 0),
    (lambda x: layers.depthwise_separable(x, 24, 2), 6**2 * (9 * 8 + 8 * 24)),
    (lambda x: layers.inverted_residual(x, 24), 12**2 * (8 * 48 + 9 * 48 + 48 * 24)),
    (lambda x: layers.residual_block(x, 24, 2), 6**2 * (9 * 8 * 24 + 9 * 24**2 + 8 * 24)),
]


@pytest.mark.parametrize(("layer", "by_hand"), LAYERS)
def test_layers_and_blocks_cost_what_their_formulas_say(layer, by_hand):
    assert count_multiply_adds(wrapped(layer)) == by_hand


def test_networks_cost_what_their_papers_say():
    mobilenet = keras.applications.MobileNetV2((224, 224, 3), weights=None)
    assert count_multiply_adds(mobilenet) == pytest.approx(300e6, rel=0.01)  # table 4: 300 M
    resnet = resnet18((224, 224, 3), 1000)
    assert count_multiply_adds(resnet) == pytest.approx(1.8e9, rel=0.01)  # table 1: 1.8 G


def test_nested_model_counts_once_and_unknown_layers_are_named():
    inner = wrapped(lambda x: layers.inverted_residual(x, 24))
    outer = wrapped(lambda x: keras.layers.Conv2D(5, 1)(inner(x)))
    assert count_multiply_adds(outer) == count_multiply_adds(inner) + 12**2 * 24 * 5
    with pytest.raises(AslError, match="'memory' is a LSTM"):
        count_multiply_adds(wrapped(keras.layers.LSTM(3, name="memory"), (5, 4)))


def test_cost_table_adds_up():
    table = counting.cost_table(baseline_cnn())
    assert table["parameters"].sum() == baseline_cnn().count_params()
    assert table["multiply-adds"].to_dict() == {
        "conv1": 26 * 26 * 3 * 3 * 32,
        "conv2": 11 * 11 * 3 * 3 * 32 * 64,
        "dense": 1600 * 128,
        "logits": 128 * 24,
    }
