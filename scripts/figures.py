"""Draw the pictures that pages (not chapters) show, into book/_static/generated.

`make figures` draws all of them again; a build draws them only after their code has changed.
"""

import hashlib
import string
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "book" / "_static" / "generated"
SIGNED = (*string.ascii_uppercase, "space", "del")
DRAWN_BY = (
    "asl_helpers/hand/*.py",
    "asl_helpers/alphabet.py",
    "asl_helpers/plots/hands.py",
    "scripts/figures.py",
)


def draw_figures(force: bool = False) -> None:
    """Draw every picture, unless the code that draws them is the one that drew what is there."""
    digest = hashlib.sha256()
    for pattern in DRAWN_BY:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    stamp = TARGET / ".drawn-by"
    if not force and stamp.is_file() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
        return
    print("Drawing the pages' pictures ...", flush=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    front().savefig(TARGET / "front.png", dpi=200, bbox_inches="tight", pad_inches=0.06)
    for name in SIGNED:
        hands(name).save(TARGET / f"atlas_{name}.png", optimize=True)
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


if __name__ == "__main__":
    draw_figures(force="--force" in sys.argv)
