import numpy as np
import pytest

from asl_helpers import hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.confidence import TEMPERATURES
from asl_helpers.hand.masks import skeleton_mask
from asl_helpers.judge import judge, load_model
from asl_helpers.mask_recogniser import SIZE, mask_core, mask_recogniser
from asl_helpers.recognisers import CLASSES, load_recogniser
from asl_helpers.train_masks import calibrate, draw_masks


@pytest.fixture(scope="module")
def fresh():
    return mask_recogniser(mask_core(5, 32))


def test_both_masks_count_the_same(fresh):
    masks = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 2)).astype(np.float32)
    probs = fresh.predict(masks, verbose=0)
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(fresh.predict(masks[..., ::-1], verbose=0), probs, atol=1e-6)
    assert np.abs(probs - probs[:1]).max() > 0


def test_the_network_is_small_and_ends_in_a_linear_projection():
    core = mask_core(len(CLASSES))
    assert core.count_params() < 200_000
    assert core.output_shape == (None, len(CLASSES))
    assert any(layer.name.startswith("add") for layer in core.layers)


def test_masks_are_drawn_with_their_mirrors_and_repeatably():
    masks, labels = draw_masks(60, seed=3)
    again, _ = draw_masks(60, seed=3)
    np.testing.assert_array_equal(masks, again)
    assert masks.shape == (60, SIZE, SIZE, 2) and masks.dtype == np.uint8
    np.testing.assert_array_equal(masks[..., 1], masks[:, :, ::-1, 0])
    assert set(labels) <= set(range(len(CLASSES))) and len(set(labels)) > 12


def test_calibration_finds_a_temperature_and_a_threshold():
    temperature, threshold = calibrate(mask_core(len(CLASSES)), hands=64)
    assert temperature in TEMPERATURES and 0 < threshold < 1


def test_the_shipped_model_reads_drawn_hands_it_has_not_seen(tmp_path):
    model = load_model("masks")
    assert model.class_names == CLASSES and model.reads == "landmarks"
    points, labels = hand.sample_landmarks(STATIC_LETTERS, 480, seed=77)
    path = tmp_path / "drawn.npz"
    np.savez(path, landmarks=points, labels=np.array([STATIC_LETTERS[k] for k in labels]))
    assert judge(model, path).accuracy > 0.7


def test_the_shipped_model_does_not_care_which_hand():
    model = load_model("masks")
    right = landmarks.normalise(hand.sample_landmarks(STATIC_LETTERS, 48, seed=78)[0])
    left = right * np.array([-1, 1, 1], np.float32)
    assert skeleton_mask(right, SIZE).shape == (48, SIZE, SIZE, 2)
    np.testing.assert_allclose(model.probabilities(right), model.probabilities(left), atol=0.02)


def test_the_shipped_model_reads_landmarks_by_its_name():
    points = hand.pose("Y").image
    probs = load_recogniser("masks").predict(points)
    expected = load_model("masks").probabilities(landmarks.normalise(points))
    np.testing.assert_allclose(probs, expected, atol=1e-5)
