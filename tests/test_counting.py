"""The formulas agree with Keras's models, for layers, blocks and whole networks."""

import keras
import pytest

from asl_helpers import counting, layers
from asl_helpers.counting import Cost, count_multiply_adds
from asl_helpers.errors import AslError
from asl_helpers.networks import baseline_cnn, resnet18


def counted(model) -> Cost:
    trained = sum(int(weight.numpy().size) for weight in model.trainable_weights)
    return Cost(trained, model.count_params() - trained, count_multiply_adds(model))


def wrapped(build, shape=(12, 12, 8)):
    images = keras.Input(shape)
    return keras.Model(images, build(images))


LAYERS = [
    (keras.layers.Conv2D(20, 3, padding="same"), counting.conv(12, 3, 8, 20, bias=True)),
    (keras.layers.Conv2D(20, 5), counting.conv(8, 5, 8, 20, bias=True)),
    (
        keras.layers.DepthwiseConv2D(3, 2, padding="same", use_bias=False),
        counting.depthwise(6, 3, 8),
    ),
    (
        keras.layers.SeparableConv2D(20, 3, padding="same", use_bias=False),
        counting.depthwise(12, 3, 8) + counting.pointwise(12, 8, 20),
    ),
    (keras.layers.BatchNormalization(), counting.batch_norm(8)),
    (layers.SqueezeExcitation(4), counting.dense(8, 4) + counting.dense(4, 8)),
    (keras.layers.MaxPooling2D(), Cost()),
]


@pytest.mark.parametrize(("layer", "by_hand"), LAYERS, ids=lambda each: type(each).__name__)
def test_layer_costs_what_its_formula_says(layer, by_hand):
    assert counted(wrapped(layer)) == by_hand


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("filters", [8, 24])
@pytest.mark.parametrize("name", ["depthwise_separable", "inverted_residual"])
def test_block_costs_what_its_formula_says(name, filters, stride):
    model = wrapped(lambda x: getattr(layers, name)(x, filters, stride), (13, 13, 8))
    assert counted(model) == getattr(counting, name)(13, 8, filters, stride)


@pytest.mark.parametrize(
    ("size", "alpha", "classes"), [(224, 1.0, 1000), (96, 0.35, 29), (128, 1.4, 24)]
)
def test_mobilenet_v2_costs_what_its_formula_says(size, alpha, classes):
    model = keras.applications.MobileNetV2((size, size, 3), alpha, weights=None, classes=classes)
    assert counted(model) == counting.mobilenet_v2(size, classes=classes, alpha=alpha)


def test_networks_are_as_large_as_their_papers_say():
    mobilenet, resnet = counting.mobilenet_v2(), counted(resnet18((224, 224, 3), 1000))
    assert mobilenet.multiply_adds == pytest.approx(300e6, rel=0.01)  # table 4: 300 M
    assert mobilenet.parameters == 3_538_984  # Keras's documentation rounds to 3.5 M
    assert resnet.multiply_adds == pytest.approx(1.8e9, rel=0.01)  # table 1: 1.8 G
    assert resnet.trained == 11_689_512
    with pytest.raises(TypeError):  # a width in the place of the classes
        counting.mobilenet_v2(96, 0.35)


def test_nested_model_counts_once_and_unknown_layers_are_named():
    base = keras.applications.MobileNetV2((96, 96, 3), 0.35, include_top=False, weights=None)
    images = keras.Input((96, 96, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(base(images))
    model = keras.Model(images, keras.layers.Dense(29)(pooled))
    assert counted(model) == counting.mobilenet_v2(96, classes=29, alpha=0.35)
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
