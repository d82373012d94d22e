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

from asl_helpers.errors import AslError
from asl_helpers.realtime import sources
from asl_helpers.realtime.sources import SourceError, open_source

RED = np.zeros((48, 64, 3), np.uint8)
RED[..., 2] = 200  # OpenCV's order: blue, green, red
BLACK = np.random.default_rng(0).integers(0, 12, (48, 64, 3), np.uint8)  # a covered lens's noise


class Capture:
    """OpenCV's camera: it gives what it is told to, then nothing."""

    def __init__(self, images, opened=True):
        self.images, self.opened, self.released = list(images), opened, 0

    def isOpened(self):
        return self.opened

    def set(self, *what):
        pass

    def read(self):
        image = self.images.pop(0) if self.images else None
        return image is not None, image

    def release(self):
        self.released += 1


@pytest.fixture
def camera(monkeypatch):
    """Return what opens a camera that is a `Capture`."""
    monkeypatch.setattr(sources, "camera_numbers", lambda: [0])
    monkeypatch.setattr(sources, "_PATIENCE", 0.05)

    def connected(capture):
        monkeypatch.setattr(cv2, "VideoCapture", lambda number: capture)
        return open_source(0)

    return connected


def read(source):
    """Return the frames until the source breaks off, and what it says then."""
    seen = []
    with pytest.raises(AslError) as said:
        for frame in source.frames():
            seen.append(frame)
    return seen, str(said.value)


def folder_of(path, **images):
    path.mkdir()
    for name, image in images.items():
        Image.fromarray(image).save(path / f"{name}.png")
    return path


# Cameras


def test_a_camera_gives_rgb_frames_with_growing_times_until_it_is_unplugged(camera):
    capture = Capture([RED] * 4)
    source = camera(capture)
    seen, said = read(source)
    assert len(seen) == 4 and "No images come from camera 0: it was unplugged" in said
    assert (seen[0].image == RED[..., ::-1]).all() and seen[0].image.flags.c_contiguous
    assert all(one.time < two.time for one, two in pairwise(seen))
    assert source.closed and capture.released == 1


def test_a_cameras_empty_frames_are_passed_over(camera):
    images = [np.zeros((0, 0, 3), np.uint8), RED, np.zeros((1, 5000, 3), np.uint8), RED[:31, :17]]
    seen, _ = read(camera(Capture(images)))
    assert [frame.image.shape for frame in seen] == [(48, 64, 3), (31, 17, 3)]


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture([], opened=False), r"No images come from camera 0: .*another program.* Close"),
        (Capture([]), r"No images come from camera 0: .*another program.* Close"),
        (Capture([BLACK] * 999_999), r"Only black images come from camera 0.* Open the shutter"),
    ],
)
def test_a_busy_or_covered_camera_is_one_clear_message_with_the_next_step(camera, capture, words):
    with pytest.raises(SourceError, match=words):
        camera(capture)
    assert capture.released == 1


def test_a_camera_that_wakes_up_in_the_dark_is_waited_for(camera):
    seen, _ = read(camera(Capture([BLACK, BLACK, RED, BLACK])))
    assert len(seen) == 2, "once it shows something, a covered lens is the signer's own wish"


def test_closing_a_camera_or_leaving_its_loop_gives_it_back(camera):
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
        ("camera:front", "A source is a camera's number"),
        ("²", "no source '²'"),
        ("colab", "Colab notebook only"),
        ("drawn:  ", "an empty text"),
        ("drawn:CAFÉ", r"No sign for 'É' .*CAFÉ"),
    ],
)
def test_what_is_no_source_is_said_in_short(spec, words):
    with pytest.raises(AslError, match=words):
        open_source(spec)


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
    monkeypatch.setattr(sources, "_camera", lambda number: number)
    assert open_source("/dev/video7") == open_source("7") == open_source("camera:7") == 7


def test_without_a_camera_the_drawn_signer_signs_and_says_why(monkeypatch):
    monkeypatch.setattr(sources, "camera_numbers", list)
    monkeypatch.setattr(sys, "platform", "linux")
    source = open_source(size=(64, 48))
    assert source.name == "the drawn signer, HELLO" and "no camera 0" in source.note
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
    shades = {
        name: np.full((30, 40 + 2 * k, 3), 50 * k, np.uint8)
        for k, name in enumerate(["A10", "b", "A9", "2", "A1"])
    }
    folder = folder_of(tmp_path / "hands", **shades)
    (folder / "notes.txt").write_text("no image")
    (folder / "a.png").mkdir()
    (folder / "._b.png").write_bytes(b"a Mac's note")
    frames = list(open_source(str(folder)).frames())
    assert [frame.image[0, 0, 0] for frame in frames] == [150, 200, 100, 0, 50]
    assert [frame.time for frame in frames] == [0, 0.1, 0.2, 0.3, 0.4]


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
    folder = folder_of(tmp_path / "hands", a=RED)
    (folder / "b.jpg").write_bytes(b"\xff\xd8 not an image")
    frames, said = read(open_source(folder))
    assert len(frames) == 1 and "b.jpg" in said and "delete it" in said
    with pytest.raises(SourceError, match="holds no images"):
        open_source(folder_of(tmp_path / "empty"))


def test_a_paced_source_waits_for_each_frames_time(tmp_path, monkeypatch):
    folder = folder_of(tmp_path / "hands", a=RED, b=RED, c=RED)
    naps = []
    monkeypatch.setattr(sources.time, "sleep", naps.append)
    monkeypatch.setattr(sources.time, "monotonic", lambda: 100.0)
    list(open_source(folder).frames(pace=True))
    assert naps == pytest.approx([0, 0.1, 0.2])


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
    with pytest.raises(AslError, match="speed=99"):
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


@pytest.fixture
def colab(monkeypatch):
    """Return what opens the camera of a browser whose page is a `Page`."""
    output = ModuleType("google.colab.output")
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    monkeypatch.setattr(sources, "_BROWSER_PATIENCE", 0.3)

    def opened(page, spec="colab", **options):
        output.eval_js = page
        return open_source(spec, **options)

    return opened


def test_the_browser_gives_frames_until_its_page_is_closed_and_is_switched_off(colab):
    page = Page([jpeg(BLUE), "", "data:image/jpeg;base64,broken!", "data:,", jpeg(BLUE), None])
    seen, said = read(colab(page))
    assert len(seen) == 2 and "No images come from the browser's camera: it was unplugged" in said
    assert np.abs(seen[0].image.astype(int) - BLUE).max() < 12
    assert page.calls[0] == "aslStart(640, 480)" and "aslStop()" in page.calls[-1]


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
def test_a_browser_that_gives_no_camera_says_what_helps(colab, thrown, advice):
    with pytest.raises(SourceError) as said:
        colab(Page(start=RuntimeError(thrown)))
    assert f"({thrown.splitlines()[0]}). {advice}" in str(said.value)
    assert "run the cell again" in str(said.value) and "line 3" not in str(said.value)


def test_a_question_that_nobody_answers_ends_and_a_late_yes_is_taken_back(colab):
    page = Page(start=None)
    with pytest.raises(SourceError, match=r"nobody answered in 60 seconds\. Run the cell again"):
        colab(page)
    assert page.calls[-1] == "window.aslLate = true"


@pytest.mark.parametrize("end", [RuntimeError("disconnected"), KeyboardInterrupt()])
def test_a_broken_bridge_or_a_stopped_cell_switches_the_camera_off(colab, end):
    page = Page([jpeg(BLUE), end])
    with pytest.raises((SourceError, KeyboardInterrupt)) as said, colab(page) as source:
        list(source.frames())
    assert "aslStop()" in page.calls[-1] and source.closed
    assert "disconnected" not in str(end) or "Run the cell again" in str(said.value)


def test_in_colab_the_browsers_camera_comes_first_then_the_drawn_signer(colab):
    with colab(Page([jpeg(BLUE)]), None) as source:
        assert source.name == "the browser's camera" and source.live
        assert next(source.frames()).image.shape == (48, 64, 3)
    page = Page(start=RuntimeError("NotFoundError: Requested device not found"))
    source = colab(page, None, size=(64, 48))
    assert source.name == "the drawn signer, HELLO" and "Connect a camera" in source.note
