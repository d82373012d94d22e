"""The notebook's app: a camera, or the drawn signer, read into a text with buttons to work it.

In Jupyter the reading runs beside the notebook, so that the buttons work meanwhile. In Colab the
browser's camera can be asked only while a cell works, so there it reads for some seconds a time.
"""

import threading
import time
import weakref
from pathlib import Path

import ipywidgets as widgets

from asl_helpers.errors import AslError
from asl_helpers.realtime import app_page as page
from asl_helpers.realtime.app_choices import BROWSER, DRAWN, Choices
from asl_helpers.realtime.colab import in_colab
from asl_helpers.realtime.frames import Source
from asl_helpers.realtime.gestures import Gestures
from asl_helpers.realtime.session import Session, Step
from asl_helpers.realtime.sources import GREETING, open_source
from asl_helpers.realtime.speller import Speller
from asl_helpers.realtime.words import WordsError, english
from asl_helpers.widgets.base import card

_OFFERED = 3
_SHOWN_A_SECOND = 12  # pictures; all frames are read, but a notebook shows fewer gladly
_ALONE = 300.0  # seconds without a hand after which a camera is switched off

_reading: "weakref.ref[WebcamApp] | None" = None  # one app at a time: a camera serves one


class WebcamApp:
    """The app. Show it as a cell's last value; it has nothing running until Start is pressed.

    Where a button cannot reach the browser's camera, in Colab, ``app.start()`` in a cell of its
    own does what Start does.

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
    choices:
        The settings, as widgets.
    speller:
        Holds the text.
    box:
        All widgets.
    """

    def __init__(self, text: str = GREETING, journal: str | Path | None = None, reader=None):
        """Lay out the choices and buttons; no camera is opened and no model loaded."""
        self.speller = Speller()
        self._journal, self._make_reader = journal, reader or _reader
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._last_shown, self._warning = 0.0, ""
        self.choices = Choices(text)
        self._buttons()
        self.frame = widgets.HTML(page.nothing_yet())
        self.text = widgets.HTML()
        self.live = widgets.HTML(page.live_region())
        self.status = widgets.HTML(page.status())
        self._refresh("")
        self.box = self._layout()

    def _repr_mimebundle_(self, *given, **options):
        """Show the widgets."""
        return self.box._repr_mimebundle_(*given, **options)

    # Reading

    def start(self) -> None:
        """Open the source that is chosen and read it, until it ends or Stop is pressed."""
        global _reading
        if self._is_reading():
            return
        other = _reading() if _reading is not None else None
        if other is not None and other is not self:
            other.stop()  # the cell was run again, and the app that it showed before has the camera
        _reading = weakref.ref(self)
        self._stop.clear()
        self._warning = ""
        self._busy(True)
        if in_colab():
            self._run(limit=self.choices.seconds.value)
        else:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _is_reading(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

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
                said = self._read(source, session, limit)
        except AslError as error:
            said = f"{error} The text is kept."
        except KeyboardInterrupt:
            said = "Stopped."  # Colab's stop button
        except Exception as error:
            said = (
                f"Stopped by an error in the program ({type(error).__name__}: {error}). The text "
                "is kept; press Start to go on."
            )
            raise  # the whole of it goes to the notebook's log
        finally:
            self._say(said)
            self._busy(False)

    def _read(self, source: Source, session: Session, limit: float | None) -> str:
        """Read a source until it ends or is ended; return what ended it."""
        end = None if limit is None else time.monotonic() + limit
        seen = 0.0
        for frame in source.frames(pace=True):
            with self._lock:
                step = session.step(frame)
            self._show(session, step, self.choices.mirror.value and source.live)
            seen = seen if step.reading.hand is None else frame.time
            if self._stop.is_set() or (end and time.monotonic() > end):
                return "Stopped."
            if source.live and frame.time - seen > _ALONE:
                return f"Stopped: no hand for {_ALONE / 60:.0f} minutes, so the camera is off."
        return f"Stopped: {source.name} has come to its end."

    def _source(self) -> Source:
        chosen = self.choices.camera.value
        if chosen == DRAWN:
            text, signer = self.choices.signed.value, self.choices.signer.value
            return open_source(f"drawn:{text}", seed=signer, speed=self.choices.speed.value)
        return open_source("colab" if chosen == BROWSER else chosen)

    def _session(self) -> Session:
        side = None if self.choices.side.value == "either" else self.choices.side.value
        reader = self._make_reader(
            self.choices.model.value,
            self.choices.threshold.value or None,
            self.choices.smoothing.value,
            side,
        )
        session = Session(reader, None, Gestures(), self._warn)
        session.speller = self.speller
        if self._journal is not None:
            session.note_in(self._journal)
        return session

    # Showing

    def _show(self, session: Session, step: Step, flip: bool) -> None:
        """Show a frame, all of them that wrote something and some of the others."""
        now = time.monotonic()
        if not step.events and now - self._last_shown < 1 / _SHOWN_A_SECOND:
            return
        self._last_shown = now
        if self.choices.overlay.value:
            picture = session.picture(step, flip)
        else:
            picture = step.frame.image[:, ::-1] if flip else step.frame.image
        self.frame.value = page.picture(
            picture, step.reading, step.text, self.choices.overlay.value
        )
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
        self.status.value = page.status(f"{words} {self._warning}".strip())

    def _warn(self, words: str) -> None:
        """Say something that stays to be read until the next start."""
        self._warning = words
        self._say("")

    def _busy(self, is_reading: bool) -> None:
        self.start_button.disabled, self.stop_button.disabled = is_reading, not is_reading
        self.choices.lock(is_reading)

    # Controls

    def _buttons(self) -> None:
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
        live = [
            *map(_row, self.choices.rows()),
            _row([self.start_button, self.stop_button]),
            _row(self.edits),
            _row(self.offers),
        ]
        share = widgets.HTML(page.share())
        shown = widgets.VBox([self.frame, self.text, share, self.live, self.status])
        note = "Start, stop, the camera and the buttons work in a running notebook."
        return card([], shown, live, note)


def _reader(model: str, threshold: float | None, smoothing: str, side: str | None):
    from asl_helpers.realtime.recogniser import LetterReader

    return LetterReader(model, threshold, smoothing, side=side)


def _button(name: str, action) -> widgets.Button:
    button = widgets.Button(description=name, layout=widgets.Layout(width="auto"))
    button.on_click(lambda _: action())
    return button


def _row(children: list) -> widgets.Box:
    return widgets.Box(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
