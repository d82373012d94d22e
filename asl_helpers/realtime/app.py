"""The notebook's app: a camera, or the drawn signer, read into a text with buttons to work it.

In Jupyter the reading runs beside the notebook, so that the buttons work meanwhile. In Colab the
browser's camera can be asked only while a cell works, so there it reads for some seconds a time.
"""

import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from asl_helpers.errors import AslError
from asl_helpers.realtime import page
from asl_helpers.realtime.cameras import camera_numbers, in_colab
from asl_helpers.realtime.letters import SMOOTHINGS
from asl_helpers.realtime.overlay import draw_step
from asl_helpers.realtime.reader import LetterReader, Session, Step
from asl_helpers.realtime.sources import GREETING, Source, open_source
from asl_helpers.realtime.text import Gestures, Speller, suggest
from asl_helpers.widgets.base import card

_BROWSER, _DRAWN = "the browser's camera", "the drawn signer"
_OFFERED = 3  # words
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
        What makes a reader of the options of `LetterReader`; for tests.

    Attributes
    ----------
    speller:
        Holds the text.
    box:
        All widgets.
    """

    def __init__(
        self,
        text: str = GREETING,
        journal: str | Path | None = None,
        reader: Callable = LetterReader,
    ) -> None:
        """Lay out the choices and buttons; no camera is opened and no model loaded."""
        self.speller = Speller()
        self._journal, self._make_reader = journal, reader
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._last_shown, self._warning = 0.0, ""
        self._lay_out(text)
        self._refresh("")

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
            self._run(limit=self.seconds.value)
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
        written = []
        with open_source(f"drawn:{text}", **options) as source, self._session() as session:
            for frame in source.frames():
                step = session.step(frame)
                if step.events:
                    written.append(step)
                    self._show(session, step, False)
        return written

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
            self._show(session, step, self.mirror.value and source.live)
            seen = seen if step.reading.hand is None else frame.time
            if self._stop.is_set() or (end and time.monotonic() > end):
                return "Stopped."
            if source.live and frame.time - seen > _ALONE:
                return f"Stopped: no hand for {_ALONE / 60:.0f} minutes, so the camera is off."
        return f"Stopped: {source.name} has come to its end."

    def _source(self) -> Source:
        if self.camera.value == _DRAWN:
            signer, speed = self.signer.value, self.speed.value
            return open_source(f"drawn:{self.signed.value}", seed=signer, speed=speed)
        return open_source("colab" if self.camera.value == _BROWSER else self.camera.value)

    def _session(self) -> Session:
        reader = self._make_reader(
            self.model.value,
            self.threshold.value or None,
            self.smoothing.value,
            side=None if self.side.value == "either" else self.side.value,
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
        if self.overlay.value:
            image = draw_step(session, step, flip)
        else:
            image = step.frame.image[:, ::-1] if flip else step.frame.image
        self.frame.value = page.image(image, step.reading, step.text, self.overlay.value)
        if step.events:
            self._refresh(", ".join(event.letter for event in step.events))

    def _refresh(self, said: str) -> None:
        """Show the text, offer words, and tell a screen reader what was written."""
        self.text.value = page.text(self.speller.text)
        if said:
            self.live.value = page.live_region(f"{said}. Text: {self.speller.text or 'empty'}")
        words = [*suggest(self.speller.word, _OFFERED), *[""] * _OFFERED]
        for button, word in zip(self.offers, words, strict=False):
            button.description, button.layout.display = word, "" if word else "none"

    def _say(self, words: str) -> None:
        self.status.value = page.status(f"{words} {self._warning}".strip())

    def _warn(self, words: str) -> None:
        """Say something that stays to be read until the next start."""
        self._warning = words
        self._say("")

    def _busy(self, is_reading: bool) -> None:
        """Disable what takes effect at the next start only, or enable it again."""
        self.start_button.disabled, self.stop_button.disabled = is_reading, not is_reading
        for widget in self._locked:
            widget.disabled = is_reading

    # Controls

    def _lay_out(self, text: str) -> None:
        """Make the widgets. Number fields, not sliders: a screen reader names and reads them."""
        number, decimal = widgets.BoundedIntText, widgets.BoundedFloatText
        cameras = [(f"camera {number}", number) for number in camera_numbers()]
        cameras = [(_BROWSER, _BROWSER)] if in_colab() else cameras
        cameras = [*cameras, (_DRAWN, _DRAWN)]
        models = [("landmarks", "landmarks"), ("masks (misses more letters)", "masks")]
        self.camera = _labelled(widgets.Dropdown, "Camera", options=cameras)
        self.seconds = _labelled(number, "Seconds to read", value=30, min=5, max=300)
        self.signed = _labelled(widgets.Text, "The drawn signer spells", value=text)
        self.signer = _labelled(number, "Which drawn signer, a number", value=0, max=99_999)
        self.speed = _labelled(decimal, "Letters a second", value=2.0, min=0.5, max=5.0, step=0.5)
        self.model = _labelled(widgets.Dropdown, "Model", options=models)
        name = "Threshold (0: the model's own)"
        self.threshold = _labelled(decimal, name, value=0.0, max=0.99, step=0.01)
        self.smoothing = _labelled(widgets.Dropdown, "Smoothing", options=list(SMOOTHINGS))
        sides = ["either", "left", "right"]
        self.side = _labelled(widgets.Dropdown, "Signing hand", options=sides)
        self.mirror = widgets.Checkbox(value=True, description="Show as a mirror", indent=False)
        self.overlay = widgets.Checkbox(value=True, description="Draw the hand", indent=False)
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
        self.frame, self.text = widgets.HTML(page.no_image()), widgets.HTML()
        self.live, self.status = widgets.HTML(page.live_region()), widgets.HTML(page.status())

        rows = [
            [self.camera, *([self.seconds] if in_colab() else [])],
            [self.signed, self.signer, self.speed],
            [self.model, self.threshold, self.smoothing, self.side],
            [self.mirror, self.overlay],
            [self.start_button, self.stop_button],
            self.edits,
            self.offers,
        ]
        self._locked = [widget for row in rows[:3] for widget in row]
        flow = widgets.Layout(flex_flow="row wrap", align_items="center")
        share = widgets.HTML(page.share())
        shown = widgets.VBox([self.frame, self.text, share, self.live, self.status])
        note = "Start, stop, the camera and the buttons work in a running notebook."
        self.box = card([], shown, [widgets.Box(row, layout=flow) for row in rows], note)

    def _accept(self, button: widgets.Button) -> None:
        if word := button.description:
            self._edit(lambda: self.speller.accept(word), f"put in {word}")

    def _edit(self, change: Callable, said: str) -> None:
        with self._lock:
            change()
        self._refresh(said)


def _labelled(kind: type, label: str, **options) -> widgets.Widget:
    return kind(description=label, style={"description_width": "initial"}, **options)


def _button(name: str, action: Callable) -> widgets.Button:
    button = widgets.Button(description=name, layout=widgets.Layout(width="auto"))
    button.on_click(lambda _: action())
    return button
