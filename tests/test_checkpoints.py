import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from asl_helpers import checkpoints, training
from asl_helpers.checkpoints import CheckpointError


def bars(n, seed):
    """Images with one bright row each: the row tells the class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.uniform(0, 0.7, (n, 6, 6, 1)).astype(np.float32)
    images[np.arange(n), labels * 2] += 0.3
    return images, labels


DATA = SimpleNamespace(train=bars(96, 0), validation=bars(30, 1))


def network(units=8):
    """Batch norm and dropout: both have state that a resumed run needs."""
    training.set_seed(5)
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dropout(0.4),
            layers.Dense(3),
        ]
    )


def run(folder, epochs, model=None, **options):
    model = model or network()
    options = {"learning_rate": 0.01, "batch_size": 16, "patience": 9} | options
    return model, checkpoints.fit(model, DATA, folder, epochs=epochs, **options)


def same(left, right):
    return all(
        np.array_equal(*pair) for pair in zip(left.get_weights(), right.get_weights(), strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole"), 5)


def test_it_learns_and_reports_as_training_fit_does(whole):
    model, history = whole
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert history.index.tolist() == [1, 2, 3, 4, 5]
    assert history["loss"].iloc[-1] < 0.7 * history["loss"].iloc[0]
    best = history.attrs["best_epoch"]
    assert best == history["val_loss"].idxmin() and history.attrs["resumed_after"] == 0
    assert model.evaluate(*DATA.validation, verbose=0)[0] == pytest.approx(
        history["val_loss"][best], rel=1e-4
    )


def test_a_resumed_run_is_the_same_run(whole, tmp_path):
    run(tmp_path, 2)
    model, history = run(tmp_path, 5)
    assert history.attrs["resumed_after"] == 2
    expected = whole[1].drop(columns="seconds")
    np.testing.assert_array_equal(history.drop(columns="seconds"), expected)
    assert same(model, whole[0])


def test_a_run_killed_in_the_middle_of_an_epoch_loses_that_epoch_only(whole, tmp_path):
    model = network()
    fit, calls = model.fit, []

    def killed(*args, **options):
        calls.append(1)
        logs = fit(*args, **options)  # the third epoch is trained, but never noted
        if len(calls) == 3:
            raise KeyboardInterrupt
        return logs

    model.fit = killed
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 5, model)
    resumed, history = run(tmp_path, 5)
    assert history.attrs["resumed_after"] == 2
    assert same(resumed, whole[0])


def test_the_seed_matters_and_so_do_the_dropout_masks(whole, tmp_path):
    other, _ = run(tmp_path, 5, seed=1)
    assert not same(other, whole[0])


def test_a_finished_run_trains_no_further(whole, tmp_path):
    run(tmp_path, 3)
    before = sorted(path.name for path in tmp_path.iterdir())
    _, history = run(tmp_path, 3)
    assert history.attrs["resumed_after"] == len(history) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert len(before) == 3  # the best state, the last one, and run.json


def test_patience_counts_over_the_interruption(tmp_path):
    images, labels = DATA.train
    # Validation labels are shifted: the better the training, the worse the validation.
    against = SimpleNamespace(train=DATA.train, validation=(images, (labels + 1) % 3))
    options = {"batch_size": 16, "learning_rate": 0.05, "patience": 2}
    checkpoints.fit(network(), against, tmp_path, epochs=2, **options)
    history = checkpoints.fit(network(), against, tmp_path, epochs=9, **options)
    assert len(history) == history.attrs["best_epoch"] + 2 < 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.02}, "another learning rate: 0.01 then, 0.02 now"),
        ({"batch_size": 32}, "another batch size: 16 then, 32 now"),
        ({"seed": 3}, "another seed: 0 then, 3 now"),
        ({"model": "wider"}, "another model"),
    ],
)
def test_another_run_is_refused(tmp_path, change, message):
    run(tmp_path, 1)
    model = network(9) if change.pop("model", None) else None
    with pytest.raises(CheckpointError, match=message):
        run(tmp_path, 2, model, **change)


def test_other_data_are_refused(tmp_path):
    run(tmp_path, 1)
    other = SimpleNamespace(train=bars(96, 7), validation=DATA.validation)
    with pytest.raises(CheckpointError, match="another data"):
        checkpoints.fit(network(), other, tmp_path, batch_size=16, learning_rate=0.01)


def test_damage_is_found(tmp_path):
    run(tmp_path, 1)
    state = tmp_path / json.loads((tmp_path / "run.json").read_text())["files"]["last"]["name"]
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 1
    state.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        run(tmp_path, 2)
    state.unlink()
    with pytest.raises(CheckpointError, match="missing"):
        run(tmp_path, 2)


@pytest.mark.parametrize("text", ["", '{"settings": 1', "[]", '{"settings": {}, "history": []}'])
def test_an_unreadable_state_is_named(tmp_path, text):
    run(tmp_path, 1)
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(CheckpointError, match="cannot be read"):
        run(tmp_path, 2)
