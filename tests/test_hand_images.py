"""Drawn data sets: classes, shapes, clips of near-copies, and what a seed promises."""

import numpy as np
import pytest

from asl_helpers import alphabet, hand
from asl_helpers.errors import AslError
from asl_helpers.hand import drawing


def test_pictures_of_a_class_set():
    pictures, labels = hand.sample_images("static", 48, 20, seed=1)
    assert pictures.shape == (48, 20, 20, 3)
    assert pictures.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(labels), 2)
    again, _ = hand.sample_images("static", 48, 20, seed=1)
    np.testing.assert_array_equal(pictures, again)
    other, _ = hand.sample_images("static", 48, 20, seed=2)
    assert (pictures != other).mean() > 0.5


def test_gray_pictures_have_one_channel_and_fill_the_range():
    pictures, _ = hand.sample_images(["A", "B"], 6, 28, seed=1, gray=True, close=True)
    assert pictures.shape == (6, 28, 28, 1)
    assert (np.ptp(pictures.reshape(6, -1), axis=1) > 140).all()


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
    assert clips.images.shape == (36, 32, 32, 3)
    np.testing.assert_array_equal(clips.labels, np.repeat([0, 1, 2], 12))
    np.testing.assert_array_equal(clips.groups, np.repeat(np.arange(12), 3))
    np.testing.assert_array_equal(clips.frames, np.tile(np.arange(12), 3))
    np.testing.assert_array_equal(clips.signers, np.tile(np.repeat([0, 1, 0, 1], 3), 3))


def test_frames_of_a_clip_are_near_copies_and_not_copies(clips):
    flat = clips.images.reshape(36, -1).astype(float)
    distance = np.abs(flat[:, None] - flat[None]).mean(-1)
    same = clips.groups[:, None] == clips.groups
    np.fill_diagonal(same, False)
    kin = (clips.labels[:, None] == clips.labels) & ~same
    np.fill_diagonal(kin, False)
    assert distance[same].max() > 0
    assert distance[same].min() > 0.1
    assert np.median(distance[same]) < 0.4 * np.median(distance[kin])


def test_some_clips_alone_are_as_among_all(clips):
    some = hand.sample_clips(["A", "L", "nothing"], 4, 3, 32, seed=3, signers=2, only=[11, 5])
    np.testing.assert_array_equal(some.groups, [11] * 3 + [5] * 3)
    for name in ("images", "labels", "frames", "signers"):
        whole = getattr(clips, name)
        np.testing.assert_array_equal(getattr(some, name)[:3], whole[33:36])
        np.testing.assert_array_equal(getattr(some, name)[3:], whole[15:18])


def test_luma_is_exact():
    colours = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], np.uint8)
    np.testing.assert_array_equal(drawing.to_gray(colours).ravel(), [76, 150, 29, 255])


def test_draw_is_a_figure():
    image = hand.draw("L", size=64, background="#102030")
    assert image.shape == (64, 64, 3)
    np.testing.assert_allclose(image[2, 2], [16, 32, 48], atol=1)
    assert (hand.draw("L", size=64, view="signer") != hand.draw("L", size=64)).mean() > 0.1


def test_unknown_class_sets_and_letters():
    with pytest.raises(alphabet.AlphabetError, match="No class set 'statc'"):
        hand.sample_images("statc", 3, 16)
    with pytest.raises(AslError):
        hand.draw("7")
