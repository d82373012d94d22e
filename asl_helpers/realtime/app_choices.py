"""What the reader of the notebook chooses in the app: camera, drawn signer, model and more."""

import sys
from pathlib import Path

import ipywidgets as widgets

from asl_helpers.realtime.colab import in_colab
from asl_helpers.realtime.smoothing import SMOOTHINGS

DRAWN, BROWSER = "the drawn signer", "the browser's camera"

_WIDE = {"description_width": "initial"}


class Choices:
    """The app's settings, each a labelled widget. Number fields, not sliders: a screen reader
    names them and reads their values.

    Attributes
    ----------
    camera, seconds:
        What is read, and in Colab for how long.
    signed, signer, speed:
        What the drawn signer spells, who that is, and how fast.
    model, threshold, smoothing, side:
        Of the reader.
    mirror, overlay:
        How frames are shown; these can be changed while it reads.
    """

    def __init__(self, text: str) -> None:
        """Make the widgets; ``text`` is what the drawn signer spells at first."""
        self.camera = _list("Camera", cameras())
        self.seconds = widgets.BoundedIntText(
            value=30, min=5, max=300, description="Seconds to read", style=_WIDE
        )
        self.signed = widgets.Text(value=text, description="The drawn signer spells", style=_WIDE)
        self.signer = widgets.BoundedIntText(
            value=0, max=99_999, description="Which drawn signer, a number", style=_WIDE
        )
        self.speed = widgets.BoundedFloatText(
            value=2.0, min=0.5, max=5.0, step=0.5, description="Letters a second", style=_WIDE
        )
        self.model = _list("Model", MODELS)
        self.threshold = widgets.BoundedFloatText(
            value=0.0,
            max=0.99,
            step=0.01,
            description="Threshold (0: the model's own)",
            style=_WIDE,
        )
        self.smoothing = _list("Smoothing", list(SMOOTHINGS))
        self.side = _list("Signing hand", ["either", "left", "right"])
        self.mirror = widgets.Checkbox(value=True, description="Show as a mirror", indent=False)
        self.overlay = widgets.Checkbox(value=True, description="Draw the hand", indent=False)

    def rows(self) -> list[list[widgets.Widget]]:
        """Return the widgets as they stand beside each other."""
        return [
            [self.camera, *([self.seconds] if in_colab() else [])],
            [self.signed, self.signer, self.speed],
            [self.model, self.threshold, self.smoothing, self.side],
            [self.mirror, self.overlay],
        ]

    def lock(self, is_reading: bool) -> None:
        """Disable what takes effect at the next start only, or enable it again."""
        for row in self.rows()[:3]:
            for widget in row:
                widget.disabled = is_reading


MODELS = [("landmarks", "landmarks"), ("masks (misses more letters)", "masks")]


def cameras() -> list:
    """Return what the app can read here, (name, source) pairs; the drawn signer is the last."""
    if in_colab():
        return [(BROWSER, BROWSER), (DRAWN, DRAWN)]
    if sys.platform == "linux":
        numbers = sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*"))
    else:
        numbers = [0, 1]
    return [*((f"camera {number}", number) for number in numbers), (DRAWN, DRAWN)]


def _list(label: str, options: list) -> widgets.Dropdown:
    return widgets.Dropdown(options=options, description=label, style=_WIDE)
