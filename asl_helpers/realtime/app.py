"""The notebook's app: a camera, or the drawn signer, read into a text with buttons to work it.

In Jupyter the reading runs beside the notebook, so that the buttons work meanwhile. In Colab the
browser's camera can be asked only while a cell works, so there it reads for some seconds a time.
"""

import sys
import threading
import time
from pathlib import Path

import ipywidgets as widgets

from asl_helpers.errors import AslError
from asl_helpers.explorers.frame import card
from asl_helpers.realtime import app_page as page
from asl_helpers.realtime.colab import in_colab
from asl_helpers.realtime.gestures import Gestures
from asl_helpers.realtime.journal import Journal
from asl_helpers.realtime.session import Session, Step
from asl_helpers.realtime.sources import GREETING, Source, open_source
from asl_helpers.realtime.speller import Speller
from asl_helpers.realtime.words import WordsError, english

DRAWN, BROWSER = "the drawn signer", "the browser's camera"
_OFFERED = 3
_SHOWN_A_SECOND = 12  # pictures; all frames are read, but a notebook shows fewer gladly


class WebcamApp:
    """The app. Show it as a cell's last value; it has nothing running until Start is pressed.

    Parameters
    ----------
    text:
        What the drawn signer spells.
    journal:
        A file to note letters in; None notes nothing.
    reader:
        What makes a reader of the options of `recogniser.LetterReader`; for tests.

    Attributes
    ----------
    speller:
        Holds the text.
    box:
        The widgets.
    """

    def __init__(self, text: str = GREETING, journal: str | Path | None = None, reader=None):
        """Lay out the controls; no camera is opened and no model loaded."""
        self.speller = Speller()
        self._journal, self._make_reader = journal, reader or _reader
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._last_shown = 0.0
        self._controls(text)
        self.frame = widgets.HTML(page.nothing_yet())
        self.text = widgets.HTML()
        self.live = widgets.HTML(page.live_region())
        self.status = widgets.HTML()
        self._refresh("")
        self.box = self._layout()

    def _repr_mimebundle_(self, *given, **options):
        """Show the widgets."""
        return self.box._repr_mimebundle_(*given, **options)

    # Reading

    def start(self) -> None:
        """Open the source that is chosen and read it, until it ends or Stop is pressed."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._busy(True)
        if in_colab():
            self._run(limit=self.seconds.value)
        else:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the reading and wait until the camera is given back; the text stays."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def play(self, text: str, **options) -> list[Step]:
        """Let the drawn signer spell ``text``, as fast as it can be read; wait for its end.

        ``options`` go to `hand.clip.draw_clip`. Returns the steps that wrote something.
        """
        found = []
        with open_source(f"drawn:{text}", **options) as source, self._session() as session:
            for frame in source.frames():
                step = session.step(frame)
                if step.events:
                    found.append(step)
                    self._show(session, step, False)
        return found

    def _run(self, limit: float | None = None) -> None:
        """Read the chosen source; every end leaves the text, and a message if there is one."""
        said = "Stopped by an error in the program; the text is kept."
        try:
            self._say("Opening the camera and loading the reader, some seconds the first time ...")
            with self._source() as source, self._session() as session:
                self._say(f"Reading {source.name}. {source.note}")
                end = None if limit is None else time.monotonic() + limit
                for frame in source.frames(pace=True):
                    with self._lock:
                        step = session.step(frame)
                    self._show(session, step, self.mirror.value and source.live)
                    if self._stop.is_set() or (end and time.monotonic() > end):
                        break
            said = "Stopped."
        except AslError as error:
            said = str(error)
        except KeyboardInterrupt:
            said = "Stopped."  # Colab's stop button
        finally:
            self._say(said)
            self._busy(False)

    def _source(self) -> Source:
        chosen = self.camera.value
        if chosen == DRAWN:
            return open_source(f"drawn:{self.signed.value}")
        return open_source("colab" if chosen == BROWSER else chosen)

    def _session(self) -> Session:
        side = None if self.side.value == "either" else self.side.value
        reader = self._make_reader(
            self.model.value, self.threshold.value or None, self.smoothing.value, side
        )
        session = Session(reader, None, Gestures(), self._say)
        session.speller = self.speller
        if self._journal is not None:
            session.journal = Journal(self._journal, self.model.value)
        return session

    # Showing

    def _show(self, session: Session, step: Step, flip: bool) -> None:
        """Show a frame, all of them that wrote something and some of the others."""
        now = time.monotonic()
        if not step.events and now - self._last_shown < 1 / _SHOWN_A_SECOND:
            return
        self._last_shown = now
        if self.overlay.value:
            picture = session.picture(step, flip)
        else:
            picture = step.frame.image[:, ::-1] if flip else step.frame.image
        self.frame.value = page.picture(picture, step.reading, step.text)
        if step.events:
            self._refresh(", ".join(event.letter for event in step.events))

    def _refresh(self, said: str) -> None:
        """Show the text, offer words, and tell a screen reader what was written."""
        self.text.value = page.text(self.speller.text)
        if said:
            self.live.value = page.live_region(f"{said}. Text: {self.speller.text or 'empty'}")
        offered = self._offered()
        for place, button in enumerate(self.offers):
            button.description = offered[place] if place < len(offered) else ""
            button.layout.display = "" if place < len(offered) else "none"

    def _offered(self) -> list[str]:
        if not self.speller.word:
            return []
        try:
            return english().suggest(self.speller.word, _OFFERED)
        except WordsError:
            return []

    def _say(self, words: str) -> None:
        self.status.value = page.status(words)

    def _busy(self, is_reading: bool) -> None:
        self.start_button.disabled, self.stop_button.disabled = is_reading, not is_reading
        for control in (self.camera, self.model, self.threshold, self.smoothing, self.side):
            control.disabled = is_reading

    # Controls

    def _controls(self, text: str) -> None:
        wide = {"description_width": "initial"}
        names = cameras()
        self.camera = widgets.Dropdown(options=names, description="Camera", style=wide)
        self.signed = widgets.Text(value=text, description="The drawn signer spells", style=wide)
        self.model = widgets.Dropdown(
            options=["landmarks", "masks"], description="Model", style=wide
        )
        # Number fields, not sliders: a screen reader names and reads them.
        self.threshold = widgets.BoundedFloatText(
            value=0.0, max=0.99, step=0.01, description="Threshold (0: the model's own)", style=wide
        )
        self.smoothing = widgets.Dropdown(
            options=["steady", "majority"], description="Smoothing", style=wide
        )
        self.side = widgets.Dropdown(
            options=["either", "left", "right"], description="Signing hand", style=wide
        )
        self.mirror = widgets.Checkbox(value=True, description="Show as a mirror", indent=False)
        self.overlay = widgets.Checkbox(value=True, description="Draw the hand", indent=False)
        self.seconds = widgets.BoundedIntText(
            value=30, min=5, max=300, description="Seconds to read", style=wide
        )
        self.start_button = _button("Start", self.start)
        self.stop_button = _button("Stop", self.stop)
        self.stop_button.disabled = True
        self.edits = [
            _button("Undo", lambda: self._edit(self.speller.undo, "undone")),
            _button("Space", lambda: self._edit(lambda: self.speller.add("space"), "space")),
            _button("Delete", lambda: self._edit(lambda: self.speller.add("del"), "deleted")),
            _button("Clear", lambda: self._edit(self.speller.clear, "cleared")),
        ]
        self.offers = [widgets.Button(layout=widgets.Layout(width="auto")) for _ in range(_OFFERED)]
        for button in self.offers:
            button.on_click(self._accept)

    def _accept(self, button: widgets.Button) -> None:
        word = button.description
        if word:
            self._edit(lambda: self.speller.accept(word), f"put in {word}")

    def _edit(self, change, said: str) -> None:
        with self._lock:
            change()
        self._refresh(said)

    def _layout(self) -> widgets.VBox:
        source = [self.camera, self.signed, *([self.seconds] if in_colab() else [])]
        options = [self.model, self.threshold, self.smoothing, self.side]
        live = [
            *map(_row, (source, options, [self.mirror, self.overlay])),
            _row([self.start_button, self.stop_button]),
            _row(self.edits),
            _row(self.offers),
        ]
        shown = widgets.VBox([self.frame, self.text, self.live, self.status])
        note = "Start, stop, the camera and the buttons work in a running notebook."
        return card([], shown, live, note)


def cameras() -> list:
    """Return what the app can read here, (name, source) pairs; the drawn signer is the last."""
    if in_colab():
        return [(BROWSER, BROWSER), (DRAWN, DRAWN)]
    if sys.platform == "linux":
        numbers = sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))
    else:
        numbers = [0, 1]
    return [*((f"camera {number}", number) for number in numbers), (DRAWN, DRAWN)]


def _reader(model: str, threshold: float | None, smoothing: str, side: str | None):
    from asl_helpers.realtime.recogniser import LetterReader

    return LetterReader(model, threshold, smoothing, side=side)


def _button(name: str, action) -> widgets.Button:
    button = widgets.Button(description=name, layout=widgets.Layout(width="auto"))
    button.on_click(lambda _: action())
    return button


def _row(children: list) -> widgets.Box:
    return widgets.Box(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
