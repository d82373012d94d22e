"""From landmarks to letters: the network that reads a hand, trained on drawn hands only.

The model takes landmarks as a tracker gives them, (n, 21, 3), and does its own normalisation, so
that one file is all that a page or a phone needs. It reads x and y only: a tracker's depth is a
guess whose scale and slope differ from a camera's, and learning from it cost more than it gave.
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from asl_helpers import alphabet, landmarks
from asl_helpers.alphabet import NONE
from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.files import project_data
from asl_helpers.hand.masks import skeleton_mask
from asl_helpers.shipping import load_shipped

CLASSES = (*alphabet.STATIC_LETTERS, NONE)
"""What the shipped recogniser tells apart: the 24 static letters and `NONE`."""


class RecogniserError(AslError):
    """A recogniser that does not exist, or whose files do not belong together."""


def landmark_core(classes: int = len(CLASSES)) -> keras.Model:
    """Return the network proper: 42 normalised numbers to logits, about 120,000 parameters."""
    stack: list = [keras.Input((42,), name="points")]
    for width in (288, 224, 160):
        stack += [
            layers.Dense(width, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("gelu"),
            layers.Dropout(0.1),
        ]
    return keras.Sequential([*stack, layers.Dense(classes, name="logits")], name="core")


def _normalised(points):
    """Return x and y about their mean, with a root mean square of 1: (n, 42)."""
    flat = points[..., :2]
    flat = flat - ops.mean(flat, axis=1, keepdims=True)
    size = ops.sqrt(ops.mean(ops.sum(ops.square(flat), axis=-1), axis=1))
    return ops.reshape(flat / ops.maximum(size, 1e-6)[:, None, None], (-1, 42))


def one_sided(core: keras.Model) -> keras.Model:
    """Return the model that is trained: landmarks (n, 21, 3) of either hand to logits."""
    points = keras.Input((21, 3), name="landmarks")
    return keras.Model(points, core(_normalised(points)), name="one_sided")


def landmark_recogniser(core: keras.Model, temperature: float = 1.0) -> keras.Model:
    """Return the model that is shipped: landmarks (n, 21, 3) to probabilities (n, classes).

    Nobody says which hand signs, and a picture may be mirrored: the core reads the hand as it is
    and as its mirror image, and the mean of both counts.
    """
    points = keras.Input((21, 3), name="landmarks")
    mirrored = points * np.array([-1.0, 1.0, 1.0], np.float32)
    views = [
        layers.Softmax()(core(_normalised(side)) * (1 / temperature)) for side in (points, mirrored)
    ]
    return keras.Model(points, layers.Average(name="probabilities")(views), name="landmarks")


@dataclass
class Recogniser:
    """A loaded recogniser.

    Attributes
    ----------
    model:
        Landmarks (n, 21, 3), or skeleton masks (n, size, size, 2), to probabilities
        (n, len(classes)).
    classes:
        Names of the classes.
    threshold:
        A hand whose best letter is less likely than this is better left unread.
    card:
        The model card's facts.
    """

    model: keras.Model
    classes: tuple[str, ...]
    threshold: float
    card: dict

    def predict(self, points: np.ndarray) -> np.ndarray:
        """Return probabilities (n, len(classes)) float32 of landmarks (n, 21, 3).

        Raises `landmarks.LandmarkError` for another shape or numbers that are not finite.
        """
        points = landmarks.check(points)
        if not len(points):
            return np.zeros((0, len(self.classes)), np.float32)
        inputs = points
        if self.model.input_shape[-1] == 2:
            size = self.model.input_shape[1]
            inputs = skeleton_mask(landmarks.normalise(points), size).astype(np.float32)
        return np.asarray(self.model.predict(inputs, batch_size=1024, verbose=0))

    def read(self, points: np.ndarray) -> list[str | None]:
        """Return a letter for each hand, or None where it is unsure or sees none."""
        probs = self.predict(points)
        return [
            None if self.classes[best] == NONE or row[best] < self.threshold else self.classes[best]
            for row, best in zip(probs, probs.argmax(axis=1), strict=True)
        ]


def load_recogniser(name: str = "landmarks", folder: Path | None = None) -> Recogniser:
    """Load a shipped recogniser by name and check it against its card."""
    folder = folder or project_data() / "weights"
    cards = [path.stem for path in sorted(folder.glob("*.json"))]
    if name not in cards:
        raise RecogniserError(f"No recogniser {name!r} in {folder}.{did_you_mean(name, cards)}")
    model, card = load_shipped(name, folder)
    return Recogniser(model, tuple(card["classes"]), card["threshold"], card)
