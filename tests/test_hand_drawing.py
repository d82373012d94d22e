"""Drawn data sets: images, clips of near-copies, scenes, and what a seed promises."""

import numpy as np
import pytest

from asl_helpers import alphabet, hand
from asl_helpers.errors import AslError
from asl_helpers.hand import drawing
from asl_helpers.hand.scene import studio

LETTERS = ["A", "L", "Y"]


def test_images_of_a_class_set_are_shared_out_equally_and_gray_ones_fill_the_range():
    images, labels = hand.sample_images("static", 48, 20, seed=1)
    assert images.shape == (48, 20, 20, 3)
    np.testing.assert_array_equal(np.bincount(labels), 2)
    images, _ = hand.sample_images(["A", "B"], 6, 28, seed=1, gray=True, close=True)
    assert images.shape == (6, 28, 28, 1)
    assert (np.ptp(images.reshape(6, -1), axis=1) > 140).all()


def test_nothing_shows_no_hand(monkeypatch):
    drawn = []
    whole = drawing.render_row
    monkeypatch.setattr(drawing, "render_row", lambda *a: drawn.append(a) or whole(*a))
    _, labels = hand.sample_images("kaggle", 58, 16, seed=1)
    nothing = alphabet.KAGGLE_CLASSES.index("nothing")
    assert (labels == nothing).sum() == 2
    assert len(drawn) == 56


@pytest.fixture(scope="module")
def clips():
    return hand.sample_clips(["A", "L", "nothing"], 4, 3, 32, seed=3, signers=2)


def test_clips_say_what_belongs_together(clips):
    assert clips["images"].shape == (36, 32, 32, 3)
    np.testing.assert_array_equal(clips["labels"], np.repeat([0, 1, 2], 12))
    np.testing.assert_array_equal(clips["groups"], np.repeat(np.arange(12), 3))
    np.testing.assert_array_equal(clips["frames"], np.tile(np.arange(12), 3))
    np.testing.assert_array_equal(clips["signers"], np.tile(np.repeat([0, 1, 0, 1], 3), 3))


def test_frames_of_a_clip_are_near_copies_and_not_copies(clips):
    flat = clips["images"].reshape(36, -1).astype(float)
    distance = np.abs(flat[:, None] - flat[None]).mean(-1)
    same = clips["groups"][:, None] == clips["groups"]
    np.fill_diagonal(same, False)
    kin = (clips["labels"][:, None] == clips["labels"]) & ~same
    np.fill_diagonal(kin, False)
    assert distance[same].max() > 0
    assert distance[same].min() > 0.1
    assert np.median(distance[same]) < 0.4 * np.median(distance[kin])


def test_some_clips_alone_are_as_among_all(clips):
    some = hand.sample_clips(["A", "L", "nothing"], 4, 3, 32, seed=3, signers=2, only=[11, 5])
    np.testing.assert_array_equal(some["groups"], [11] * 3 + [5] * 3)
    rows = [*range(33, 36), *range(15, 18)]
    for name, whole in clips.items():
        np.testing.assert_array_equal(some[name], whole[rows])


def test_luma_is_exact():
    colours = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], np.uint8)
    np.testing.assert_array_equal(drawing._luma(colours).ravel(), [76, 150, 29, 255])


def test_draw_is_a_figure():
    image = hand.draw("L", size=64, background="#102030")
    assert image.shape == (64, 64, 3)
    np.testing.assert_allclose(image[2, 2], [16, 32, 48], atol=1)
    assert (hand.draw("L", size=64, view="signer") != hand.draw("L", size=64)).mean() > 0.1


def points_of(where, **options):
    return hand.draw_scenes(LETTERS, where, size=None, **options)


@pytest.fixture(scope="module")
def film():
    return hand.draw_scenes(LETTERS, [(0, 0), (4, 0)], frames=6, holds=3, size=24, seed=1)


def test_a_film_for_each_letter_of_each_scene_whose_neighbours_are_near_copies(film):
    assert film.images.shape == (36, 24, 24, 3)
    assert film.labels.tolist() == 2 * [label for label in range(3) for _ in range(6)]
    assert film.signers.reshape(2, 18).tolist() == [[0] * 18, [4] * 18]
    assert film.frames.reshape(6, 6).tolist() == [list(range(6))] * 6
    one = film.points[:6, :, :2]
    assert np.abs(one[5] - one[0]).mean() > 2 * np.abs(one[1] - one[0]).mean()
    assert -0.1 < film.points[..., :2].min() < film.points[..., :2].max() < 1.1


def test_a_scene_is_the_same_whatever_is_drawn_beside_it_or_not_at_all(film):
    alone = hand.draw_scenes(LETTERS, [(4, 0)], frames=6, holds=3, size=24, seed=1)
    assert (alone.images == film.images[18:]).all()
    bare = points_of([(4, 0)], frames=6, holds=3, seed=1)
    assert bare.images.shape == (18, 0, 0, 3)
    assert (bare.points == alone.points).all()


def corner(who, where):
    """The mean colour of the upper left corner, (3,)."""
    images = hand.draw_scenes(LETTERS, [(who, where)], size=24, left_handed=False).images
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"letters": ["A", "nothing"]}, "No pose for 'nothing'"),
        ({"letters": ["A", "spce"]}, "space"),
        ({"where": [(-1, 0)]}, "signers are 0 to"),
        ({"where": [(0, -2)]}, "rooms 0 and up"),
    ],
)
def test_scenes_that_cannot_be_drawn_are_refused(options, message):
    with pytest.raises(AslError, match=message):
        hand.draw_scenes(**{"letters": LETTERS, "where": [(0, 0)], "size": None} | options)


def test_the_hand_that_signs_can_be_chosen():
    where = [(k, k) for k in range(60)]
    for left_handed, low, high in ((False, 0, 0), (True, 1, 1), (None, 0.01, 0.3)):
        sides = points_of(where, left_handed=left_handed).sides
        assert low <= (sides == "left").mean() <= high


def test_a_silhouette_covers_the_landmarks_and_what_the_renderer_draws_and_no_far_corner():
    batch = hand.sample_hands(["A", "B", "V", "Y"], 8, seed=3)
    masks = hand.silhouettes(batch.image, 64)[..., 0]
    papers = [hand.render(batch, 64, look=studio(5, paper)) for paper in ("#ffffff", "#2020ff")]
    drawn = (papers[0] == papers[1]).all(axis=-1)  # the paper differs, the hand and arm do not
    assert drawn[masks > 0.5].mean() > 0.85
    for mask, points in zip(masks, batch.image, strict=True):
        at = np.clip((points[:, :2] * 64).astype(int), 0, 63)
        assert (mask[at[:, 1], at[:, 0]] > 0.9).all()
        for row, column in ((0, 0), (0, 63), (63, 0), (63, 63)):
            away = np.abs([column / 64, row / 64] - points[:, :2]).max(axis=1).min()
            assert mask[row, column] == 0 or away <= 0.3
    lost = np.full((1, 21, 3), np.nan, np.float32)
    assert (hand.silhouettes(lost, 16) == 1).all(), "all of an image without a hand stays"
