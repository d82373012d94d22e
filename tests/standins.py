"""Tiny files in the forms of the real data sets, made from random shapes: no real picture."""

import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from asl_helpers.alphabet import KAGGLE_CLASSES

SIGN_LABELS = [label for label in range(25) if label != 9]


def photos(n: int, side: int = 28, seed: int = 0) -> np.ndarray:
    """Return n unlike pictures, uint8 (n, side, side): each a few soft blobs."""
    rng = np.random.default_rng(seed)
    grid = np.linspace(0, 1, side)
    out = np.zeros((n, side, side))
    for _ in range(5):
        x, y = rng.random((2, n, 1, 1))
        width = rng.uniform(0.05, 0.3, (n, 1, 1))
        spot = np.exp(-((grid[None, None] - x) ** 2 + (grid[None, :, None] - y) ** 2) / width**2)
        out += rng.uniform(-1, 1, (n, 1, 1)) * spot
    out -= out.min((1, 2), keepdims=True)
    out /= out.max((1, 2), keepdims=True)
    return (40 + 150 * out).astype(np.uint8)


def altered_copies(pictures: np.ndarray, copies: int, seed: int = 0):
    """Return each picture ``copies`` times at another brightness and contrast, and its number."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(pictures)), copies)
    gain = rng.uniform(0.7, 1.3, (len(which), 1, 1))
    shift = rng.uniform(-30, 30, (len(which), 1, 1))
    return np.clip(pictures[which] * gain + shift, 0, 255).astype(np.uint8), which


def sign_mnist_rows(photographs: int = 4, copies: int = 5, seed: int = 0):
    """Return (images (n, 28, 28), labels 0-24 without 9, photograph) in shuffled order."""
    n = len(SIGN_LABELS) * photographs
    images, which = altered_copies(photos(n, seed=seed), copies, seed)
    order = np.random.default_rng(seed).permutation(len(images))
    return images[order], np.repeat(SIGN_LABELS, photographs)[which][order], which[order]


def write_sign_mnist_csvs(folder: Path, seed: int = 0) -> None:
    """Write Kaggle's two CSVs: four photographs a class for training, two for testing."""
    folder.mkdir(parents=True, exist_ok=True)
    header = ",".join(["label", *(f"pixel{place}" for place in range(1, 785))])
    for part, photographs in (("train", 4), ("test", 2)):
        seed += 1
        images, labels, _ = sign_mnist_rows(photographs, seed=seed)
        table = np.column_stack([labels, images.reshape(len(images), -1)])
        path = folder / f"sign_mnist_{part}.csv"
        np.savetxt(path, table, fmt="%d", delimiter=",", header=header, comments="")


def write_class_folders(root: Path, frames: int = 12, side: int = 20) -> None:
    """Write class folders such as A/A1.jpg, each a slow video of one blob that moves."""
    for number, name in enumerate(KAGGLE_CLASSES):
        start, end = photos(2, side, seed=number).astype(float)
        (root / name).mkdir(parents=True, exist_ok=True)
        for frame in range(frames):
            share = frame / max(1, frames - 1)
            picture = Image.fromarray((start * (1 - share) + end * share).astype(np.uint8))
            picture.convert("RGB").save(root / name / f"{name}{1 + frame}.jpg", quality=95)


def zip_folder(root: Path, path: Path) -> None:
    """Zip the files below a folder, as its children."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*.*")):
            archive.write(file, file.relative_to(root).as_posix())


def mark_download(cache: Path, name: str, folder: Path) -> None:
    """Mark a folder as a complete download of a data set."""
    note = cache / "kaggle" / f"{name}.txt"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{folder}\n", encoding="utf-8")
