import json

import keras
import numpy as np
import pytest

from asl_helpers import files, shipping


def test_model_and_facts_are_written_together(tmp_path):
    target = tmp_path / "folder" / "small.keras"
    facts = shipping.ship(target, lambda path: path.write_bytes(b"weights"), {"name": "small"})
    assert target.read_bytes() == b"weights"
    assert json.loads(target.with_suffix(".json").read_text()) == facts
    assert facts["name"] == "small"
    files.check_sha256(target, facts["sha256"])


def test_a_model_that_cannot_be_written_leaves_the_old_pair(tmp_path):
    target = tmp_path / "small.keras"
    shipping.ship(target, lambda path: path.write_bytes(b"old"), {})

    def fail(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(files.FilesError, match="disk full"):
        shipping.ship(target, fail, {})
    card = json.loads(target.with_suffix(".json").read_text())
    files.check_sha256(target, card["sha256"])


def test_what_was_shipped_is_read_with_its_card(tmp_path):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    shipping.ship(tmp_path / "small.keras", model.save, {"threshold": 0.5})
    again, facts = shipping.load_shipped("small", tmp_path)
    assert facts["threshold"] == 0.5
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with (tmp_path / "small.keras").open("ab") as file:
        file.write(b"x")
    with pytest.raises(files.FilesError, match="damaged"):
        shipping.load_shipped("small", tmp_path)


def test_a_file_that_is_no_model_or_hides_code_is_one_clear_error(tmp_path):
    (tmp_path / "bad.keras").write_bytes(b"no model")
    hidden = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])
    hidden.save(tmp_path / "lambda.keras")
    for name in ("bad.keras", "lambda.keras", "absent.keras"):
        with pytest.raises(shipping.ShippingError, match=rf"{name} is damaged or no Keras model"):
            shipping.load_keras(tmp_path / name)


def test_the_card_beside_a_model_is_read_or_refused(tmp_path):
    model = tmp_path / "m.keras"
    model.write_bytes(b"weights")
    assert shipping.read_card(model) == {}
    card = model.with_suffix(".json")
    card.write_text('{"classes": ["A", "B"], "threshold": 0.5}')
    assert shipping.read_card(model) == {"classes": ["A", "B"], "threshold": 0.5}
    for content in ("{", "[]", '{"classes": [1]}', '{"classes": 3}'):
        card.write_text(content)
        with pytest.raises(shipping.ShippingError, match=r"m\.json is no model's card"):
            shipping.read_card(model)
    card.write_text('{"sha256": "%s"}' % ("0" * 64))
    with pytest.raises(files.FilesError, match=r"m\.keras"):
        shipping.read_card(model)
    assert shipping.read_card(tmp_path / "m.tflite")["sha256"]  # its card tells of the .keras file
