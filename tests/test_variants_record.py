"""The record of chapter 14 without its trainings: what is run, on which pictures, and kept."""

import json

import numpy as np
import pandas as pd
import pytest

from asl_helpers import sweeps
from benchmarks import variants as bench
from benchmarks import variants_runs as runs_of


def test_every_network_is_one_that_can_be_built_as_asked():
    runs = bench.networks()
    assert len({json.dumps(run) for run in runs}) == len(runs)
    for run in runs:
        assert (run["alpha"] is not None) == run["name"].startswith("mobilenet")
        assert run["weights"] == "none" or run["alpha"] == 0.35
    first = [bench.title(run) for run in runs if run["seed"] == 0]
    assert len(set(first)) == len(first), "a title names one run of a seed"
    assert {"mobilenet_v2 0.35, ImageNet", "custom_cnn, grey", "resnet18"} <= set(first)
    assert bench.title(bench.sizes()[0]) == "head, 96 px"


def test_heads_are_every_combination_for_every_split():
    runs = pd.DataFrame(bench.heads())
    assert len(runs) == 5 * 3 * 3 * len(bench.SEEDS)
    assert not runs.duplicated().any()
    assert {run["size"] for run in bench.sizes()} == {96, 224}
    for run in bench.sizes():
        assert {name: run[name] for name in bench.HEAD} == bench.HEAD


def test_a_row_of_a_head_becomes_one_for_each_number_of_epochs():
    table = pd.DataFrame([{"dense": 8, "val_loss_25": 3.0, "val_loss_50": 2.0, "val_loss_75": 1.0}])
    found = bench.by_epochs(table)
    assert found["epochs"].tolist() == [25, 50, 75]
    assert found["val_loss"].tolist() == [3.0, 2.0, 1.0]
    assert set(found.columns) == {"dense", "epochs", "val_loss"}


def test_the_five_letters_keep_their_names(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    parts = runs_of.five("asl_synthetic", 32, 12, 0, runs_of.PARTS[:3])
    assert set(parts) == {"train", "validation", "test"}
    images, labels = parts["train"]
    assert images.shape[1:] == (32, 32, 3) and images.dtype == np.uint8
    data = runs_of.asl.load("asl_synthetic", size=32, limit=12, verbose=False)
    everything, classes = data.arrays("train")
    for place, letter in enumerate("CELOV"):
        wanted = everything[classes == data.info.class_names.index(letter)]
        assert np.array_equal(images[labels == place], wanted)


def test_grey_is_one_channel_of_luminance():
    picture = np.array([[[[255, 255, 255], [255, 0, 0]]]], np.uint8)
    grey = runs_of.coloured(picture, "grey")
    assert grey.shape == (1, 1, 2, 1)
    assert grey.ravel() == pytest.approx([255, 0.299 * 255], rel=1e-5)
    assert runs_of.coloured(picture, "RGB").dtype == np.float32


def test_an_ensemble_is_chosen_on_validation_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(runs_of, "FOLDER", tmp_path)
    labels = {part: np.array([0, 1]) for part in runs_of.PARTS}
    right, wrong = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.1, 0.9], [0.9, 0.1]])
    base = {"alpha": None, "colours": "RGB", "weights": "none"}
    good, bad = {"name": "baseline_cnn", **base}, {"name": "resnet18", **base}
    runs_of.keep(good, {"validation": right, "test": wrong, "other": wrong})
    runs_of.keep(bad, {"validation": wrong, "test": right, "other": right})
    found = bench.ensemble([good, bad], 0, labels)
    assert found["members"] == ["baseline_cnn"]
    assert found["ensemble_validation"] == 1 and found["ensemble_test"] == 0


def test_scores_count_each_part_by_itself():
    probs = {part: np.array([[0.8, 0.2], [0.6, 0.4]]) for part in runs_of.PARTS}
    labels = {part: np.array([0, int(part == "test")]) for part in runs_of.PARTS}
    found = runs_of.scores(probs, labels)
    assert found["test_accuracy"] == 0.5 and found["other_accuracy"] == 1
    assert found["val_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert sweeps.best(pd.DataFrame([found]), "val_loss") is not None
