from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from keras import Input, Sequential, layers
from keras.callbacks import LambdaCallback

import asl_helpers as asl
from asl_helpers import training
from asl_helpers.errors import AslError


def tiny(classes=3, shape=(6, 6, 1)):
    return Sequential([Input(shape), layers.Flatten(), layers.Dense(classes)])


def bars(n=90, classes=3, seed=0):
    """Images with one bright row each: the row tells the class, so a linear model learns it."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    images = rng.uniform(0, 0.2, (n, 6, 6, 1)).astype(np.float32)
    images[np.arange(n), labels * 2] += 1
    return images, labels


def pair(train, validation=None):
    return SimpleNamespace(train=train, validation=validation or train)


def test_fit_learns_and_returns_a_plain_history():
    training.set_seed(0)
    model = tiny()
    history = training.fit(model, pair(bars(), bars(30, seed=1)), epochs=6, learning_rate=0.05)
    assert list(history.columns) == ["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert history.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert history["val_accuracy"].iloc[-1] == 1
    assert (history["seconds"] > 0).all()


def test_fit_stops_early_and_keeps_the_best_weights():
    training.set_seed(0)
    images, labels = bars()
    model = tiny()
    # Validation labels are shifted: the better the training, the worse the validation.
    wrong = (images, (labels + 1) % 3)
    history = training.fit(
        model, pair((images, labels), wrong), epochs=20, patience=2, learning_rate=0.05
    )
    best = history.attrs["best_epoch"]
    assert best == history["val_loss"].idxmin()
    assert len(history) == best + 2
    kept = model.evaluate(*wrong, verbose=0)[0]
    assert kept == pytest.approx(history["val_loss"][best], rel=1e-4)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((4, 6, 6, 1), np.uint8), [0, 1, 2, 0], "not normalized"),
        (np.zeros((4, 6, 6, 1), np.float32), [0, 1, 3, 0], "outside 0-2"),
        (np.zeros((4, 6, 6, 1), np.float32), [0, -1, 2, 0], "outside 0-2"),
    ],
)
def test_fit_names_what_keras_would_not_in_arrays_and_in_later_batches(images, labels, message):
    arrays = images, np.array(labels)
    for data in (arrays, tf.data.Dataset.from_tensor_slices(arrays).batch(1)):
        with pytest.raises(AslError, match=message):
            training.fit(tiny(), pair(data), epochs=1)


def test_a_loss_that_is_no_number_ends_the_run():
    images, labels = bars()
    images[:] = np.nan
    with pytest.raises(AslError, match="loss became nan in epoch 1"):
        training.fit(tiny(), pair((images, labels)), epochs=5)


def test_fit_calls_the_callbacks_that_it_is_given():
    seen = []
    watch = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, *sorted(logs))))
    training.fit(tiny(), pair(bars()), epochs=2, callbacks=[watch])
    assert seen == [(epoch, "accuracy", "loss", "val_accuracy", "val_loss") for epoch in (0, 1)]


# Pipelines


@pytest.fixture(scope="module")
def data():
    return asl.load("sign_language_mnist", limit=5, verbose=False)


def halve(image):
    return tf.cast(image, tf.float32) / 2


def images_of(dataset):
    return np.concatenate([images for images, _ in dataset.as_numpy_iterator()])


def test_pipelines_preprocess_and_batch(data):
    batches = list(training.pipelines(data, halve, batch_size=16).test.as_numpy_iterator())
    expected, labels = data.arrays("test")
    np.testing.assert_array_equal(np.concatenate([images for images, _ in batches]), expected / 2)
    np.testing.assert_array_equal(np.concatenate([part for _, part in batches]), labels)
    assert [len(part) for _, part in batches] == [16, len(labels) - 16]
    assert batches[0][0].dtype == np.float32


def test_pipelines_shuffle_anew_each_epoch_and_in_the_same_order_for_a_second_training(data):
    train = training.pipelines(data, halve, seed=1).train
    first, second = images_of(train), images_of(train)
    assert not np.array_equal(first, second)
    whole = data.arrays("train")[0] / 2
    for epoch in (first, second):
        assert sorted(image.tobytes() for image in epoch) == sorted(
            image.astype(np.float32).tobytes() for image in whole
        )
    assert np.array_equal(images_of(training.pipelines(data, halve, seed=1).train), first)


# Runs that survive an interruption


def mixed_bars(n, seed):
    """Rows that tell the class less clearly, so that it takes some epochs to learn them."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.uniform(0, 0.7, (n, 6, 6, 1)).astype(np.float32)
    images[np.arange(n), labels * 2] += 0.3
    return images, labels


DATA = SimpleNamespace(train=mixed_bars(96, 0), validation=mixed_bars(30, 1))


def network(units=8):
    """Batch norm and dropout: both have state that a resumed run needs."""
    training.set_seed(5)
    return Sequential(
        [
            Input((6, 6, 1)),
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
    return model, training.fit(model, DATA, epochs, folder=folder, **options)


def same(left, right):
    return all(
        np.array_equal(*pair) for pair in zip(left.get_weights(), right.get_weights(), strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole"), 5)


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


def test_a_finished_run_trains_no_further(tmp_path):
    first, _ = run(tmp_path, 3)
    again, history = run(tmp_path, 3)
    assert history.attrs["resumed_after"] == len(history) == 3
    assert same(first, again)
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_patience_counts_over_the_interruption(tmp_path):
    images, labels = DATA.train
    # Validation labels are shifted: the better the training, the worse the validation.
    against = SimpleNamespace(train=DATA.train, validation=(images, (labels + 1) % 3))
    options = {"batch_size": 16, "learning_rate": 0.05, "patience": 2}
    training.fit(network(), against, 2, folder=tmp_path, **options)
    history = training.fit(network(), against, 9, folder=tmp_path, **options)
    assert len(history) == history.attrs["best_epoch"] + 2 < 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.02}, "another learning rate: 0.01 then, 0.02 now"),
        ({"batch_size": 32}, "another batch size: 16 then, 32 now"),
        ({"seed": 3}, "another seed: 0 then, 3 now"),
        ({"model": 9}, "another model"),
        ({"data": 7}, "another data"),
    ],
)
def test_another_run_is_refused(tmp_path, monkeypatch, change, message):
    run(tmp_path, 1)
    model = network(change.pop("model", 8))
    if "data" in change:
        monkeypatch.setattr(DATA, "train", mixed_bars(96, change.pop("data")))
    with pytest.raises(AslError, match=message):
        run(tmp_path, 2, model, **change)


def test_a_damaged_state_is_named(tmp_path):
    run(tmp_path, 1)
    path = tmp_path / "run.npz"
    content = path.read_bytes()
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1
    for damaged in (bytes(changed), content[:2000], b""):
        path.write_bytes(damaged)
        with pytest.raises(AslError, match=r"run\.npz is damaged .* Delete the folder"):
            run(tmp_path, 2)
