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

from asl_helpers import hand
from asl_helpers.realtime import Frame, Source, SourceError, app, app_page, journal
from asl_helpers.realtime.app import WebcamApp
from asl_helpers.realtime.events import LetterEvent

HAND = SimpleNamespace(points=hand.pose("V").image[0])


class Spells:
    """A reader that reads one letter of a word in every second frame."""

    threshold = 0.6

    def __init__(self, word="HELO", said=None):
        self.rest = [letter for pair in zip(word, "." * len(word), strict=True) for letter in pair]
        self.closed = False

    def read(self, frame):
        letter = self.rest.pop(0) if self.rest else "."
        event = LetterEvent(letter, 0.9, frame.time, 5.0) if letter != "." else None
        return SimpleNamespace(
            hand=HAND, letter=None, confidence=0.9, event=event, latency_ms={"total": 5.0}
        )

    def close(self):
        self.closed = True


class Film(Source):
    def __init__(self, count=8, end=None, live=False):
        super().__init__("a film")
        self.count, self.end, self.live = count, end, live

    def frames(self, pace=False):
        return super().frames(pace=False)

    def _frames(self):
        for place in range(self.count):
            yield Frame(np.full((60, 80, 3), (0, 90, 200), np.uint8), place / 10)
        if self.end:
            raise self.end


@pytest.fixture
def made(monkeypatch):
    """Return a maker of an app whose sources are the given film; no words are offered."""

    def no_words():
        raise app.WordsError("none")

    monkeypatch.setattr(app, "english", no_words)

    def make(film=None, reader=Spells, **options):
        asked = []
        monkeypatch.setattr(app, "open_source", lambda *a, **o: asked.append((a, o)) or film)
        built = WebcamApp(reader=lambda *a: asked.append(a) or reader(), **options)
        return built, asked

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
    assert asked[0] == (("drawn:HI",), {})
    assert asked[1] == ("landmarks", None, "steady", None)
    assert built.speller.text == "HELO" and "HELO" in built.text.value
    assert "Stopped." in built.status.value and film.closed
    assert not built.start_button.disabled and built.stop_button.disabled


def test_the_text_lives_on_into_the_next_start(made):
    built, _ = made(Film())
    run(built)
    made_again = Film()
    app.open_source = lambda *a, **o: made_again
    run(built)
    assert built.speller.text == "HELOHELO"


def test_options_reach_the_reader(made):
    built, asked = made(Film())
    built.model.value, built.threshold.value = "masks", 0.7
    built.smoothing.value, built.side.value = "majority", "left"
    run(built)
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


def test_a_camera_that_breaks_off_is_said_and_the_text_kept(made):
    built, _ = made(Film(end=SourceError("camera 0 stopped <giving> pictures")))
    run(built)
    assert "camera 0 stopped &lt;giving&gt; pictures" in built.status.value
    assert built.speller.text == "HELO" and not built.start_button.disabled


def test_the_frame_says_what_it_shows(made):
    built, _ = made(Film())
    run(built)
    alt = re.search(r'alt="([^"]+)"', built.frame.value).group(1)
    assert alt.startswith("A hand with its joints") and "Text so far: HEL" in alt
    reading = SimpleNamespace(hand=None, letter=None, confidence=0.0, event=None)
    assert app_page.described(reading, "") == "No hand. Text so far: none."
    seen = SimpleNamespace(hand=HAND, letter="V", confidence=0.934, event=None)
    assert ", seen: V at 93%." in app_page.described(seen, "A")


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
    listed = SimpleNamespace(suggest=lambda word, n: ["HELLO", "HELP"])
    monkeypatch.setattr(app, "english", lambda: listed)
    run(built)
    assert built.speller.text == "HELO"
    assert [button.description for button in built.offers] == ["HELLO", "HELP", ""]
    assert [button.layout.display for button in built.offers] == ["", "", "none"]
    built.offers[0].click()
    assert built.speller.text == "HELLO "
    assert all(button.layout.display == "none" for button in built.offers)


def test_the_live_region_is_set_up_whenever_it_is_first_shown(made):
    built, _ = made(Film())
    assert "aria-live" in built.live.value
    run(built)
    assert "aria-live" in built.live.value and "O. Text: HELO" in built.live.value
    assert built.live.value.count("<img hidden") == 1


def test_copy_and_speak_carry_the_text_and_are_off_without_one(made):
    built, _ = made(Film())
    assert built.text.value.count(" disabled") == 2
    run(built)
    assert built.text.value.count('data-text="HELO"') == 2 and " disabled" not in built.text.value
    assert "clipboard" in built.text.value and "speechSynthesis" in built.text.value


def test_letters_are_noted_only_where_asked(made, tmp_path):
    built, _ = made(Film())
    run(built)
    assert list(tmp_path.iterdir()) == []
    built, _ = made(Film(), journal=tmp_path / "j.sqlite")
    run(built)
    assert [row["letter"] for row in journal.read(tmp_path / "j.sqlite")] == list("HELO")


def test_play_waits_and_returns_what_was_written(made):
    built, asked = made(Film())
    steps = built.play("CHAIR", fps=12)
    assert asked[0] == (("drawn:CHAIR",), {"fps": 12})
    assert [step.text for step in steps] == ["H", "HE", "HEL", "HELO"]
    assert "HELO" in built.text.value and "Text so far: HELO" in built.frame.value


def test_in_colab_it_reads_in_the_cell_for_some_seconds(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    built, asked = made(Film(count=10**9))
    assert built.camera.value == app.BROWSER and built.seconds in set(everything(built.box))
    times = iter(np.arange(0, 1000, 1.0))
    monkeypatch.setattr(app.time, "monotonic", lambda: float(next(times)))
    built.start()
    assert built._thread is None and asked[0] == (("colab",), {})
    assert not built.start_button.disabled and built.speller.text == "HELO"


def test_cameras_are_listed_and_the_drawn_signer_is_always_there(monkeypatch):
    assert app.cameras()[-1] == (app.DRAWN, app.DRAWN)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert app.cameras()[0] == ("camera 0", 0)
