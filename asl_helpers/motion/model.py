"""The network that reads strokes: three causal convolutions over time, and its shipped weights."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from asl_helpers.files import project_data
from asl_helpers.motion.features import FEATURES, STEPS, MotionError, features
from asl_helpers.motion.windows import CLASSES
from asl_helpers.shipping import load_shipped

KERNEL, DILATIONS = 5, (1, 2, 4)
"""Steps that a convolution looks at, and how far apart they are in each layer."""

WIDTH = 56
"""Channels of each convolution."""


def motion_core(width: int = WIDTH, dropout: float = 0.1) -> keras.Model:
    """Return the network: features (n, STEPS, FEATURES) to logits (n, 3), under 100,000 weights.

    Only the last step's output is wanted, so no step is padded: each convolution keeps the outputs
    whose inputs all exist, and after the third exactly one is left. It is what causal padding
    would give at that step, for a third of the work.
    """
    stack: list = [keras.Input((STEPS, FEATURES), name="features")]
    for dilation in DILATIONS:
        stack += [
            layers.Conv1D(width, KERNEL, dilation_rate=dilation, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.SpatialDropout1D(dropout),
        ]
    return keras.Sequential(
        [*stack, layers.Flatten(), layers.Dense(len(CLASSES), name="logits")], name="motion_core"
    )


def with_probabilities(core: keras.Model, temperature: float = 1.0) -> keras.Model:
    """Return the model that is shipped: features (n, STEPS, FEATURES) to probabilities (n, 3)."""
    inputs = keras.Input((STEPS, FEATURES), name="features")
    logits = layers.Rescaling(1 / temperature, name="temperature")(core(inputs))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(logits), name="motion")


@dataclass
class MotionModel:
    """A loaded model of strokes.

    Attributes
    ----------
    model:
        Features (n, STEPS, FEATURES) to probabilities (n, len(classes)).
    classes:
        ``("J", "Z", "none")``.
    threshold:
        A stroke less likely than this is none.
    card:
        The model card's facts.
    """

    model: keras.Model
    classes: tuple[str, ...]
    threshold: float
    card: dict

    def predict(self, tracks: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return probabilities (n, 3) float32 of windows as `features.resample` gives them."""
        return np.asarray(self.model.predict(features(tracks, seen), batch_size=1024, verbose=0))


def load_motion(folder: Path | None = None) -> MotionModel:
    """Load the shipped model of strokes and check it against its card.

    Raises `MotionError` where it is missing and `files.FilesError` where it is damaged.
    """
    folder = Path(folder) if folder else project_data() / "weights"
    if not (folder / "motion.json").is_file():
        raise MotionError(
            f"No motion.json in {folder}. Make both: python -m asl_helpers.train_motion"
        )
    model, card = load_shipped("motion", folder)
    return MotionModel(model, tuple(card["classes"]), card["threshold"], card)


class FastMotion:
    """The same network in NumPy, for one window at a time: no graph to enter, no thread to wake.

    Batch normalisation at inference is a factor and a shift a channel, so it moves into the
    kernels; a convolution over the steps that count is one product of matrices.
    """

    def __init__(self, model: keras.Model) -> None:
        """Take the weights of a model that `with_probabilities` made."""
        core = next(layer for layer in model.layers if isinstance(layer, keras.Model))
        scale = model.get_layer("temperature").scale
        self._layers = []
        convolutions = [layer for layer in core.layers if isinstance(layer, layers.Conv1D)]
        norms = [layer for layer in core.layers if isinstance(layer, layers.BatchNormalization)]
        for convolution, norm in zip(convolutions, norms, strict=True):
            (kernel,) = convolution.get_weights()
            gamma, beta, mean, variance = norm.get_weights()
            factor = gamma / np.sqrt(variance + norm.epsilon)
            flat = (kernel * factor).reshape(-1, kernel.shape[-1])
            dilation = convolution.dilation_rate[0]
            self._layers.append((flat, beta - mean * factor, dilation, len(kernel)))
        weights, bias = core.get_layer("logits").get_weights()
        self._weights, self._bias = weights * scale, bias * scale

    def __call__(self, window: np.ndarray) -> np.ndarray:
        """Return probabilities (3,) of one window of features (STEPS, FEATURES) float32."""
        values = window
        for kernel, shift, dilation, taps in self._layers:
            steps = len(values) - dilation * (taps - 1)
            columns = [values[k * dilation : k * dilation + steps] for k in range(taps)]
            values = np.maximum(np.concatenate(columns, axis=1) @ kernel + shift, 0)
        logits = values[-1] @ self._weights + self._bias
        exponents = np.exp(logits - logits.max())
        return exponents / exponents.sum()
