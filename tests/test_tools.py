"""The tools that make the shipped weights: each learns on few drawings, and calibrates."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from asl_helpers import classifier
from asl_helpers.hand.film import sample_windows
from asl_helpers.hand.tracker_noise import NEGATIVES, sample_tracked
from asl_helpers.strokes import FEATURES, features
from asl_helpers.training import fit_drawn
from tools import pretrain_backbone as pretraining
from tools import recipe, train_landmarks, train_masks, train_strokes


def test_tracked_hands_hold_negatives_and_mirror_images():
    points, labels = sample_tracked(200, seed=4)
    assert points.shape == (200, 21, 3)
    assert (labels == 24).sum() == int(NEGATIVES * 200)
    assert np.array_equal(sample_tracked(200, seed=4)[0], points)


def test_a_training_draws_each_epoch_anew(monkeypatch):
    import keras

    drawn = []

    def draw(epoch):
        drawn.append(epoch)
        labels = np.arange(40) % 2
        return np.eye(2, dtype=np.float32)[labels], labels

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    fit_drawn(model, draw, epochs=30, steps=4, batch_size=8, learning_rate=0.1, smoothing=0.0)
    assert drawn == list(range(30))
    assert (model.predict(np.eye(2), verbose=0).argmax(axis=1) == [0, 1]).all()


def test_the_landmark_model_learns_and_is_shipped_with_its_card(tmp_path):
    core = train_landmarks.train(seed=1, epochs=2, hands=4096)
    points, labels = sample_tracked(500, seed=50)
    probs = classifier.landmark_model(core).predict(points, verbose=0)
    assert (probs.argmax(axis=1) == labels).mean() > 0.5
    calibrated = train_landmarks.calibrate(core, hands=400)
    card = recipe.ship(core, "landmarks", classifier.CLASSES, calibrated, "few", tmp_path)
    assert json.loads((tmp_path / "landmarks.json").read_text()) == card
    opened = classifier.load("landmarks", tmp_path)
    assert opened.threshold == pytest.approx(calibrated[1], abs=1e-4)


def test_the_mask_model_learns_from_one_side_of_each_mask():
    masks, _ = train_masks.draw_masks(8, seed=0)
    size = classifier.MASK_SIZE
    assert masks.shape == (8, size, size, 2) and masks.dtype == np.uint8
    core = train_masks.train(epochs=1, hands=256)
    temperature, threshold = train_masks.calibrate(core, hands=40)
    assert temperature > 0 and 0 < threshold < 1


def test_the_model_of_strokes_learns_on_few_windows():
    core = train_strokes.train(seed=1, epochs=4, windows=2560)
    tracks, seen, labels = sample_windows(400, seed=50)
    logits = core.predict(features(tracks, seen), verbose=0)
    assert (logits.argmax(axis=1) == labels).mean() > 0.75
    temperature, threshold = train_strokes.calibrate(core, windows=400)
    assert 0.3 <= temperature <= 4
    assert 0.5 <= threshold <= 1


def test_windows_are_mirrored_in_every_x_and_what_was_seen_stays():
    inputs = np.ones((200, 29, FEATURES), np.float32)
    changed = train_strokes.augmented(inputs, np.random.default_rng(0))
    mirrored = changed[:, 0, 0] < 0
    assert 0.3 < mirrored.mean() < 0.7
    assert (np.sign(changed[:, :, 40:46:2]) == np.where(mirrored, -1, 1)[:, None, None]).all()
    assert (changed[..., 1:46:2] > 0).all()
    np.testing.assert_array_equal(changed[..., 46], 1)


# The backbone of drawn hands


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Draw 40 images per chunk instead of 2,000."""
    monkeypatch.setattr(pretraining, "CHUNK", 40)
    return tmp_path


def test_chunks_are_drawn_once_and_each_epoch_shows_an_image_at_most_once(folder, monkeypatch):
    images, labels = pretraining.drawn_chunk(1, folder)
    assert images.shape == (40, 96, 96, 3) and set(labels) <= set(range(29))
    assert not np.array_equal(images, pretraining.drawn_chunk(0, folder)[0])
    monkeypatch.setattr(pretraining.hand, "sample_images", lambda *_, **__: pytest.fail("drawn"))
    np.testing.assert_array_equal(pretraining.drawn_chunk(1, folder)[0], images)
    twice = list(pretraining.batches(folder, chunks=2, epochs=2, seed=0))
    assert len(twice) == 4  # 32 of each chunk's 40: the rest waits for another order
    epoch = np.concatenate([images for images, _ in twice[:2]])
    assert len(np.unique(epoch.reshape(len(epoch), -1), axis=0)) == len(epoch)
    assert not np.array_equal(twice[2][0], twice[0][0])
    assert len(list(pretraining.batches(folder, chunks=2, epochs=0.5, seed=0))) == 1


def test_last_chunk_is_held_out(monkeypatch):
    labels = np.arange(40) % 29
    answers = np.eye(29)[labels]
    answers[:10] = np.roll(answers[:10], 1, axis=1)  # ten wrong answers
    chunks = {pretraining.CHUNKS - 1: (np.zeros((40, 96, 96, 3), np.uint8), labels)}
    monkeypatch.setattr(pretraining, "drawn_chunk", lambda number, folder: chunks[number])
    model = SimpleNamespace(predict=lambda *_, **__: answers)
    assert pretraining.held_out_accuracy(model) == 0.75
