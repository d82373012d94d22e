"""Weights by each way, features that are never stale, a head, what moves, files and pictures."""

import io
import json
from types import SimpleNamespace

import ipywidgets
import keras
import numpy as np
import pytest
from PIL import Image

from asl_helpers import explain, files, transfer
from asl_helpers.judge.models import load_model
from asl_helpers.errors import AslError

SIDE = 32
PICTURES = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
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
    """Leave no source of weights but what a test puts there."""
    for name in ("ASL_DATA_DIR", "ASL_OFFLINE", "ASL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(download, "_failed", {})
    return monkeypatch


def plain(alpha=0.35):
    return keras.applications.MobileNetV2((224, 224, 3), alpha, include_top=False, weights=None)


def test_the_backbone_scales_its_pictures_itself(base):
    pictures = PICTURES.astype(np.float32)
    inner = keras.applications.MobileNetV2((SIDE, SIDE, 3), 0.35, include_top=False, weights=None)
    inner.set_weights(base.get_weights())
    expected = np.asarray(inner(pictures / 127.5 - 1))
    np.testing.assert_allclose(np.asarray(base(pictures)), expected, atol=1e-5)
    assert base.output_shape == (None, 1, 1, 1280)
    assert base.layers[1].name == "preprocess"
    assert base.source == "MobileNetV2 0.35 at 32 px: random weights"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 100}, "multiple of 32"),
        ({"weights": "imagenett"}, "Did you mean 'imagenet'"),
        ({"alpha": 0}, "is not a width"),
        ({"alpha": 0.5, "weights": "drawn"}, r"for alpha=0.35, not 0.5"),
    ],
)
def test_a_backbone_that_does_not_exist(given, message):
    with pytest.raises(AslError, match=message):
        transfer.backbone(**{"verbose": False, **given})


def test_the_readers_own_file_comes_first(alone, tmp_path, capsys):
    alone.setenv("ASL_DATA_DIR", str(tmp_path))
    there = plain()
    there.save_weights(tmp_path / FILE)
    found = transfer.backbone(SIDE)
    assert f"ImageNet weights, ASL_DATA_DIR ({FILE})" in capsys.readouterr().out
    for mine, theirs in zip(found.get_weights(), there.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_file_of_another_width_or_a_damaged_one_is_one_clear_error(alone, tmp_path):
    alone.setenv("ASL_DATA_DIR", str(tmp_path))
    plain(0.5).save_weights(tmp_path / FILE)  # the names of its layers are the same
    with pytest.raises(AslError, match=r"does not fit MobileNetV2 with alpha=0\.35"):
        transfer.backbone(SIDE, verbose=False)
    (tmp_path / FILE).write_bytes(b"half a file")
    with pytest.raises(AslError, match=FILE):
        transfer.backbone(SIDE, weights="best", verbose=False)


def test_keras_own_cache_is_used_in_any_profile(alone, tmp_path):
    file = tmp_path / "keras" / "models" / download._keras_file("0.35")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"whatever")
    path, source = transfer.imagenet_weights()
    assert path == file
    assert source == f"ImageNet weights, Keras ({file.name})"


@pytest.mark.parametrize(
    ("switch", "value", "reason"),
    [("ASL_OFFLINE", "1", "ASL_OFFLINE is set"), ("ASL_PROFILE", "quick", "quick profile")],
)
def test_no_network_is_asked_where_it_must_not_be(alone, switch, value, reason):
    alone.setattr("requests.get", lambda *_, **__: pytest.fail("asked"))
    alone.setenv(switch, value)
    with pytest.raises(AslError, match=reason) as caught:
        transfer.imagenet_weights()
    assert reason in caught.value.reason


class Answer:
    """What a server sends."""

    def __init__(self, body, length):
        self.body, self.headers = body, {"content-length": str(length)}

    def raise_for_status(self):
        pass

    def iter_content(self, _):
        yield from self.body


def test_a_download_is_whole_or_not_there(alone):
    alone.setenv("ASL_PROFILE", "full")
    alone.setattr("requests.get", lambda *_, **__: Answer([b"abc"], 5))
    with pytest.raises(AslError, match="cut after 3 of 5 bytes"):
        transfer.imagenet_weights()
    models = download._keras_home() / "models"
    assert list(models.iterdir()) == []
    download._failed.clear()
    asked = []
    alone.setattr("requests.get", lambda url, **_: asked.append(url) or Answer([b"abc"], 3))
    path, source = transfer.imagenet_weights()
    assert path.read_bytes() == b"abc"
    assert "Keras's download" in source
    assert asked[0].endswith(path.name)


def test_a_server_that_fails_is_asked_once(alone):
    import requests

    asked = []

    def refuse(url, **_):
        asked.append(url)
        raise requests.ConnectionError

    alone.setenv("ASL_PROFILE", "full")
    alone.setattr("requests.get", refuse)
    for _ in range(2):
        with pytest.raises(AslError, match=r"cannot be reached \(ConnectionError\)"):
            transfer.imagenet_weights()
    assert len(asked) == 1


def test_drawn_weights_stand_in_and_say_so(alone, base, tmp_path, capsys):
    alone.setattr(backbones, "project_data", lambda: tmp_path)
    with pytest.raises(AslError, match="come with the course"):
        transfer.backbone(SIDE, weights="drawn")
    facts = transfer.save_drawn(base, {"alpha": 0.35})
    found = transfer.backbone(SIDE)
    said = capsys.readouterr().out
    assert "trained on drawn hands only" in said
    assert "the quick profile asks no network" in said
    assert "ImageNet weights" not in said
    np.testing.assert_allclose(found.get_weights()[0], base.get_weights()[0], atol=1e-3)
    assert transfer.drawn_card()["sha256"] == facts["sha256"]
    with pytest.raises(AslError, match="out of reach"):
        transfer.backbone(SIDE, weights="imagenet")
    stored = next((tmp_path / "weights" / "backbones").glob("*.npz"))
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(AslError, match="damaged or not the expected version"):
        transfer.backbone(SIDE, weights="drawn")


def test_features_are_the_means_of_the_maps(base):
    found = transfer.features(base, PICTURES)
    maps = np.asarray(base(PICTURES.astype(np.float32)))
    np.testing.assert_allclose(found, maps.mean(axis=(1, 2)), atol=1e-5)
    assert found.dtype == np.float32
    assert transfer.features(base, PICTURES[:0]).shape == (0, 1280)


def test_kept_features_are_read_for_the_same_pictures_and_weights_only(base, tmp_path, monkeypatch):
    calls = []
    computed = caching._computed

    def count(*given):
        calls.append(1)
        return computed(*given)

    monkeypatch.setattr(caching, "_computed", count)
    first = transfer.features(base, PICTURES, folder=tmp_path)
    np.testing.assert_array_equal(transfer.features(base, PICTURES, folder=tmp_path), first)
    assert len(calls) == 1
    changed = PICTURES.copy()
    changed[0, 0, 0, 0] ^= 1
    transfer.features(base, changed, folder=tmp_path)
    assert len(calls) == 2
    other = keras.models.clone_model(base)
    values = base.get_weights()
    values[-1] = values[-1] + 1e-3
    other.set_weights(values)
    transfer.features(other, PICTURES, folder=tmp_path)
    assert len(calls) == 3
    for file in tmp_path.glob("*.npz"):
        file.write_bytes(file.read_bytes()[:100])
    np.testing.assert_array_equal(transfer.features(base, PICTURES, folder=tmp_path), first)
    assert len(calls) == 4


def test_features_of_a_part_are_those_of_its_pictures(base):
    images = SimpleNamespace(read=lambda places: PICTURES[places])
    data = SimpleNamespace(
        collection=SimpleNamespace(images=images),
        indices=lambda part: {"train": np.array([3, 1]), "test": np.array([0])}[part],
        info=SimpleNamespace(shape=(SIDE, SIDE, 3), sha256="0" * 64),
    )
    found = transfer.features(base, data, "train")
    np.testing.assert_allclose(found, transfer.features(base, PICTURES[[3, 1]]), atol=1e-5)
    with pytest.raises(AslError, match="Which part"):
        transfer.features(base, data)


def test_pictures_that_do_not_fit(base, joined):
    with pytest.raises(AslError, match=r"picture\[None\]"):
        transfer.features(base, PICTURES[0])
    with pytest.raises(AslError, match="not the whole classifier"):
        transfer.features(joined, PICTURES)


def test_joined_they_do_what_the_head_does_with_features(base):
    head = transfer.head(1280, 4, dense=8)
    model = transfer.join(base, head)
    expected = np.asarray(head(transfer.features(base, PICTURES)))
    np.testing.assert_allclose(np.asarray(model(PICTURES.astype(np.float32))), expected, atol=1e-4)
    before = base.get_weights()[0].copy()
    model.get_layer("Conv1").kernel.assign(model.get_layer("Conv1").kernel * 0)
    np.testing.assert_array_equal(base.get_weights()[0], before)
    with pytest.raises(AslError, match="reads 7 features"):
        transfer.join(base, transfer.head(7, 4))
    with pytest.raises(AslError, match="at least 2 classes"):
        transfer.head(1280, 1)


def test_a_joined_model_can_be_looked_into(joined):
    heat = explain.grad_cam(joined, PICTURES.astype(np.float32), layer="block_5_add")
    assert heat.shape == (5, SIDE, SIDE)
    assert heat.max() == 1


def test_what_moves(joined):
    assert transfer.unfreeze(joined, 0) == 1280 * 8 + 8 + 8 * 4 + 4
    names = lambda: {w.path.split("/")[-2] for w in joined.trainable_weights}  # noqa: E731
    assert names() == {"dense", "logits"}
    transfer.unfreeze(joined, 1)
    assert names() == {
        "dense", "logits", "Conv_1", "block_16_expand", "block_16_depthwise", "block_16_project"
    }  # fmt: skip
    transfer.unfreeze(joined, 1, batch_norm=True)
    assert "block_16_project_BN" in names()
    assert "block_15_project_BN" not in names()
    transfer.unfreeze(joined, 16)
    assert "block_1_expand" in names()
    assert "Conv1" not in names()
    transfer.unfreeze(joined, 17)
    assert {"Conv1", "expanded_conv_depthwise"} <= names()
    with pytest.raises(AslError, match="0-17"):
        transfer.unfreeze(joined, 18)


def test_frozen_batch_norm_keeps_its_means_in_training(joined):
    pictures = PICTURES.astype(np.float32)
    means = [w for w in joined.weights if "moving" in w.path]
    for batch_norm, moved in ((False, False), (True, True)):
        transfer.unfreeze(joined, 2, batch_norm=batch_norm)
        before = [np.asarray(each).copy() for each in means]
        joined(pictures, training=True)
        changed = [not np.array_equal(np.asarray(a), b) for a, b in zip(means, before, strict=True)]
        assert any(changed) is moved
        # Those of the frozen blocks never move.
        assert not any(
            flag for flag, w in zip(changed, means, strict=True)
            if transfer.depth(w.path.split("/")[-2]) > 3
        )  # fmt: skip


def test_a_nested_backbone_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(AslError, match=r"transfer\.join"):
        transfer.unfreeze(model, 1)


def test_depths_follow_the_network(base):
    depths = [transfer.depth(layer.name) for layer in base.layers]
    assert depths == sorted(depths, reverse=True)
    assert set(depths) == set(range(1, 20))


def test_each_layer_moves_at_its_own_rate():
    names = ("block_15_x", "block_16_x", "Conv_1", "logits")
    model = keras.Sequential(
        [keras.Input((3,)), *(keras.layers.Dense(3, use_bias=False, name=n) for n in names)]
    )
    optimizer = transfer.layerwise_adam(model, 0.1, decay=0.5)
    optimizer.build(model.trainable_variables)
    before = [each.copy() for each in model.get_weights()]
    gradients = [np.full((3, 3), size, np.float32) for size in (5, 0.01, 1, 300)]
    optimizer.apply(gradients)
    moves = [np.abs(a - b).mean() for a, b in zip(model.get_weights(), before, strict=True)]
    # Adam's first step is the rate, whatever the gradient's size.
    np.testing.assert_allclose(moves, [0.1 / 8, 0.1 / 4, 0.1 / 2, 0.1], rtol=1e-3)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.factors == optimizer.factors
    with pytest.raises(AslError, match="at most 1"):
        transfer.layerwise_adam(model, 0.1, decay=2)


def test_layerwise_rates_work_in_a_compiled_training():
    keras.utils.set_random_seed(1)
    names = ("block_16_x", "logits")
    model = keras.Sequential(
        [keras.Input((3,)), *(keras.layers.Dense(3, use_bias=False, name=n) for n in names)]
    )
    before = [each.copy() for each in model.get_weights()]
    rate = transfer.schedule("step", 0.1, 4)
    model.compile(transfer.layerwise_adam(model, rate, decay=0.1), "mse")
    data = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    model.fit(data, data[:, ::-1], batch_size=8, epochs=1, verbose=0)
    low, high = [np.abs(a - b).mean() for a, b in zip(model.get_weights(), before, strict=True)]
    np.testing.assert_allclose([low, high], [0.001, 0.1], rtol=1e-2)


def test_schedules():
    assert transfer.schedule("constant", 0.1, 10) == 0.1
    cosine = transfer.schedule("cosine", 0.2, 100)
    values = [float(cosine(step)) for step in (0, 50, 100)]
    np.testing.assert_allclose(values, [0.2, 0.1, 0], atol=1e-7)
    warm = transfer.schedule("cosine", 0.2, 100, warmup=20)
    values = [float(warm(step)) for step in (0, 10, 20, 60, 100)]
    np.testing.assert_allclose(values, [0, 0.1, 0.2, 0.1, 0], atol=1e-6)
    stairs = transfer.schedule("step", 1.0, 100)
    np.testing.assert_allclose([float(stairs(s)) for s in (0, 49, 51, 80)], [1, 1, 0.1, 0.01])
    for wrong in (("cosin", 0.1, 10), ("cosine", 0.1, 0), ("step", 0.1, 10, 3)):
        with pytest.raises(AslError):
            transfer.schedule(*wrong)


def test_saved_and_loaded_it_answers_the_same(joined, tmp_path):
    path = transfer.save(joined, tmp_path / "mine.keras", "ABCD", {"note": "a test"})
    model, names = transfer.load(path)
    assert names == ("A", "B", "C", "D")
    pictures = PICTURES.astype(np.float32)
    np.testing.assert_allclose(np.asarray(model(pictures)), np.asarray(joined(pictures)), atol=1e-5)
    probs = load_model(path).probabilities(PICTURES)
    best = transfer.predict(model, names, PICTURES[0], top=4)
    assert [name for name, _ in best] == [names[i] for i in probs[0].argsort()[::-1]]
    assert sum(share for _, share in best) == pytest.approx(1)
    assert json.loads(path.with_suffix(".json").read_text())["note"] == "a test"


def test_files_that_do_not_belong_together(joined, tmp_path):
    with pytest.raises(AslError, match=r"3 class names, and .* has 4 outputs"):
        transfer.save(joined, tmp_path / "mine.keras", "ABC")
    with pytest.raises(AslError, match=r"ends in \.keras"):
        transfer.save(joined, tmp_path / "mine.h5", "ABCD")
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "mine.keras"
    with pytest.raises(AslError, match="No model at"):
        transfer.load(path)
    transfer.save(joined, path, "ABCD")
    card = path.with_suffix(".json")
    facts = json.loads(card.read_text())
    card.write_text(json.dumps({**facts, "classes": ["A"]}))
    with pytest.raises(AslError, match="1 class names"):
        transfer.load(path)
    card.unlink()
    with pytest.raises(AslError, match=r"mine\.json with the names"):
        transfer.load(path)
    card.write_text(json.dumps(facts))
    path.write_bytes(b"half")
    with pytest.raises(AslError, match="damaged"):
        transfer.load(path)
    card.write_text('{"classes": ["A", "B"]}')
    with pytest.raises(AslError, match="no Keras model"):
        transfer.load(path)


def test_pictures_by_path_and_by_bytes(tmp_path):
    wide = np.zeros((40, 80, 3), np.uint8)
    wide[:, 20:60] = (200, 10, 10)  # the middle square
    Image.fromarray(wide).save(tmp_path / "wide.png")
    found = transfer.load_picture(tmp_path / "wide.png", 32)
    assert found.shape == (32, 32, 3)
    assert (found == (200, 10, 10)).all()
    data = (tmp_path / "wide.png").read_bytes()
    np.testing.assert_array_equal(transfer.load_picture(memoryview(data), 32), found)


def test_uploads_of_both_versions_of_the_widget():
    new = SimpleNamespace(value=({"name": "a.png", "content": memoryview(b"one")},))
    old = SimpleNamespace(value={"a.png": {"metadata": {}, "content": b"one"}})
    assert transfer.uploaded(new) == transfer.uploaded(old) == [b"one"]
    assert transfer.uploaded(ipywidgets.FileUpload()) == []


def test_a_phone_held_sideways_and_a_transparent_picture(tmp_path):
    left_dark = np.full((32, 32, 3), 255, np.uint8)
    left_dark[:, :16] = 0
    exif = Image.Exif()
    exif[274] = 6  # to be turned a quarter clockwise: what is left comes to the top
    out = io.BytesIO()
    Image.fromarray(left_dark).save(out, "PNG", exif=exif)
    found = transfer.load_picture(out.getvalue(), 32)
    assert found[:14].max() < 60
    assert found[18:].min() > 200
    out = io.BytesIO()
    Image.new("RGBA", (32, 32), (0, 0, 0, 0)).save(out, "PNG")
    assert (transfer.load_picture(out.getvalue(), 32) == 255).all()


def test_what_is_no_picture_is_one_clear_error(joined, tmp_path):
    bad = tmp_path / "hand.heic"
    bad.write_bytes(b"not a picture")
    with pytest.raises(AslError, match=r"hand\.heic is no readable picture.*JPEG"):
        transfer.load_picture(bad)
    with pytest.raises(AslError, match="The upload is no readable picture"):
        transfer.load_picture(b"")
    with pytest.raises(AslError, match="No picture at"):
        transfer.load_picture(tmp_path / "none.png")
    with pytest.raises(AslError, match=r"load_picture\(path, size=32\)"):
        transfer.predict(joined, "ABCD", np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(AslError, match="2 class names"):
        transfer.predict(joined, "AB", PICTURES[0])


def test_the_shipped_weights_belong_to_their_card():
    card = transfer.drawn_card()
    found = transfer.backbone(SIDE, weights="drawn", verbose=False)
    assert found.source.endswith("weights trained on drawn hands only, no photograph")
    assert card["alpha"] == transfer.DRAWN_ALPHA
    # Of 29 classes, and on drawings that were kept out of the training.
    assert card["held_out_accuracy"] > 0.3
    folder = files.project_data() / "weights" / "backbones"
    assert (folder / f"{card['name']}.md").is_file()
    assert (folder / f"{card['name']}.npz").stat().st_size < 2_000_000
