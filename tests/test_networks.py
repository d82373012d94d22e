"""The networks: shapes, costs, where attention stands, pretrained weights, saved models."""

import keras
import numpy as np
import pytest

from asl_helpers import counting, networks, transfer
from asl_helpers.errors import AslError
from asl_helpers.layers import SqueezeExcitation


@pytest.fixture(scope="module")
def built():
    """Every network once, at 32 pixels and with 5 classes."""
    return {name: networks.build(name, (32, 32, 3), 5) for name in networks.NAMES}


def attentions(model):
    return [layer.name for layer in model.layers if isinstance(layer, SqueezeExcitation)]


def pixels(channels=3):
    shape = (2, 32, 32, channels)
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)


def test_baseline_has_the_documented_shapes_and_counts():
    table = counting.layer_table(networks.baseline_cnn())
    shapes = "28 × 28 × 1, 26 × 26 × 32, 13 × 13 × 32, 11 × 11 × 64, 5 × 5 × 64, 1600, 128, 24"
    assert table["output shape"].tolist() == shapes.split(", ")
    assert table["parameters"][table["parameters"] > 0].to_dict() == {
        "conv1": (3 * 3 * 1 + 1) * 32,
        "conv2": (3 * 3 * 32 + 1) * 64,
        "dense": (5 * 5 * 64 + 1) * 128,
        "logits": (128 + 1) * 24,
    }


def test_custom_cnn_has_the_documented_blocks_and_counts():
    model = networks.custom_cnn()
    shapes = counting.layer_table(model)["output shape"]
    assert [shapes[f"pool{n}"] for n in (1, 2, 3)] == ["14 × 14 × 32", "7 × 7 × 64", "3 × 3 × 128"]
    assert model.count_params() == 244_408
    names = [layer.name for layer in networks.custom_cnn(filters=(4, 8)).layers]
    first, second = ["conv1", "norm1", "relu1", "pool1", "drop1"], ["conv2", "norm2", "relu2"]
    assert names == ["images", *first, *second, "drop2", "mean", "logits"]


def test_attention_is_all_that_differs_from_plain():
    plain, attended = networks.attention_cnn(attention=False), networks.attention_cnn()
    assert plain.count_params() == 260_920 and attended.count_params() == 270_788
    names = [layer.name for layer in attended.layers]
    assert names[1:6] == ["conv1", "norm1", "relu1", "attention1", "pool1"]
    assert [n for n in names if "attention" not in n] == [layer.name for layer in plain.layers]


@pytest.mark.parametrize("name", ["baseline_cnn", "custom_cnn", "attention_cnn", "resnet18"])
def test_functions_give_logits_for_other_shapes_and_classes(name):
    model = getattr(networks, name)((32, 20, 3), classes=5)
    logits = np.asarray(model(np.zeros((2, 32, 20, 3), np.float32)))
    assert logits.shape == (2, 5) and logits.dtype == np.float32
    np.testing.assert_allclose(logits, 0, atol=1e-6)  # zero in, zero biases: a softmax gives 0.2


def test_built_networks_take_pixels_and_give_logits(built):
    for name, model in built.items():
        assert model.name == name and model.output_shape == (None, 5)
        assert model.layers[-1].activation is keras.activations.linear
        scale = model.layers[1]
        assert scale.name == "preprocess"
        np.testing.assert_allclose(scale(np.array([0.0, 127.5, 255.0])), [-1, 0, 1], atol=1e-6)
        assert not any(hasattr(layer, "layers") for layer in model.layers)
        # From random weights, the averages must follow a short training.
        norms = [la for la in model.layers if isinstance(la, keras.layers.BatchNormalization)]
        assert all(layer.momentum == 0.9 for layer in norms)


@pytest.mark.parametrize(
    ("name", "trained", "parameters", "work"),
    [
        # The paper's 4.2 M and 569 M (MobileNets, table 4); Keras's count_params.
        ("mobilenet_v1", 4_231_976, 4_253_864, pytest.approx(569e6, rel=0.01)),
        # Parameters as PyTorch counts them, and as Keras does.
        ("mobilenet_v2", 3_504_872, 3_538_984, 300_774_272),
        ("resnet18", 11_689_512, 11_699_112, 1_814_073_344),
    ],
)
def test_with_1000_classes_they_cost_what_was_published(name, trained, parameters, work):
    model = networks.build(name, (224, 224, 3), 1000)
    assert sum(weight.numpy().size for weight in model.trainable_weights) == trained
    assert model.count_params() == parameters
    assert counting.count_multiply_adds(model) == work


@pytest.mark.parametrize(
    ("name", "channels", "alpha", "parameters"),
    [
        ("mobilenet_v2", 3, 0.35, 410_208 + 1280 * 5 + 5),
        ("mobilenet_v2", 1, 0.1, 93_168 + 1280 * 5 + 5),
        ("mobilenet_v1", 3, 0.1, 39_881 + 102 * 5 + 5),
    ],
)
def test_alpha_narrows_the_layers(name, channels, alpha, parameters):
    model = networks.build(name, (96, 96, channels), 5, alpha=alpha)
    assert model.count_params() == parameters
    assert model.layers[2].kernel.shape[2] == channels if name == "mobilenet_v2" else True


def test_attention_stands_where_its_name_says(built):
    ends = {
        "mobilenet_v1": ("conv_pw", (1, 3, 5, 11, 13)),
        "mobilenet_v2": ("block", (2, 5, 9, 12, 15, 16)),
    }
    for name, (prefix, blocks) in ends.items():
        model = built[f"{name}_attention"]
        assert attentions(model) == [f"{prefix}_{block}_attention" for block in blocks]
    node = built["mobilenet_v2_attention"].get_layer("block_3_expand")._inbound_nodes[0]
    assert node.parent_nodes[0].operation.name == "block_2_attention"
    resnet = built["resnet18_attention"]
    for block in (f"stage{stage}_block{block}" for stage in range(1, 5) for block in (1, 2)):
        parents = resnet.get_layer(f"{block}_add")._inbound_nodes[0].parent_nodes
        assert f"{block}_attention" in [node.operation.name for node in parents]
    for name in ("mobilenet_v1", "mobilenet_v2", "resnet18"):
        plain, attended = built[name], built[f"{name}_attention"]
        channels = [attended.get_layer(layer).output.shape[-1] for layer in attentions(attended)]
        units = {each: counting.squeezed_units(each) for each in channels}
        extra = sum(2 * each * units[each] + units[each] + each for each in channels)
        assert attended.count_params() - plain.count_params() == extra > 0
        assert attentions(plain) == []


def test_dropout_and_a_dense_layer_stand_before_the_logits():
    model = networks.build("resnet18", (32, 32, 1), 5, dropout=0.3, dense=16)
    assert [layer.name for layer in model.layers[-4:]] == ["mean", "dense", "drop", "logits"]
    assert model.get_layer("drop").rate == 0.3 and model.get_layer("dense").units == 16
    bare = networks.build("mobilenet_v1", (32, 32, 1), 5, alpha=0.1, dropout=0)
    assert [layer.name for layer in bare.layers[-2:]] == ["mean", "logits"]


def same_weights(ours, theirs):
    for layer in theirs.layers:
        if layer.weights:
            pairs = zip(ours.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True)
            assert all(np.array_equal(one, other) for one, other in pairs), layer.name


def test_weights_of_a_file_arrive_and_gray_is_repeated_for_them(tmp_path):
    source = keras.applications.MobileNetV2((32, 32, 3), alpha=0.1, include_top=False, weights=None)
    file = tmp_path / "made.weights.h5"
    source.save_weights(file)
    gray = networks.build("mobilenet_v2", (32, 32, 1), 5, alpha=0.1, weights=file)
    same_weights(gray, source)
    assert gray.get_layer("bn_Conv1").momentum == source.get_layer("bn_Conv1").momentum
    features = keras.Model(gray.input, gray.get_layer("mean").output)(pixels(1))
    expected = source(np.repeat(pixels(1), 3, axis=-1) / 127.5 - 1).numpy().mean(axis=(1, 2))
    np.testing.assert_allclose(features, expected, atol=1e-5)
    with pytest.raises(AslError, match=r"do not fit mobilenet_v2 with alpha=1\.0"):
        networks.build("mobilenet_v2", weights=file)


def test_weights_by_name_are_those_of_the_backbone_at_any_size():
    known = transfer.backbone(64, 0.35, "drawn", verbose=False)
    options = {"alpha": 0.35, "weights": "drawn"}
    made = networks.build("mobilenet_v2_attention", (100, 100, 3), 5, **options)
    same_weights(made, known)
    assert made.get_layer("bn_Conv1").momentum == known.get_layer("bn_Conv1").momentum


def test_saved_model_gives_the_same_logits(tmp_path, built):
    made = built["mobilenet_v2_attention"]
    made.save(tmp_path / "made.keras")
    again = keras.saving.load_model(tmp_path / "made.keras", safe_mode=True)
    np.testing.assert_allclose(again(pixels()), made(pixels()), atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "resnet_18"}, "Did you mean 'resnet18'"),
        ({"alpha": 1.0, "name": "resnet18"}, "no setting 'alpha'"),
        ({"drop": 0.1}, "Did you mean 'dropout'"),
        ({"input_shape": (31, 96, 3)}, "at least 32 pixels"),
        ({"input_shape": (96, 96, 4)}, "1 or 3 channels"),
        ({"weights": "absent.weights.h5"}, "do not fit mobilenet_v2"),
        ({"weights": "imagenet", "name": "mobilenet_v1"}, "ASL_OFFLINE is set"),
    ],
)
def test_one_clear_error(given, message, monkeypatch):
    monkeypatch.setenv("ASL_OFFLINE", "1")
    with pytest.raises(AslError, match=message):
        networks.build(**{"name": "mobilenet_v2", **given})
