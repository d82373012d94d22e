from itertools import pairwise

import numpy as np
import pytest

from asl_helpers import landmarks
from asl_helpers.errors import AslError
from asl_helpers.hand import body, clip, signing


def spelled(text, seed=0, **options):
    rng = np.random.default_rng(seed)
    return signing.spell(text, body.sample_people(1, rng), rng, **options)


def test_letters_come_in_order_and_last_as_long_as_the_speed_says():
    slow, quick = (spelled("CHAIR", speed=speed) for speed in (1.0, 3.0))
    for way, speed in ((slow, 1.0), (quick, 3.0)):
        assert "".join(sign.letter for sign in way.spelled) == "CHAIR"
        starts = np.array([sign.start for sign in way.spelled])
        assert np.diff(starts) == pytest.approx(1 / speed)
        assert all(one.end <= two.start for one, two in pairwise(way.spelled))
    assert slow.times[-1] > quick.times[-1] + 2


def test_a_held_letter_stands_still_and_the_way_to_the_next_does_not_jump():
    way = spelled("BY", speed=1.0, fps=50)
    start, end = way.spelled[0].start, way.spelled[0].end
    held = way.states[(way.times > start) & (way.times < end)]
    assert np.ptp(held, axis=0).max() < 2 * (1.5 + 0.7)
    assert np.abs(np.diff(way.states, axis=0)).max() < 30, "degrees in a fiftieth of a second"


def test_a_double_letter_is_released_or_slides():
    bends, places = {}, {}
    for double in signing.DOUBLES:
        way = spelled("LL", double=double)
        assert [sign.letter for sign in way.spelled] == ["L", "L"]
        one, two = way.spelled
        between = (way.times > one.end) & (way.times < two.start)
        bends[double] = np.ptp(way.states[between, 11])  # the middle finger, bent in an L
        middles = [(sign.start + sign.end) / 2 for sign in way.spelled]
        places[double] = np.subtract(*way.states[np.searchsorted(way.times, middles), 24])
    assert bends["release"] > 20 > 5 > bends["slide"], "the hand opens, or keeps its shape"
    assert places["slide"] == pytest.approx(0.7, abs=0.1)


def test_moving_letters_move_as_the_sequences_for_training_do():
    way = spelled("J", speed=1.0, fps=30)
    sign = way.spelled[0]
    inside = way.states[(way.times >= sign.start) & (way.times < sign.end)]
    assert np.ptp(inside[:, 25]) == pytest.approx(1.1, abs=0.1), "palm lengths down"
    assert np.ptp(inside[:, 23]) == pytest.approx(140, abs=10), "degrees of the palm's turn"
    twice = spelled("ZZ", speed=1.0, fps=30)
    for sign in twice.spelled:
        inside = twice.states[(twice.times >= sign.start) & (twice.times < sign.end)]
        assert np.ptp(inside[:, 24]) == pytest.approx(1.2, abs=0.1), "palm lengths sideways"


def test_a_space_lowers_the_hand():
    way = spelled("A B")
    assert "".join(sign.letter for sign in way.spelled) == "A B"
    assert way.states[np.searchsorted(way.times, way.spelled[1].start + 0.05), 25] > 3


@pytest.mark.parametrize(
    "text, options, words",
    [
        ("CAFÉ", {}, "'É'"),
        ("  ", {}, "an empty text"),
        ("A", {"speed": 0}, "speed=0"),
        ("A", {"double": "twice"}, "double='twice'"),
    ],
)
def test_what_cannot_be_signed_is_said(text, options, words):
    with pytest.raises(AslError, match=words):
        spelled(text, **options)


def test_the_same_seed_gives_the_same_clip_another_one_another_signer():
    one, same, other = (clip.draw_clip("AB", seed, size=(160, 120)) for seed in (4, 4, 5))
    assert np.array_equal(one.image(20), same.image(20))
    assert (one.image(20) != other.image(20)).mean() > 0.5


def test_only_the_hand_changes_within_a_clip():
    film = clip.draw_clip("B", 3, size=(160, 120))
    empty, signing = film.image(0).astype(int), film.image(25).astype(int)
    assert film.times[0] < film.spelled[0].start < film.times[25] < film.spelled[0].end
    points = film.landmarks[25, :, :2]
    assert (points > 0).all() and (points < 1).all()
    assert (film.landmarks[0, :, 1] > 1).all(), "the hand is below the picture"
    changed = np.abs(signing - empty).max(axis=-1) > 16
    x, y = (points * [160, 120]).astype(int).T
    assert changed[y, x].mean() > 0.8
    left, right = x.min() - 25, x.max() + 25
    assert changed[:, : max(left, 0)].mean() < 0.02 and changed[:, right:].mean() < 0.02


def test_landmarks_keep_the_hands_proportions_whatever_the_picture():
    wide = clip.draw_clip("B", 3, size=(320, 120))
    high = clip.draw_clip("B", 3, size=(120, 160))
    one = landmarks.normalise(wide.landmarks[[25]], 120 / 320, mirror=False)
    other = landmarks.normalise(high.landmarks[[25]], 160 / 120, mirror=False)
    assert np.abs(one - other).max() < 0.05


@pytest.mark.parametrize("side", [False, True])
def test_a_signer_can_be_left_handed_or_right_handed(side):
    signer = clip.sample_signer(8, left=side)
    film = clip.draw_clip("A", 8, size=(160, 120), signer=signer)
    score = landmarks.right_handedness(film.landmarks[[25]] * [1, 120 / 160, 1])[0]
    assert (score < 0) == side


def test_idle_hands_stay_in_the_picture_and_nobody_is_nowhere():
    for kind in signing.IDLE:
        film = clip.draw_idle(kind, 2.0, 1, size=(160, 120))
        assert not film.spelled
        wrist = film.landmarks[:, 0, :2]
        assert (wrist > 0).all() and (wrist < 1).all()
    wave = clip.draw_idle("wave", 2.0, 1).landmarks
    assert np.ptp(wave[:, 12, 0]) > 0.1
    nobody = clip.draw_idle("nobody", 1.0, 1, size=(160, 120))
    assert (nobody.landmarks[..., 1] > 1).all()
    with pytest.raises(AslError, match="Known: rest, wave"):
        clip.draw_idle("dance", 1.0)
