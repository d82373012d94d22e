"""Sampled hands: repeatable, mirrored by handedness, in the picture, with fingers apart."""

import numpy as np
import pytest

from asl_helpers import alphabet, hand
from asl_helpers.hand import body, sampling

CLASSES = [name for name in alphabet.KAGGLE_CLASSES if name != "nothing"]


@pytest.fixture(scope="module")
def batch():
    return hand.sample_hands(CLASSES, 1400, seed=3)


def test_letters_sides_and_tones_are_shared_out(batch):
    assert batch.joints.shape == batch.image.shape == (1400, 21, 3)
    np.testing.assert_array_equal(np.bincount(batch.label), 50)
    assert set(batch.side) == {"left", "right"}
    assert batch.skin.min() == 0
    assert batch.skin.max() == 9


def test_hands_are_whole_in_the_picture_and_the_wrist_has_depth_zero(batch):
    low = batch.image[..., :2] - batch.radius[..., None]
    high = batch.image[..., :2] + batch.radius[..., None]
    assert low.min() > -1e-3
    assert high.max() < 1 + 1e-3
    np.testing.assert_array_equal(batch.image[:, 0, 2], 0)


def test_no_finger_passes_through_another(monkeypatch):
    rng = np.random.default_rng(0)
    _, base, _, crowd = sampling.cast(CLASSES, 2800, rng, signers=200)
    person = np.arange(2800) % 200
    worst = {}
    for name in ("careless", "careful"):
        if name == "careless":
            monkeypatch.setattr(body, "CALM", (1.0,))
            monkeypatch.setattr(body, "_NUDGES", 0)
        else:
            monkeypatch.undo()
        joints = body.form(base, crowd[person], rng)
        worst[name] = body.overlap(joints, crowd.flesh[person]).max(axis=1)
    assert (worst["careless"] > body.GIVE).mean() > 0.1
    assert (worst["careful"] > body.GIVE).mean() < 0.03
    assert (worst["careful"] > 0.7).mean() < 0.002


def test_a_left_hand_is_the_mirror_image_of_a_right_one():
    right, left = (hand.pose("K", side=side) for side in ("right", "left"))
    np.testing.assert_allclose(left.joints * [-1, 1, 1], right.joints, atol=1e-6)
    np.testing.assert_allclose(1 - left.image[..., 0], right.image[..., 0], atol=1e-5)
    assert left.side.tolist() == ["left"]
    every = hand.sample_hands("AB", 40, left_share=1.0)
    assert set(every.side) == {"left"}


def test_the_signer_sees_the_back_of_the_hand_that_shows_the_viewer_its_palm():
    viewer, signer = (hand.pose("B", view=view) for view in ("viewer", "signer"))
    assert viewer.image[0, 5, 0] > viewer.image[0, 17, 0]  # index finger on the right
    assert signer.image[0, 5, 0] < signer.image[0, 17, 0]
    np.testing.assert_allclose(viewer.joints * [-1, 1, -1], signer.joints, atol=1e-5)


def test_without_any_randomness_all_hands_of_a_letter_are_one():
    off = dict.fromkeys(("people", "ways", "jitter", "views", "perspective"), False)
    calm = hand.sample_hands("L", 20, left_share=0, **off)
    assert np.ptp(calm.joints, axis=0).max() < 1e-6
    for switch in off:  # each one makes a difference by itself
        some = hand.sample_hands("A", 20, left_share=0, **(off | {switch: True}))
        assert max(np.ptp(some.joints, axis=0).max(), np.ptp(some.radius, axis=0).max()) > 1e-3
