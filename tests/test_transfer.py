"""Transfer learning: sources of weights, cached features, a head, fine-tuning, files and images."""

from types import SimpleNamespace

import ipywidgets
import keras
import numpy as np
import pytest
from PIL import Image

from asl_helpers import explain, transfer
from asl_helpers.errors import AslError

SIDE = 32
IMAGES = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
FLOATS = IMAGES.astype(np.float32)
FILE = "mobilenet_v2_0.35_224_no_top.weights.h5"


@pytest.fixture(scope="module")
def base():
    keras.utils.set_random_seed(0)
    return transfer.backbone(SIDE, weights=None, verbose=False)


@pytest.fixture(scope="module")
def joined(base):
    return transfer.join(base, transfer.head(1280, 4, dense=8))


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """Leave no source of weights but what a test puts there; refuse the network."""
    for name in ("ASL_DATA_DIR", "ASL_OFFLINE", "ASL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: pytest.fail("network"))
    return monkeypatch


def mobilenet(size=224, alpha=0.35):
    return keras.applications.MobileNetV2((size, size, 3), alpha, include_top=False, weights=None)


def test_backbone_scales_its_images(base):
    plain = mobilenet(SIDE)
    plain.set_weights(base.get_weights())
    np.testing.assert_allclose(base(FLOATS), plain(FLOATS / 127.5 - 1), atol=1e-5)
    assert base.output_shape == (None, 1, 1, 1280)
    assert base.source == "MobileNetV2 0.35 at 32 px: random weights"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 100}, "multiple of 32"),
        ({"weights": "imagenett"}, "Did you mean 'imagenet'"),
        ({"alpha": 0.5, "weights": "drawn"}, r"for alpha=0.35, not 0.5"),
    ],
)
def test_unknown_backbones(given, message):
    with pytest.raises(AslError, match=message):
        transfer.backbone(**{"verbose": False, **given})


def test_own_file_comes_first_and_must_fit(alone, tmp_path, capsys):
    alone.setenv("ASL_DATA_DIR", str(tmp_path))
    own = mobilenet()
    own.save_weights(tmp_path / FILE)
    loaded = transfer.backbone(SIDE)
    assert f"ImageNet weights, ASL_DATA_DIR ({FILE})" in capsys.readouterr().out
    for ours, theirs in zip(loaded.get_weights(), own.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    mobilenet(alpha=0.5).save_weights(tmp_path / FILE)  # its layers have the same names
    with pytest.raises(AslError, match=r"does not fit MobileNetV2 with alpha=0\.35"):
        transfer.backbone(SIDE, verbose=False)
    (tmp_path / FILE).write_bytes(b"half a file")
    with pytest.raises(AslError, match=FILE):
        transfer.backbone(SIDE, weights="best", verbose=False)


@pytest.mark.parametrize(
    ("switch", "value", "reason"),
    [("ASL_OFFLINE", "1", "ASL_OFFLINE is set"), ("ASL_PROFILE", "quick", "quick profile")],
)
def test_network_is_not_asked_where_it_must_not_be(alone, tmp_path, switch, value, reason):
    alone.setenv(switch, value)
    with pytest.raises(transfer.WeightsUnavailable, match=reason) as caught:
        transfer.imagenet_weights()
    assert reason in caught.value.reason
    cached = (
        tmp_path / "keras/models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    )
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert transfer.imagenet_weights()[0] == cached


def test_failed_download_is_one_clear_error(alone):
    def refuse(file, origin, **_):
        assert origin.endswith(f"mobilenet_v2/{file}")
        raise Exception("URL fetch failure")

    alone.setenv("ASL_PROFILE", "full")
    alone.setattr(keras.utils, "get_file", refuse)
    with pytest.raises(transfer.WeightsUnavailable, match=r"failed \(URL fetch failure\)"):
        transfer.backbone(SIDE, weights="imagenet")


def test_drawn_weights_stand_in_and_say_so(alone, capsys):
    transfer.backbone(SIDE)
    printed = capsys.readouterr().out
    assert "trained on drawn hands only, no photograph" in printed
    assert "(ImageNet's: the quick profile asks no network)" in printed
    assert transfer.drawn_card()["held_out_accuracy"] > 0.3  # of 29 classes
    assert (transfer.drawn_folder() / f"{transfer.DRAWN}.md").is_file()


def test_damaged_drawn_weights_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(transfer, "drawn_folder", lambda: tmp_path)
    (tmp_path / f"{transfer.DRAWN}.json").write_text('{"sha256": "0"}')
    (tmp_path / f"{transfer.DRAWN}.npz").write_bytes(b"half")
    with pytest.raises(AslError, match="damaged or not the expected version"):
        transfer.backbone(SIDE, weights="drawn")


def test_features_are_means_of_maps_kept_for_the_same_images_and_weights(base, tmp_path):
    first = transfer.features(base, IMAGES, tmp_path)
    np.testing.assert_allclose(first, np.mean(base(FLOATS), axis=(1, 2)), atol=1e-5)
    assert transfer.features(base, IMAGES[:0]).shape == (0, 1280)
    files = lambda: len(list(tmp_path.iterdir()))  # noqa: E731
    np.testing.assert_array_equal(transfer.features(base, IMAGES, tmp_path), first)
    assert files() == 1
    changed = IMAGES.copy()
    changed[0, 0, 0, 0] ^= 1
    transfer.features(base, changed, tmp_path)
    assert files() == 2
    other = keras.models.clone_model(base)
    other.set_weights([*base.get_weights()[:-1], base.get_weights()[-1] + 1e-3])
    transfer.features(other, IMAGES, tmp_path)
    assert files() == 3


def test_joined_model_is_the_head_on_the_features(base, joined):
    head = transfer.head(1280, 4, dense=8)
    model = transfer.join(base, head)
    np.testing.assert_allclose(model(FLOATS), head(transfer.features(base, IMAGES)), atol=1e-4)
    before = base.get_weights()[0].copy()
    model.get_layer("Conv1").kernel.assign(model.get_layer("Conv1").kernel * 0)
    np.testing.assert_array_equal(base.get_weights()[0], before)
    assert explain.grad_cam(model, FLOATS, layer="block_5_add").shape == (5, SIDE, SIDE)
    with pytest.raises(AslError, match="not the whole classifier"):
        transfer.features(joined, IMAGES)


def test_unfreezing_follows_the_blocks(base, joined):
    depths = [transfer.depth(layer.name) for layer in base.layers]
    assert depths == sorted(depths, reverse=True) and set(depths) == set(range(1, 20))
    names = lambda: {w.path.split("/")[-2] for w in joined.trainable_weights}  # noqa: E731
    assert transfer.unfreeze(joined, 0) == 1280 * 8 + 8 + 8 * 4 + 4
    assert names() == {"dense", "logits"}
    transfer.unfreeze(joined, 1)
    block = {f"block_16_{part}" for part in ("expand", "depthwise", "project")}
    assert names() == {"dense", "logits", "Conv_1", *block}
    transfer.unfreeze(joined, 1, batch_norm=True)
    assert "block_16_project_BN" in names() and "block_15_project_BN" not in names()
    transfer.unfreeze(joined, 16)
    assert "block_1_expand" in names() and "Conv1" not in names()
    transfer.unfreeze(joined, 17)
    assert {"Conv1", "expanded_conv_depthwise"} <= names()
    with pytest.raises(AslError, match="0-17"):
        transfer.unfreeze(joined, 18)
    with pytest.raises(AslError, match=r"transfer\.join"):
        transfer.unfreeze(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]), 1)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_frozen_batch_norm_keeps_its_means_in_training(joined, batch_norm):
    transfer.unfreeze(joined, 2, batch_norm=batch_norm)
    means = [weight for weight in joined.weights if "moving" in weight.path]
    before = [mean.numpy() for mean in means]
    joined(FLOATS, training=True)
    moved = {m.path for m, b in zip(means, before, strict=True) if not np.array_equal(m, b)}
    assert bool(moved) is batch_norm
    assert all(transfer.depth(path.split("/")[-2]) <= 3 for path in moved)


def test_layers_are_trained_at_their_own_rates():
    names = ("block_15_x", "block_16_x", "Conv_1", "logits")
    stack = [keras.layers.Dense(3, use_bias=False, name=name) for name in names]
    model = keras.Sequential([keras.Input((3,)), *stack])
    rate = keras.optimizers.schedules.CosineDecay(0.1, 1000)
    model.compile(transfer.layerwise_adam(model, rate, decay=0.5), "mse")
    before = model.get_weights()
    data = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    model.fit(data, data[:, ::-1], batch_size=8, verbose=0)
    moves = [np.abs(a - b).mean() for a, b in zip(model.get_weights(), before, strict=True)]
    # Adam's first step is the rate, whatever the gradient's size.
    np.testing.assert_allclose(moves, [0.1 / 8, 0.1 / 4, 0.1 / 2, 0.1], rtol=1e-2)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    assert again.factors == model.optimizer.factors


def test_images_are_cut_to_their_middle_square(tmp_path):
    wide = np.zeros((40, 80, 3), np.uint8)
    wide[:, 20:60] = (200, 10, 10)
    path = tmp_path / "wide.png"
    Image.fromarray(wide).save(path)
    square = transfer.load_picture(path, 32)
    assert square.shape == (32, 32, 3) and (square == (200, 10, 10)).all()
    np.testing.assert_array_equal(transfer.load_picture(path.read_bytes(), 32), square)


def test_uploads_of_both_versions_of_the_widget():
    new = SimpleNamespace(value=({"name": "a.png", "content": memoryview(b"one")},))
    old = SimpleNamespace(value={"a.png": {"metadata": {}, "content": b"one"}})
    assert transfer.uploaded(new) == transfer.uploaded(old) == [b"one"]
    assert transfer.uploaded(ipywidgets.FileUpload()) == []
