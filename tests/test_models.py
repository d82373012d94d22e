import keras
import numpy as np
import pytest

from asl_helpers import counting, networks


def test_baseline_has_the_documented_shapes_and_counts():
    model = networks.baseline_cnn()
    table = counting.layer_table(model)
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
    model = networks.baseline_cnn((32, 20, 3), classes=5)
    logits = np.asarray(model(np.zeros((2, 32, 20, 3), np.float32)))
    assert logits.shape == (2, 5)
    assert logits.dtype == np.float32
    assert np.allclose(logits, 0)  # zero in, zero biases: a softmax here would give 0.2


@pytest.mark.parametrize("shape", [(9, 28, 1), (28, 28), (28, 28, 0)])
def test_baseline_refuses_shapes_that_two_pools_cannot_halve(shape):
    with pytest.raises(networks.ModelError, match="input_shape"):
        networks.baseline_cnn(shape)


def test_baseline_takes_the_smallest_shape_it_promises():
    assert networks.baseline_cnn((10, 10, 1), 2).output_shape == (None, 2)


def test_baseline_refuses_a_single_class():
    with pytest.raises(networks.ModelError, match="at least 2 classes"):
        networks.baseline_cnn(classes=1)


def test_custom_cnn_has_the_documented_shapes_and_counts():
    model = networks.custom_cnn()
    table = counting.layer_table(model)
    shapes = table["output shape"]
    pools = [shapes[f"pool{block}"] for block in (1, 2, 3)]
    assert pools == ["14 × 14 × 32", "7 × 7 × 64", "3 × 3 × 128"]
    assert [shapes["conv4"], shapes["mean"], shapes["logits"]] == ["3 × 3 × 128", "128", "24"]
    kernels = [1 * 9 * 32, 32 * 9 * 64, 64 * 9 * 128, 128 * 9 * 128]
    assert [table["parameters"][f"conv{block}"] for block in (1, 2, 3, 4)] == kernels
    assert model.count_params() == 244_408 <= 300_000


def test_custom_cnn_has_the_order_of_the_four_blocks():
    names = [layer.name for layer in networks.custom_cnn(filters=(4, 8)).layers]
    first, second = ["conv1", "norm1", "relu1", "pool1", "drop1"], ["conv2", "norm2", "relu2"]
    assert names == ["images", *first, *second, "drop2", "mean", "logits"]


def test_dropout_and_batch_norm_act_in_training_only():
    model = networks.custom_cnn(filters=(4, 8), dropout=0.5)
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    calm = [np.asarray(model(images, training=False)) for _ in range(2)]
    assert np.array_equal(*calm)
    assert not np.allclose(model(images, training=True), calm[0], atol=1e-3)


def test_attention_is_all_that_differs():
    plain, attended = networks.attention_cnn(attention=False), networks.attention_cnn()
    assert plain.count_params() == 260_920
    assert attended.count_params() == 270_788 <= 300_000
    without = [layer.name for layer in attended.layers if not layer.name.startswith("attention")]
    assert without == [layer.name for layer in plain.layers]
    names = [layer.name for layer in attended.layers]
    assert names[1:6] == ["conv1", "norm1", "relu1", "attention1", "pool1"]


def test_attention_cnn_gives_logits_for_other_shapes():
    model = networks.attention_cnn((32, 16, 3), 5, filters=(4, 4, 8, 8), dense=6)
    logits = np.asarray(model(np.zeros((2, 32, 16, 3), np.float32)))
    assert logits.shape == (2, 5) and np.allclose(logits, 0)


def test_attention_cnn_survives_a_file(tmp_path):
    model = networks.attention_cnn(filters=(4, 4, 8, 8), dense=6)
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(again(images), model(images), atol=1e-6)


@pytest.mark.parametrize(
    ("build", "smallest"), [(networks.custom_cnn, 8), (networks.attention_cnn, 16)]
)
def test_four_blocks_need_something_to_pool(build, smallest):
    shape = (smallest, smallest, 1)
    assert build(shape, 2, filters=(2, 2, 2, 2)).output_shape == (None, 2)
    with pytest.raises(networks.ModelError, match=f"at least {smallest} pixels"):
        build((smallest - 1, 28, 1))
    with pytest.raises(networks.ModelError, match="at least 2 classes"):
        build(classes=1)
    with pytest.raises(networks.ModelError, match="dropout=1"):
        build(dropout=1)
