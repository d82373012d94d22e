"""Draw the pictures that pages (not chapters) show, into book/_static/generated.

`make figures` draws all of them again, and the README's; a build draws the pages' only after their
code, or the record that they show, has changed, and leaves the README's, which the repository
keeps, alone.
"""

import hashlib
import json
import string
import sys
from collections.abc import Callable
from pathlib import Path

import status

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "book" / "_static" / "generated"
README = ROOT / "book" / "_static" / "spelled.jpg"
SIGNED = (*string.ascii_uppercase, "space", "del")
SPELLED = "CHAIR"
"""What the front page's drawn signer spells."""

_HANDS = ("asl_helpers/hand/*.py", "asl_helpers/alphabet.py", "scripts/figures.py")
DRAWN_BY = {
    "hands": (*_HANDS, "asl_helpers/figures/part4.py"),
    "spelled": (
        *_HANDS,
        "asl_helpers/realtime/*.py",
        "asl_helpers/landmarks.py",
        "asl_helpers/classifier.py",
        "asl_helpers/tracking.py",
        "data/weights/*",
    ),
    "times": (
        "data/results/realtime.json",
        "asl_helpers/figures/part4.py",
        "asl_helpers/figures/style.py",
        "scripts/figures.py",
        "scripts/status.py",
    ),
}
"""What the pictures of each kind follow from."""


def draw_figures(force: bool = False) -> None:
    """Draw every picture whose code or record is not the one that drew what is there."""
    TARGET.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, Callable[[], None]] = {
        "hands": _draw_hands,
        "spelled": lambda: _draw_spelled(force),
        "times": _draw_times,
    }
    for kind, draw in kinds.items():
        digest = hashlib.sha256()
        for pattern in DRAWN_BY[kind]:
            for path in sorted(ROOT.glob(pattern)):
                if path.is_file():
                    digest.update(path.read_bytes())
        stamp = TARGET / f".{kind}-drawn-by"
        known = stamp.read_text(encoding="utf-8") if stamp.is_file() else ""
        if force or known != digest.hexdigest():
            print(f"Drawing the pages' pictures: {kind} ...", flush=True)
            draw()
            stamp.write_text(digest.hexdigest(), encoding="utf-8")


def _draw_hands() -> None:
    front().savefig(TARGET / "front.png", dpi=200, bbox_inches="tight", pad_inches=0.06)
    for name in SIGNED:
        hands(name).save(TARGET / f"atlas_{name}.png", optimize=True)


def _draw_spelled(for_readme: bool) -> None:
    pictures = spelled()
    if for_readme:
        side_by_side(pictures).save(README, quality=85, optimize=True)


def _draw_times() -> None:
    record = status.record("realtime")
    if record:
        frame_times(record).savefig(TARGET / "frame_times.png", dpi=200, bbox_inches="tight")


def hands(name: str):
    """A class's hand as the viewer sees it and, right of it, as the signer does."""
    import numpy as np
    from PIL import Image

    from asl_helpers import hand
    from asl_helpers.figures.style import CARD

    views = ("viewer", "signer")
    pair = [
        hand.draw(name, 240, background=CARD, view=view, fade=True, same_scale=True)
        for view in views
    ]
    return Image.fromarray(np.hstack(pair))


def front():
    """The picture of the front page: the alphabet, a hand a letter, every skin tone."""
    from asl_helpers.figures import part4

    return part4.alphabet()


def spelled() -> list:
    """Save the frames in which the camera wrote a letter, and the lines that it printed.

    It is the session of `asl webcam --source drawn:CHAIR --json`: the real tracker and the shipped
    models. Returns the frames, cut to where the letter, the hand and the text are.
    """
    from PIL import Image

    from asl_helpers.realtime.overlay import draw_step
    from asl_helpers.realtime.reader import LetterReader, Session
    from asl_helpers.realtime.sources import open_source
    from asl_helpers.realtime.text import Gestures
    from asl_helpers.realtime.window import quiet_libraries

    for old in TARGET.glob("spelled_*.jpg"):
        old.unlink()
    pictures, lines = [], []
    with (
        quiet_libraries(),
        open_source(f"drawn:{SPELLED}") as source,
        Session(LetterReader(), None, Gestures()) as session,
    ):
        for frame in source.frames():
            step = session.step(frame)
            lines += [event.as_dict() | {"text": step.text} for event in step.events]
            if step.events:
                seen = draw_step(session, step)[:, : frame.image.shape[0]]
                pictures += [Image.fromarray(seen).resize((360, 360))] * len(step.events)
    for place, picture in enumerate(pictures):
        picture.save(TARGET / f"spelled_{place}.jpg", quality=88, optimize=True)
    (TARGET / "spelled.json").write_text(json.dumps(lines), encoding="utf-8")
    return pictures


def side_by_side(pictures: list, gap: int = 8):
    """The frames in one row, on white."""
    from PIL import Image

    width, height = pictures[0].size
    row = Image.new("RGB", (len(pictures) * (width + gap) - gap, height), "white")
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (width + gap), 0))
    return row


def frame_times(record: dict):
    """The picture of the real-time part's last page: where the milliseconds of a frame go."""
    from asl_helpers.figures import part4

    source = f"data/results/realtime.json, {record['about']['date']}, medians of each step"
    return part4.step_times(status.frame_rows(record), 40, source=source)


if __name__ == "__main__":
    draw_figures(force="--force" in sys.argv)
