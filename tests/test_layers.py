"""Blocks of MobileNet, ResNet and channel attention."""

import keras
import numpy as np
import pytest

from asl_helpers import layers
from asl_helpers.counting import squeezed_units


def block(build, shape=(12, 12, 8), **settings):
    images = keras.Input(shape)
    return keras.Model(images, build(images, **settings))


def kinds(model):
    return [type(layer).__name__ for layer in model.layers[1:]]


def maps(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_squeeze_excitation_is_its_formula():
    layer = layers.SqueezeExcitation(ratio=4)
    x = maps(3, 5, 6, 32)
    scaled = np.asarray(layer(x))
    w1, b1, w2, b2 = layer.get_weights()
    assert w1.shape == (32, 8) and w2.shape == (8, 32)
    hidden = np.maximum(x.mean(axis=(1, 2)) @ w1 + b1, 0)
    scales = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    np.testing.assert_allclose(scaled, x * scales[:, None, None, :], atol=1e-5)
    np.testing.assert_allclose(np.asarray(layer.weigh(x))[:, 0, 0], scales, atol=1e-5)


@pytest.mark.parametrize(("channels", "ratio", "units"), [(256, 16, 16), (32, 16, 4), (8, 1, 8)])
def test_squeezed_layer_keeps_at_least_four_units(channels, ratio, units):
    layer = layers.SqueezeExcitation(ratio)
    layer.build((None, 7, 7, channels))
    assert squeezed_units(channels, ratio) == units
    assert layer.count_params() == channels * units + units + units * channels + channels


def test_squeeze_excitation_learns_and_survives_a_file_in_safe_mode(tmp_path):
    model = block(lambda x: layers.SqueezeExcitation(2, name="attention")(x))
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(maps(8, 12, 12, 8), maps(8, 12, 12, 8, seed=1), verbose=0)
    assert not any(map(np.array_equal, before, model.get_weights()))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.get_layer("attention").ratio == 2
    np.testing.assert_array_equal(model(maps(2, 12, 12, 8)), again(maps(2, 12, 12, 8)))


def test_depthwise_separable_filters_then_mixes():
    model = block(layers.depthwise_separable, filters=20, stride=2, name="one")
    assert model.output_shape == (None, 6, 6, 20)
    assert model.get_layer("one_depthwise").kernel.shape == (3, 3, 8, 1)
    assert model.get_layer("one_pointwise").kernel.shape == (1, 1, 8, 20)
    assert not any(getattr(layer, "use_bias", False) for layer in model.layers)
    assert np.asarray(model(maps(2, 12, 12, 8))).min() >= 0


def test_inverted_residual_widens_ends_linear_and_adds_its_input():
    model = block(layers.inverted_residual, filters=8, name="one")
    assert model.get_layer("one_expand").output.shape == (None, 12, 12, 48)
    assert model.get_layer("one_expand_relu").max_value == 6
    x = maps(2, 12, 12, 8)
    assert np.asarray(model(x)).min() < 0
    model.get_layer("one_project").set_weights([np.zeros((1, 1, 48, 8))])
    np.testing.assert_allclose(model(x), x, atol=1e-6)  # only the shortcut is left


@pytest.mark.parametrize(("filters", "stride"), [(8, 2), (16, 1)])
def test_inverted_residual_has_no_shortcut_where_the_shape_changes(filters, stride):
    model = block(layers.inverted_residual, filters=filters, stride=stride, expansion=1)
    assert "Add" not in kinds(model)
    assert kinds(model)[0] == "DepthwiseConv2D"  # an expansion of 1 widens nothing
    assert model.output_shape == (None, 12 // stride, 12 // stride, filters)


def test_residual_block_keeps_what_its_convolutions_do_not_change():
    model = block(layers.residual_block, filters=8, name="one")
    model.get_layer("one_conv2").set_weights([np.zeros((3, 3, 8, 8))])
    x = maps(2, 12, 12, 8)
    np.testing.assert_allclose(model(x), np.maximum(x, 0), atol=1e-6)


@pytest.mark.parametrize(("filters", "stride"), [(8, 2), (16, 1)])
def test_residual_block_projects_the_shortcut_where_the_shape_changes(filters, stride):
    model = block(layers.residual_block, filters=filters, stride=stride, name="one")
    assert model.get_layer("one_shortcut").kernel.shape == (1, 1, 8, filters)
    assert model.output_shape == (None, 12 // stride, 12 // stride, filters)
