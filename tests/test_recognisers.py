"""The recogniser: reads either hand, any place and size; loads only what its card describes."""

import json

import keras
import numpy as np
import pytest

from asl_helpers import files, hand, landmarks, recognisers, train_recogniser
from asl_helpers.hand import sampling


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    core = recognisers.landmark_core()
    return recognisers.landmark_recogniser(core, temperature=0.8)


@pytest.fixture(scope="module")
def points():
    return hand.sample_landmarks("ABLY", 16, seed=2)[0]


@pytest.fixture
def shipped(tmp_path, model):
    model.save(tmp_path / "landmarks.keras")
    card = {
        "classes": list(recognisers.CLASSES),
        "threshold": 0.5,
        "sha256": files.sha256(tmp_path / "landmarks.keras"),
    }
    (tmp_path / "landmarks.json").write_text(json.dumps(card))
    return tmp_path


def test_it_is_small_and_gives_probabilities(model, points):
    assert model.count_params() < 200_000
    probs = model.predict(points, verbose=0)
    assert probs.shape == (16, 25)
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-5)


def test_mirror_place_size_and_depth_do_not_matter(model, points):
    probs = model.predict(points, verbose=0)
    changed = points * [-0.3, 0.3, 7.0] + [2.0, -1.0, 0.5]
    np.testing.assert_allclose(model.predict(changed, verbose=0), probs, atol=1e-4)


def test_a_hand_without_any_size_gives_numbers(model):
    assert np.isfinite(model.predict(np.zeros((1, 21, 3), np.float32), verbose=0)).all()


def test_temperature_sharpens_without_changing_the_core(points):
    core = recognisers.landmark_core()
    cold, warm = (
        recognisers.landmark_recogniser(core, t).predict(points, verbose=0) for t in (0.2, 2.0)
    )
    assert (cold.max(axis=1) > warm.max(axis=1)).all()


def test_the_shipped_recogniser_fits_its_card_and_reads_new_drawn_hands():
    recogniser = recognisers.load_recogniser("landmarks")
    assert recogniser.classes == recognisers.CLASSES
    points, labels = train_recogniser.draw(2000, seed=123_456)
    assert (recogniser.predict(points).argmax(axis=1) == labels).mean() > 0.8


def test_saved_loaded_and_read(shipped, points):
    recogniser = recognisers.load_recogniser("landmarks", shipped)
    assert recogniser.predict(points).shape == (16, 25)
    assert recogniser.predict(points[:0]).shape == (0, 25)
    recogniser.threshold = 1.1
    assert recogniser.read(points) == [None] * 16
    recogniser.threshold = 0.0
    letters = recogniser.read(points)
    expected = [recogniser.classes[i] for i in recogniser.predict(points).argmax(axis=1)]
    assert letters == [None if name == "none" else name for name in expected]
    with pytest.raises(landmarks.LandmarkError):
        recogniser.predict(points[:, :20])


def test_unknown_and_damaged_recognisers_are_refused(shipped):
    with pytest.raises(recognisers.RecogniserError, match="Did you mean 'landmarks'"):
        recognisers.load_recogniser("landmark", shipped)
    with (shipped / "landmarks.keras").open("ab") as file:
        file.write(b"x")
    with pytest.raises(files.FilesError, match="damaged"):
        recognisers.load_recogniser("landmarks", shipped)


def test_training_hands_are_repeatable_mirrored_and_hold_negatives():
    points, labels = train_recogniser.draw(500, seed=1)
    again, _ = train_recogniser.draw(500, seed=1)
    np.testing.assert_array_equal(points, again)
    assert points.shape == (500, 21, 3)
    counts = np.bincount(labels, minlength=25)
    assert counts[24] == int(500 * train_recogniser.NEGATIVES)
    assert counts[:24].min() >= 18


def test_a_few_hundred_drawn_hands_teach_it_something():
    core = train_recogniser.train(seed=0, epochs=2, hands=10_240)
    points, labels = train_recogniser.draw(1000, seed=77)
    best = recognisers.one_sided(core).predict(points, verbose=0).argmax(axis=1)
    assert (best == labels).mean() > 0.5


def test_negatives_are_repeatable_and_far_from_letters():
    hands = sampling.sample_negatives(80, seed=3)
    assert len(hands) == 80
    np.testing.assert_array_equal(hands.image, sampling.sample_negatives(80, seed=3).image)
    assert len(sampling.sample_negatives(0)) == 0
    _, random, between = sampling._kinds(80, np.random.default_rng(0))
    letters = np.stack([row.angles for row in hand.POSES if row.name not in ("space", "del")])
    for angles, wrist in (random, between):
        assert len(angles) == len(wrist)
        from_letters = np.abs(angles[:, None] - letters).max(axis=2).min(axis=1)
        assert from_letters.min() > 5
