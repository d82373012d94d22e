"""`asl train`: what it writes, what an interruption costs, and what it refuses."""

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

from asl_helpers import cli, hand, networks, train_command
from asl_helpers.errors import AslError
from asl_helpers.judge import judge

DEFAULTS = {
    "split": "blocks", "size": 12, "limit": None, "epochs": 6, "patience": 3, "rate": 0.003,
    "batch_size": 16, "seed": 0, "weights": None, "fine_tune": 0, "settings": {},
}  # fmt: skip


def class_folders(root: Path, classes=("A", "B", "Space", "Nothing"), frames: int = 40) -> Path:
    """Write images of which the brightest quarter tells the class."""
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


def train(data, out, name="baseline_cnn", progress=lambda *_: None, **options):
    return train_command.train(
        {"name": name, "data": str(data), **DEFAULTS, **options}, out, progress
    )


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "small.keras"
    progress = []
    return train(folder, out, progress=lambda *done: progress.append(done)), out, progress


def test_model_says_what_it_is_and_is_evaluated_by_name(trained, folder):
    facts, out, progress = trained
    card = json.loads(out.with_suffix(".json").read_text())
    assert card == json.loads(json.dumps(facts))
    assert card["classes"] == ["A", "B", "nothing", "space"]  # as the course orders and spells
    assert card["run"]["name"] == "baseline_cnn" and len(card["data"]["sha256"]) == 64
    assert facts["test_accuracy"] > 0.9
    assert sorted(path.name for path in out.parent.iterdir()) == ["small.json", "small.keras"]
    assert progress == sorted(progress) and progress[-1][1] == 6 and 0 < progress[0][0] < 1
    judged = judge(out, folder, letters="classes")
    assert judged.n == 160 and judged.accuracy > 0.9


def test_interrupted_training_ends_as_if_nothing_had_been(trained, folder, tmp_path):
    out = tmp_path / "killed.keras"
    run = json.loads(trained[1].with_suffix(".json").read_text())["run"]
    code = (
        "import json, sys; from pathlib import Path; from asl_helpers.train_command import train;"
        "train(json.loads(sys.argv[1]), Path(sys.argv[2]), lambda *_: None)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(run), str(out)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stderr=subprocess.DEVNULL,
    )
    state = tmp_path / "killed.run" / "whole" / "run.npz"
    deadline = time.monotonic() + 120
    while not (state.is_file() and len(json.loads(str(np.load(state)["run"]))["history"]) >= 2):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists() and not out.with_suffix(".json").exists()
    train(folder, out)
    models = [keras.saving.load_model(path, compile=False) for path in (out, trained[1])]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "killed.run").exists()


def test_finished_training_is_neither_repeated_nor_overwritten(trained, folder, tmp_path):
    facts, out, _ = trained
    before = out.read_bytes()
    assert train(folder, out) == json.loads(json.dumps(facts))
    with pytest.raises(AslError, match="not from this training"):
        train(folder, out, rate=0.01)
    assert out.read_bytes() == before
    (tmp_path / "mine.keras").write_text("precious")
    (tmp_path / "other.json").write_text("{}")
    for name in ("mine.keras", "other.keras"):
        with pytest.raises(AslError, match="exists and is not from this training"):
            train(folder, tmp_path / name)


def test_landmarks_are_learned_on_both_sides(hands, tmp_path):
    out = tmp_path / "hands.keras"
    options = {"epochs": 12, "patience": 12, "rate": 0.001, "batch_size": 64}
    facts = train(hands, out, "landmarks", **options)
    assert facts["classes"] == ["A", "B", "L", "space"]
    assert facts["test_accuracy"] > 0.9
    assert judge(out, hands, letters="classes").accuracy > 0.95
    model = keras.saving.load_model(out, compile=False)
    points, _ = hand.sample_landmarks(("A", "B"), 20, seed=4)
    mirrored = points * np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(model(points), model(mirrored), atol=1e-5)


def test_frames_of_landmarks_are_read_from_names(tmp_path):
    points, labels = hand.sample_landmarks(("A", "B"), 200, seed=0)
    order = np.random.default_rng(0).permutation(200)
    names = np.array([f"x{index:03}.jpg" for index in range(200)])[order]
    path = tmp_path / "film.npz"
    np.savez(path, landmarks=points[order], labels=np.array(["A", "B"])[labels][order], names=names)
    np.testing.assert_array_equal(train_command._hands(path).frames, order)


def test_pretrained_head_learns_from_features_then_the_last_blocks(folder, tmp_path, monkeypatch):
    build, built = networks.build, []

    def random_weights(name, shape, classes, weights, alpha):
        built.append(build(name, shape, classes, alpha=0.1))
        return built[0]

    monkeypatch.setattr(networks, "build", random_weights)
    options = {"size": 32, "epochs": 2, "rate": 0.001, "limit": 10, "fine_tune": 1}
    progress = []
    facts = train(
        folder, tmp_path / "m.keras", "mobilenet_v2", lambda *done: progress.append(done),
        weights="drawn", **options,
    )  # fmt: skip
    assert [stage["stage"] for stage in facts["stages"]] == ["head", "fine"]
    assert facts["stages"][1]["rate"] == pytest.approx(1e-4)
    assert progress == sorted(progress) and progress[-1] == (4, 4)
    trainable = {weight.path.split("/")[0] for weight in built[0].trainable_weights}
    assert {"block_16_project", "logits"} <= trainable
    assert not {"Conv1", "block_15_project", "block_16_project_BN"} & trainable


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "baseline_cn"}, r"No model 'baseline_cn'\. Did you mean 'baseline_cnn'"),
        ({"data": "asl_alphabt"}, r"'asl_alphabt' is no data set.*Did you mean 'asl_alphabet'"),
        ({"split": "block"}, r"No split 'block'\. Did you mean 'blocks'"),
        ({"size": 5}, "at least 10 pixels"),
        ({"fine_tune": 2}, "--fine-tune 2 needs mobilenet_v2 and its --weights"),
        ({"weights": "imagenet"}, "baseline_cnn has no setting 'weights'"),
        ({"name": "custom_cnn", "settings": {"dropout": 2}}, "custom_cnn cannot be built"),
        ({"name": "mobilenet_v1", "weights": "drawn", "size": 32}, "These weights do not fit"),
        ({"name": "landmarks"}, "landmarks is trained on an .npz"),
        ({"data": "hands.npz"}, "cannot be trained on hands.npz"),
    ],
)
def test_wrong_options_are_one_clear_error_and_leave_nothing(folder, tmp_path, options, message):
    with pytest.raises(AslError, match=message):
        train(**{"data": folder, **options}, out=tmp_path / "x.keras")
    assert not list(tmp_path.iterdir())


def test_data_that_cannot_be_learned_from_are_named(folder, tmp_path, monkeypatch):
    with pytest.raises(AslError, match=r"single class, 'A'.*not one of them"):
        train(class_folders(tmp_path / "one", ("A",), 4), tmp_path / "x.keras")
    with pytest.raises(AslError, match=r"ends in .keras"):
        train(folder, tmp_path / "x.h5")
    monkeypatch.setattr(train_command, "MOST_BYTES", 1000)
    with pytest.raises(AslError, match="smaller --size, or a --limit"):
        train(folder, tmp_path / "x.keras")


def test_command_prints_one_line_and_no_bar_in_a_log(trained, folder):
    options = ["--epochs", "6", "--batch-size", "16", "--rate", "0.003", "--size", "12"]
    paths = ["--data", str(folder), "--out", str(trained[1])]
    result = CliRunner().invoke(cli.app, ["train", "baseline_cnn", *paths, *options])
    assert result.exit_code == 0 and result.output.count("\n") == 1
    assert "small.keras: baseline_cnn, 4 classes" in result.output
    with pytest.raises(AslError, match="expected NAME=VALUE"):
        train_command.parse_settings(["alpha"])
