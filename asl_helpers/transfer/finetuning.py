"""A head on a backbone, and training both with care: which layers move, and how far."""

import math
import re
from collections.abc import Mapping

import keras
from keras import layers

from asl_helpers.errors import did_you_mean
from asl_helpers.transfer.errors import TransferError

BLOCKS = 17
"""Inverted residual blocks of MobileNetV2; ``expanded_conv`` is the first."""

SCHEDULES = ("constant", "cosine", "step")


def head(
    channels: int, classes: int, dense: int | None = None, dropout: float = 0.2
) -> keras.Model:
    """Return a classifier of features: float32 (n, channels) to logits (n, classes).

    ``dense`` adds a layer of so many units with ReLU before the last one.
    """
    if classes < 2:
        raise TransferError(f"A classifier needs at least 2 classes, not {classes}.")
    stack: list = [keras.Input((channels,), name="features")]
    if dense:
        stack.append(layers.Dense(dense, activation="relu", name="dense"))
    stack += [layers.Dropout(dropout, name="dropout"), layers.Dense(classes, name="logits")]
    return keras.Sequential(stack, name="head")


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Return one model from pictures to logits: copies of both, the mean of each map between them.

    It is flat: every layer of the backbone is a layer of it, as ``explain.grad_cam`` and
    ``unfreeze`` need. The two that are given stay as they are, whatever becomes of the copy.

    Raises
    ------
    TransferError
        If the head reads another number of channels than the backbone gives.
    """
    channels, expected = backbone.output_shape[-1], head.input_shape[-1]
    if channels != expected:
        raise TransferError(
            f"The head reads {expected} features, and {backbone.name} gives {channels}. Make it "
            f"with head({channels}, ...)."
        )
    base = _copy(backbone)
    x = layers.GlobalAveragePooling2D(name="mean")(base.outputs[0])
    for layer in _copy(head).layers:
        if not isinstance(layer, layers.InputLayer):
            x = layer(x)
    model = keras.Model(base.inputs[0], x, name=backbone.name)
    model.set_weights([*backbone.get_weights(), *head.get_weights()])
    model.source = getattr(backbone, "source", "")
    return model


def _copy(model: keras.Model) -> keras.Model:
    return keras.models.clone_model(model)


def unfreeze(model: keras.Model, last_blocks: int = 0, batch_norm: bool = False) -> int:
    """Let the head, and the last blocks of a MobileNetV2 below it, be trained; freeze the rest.

    Parameters
    ----------
    model:
        What ``join`` returns.
    last_blocks:
        0 leaves the head alone. From 1 on the last convolution moves too, and so many of the 17
        inverted residual blocks; with all 17 the first convolution as well.
    batch_norm:
        Whether batch normalisation in the layers that move is trained. By default it keeps the
        means and variances of the pretraining, and its own weights: a frozen one runs as in
        inference, also in training.

    Returns
    -------
    The number of weights that will be trained. Compile the model after this call, as
    ``training.fit`` does: what is trainable is read then.
    """
    if not 0 <= last_blocks <= BLOCKS:
        raise TransferError(f"last_blocks={last_blocks}; MobileNetV2 has {BLOCKS} of them, 0-17.")
    depths = {layer.name: depth(layer.name) for layer in model.layers}
    if not any(depths.values()):
        raise TransferError(
            f"{model.name} has no layers named as in MobileNetV2 (block_1_expand ...). If the "
            "backbone is nested in it as one layer, build the model with transfer.join."
        )
    # One more than the blocks: the last convolution lies above them, the first below.
    lowest = {0: 0, BLOCKS: BLOCKS + 2}.get(last_blocks, last_blocks + 1)
    for layer in model.layers:
        moves = depths[layer.name] <= lowest
        if isinstance(layer, layers.BatchNormalization):
            moves = moves and batch_norm
        layer.trainable = moves
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def depth(name: str) -> int:
    """Return how far below the head a layer of MobileNetV2 lies, by its name.

    0 is the head, 1 the last convolution, 2 to 18 the blocks from the last to the first, 19 the
    first convolution.
    """
    found = re.match(r"block_(\d+)_", name)
    if found:
        return BLOCKS + 1 - int(found[1])
    if name.startswith("expanded_conv"):
        return BLOCKS + 1
    if name in ("Conv_1", "Conv_1_bn", "out_relu"):
        return 1
    return (
        BLOCKS + 2 if name in ("Conv1", "bn_Conv1", "Conv1_relu", "preprocess", "pictures") else 0
    )


def schedule(name: str, rate: float, steps: int, warmup: int = 0):
    """Return a learning rate as Keras's optimizers take it: a number, or a function of the step.

    Parameters
    ----------
    name:
        ``"constant"``; ``"cosine"``: half a cosine from ``rate`` to 0; ``"step"``: a tenth after
        half of the steps, and a tenth of that after three quarters.
    rate:
        The largest one.
    steps:
        Of the whole training, epochs times batches.
    warmup:
        Steps from 0 up to ``rate`` before the cosine; they count in ``steps``.
    """
    if name not in SCHEDULES:
        raise TransferError(f"No schedule {name!r}.{did_you_mean(str(name), SCHEDULES)}")
    if steps < 1 or not 0 <= warmup < steps or (warmup and name != "cosine"):
        raise TransferError(
            f"steps={steps} and warmup={warmup}: expected at least 1 step, and a warm-up shorter "
            "than they are, before a cosine only."
        )
    if name == "constant":
        return rate
    if name == "step":
        bounds = [steps // 2, 3 * steps // 4]
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            bounds, [rate, rate / 10, rate / 100]
        )
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(rate, steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=rate, warmup_steps=warmup
    )


@keras.saving.register_keras_serializable(package="asl_helpers")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with a factor on the learning rate for each variable, by its path; 1 where none is.

    A factor on the *gradient* would do nothing: Adam divides by the gradient's size.
    """

    def __init__(self, learning_rate=1e-4, factors: Mapping[str, float] | None = None, **settings):
        """Take Adam's settings, and factors by the paths of variables."""
        super().__init__(learning_rate, **settings)
        self.factors = dict(factors or {})

    def build(self, variables) -> None:
        """Look up each variable's factor."""
        super().build(variables)
        self._by_index = [self.factors.get(each.path, 1.0) for each in variables]

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Take Adam's step at the variable's own rate."""
        factor = self._by_index[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self) -> dict:
        """Return the settings, for saving."""
        return {**super().get_config(), "factors": self.factors}


def layerwise_adam(model: keras.Model, learning_rate=1e-4, decay: float = 0.8) -> LayerwiseAdam:
    """Return Adam whose rate falls by ``decay`` from block to block, from the head downwards.

    The head moves at ``learning_rate`` (a number or a schedule), the last convolution at
    ``decay`` times that, the last block at its square, and so on: the earliest layers, whose edges
    and colours serve any task, move least (Howard and Ruder 2018, "Universal Language Model
    Fine-tuning for Text Classification", section 3.2; there the factor is 1 / 2.6).
    """
    if not 0 < decay <= 1:
        raise TransferError(f"decay={decay}; expected above 0 and at most 1 (all at one rate).")
    factors = {
        weight.path: decay ** depth(layer.name)
        for layer in model.layers
        for weight in layer.weights
    }
    return LayerwiseAdam(learning_rate, factors)
