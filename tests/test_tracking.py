import subprocess
import sys
import zipfile

import numpy as np
import pytest

from asl_helpers import hand, tracking
from asl_helpers.tracking import HandTracker, TrackingError, track_all


@pytest.fixture(scope="module")
def tracker():
    with HandTracker(hands=2) as open_tracker:
        yield open_tracker


@pytest.mark.parametrize("letter", "BLY")
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("view", ["viewer", "signer"])
def test_a_drawn_hand_is_found_and_its_side_is_the_signers(tracker, letter, side, view):
    picture = hand.draw(letter, size=256, side=side, view=view)
    (found,) = tracker.track(picture)
    assert found.side == side
    assert 0.5 < found.score <= 1
    true = hand.pose(letter, side=side, view=view).image[0]
    apart = np.linalg.norm((found.points - true)[:, :2], axis=1)
    assert np.median(apart) < 0.04


def test_a_mirrored_picture_reverses_the_side(tracker):
    picture = hand.draw("L", size=256, side="right")
    assert tracker.track(picture[:, ::-1])[0].side == "left"


def test_coordinates_are_shares_of_width_and_height(tracker):
    square = hand.draw("L", size=256)
    wide = np.pad(square, ((0, 0), (128, 128), (0, 0)), mode="edge")
    (narrow_hand,), (wide_hand,) = tracker.track(square), tracker.track(wide)
    back = wide_hand.points * np.array([2, 1, 2]) - np.array([0.5, 0, 0])
    np.testing.assert_allclose(back[:, :2], narrow_hand.points[:, :2], atol=0.04)


def test_small_pictures_are_enlarged_first(tracker):
    picture = hand.draw("L", size=64)
    assert tracking._enlarged(picture).shape == (192, 192, 3)
    assert tracking._enlarged(picture[:32]).shape == (96, 192, 3)
    (found,) = tracker.track(picture)
    true = hand.pose("L").image[0]
    assert np.median(np.linalg.norm((found.points - true)[:, :2], axis=1)) < 0.05


def test_a_hand_that_fills_the_picture_is_found(tracker):
    picture = hand.draw("B", size=256)
    marks = hand.pose("B").image[0, :, :2] * 256
    left, top = np.maximum(marks.min(axis=0) - 6, 0).astype(int)
    right, bottom = (marks.max(axis=0) + 6).astype(int)
    tight = picture[top:bottom, left:right]
    (found,) = tracker.track(tight)
    true = (marks - (left, top)) / (right - left, bottom - top)
    assert np.median(np.abs(found.points[:, :2] - true)) < 0.06


def test_two_hands_are_two_and_none_is_none():
    one, other = hand.draw("L", size=192, side="left"), hand.draw("Y", size=192, side="right")
    both = np.concatenate([one, other], axis=1)
    tracked = track_all([both, one, np.full((64, 96, 3), 127, np.uint8)])
    np.testing.assert_array_equal(tracked.hands, [2, 1, 0])
    np.testing.assert_allclose(tracked.aspect, [0.5, 1, 64 / 96])
    assert np.isfinite(tracked.points[:2]).all() and np.isnan(tracked.points[2]).all()


def test_a_find_inside_another_is_the_same_hand():
    whole = hand.pose("B").image[0]
    part = whole * 0.4 + 0.3
    aside = whole + np.array([0.9, 0, 0], np.float32)
    assert tracking._overlap(whole, part) > 0.9
    assert tracking._overlap(whole, aside) < 0.2


def test_video_follows_a_hand():
    picture = hand.draw("Y", size=256)
    with HandTracker(video=True) as follower:
        shown = (np.roll(picture, shift, axis=1) for shift in (0, 8, 16))
        tracked = [follower.track(each, 33 * number) for number, each in enumerate(shown)]
    assert [len(hands) for hands in tracked] == [1, 1, 1]
    first, second, _ = (hands[0].points[:, 0] for hands in tracked)
    assert (second - first).mean() == pytest.approx(8 / 256, abs=0.015)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((8, 8, 3), np.float32), r"image \* 255"),
        (np.zeros((8, 8, 4), np.uint8), "shape"),
        (np.zeros((0, 8, 3), np.uint8), r"\(0, 8, 3\)"),
    ],
)
def test_other_arrays_are_named(tracker, bad, words):
    with pytest.raises(TrackingError, match=words):
        tracker.track(bad)


# The file


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No file anywhere, and the network allowed."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ASL_OFFLINE", "0")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return tmp_path / "cache" / tracking.TASK


MEMBERS = {"a.tflite": b"detector", "b.tflite": b"landmarks"}
BUILT = "03e35d94814c4f57f71af394c2c2d2af337c16c8cb9b693af84e77bcb026992b"
"""SHA-256 of the file with these two."""


@pytest.fixture
def pip(monkeypatch):
    """Let pip "download" a wheel with the given members."""
    monkeypatch.setattr(tracking, "NETWORKS", {f"task_{name}": name for name in MEMBERS})
    monkeypatch.setattr(tracking, "TASK_SHA256", (BUILT,))

    def downloads(members, code=0):
        def run(command, **options):
            with zipfile.ZipFile(f"{command[-1].removeprefix('--dest=')}/mp.whl", "w") as wheel:
                for name, content in members.items():
                    wheel.writestr(name, content)
            error = "...\nERROR: No matching distribution\n"
            return subprocess.CompletedProcess(command, code, "", error)

        monkeypatch.setattr(tracking.subprocess, "run", run)

    return downloads


def test_offline_nothing_is_fetched_and_damage_is_named(bare, monkeypatch):
    monkeypatch.setenv("ASL_OFFLINE", "1")
    with pytest.raises(TrackingError, match=r"not prepared.*asl_helpers\.tracking"):
        tracking.task_file()
    assert not bare.exists()
    bare.parent.mkdir()
    bare.write_bytes(b"half a file")
    with pytest.raises(TrackingError, match="damaged"):
        tracking.task_file()


def test_the_file_is_built_from_the_wheel_always_alike(bare, pip):
    pip(MEMBERS)
    path = tracking.task_file()
    assert path == bare
    with zipfile.ZipFile(path) as task:
        assert {info.compress_type for info in task.infolist()} == {zipfile.ZIP_STORED}
        assert task.read("task_b.tflite") == b"landmarks"
    made = path.stat().st_mtime_ns
    assert tracking.task_file().stat().st_mtime_ns == made, "it is checked, and kept"


def test_a_wheel_with_another_network_leaves_nothing_behind(bare, pip):
    pip({**MEMBERS, "b.tflite": b"other"})
    with pytest.raises(TrackingError, match=r"mp\.whl does not hold the expected networks"):
        tracking.task_file()
    assert not list(bare.parent.iterdir())


def test_no_network_at_all_says_what_to_do(bare, pip):
    pip({}, code=1)
    with pytest.raises(TrackingError, match=r"No matching distribution.*put MediaPipe's own"):
        tracking.task_file()
    assert not bare.exists()


def test_without_mediapipe_the_message_says_how_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(TrackingError, match=r"asl-helpers\[tracking\]"):
        HandTracker()
