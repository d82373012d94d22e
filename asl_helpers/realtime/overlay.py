"""What the reader sees, drawn onto the frame: hand, letter, confidence, speed, text so far.

Every mark is a light line within a dark one or stands on its own dark panel, so it can be seen on
any background, and every state is also a word: nothing is told by colour alone.
"""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from asl_helpers.hand.body import BONES
from asl_helpers.realtime.reader import Reading, Session, Step

LIGHT, DARK, ACCENT = (255, 255, 255), (5, 6, 8), (255, 209, 92)
_WIDEST = 1280  # pixels of an image that is shown: a telephone's photograph is no window's size
_LAST = 120  # letters: more than fit into a strip, so that an hour's text costs no more to draw


def state(reading: Reading) -> str:
    """Return a frame's state in a word or two."""
    if reading.event is not None:
        return "written"
    if reading.hand is None:
        return "no hand"
    return "seen" if reading.letter else "not sure"


def draw_overlay(
    image: np.ndarray,
    reading: Reading,
    text: str = "",
    threshold: float | None = None,
    fps: float = 0.0,
    flip: bool = False,
) -> np.ndarray:
    """Return a frame, RGB uint8 (height, width, 3), with everything drawn onto a copy of it.

    ``text`` is the text so far, of which the end is shown if it is too long; ``threshold``, 0-1, is
    marked on the confidence bar; ``fps``, frames a second, is left out where 0. ``flip`` shows the
    frame as a mirror would: marks follow, words stay readable. Frames wider than a screen come out
    smaller.
    """
    canvas = Image.fromarray(np.ascontiguousarray(image[:, ::-1] if flip else image))
    if canvas.width > _WIDEST:
        canvas = canvas.resize((_WIDEST, max(2, round(canvas.height * _WIDEST / canvas.width))))
    pen = ImageDraw.Draw(canvas)
    unit = min(canvas.width / 640, canvas.height / 480)
    if reading.hand is not None:
        points = reading.hand.points[:, :2].astype(float)
        if flip:
            points = points * (-1, 1) + (1, 0)
        _hand(pen, points * (canvas.width, canvas.height), unit)
    _letter(pen, reading, threshold, unit)
    _speed(pen, canvas.width, reading.latency_ms["total"], fps, unit)
    _text(pen, canvas.size, text, unit)
    return np.asarray(canvas).copy()


def draw_step(session: Session, step: Step, flip: bool = False) -> np.ndarray:
    """Return a step's frame with all that the session read in it drawn onto it."""
    threshold = session.reader.threshold
    return draw_overlay(step.frame.image, step.reading, step.text, threshold, session.fps, flip)


def _hand(pen, points: np.ndarray, unit: float) -> None:
    """Draw the box around the hand, its bones and joints, each light on dark."""
    low, high = points.min(axis=0) - 12 * unit, points.max(axis=0) + 12 * unit
    palm = np.linalg.norm(points[9] - points[0])
    unit *= float(np.clip(palm / (120 * unit), 0.6, 1.2))  # a far hand is not hidden by its marks
    box = [*low, *high]
    bones = [(*points[start], *points[end]) for start, end in BONES]
    for colour, width in ((DARK, 6 * unit), (LIGHT, 2.5 * unit)):
        pen.rectangle(box, outline=colour, width=max(1, round(width / 2)))
        for bone in bones:
            pen.line(bone, fill=colour, width=max(1, round(width)))
    for x, y in points:
        for colour, radius in ((DARK, 4.5 * unit), (ACCENT, 3 * unit)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _letter(pen, reading: Reading, threshold: float | None, unit: float) -> None:
    """Draw the panel of the letter: what is read now, how sure, and the state in words."""
    left, top, right, bottom = (edge * unit for edge in (10, 10, 160, 158))
    written = reading.event is not None
    edge = {"outline": ACCENT, "width": round(4 * unit) or 1} if written else {}
    pen.rounded_rectangle((left, top, right, bottom), 8 * unit, fill=DARK, **edge)
    middle = (left + right) / 2
    letter = (reading.event.letter if written else reading.letter) or "-"
    size = 76 if len(letter) == 1 else 40
    pen.text((middle, top + 44 * unit), letter, LIGHT, _font(size * unit), anchor="mm")
    share = float(np.clip(reading.confidence, 0, 1))
    words = state(reading) + ("" if reading.hand is None else f" {share:.0%}")
    pen.text((middle, top + 100 * unit), words, LIGHT, _font(18 * unit), anchor="mm")
    bar = (left + 12 * unit, top + 118 * unit, right - 12 * unit, top + 134 * unit)
    pen.rectangle(bar, outline=LIGHT, width=max(1, round(unit)))
    inner = bar[2] - bar[0]
    pen.rectangle((bar[0], bar[1], bar[0] + share * inner, bar[3]), fill=LIGHT)
    if threshold is not None:
        x = bar[0] + threshold * inner
        for colour, half in ((DARK, 3 * unit), (ACCENT, unit)):
            pen.rectangle((x - half, bar[1] - 4 * unit, x + half, bar[3] + 4 * unit), fill=colour)


def _speed(pen, width: int, latency_ms: float, fps: float, unit: float) -> None:
    """Draw frames a second and the time from frame to letter, top right."""
    words = f"{latency_ms:.0f} ms" + (f" · {fps:.0f} fps" if fps else "")
    font = _font(18 * unit)
    room = font.getlength(words) + 20 * unit
    right, top = width - 10 * unit, 10 * unit
    pen.rounded_rectangle((right - room, top, right, top + 32 * unit), 6 * unit, fill=DARK)
    pen.text((right - room / 2, top + 16 * unit), words, LIGHT, font, anchor="mm")


def _text(pen, size: tuple[int, int], text: str, unit: float) -> None:
    """Draw the strip with the text so far and a caret; of a long text its end."""
    width, height = size
    top = height - 56 * unit
    pen.rectangle((0, top, width, height), fill=DARK)
    font = _font(34 * unit)
    shown = f"{text}_" if len(text) <= _LAST else f"…{text[-_LAST:]}_"
    while len(shown) > 2 and font.getlength(shown) > width - 24 * unit:
        shown = "…" + shown.removeprefix("…")[1:]
    pen.text((12 * unit, top + 28 * unit), shown, LIGHT, font, anchor="lm")


@lru_cache(maxsize=32)
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(max(6.0, size))
