"""The notebook's app: a camera, or the drawn signer, read into a text with buttons to work it.

In Jupyter the reading runs beside the notebook, so that the buttons work meanwhile. In Colab the
browser's camera can be asked only while a cell works, so there it reads for some seconds a time.
"""

import base64
import io
import threading
import time
import weakref
from collections.abc import Callable
from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.realtime.letters import SMOOTHINGS
from asl_helpers.realtime.overlay import draw_step, state
from asl_helpers.realtime.reader import LetterReader, Reading, Session, Step
from asl_helpers.realtime.sources import GREETING, Source, camera_numbers, in_colab, open_source
from asl_helpers.realtime.text import Speller, suggest
from asl_helpers.widgets.base import card

_BROWSER, _DRAWN = "the browser's camera", "the drawn signer"
_OFFERED = 3  # words
_SHOWN_A_SECOND = 12  # images; all frames are read, but a notebook shows fewer gladly
_WIDE, _QUALITY = 560, 80  # pixels, as wide as the card; of the JPEG
_ALONE = 300.0  # seconds without a hand after which a camera is switched off

_reading: "weakref.ref[WebcamApp] | None" = None  # one app at a time: a camera serves one


class WebcamApp:
    """The app. Show it as a cell's last value; it has nothing running until Start is pressed.

    Where a button cannot reach the browser's camera, in Colab, ``app.start()`` in a cell of its
    own does what Start does. ``text`` is what the drawn signer spells, ``journal`` a file to note
    letters in; None notes nothing. ``speller`` holds what was read, ``box`` all widgets.
    """

    def __init__(self, text: str = GREETING, journal: str | Path | None = None) -> None:
        """Lay out the choices and buttons; no camera is opened and no model loaded."""
        self.speller, self._journal = Speller(), journal
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
        said = "Stopped."  # as Colab's stop button does
        try:
            self._say("Opening the camera and loading the reader, some seconds the first time ...")
            with self._source() as source, self._session() as session:
                self._say(f"Reading {source.name}. {source.note}")
                said = self._read(source, session, limit)
        except AslError as error:
            said = f"{error} The text is kept."
        except KeyboardInterrupt:
            pass
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
        reader = LetterReader(
            self.model.value,
            self.threshold.value or None,
            self.smoothing.value,
            None if self.side.value == "either" else self.side.value,
        )
        return Session(reader, self._journal, self._warn, self.speller)

    # Showing

    def _show(self, session: Session, step: Step, flip: bool) -> None:
        """Show a frame, all of them that wrote something and some of the others."""
        now = time.monotonic()
        if not step.events and now - self._last_shown < 1 / _SHOWN_A_SECOND:
            return
        self._last_shown = now
        plain = step.frame.image[:, ::-1] if flip else step.frame.image
        image = draw_step(session, step, flip) if self.overlay.value else plain
        self.frame.value = _frame(image, step.reading, step.text, self.overlay.value)
        if step.events:
            self._refresh(", ".join(event.letter for event in step.events))

    def _refresh(self, said: str) -> None:
        """Show the text, offer words, and tell a screen reader what was written."""
        self.text.value = _text(self.speller.text)
        if said:
            self.live.value = _letters(f"{said}. Text: {self.speller.text or 'empty'}")
        words = [*suggest(self.speller.word, _OFFERED), *[""] * _OFFERED]
        for button, word in zip(self.offers, words, strict=False):
            button.description, button.layout.display = word, "" if word else "none"

    def _say(self, words: str) -> None:
        self.status.value = _status(f"{words} {self._warning}".strip())

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
        self.frame, self.text = widgets.HTML("<p>No image yet: press Start.</p>"), widgets.HTML()
        self.live, self.status = widgets.HTML(_letters()), widgets.HTML(_status())

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
        share = widgets.HTML(_share())
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


# The app's HTML. What a widget shows is replaced as a whole, and a screen reader overlooks a live
# region that is replaced. So the region's content makes the widget's own, lasting element the live
# region. For the same reason the buttons that copy and speak stand apart from the text, which
# changes with each letter: whoever has moved to one of them by keyboard stays there.

_LASTING = (
    "const box = this.closest('.widget-html-content') || this.parentElement;"
    "box.setAttribute('role', 'status'); box.setAttribute('aria-live', 'polite');"
    "box.setAttribute('aria-label', this.dataset.label); this.remove();"
)
_SCRIPT = Path(__file__).with_name("app.js").read_text(encoding="utf-8")


def _frame(pixels: np.ndarray, reading: Reading, text: str, is_marked: bool) -> str:
    """Return a frame, RGB uint8 (height, width, 3), as HTML that says what it shows."""
    frame = Image.fromarray(np.ascontiguousarray(pixels))
    if frame.width > _WIDE:
        frame = frame.resize((_WIDE, round(frame.height * _WIDE / frame.width)))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(_described(reading, text, is_marked))}" decoding="sync" '
        f'width="{frame.width}" '
        f'height="{frame.height}" style="width:100%;height:auto;image-rendering:auto" '
        f'src="data:image/jpeg;base64,{data}">'
    )


def _described(reading: Reading, text: str, is_marked: bool) -> str:
    """Return a frame in words: the hand, its letter, how sure, and the text so far."""
    now = state(reading)
    letter = reading.event.letter if reading.event is not None else reading.letter
    hand = "A hand with its joints and bones marked" if is_marked else "A hand"
    shown = "No hand" if reading.hand is None else hand
    seen = f", {now}" if reading.hand is not None else ""
    read = f": {letter} at {reading.confidence:.0%}" if letter else ""
    return f"{shown}{seen}{read}. Text so far: {text or 'none'}."


def _text(written: str) -> str:
    """Return the text so far."""
    return (
        '<div><span style="font-size:15px">Text so far:</span> <output style="font-size:22px;'
        'letter-spacing:2px;min-width:4em;overflow-wrap:anywhere">'
        f"{escape(written) or '&nbsp;'}</output></div>"
    )


def _share() -> str:
    """Return the buttons that copy and speak the text, in the browser itself."""
    buttons = "".join(
        f'<button type="button" class="jupyter-button widget-button" style="width:auto" '
        f'data-name="{name}" onclick="{escape(_SCRIPT + call)}">{name}</button>'
        for name, call in (("Copy text", "aslCopy(this)"), ("Speak text", "aslSpeak(this)"))
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px">{buttons}</div>'


def _letters(said: str = "") -> str:
    """Return what was written last, for the eye and, as it comes, for a screen reader."""
    return f'<span style="font-size:14px">{escape(said)}</span>{_live("Letters as they come")}'


def _status(words: str = "") -> str:
    """Return what the app does now, or why it stopped, for the eye and for a screen reader."""
    return f"<p>{escape(words)}</p>{_live('What the app does')}"


def _live(label: str) -> str:
    """Return what makes the widget around it a live region of that name, once it is shown."""
    return f'<img hidden alt="" src="data:," data-label="{label}" onerror="{escape(_LASTING)}">'
