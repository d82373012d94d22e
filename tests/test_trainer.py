"""`asl train`: what comes out of it, what a kill costs, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from asl_helpers import cli, hand, networks, trainer
from asl_helpers.datasets import DatasetError
from asl_helpers.errors import AslError
from asl_helpers.judge import judge
from asl_helpers.trainer import Request, TrainError, data, running, settings_from, train

CLASSES = ("A", "B", "Space", "Nothing")


def class_folders(root: Path, classes=CLASSES, frames: int = 40) -> Path:
    """Write pictures of which the brightest quarter tells the class."""
    rng = np.random.default_rng(0)
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for frame in range(frames):
            pixels = rng.integers(0, 90, (12, 12, 3), dtype=np.uint8)
            row, column = 6 * (label // 2), 6 * (label % 2)
            pixels[row : row + 6, column : column + 6] += 120
            Image.fromarray(pixels).save(root / name / f"{name}{frame}.png")
    return root


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return class_folders(tmp_path_factory.mktemp("data") / "mine")


@pytest.fixture(scope="module")
def hands(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "hands.npz"
    points, labels = hand.sample_landmarks(("A", "B", "L", "space"), 400, seed=3)
    np.savez(path, landmarks=points, labels=np.array(["A", "B", "L", "SPACE"])[labels])
    return path


def small(folder, **options) -> Request:
    known = {"epochs": 6, "batch_size": 16, "rate": 0.003, "size": 12}
    return Request("baseline_cnn", str(folder), **{**known, **options})


def weights_of(path: Path) -> list[np.ndarray]:
    return keras.saving.load_model(path, compile=False).get_weights()


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "small.keras"
    seen = []
    return train(small(folder), out, lambda done, most: seen.append((done, most))), out, seen


def test_a_model_of_ones_own_folders_says_what_it_is_and_is_judged_by_name(trained, folder):
    facts, out, seen = trained
    card = json.loads(out.with_suffix(".json").read_text())
    assert card == json.loads(json.dumps(facts))
    assert card["classes"] == ["A", "B", "nothing", "space"]  # as the course orders and spells
    assert card["run"]["name"] == "baseline_cnn" and len(card["data"]["sha256"]) == 64
    assert facts["test_accuracy"] > 0.9
    assert facts["test_n"] == len(data.read(str(folder), "pictures", size=12).test[1])
    assert sorted(path.name for path in out.parent.iterdir()) == ["small.json", "small.keras"]
    assert seen == sorted(seen) and seen[-1][1] == 6 and 0 < seen[0][0] < 1
    judged = judge(out, folder, letters="classes")
    assert judged.n == 160 and judged.skipped == 0
    assert judged.accuracy > 0.9 and set(judged.per_class_recall) == set(card["classes"])
    letters = judge(out, folder)
    assert letters.n == 80 and letters.skipped == 80


def test_a_killed_training_goes_on_and_ends_as_if_nothing_had_been(trained, folder, tmp_path):
    out = tmp_path / "killed.keras"
    code = (
        "import sys; from pathlib import Path; from asl_helpers.trainer import Request, train;"
        "import json; train(Request(**json.loads(sys.argv[1])), Path(sys.argv[2]))"
    )
    request = json.dumps(json.loads((trained[1].with_suffix(".json")).read_text())["run"])
    process = subprocess.Popen(
        [sys.executable, "-c", code, request, str(out)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stderr=subprocess.DEVNULL,
    )
    notes = tmp_path / "killed.run" / "whole" / "run.json"
    deadline = time.monotonic() + 120
    while not (notes.is_file() and len(json.loads(notes.read_text())["history"]) >= 2):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists() and not out.with_suffix(".json").exists()
    train(small(folder), out)
    for one, other in zip(weights_of(out), weights_of(trained[1]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not notes.parent.parent.exists()


def test_the_same_command_again_trains_nothing(trained, folder, monkeypatch):
    monkeypatch.setattr(data, "read", None)
    assert train(small(folder), trained[1]) == trained[0]


def test_another_command_does_not_overwrite(trained, folder, tmp_path):
    before = trained[1].read_bytes()
    with pytest.raises(TrainError, match=r"rate 0.003 then, 0.01 now.*another --out"):
        train(small(folder, rate=0.01), trained[1])
    assert trained[1].read_bytes() == before
    foreign = tmp_path / "mine.keras"
    foreign.write_text("precious")
    with pytest.raises(TrainError, match=r"mine.keras is there already, and no mine.json"):
        train(small(folder), foreign)
    card = tmp_path / "other.json"
    card.write_text("{}")
    with pytest.raises(TrainError, match=r"other.json is there already"):
        train(small(folder), tmp_path / "other.keras")
    (tmp_path / "third.run").mkdir()
    (tmp_path / "third.run" / "letter.txt").write_text("mine")
    with pytest.raises(TrainError, match="holds no training"):
        train(small(folder), tmp_path / "third.keras")
    assert (tmp_path / "third.run" / "letter.txt").is_file()


def test_an_unfinished_training_is_not_taken_for_another(folder, tmp_path):
    out = tmp_path / "half.keras"
    at_work = running._at_work(tmp_path / "half.run", small(folder))
    with at_work, pytest.raises(TrainError, match="Another process is training"):
        train(small(folder), out)
    with pytest.raises(TrainError, match=r"another kind .seed 0 then, 1 now"):
        train(small(folder, seed=1), out)


def test_landmarks_learn_both_sides_and_are_judged(hands, tmp_path):
    out = tmp_path / "hands.keras"
    facts = train(Request("landmarks", str(hands), epochs=12, patience=12), out)
    assert facts["classes"] == ["A", "B", "L", "space"]
    assert facts["test_accuracy"] > 0.9
    assert judge(out, hands, letters="classes").accuracy > 0.95
    model = keras.saving.load_model(out, compile=False)
    points = data.read(str(hands), "landmarks").test[0]
    mirrored = points * np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(model(points), model(mirrored), atol=1e-5)


def test_frames_of_a_film_of_landmarks_stay_together(tmp_path):
    points, labels = hand.sample_landmarks(("A", "B"), 200, seed=0)
    order = np.random.default_rng(0).permutation(200)
    names = np.array([f"x{place:03}.jpg" for place in range(200)])[order]
    path = tmp_path / "film.npz"
    np.savez(path, landmarks=points[order], labels=np.array(["A", "B"])[labels][order], names=names)
    np.testing.assert_array_equal(data._frames(path, 200), order)
    np.savez(path, landmarks=points, labels=np.array(["A", "B"])[labels])
    np.testing.assert_array_equal(data._frames(path, 200), np.arange(200))


def test_a_pretrained_head_learns_on_features_and_then_the_last_blocks(
    folder, tmp_path, monkeypatch
):
    built = []

    build = networks.build

    def random_weights(name, shape, classes, weights, alpha):
        built.append(build(name, shape, classes, alpha=0.1))
        return built[0]

    monkeypatch.setattr(networks, "build", random_weights)
    request = Request(
        "mobilenet_v2", str(folder), size=32, epochs=2, weights="drawn", fine_tune=1, limit=10
    )
    seen = []
    facts = train(request, tmp_path / "m.keras", lambda done, most: seen.append((done, most)))
    assert [stage["stage"] for stage in facts["stages"]] == ["head", "fine"]
    assert facts["stages"][1]["rate"] == pytest.approx(1e-4)
    assert seen[-1] == (4, 4) and seen == sorted(seen)
    movable = {w.path.split("/")[0] for w in built[0].trainable_weights}
    assert "block_16_project" in movable and "logits" in movable
    assert not {"Conv1", "block_15_project", "block_16_project_BN"} & movable
    saved = keras.saving.load_model(tmp_path / "m.keras", compile=False)
    pictures = data.read(str(folder), "pictures", size=32).test[0].astype(np.float32)
    np.testing.assert_allclose(saved(pictures), built[0](pictures), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "baseline_cn"}, r"No model 'baseline_cn'\. Did you mean 'baseline_cnn'"),
        ({"data": "asl_alphabt"}, r"'asl_alphabt' is no data set.*Did you mean 'asl_alphabet'"),
        ({"split": "block"}, r"No split 'block'\. Did you mean 'blocks'"),
        ({"size": 5}, "at least 10 pixels"),
        ({"epochs": 0}, "--epochs 0: expected at least 1"),
        ({"batch_size": 0}, "--batch-size 0"),
        ({"rate": 0}, "--rate 0"),
        ({"limit": 0}, "limit=0"),
        ({"fine_tune": 2}, "--fine-tune 2 needs mobilenet_v2 and its --weights"),
        ({"weights": "imagenet"}, "baseline_cnn has no weights 'imagenet'"),
        ({"weights": "no.keras"}, "no such .keras"),
        ({"settings": {"alpha": 1}}, "no setting 'alpha'"),
        ({"name": "mobilenet_v1", "weights": "drawn", "size": 32}, "they are MobileNetV2's"),
        ({"name": "mobilenet_v2", "weights": "imagnet", "size": 32}, "Did you mean 'imagenet'"),
        ({"name": "landmarks"}, "learns from an .npz with landmarks"),
    ],
)
def test_a_wrong_word_is_one_clear_error_and_leaves_nothing(folder, tmp_path, options, message):
    options = {"name": "baseline_cnn", "data": str(folder), "size": 12, **options}
    with pytest.raises(trainer.errors.AslError, match=message):
        train(Request(**options), tmp_path / "x.keras")
    assert not list(tmp_path.iterdir())


def test_data_that_cannot_be_learnt_from_are_named(folder, hands, tmp_path):
    out = tmp_path / "out" / "x.keras"
    with pytest.raises(TrainError, match=r"single class, 'A'.*not one of them"):
        train(small(class_folders(tmp_path / "one", ("A",), 4)), out)
    with pytest.raises(DatasetError, match="pictures outside class folders"):
        train(small(folder / "A"), out)
    (tmp_path / "none").mkdir()
    with pytest.raises(DatasetError, match="holds no pictures"):
        train(small(tmp_path / "none"), out)
    with pytest.raises(TrainError, match="holds landmarks, and this model reads pictures"):
        train(small(hands), out)
    broken = class_folders(tmp_path / "broken", ("A", "B"), 8)
    (broken / "B" / "B0.png").write_bytes(b"no picture")
    with pytest.raises(AslError, match=r"B/B0.png is no readable image"):
        train(small(broken), out)
    with pytest.raises(TrainError, match=r"ends in .keras"):
        train(small(folder), tmp_path / "x.h5")
    assert not list((tmp_path / "out").iterdir())


def test_weights_that_do_not_fit_are_named(trained, tmp_path):
    other = class_folders(tmp_path / "three", ("A", "B", "C"))
    with pytest.raises(TrainError, match=r"small.keras does not fit baseline_cnn .* 3 classes"):
        train(small(other, weights=str(trained[1])), tmp_path / "x.keras")


def test_more_pictures_than_memory_should_hold_are_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "MOST_BYTES", 1000)
    with pytest.raises(TrainError, match="smaller --size, or a --limit"):
        train(small(folder), tmp_path / "x.keras")


def test_settings_are_read_as_numbers_and_words():
    assert settings_from(["alpha=0.35", "dense=null", "weights=a=b"]) == {
        "alpha": 0.35,
        "dense": None,
        "weights": "a=b",
    }
    with pytest.raises(TrainError, match="expected NAME=VALUE"):
        settings_from(["alpha"])


def test_the_shell_prints_one_line_and_no_bar_in_a_log(trained, folder):
    arguments = ["--data", str(folder), "--out", str(trained[1])]
    options = ["--epochs", "6", "--batch-size", "16", "--rate", "0.003", "--size", "12"]
    found = CliRunner().invoke(cli.app, ["train", "baseline_cnn", *arguments, *options])
    assert found.exit_code == 0 and found.output.count("\n") == 1
    assert "small.keras: baseline_cnn, 4 classes" in found.output
