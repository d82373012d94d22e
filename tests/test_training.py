import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from keras import Input, Sequential, layers
from keras.callbacks import LambdaCallback

import asl_helpers as asl
from asl_helpers import training
from asl_helpers.training import TrainingError


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


def test_fit_with_the_same_seed_gives_the_same_weights():
    runs = []
    for seed in (3, 3, 4):
        training.set_seed(seed)
        model = tiny()
        training.fit(model, pair(bars()), epochs=2)
        runs.append(model.get_weights()[0])
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


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


def test_fit_accepts_batched_datasets():
    dataset = tf.data.Dataset.from_tensor_slices(bars()).batch(16)
    assert len(training.fit(tiny(), pair(dataset), epochs=1)) == 1


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((4, 6, 6, 1), np.uint8), [0, 1, 2, 0], "not normalised"),
        (np.zeros((4, 6, 5, 1), np.float32), [0, 1, 2, 0], r"model expects \(6, 6, 1\)"),
        (np.zeros((4, 6, 6), np.float32), [0, 1, 2, 0], r"model expects \(6, 6, 1\)"),
        (np.zeros((4, 6, 6, 1), np.float32), [0, 1, 3, 0], "outside 0-2"),
        (np.zeros((4, 6, 6, 1), np.float32), [0, -1, 2, 0], "outside 0-2"),
        (np.zeros((4, 6, 6, 1), np.float32), [0.0, 1.0, 2.0, 0.0], "labels are float64"),
        (np.zeros((4, 6, 6, 1), np.float32), [0, 1], "4 images but 2 labels"),
        (np.zeros((0, 6, 6, 1), np.float32), [], "split is empty"),
    ],
)
def test_fit_refuses_data_that_does_not_suit_the_model(images, labels, message):
    bad = (images, np.array(labels))
    with pytest.raises(TrainingError, match=message):
        training.fit(tiny(), pair(bad), epochs=1)


def test_fit_checks_the_validation_part_too():
    with pytest.raises(TrainingError, match="validation images are uint8"):
        training.fit(tiny(), pair(bars(), (np.zeros((3, 6, 6, 1), np.uint8), np.arange(3))))


def test_fit_names_single_images():
    single = tf.data.Dataset.from_tensor_slices(bars())
    with pytest.raises(TrainingError, match="not batches"):
        training.fit(tiny(), pair(single), epochs=1)


def test_fit_names_what_is_no_data_at_all():
    with pytest.raises(TrainingError, match="got int"):
        training.fit(tiny(), pair(7), epochs=1)


def test_a_bad_label_after_the_first_batch_is_named_too():
    images, labels = bars()
    labels[-1] = 24
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    with pytest.raises(TrainingError, match="outside 0-2"):
        training.fit(tiny(), pair(dataset), epochs=1)


def test_an_epoch_that_ends_early_is_an_error(monkeypatch):
    def cut_short(*_, **__):
        warnings.warn("Your input ran out of data; interrupting training.", stacklevel=1)

    model = tiny()
    monkeypatch.setattr(model, "fit", cut_short)
    with pytest.raises(TrainingError, match="before its announced size"):
        training.fit(model, pair(bars()), epochs=1)


def test_a_loss_that_is_no_number_ends_the_run():
    images, labels = bars()
    images[:] = np.nan
    with pytest.raises(TrainingError, match="loss became nan in epoch 1"):
        training.fit(tiny(), pair((images, labels)), epochs=5)


def loaded(n=40):
    """What asl.load returns, in small: unbatched uint8 images that carry their index."""
    images = np.arange(n, dtype=np.uint8)[:, None, None, None] * np.ones((6, 6, 1), np.uint8)
    split = tf.data.Dataset.from_tensor_slices((images, np.arange(n) % 3))
    info = SimpleNamespace(sizes={"train": n, "validation": n, "test": n})
    return SimpleNamespace(train=split, validation=split, test=split, info=info)


def halve(image):
    return tf.cast(image, tf.float32) / 2


def test_pipelines_preprocess_and_batch():
    ready = training.pipelines(loaded(), halve, batch_size=16)
    images, labels = next(iter(ready.test.as_numpy_iterator()))
    assert images.shape == (16, 6, 6, 1)
    assert images.dtype == np.float32
    assert images[:3, 0, 0, 0].tolist() == [0, 0.5, 1]
    assert labels.tolist()[:3] == [0, 1, 2]
    assert [len(part) for _, part in ready.test.as_numpy_iterator()] == [16, 16, 8]


def order(dataset):
    return np.concatenate([images[:, 0, 0, 0] for images, _ in dataset.as_numpy_iterator()])


def test_pipelines_shuffle_the_training_part_anew_each_epoch_and_lose_nothing():
    train = training.pipelines(loaded(), halve, seed=1).train
    first, second = order(train), order(train)
    assert not np.array_equal(first, second)
    assert sorted(first) == sorted(second) == [value / 2 for value in range(40)]
    assert np.array_equal(order(training.pipelines(loaded(), halve, seed=1).train), first)


def test_a_second_training_on_the_same_data_sees_the_same_order():
    data = asl.load("sign_language_mnist", limit=5, verbose=False)
    first, second = (order(training.pipelines(data, halve, seed=1).train) for _ in range(2))
    assert np.array_equal(first, second)


def test_pipelines_augment_the_training_part_only():
    ready = training.pipelines(loaded(), halve, augment=lambda image: image + 100)
    assert order(ready.train).min() >= 100
    assert order(ready.validation).max() < 100
    assert order(ready.test).max() < 100


def test_fit_calls_the_callbacks_that_it_is_given():
    seen = []
    watch = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, *sorted(logs))))
    training.fit(tiny(), pair(bars()), epochs=2, callbacks=[watch])
    assert seen == [(epoch, "accuracy", "loss", "val_accuracy", "val_loss") for epoch in (0, 1)]
