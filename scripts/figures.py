"""Draw the pictures that pages (not chapters) show, into book/_static/generated.

`make figures` draws all of them again, and the README's; a build draws the pages' only after their
code has changed, and leaves the README's, which the repository keeps, alone.
"""

import hashlib
import json
import string
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "book" / "_static" / "generated"
README = ROOT / "book" / "_static" / "spelled.jpg"
SIGNED = (*string.ascii_uppercase, "space", "del")
SPELLED = "CHAIR"
"""What the front page's drawn signer spells."""

DRAWN_BY = (
    "asl_helpers/hand/*.py",
    "asl_helpers/realtime/*.py",
    "asl_helpers/motion/*.py",
    "asl_helpers/alphabet.py",
    "asl_helpers/landmarks.py",
    "asl_helpers/recognisers.py",
    "asl_helpers/tracking.py",
    "asl_helpers/plots/hands.py",
    "data/weights/*",
    "scripts/figures.py",
)


def draw_figures(force: bool = False) -> None:
    """Draw every picture, unless the code that draws them is the one that drew what is there."""
    digest = hashlib.sha256()
    for pattern in DRAWN_BY:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    stamp = TARGET / ".drawn-by"
    if not force and stamp.is_file() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
        return
    print("Drawing the pages' pictures ...", flush=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    front().savefig(TARGET / "front.png", dpi=200, bbox_inches="tight", pad_inches=0.06)
    for name in SIGNED:
        hands(name).save(TARGET / f"atlas_{name}.png", optimize=True)
    pictures = spelled()
    if force:
        side_by_side(pictures).save(README, quality=85, optimize=True)
    stamp.write_text(digest.hexdigest(), encoding="utf-8")


def hands(name: str):
    """A class's hand as the viewer sees it and, right of it, as the signer does."""
    import numpy as np
    from PIL import Image

    from asl_helpers import hand
    from asl_helpers.plots.style import CARD

    views = ("viewer", "signer")
    pair = [
        hand.draw(name, 240, background=CARD, view=view, fade=True, same_scale=True)
        for view in views
    ]
    return Image.fromarray(np.hstack(pair))


def front():
    """The picture of the front page: the alphabet, a hand a letter, every skin tone."""
    from asl_helpers.plots import hands

    return hands.alphabet(columns=9, width=11)


def spelled() -> list:
    """Save the frames in which the camera wrote a letter, and the lines that it printed.

    It is the session of `asl webcam --source drawn:CHAIR --json`: the real tracker and the shipped
    models. Returns the frames, cut to where the letter, the hand and the text are.
    """
    from PIL import Image

    from asl_helpers.realtime.gestures import Gestures
    from asl_helpers.realtime.recogniser import LetterReader
    from asl_helpers.realtime.session import Session
    from asl_helpers.realtime.sources import open_source
    from asl_helpers.realtime.webcam import quiet_libraries

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
                seen = session.picture(step)[:, : frame.image.shape[0]]
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


if __name__ == "__main__":
    draw_figures(force="--force" in sys.argv)
