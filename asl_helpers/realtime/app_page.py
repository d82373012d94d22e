"""The app's HTML: the frame with its words, the text with copy and speak, and the live region.

What a widget shows is replaced as a whole, and a screen reader overlooks a live region that is
replaced. So the region's content makes the widget's own, lasting element the live region.
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
    "box.setAttribute('aria-label', 'Letters as they are written'); this.remove();"
)
_COPY = (
    "const text = this.dataset.text, done = () => { this.textContent = 'Copied'; };"
    "const byHand = () => { const area = document.createElement('textarea');"
    "area.value = text; document.body.appendChild(area); area.select();"
    "if (document.execCommand('copy')) done(); area.remove(); this.focus(); };"
    "if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);"
    "else byHand();"
)
_SPEAK = (
    "const words = new SpeechSynthesisUtterance(this.dataset.text.toLowerCase());"
    "words.lang = 'en-US'; speechSynthesis.cancel(); speechSynthesis.speak(words);"
)


def nothing_yet() -> str:
    """Return what stands in the frame's place before the first frame."""
    return "<p>No picture yet: press Start.</p>"


def picture(pixels: np.ndarray, reading, text: str) -> str:
    """Return a frame, RGB uint8 (height, width, 3), as HTML that says what it shows."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.width > _WIDE:
        image = image.resize((_WIDE, round(image.height * _WIDE / image.width)))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(described(reading, text))}" decoding="sync" width="{image.width}" '
        f'height="{image.height}" style="width:100%;height:auto;image-rendering:auto" '
        f'src="data:image/jpeg;base64,{data}">'
    )


def described(reading, text: str) -> str:
    """Return a frame in words: the hand, its letter, how sure, and the text so far."""
    now = state(reading)
    letter = reading.event.letter if reading.event is not None else reading.letter
    shown = "No hand" if reading.hand is None else "A hand with its joints and bones marked"
    seen = f", {now}" if reading.hand is not None else ""
    read = f": {letter} at {reading.confidence:.0%}" if letter else ""
    return f"{shown}{seen}{read}. Text so far: {text or 'none'}."


def text(written: str) -> str:
    """Return the text so far, with buttons that copy and speak it in the browser itself."""
    shown = escape(written) or "&nbsp;"
    value = escape(written, quote=True)
    off = "" if written else " disabled"
    buttons = "".join(
        f'<button type="button" class="jupyter-button widget-button" style="width:auto" '
        f'data-text="{value}" onclick="{escape(script)}"{off}>{name}</button>'
        for name, script in (("Copy", _COPY), ("Speak", _SPEAK))
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:6px;align-items:center">'
        f'<span style="font-size:15px">Text so far:</span> <output style="font-size:22px;'
        f'letter-spacing:2px;min-width:4em;overflow-wrap:anywhere">{shown}</output>{buttons}</div>'
    )


def live_region(said: str = "") -> str:
    """Return what a screen reader is told, and the eye; its first showing makes the region live."""
    first = f'<img hidden alt="" src="data:," onerror="{escape(_LASTING)}">'
    return f'<span style="font-size:14px">{escape(said)}</span>{first}'


def status(words: str) -> str:
    """Return what the app does now, or why it stopped."""
    return f'<p role="status">{escape(words)}</p>'
