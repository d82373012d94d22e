"""Frames from cameras, the browser in Colab, files, folders and the drawn signer."""

import base64
import io
import sys
from itertools import pairwise
from types import ModuleType

import cv2
import numpy as np
import pytest
from PIL import Image

from asl_helpers.realtime import cameras, sources
from asl_helpers.realtime.cameras import CameraSource, ColabSource
from asl_helpers.realtime.sources import FolderSource, SourceError, open_source

RED = np.zeros((48, 64, 3), np.uint8)
RED[..., 2] = 200  # OpenCV's order: blue, green, red
BLACK = np.random.default_rng(0).integers(0, 12, (48, 64, 3), np.uint8)  # a covered lens's noise


class Capture:
    """OpenCV's camera: it gives what it is told to, then nothing."""

    def __init__(self, images, opened=True):
        self.images, self.opened, self.released = list(images), opened, 0

    def __call__(self, number):
        return self

    def isOpened(self):
        return self.opened

    def set(self, *what):
        pass

    def read(self):
        image = self.images.pop(0) if self.images else None
        return image is not None, image

    def release(self):
        self.released += 1


def camera(capture):
    return CameraSource(0, capture=capture, patience=0.05)


def read(source):
    """Return the frames until the source breaks off, and what it says then."""
    seen = []
    with pytest.raises(SourceError) as said:
        for frame in source.frames():
            seen.append(frame)
    return seen, str(said.value)


def folder_of(path, *images):
    path.mkdir()
    for name, image in images:
        Image.fromarray(image).save(path / name)
    return path


# Cameras


def test_a_camera_gives_rgb_frames_with_growing_times_until_it_is_unplugged():
    capture = Capture([RED] * 4)
    source = camera(capture)
    seen, said = read(source)
    assert len(seen) == 4 and "camera 0 stopped giving images: it was unplugged" in said
    assert (seen[0].image == RED[..., ::-1]).all() and seen[0].image.flags.c_contiguous
    assert all(one.time < two.time for one, two in pairwise(seen))
    assert source.closed and capture.released == 1


def test_a_cameras_empty_and_odd_frames_are_passed_over():
    gray = np.full((48, 64), 9, np.uint8)
    images = [np.zeros((0, 0, 3), np.uint8), RED, np.zeros((1, 5000, 3), np.uint8)]
    images += [RED.astype(np.float32), np.zeros((48, 64, 2), np.uint8), gray, RED[:31, :17]]
    seen, _ = read(camera(Capture(images)))
    assert [frame.image.shape for frame in seen] == [(48, 64, 3), (48, 64, 3), (31, 17, 3)]
    assert all(frame.image.dtype == np.uint8 for frame in seen)


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture([RED], opened=False), r"Camera 0 gives no image: another program.* Close"),
        (Capture([]), r"Camera 0 gives no image: another program.* Close"),
        (Capture([BLACK] * 999_999), r"Camera 0 gives only black images.* Open the shutter"),
    ],
)
def test_a_busy_or_covered_camera_is_one_clear_message_with_the_next_step(capture, words):
    with pytest.raises(SourceError, match=words):
        camera(capture)
    assert capture.released == 1


def test_a_camera_that_wakes_up_in_the_dark_is_waited_for():
    seen, _ = read(camera(Capture([BLACK, BLACK, RED, BLACK])))
    assert len(seen) == 2, "once it shows something, a covered lens is the signer's own wish"


def test_closing_a_camera_or_leaving_its_loop_gives_it_back():
    capture = Capture([RED] * 9)
    with camera(capture) as source:
        for count, _ in enumerate(source.frames(), 1):
            if count == 3:
                source.close()
    assert count == 3 and capture.released == 1
    with pytest.raises(SourceError, match="closed"):
        next(source.frames())
    capture = Capture([RED] * 9)
    frames = camera(capture).frames()
    next(frames)
    frames.close()
    assert capture.released == 1


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("camera:97", "amera 97"),
        ("camera:front", "have numbers"),
        ("camera:²", "have numbers"),
        ("²", "no source '²'"),
        ("colab", "Colab notebook only"),
        ("drawn:  ", "an empty text"),
        ("drawn:" + 500 * "CAFÉ", r"No sign for 'É' .*CAFÉ"),
        ("drawn:" + 5000 * "AB", "10,000 letters; a clip spells at most"),
    ],
)
def test_what_is_no_source_is_said_in_short(spec, words):
    with pytest.raises(SourceError, match=words) as said:
        open_source(spec)
    assert len(str(said.value)) < 400


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://me:secret@10.0.0.7/live",
        "RTSP:/me:secret@cam",
        "https://cam/?key=secret",
        "me:secret@cam",
    ],
)
def test_an_address_is_refused_and_its_password_never_said(address, monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", None)
    with pytest.raises(SourceError) as said:
        open_source(address)
    assert "secret" not in str(said.value) and "video file" in str(said.value)
    assert said.value.__cause__ is None and said.value.__context__ is None


def test_a_cameras_file_is_its_number(monkeypatch):
    monkeypatch.setattr(sources, "CameraSource", lambda number: number)
    assert open_source("/dev/video7") == open_source("7") == open_source("camera:7") == 7


def test_without_a_camera_the_drawn_signer_signs_and_says_why(monkeypatch):
    monkeypatch.setattr(cameras, "camera_numbers", list)
    monkeypatch.setattr(sys, "platform", "linux")
    source = open_source(text="AB", size=(64, 48))
    assert source.name == "the drawn signer, AB" and "no camera 0" in source.note
    assert next(source.frames()).image.shape == (48, 64, 3)


# Files


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "talk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 20, (64, 48))
    for shade in range(0, 240, 12):
        image = RED.copy()
        image[..., 1] = shade
        writer.write(image)
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
    cut.write_bytes(content[: int(0.45 * len(content))])  # the header, which counts twenty frames
    frames = []
    with pytest.raises(SourceError, match=r"cut\.avi (breaks off after|is damaged)"):
        for frame in open_source(cut).frames():
            frames.append(frame)
    assert len(frames) < 18


def test_what_is_no_video_is_said(tmp_path, video):
    for name, content in (("talk.mp4", b"no video at all" * 50), ("empty.mp4", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=rf"{name} is damaged or no video"):
            open_source(tmp_path / name)
    with pytest.raises(SourceError, match=r"'.*tolk\.avi'.*Did you mean 'talk\.avi'"):
        open_source(str(video.with_name("tolk.avi")))


def test_a_folder_gives_its_images_in_the_order_of_their_names(tmp_path):
    names = ["A10.png", "b.png", "A9.png", "2.png", "A1.png"]
    shades = [
        (name, np.full((30, 40 + 2 * k, 3), 50 * k, np.uint8)) for k, name in enumerate(names)
    ]
    folder = folder_of(tmp_path / "hands", *shades)
    (folder / "notes.txt").write_text("no image")
    (folder / "a.png").mkdir()
    source = open_source(str(folder), fps=4)
    assert [path.name for path in source.paths] == ["2.png", "A1.png", "A9.png", "A10.png", "b.png"]
    frames = list(source.frames())
    assert [frame.image[0, 0, 0] for frame in frames] == [150, 200, 100, 0, 50]
    assert [frame.time for frame in frames] == [0, 0.25, 0.5, 0.75, 1.0]


def test_a_telephones_image_stands_upright(tmp_path):
    folder = folder_of(tmp_path / "hands")
    exif = Image.Exif()
    exif[0x0112] = 6  # the chip's rows run down the image
    Image.fromarray(RED).save(folder / "a.jpg", exif=exif)
    (frame,) = open_source(folder).frames()
    assert frame.image.shape == (64, 48, 3)
    with pytest.raises(SourceError, match=r"a\.jpg is one image\. Put it into a folder"):
        open_source(folder / "a.jpg")


def test_bad_images_in_a_folder_are_named(tmp_path):
    folder = folder_of(tmp_path / "hands", ("a.png", RED))
    (folder / "b.jpg").write_bytes(b"\xff\xd8 not an image")
    frames, said = read(open_source(folder))
    assert len(frames) == 1 and "b.jpg" in said and "remove it from the folder" in said
    tiny = folder_of(tmp_path / "tiny", ("a.png", RED[:1]))
    assert "a.png has 64 x 1 pixels" in read(open_source(tiny))[1]
    with pytest.raises(SourceError, match="holds no images"):
        open_source(folder_of(tmp_path / "empty"))
    for fps in (0, -5, float("inf"), float("nan")):
        with pytest.raises(SourceError, match=f"fps={fps}"):
            open_source(folder, fps=fps)


def test_a_paced_source_waits_for_each_frames_time(tmp_path, monkeypatch):
    folder = folder_of(tmp_path / "hands", *((f"{k}.png", RED) for k in range(3)))
    naps = []
    monkeypatch.setattr(cameras.time, "sleep", naps.append)
    monkeypatch.setattr(cameras.time, "monotonic", lambda: 100.0)
    list(FolderSource(folder, fps=2).frames(pace=True))
    assert naps == [0, 0.5, 1.0]


# The drawn signer


def test_anyone_can_sign_at_any_speed():
    def clip(**options):
        return open_source("drawn:ab", **options).clip

    with open_source("drawn:ab", size=(64, 48), fps=10, speed=3) as source:
        frames = list(source.frames())
    assert len(frames) == len(source.clip) and frames[1].time == pytest.approx(0.1)
    assert [sign.letter for sign in source.clip.spelled] == ["A", "B"]
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


# The browser's camera in Colab, with a page that answers as Colab carries its answers

BLUE = np.zeros((48, 64, 3), np.uint8)
BLUE[..., 2] = 220


def jpeg(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG")
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


def opened(page):
    return ColabSource(64, 48, evaluate=page, patience=0.3)


def test_the_browser_gives_frames_until_its_page_is_closed_and_is_switched_off():
    page = Page([jpeg(BLUE), "", "data:image/jpeg;base64,broken!", "data:,", jpeg(BLUE), None])
    seen, said = read(opened(page))
    assert len(seen) == 2 and "stopped giving images: it was unplugged, or the page" in said
    assert np.abs(seen[0].image.astype(int) - BLUE).max() < 12
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


@pytest.mark.parametrize("end", [RuntimeError("disconnected"), KeyboardInterrupt()])
def test_a_broken_bridge_or_a_stopped_cell_switches_the_camera_off(end):
    page = Page([jpeg(BLUE), end])
    with pytest.raises((SourceError, KeyboardInterrupt)) as said, opened(page) as source:
        list(source.frames())
    assert "aslStop()" in page.calls[-1] and source.closed
    assert "disconnected" not in str(end) or "Run the cell again" in str(said.value)


def test_in_colab_the_browsers_camera_comes_first_then_the_drawn_signer(monkeypatch):
    package, output = ModuleType("google.colab"), ModuleType("google.colab.output")
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    output.eval_js = Page([jpeg(BLUE)])
    with open_source() as source:
        assert source.name == "the browser's camera" and source.live
        assert next(source.frames()).image.shape == (48, 64, 3)
    output.eval_js = Page(start=RuntimeError("NotFoundError: Requested device not found"))
    source = open_source(text="AB", size=(64, 48))
    assert source.name == "the drawn signer, AB" and "Connect a camera" in source.note
