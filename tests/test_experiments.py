"""The record of chapter 10 without its trainings: what is run, chosen and kept."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import networks, sweeps
from benchmarks import experiments

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
    path = tmp_path_factory.mktemp("sweeps") / "runs.jsonl"

    def sweep(runs):
        return sweeps.run_sweep(runs, made_up, path, {"source": "none"}, verbose=False)

    found = {}
    for part in (experiments.experiments, experiments.batch_sizes, experiments.longer):
        found |= part(sweep)
    return found, sweeps.read_table(path)


def test_rates_are_chosen_on_validation_with_the_first_seed(done):
    found, _ = done
    assert found["chosen_rates"] == BEST
    assert found["chosen_batch_rates"] == {"16": 0.0003, "64": 0.001, "256": 0.003}
    rates = found["rates"]
    assert len(rates) == 20
    assert (rates["seed"] == 0).all() and (rates["split"] == 0).all()
    assert (rates.groupby("optimizer")["error"].apply(lambda e: (e != "").sum()) <= 1).all()


def test_each_chosen_setting_has_every_seed_with_a_split_of_its_own(done):
    found, _ = done
    compared = {
        "optimizers": "optimizer",
        "batch_equal_epochs": "batch_size",
        "batch_equal_steps": "batch_size",
        "augmentation": "augmentation",
    }
    for name, settings in compared.items():
        for _, group in found[name].groupby(settings):
            assert group["seed"].tolist() == list(experiments.SEEDS), name
            assert group["split"].tolist() == list(experiments.SEEDS), name
            assert group["rate"].nunique() == 1
    assert set(found["batch_equal_epochs"]["rate"]) == {experiments.SHARED_RATE}


def test_one_thing_changes_at_a_time(done):
    found, _ = done
    common = ["optimizer", "rate", "batch_size", "augmentation", "epochs", "split"]
    for name, changes in (
        ("optimizers", {"optimizer", "rate", "split"}),
        ("batch_equal_epochs", {"batch_size", "split"}),
        ("batch_equal_steps", {"batch_size", "epochs", "rate", "split"}),
        ("same_split", set()),
        ("augmentation", {"augmentation", "split"}),
    ):
        counts = found[name][common].nunique()
        assert set(counts.index[counts > 1]) == changes, name
    assert found["augmentation"]["augmentation"].unique().tolist() == list(
        experiments.AUGMENTATIONS
    )
    assert len(found["same_split"]) == 5


def test_the_longer_runs_differ_from_the_others_in_their_epochs_alone(done):
    found, _ = done
    longer, shorter = found["longer"], found["augmentation"]
    same = ["optimizer", "rate", "batch_size", "augmentation", "split", "seed"]
    assert len(longer) == len(pd.merge(longer[same], shorter[same])) == 6
    assert longer["epochs"].unique().tolist() == [2 * shorter["epochs"][0]]


def test_equal_steps_are_equal():
    pictures = 24 * experiments.LIMIT * 0.7
    steps = [np.ceil(pictures / size) * n for size, n in experiments.EQUAL_STEPS.items()]
    assert max(steps) / min(steps) < 1.05


def test_no_run_is_made_twice(done):
    found, every = done
    settings = ["optimizer", "rate", "batch_size", "augmentation", "epochs", "split", "seed"]
    assert not every.duplicated(settings).any()
    shared = pd.merge(found["rates"], found["optimizers"], on=settings)
    assert len(shared) == 4


def test_a_table_goes_into_the_record_as_json(done):
    rows = experiments.rows(done[0]["rates"])
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    failed = [row for row in rows if row["error"]]
    assert failed and all(row["val_loss"] is None for row in failed)
    assert {row["rate"] for row in rows} >= {0.0001, 0.0003, 1.0}


@pytest.fixture(scope="module")
def upright():
    images = np.zeros((200, 28, 28, 1), np.float32)
    images[:, :14] = 1.0  # bright above
    return images


def varied(images, name):
    made = experiments.batches(images, np.arange(len(images)), 200, name, seed=3)
    shown, order = next(iter(made))
    return shown.numpy(), order.numpy()


def test_pictures_are_varied_as_their_name_says(upright):
    np.testing.assert_array_equal(varied(upright, "none")[0], upright)
    for name in ("warp", "warp, mirror"):
        shown = varied(upright, name)[0]
        assert not np.allclose(shown, upright)
        assert (shown[:, 4:8, 10:18].mean(axis=(1, 2, 3)) > 0.9).all(), "the top stays on top"
    over = varied(upright, "warp, upside down")[0][:, 4:8, 10:18].mean(axis=(1, 2, 3))
    assert 0.35 < (over < 0.1).mean() < 0.65


def test_half_of_the_pictures_are_mirrored_only_where_it_says_so(upright):
    sides = upright.swapaxes(1, 2)
    for name, low, high in (("warp", 0.0, 0.0), ("warp, mirror", 0.35, 0.65)):
        shown = varied(sides, name)[0][:, 10:18, 4:8].mean(axis=(1, 2, 3))
        assert low <= (shown < 0.1).mean() <= high


def test_each_epoch_has_an_order_of_its_own(upright):
    made = experiments.batches(upright, np.arange(200), 200, "none", seed=3)
    first, second = (next(iter(made))[1].numpy() for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(200))
    assert (first != second).any() and (first != np.arange(200)).any()


class LeftOrRight(keras.Model):
    """Reads the first class where the left half is the brighter one."""

    def call(self, images):
        left, right = images[:, :, :14], images[:, :, 14:]
        gap = tf.reduce_mean(left, axis=(1, 2, 3)) - tf.reduce_mean(right, axis=(1, 2, 3))
        return tf.stack([10 * gap, -10 * gap], axis=1)


def test_the_mirrored_test_part_exchanges_left_and_right():
    images = np.zeros((6, 28, 28, 1), np.uint8)
    images[:4, :, :14] = 200
    images[4:, :, 14:] = 200

    class Data:
        class info:
            class_names = ("left", "right")

        def arrays(self, part):
            assert part == "test"
            return images, np.array([0, 0, 0, 0, 1, 0])

    found = experiments.test_scores(LeftOrRight(), Data())
    assert found == pytest.approx({"test_accuracy": 5 / 6, "mirrored_accuracy": 1 / 6})
    assert images[0, 0, 0, 0] == 200, "the pictures stay as they are"


def test_the_trainer_trains_the_network_it_is_asked_for(monkeypatch):
    data = asl.load("sign_language_mnist", limit=6, verbose=False)
    monkeypatch.setattr(networks, "baseline_cnn", lambda shape, classes: tiny(shape, classes))
    train = experiments.trainer(lambda split: data)
    run = {"optimizer": "Adam", "rate": 0.01, "batch_size": 32, "augmentation": "warp, mirror"}
    first, again = (train(**run, epochs=2, split=0, seed=1) for _ in range(2))
    assert first.keys() == {
        "val_loss", "val_accuracy", "test_accuracy", "mirrored_accuracy", "train_loss",
        "best_epoch",
    }  # fmt: skip
    assert first == again, "the same seed, the same scores"


def tiny(shape, classes):
    return keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(classes)]
    )
