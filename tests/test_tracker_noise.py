import measure_tracker
import numpy as np
import pytest

from asl_helpers import hand, landmarks
from asl_helpers.files import project_data
from asl_helpers.hand import tracker_noise
from asl_helpers.hand.tracker_noise import ERROR_STEP, POSE_STEP, add_tracker_noise

LETTERS = "ABCDEFGHIKLMNOPQRSTUVWXY"
QUIET = {"measured": False, "jitter": 0, "flip": 0, "stretch": 0}


@pytest.fixture(scope="module")
def points():
    return hand.sample_landmarks(LETTERS, 480, seed=5)[0]


@pytest.fixture
def noisy(monkeypatch):
    """Return a function that adds noise of which only what a test asks for is switched on."""

    def add(points, depth=0, swap=0, collapse=0, **options):
        sizes = {"_DEPTH": depth, "_SWAP": swap, "_COLLAPSE": collapse}
        for name, value in sizes.items():
            monkeypatch.setattr(tracker_noise, name, value)
        return add_tracker_noise(points, np.random.default_rng(3), **{**QUIET, **options})

    return add


def test_noise_is_repeatable_and_leaves_its_input_alone(points, noisy):
    before = points.copy()
    one, same = (add_tracker_noise(points, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(points, before)
    assert one.dtype == np.float32 and np.isfinite(one).all()
    np.testing.assert_allclose(noisy(points), points, atol=1e-6)


def test_jitter_has_the_asked_size(points, noisy):
    one, two = (np.abs(noisy(points, jitter=size) - points)[:, 1:, :2] for size in (0.02, 0.04))
    assert two.mean() / one.mean() == pytest.approx(2, rel=0.01)


def test_swapped_fingers_change_places(points, noisy):
    swapped = noisy(points, swap=1)
    np.testing.assert_allclose(np.sort(swapped, axis=1), np.sort(points, axis=1), atol=1e-6)
    assert (np.abs(swapped - points).max(axis=(1, 2)) > 0).all()


def test_a_collapsed_finger_moves_towards_a_neighbour(points, noisy):
    moved = np.abs(noisy(points, collapse=1) - points).max(axis=2) > 1e-6
    assert (moved[:, [0, 1, 5, 9, 13, 17]] == 0).all()
    assert (moved.sum(axis=1) == 3).mean() > 0.95


def test_a_flip_turns_depth_inside_out(points, noisy):
    flipped = noisy(points, flip=1)
    np.testing.assert_allclose(flipped[..., 2], -points[..., 2], atol=1e-6)
    score = landmarks.right_handedness(points)
    np.testing.assert_allclose(landmarks.right_handedness(flipped), -score, atol=1e-5)


def test_stretch_changes_heights_only(points, noisy):
    stretched = noisy(points, stretch=0.5)
    np.testing.assert_allclose(stretched[..., [0, 2]], points[..., [0, 2]], atol=1e-6)
    tall, before = (np.ptp(each[..., 1], axis=1) for each in (stretched, points))
    assert np.std(np.log(tall / before)) == pytest.approx(0.5, rel=0.15)


def test_measured_errors_are_those_of_hands_alike(noisy):
    with np.load(project_data() / "samples" / "tracker_errors.npz") as file:
        pose, error = POSE_STEP * file["pose"], ERROR_STEP * file["error"]
    assert pose.shape == error.shape and len(pose) > 1000
    hands = pose[:300].astype(np.float32)
    got = (noisy(hands, measured=True) - hands).reshape(len(hands), -1)
    # A hand of the table is its own nearest: about one in six gets its very own errors.
    own = np.abs(got - error[:300].reshape(len(hands), -1)).max(axis=1) < 0.05
    assert 0.08 < own.mean() < 0.3


def test_measured_errors_of_a_left_hand_are_mirrored(points, noisy):
    mirror = np.array([-1, 1, 1], np.float32)
    right = points - points[:, :1]
    one, other = (noisy(each, measured=True) for each in (right, right * mirror))
    np.testing.assert_allclose(other, one * mirror, atol=1e-5)


def test_the_trackers_depth_is_shallower_than_geometry(points, noisy):
    hands = points, noisy(points, measured=True)
    true, tracked = ((each - each[:, :1])[:, landmarks.MCPS, 2].ravel() for each in hands)
    slope = np.polyfit(true, tracked, 1)[0]
    assert 0.3 < slope < 0.8


def test_errors_are_measured_on_the_hands_that_were_found(points):
    true = points[:4]
    tracked = true + np.array([0.01, -0.02, 0.03], np.float32)
    tracked[:, 0] = true[:, 0]
    tracked[2] = np.nan
    table = measure_tracker.errors(true, tracked)
    assert table["pose"].shape == (3, 21, 3) and table["error"].dtype == np.int8
    kept = true[[0, 1, 3]] - true[[0, 1, 3], :1]
    palm = np.sqrt((kept[:, landmarks.MCPS] ** 2).sum(axis=-1).mean(axis=1))
    down = ERROR_STEP * table["error"][:, 5, 1]
    np.testing.assert_allclose(down, -0.02 / palm, atol=ERROR_STEP)
