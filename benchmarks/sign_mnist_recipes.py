"""What `sign_mnist` trains: the networks, how each is trained, and the drawn hands beside them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers import hand, networks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.augmentation import Variation
from asl_helpers.files import atomic_path

BUILDERS = {
    "baseline_cnn": networks.baseline_cnn,
    "custom_cnn": networks.custom_cnn,
    "plain_cnn": lambda shape, classes: networks.attention_cnn(shape, classes, attention=False),
    "attention_cnn": networks.attention_cnn,
}

STRONG = Variation(
    turn=15,
    shift=0.12,
    zoom=0.2,
    stretch=0.15,
    shear=0.15,
    contrast=0.6,
    brightness=0.15,
    shade=0.2,
    blur=0.7,
    noise=0.04,
    cutout=0.3,
)

_PIECE = 12_000  # hands drawn at a time: their landmarks fit in memory

MILD = Variation(turn=10, shift=0.08, zoom=0.1, contrast=0.2, brightness=0.1)
"""For drawn hands, which differ in view, light and camera as they are."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    network:
        A name in `BUILDERS`.
    epochs:
        Passes over the photographs' training part.
    variation:
        How its pictures are varied; None leaves them as they are.
    thin:
        Of a photograph's copies in the training part, every so-manieth is used.
    drawn:
        How many drawn hands there are to learn from.
    mixed:
        Drawn hands beside the photographs in every batch; 0 trains on one of the two alone.
    photographs:
        Whether photographs are learnt from at all.
    learning_rate, smoothing, decay, average:
        Adam's rate (it falls along half a cosine wave if there is a variation), label smoothing,
        decoupled weight decay, and the momentum of the weights' moving average (0: none).
    evened:
        Whether every picture is brought to mean 0 and deviation 1 at the network's input.
    views:
        Test pictures are also read shifted by so many pixels in 8 directions, answers averaged.
    batch:
        Pictures a step.
    """

    network: str
    epochs: int
    variation: Variation | None = None
    thin: int = 1
    drawn: int = 0
    mixed: int = 0
    photographs: bool = True
    learning_rate: float = 1e-3
    smoothing: float = 0.0
    decay: float = 0.0
    average: float = 0.0
    evened: bool = False
    views: int = 0
    batch: int = 64


def drawn_hands(count: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return drawn hands at 28 pixels, grey, close up: images (n, 28, 28, 1) uint8 and labels.

    They are drawn once and kept in ``folder``; drawing takes about 10 ms a hand.
    """
    path = folder / f"drawn_{count}.npz"
    if not path.is_file():
        pieces = [
            hand.sample_images(
                STATIC_LETTERS, min(_PIECE, count - start), 28, 9001 + piece, gray=True, close=True
            )
            for piece, start in enumerate(range(0, count, _PIECE))
        ]
        images, labels = (np.concatenate(part) for part in zip(*pieces, strict=True))
        with atomic_path(path) as made:
            np.savez_compressed(made, images=images, labels=labels)
    with np.load(path, allow_pickle=False) as file:
        return file["images"], file["labels"]
