"""Opening models: shipped ones, anybody's .keras and .tflite files, and what their cards say."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from asl_helpers import classifier, hand, landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, STATIC_LETTERS
from asl_helpers.errors import AslError

POINTS, LABELS = hand.sample_landmarks(STATIC_LETTERS, 72, seed=12)


def saved(path, network, **card):
    network.save(path)
    if card:
        path.with_suffix(".json").write_text(json.dumps(card))
    return path


def features_network(outputs=24, **options):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((90,)), layers.Dense(outputs, **options)])


def pixels_network(first=(), outputs=24):
    """A network of pixels whose answers depend on their range."""
    keras.utils.set_random_seed(0)
    stack = [keras.Input((8, 8, 3)), *first, layers.Flatten(), layers.Dense(outputs)]
    return keras.Sequential(stack)


@pytest.mark.parametrize("name", classifier.SHIPPED)
def test_a_shipped_model_answers_in_litert_as_in_keras(name):
    model = classifier.load(name)
    inputs = np.random.default_rng(0).normal(size=(9, *model.shape)).astype(np.float32)
    expected = model.network.predict(inputs, verbose=0)
    np.testing.assert_allclose(model._run(inputs), expected, atol=1e-4)
    assert model.name == name and len(model.classes) == expected.shape[1]
    assert 0 < model.threshold < 1 and model.assumptions == ()


@pytest.mark.parametrize("name", ["landmarks", "masks"])
def test_shipped_models_read_drawn_hands_of_either_side(name):
    model = classifier.load(name)
    right = np.array(model.classes)[model.probabilities(POINTS).argmax(axis=1)]
    assert (right == np.array(STATIC_LETTERS)[LABELS]).mean() > 0.8
    mirrored = model.probabilities(POINTS * [-1, 1, 1])
    np.testing.assert_allclose(mirrored, model.probabilities(POINTS), atol=0.02)


def test_read_leaves_out_what_is_unsure_and_what_is_none():
    model = classifier.load("landmarks")
    said = model.read(np.concatenate([POINTS[:20], np.random.default_rng(0).random((20, 21, 3))]))
    assert {type(each) for each in said} == {str, type(None)}
    assert "none" not in said and set(said[20:]) != set(said[:20])


def test_an_empty_batch_has_no_answers_and_wrong_landmarks_are_refused():
    model = classifier.load("landmarks")
    assert model.probabilities(POINTS[:0]).shape == (0, 25)
    with pytest.raises(AslError, match=r"\(n, 21, 3\)"):
        model.probabilities(POINTS[0])
    with pytest.raises(AslError, match="NaN"):
        model.probabilities(np.full((1, 21, 3), np.nan))


def test_shipped_weights_that_are_damaged_or_missing_are_named(tmp_path):
    with pytest.raises(AslError, match=r"no .*landmarks\.npz"):
        classifier.load("landmarks", tmp_path)
    core = classifier.landmark_core()
    classifier.save_weights(
        core, tmp_path / "landmarks.npz", classes=list(classifier.CLASSES), temperature=1.0
    )
    assert classifier.load("landmarks", tmp_path).classes == classifier.CLASSES
    (tmp_path / "landmarks.npz").write_bytes(b"half")
    with pytest.raises(AslError, match=r"landmarks\.npz is damaged"):
        classifier.load("landmarks", tmp_path)


@pytest.mark.parametrize(
    ("shape", "encode"),
    [
        ((90,), landmarks.features),
        ((21, 3), lambda points: points),
        ((63,), lambda points: points.reshape(-1, 63)),
        ((32, 32, 2), lambda points: hand.skeleton_mask(points, 32).astype(np.float32)),
    ],
)
def test_a_model_of_ones_own_gets_landmarks_as_it_reads_them(tmp_path, shape, encode):
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(24, activation="softmax")]
    )
    model = classifier.load(saved(tmp_path / "mine.keras", network, classes=STATIC_LETTERS))
    expected = network.predict(encode(landmarks.normalise(POINTS[:5], 0.75)), verbose=0)
    np.testing.assert_allclose(model.probabilities(POINTS[:5], 0.75), expected, atol=1e-3)


# Names, cards and files


def test_unknown_names_are_named_with_the_nearest():
    with pytest.raises(AslError, match="Did you mean 'landmarks'"):
        classifier.load("landmark")
    with pytest.raises(AslError, match="No model"):
        classifier.load("missing.keras")


def test_damaged_files_are_named(tmp_path):
    for name in ("broken.keras", "broken.tflite"):
        (tmp_path / name).write_bytes(b"not a model at all")
        with pytest.raises(AslError, match=name):
            classifier.load(tmp_path / name)


@keras.saving.register_keras_serializable(package="somebody")
class Own(layers.Layer):
    """A layer of somebody's own."""


def test_files_that_hold_code_are_refused_with_the_reason(tmp_path, monkeypatch):
    code = keras.Sequential([keras.Input((90,)), layers.Lambda(lambda x: x[:, :24])])
    own = keras.Sequential([keras.Input((90,)), Own(), layers.Dense(24)])
    paths = saved(tmp_path / "lambda.keras", code), saved(tmp_path / "own.keras", own)
    monkeypatch.delitem(keras.saving.get_custom_objects(), "somebody>Own")
    for path in paths:
        with pytest.raises(AslError, match=rf"{path.name} holds code.*save it as \.keras"):
            classifier.load(path)
    with pytest.raises(AslError, match=r"model\.h5: the old \.h5 format can hold code"):
        classifier.load(tmp_path / "model.h5")


def test_a_checksum_that_does_not_match_is_refused(tmp_path):
    path = saved(tmp_path / "m.keras", features_network(), sha256="0" * 64)
    with pytest.raises(AslError, match="sha256"):
        classifier.load(path)


def test_outputs_without_names_ask_for_them(tmp_path):
    path = saved(tmp_path / "five.keras", features_network(5))
    with pytest.raises(AslError, match=r"5 outputs and no class names.*five\.json"):
        classifier.load(path)
    for wrong in ("ABCD", "AAAAA"):
        saved(path, features_network(5), classes=list(wrong))
        with pytest.raises(AslError, match="5 outputs and"):
            classifier.load(path)
    assert classifier.load(
        saved(path, features_network(5), classes=list("ABCDE"))
    ).classes == tuple("ABCDE")
    for content in ("{", "[]", '{"classes": 5}', '{"classes": [1]}'):
        path.with_suffix(".json").write_text(content)
        with pytest.raises(AslError, match=r"five\.json is not a model's card"):
            classifier.load(path)


def test_guessed_classes_are_said(tmp_path):
    wanted = {24: STATIC_LETTERS, 25: classifier.CLASSES, 26: LETTERS, 29: KAGGLE_CLASSES}
    for outputs, classes in wanted.items():
        model = classifier.wrap(features_network(outputs))
        assert model.classes == classes
        assert f"{outputs} outputs, so the classes are {' '.join(classes)}" in model.assumptions[0]
    # 25 outputs of an image model are A to Y, as labels 0-24 of Sign Language MNIST are.
    assert classifier.wrap(pixels_network(outputs=25)).classes == LETTERS[:25]


def test_inputs_of_another_shape_are_named():
    with pytest.raises(AslError, match=r"\(7,\)"):
        classifier.wrap(keras.Sequential([keras.Input((7,)), layers.Dense(24)]))


def test_answers_that_are_no_numbers_are_refused():
    network = features_network()
    network.set_weights([np.full_like(each, np.nan) for each in network.get_weights()])
    with pytest.raises(AslError, match="NaN"):
        classifier.wrap(network).probabilities(POINTS[:1])


def test_temperature_softens_and_keeps_the_answer():
    sharp, soft = (
        classifier.wrap(features_network(), card={"temperature": t}).probabilities(POINTS[:2])
        for t in (1, 4)
    )
    assert (sharp.argmax(axis=1) == soft.argmax(axis=1)).all() and soft.max() < sharp.max()
    np.testing.assert_allclose(soft.sum(axis=1), 1, rtol=1e-5)


def test_a_litert_file_answers_as_the_keras_file(tmp_path):
    network = features_network(activation="softmax")
    paths = saved(tmp_path / "m.keras", network), tmp_path / "m.tflite"
    paths[1].write_bytes(classifier.litert(network).content)
    one, other = (classifier.load(path).probabilities(POINTS[:5]) for path in paths)
    np.testing.assert_allclose(one, other, atol=1e-5)


# The range of pixels


def scaled_in_the_graph():
    inputs = keras.Input((8, 8, 3))
    network = pixels_network()
    return keras.Model(inputs, network(inputs / 255.0))


def normalization():
    layer = layers.Normalization(mean=[0.0] * 3, variance=[255.0**2] * 3)
    return pixels_network([layer])


def nested():
    inside = keras.Sequential([keras.Input((8, 8, 3)), layers.Rescaling(1 / 255)])
    return pixels_network([inside])


SCALING = {
    "a first layer": lambda: pixels_network([layers.Rescaling(1 / 255)]),
    "a nested network": nested,
    "arithmetic": scaled_in_the_graph,
    "normalization": normalization,
}


@pytest.mark.parametrize("how", SCALING)
def test_the_same_weights_answer_alike_however_their_pixels_are_scaled(how, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    plain, scaled = pixels_network(), SCALING[how]()
    scaled.set_weights([*scaled.get_weights()[:-2], *plain.get_weights()])
    expected = classifier.wrap(plain, card={"input": "0-1"}).probabilities(images)
    model = classifier.load(saved(tmp_path / "m.keras", scaled))
    np.testing.assert_allclose(model.probabilities(images), expected, atol=1e-4)
    assert not any("pixels" in each for each in model.assumptions)


def test_the_card_decides_the_range_and_a_guess_is_said():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    whole, unit, guessed = (
        classifier.wrap(pixels_network(), card=card)
        for card in ({"input": "0-255"}, {"input": "0-1"}, {})
    )
    assert np.abs(whole.probabilities(images) - unit.probabilities(images)).max() > 0.1
    np.testing.assert_array_equal(guessed.probabilities(images), unit.probabilities(images))
    assert any("pixels of 0-1" in each for each in guessed.assumptions)
    assert not any("pixels" in each for each in unit.assumptions)
    with pytest.raises(AslError, match=r"\(9, 9, 3\).*reads \(8, 8, 3\)"):
        unit.probabilities(np.zeros((1, 9, 9, 3), np.uint8))


def test_a_quantized_litert_file_says_its_range_by_its_type(tmp_path):
    import tensorflow as tf

    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    converter = tf.lite.TFLiteConverter.from_keras_model(pixels_network())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row[None].astype(np.float32)] for row in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path = tmp_path / "int8.tflite"
    path.write_bytes(converter.convert())
    expected = classifier.wrap(pixels_network(), card={"input": "0-255"}).probabilities(images)
    model = classifier.load(path)
    assert (model.probabilities(images).argmax(axis=1) == expected.argmax(axis=1)).all()
    assert not any("pixels" in each for each in model.assumptions)


# Saving


def test_a_saved_model_comes_back_with_its_card_and_without_its_optimizer(tmp_path):
    network, path = features_network(), tmp_path / "mine.keras"
    network.compile("adam", "mse")
    network.fit(np.zeros((2, 90)), np.zeros((2, 24)), verbose=0)
    card = classifier.save(network, path, STATIC_LETTERS, weights="random")
    model = classifier.load(path)
    assert model.card == card and card["weights"] == "random"
    assert getattr(model.network, "optimizer", None) is None
    np.testing.assert_allclose(
        model.probabilities(POINTS[:3]),
        classifier.wrap(network).probabilities(POINTS[:3]),
        atol=1e-5,
    )
    letter, share = model.top(POINTS[0], 2)[0]
    assert letter in STATIC_LETTERS and share == pytest.approx(
        model.probabilities(POINTS[:1]).max()
    )


def test_names_that_do_not_fit_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(AslError, match="3 class names for 24 outputs"):
        classifier.save(features_network(), tmp_path / "m.keras", "ABC")
    with pytest.raises(AslError, match=r"ends in \.keras"):
        classifier.save(features_network(), tmp_path / "m.h5", STATIC_LETTERS)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_model_and_card(tmp_path):
    target = tmp_path / "m.keras"
    classifier.write_with_card(target, lambda path: path.write_bytes(b"old"), {"a": 1})

    def fail(path):
        path.write_bytes(b"new")
        raise OSError("no room")

    with pytest.raises(AslError, match="no room"):
        classifier.write_with_card(target, fail, {"a": 2})
    assert (
        target.read_bytes() == b"old"
        and json.loads(target.with_suffix(".json").read_text())["a"] == 1
    )
    assert len(list(tmp_path.iterdir())) == 2
