"""The kinematic hand: bones keep their lengths, hinges stay inside their limits."""

import numpy as np
import pytest

from asl_helpers.hand import body, poses


def test_bones_keep_their_lengths_whatever_the_angles():
    angles = np.random.default_rng(0).uniform(body.LOW, body.HIGH, (200, 21))
    joints = body.forward(angles)
    for finger, chain in enumerate(body.CHAINS):
        bones = np.linalg.norm(np.diff(joints[:, chain], axis=1), axis=-1)
        expected = np.broadcast_to(body.LENGTHS[finger], bones.shape)
        np.testing.assert_allclose(bones, expected, atol=1e-5)
    np.testing.assert_array_equal(joints[:, 0], 0)


@pytest.mark.parametrize("finger", range(4))
def test_flexion_moves_a_fingertip_to_the_palm_and_spread_towards_the_thumb(finger):
    angles = np.zeros((3, 21), np.float32)
    angles[1, 5 + 4 * finger + 2] = 60  # pip
    angles[2, 5 + 4 * finger + 1] = 15  # spread
    straight, bent, spread = body.forward(angles)[:, 8 + 4 * finger]
    assert bent[2] < straight[2] - 0.1
    assert spread[0] > straight[0] + 0.1


@pytest.mark.parametrize("pose", poses.POSES, ids=lambda pose: f"{pose.name}-{pose.variant}")
def test_every_row_of_the_table_is_inside_the_joint_limits_and_passes_no_finger(pose):
    np.testing.assert_array_equal(body.clamp(pose.angles), pose.angles)
    assert pose.weight > 0
    assert (pose.wrist[:, 0] <= pose.wrist[:, 1]).all()
    assert body.worst_overlap(body.forward(pose.angles[None]), body.FLESH[None])[0] <= body.GIVE


def test_overlap_tells_apart_crossed_touching_and_distant_fingers():
    angles = np.zeros((3, 21), np.float32)
    angles[:, 0] = 50  # the thumb out of the way
    angles[1, [6, 10]] = -20, 20  # index and middle finger spread into each other
    angles[2, [6, 10, 14, 18]] = 20, 5, -10, -25
    worst = body.worst_overlap(body.forward(angles), np.repeat(body.FLESH[None], 3, 0))
    assert worst[1] > 0.8
    assert worst[2] <= worst[0] <= body.GIVE


def test_a_variant_is_chosen_by_its_weight():
    rng = np.random.default_rng(0)
    chosen = [poses.choose_variant("A", rng).variant for _ in range(400)]
    assert chosen.count("side") / 400 == pytest.approx(0.5, abs=0.06)  # weights 2, 1, 1
