"""Drawn scenes: signer and room chosen one by one."""

import numpy as np
import pytest

from asl_helpers.hand.drawing import SceneError, draw_scenes

LETTERS = ["A", "L", "Y"]


def points_of(where, **options):
    return draw_scenes(LETTERS, where, size=None, **options)


@pytest.fixture(scope="module")
def film():
    return draw_scenes(LETTERS, [(0, 0), (4, 0)], frames=6, holds=3, size=24, seed=1)


def test_a_film_for_each_letter_of_each_scene(film):
    assert film.images.shape == (36, 24, 24, 3)
    assert film.images.dtype == np.uint8
    assert film.points.shape == (36, 21, 3)
    assert film.labels.tolist() == 2 * [label for label in range(3) for _ in range(6)]
    assert film.signers.reshape(2, 18).tolist() == [[0] * 18, [4] * 18]
    assert film.frames.reshape(6, 6).tolist() == [list(range(6))] * 6


def test_neighbours_are_near_copies_and_far_frames_are_not(film):
    one = film.points[:6, :, :2]
    near = np.abs(one[1] - one[0]).mean()
    far = np.abs(one[5] - one[0]).mean()
    assert far > 2 * near


def test_hands_stay_in_the_picture(film):
    assert film.points[..., :2].min() > -0.1
    assert film.points[..., :2].max() < 1.1


def test_a_scene_is_the_same_whatever_is_drawn_beside_it(film):
    alone = draw_scenes(LETTERS, [(4, 0)], frames=6, holds=3, size=24, seed=1)
    assert (alone.images == film.images[18:]).all()


def corner(who, where):
    """The mean colour of the upper left corner, (3,)."""
    images = draw_scenes(LETTERS, [(who, where)], size=24, left_handed=False).images
    return images[:, :3, :3].mean(axis=(0, 1, 2))


def test_a_room_keeps_its_wall_and_another_room_has_another():
    home, new_room, new_signer = corner(0, 0), corner(0, 5), corner(3, 0)
    chroma = [each / each.sum() for each in (home, new_room, new_signer)]
    # Light and exposure follow the hand a little; the colour of the wall is the room's.
    assert np.abs(chroma[0] - chroma[2]).max() < 0.5 * np.abs(chroma[0] - chroma[1]).max()


def test_a_signer_keeps_one_way_to_form_a_letter():
    at_home, away = (points_of([(0, room)], holds=1) for room in (0, 5))
    other = points_of([(9, 0)])

    def shape(scene):  # bends of the hand, whatever its size and place in the picture
        steps = np.diff(scene.points[:, 1:].reshape(-1, 5, 4, 3), axis=2)
        steps /= np.linalg.norm(steps, axis=-1, keepdims=True)
        return (steps[:, :, 1:] * steps[:, :, :-1]).sum(axis=-1)

    same = np.abs(shape(at_home) - shape(away)).mean()
    assert same < np.abs(shape(at_home) - shape(other)).mean()


def test_another_seed_is_another_person():
    assert np.abs(points_of([(0, 0)]).points - points_of([(0, 0)], seed=1).points).max() > 0.02


def test_the_hand_can_be_asked_for():
    right = points_of([(k, k) for k in range(30)], left_handed=False)
    left = points_of([(k, k) for k in range(30)], left_handed=True)
    assert set(right.sides) == {"right"}
    assert set(left.sides) == {"left"}
    some = points_of([(k, k) for k in range(60)])
    assert 0 < (some.sides == "left").mean() < 0.3


def test_without_pictures_the_landmarks_are_the_same():
    drawn = draw_scenes(LETTERS, [(2, 2)], frames=3, holds=2, size=24)
    bare = points_of([(2, 2)], frames=3, holds=2)
    assert bare.images.shape == (9, 0, 0, 3)
    assert (bare.points == drawn.points).all()


def test_rows_can_be_chosen(film):
    assert len(film[film.labels == 1]) == 12
    assert film[[0, 5]].frames.tolist() == [0, 5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"letters": ["A", "nothing"]}, "No hand for 'nothing'"),
        ({"letters": ["A", "spce"]}, "space"),
        ({"letters": []}, "at least one of each"),
        ({"where": []}, "at least one of each"),
        ({"where": [(-1, 0)]}, "signers are 0 to"),
        ({"where": [(0, -2)]}, "rooms 0 and up"),
        ({"frames": 0}, "at least one of each"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    with pytest.raises(SceneError, match=message):
        draw_scenes(**{"letters": LETTERS, "where": [(0, 0)], "size": None} | options)
