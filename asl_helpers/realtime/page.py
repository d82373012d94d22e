"""The app's HTML: the frame with its words, the text, copy and speak, and the live regions.

What a widget shows is replaced as a whole, and a screen reader overlooks a live region that is
replaced. So the region's content makes the widget's own, lasting element the live region. For the
same reason the buttons that copy and speak stand apart from the text, which changes with each
letter: whoever has moved to one of them by keyboard stays there.
"""

import base64
import io
from html import escape

import numpy as np
from PIL import Image

from asl_helpers.realtime.overlay import state

_WIDE = 560  # pixels: as wide as the card
_QUALITY = 80

_LASTING = (
    "const box = this.closest('.widget-html-content') || this.parentElement;"
    "box.setAttribute('role', 'status'); box.setAttribute('aria-live', 'polite');"
    "box.setAttribute('aria-label', this.dataset.label); this.remove();"
)
# What both buttons begin with: the text, and a way to answer on the button itself.
_TEXT = (
    "const text = this.closest('.asl-explorer').querySelector('output').textContent.trim();"
    "const name = this.dataset.name, answer = (words) => { this.textContent = words;"
    "setTimeout(() => { this.textContent = name; }, 2000); };"
)
_COPY = _TEXT + (
    "const byHand = () => { const area = document.createElement('textarea');"
    "area.value = text; document.body.appendChild(area); area.select();"
    "answer(document.execCommand('copy') ? 'Copied' : 'Not allowed'); area.remove();"
    "this.focus(); };"
    "if (!text) answer('No text'); else if (navigator.clipboard)"
    "navigator.clipboard.writeText(text).then(() => answer('Copied'), byHand); else byHand();"
)
_SPEAK = _TEXT + (
    "if (!text) answer('No text'); else if (!window.speechSynthesis) answer('No voice here');"
    "else { const words = new SpeechSynthesisUtterance(text.toLowerCase());"
    "words.lang = 'en-US'; speechSynthesis.cancel(); speechSynthesis.speak(words); }"
)


def no_image() -> str:
    """Return what stands in the frame's place before the first frame."""
    return "<p>No image yet: press Start.</p>"


def image(pixels: np.ndarray, reading, text: str, is_marked: bool = True) -> str:
    """Return a frame, RGB uint8 (height, width, 3), as HTML that says what it shows."""
    frame = Image.fromarray(np.ascontiguousarray(pixels))
    if frame.width > _WIDE:
        frame = frame.resize((_WIDE, round(frame.height * _WIDE / frame.width)))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(described(reading, text, is_marked))}" decoding="sync" '
        f'width="{frame.width}" '
        f'height="{frame.height}" style="width:100%;height:auto;image-rendering:auto" '
        f'src="data:image/jpeg;base64,{data}">'
    )


def described(reading, text: str, is_marked: bool = True) -> str:
    """Return a frame in words: the hand, its letter, how sure, and the text so far."""
    now = state(reading)
    letter = reading.event.letter if reading.event is not None else reading.letter
    hand = "A hand with its joints and bones marked" if is_marked else "A hand"
    shown = "No hand" if reading.hand is None else hand
    seen = f", {now}" if reading.hand is not None else ""
    read = f": {letter} at {reading.confidence:.0%}" if letter else ""
    return f"{shown}{seen}{read}. Text so far: {text or 'none'}."


def text(written: str) -> str:
    """Return the text so far."""
    return (
        '<div><span style="font-size:15px">Text so far:</span> <output style="font-size:22px;'
        'letter-spacing:2px;min-width:4em;overflow-wrap:anywhere">'
        f"{escape(written) or '&nbsp;'}</output></div>"
    )


def share() -> str:
    """Return the buttons that copy and speak the text, in the browser itself."""
    buttons = "".join(
        f'<button type="button" class="jupyter-button widget-button" style="width:auto" '
        f'data-name="{name}" onclick="{escape(script)}">{name}</button>'
        for name, script in (("Copy text", _COPY), ("Speak text", _SPEAK))
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px">{buttons}</div>'


def live_region(said: str = "") -> str:
    """Return what was written last, for the eye and, as it comes, for a screen reader."""
    return f'<span style="font-size:14px">{escape(said)}</span>{_live("Letters as they come")}'


def status(words: str = "") -> str:
    """Return what the app does now, or why it stopped, for the eye and for a screen reader."""
    return f"<p>{escape(words)}</p>{_live('What the app does')}"


def _live(label: str) -> str:
    """Return what makes the widget around it a live region of that name, once it is shown."""
    return f'<img hidden alt="" src="data:," data-label="{label}" onerror="{escape(_LASTING)}">'
