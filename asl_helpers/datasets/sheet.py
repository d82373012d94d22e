"""A contact sheet: a few pictures of each class, labelled, with the source below."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from asl_helpers.datasets.collection import Collection
from asl_helpers.files import atomic_path

_PAPER, _INK, _SOFT = "#fbfaf7", "#22262b", "#6b7178"
_THUMB, _ACROSS, _COLUMNS = 72, 5, 3
_GAP, _MARGIN, _LABEL, _HEAD, _FOOT = 4, 36, 108, 92, 56


def draw_sheet(collection: Collection, path: Path, seed: int = 0) -> Path:
    """Draw five pictures of each class in three columns, and return the path of the PNG.

    Parameters
    ----------
    collection:
        The pictures.
    path:
        Where to write; replaced only when the sheet is whole.
    seed:
        Which pictures are picked.
    """
    classes = collection.class_names
    rows = -(-len(classes) // _COLUMNS)
    cell_width = _LABEL + _ACROSS * (_THUMB + _GAP)
    width = 2 * _MARGIN + _COLUMNS * cell_width
    height = _HEAD + rows * (_THUMB + 3 * _GAP) + _FOOT
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    title = f"{collection.name}  ·  {len(classes)} classes  ·  {len(collection):,} pictures"
    draw.text((_MARGIN, 34), title, _INK, font=_font(26, bold=True), anchor="lm")
    rng = np.random.default_rng(seed)
    for label, name in enumerate(classes):
        column, row = divmod(label, rows)
        left = _MARGIN + column * cell_width
        top = _HEAD + row * (_THUMB + 3 * _GAP)
        places = np.flatnonzero(collection.labels == label)
        _draw_label(draw, name, len(places), left, top)
        picked = np.sort(rng.choice(places, min(_ACROSS, len(places)), replace=False))
        for rank, picture in enumerate(collection.images.read(picked)):
            thumb = Image.fromarray(picture.squeeze()).convert("RGB")
            how = Image.Resampling.NEAREST if thumb.width < _THUMB else Image.Resampling.LANCZOS
            thumb = thumb.resize((_THUMB, _THUMB), how)
            sheet.paste(thumb, (left + _LABEL + rank * (_THUMB + _GAP), top))
    draw.text((_MARGIN, height - 28), collection.source, _SOFT, font=_font(16), anchor="lm")
    with atomic_path(path) as target:
        sheet.save(target, "PNG", optimize=True)
    return path


def _draw_label(draw, name: str, count: int, left: int, top: int) -> None:
    """Write a class and how many pictures it has, to the left of its row."""
    right, middle = left + _LABEL - 14, top + _THUMB // 2
    size = 30 if len(name) == 1 else 19
    draw.text((right, middle - 9), name, _INK, font=_font(size, bold=True), anchor="rm")
    draw.text((right, middle + 18), f"{count:,}", _SOFT, font=_font(14), anchor="rm")


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the sans-serif that Matplotlib brings along: the same letters on every machine."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)
