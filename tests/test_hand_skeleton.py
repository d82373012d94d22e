"""The kinematic hand: bones keep their lengths, hinges stay inside their limits."""

import numpy as np
import pytest

from asl_helpers.errors import AslError
from asl_helpers.hand import body, poses, scene


def _random_angles(n, seed=0):
    low, high = np.array(list(body.LIMITS.values())).T
    return np.random.default_rng(seed).uniform(low, high, (n, 21)).astype(np.float32)


def test_joints_have_mediapipes_names_in_its_order():
    assert len(body.JOINTS) == 21
    assert body.JOINTS[0] == "WRIST"
    assert body.JOINTS[1:5] == ("THUMB_CMC", "THUMB_MCP", "THUMB_IP", "THUMB_TIP")
    assert body.JOINTS[8] == "INDEX_FINGER_TIP"
    assert body.JOINTS[17:] == ("PINKY_MCP", "PINKY_PIP", "PINKY_DIP", "PINKY_TIP")
    assert {end for _, end in body.BONES} == set(range(1, 21))


def test_bones_keep_their_lengths_whatever_the_angles():
    joints = body.forward(_random_angles(200))
    for finger, chain in enumerate(body.CHAINS):
        bones = np.linalg.norm(np.diff(joints[:, chain], axis=1), axis=-1)
        np.testing.assert_allclose(
            bones, np.broadcast_to(body.LENGTHS[finger], bones.shape), atol=1e-5
        )
    np.testing.assert_array_equal(joints[:, 0], 0)


@pytest.mark.parametrize("finger", range(4))
def test_flexion_moves_a_fingertip_to_the_palms_side(finger):
    straight = np.zeros((1, 21), np.float32)
    bent = straight.copy()
    bent[0, 5 + 4 * finger + 2] = 60  # pip
    tip = 8 + 4 * finger
    assert body.forward(bent)[0, tip, 2] < body.forward(straight)[0, tip, 2] - 0.1


@pytest.mark.parametrize("finger", range(4))
def test_spread_moves_a_fingertip_towards_the_thumb(finger):
    straight = np.zeros((1, 21), np.float32)
    spread = straight.copy()
    spread[0, 5 + 4 * finger + 1] = 15
    tip = 8 + 4 * finger
    assert body.forward(spread)[0, tip, 0] > body.forward(straight)[0, tip, 0] + 0.1


def test_rotation_is_right_handed_and_proper():
    for axis, before, after in (("x", 1, 2), ("y", 2, 0), ("z", 0, 1)):
        matrix = scene.rotation(axis, np.array([90.0]))[0]
        np.testing.assert_allclose(matrix @ np.eye(3)[before], np.eye(3)[after], atol=1e-6)
        assert np.linalg.det(matrix) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("pose", poses.POSES, ids=lambda pose: f"{pose.name}-{pose.variant}")
def test_every_row_of_the_table_is_inside_the_joint_limits_and_passes_no_finger(pose):
    np.testing.assert_array_equal(body.clamp(pose.angles), pose.angles)
    assert pose.weight > 0
    assert (pose.wrist[:, 0] <= pose.wrist[:, 1]).all()
    through = body.overlap(body.forward(pose.angles[None]), body.FLESH[None])
    assert through.max() <= body.GIVE


def test_overlap_tells_apart_crossed_touching_and_distant_fingers():
    angles = np.zeros((3, 21), np.float32)
    angles[:, 0] = 50  # the thumb out of the way
    angles[1, [6, 10]] = -20, 20  # index and middle finger spread into each other
    angles[2, [6, 10, 14, 18]] = 20, 5, -10, -25
    through = body.overlap(body.forward(angles), np.repeat(body.FLESH[None], 3, 0))
    worst = through.max(axis=1)
    assert worst[1] > 0.8
    assert worst[2] <= worst[0] <= body.GIVE


def test_a_broken_row_of_the_table_names_itself():
    row = "A side 1 | 1 2 3 | 0 0 0 0 | 0 0 0 0 | 0 0 0 0 | 0 0 0 0 | 0 0 0"
    with pytest.raises(AslError, match=r"'A', 'side' has 19 angles"):
        poses._parse(row)


def test_an_unknown_class_is_named_with_the_nearest():
    with pytest.raises(AslError, match="space"):
        poses.variants("spce")
