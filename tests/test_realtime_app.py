"""The notebook's app without a notebook: its controls, what it shows, how it ends."""

import base64
import io
import re
import sys
import threading
from types import ModuleType, SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image
from streams import HAND, Film, Told

from asl_helpers.realtime import app, journal
from asl_helpers.realtime.app import WebcamApp
from asl_helpers.realtime.sources import SourceError


class Spells(Told):
    """A reader that reads one letter of a word in every second frame."""

    def __init__(self):
        super().__init__("H.E.L.O.")


@pytest.fixture
def made(monkeypatch):
    """Return a maker of an app whose sources are the given film; no words are offered."""

    monkeypatch.setattr(app, "suggest", lambda word, n: [])

    def make(film=None, reader=Spells, **options):
        asked = []
        monkeypatch.setattr(app, "open_source", lambda *a, **o: asked.append((a, o)) or film)
        monkeypatch.setattr(app, "LetterReader", lambda *a: asked.append(a) or reader())
        return WebcamApp(**options), asked

    return make


def run(built):
    built.start_button.click()
    built._thread.join(timeout=20)
    assert not built._thread.is_alive()


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def shown(built):
    data = re.search(r"base64,([^\"]+)", built.frame.value).group(1)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_every_control_has_a_label(made):
    built, _ = made()
    controls = [
        each
        for each in everything(built.box)
        if isinstance(each, (widgets.Button, widgets.ValueWidget))
        and not isinstance(each, widgets.HTML)
        and each not in built.offers
    ]
    assert len(controls) >= 14
    assert all(control.description for control in controls)


def test_start_reads_to_the_end_and_gives_the_camera_back(made):
    film = Film()
    built, asked = made(film, text="HI")
    run(built)
    assert asked[0] == (("drawn:HI",), {"seed": 0, "speed": 2.0})
    assert asked[1] == ("landmarks", None, "steady", None)
    assert built.speller.text == "HELO" and "HELO" in built.text.value
    assert "Stopped: a film has come to its end." in built.status.value and film.closed
    assert not built.start_button.disabled and built.stop_button.disabled
    app.open_source = lambda *a, **o: Film()
    run(built)
    assert built.speller.text == "HELOHELO", "the text lives on into the next start"


def test_options_reach_the_reader(made):
    built, asked = made(Film())
    built.model.value, built.threshold.value = "masks", 0.7
    built.smoothing.value, built.side.value = "majority", "left"
    built.signer.value, built.speed.value = 7, 1.5
    run(built)
    assert asked[0][1] == {"seed": 7, "speed": 1.5}
    assert asked[1] == ("masks", 0.7, "majority", "left")


def test_stop_ends_a_long_film(made):
    started = threading.Event()

    class Slow(Spells):
        def read(self, frame):
            started.set()
            return super().read(frame)

    film = Film(count=10**9)
    built, _ = made(film, Slow)
    built.start_button.click()
    assert started.wait(20)
    built.stop_button.click()
    assert not built._thread.is_alive() and film.closed and not built.start_button.disabled
    assert "Stopped." in built.status.value


class Endless(Film):
    """A camera: it gives frames until it is closed, and says when it began."""

    def __init__(self):
        super().__init__(count=10**9, live=True)
        self.began = threading.Event()

    def frames(self, pace=False):
        self.began.set()
        return super().frames()


def test_a_second_start_changes_nothing_and_a_second_app_takes_over(made):
    first, _ = made(Endless())
    first.start_button.click()
    assert app.open_source().began.wait(20)
    thread = first._thread
    first.start()
    assert first._thread is thread
    camera = app.open_source()
    second, _ = made(Film())
    run(second)
    assert camera.closed and not thread.is_alive() and not first.start_button.disabled
    assert "Stopped." in first.status.value and second.speller.text == "HELO"


def test_a_camera_before_which_nobody_is_switches_itself_off(made, monkeypatch):
    class Nobody(Spells):
        def read(self, frame):
            seen = super().read(frame)
            seen.hand = HAND if frame.time < 1 else None
            return seen

    monkeypatch.setattr(app, "_ALONE", 60.0)
    camera = Film(count=10**9, live=True)
    built, _ = made(camera, Nobody)
    run(built)
    assert "no hand for 1 minutes, so the camera is off" in built.status.value and camera.closed
    drawn = Film(count=900)  # a film is left to its end
    built, _ = made(drawn, Nobody)
    run(built)
    assert "come to its end" in built.status.value


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("a <fault>"), "(ZeroDivisionError: a &lt;fault&gt;). The text is kept"),
        (SourceError("camera 0 stopped <giving> images"), "0 stopped &lt;giving&gt; images The"),
    ],
)
def test_an_error_is_said_and_the_text_kept(made, error, words):
    film = Film(end=error)
    built, _ = made(film)
    run(built)
    assert words in built.status.value
    assert built.speller.text == "HELO" and film.closed and not built.start_button.disabled


def test_the_frame_says_what_it_shows(made):
    built, _ = made(Film())
    run(built)
    alt = re.search(r'alt="([^"]+)"', built.frame.value).group(1)
    assert alt.startswith("A hand with its joints") and "Text so far: HEL" in alt
    reading = SimpleNamespace(hand=None, letter=None, confidence=0.0, event=None)
    assert app._described(reading, "", True) == "No hand. Text so far: none."
    seen = SimpleNamespace(hand=HAND, letter="V", confidence=0.934, event=None)
    assert ", seen: V at 93%." in app._described(seen, "A", True)
    built.overlay.value = False
    app.open_source = lambda *a, **o: Film()
    run(built)
    assert re.search(r'alt="A hand, ', built.frame.value), "nothing is marked in it"


def test_the_overlay_can_be_left_out_and_cameras_are_mirrored(made):
    film = Film(live=True)
    built, _ = made(film)
    run(built)
    assert (np.abs(shown(built).astype(int) - (0, 90, 200)).max(axis=-1) > 60).any()
    plain, _ = made(Film())
    plain.overlay.value = False
    run(plain)
    assert np.abs(shown(plain).astype(int) - (0, 90, 200)).max() < 12


def test_buttons_work_the_text_and_tell_it(made):
    built, _ = made(Film())
    run(built)
    undo, space, delete, clear = built.edits
    delete.click()
    assert built.speller.text == "HEL" and "deleted. Text: HEL" in built.live.value
    undo.click()
    space.click()
    assert built.speller.text == "HELO "
    clear.click()
    assert "Text: empty" in built.live.value
    undo.click()
    assert built.speller.text == "HELO " and "HELO" in built.text.value


def test_words_are_offered_and_put_in_only_when_chosen(made, monkeypatch):
    built, _ = made(Film())
    monkeypatch.setattr(app, "suggest", lambda word, n: ["HELLO", "HELP"] if word else [])
    run(built)
    assert built.speller.text == "HELO"
    assert [button.description for button in built.offers] == ["HELLO", "HELP", ""]
    assert [button.layout.display for button in built.offers] == ["", "", "none"]
    built.offers[0].click()
    assert built.speller.text == "HELLO "
    assert all(button.layout.display == "none" for button in built.offers)


def test_the_live_regions_are_set_up_whenever_they_are_first_shown(made):
    built, _ = made(Film())
    regions = (built.live, built.status)
    assert all("aria-live" in region.value for region in regions)
    run(built)
    assert all(region.value.count("<img hidden") == 1 for region in regions)
    assert "O. Text: HELO" in built.live.value
    labels = [re.search(r'data-label="([^"]+)"', region.value).group(1) for region in regions]
    assert len(set(labels)) == 2


def test_copy_and_speak_stand_apart_from_the_text_so_that_the_focus_stays(made):
    built, _ = made(Film())
    (share,) = [
        each
        for each in everything(built.box)
        if isinstance(each, widgets.HTML) and "clipboard" in each.value
    ]
    before = share.value
    assert share is not built.text and before.count("<button") == 2
    run(built)
    assert share.value == before and "speechSynthesis" in before
    assert "HELO</output>" in built.text.value and "<button" not in built.text.value
    assert "asl-explorer" in built.box._dom_classes, "where the buttons look for the text"


def test_letters_are_noted_only_where_asked_with_model_and_version(made, tmp_path):
    class Known(Spells):
        classifier = SimpleNamespace(name="landmarks", card={"sha256": "1a2b3c4d5e6f"})

    run(made(Film())[0])
    assert list(tmp_path.iterdir()) == []
    run(made(Film(), Known, journal=tmp_path / "j.sqlite")[0])
    rows = journal.read(tmp_path / "j.sqlite")
    assert "".join(rows["letter"]) == "HELO"
    assert set(rows["model"] + rows["version"]) == {"landmarks1a2b3c4d"}
    (tmp_path / "notes.txt").write_text("my notes")
    built, _ = made(Film(), journal=tmp_path / "notes.txt")
    run(built)
    assert "not a database" in built.status.value and "Stopped" in built.status.value
    assert built.speller.text == "HELO" and not built.start_button.disabled


def test_play_waits_and_returns_what_was_written(made):
    built, asked = made(Film())
    steps = built.play("CHAIR", fps=12)
    assert asked[0] == (("drawn:CHAIR",), {"fps": 12})
    assert [step.text for step in steps] == ["H", "HE", "HEL", "HELO"]
    assert "HELO" in built.text.value and "Text so far: HELO" in built.frame.value


def test_in_colab_it_reads_in_the_cell_for_some_seconds(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    built, asked = made(Film(count=10**9))
    assert built.camera.value == app._BROWSER and built.seconds in set(everything(built.box))
    times = iter(np.arange(0, 1000, 1.0))
    monkeypatch.setattr(app.time, "monotonic", lambda: float(next(times)))
    built.start()
    assert built._thread is None and asked[0] == (("colab",), {})
    assert not built.start_button.disabled and built.speller.text == "HELO"


def test_cameras_are_listed_and_the_drawn_signer_is_always_there(made, monkeypatch):
    built, _ = made()
    assert built.camera.options[-1] == (app._DRAWN, app._DRAWN)
    monkeypatch.setattr(app, "camera_numbers", lambda: [0, 2])
    built, _ = made()
    assert built.camera.options == (
        ("camera 0", 0),
        ("camera 2", 2),
        (app._DRAWN, app._DRAWN),
    )
