"""The models by name: what goes in, what comes out, what they cost, where attention stands."""

import keras
import numpy as np
import pytest

from asl_helpers import counting, networks, transfer
from asl_helpers.errors import AslError
from asl_helpers.layers import SqueezeExcitation


@pytest.fixture(scope="module")
def built():
    """Every variant once, at 32 pixels and with 5 classes."""
    return {name: networks.build(name, (32, 32, 3), 5) for name in networks.NAMES}


def attentions(model):
    return [layer.name for layer in model.layers if isinstance(layer, SqueezeExcitation)]


def test_every_name_gives_logits_from_pixels_that_it_scales_itself(built):
    for name, model in built.items():
        assert model.name == name
        assert model.output_shape == (None, 5)
        assert model.layers[-1].name == "logits"
        assert model.layers[-1].activation is keras.activations.linear
        scale = model.get_layer("preprocess")
        assert np.allclose(scale(np.array([0.0, 127.5, 255.0])), [-1, 0, 1], atol=1e-6)
        assert model.layers[1] is scale


def test_no_network_is_hidden_in_another(built):
    for model in built.values():
        assert not any(hasattr(layer, "layers") for layer in model.layers)
        assert counting.count_multiply_adds(model) > 0


@pytest.mark.parametrize(
    ("name", "trained", "all_of_them", "work"),
    [
        # The paper's 4.2 M and 569 M (MobileNets, table 4); Keras's count_params.
        ("mobilenet_v1", 4_231_976, 4_253_864, pytest.approx(569e6, rel=0.01)),
        # Parameters as PyTorch counts them, and as Keras does.
        ("mobilenet_v2", 3_504_872, 3_538_984, counting.mobilenet_v2().multiply_adds),
        ("resnet18", 11_689_512, 11_699_112, counting.resnet18().multiply_adds),
    ],
)
def test_with_1000_classes_they_cost_what_was_published(name, trained, all_of_them, work):
    model = networks.build(name, (224, 224, 3), 1000)
    assert sum(weights.numpy().size for weights in model.trainable_weights) == trained
    assert model.count_params() == all_of_them
    assert counting.count_multiply_adds(model) == work


@pytest.mark.parametrize(("alpha", "parameters"), [(1.0, 2_257_984), (0.35, 410_208)])
def test_alpha_narrows_the_body_as_keras_says(alpha, parameters):
    model = networks.build("mobilenet_v2", (96, 96, 3), 5, alpha=alpha)
    assert model.count_params() == parameters + 1280 * 5 + 5


def test_alpha_of_a_tenth_exists_from_scratch():
    model = networks.build("mobilenet_v2", (96, 96, 1), 5, alpha=0.1)
    assert model.count_params() == 93_168 + 1280 * 5 + 5
    assert model.layers[2].kernel.shape == (3, 3, 1, 8)
    first = networks.build("mobilenet_v1", (96, 96, 3), 5, alpha=0.1)
    assert first.count_params() == 39_881 + 102 * 5 + 5


def test_attention_stands_where_its_name_says(built):
    assert attentions(built["mobilenet_v1_attention"]) == [
        f"conv_pw_{block}_attention" for block in (1, 3, 5, 11, 13)
    ]
    assert attentions(built["mobilenet_v2_attention"]) == [
        f"block_{block}_attention" for block in (2, 5, 9, 12, 15, 16)
    ]
    assert len(attentions(built["resnet18_attention"])) == 8
    assert len(attentions(built["attention_cnn"])) == 4
    for name in ("baseline_cnn", "custom_cnn", "plain_cnn", "mobilenet_v1", "resnet18"):
        assert attentions(built[name]) == []


def test_attention_in_mobilenet_feeds_the_next_block(built):
    model = built["mobilenet_v2_attention"]
    node = model.get_layer("block_3_expand")._inbound_nodes[0]
    assert node.parent_nodes[0].operation.name == "block_2_attention"


def test_attention_in_resnet_stands_before_the_addition(built):
    model = built["resnet18_attention"]
    for stage in range(1, 5):
        for block in (1, 2):
            name = f"stage{stage}_block{block}"
            parents = [
                node.operation.name
                for node in model.get_layer(f"{name}_add")._inbound_nodes[0].parent_nodes
            ]
            assert f"{name}_attention" in parents


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "resnet18"])
def test_attention_costs_two_dense_layers_a_place(built, name):
    plain, attended = built[name], built[f"{name}_attention"]
    extra = attended.count_params() - plain.count_params()
    places = [attended.get_layer(place) for place in attentions(attended)]
    assert extra == sum(
        counting.squeeze_excitation(place.output.shape[-1]).parameters for place in places
    )
    assert extra > 0


def test_dropout_and_a_dense_layer_stand_before_the_logits():
    model = networks.build("resnet18", (32, 32, 1), 5, dropout=0.3, dense=16)
    assert [layer.name for layer in model.layers[-4:]] == ["mean", "dense", "drop", "logits"]
    assert model.get_layer("drop").rate == 0.3
    assert model.get_layer("dense").units == 16
    bare = networks.build("mobilenet_v1", (32, 32, 1), 5, alpha=0.1, dropout=0)
    assert [layer.name for layer in bare.layers[-2:]] == ["mean", "logits"]


def test_pretrained_weights_arrive_and_grey_is_repeated_for_them(tmp_path):
    keras.utils.set_random_seed(1)
    source = keras.applications.MobileNetV2((32, 32, 3), alpha=0.1, include_top=False, weights=None)
    source.save_weights(tmp_path / "made.weights.h5")
    options = {"alpha": 0.1, "weights": tmp_path / "made.weights.h5"}
    grey = networks.build("mobilenet_v2", (32, 32, 1), 5, **options)
    attended = networks.build("mobilenet_v2_attention", (32, 32, 3), 5, **options)
    for layer in source.layers:
        for made in (grey, attended):
            for ours, theirs in zip(
                made.get_layer(layer.name).get_weights() if layer.weights else [],
                layer.get_weights(),
                strict=True,
            ):
                assert np.array_equal(ours, theirs), layer.name
    assert grey.get_layer("bn_Conv1").momentum == source.get_layer("bn_Conv1").momentum
    assert grey.get_layer("repeat").output.shape == (None, 32, 32, 3)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1)).astype(np.float32)
    found = keras.Model(grey.input, grey.get_layer("mean").output)(pixels)
    wanted = source(np.repeat(pixels, 3, axis=-1) / 127.5 - 1).numpy().mean(axis=(1, 2))
    assert np.allclose(found, wanted, atol=1e-5)


def test_weights_by_name_are_those_of_the_backbone_at_any_size():
    known = transfer.backbone(64, 0.35, "drawn", verbose=False)
    shape = (100, 100, 3)
    made = networks.build("mobilenet_v2_attention", shape, 5, alpha=0.35, weights="drawn")
    for layer in known.layers:
        for ours, theirs in zip(
            made.get_layer(layer.name).get_weights() if layer.weights else [],
            layer.get_weights(),
            strict=True,
        ):
            assert np.array_equal(ours, theirs), layer.name
    # As in the backbone, the averages keep what they learnt elsewhere.
    assert made.get_layer("bn_Conv1").momentum == known.get_layer("bn_Conv1").momentum
    with pytest.raises(AslError, match=r"alpha=0\.35"):
        networks.build("mobilenet_v2", shape, 5, weights="drawn")


def test_averages_of_a_network_from_scratch_follow_a_short_training(built):
    for name, model in built.items():
        norms = [la for la in model.layers if isinstance(la, keras.layers.BatchNormalization)]
        assert all(layer.momentum == 0.9 for layer in norms), name
    assert norms


def test_weights_of_another_width_are_refused(tmp_path):
    source = keras.applications.MobileNetV2((32, 32, 3), alpha=0.1, include_top=False, weights=None)
    source.save_weights(tmp_path / "made.weights.h5")
    with pytest.raises(AslError, match=r"do not fit mobilenet_v2 with alpha=1\.0"):
        networks.build("mobilenet_v2", weights=tmp_path / "made.weights.h5")
    with pytest.raises(AslError, match="and no such file"):
        networks.build("mobilenet_v2", weights=tmp_path / "absent.weights.h5")


def test_a_saved_model_gives_the_same_logits(tmp_path, built):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    for name in ("resnet18_attention", "mobilenet_v2_attention", "custom_cnn"):
        built[name].save(tmp_path / "made.keras")
        again = keras.saving.load_model(tmp_path / "made.keras", safe_mode=True)
        assert np.allclose(again(pixels), built[name](pixels), atol=1e-6)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"name": "resnet_18"}, AslError, "Did you mean 'resnet18'"),
        ({"name": None}, AslError, "No model None"),
        ({"alpha": 1.0, "name": "resnet18"}, AslError, "no setting 'alpha'"),
        ({"drop": 0.1}, AslError, "Did you mean 'dropout'"),
        ({"dense": 8, "name": "baseline_cnn"}, AslError, "it has: none"),
        ({"input_shape": (31, 96, 3)}, AslError, "at least 32 pixels"),
        ({"input_shape": (96, 96)}, AslError, "height, width, channels"),
        ({"input_shape": 96}, AslError, "input_shape=96"),
        ({"input_shape": (96.0, 96, 3)}, AslError, "input_shape"),
        ({"input_shape": (96, 96, 4)}, AslError, r"1 channel \(grey\) or 3"),
        ({"classes": 1}, AslError, "at least 2 classes"),
        ({"classes": 2.5}, AslError, "at least 2 classes"),
        ({"classes": "29"}, AslError, "at least 2 classes"),
        ({"alpha": 0}, AslError, "alpha=0"),
        ({"alpha": "1"}, AslError, "alpha='1'"),
        ({"dropout": 1}, AslError, "dropout=1"),
        ({"dropout": "0.1"}, AslError, "dropout='0.1'"),
        ({"dense": 0}, AslError, "dense counts"),
        ({"weights": "imagnet"}, AslError, "Did you mean 'imagenet'"),
        ({"weights": "drawn", "name": "mobilenet_v1"}, AslError, "MobileNetV2's"),
    ],
)
def test_one_clear_error(given, error, message):
    with pytest.raises(error, match=message):
        networks.build(**{"name": "mobilenet_v2", **given})
