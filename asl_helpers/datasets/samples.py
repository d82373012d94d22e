"""The small drawn data sets that travel with the project: how they are made, kept and read.

``make samples`` draws them again into ``data/samples``. Each is one
NumPy archive of plain arrays, with one entry a picture:

``images`` (n, h, w, 1) uint8, or ``jpeg`` (all JPEG files joined, uint8) and ``ends`` (n,) int64,
where each one ends; ``labels`` int64; ``groups`` int64, the clip of near-copies; ``frames`` int64,
place within the class's film; ``signers`` int64; ``parts`` "train" or "test".

The drawing repeats to the byte on one machine with the pinned packages. Elsewhere the picture can
differ where the machine's sine or the JPEG and deflate libraries do.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers import files
from asl_helpers.datasets.arrays import read_npz
from asl_helpers.errors import AslError, did_you_mean

SUMS = "SHA256SUMS"
"""Name of the file that lists the checksums of the samples."""

_FIELDS = ("labels", "groups", "frames", "signers", "parts")


class SampleError(AslError):
    """A sample is unknown or its arrays do not fit together."""


@dataclass(frozen=True)
class Recipe:
    """How one sample is drawn; see :func:`asl_helpers.hand.drawing.sample_clips`.

    Attributes
    ----------
    classes, clips, frames, size, seed, signers, gray, close:
        As there.
    test_signers:
        How many of the signers, the last ones, make the test part.
    quality:
        JPEG quality, 1-95; None keeps the pixels as they are.
    """

    classes: str
    clips: int
    frames: int
    size: int
    seed: int
    signers: int
    gray: bool
    close: bool
    test_signers: int
    quality: int | None = None


RECIPES = {
    "sign_language_mnist": Recipe("static", 60, 4, 28, 1, 12, True, True, 2),
    "asl_alphabet": Recipe("kaggle", 5, 3, 200, 2, 5, False, False, 1, quality=80),
    "asl_synthetic": Recipe("kaggle", 30, 1, 64, 3, 30, False, False, 5, quality=90),
}
"""The samples by name."""


def recipe(name: str) -> Recipe:
    """Return how a sample is drawn; raise SampleError for a name that is not there."""
    try:
        return RECIPES[name]
    except KeyError:
        raise SampleError(f"No sample {name!r}.{did_you_mean(name, RECIPES)}") from None


def draw_sample(made: Recipe, only=None) -> dict[str, np.ndarray]:
    """Draw a sample (or the clips that ``only`` numbers) and return its arrays."""
    from asl_helpers.hand.drawing import sample_clips

    drawn = sample_clips(
        made.classes,
        made.clips,
        made.frames,
        made.size,
        made.seed,
        made.signers,
        gray=made.gray,
        close=made.close,
        only=only,
    )
    parts = np.where(drawn.signers >= made.signers - made.test_signers, "test", "train")
    arrays = {name: getattr(drawn, name) for name in _FIELDS[:-1]} | {"parts": parts}
    if made.quality is None:
        return {"images": drawn.images} | arrays
    coded = [_encode(image, made.quality) for image in drawn.images]
    joined = np.frombuffer(b"".join(coded), np.uint8)
    return {"jpeg": joined, "ends": np.cumsum([len(one) for one in coded])} | arrays


def read_sample(path: Path) -> dict[str, np.ndarray]:
    """Read a sample: ``images`` (n, h, w, c) uint8 and the arrays that the module describes.

    Errors
    ------
    DatasetError when the archive is damaged; SampleError when its arrays do not fit together.
    """
    arrays = read_npz(path, *_FIELDS)
    if "images" not in arrays:
        arrays["images"] = _decode_all(arrays.pop("jpeg", None), arrays.pop("ends", None), path)
    n = len(arrays["images"])
    odd = [name for name in _FIELDS if len(arrays[name]) != n]
    if odd:
        raise SampleError(
            f"{path.name}: {n} pictures but {len(arrays[odd[0]])} {odd[0]}. Draw it again: "
            "`make samples`."
        )
    return arrays


def write_samples(folder: Path, names=tuple(RECIPES)) -> list[Path]:
    """Draw samples into ``folder`` and list their checksums there; return the files."""
    written = []
    for name in names:
        path = Path(folder) / f"{name}.npz"
        with files.atomic_path(path) as unfinished:
            np.savez_compressed(unfinished, **draw_sample(recipe(name)))
        written.append(path)
    sums = Path(folder) / SUMS
    with files.atomic_path(sums) as unfinished:
        lines = (f"{files.sha256(p)}  {p.name}\n" for p in sorted(Path(folder).glob("*.npz")))
        unfinished.write_text("".join(lines), encoding="utf-8")
    return [*written, sums]


def main() -> None:
    """Draw every sample into the project's ``data/samples`` and print the sizes."""
    for path in write_samples(files.project_data() / "samples"):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def _encode(image, quality) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _decode_all(jpeg, ends, path):
    from PIL import Image, UnidentifiedImageError

    if jpeg is None or ends is None:
        raise SampleError(f"{path.name} has neither images nor jpeg and ends. `make samples`.")
    whole, start, images = jpeg.tobytes(), 0, []
    try:
        for end in ends.tolist():
            with Image.open(io.BytesIO(whole[start:end])) as picture:
                images.append(np.asarray(picture.convert("RGB")))
            start = end
        return np.stack(images)
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise SampleError(f"{path.name} is damaged ({error}). Draw it: `make samples`.") from error
