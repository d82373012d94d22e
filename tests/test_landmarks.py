import numpy as np
import pytest

from asl_helpers import hand, landmarks
from asl_helpers.errors import AslError

LETTERS = "ABCDEFGHIKLMNOPQRSTUVWXY"


@pytest.fixture(scope="module")
def points():
    return hand.sample_landmarks(LETTERS, 480, seed=5)[0]


def mirrored(points):
    return points * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)


def test_normalised_hands_start_at_the_wrist_with_a_palm_of_one(points):
    normalised = landmarks.normalise(points)
    assert normalised.shape == points.shape and normalised.dtype == np.float32
    np.testing.assert_allclose(normalised[:, 0], 0)
    palm = (normalised[:, landmarks.MCPS] ** 2).sum(axis=-1).mean(axis=1)
    np.testing.assert_allclose(palm, 1, rtol=1e-4)


def test_the_palm_length_is_the_knuckles_root_mean_square_distance_from_the_wrist():
    joints = np.full((21, 2), 5.0)  # the wrist, and joints that do not count
    joints[list(landmarks.MCPS)] = [[5, 6], [5, 6], [8, 9], [5, 10]]  # 1, 1, 5 and 5 away
    assert landmarks.palm_length(joints) == pytest.approx(np.sqrt(13))
    many = np.stack([joints, 2 * joints, joints + 1])
    np.testing.assert_allclose(landmarks.palm_length(many), np.sqrt(13) * np.array([1, 2, 1]))


def test_place_size_and_side_of_a_hand_do_not_matter(points):
    moved = 0.4 * points + np.array([0.3, -0.1, 0.0], np.float32)
    before, expected = points.copy(), landmarks.normalise(points)
    for same in (moved, points - points[:, :1], mirrored(points)):
        np.testing.assert_allclose(landmarks.normalise(same), expected, atol=1e-4)
    np.testing.assert_array_equal(points, before)


def test_the_hand_is_read_from_the_points():
    batch = hand.sample_hands(LETTERS, 480, seed=6, left_share=0.5)
    right = landmarks.right_handedness(batch.image) > 0
    assert set(batch.side) == {"left", "right"}
    assert (right == (batch.side == "right")).mean() > 0.97
    np.testing.assert_allclose(
        landmarks.right_handedness(mirrored(batch.image)),
        -landmarks.right_handedness(batch.image),
        atol=1e-5,
    )


@pytest.mark.parametrize("aspect", [0.6, 1.0, 1.8])
def test_a_lost_aspect_is_found_again(points, aspect):
    squeezed = points / np.array([1, aspect, 1], np.float32)
    found = landmarks.estimate_aspect(squeezed)
    assert abs(np.median(np.log(found / aspect))) < 0.15
    assert np.median(np.abs(np.log(found / aspect))) < 0.25


def test_a_known_aspect_is_undone_exactly(points):
    aspects = np.linspace(0.5, 2, len(points)).astype(np.float32)
    squeezed = points.copy()
    squeezed[..., 1] /= aspects[:, None]
    np.testing.assert_allclose(
        landmarks.normalise(squeezed, aspects), landmarks.normalise(points, 1.0), atol=1e-4
    )


def test_features_do_not_see_depth(points):
    normalised = landmarks.normalise(points)
    deeper = normalised * np.array([1, 1, 5], np.float32)
    np.testing.assert_array_equal(landmarks.features(deeper), landmarks.features(normalised))


def test_features_measure_who_touches_whom():
    ring = landmarks.features(landmarks.normalise(hand.pose("F").image))[0, 40:]
    apart = landmarks.features(landmarks.normalise(hand.pose("L").image))[0, 40:]
    thumb_to_index = landmarks.PAIRS.index((4, 8))
    assert ring[thumb_to_index] < 0.3 < 0.8 < apart[thumb_to_index]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((21, 3)), "shape"),
        (np.zeros((2, 20, 3)), "shape"),
        (np.zeros((2, 21, 3), dtype=object), "object"),
        (np.full((2, 21, 3), np.nan), "NaN"),
    ],
)
def test_unusable_points_are_named(bad, words):
    with pytest.raises(AslError, match=words):
        landmarks.normalise(bad)


def test_usable_finds_the_rows_that_can_be_read(points):
    rows = points[:4].copy()
    rows[1, 3, 0] = np.nan
    rows[2] = 0
    np.testing.assert_array_equal(landmarks.usable(rows), [True, False, False, True])


def test_masks_are_mirror_pictures_that_fit(points):
    masks = hand.skeleton_mask(landmarks.normalise(points[:8]), 48)
    assert masks.shape == (8, 48, 48, 2) and masks.dtype == np.uint8
    np.testing.assert_array_equal(masks[..., 1], masks[:, :, ::-1, 0])
    assert (masks[:, 0] == 0).all() and (masks[:, :, 0] == 0).all()
    share = (masks[..., 0] > 0).mean(axis=(1, 2))
    assert share.min() > 0.03 and share.max() < 0.4


def test_a_mask_draws_the_bones_where_they_are():
    points = np.zeros((1, 21, 3), np.float32)
    points[0, 5:9, 1] = -np.arange(1, 5)  # the index finger straight up, all else at the wrist
    mask = hand.skeleton_mask(points, 40)[0, ..., 0]
    column = np.flatnonzero(mask.max(axis=0))
    assert column.min() >= 18 and column.max() <= 21
    rows = np.flatnonzero(mask.max(axis=1))
    assert len(rows) == pytest.approx(0.84 * 40 + 2, abs=1)


def test_the_shape_of_a_models_input_tells_what_it_reads_of_a_hand():
    points = np.random.default_rng(0).normal(size=(2, 21, 3)).astype(np.float32)
    for shape in ((90,), (21, 3), (63,), (40, 40, 2)):
        assert landmarks.encoder(shape)(points).shape == (2, *shape)
    for shape in ((42,), (64, 64, 3), (40, 30, 2), (21, 2)):
        assert landmarks.encoder(shape) is None
