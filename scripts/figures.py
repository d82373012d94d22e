"""Draw the pictures that pages (not chapters) show, into book/_static/generated.

`make figures` draws all of them again; a build draws them only after their code has changed.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "book" / "_static" / "generated"
WORD = "HELLO"
SKINS = (1, 9, 5, 3, 7)  # one drawn person a letter, over the whole published scale
DRAWN_BY = ("asl_helpers/hand/*.py", "asl_helpers/alphabet.py", "scripts/figures.py")


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
    front().savefig(TARGET / "front.png", dpi=200)
    stamp.write_text(digest.hexdigest(), encoding="utf-8")


def front():
    """The word of the front page: a hand a letter, each another person's."""
    from asl_helpers import hand
    from asl_helpers.plots import style

    @style.figure
    def word():
        fig, axes = style.panels(1, len(WORD), width=9, height=2.25)
        for ax, letter, skin in zip(axes[0], WORD, SKINS, strict=True):
            ax.imshow(hand.draw(letter, size=360, skin=skin))
            ax.set_axis_off()
            ax.text(0.5, -0.02, letter, transform=ax.transAxes, ha="center", va="top", fontsize=19)
        return fig

    return word()


if __name__ == "__main__":
    draw_figures(force="--force" in sys.argv)
