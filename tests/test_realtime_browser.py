"""The browser's camera in Colab, with a page that answers as Colab carries its answers."""

import base64
import io
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from asl_helpers.realtime import browser
from asl_helpers.realtime.sources import SourceError, open_source

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
    return browser.ColabSource(64, 48, evaluate=page, patience=0.5, **options)


def test_it_gives_frames_and_is_switched_off():
    page = Page([jpeg(BLUE), "", "data:image/jpeg;base64,broken!", "data:,", jpeg(BLUE)])
    seen = []
    with pytest.raises(SourceError, match="stopped giving pictures"):
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
    with pytest.raises(SourceError, match="the page closed"):
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
