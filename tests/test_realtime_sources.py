"""Frames from cameras, the browser in Colab, files, folders and the drawn signer."""

import base64
import importlib.util
import io
import sys
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.realtime import cameras, sources
from asl_helpers.realtime.app import prepare_colab
from asl_helpers.realtime.cameras import ColabSource
from asl_helpers.realtime.sources import SourceError, open_source

RED = np.zeros((48, 64, 3), np.uint8)
RED[..., 2] = 200  # OpenCV's order: blue, green, red


class Capture:
    """A camera that gives what it is told to, then nothing."""

    def __init__(self, pictures, opened=True):
        self.pictures, self.opened, self.released = list(pictures), opened, 0

    def __call__(self, number):
        return self

    def isOpened(self):
        return self.opened

    def set(self, *what):
        pass

    def read(self):
        picture = self.pictures.pop(0) if self.pictures else None
        return picture is not None, picture

    def release(self):
        self.released += 1


def camera(pictures, **options):
    capture = Capture(pictures, **options)
    return capture, lambda: cameras.CameraSource(0, capture=capture, patience=0.05)


def folder_of(path, *pictures):
    path.mkdir()
    for name, picture in pictures:
        Image.fromarray(picture).save(path / name)
    return path


def test_a_camera_gives_rgb_frames_with_growing_times_until_it_is_unplugged():
    capture, opened = camera([RED] * 4)
    source, seen = opened(), []
    with pytest.raises(SourceError, match=r"camera 0 stopped giving images.*unplugged"):
        for frame in source.frames():
            seen.append(frame)
    assert len(seen) == 4
    assert (seen[0].image == RED[..., ::-1]).all() and seen[0].image.flags.c_contiguous
    assert all(one.time < two.time for one, two in pairwise(seen))
    assert source.closed and capture.released == 1


def test_a_cameras_empty_and_odd_frames_are_passed_over():
    grey = np.full((48, 64), 9, np.uint8)
    pictures = [np.zeros((0, 0, 3), np.uint8), RED, np.zeros((1, 5000, 3), np.uint8)]
    pictures += [RED.astype(np.float32), np.zeros((48, 64, 2), np.uint8), grey, RED[:31, :17]]
    _, opened = camera(pictures)
    shapes = []
    with pytest.raises(SourceError):
        for frame in opened().frames():
            shapes.append(frame.image.shape)
            assert frame.image.dtype == np.uint8
    assert shapes == [(48, 64, 3), (48, 64, 3), (31, 17, 3)]


@pytest.mark.parametrize("state", [{"opened": False}, {"opened": True}])
def test_a_busy_camera_is_one_clear_message(state):
    capture, opened = camera([], **state)
    with pytest.raises(SourceError, match="Camera 0 gives no image: another program"):
        opened()
    assert capture.released == 1


def test_closing_a_camera_ends_its_stream_in_order():
    capture, opened = camera([RED] * 9)
    with opened() as source:
        for count, _ in enumerate(source.frames(), 1):
            if count == 3:
                source.close()
    assert count == 3 and capture.released == 1
    with pytest.raises(SourceError, match="closed"):
        next(source.frames())


def test_leaving_the_loop_gives_the_camera_back():
    capture, opened = camera([RED] * 9)
    frames = opened().frames()
    next(frames)
    frames.close()
    assert capture.released == 1


def test_a_camera_that_is_not_there_is_said_by_its_number():
    with pytest.raises(SourceError, match=r"camera 97|Camera 97"):
        open_source("camera:97")
    for name in ("camera:front", "camera:", "camera:²"):
        with pytest.raises(SourceError, match="have numbers"):
            open_source(name)
    with pytest.raises(SourceError, match="no source '²'"):
        open_source("²")


def test_a_cameras_file_is_its_number(monkeypatch):
    monkeypatch.setattr(sources, "CameraSource", lambda number: number)
    assert open_source("/dev/video7") == open_source("7") == open_source("camera:7") == 7


def test_without_a_camera_the_drawn_signer_signs_and_says_why(monkeypatch):
    def none(*args, **options):
        raise SourceError("There is no camera 0 on this machine.")

    monkeypatch.setattr(sources, "CameraSource", none)
    source = open_source(text="AB", size=(64, 48))
    assert source.name == "the drawn signer, AB"
    assert "no camera 0" in source.note
    assert next(source.frames()).image.shape == (48, 64, 3)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "talk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 20, (64, 48))
    for shade in range(0, 240, 12):
        picture = RED.copy()
        picture[..., 1] = shade
        writer.write(picture)
    writer.release()
    return path


def test_a_video_gives_all_its_frames_at_its_pace(video):
    frames = list(open_source(str(video)).frames())
    assert len(frames) == 20
    assert np.diff([frame.time for frame in frames]) == pytest.approx(1 / 20)
    red, green, blue = frames[0].image.mean(axis=(0, 1))
    assert red > 150 and green < 60 and blue < 60, "RGB, not OpenCV's BGR"
    assert frames[-1].image[..., 1].mean() > frames[0].image[..., 1].mean() + 100
    assert [frame.time for frame in open_source(video, fps=10).frames()][1] == pytest.approx(0.1)


def test_a_video_that_breaks_off_gives_what_it_has_then_says_so(video):
    content = video.read_bytes()
    cut = video.with_name("cut.avi")
    # The header, which counts twenty frames, and less than half of them.
    cut.write_bytes(content[: int(0.45 * len(content))])
    frames = []
    with pytest.raises(SourceError, match=r"cut\.avi (breaks off after|is damaged)"):
        for frame in open_source(cut).frames():
            frames.append(frame)
    assert len(frames) < 18


def test_what_is_no_video_is_said(tmp_path):
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"no video at all" * 50)
    with pytest.raises(SourceError, match=r"talk\.mp4 is damaged or no video"):
        open_source(path)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(SourceError, match=r"empty\.mp4"):
        open_source(empty)


def test_a_folder_gives_its_pictures_in_the_order_of_their_names(tmp_path):
    shades = [
        (f"{name}.png", np.full((30, 40 + 2 * k, 3), 50 * k, np.uint8))
        for k, name in enumerate("cab")
    ]
    folder = folder_of(tmp_path / "hands", *shades)
    (folder / "notes.txt").write_text("no picture")
    frames = list(open_source(str(folder), fps=4).frames())
    assert [frame.image[0, 0, 0] for frame in frames] == [50, 100, 0]
    assert [frame.image.shape[1] for frame in frames] == [42, 44, 40]
    assert [frame.time for frame in frames] == [0, 0.25, 0.5]


def test_numbers_in_names_count_as_numbers(tmp_path):
    folder = folder_of(tmp_path / "hands", *((f"A{k}.png", RED) for k in (10, 9, 1)))
    (folder / "a").mkdir()
    Image.fromarray(RED).save(folder / "2.png")
    assert [path.stem for path in sources.FolderSource(folder).paths] == ["2", "A1", "A9", "A10"]


def test_a_telephones_picture_stands_upright(tmp_path):
    folder = tmp_path / "hands"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # the chip's rows run down the picture
    Image.fromarray(RED).save(folder / "a.jpg", exif=exif)
    (frame,) = open_source(folder).frames()
    assert frame.image.shape == (64, 48, 3)


def test_one_picture_is_no_film(tmp_path):
    folder_of(tmp_path / "hands", ("a.png", RED))
    with pytest.raises(SourceError, match=r"a\.png is one image\. Put it into a folder"):
        open_source(tmp_path / "hands" / "a.png")


def test_bad_pictures_in_a_folder_are_named(tmp_path, monkeypatch):
    folder = folder_of(tmp_path / "hands", ("a.png", RED))
    (folder / "b.jpg").write_bytes(b"\xff\xd8 not a picture")
    frames = open_source(folder).frames()
    next(frames)
    with pytest.raises(AslError, match=r"b\.jpg is no readable image"):
        next(frames)
    tiny = folder_of(tmp_path / "tiny", ("a.png", RED[:1]))
    with pytest.raises(SourceError, match=r"a\.png has 64 x 1 pixels"):
        list(open_source(tiny).frames())
    empty = folder_of(tmp_path / "empty")
    with pytest.raises(SourceError, match="holds no images"):
        open_source(empty)
    for fps in (0, -5, float("inf"), float("nan")):
        with pytest.raises(SourceError, match=f"fps={fps}"):
            open_source(folder, fps=fps)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(AslError, match=r"a\.png is no readable image .*bomb"):
        list(open_source(folder).frames())


def test_a_missing_file_is_said_with_what_is_there(video):
    with pytest.raises(SourceError, match=r"'.*tolk\.avi'.*Did you mean 'talk\.avi'"):
        open_source(str(video.with_name("tolk.avi")))


def test_the_drawn_signer_can_be_asked_for():
    with open_source("drawn:ab", size=(64, 48), fps=10, speed=3) as source:
        frames = list(source.frames())
    assert len(frames) == len(source.clip) and frames[1].time == pytest.approx(0.1)
    assert [sign.letter for sign in source.clip.spelled] == ["A", "B"]
    with pytest.raises(SourceError, match="'3'"):
        open_source("drawn:A3")
    for nothing in ("drawn:", "drawn:  "):
        with pytest.raises(SourceError, match="no text"):
            open_source(nothing)


def test_anyone_can_sign_at_any_speed():
    def clip(**options):
        return open_source("drawn:AB", **options).clip

    assert clip().signer.person.left[0] == clip(seed=0).signer.person.left[0]
    assert (clip(seed=3).signer.person.lengths != clip(seed=4).signer.person.lengths).any()
    assert clip(seed=3, left=True).signer.person.left[0]
    assert not clip(seed=3, left=False).signer.person.left[0]
    assert len(clip(speed=1.0)) > 1.5 * len(clip(speed=3.0))
    for seed in (-1, 0.5):
        with pytest.raises(SourceError, match=f"No drawn signer {seed}: expected a whole number"):
            clip(seed=seed)
    with pytest.raises(SourceError, match="speed=99"):
        clip(speed=99)


def test_a_text_too_long_or_strange_is_said_in_short():
    with pytest.raises(SourceError, match=r"10,000 letters; a clip spells at most") as said:
        open_source("drawn:" + 5000 * "AB")
    assert len(str(said.value)) < 200
    with pytest.raises(SourceError, match="No sign for 'É'") as said:
        open_source("drawn:" + 500 * "CAFÉ")
    assert len(str(said.value)) < 200 and "CAFÉ" in str(said.value)


def test_a_paced_source_waits_for_each_frames_time(tmp_path, monkeypatch):
    folder = folder_of(tmp_path / "hands", *((f"{k}.png", RED) for k in range(3)))
    naps = []
    monkeypatch.setattr("asl_helpers.realtime.cameras.time.sleep", naps.append)
    monkeypatch.setattr("asl_helpers.realtime.cameras.time.monotonic", lambda: 100.0)
    list(sources.FolderSource(folder, fps=2).frames(pace=True))
    assert naps == [0, 0.5, 1.0]


# The browser's camera in Colab, with a page that answers as Colab carries its answers

BLUE = np.zeros((48, 64, 3), np.uint8)
BLUE[..., 2] = 220


def jpeg(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


class Page:
    """A browser's page: answers the calls that Colab would carry to it, or raises, or does not."""

    def __init__(self, answers=(), start="ready"):
        self.answers, self.start, self.calls = list(answers), start, []

    def __call__(self, script, ignore_result=False, timeout_sec=None):
        assert timeout_sec, "a call without a limit waits for ever once the page is closed"
        call = script.strip().splitlines()[-1]
        self.calls.append(call)
        answer = self.start if call.startswith("aslStart(") else None
        if call == "aslFrame()":
            answer = self.answers.pop(0) if self.answers else ""
        if isinstance(answer, BaseException):
            raise answer
        return answer


def opened(page, **options):
    return ColabSource(64, 48, evaluate=page, patience=0.5, **options)


def test_it_gives_frames_and_is_switched_off():
    page = Page([jpeg(BLUE), "", "data:image/jpeg;base64,broken!", "data:,", jpeg(BLUE)])
    seen = []
    with pytest.raises(SourceError, match="stopped giving images"):
        for frame in opened(page).frames():
            seen.append(frame.image)
    assert len(seen) == 2
    assert np.abs(seen[0].astype(int) - BLUE).max() < 12
    assert page.calls[0] == "aslStart(64, 48)" and "aslStop()" in page.calls[-1]


@pytest.mark.parametrize(
    ("thrown", "advice"),
    [
        ("NotAllowedError: Permission denied\n  at line 3", "Allow it for this page"),
        ("NotFoundError: Requested device not found", "Connect a camera"),
        ("NotReadableError: Could not start video source", "Close the other program"),
        ("NotSupportedError: no camera for this page", "Use a browser"),
        ("TypeError: whatever", "Allow it for this page"),
    ],
)
def test_a_browser_that_gives_no_camera_says_what_helps(thrown, advice):
    with pytest.raises(SourceError) as said:
        opened(Page(start=RuntimeError(thrown)))
    assert f"({thrown.splitlines()[0]}). {advice}" in str(said.value)
    assert "run the cell again" in str(said.value) and "line 3" not in str(said.value)


def test_a_question_that_nobody_answers_ends_and_a_late_yes_is_taken_back():
    page = Page(start=None)
    with pytest.raises(SourceError, match=r"nobody answered in 60 seconds\. Run the cell again"):
        opened(page)
    assert page.calls[-1] == "window.aslLate = true"


def test_a_page_that_was_closed_ends_the_stream():
    gone = Page([jpeg(BLUE), *[None] * 99])  # Colab's answer once its time is over
    with pytest.raises(SourceError, match="the page was closed"):
        list(opened(gone).frames())
    with pytest.raises(SourceError, match=r"broke off \(disconnected\)\. Run the cell again"):
        list(opened(Page([RuntimeError("disconnected")])).frames())


def test_stopping_the_cell_switches_the_camera_off():
    page = Page([jpeg(BLUE), KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt), opened(page) as source:
        list(source.frames())
    assert "aslStop()" in page.calls[-1] and source.closed


def test_elsewhere_than_in_colab_it_says_so():
    with pytest.raises(SourceError, match="Colab notebook only"):
        open_source("colab")


def colab(monkeypatch, page):
    """Put a package ``google.colab`` there, with the module that runs JavaScript."""
    package, output = ModuleType("google.colab"), ModuleType("google.colab.output")
    output.eval_js = page
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.output", output)


def test_in_colab_the_browsers_camera_comes_first(monkeypatch):
    page = Page([jpeg(BLUE)])
    colab(monkeypatch, page)
    with open_source() as source:
        assert source.name == "the browser's camera" and source.live
        assert next(source.frames()).image.shape == (48, 64, 3)
    assert page.calls[0] == "aslStart(640, 480)"


def test_in_colab_without_a_camera_the_drawn_signer_signs(monkeypatch):
    colab(monkeypatch, Page(start=RuntimeError("NotFoundError: Requested device not found")))
    source = open_source(text="AB", size=(64, 48))
    assert source.name == "the drawn signer, AB" and "Connect a camera" in source.note


# MediaPipe is brought to Colab, once, and nowhere else


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pip(asked):
    def run(command, **options):
        asked.append(command)
        return SimpleNamespace(returncode=0, stderr="")

    return run


@pytest.fixture
def in_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


@pytest.fixture
def without_mediapipe(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "mediapipe" else found(name)
    )


def test_elsewhere_nothing_is_installed(pip, asked, without_mediapipe, capsys):
    assert not cameras.in_colab()
    prepare_colab(pip)
    assert asked == [] and capsys.readouterr().out == ""


def test_colab_gets_what_it_lacks_and_none_of_its_own_packages_is_moved(
    pip, asked, in_colab, without_mediapipe
):
    prepare_colab(pip)
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"] and "--no-deps" in command
    assert "mediapipe>=1.0" in command and not any("opencv" in word for word in command)


def test_what_is_there_is_not_installed_again(monkeypatch, pip, asked, in_colab):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there")
    prepare_colab(pip)
    assert asked == []


def test_a_failure_says_what_pip_said(in_colab, without_mediapipe):
    failed = SimpleNamespace(returncode=1, stderr="...\nERROR: no network\n")
    with pytest.raises(AslError, match="no network"):
        prepare_colab(lambda command, **options: failed)
