import json
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from asl_helpers import hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.classifier import Classifier, load
from asl_helpers.cli import app
from asl_helpers.errors import AslError
from asl_helpers.judge import judge, read_samples, score

KEYS = {
    *("n", "coverage", "accuracy", "accuracy_covered", "balanced_accuracy", "macro_f1", "ece"),
    *("per_class_recall", "confusions", "skipped"),
}


@pytest.fixture(scope="module")
def drawn():
    points, labels = hand.sample_landmarks(STATIC_LETTERS, 240, seed=11)
    return points, np.array(STATIC_LETTERS)[labels]


@pytest.fixture
def archive(tmp_path, drawn):
    return npz(tmp_path / "signer.npz", *drawn)


@pytest.fixture(scope="module")
def by_heart(drawn):
    """A model that has learnt these hands by heart: the nearest one's letter."""
    known = landmarks.features(landmarks.normalise(drawn[0]))
    indices = np.array([STATIC_LETTERS.index(letter) for letter in drawn[1]])

    def run(found):
        apart = ((found[:, None] - known[None]) ** 2).sum(axis=-1)
        return np.eye(24, dtype=np.float32)[indices[apart.argmin(axis=1)]]

    name, encode = "by heart", landmarks.features
    return Classifier(name, STATIC_LETTERS, "landmarks", (90,), 0.5, {}, (), None, run, encode)


def npz(path, points, labels):
    np.savez(path, landmarks=points, labels=labels)
    return path


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory):
    """A model of features that always says the first letter."""
    path = tmp_path_factory.mktemp("models") / "says_a.keras"
    width = landmarks.features(np.zeros((1, 21, 3), np.float32)).shape[1]
    bias = np.zeros(24, np.float32)
    bias[0] = 3
    model = keras.Sequential([keras.Input((width,)), keras.layers.Dense(24)])
    model.set_weights([np.zeros((width, 24), np.float32), bias])
    model.save(path)
    return path


@pytest.fixture
def pictures(tmp_path):
    """Two drawn letters, an empty picture, two hands, a damaged file, another class."""
    folder = tmp_path / "pictures"

    def save(name, pixels):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)

    one, other = hand.draw("L", size=192), hand.draw("Y", size=192, side="left")
    save("L/one.png", one)
    save("y/other.png", other)
    save("L/none.png", np.full((96, 96, 3), 90, np.uint8))
    save("L/two.png", np.concatenate([one, other], axis=1))
    save("space/one.png", one)
    (folder / "L" / "half.jpg").write_bytes(b"\xff\xd8\xff half a picture")
    return folder


# Scores


def test_scores_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2])
    found = np.array([1, 1, 0, 1, 1, 1], bool)
    probs = np.eye(3)[[0, 1, 1, 1, 2]]
    got = score(labels, probs, found, ("A", "B", "C"))
    assert got["n"] == 6 and got["coverage"] == pytest.approx(5 / 6)
    assert got["accuracy"] == pytest.approx(4 / 6)
    assert got["accuracy_covered"] == pytest.approx(4 / 5)
    assert got["per_class_recall"] == {"A": pytest.approx(1 / 3), "B": 1.0, "C": 1.0}
    assert got["balanced_accuracy"] == pytest.approx((1 / 3 + 1 + 1) / 3)
    # F1 of A: 2·1/(2·1+0+2); of B: 2·2/(2·2+1+0); of C: 1
    assert got["macro_f1"] == pytest.approx((0.5 + 0.8 + 1) / 3)
    assert got["ece"] == pytest.approx(0.2)
    first = got["confusions"][0]
    assert (first["true"], first["predicted"], first["count"]) == ("A", "B", 1)
    assert got["interval"][0] < 4 / 6 < got["interval"][1]


def test_no_hand_found_at_all_is_all_wrong():
    got = score([0, 1], np.empty((0, 2)), [False, False], ("A", "B"))
    assert got["accuracy"] == got["coverage"] == got["macro_f1"] == 0
    assert got["ece"] is None and got["confusions"] == []


# Landmark files


def test_a_perfect_model_is_perfect(by_heart, archive):
    got = judge(by_heart, archive)
    assert (got.n, got.coverage, got.accuracy, got.skipped) == (240, 1, 1, 0)
    assert got.balanced_accuracy == got.macro_f1 == 1 and got.ece == pytest.approx(0)
    assert set(got.per_class_recall) == set(STATIC_LETTERS)


def test_either_hand_relative_or_absolute_squeezed_or_not(by_heart, drawn, tmp_path):
    points, labels = drawn
    other = (points - points[:, :1]) * np.array([-1, 0.7, 1], np.float32)
    path = npz(tmp_path / "squeezed.npz", other.astype(np.float64), np.char.lower(labels))
    assert judge(by_heart, path).accuracy > 0.9


def test_rows_that_cannot_be_read_are_counted(by_heart, drawn, tmp_path):
    points, labels = drawn[0][:24].copy(), drawn[1][:24].astype("U5")
    points[3, 4, 2], points[5] = np.nan, 0
    labels[7], labels[8] = "J", "space"
    got = judge(by_heart, npz(tmp_path / "gaps.npz", points, labels))
    assert (got.n, got.skipped) == (20, 4)
    assert got.skipped_why == {
        "landmarks are not finite numbers": 2,
        "label outside the classes judged": 2,
    }


def test_all_letters_as_far_as_the_model_knows_them(by_heart, drawn, tmp_path):
    path = npz(tmp_path / "j.npz", drawn[0][:3], np.array(["A", "J", "J"]))
    assert judge(by_heart, path, "all").n == 1
    model = replace(by_heart, classes=(*STATIC_LETTERS[:-1], "J"))
    assert judge(model, path, "all").n == 3
    assert judge(model, path, "static").n == 1


def test_a_limit_takes_some_of_each_letter(by_heart, archive):
    got = judge(by_heart, archive, limit=2)
    assert (got.n, got.skipped) == (48, 0)
    with pytest.raises(AslError, match="limit=0"):
        judge(by_heart, archive, limit=0)


@pytest.mark.parametrize(
    ("points", "labels", "words"),
    [
        (np.zeros((2, 20, 3)), np.array(["A", "B"]), r"\(2, 20, 3\)"),
        (np.zeros((2, 21, 3)), np.array(["A"]), "one letter per hand"),
        (np.zeros((0, 21, 3)), np.array([], "U1"), "it is empty"),
        (np.full((1, 21, 3), np.nan), np.array(["A"]), "not finite"),
    ],
)
def test_wrong_landmark_files_are_named(by_heart, tmp_path, points, labels, words):
    with pytest.raises(AslError, match=words):
        judge(by_heart, npz(tmp_path / "wrong.npz", points, labels))


def test_a_missing_array_and_a_damaged_file_are_named(by_heart, tmp_path):
    path = tmp_path / "wrong.npz"
    np.savez(path, landmarks=np.zeros((1, 21, 3)))
    with pytest.raises(AslError, match="labels"):
        judge(by_heart, path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(AslError, match="cannot be read"):
        judge(by_heart, path)


# Pictures


def test_pictures_are_tracked_and_a_missed_hand_is_an_error(by_heart, pictures):
    got = judge(by_heart, pictures)
    assert (got.n, got.skipped) == (3, 3)
    assert got.skipped_why == {
        "label outside the classes judged": 1,
        "image cannot be read": 1,
        "two hands": 1,
    }
    assert got.coverage == pytest.approx(2 / 3)
    assert got.accuracy == pytest.approx(2 / 3) and got.accuracy_covered == 1


def test_heic_is_counted_and_a_folder_of_it_is_named(pictures):
    (pictures / "L" / "three.heic").write_bytes(b"")
    (pictures / "W").mkdir()
    for name in ("one.HEIC", "two.heic", "._two.heic"):
        (pictures / "W" / name).write_bytes(b"")
    assert read_samples(pictures).skipped == {
        "image cannot be read": 1,
        "nothing in class folder W can be read": 2,
    }


def test_pictures_without_hands_are_not_covered(by_heart, drawn, tmp_path):
    (tmp_path / "A").mkdir()
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(tmp_path / "A" / "wall.png")
    got = judge(by_heart, tmp_path)
    assert (got.n, got.coverage, got.accuracy) == (1, 0, 0)
    assert json.loads(json.dumps(got.as_dict()))["ece"] is None


def test_a_damaged_archive_holds_pictures_that_cannot_be_read(tmp_path):
    path = tmp_path / "hands.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A/one.png", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    assert read_samples(path).image(0) is None


@pytest.mark.parametrize("name", [None, "notes.txt", "loose.png"])
def test_an_empty_folder_is_one_clear_error(by_heart, tmp_path, name):
    if name:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(AslError, match="no images in class folders"):
        judge(by_heart, tmp_path)


def test_folders_that_are_no_letters_are_one_clear_error(by_heart, drawn, tmp_path):
    (tmp_path / "cats").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "cats" / "one.png")
    with pytest.raises(AslError, match=r"Nothing of .* can be judged"):
        judge(by_heart, tmp_path)


def test_a_model_of_pictures_reads_them_at_its_size(drawn, pictures, tmp_path):
    inputs = keras.Input((32, 32, 1))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    path = tmp_path / "pixels.keras"
    keras.Model(inputs, keras.layers.Dense(24)(mean)).save(path)
    model = load(path)
    assert (model.reads, model.shape) == ("images", (32, 32, 1))
    assert "pixels of 0-1" in judge(model, pictures).text()
    got = judge(model, pictures)
    assert (got.n, got.coverage, got.skipped) == (4, 1, 2)
    with pytest.raises(AslError, match="reads images"):
        judge(model, npz(tmp_path / "hands.npz", *drawn))


def test_a_data_set_by_name(keras_file):
    got = judge(keras_file, "asl_synthetic", limit=1)
    assert got.n == 24 and got.coverage > 0.3
    assert "drawn" in got.data


# The command


def test_the_command_prints_one_json_object_or_a_report(keras_file, archive):
    command = ["evaluate", str(keras_file), str(archive)]
    got = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert set(got) >= KEYS
    assert got["n"] == 240 and got["accuracy"] == pytest.approx(10 / 240)
    assert got["per_class_recall"]["A"] == 1 and got["confusions"][0]["predicted"] == "A"
    report = CliRunner().invoke(app, command).stdout
    for words in ("n                  240", "accuracy           4.2%", "A 100%", "B as A 10"):
        assert words in report
