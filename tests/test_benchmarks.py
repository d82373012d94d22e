"""The benchmarks of images without their long trainings: what is run, chosen and recorded."""

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from standins import sign_mnist_rows, write_sign_mnist_csvs

import asl_helpers as asl
from asl_helpers import networks, sweeps
from asl_helpers.augmentation import Variation
from benchmarks import experiments, record, sign_mnist, splits, variants

# What all benchmarks share


@pytest.mark.parametrize(
    ("folder", "sources"), [(None, [False]), ("lacks it", [False]), ("has it", [False, True])]
)
def test_the_drawn_twin_is_measured_first_and_the_real_set_where_there_is_one(
    folder, sources, monkeypatch
):
    def measure():
        is_real = os.environ.get("ASL_DATA_DIR") == "has it"
        info = SimpleNamespace(source="s", sha256="1", is_real=is_real)
        return record.source_row(info), {"real": is_real}

    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    if folder:
        monkeypatch.setenv("ASL_DATA_DIR", folder)
    rows, results = record.drawn_then_real(measure)
    assert [row["is_real"] for row in rows] == [result["real"] for result in results] == sources
    assert os.environ.get("ASL_DATA_DIR") == folder


def test_a_run_that_needs_real_data_says_which(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    with pytest.raises(SystemExit, match="Set ASL_DATA_DIR to the folder with five signers"):
        record.real_folder("five signers")


def test_a_spread_is_that_of_a_sample_and_one_run_has_none():
    assert record.spread([0.25, 0.75])["sd"] == pytest.approx(0.125**0.5)
    assert record.spread([0.5]) == {"mean": 0.5, "sd": None, "runs": [0.5]}


def test_a_table_goes_into_the_record_as_json():
    rows = record.json_rows(pd.DataFrame({"rate": [1e-4, 0.1], "val_loss": [0.123456, np.nan]}))
    assert rows == [{"rate": 0.0001, "val_loss": 0.1235}, {"rate": 0.1, "val_loss": None}]
    json.dumps(rows, allow_nan=False)


def test_a_record_says_where_it_comes_from(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    path = record.record("some_name", {"score": 1}, seed=3, data=[record.DRAWN])
    kept = json.loads(path.read_text())
    assert kept["score"] == 1 and kept["about"]["seed"] == 3
    assert {"date", "device", "versions", "data"} <= set(kept["about"])


# Splits and drawing


def test_whole_groups_are_dealt_to_the_test_part():
    labels, groups = np.repeat([0, 1], 50), np.arange(100) // 5
    test = splits.deal(labels, groups, 0.2, np.random.default_rng(0))
    assert [test[labels == label].mean() for label in (0, 1)] == [0.2, 0.2]
    assert all(test[groups == group].mean() in (0, 1) for group in np.unique(groups))
    assert splits.chi_square(np.array([10, 10])) == 0


def test_dark_frames_are_counted_by_share_and_by_mean():
    images = np.full((3, 4, 4, 3), 200, np.uint8)
    images[0, :3] = 0  # dark for the most part, and 50 on average
    images[1] = 10
    assert splits.dark(images) == {"by_share": 2, "by_mean": 1}


# Chapter 11's experiments

BEST = {"SGD": 0.1, "momentum": 0.03, "RMSprop": 0.0003, "Adam": 0.001}


def made_up(optimizer, rate, batch_size, augmentation, epochs, split, seed):
    """Scores with a best rate for each optimizer; the test part would choose another."""
    if rate == 1.0:
        raise ValueError("The loss became nan")
    best = {16: 0.0003, 64: BEST[optimizer], 256: 0.003}[batch_size]
    loss = 1 + abs(np.log(rate / best)) + 0.1 * seed
    return {"val_loss": loss, "val_accuracy": 0.5, "test_accuracy": min(1.0, rate)}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("sweeps"), {}

    def sweep(runs):
        return sweeps.run_sweep(runs, made_up, folder)

    for part in (experiments.experiments, experiments.batch_sizes, experiments.longer):
        found |= part(sweep)
    return found


def test_rates_are_chosen_on_validation_with_the_first_seed(done):
    assert done["chosen_rates"] == BEST
    assert done["chosen_batch_rates"] == {"16": 0.0003, "64": 0.001, "256": 0.003}
    assert len(done["rates"]) == 20
    assert (done["rates"]["seed"] == 0).all() and (done["rates"]["split"] == 0).all()


def test_one_thing_changes_at_a_time(done):
    common = ["optimizer", "rate", "batch_size", "augmentation", "epochs", "split"]
    for name, changes in (
        ("optimizers", {"optimizer", "rate", "split"}),
        ("batch_equal_epochs", {"batch_size", "split"}),
        ("batch_equal_steps", {"batch_size", "epochs", "rate", "split"}),
        ("same_split", set()),
        ("augmentation", {"augmentation", "split"}),
        ("longer", {"augmentation", "split"}),
    ):
        counts = done[name][common].nunique()
        assert set(counts.index[counts > 1]) == changes, name
        if changes:  # every setting has every seed, with a split of its own
            (setting,) = changes & {"optimizer", "batch_size", "augmentation"}
            for _, group in done[name].groupby(setting):
                assert group["seed"].tolist() == group["split"].tolist() == [0, 1, 2], name
    assert done["longer"]["epochs"].unique() == 2 * done["augmentation"]["epochs"].unique()
    steps = [np.ceil(1008 / size) * n for size, n in experiments.EQUAL_STEPS.items()]
    assert max(steps) / min(steps) < 1.05


@pytest.mark.parametrize(
    ("name", "over", "mirrored"),
    [("none", 0, 0), ("warp", 0, 0), ("warp, mirror", 0, 0.5), ("warp, upside down", 0.5, 0)],
)
def test_images_are_varied_as_their_name_says(name, over, mirrored):
    bright_above = np.zeros((200, 28, 28, 1), np.float32)
    bright_above[:, :14] = 1.0
    for images, share, patch in (
        (bright_above, over, np.s_[:, 4:8, 10:18]),
        (bright_above.swapaxes(1, 2), mirrored, np.s_[:, 10:18, 4:8]),
    ):
        made = experiments.batches(images, np.arange(200), 200, name, seed=3)
        shown, order = (array.numpy() for array in next(iter(made)))
        assert np.array_equal(shown, images) == (name == "none")
        assert abs((shown[patch].mean(axis=(1, 2, 3)) < 0.1).mean() - share) <= 0.15 * (share > 0)
        again = next(iter(made))[1].numpy()
        assert sorted(again) == sorted(order) and (again != order).any()  # a new order


class LeftOrRight(keras.Model):
    """Reads the first class where the left half is the brighter one."""

    def call(self, images):
        gap = tf.reduce_mean(images[:, :, :14] - images[:, :, 14:], axis=(1, 2, 3))
        return tf.stack([10 * gap, -10 * gap], axis=1)


def test_the_mirrored_test_part_exchanges_left_and_right():
    images = np.zeros((6, 28, 28, 1), np.uint8)
    images[:4, :, :14] = images[4:, :, 14:] = 200
    data = SimpleNamespace(
        info=SimpleNamespace(class_names=("left", "right")),
        arrays=lambda part: (images, np.array([0, 0, 0, 0, 1, 0])),
    )
    found = experiments.test_scores(LeftOrRight(), data)
    assert found == pytest.approx({"test_accuracy": 5 / 6, "mirrored_accuracy": 1 / 6})


def test_the_trainer_trains_the_network_it_is_asked_for(monkeypatch):
    def tiny(shape, classes):
        flat = keras.layers.Flatten()
        return keras.Sequential([keras.Input(shape), flat, keras.layers.Dense(classes)])

    data = asl.load("sign_language_mnist", limit=6, verbose=False)
    monkeypatch.setattr(networks, "baseline_cnn", tiny)
    train = experiments.trainer(lambda split: data)
    run = {"optimizer": "Adam", "rate": 0.01, "batch_size": 32, "augmentation": "warp, mirror"}
    first, again = (train(**run, epochs=2, split=0, seed=1) for _ in range(2))
    assert first.pop("seconds") > 0 and again.pop("seconds") > 0
    assert first == again, "the same seed, the same scores"
    assert {"val_loss", "test_accuracy", "mirrored_accuracy", "train_loss"} <= set(first)


# Chapter 15's variants


def test_every_network_is_one_that_can_be_built_as_asked():
    runs = variants.network_runs()
    assert len({json.dumps(run) for run in runs}) == len(runs)
    for run in runs:
        assert (run["alpha"] is not None) == run["name"].startswith("mobilenet")
        assert run["weights"] == "none" or run["alpha"] == 0.35
    first = [variants.title(run) for run in runs if run["seed"] == 0]
    assert len(set(first)) == len(first), "a title names one run of a seed"
    assert {"mobilenet_v2 0.35, ImageNet", "custom_cnn, grey", "resnet18"} <= set(first)


def test_heads_are_every_combination_for_every_split():
    runs = pd.DataFrame(variants.head_runs())
    assert len(runs.drop_duplicates()) == len(runs) == 5 * 3 * 3 * len(variants.SEEDS)
    assert {run["size"] for run in variants.size_runs()} == {96, 224}
    for run in variants.size_runs():
        assert {name: run[name] for name in variants.HEAD} == variants.HEAD


def test_the_five_letters_keep_their_names_and_grey_is_one_channel(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    parts = variants.five("asl_synthetic", 32, 12, 0, variants.PARTS[:3])
    images, labels = parts["train"]
    data = asl.load("asl_synthetic", size=32, limit=12, verbose=False)
    everything, classes = data.arrays("train")
    for place, letter in enumerate("CELOV"):
        wanted = everything[classes == data.info.class_names.index(letter)]
        assert np.array_equal(images[labels == place], wanted)
    assert variants.coloured(np.uint8([[[[255, 0, 0]]]]), "grey") == pytest.approx(0.299 * 255)


def test_an_ensemble_is_chosen_on_validation_alone():
    labels = {part: np.array([0, 1]) for part in variants.PARTS}
    right, wrong = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.1, 0.9], [0.9, 0.1]])
    members = {
        "good": {"validation": right, "test": wrong, "other": wrong},
        "bad": {"validation": wrong, "test": right, "other": right},
    }
    found = variants.ensemble(members, 0, labels)
    assert found["members"] == ["good"]
    assert found["ensemble_validation"] == 1 and found["ensemble_test"] == 0


def test_members_join_while_they_lower_the_loss_together():
    labels = np.array([0, 1, 0, 1])
    one = np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.6, 0.4]])
    other = one[[2, 3, 0, 1]]
    assert variants.choose({"a": one, "b": other, "c": 1 - one}, labels) == ["a", "b"]
    assert variants.choose({"a": one, "b": other}, labels, most=1) == ["a"]


def test_scores_count_each_part_by_itself():
    probs = {part: np.array([[0.8, 0.2], [0.6, 0.4]]) for part in variants.PARTS}
    labels = {part: np.array([0, int(part == "test")]) for part in variants.PARTS}
    found = variants.scores(probs, labels)
    assert found["test_accuracy"] == 0.5 and found["other_accuracy"] == 1
    assert found["val_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)


# Chapter 10's networks on Sign Language MNIST


@pytest.fixture(scope="module")
def one_part(tmp_path_factory):
    """The official test part alone: six photographs per letter, three copies of each."""
    folder = tmp_path_factory.mktemp("test_part")
    images, labels, _ = sign_mnist_rows(6, copies=3)
    np.savez(folder / "sign_mnist_test.npz", images=images, labels=labels)
    return folder


@pytest.fixture
def data(one_part, monkeypatch):
    monkeypatch.setenv("ASL_DATA_DIR", str(one_part))
    return asl.load("sign_language_mnist", verbose=False)


def measured(folder, monkeypatch):
    """A quick run in which nothing is learnt."""
    sign_mnist.loaded.cache_clear()
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    noted = {"best_epoch": 1, "seconds_per_epoch": 0.5}
    monkeypatch.setattr(sign_mnist.Run, "train", lambda run: dict(noted))
    monkeypatch.setattr(sign_mnist, "input_pace", lambda *_, **__: {"times_faster": 3.0})
    monkeypatch.setattr(sign_mnist, "network_pace", lambda *_, **__: 10.0)
    return sign_mnist.measure(quick=True)


def test_the_test_part_alone_is_cut_by_photographs(one_part, monkeypatch):
    found, about = measured(one_part, monkeypatch)
    assert found["protocol"] == "blocks" and about["is_real"]
    assert set(found["blocks"]) == {*sign_mnist.RECIPES, "best"}
    assert set(found["random"]) == set(sign_mnist.AT_RANDOM)
    for name in sign_mnist.RECIPES:
        run = found["blocks"][name]["runs"][0]
        assert run["split"] == "blocks" and run["test"]["photographs"] == 24
        assert found["blocks"][name]["parameters"] <= sign_mnist.CEILING
    unit = found["unit"]
    assert sum(unit["photographs"].values()) == 24 * 6
    assert unit["copies"] == {"median": 3, "most": 3}
    assert unit["nearest_in_training"]["highest"] < unit["threshold"]
    json.dumps(found, allow_nan=False)
    monkeypatch.setattr(sign_mnist, "Run", None)  # a second run trains nothing
    again, _ = sign_mnist.measure(quick=True)
    for run in (
        row for result in (found, again) for row in result["blocks"]["drawn_alone"]["runs"]
    ):
        run.pop("seconds")  # of its one training, as it was timed
    assert json.dumps(again) == json.dumps(found)


def test_with_both_parts_the_protocol_is_the_official_one(tmp_path, monkeypatch):
    write_sign_mnist_csvs(tmp_path)
    found, _ = measured(tmp_path, monkeypatch)
    assert found["protocol"] == "official"
    run = found["official"]["custom_cnn"]["runs"][0]
    assert run["sizes"]["test"] <= 24 * 2 * 5 and run["sizes"]["validation"] > 0
    assert found["target"]["reached"] == found["official"]["best"]["test_accuracy"]["mean"]


def test_validation_chooses_and_the_test_part_does_not():
    def scored(validation, test, seed):
        part = {"validation": {"accuracy": validation}, "test": {"accuracy": test}}
        return {"seed": seed, "parameters": 5, **part}

    recipes = {
        "a": {"runs": [scored(0.9, 0.70, 0), scored(0.8, 0.95, 1)]},
        "b": {"runs": [scored(0.8, 0.99, 0), scored(0.9, 0.60, 1)]},
    }
    best = sign_mnist.chosen(recipes, ("a", "b"))
    assert best["picked"] == ["a", "b"] and best["test_accuracy"]["runs"] == [0.7, 0.6]


def test_every_epoch_is_watched_and_the_best_by_validation_is_kept(data):
    run = sign_mnist.Run(sign_mnist.Recipe("baseline_cnn", 3, learning_rate=3e-3), data, 0)
    noted = run.train()
    curves = noted["curves"]
    assert [len(curve) for curve in curves.values()] == [3, 3, 3]
    assert noted["best_epoch"] == int(np.argmin(curves["val_loss"])) + 1
    best = curves["test_accuracy"][noted["best_epoch"] - 1]
    assert run.accuracy("test") == pytest.approx(best, abs=1e-4)


def test_a_varied_run_learns_what_its_recipe_says(data):
    # The blobs of a letter have nothing in common: learning shows on the training part.
    recipe = sign_mnist.Recipe(
        "baseline_cnn", 12, Variation(turn=3, brightness=0.05), learning_rate=4e-3, average=0.8,
        evened=True, views=1, decay=1e-4, smoothing=0.05, batch=32,
    )  # fmt: skip
    run = sign_mnist.Run(recipe, data, 0)
    before = run.accuracy("train")
    run.train()
    assert run.accuracy("train") > before + 0.3
    views = run.probabilities("test", views=1)
    np.testing.assert_allclose(views.sum(axis=1), 1, atol=1e-5)
    assert not np.allclose(views, run.probabilities("test"), atol=1e-4)


def test_photographs_are_thinned_copy_by_copy_and_drawn_hands_join_them(data, monkeypatch):
    seen = []
    monkeypatch.setattr(
        sign_mnist.Run, "_epochs", lambda self, batches, _: seen.append(next(iter(batches))) or {}
    )
    drawn = np.full((8, 28, 28, 1), 255, np.uint8), np.arange(8)
    recipe = sign_mnist.Recipe(
        "baseline_cnn", 5, Variation(turn=3), thin=3, drawn=8, mixed=4, batch=16
    )
    run = sign_mnist.Run(recipe, data, 0, drawn)
    assert len(run.parts["train"][1]) == data.info.sizes["train"] // 3  # one copy of three
    assert len(run.parts["test"][1]) == data.info.sizes["test"]
    run.train()
    sign_mnist.Run(replace(recipe, photographs=False), data, 0, drawn).train()
    (mixed, _), (alone, _) = seen
    assert (mixed.numpy().min((1, 2, 3)) > 0.8).tolist() == [False] * 16 + [True] * 4
    assert alone.shape[0] == 16 and alone.numpy().min() > 0.8
