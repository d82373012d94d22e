"""The benchmark of Sign Language MNIST on blobs in the form of the real set, mostly untrained."""

import json
from dataclasses import replace

import numpy as np
import pytest
from standins import sign_mnist_rows, write_sign_mnist_csvs

import asl_helpers as asl
from asl_helpers.augmentation import Variation
from benchmarks import sign_mnist, sign_mnist_pace, sign_mnist_recipes, sign_mnist_runs
from benchmarks.sign_mnist_recipes import Recipe
from benchmarks.sign_mnist_runs import Run

TINY = Recipe("baseline_cnn", 1)


def untrained(run):
    """Learn nothing: tests of the training itself are below and in test_training."""
    return {"best_epoch": 1, "seconds_per_epoch": 0.5 + run.seed}


@pytest.fixture(scope="module")
def one_part(tmp_path_factory):
    """The official test part alone, as shared with developers: four photographs a letter."""
    folder = tmp_path_factory.mktemp("test_part")
    images, labels, _ = sign_mnist_rows(6, copies=3)
    np.savez(folder / "sign_mnist_test.npz", images=images, labels=labels)
    return folder


@pytest.fixture(scope="module")
def both_parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("both_parts")
    write_sign_mnist_csvs(folder)
    return folder


def measured(folder, cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASL_DATA_DIR", str(folder))
        patch.setattr(Run, "train", untrained)
        patch.setattr(sign_mnist, "input_pace", lambda *_, **__: {"times_faster": 3.0})
        patch.setattr(sign_mnist, "network_pace", lambda *_, **__: 10.0)
        return sign_mnist.measure(cache, quick=True)


def data_size(found):
    return found["blocks"]["baseline_cnn"]["runs"][0]["sizes"]["train"]


@pytest.fixture(scope="module")
def result(one_part, tmp_path_factory):
    cache = tmp_path_factory.mktemp("rows")
    return measured(one_part, cache), cache


@pytest.fixture
def data(one_part, monkeypatch):
    monkeypatch.setenv("ASL_DATA_DIR", str(one_part))
    return asl.load("sign_language_mnist", verbose=False)


def test_the_test_part_alone_is_cut_by_photographs(result):
    (found, data), _ = result
    assert found["protocol"] == "blocks"
    assert set(found["blocks"]) == {*sign_mnist.RECIPES, "best"}
    assert set(found["random"]) == set(sign_mnist.AT_RANDOM)
    assert data[0]["is_real"] and len(data[0]["sha256"]) == 64
    for summary in (found["blocks"][name] for name in sign_mnist.RECIPES):
        run = summary["runs"][0]
        assert run["split"] == "blocks" and run["test"]["photographs"] == 24
        assert 0 <= summary["test_accuracy"]["mean"] <= 1
        assert summary["parameters"] <= sign_mnist.CEILING
    seconds = found["core_seconds_per_epoch"]
    assert seconds == dict.fromkeys(sign_mnist_recipes.BUILDERS, data_size(found) / 10)
    json.dumps(found, allow_nan=False)


def test_with_both_parts_the_protocol_is_the_official_one(both_parts, tmp_path):
    found, _ = measured(both_parts, tmp_path)
    assert found["protocol"] == "official"
    run = found["official"]["custom_cnn"]["runs"][0]
    assert run["sizes"]["test"] <= 24 * 2 * 5 and run["sizes"]["validation"] > 0
    assert found["target"]["reached"] == found["official"]["best"]["test_accuracy"]["mean"]


def test_a_second_run_reads_the_rows_of_the_first(result, one_part, monkeypatch):
    (found, _), cache = result
    monkeypatch.setattr(sign_mnist_runs, "row", None)
    again, _ = measured(one_part, cache)
    assert json.dumps(again) == json.dumps(found)


def test_another_recipe_is_another_row(data, tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "train", untrained)
    sign_mnist_runs.kept_row("x", TINY, data, 0, tmp_path)
    sign_mnist_runs.kept_row("x", TINY, data, 0, tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 1
    sign_mnist_runs.kept_row("x", Recipe("baseline_cnn", 2), data, 0, tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_the_split_is_told_apart_from_people_and_rooms(result):
    unit = result[0][0]["unit"]
    assert sum(unit["photographs"].values()) == 24 * 6
    assert unit["copies"] == {"median": 3, "most": 3}
    assert unit["nearest_in_training"]["highest"] < unit["threshold"]


def scored(validation, test, seed):
    return {
        "seed": seed, "parameters": 5, "seconds_per_epoch": 1.0,
        "validation": {"accuracy": validation}, "test": {"accuracy": test, "macro_f1": test},
    }  # fmt: skip


def test_validation_chooses_and_the_test_part_does_not():
    recipes = {
        "a": {"runs": [scored(0.9, 0.70, 0), scored(0.8, 0.95, 1)]},
        "b": {"runs": [scored(0.8, 0.99, 0), scored(0.9, 0.60, 1)]},
    }
    best = sign_mnist.chosen(recipes, ("a", "b"))
    assert best["picked"] == ["a", "b"]
    assert best["test_accuracy"]["runs"] == [0.7, 0.6]
    assert best["test_accuracy"]["sd"] == pytest.approx(np.std([0.7, 0.6], ddof=1))


def test_equal_terms_are_equal():
    compared = [sign_mnist.RECIPES[name] for name in sign_mnist_recipes.BUILDERS]
    assert {recipe.network for recipe in compared} == set(sign_mnist_recipes.BUILDERS)
    assert len({str(recipe).replace(recipe.network, "") for recipe in compared}) == 1
    assert set(sign_mnist.CANDIDATES) <= set(sign_mnist.RECIPES)


def test_every_epoch_is_watched_and_the_best_by_validation_is_kept(data):
    run = Run(Recipe("baseline_cnn", 3, learning_rate=3e-3), data, 0)
    found = sign_mnist_runs.row(run)
    curves = found["curves"]
    assert [len(curve) for curve in curves.values()] == [3, 3, 3]
    assert found["best_epoch"] == int(np.argmin(curves["val_loss"])) + 1
    assert found["test"]["accuracy"] == pytest.approx(
        curves["test_accuracy"][found["best_epoch"] - 1], abs=1e-4
    )


def test_a_varied_run_learns_what_its_recipe_says(data):
    # The blobs of a letter have nothing in common: learning shows on the training part.
    recipe = Recipe(
        "baseline_cnn", 12, Variation(turn=3, brightness=0.05), learning_rate=4e-3, average=0.8,
        evened=True, views=1, decay=1e-4, smoothing=0.05, batch=32,
    )  # fmt: skip
    run = Run(recipe, data, 0)
    before = run.accuracy("train")
    noted = run.train()
    assert run.accuracy("train") > before + 0.3
    assert noted["seconds_per_epoch"] > 0
    views = run.probabilities("test", views=1)
    np.testing.assert_allclose(views.sum(axis=1), 1, atol=1e-5)
    assert not np.allclose(views, run.probabilities("test"), atol=1e-4)


def test_photographs_are_thinned_copy_by_copy_and_drawn_hands_join_them(data, monkeypatch):
    seen = []
    monkeypatch.setattr(
        Run, "_epochs", lambda self, batches, epochs: seen.append(next(iter(batches))) or {}
    )
    drawn = np.full((8, 28, 28, 1), 255, np.uint8), np.arange(8)
    recipe = Recipe("baseline_cnn", 5, Variation(turn=3), thin=3, drawn=8, mixed=4, batch=16)
    run = Run(recipe, data, 0, drawn)
    assert len(run.parts["train"][1]) == data.info.sizes["train"] // 3  # one copy of three
    assert len(run.parts["test"][1]) == data.info.sizes["test"]
    run.train()
    Run(replace(recipe, photographs=False), data, 0, drawn).train()
    (mixed, labels), (alone, _) = seen
    assert mixed.shape == (20, 28, 28, 1) and labels.shape == (20, 24)
    assert (mixed.numpy().min((1, 2, 3)) > 0.8).tolist() == [False] * 16 + [True] * 4
    assert alone.shape[0] == 16 and alone.numpy().min() > 0.8


def test_drawn_hands_are_drawn_once(tmp_path, monkeypatch):
    images, labels = sign_mnist_recipes.drawn_hands(24, tmp_path)
    assert images.shape == (24, 28, 28, 1) and images.dtype == np.uint8
    assert sorted(labels) == list(range(24))
    monkeypatch.setattr(sign_mnist_recipes.hand, "sample_images", None)
    again, _ = sign_mnist_recipes.drawn_hands(24, tmp_path)
    np.testing.assert_array_equal(again, images)


def test_the_input_is_timed_apart_from_the_training(data):
    recipe = Recipe("baseline_cnn", 1, Variation(turn=5))
    pace = sign_mnist_pace.input_pace(recipe, data, batches=3)
    assert min(pace.values()) > 0
    assert pace["times_faster"] == pytest.approx(
        pace["pipeline_images_per_core_second"] / pace["training_images_per_core_second"], abs=0.1
    )
