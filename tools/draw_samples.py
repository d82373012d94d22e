"""Draw the small embedded data sets of ``data/samples`` again: ``make samples``.

Each is one NumPy archive of plain arrays, with one entry per image: ``images`` (n, h, w, 1) uint8,
or ``jpeg`` (all JPEG files joined, uint8) and ``ends`` (n,), the index at which each one ends; and
what `asl_helpers.datasets.sources.COLUMNS` names.

The drawing repeats to the byte on one machine with the pinned packages. Elsewhere an image can
differ where the machine's sine or the JPEG and deflate libraries do.
"""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers import files
from asl_helpers.datasets.sources import RECIPES, Recipe, draw_sample


def encode(recipe: Recipe, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a sample's arrays with its images as JPEG where the recipe asks for it."""
    if recipe.quality is None:
        return arrays
    coded = []
    for image in arrays["images"]:
        out = io.BytesIO()
        Image.fromarray(image).save(out, "JPEG", quality=recipe.quality, optimize=True)
        coded.append(out.getvalue())
    jpeg = np.frombuffer(b"".join(coded), np.uint8)
    rest = {name: array for name, array in arrays.items() if name != "images"}
    return {"jpeg": jpeg, "ends": np.cumsum([len(one) for one in coded])} | rest


def write_samples(folder: Path, names: Iterable[str] = tuple(RECIPES)) -> list[Path]:
    """Draw samples into ``folder`` and list their checksums in SHA256SUMS; return the files."""
    for name in names:
        with files.atomic_path(folder / f"{name}.npz") as unfinished:
            np.savez_compressed(unfinished, **encode(RECIPES[name], draw_sample(RECIPES[name])))
    written = sorted(folder.glob("*.npz"))
    with files.atomic_path(folder / "SHA256SUMS") as unfinished:
        lines = (f"{files.sha256(path)}  {path.name}\n" for path in written)
        unfinished.write_text("".join(lines), encoding="utf-8")
    return written


if __name__ == "__main__":
    for path in write_samples(files.project_data() / "samples"):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
