"""Which models the camera's reader takes: shipped ones, one's own, and none of another kind."""

import json

import keras
import numpy as np
import pytest

from asl_helpers import hand, landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.realtime import models
from asl_helpers.realtime.models import SHIPPED, fast, reader_model
from asl_helpers.realtime.reader import LetterReader
from asl_helpers.recognisers import RecogniserError, load_recogniser

POINTS, _ = hand.sample_landmarks("ABCKWY", 6, seed=2)


def saved(path, shape, classes, activation=None, card=True, **facts):
    """Write a small untrained model of one layer, and its .json; return its path."""
    layers = [keras.Input(shape), keras.layers.Flatten()]
    layers.append(keras.layers.Dense(len(classes), activation=activation))
    keras.Sequential(layers).save(path)
    if card:
        path.with_suffix(".json").write_text(json.dumps({"classes": list(classes), **facts}))
    return path


def test_the_fast_way_answers_as_predict_does():
    recogniser = load_recogniser()
    expected = recogniser.predict(landmarks.normalise(POINTS, 0.75))
    ask = fast(recogniser)
    got = np.concatenate([ask(one[None], 0.75) for one in POINTS])
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_the_fast_way_reads_skeleton_masks_too():
    masks = load_recogniser("masks")
    drawings = hand.skeleton_mask(landmarks.normalise(POINTS, 1.0), masks.model.input_shape[1])
    expected = masks.model.predict(drawings.astype(np.float32), verbose=0)
    np.testing.assert_allclose(fast(masks)(POINTS, 1.0), expected, atol=1e-3)


@pytest.mark.parametrize("shape", [(21, 3), (63,), (90,), (32, 32, 2)])
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_ones_own_model_is_asked_as_it_was_saved(tmp_path, shape, activation):
    path = saved(tmp_path / "mine.keras", shape, STATIC_LETTERS, activation)
    own = reader_model(str(path))
    got = fast(own)(POINTS, 1.0)
    normal = landmarks.normalise(POINTS, 1.0)
    if shape == (90,):
        inputs = landmarks.features(normal)
    elif shape == (32, 32, 2):
        inputs = hand.skeleton_mask(normal, 32).astype(np.float32)
    else:
        inputs = normal.reshape(-1, *shape)
    answers = own.model.predict(inputs, verbose=0)
    if activation is None:
        answers = np.exp(answers - answers.max(axis=1, keepdims=True))
        answers /= answers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(got, answers, atol=1e-3)
    assert own.card["name"] == "mine" and len(own.card["sha256"]) == 64


def test_a_reader_takes_ones_own_model_and_its_nothing_is_no_letter(tmp_path):
    path = saved(tmp_path / "mine.keras", (21, 3), KAGGLE_CLASSES, threshold=0.25)

    class Tracker:
        def close(self):
            pass

    reader = LetterReader(path, motion=False, tracker=Tracker())
    assert reader.threshold == 0.25 and "nothing" not in reader.classes
    assert reader.classes.index("none") == KAGGLE_CLASSES.index("nothing")


def test_other_label_sets_and_inputs_are_refused(tmp_path):
    cases = {
        "digits": ((21, 3), tuple("0123456789"), r"other classes than .*'0', '1'.* \.\.\."),
        "pictures": ((96, 96, 3), STATIC_LETTERS, r"reads pictures.*landmarks"),
        "strokes": ((24, 40), STATIC_LETTERS, r"reads something else, inputs of shape \(24, 40\)"),
    }
    for name, (shape, classes, message) in cases.items():
        path = saved(tmp_path / f"{name}.keras", shape, classes)
        with pytest.raises(RecogniserError, match=rf"{name}\.keras .*{message}") as said:
            LetterReader(str(path))
        assert "landmarks or masks" in str(said.value)


def test_a_card_of_another_model_is_refused(tmp_path):
    path = saved(tmp_path / "m.keras", (21, 3), STATIC_LETTERS)
    for classes in (STATIC_LETTERS[:5], ["A"] * 24):
        path.with_suffix(".json").write_text(json.dumps({"classes": classes}))
        with pytest.raises(RecogniserError, match="24 outputs and"):
            LetterReader(path)
    for content in ("{", "[]", '{"classes": 5}', '{"classes": [1]}', "{}"):
        path.with_suffix(".json").write_text(content)
        with pytest.raises(RecogniserError, match=r"needs its classes in m\.json"):
            LetterReader(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(RecogniserError, match=r"needs its classes in m\.json"):
        LetterReader(path)


def test_damaged_and_missing_models_are_said(tmp_path):
    path = saved(tmp_path / "m.keras", (21, 3), STATIC_LETTERS, sha256="0" * 64)
    with pytest.raises(RecogniserError, match=r"m\.keras is damaged or not the expected version"):
        reader_model(path)
    path.with_suffix(".json").write_text(json.dumps({"classes": STATIC_LETTERS}))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(RecogniserError, match=r"m\.keras is damaged or no Keras model"):
        reader_model(path)
    with pytest.raises(RecogniserError, match=r"There is no file .*absent\.keras.*asl train"):
        reader_model(tmp_path / "absent.keras")


def test_models_that_read_no_single_hand_are_not_offered():
    for name in ("landmark", "motion", ""):
        with pytest.raises(RecogniserError, match=f"No model '{name}' for the camera.*masks"):
            reader_model(name)
    assert all(reader_model(name).card["name"] == name for name in SHIPPED)


def test_a_model_that_answers_with_nan_is_refused(tmp_path):
    path = saved(tmp_path / "m.keras", (21, 3), STATIC_LETTERS)
    broken = reader_model(path)
    broken.model.set_weights([np.full_like(each, np.nan) for each in broken.model.get_weights()])
    with pytest.raises(RecogniserError, match="NaN"):
        fast(broken)


def test_a_conversion_that_fails_says_what_it_needs(monkeypatch):
    def fails(model):
        raise OSError("No space left on device")

    monkeypatch.setattr(models, "_converted", fails)
    with pytest.raises(RecogniserError, match=r"masks cannot be converted.*No space left.*room"):
        fast(load_recogniser("masks"), "masks")
