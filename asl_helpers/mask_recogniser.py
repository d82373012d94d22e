"""From skeleton masks to letters: a small MobileNetV2 that looks at a drawing of the hand.

It is the older way to read landmarks: draw them on black, and let an image network look at the
drawing and at its mirror image. Beside `recognisers.landmark_core`, which reads the same numbers
directly, it shows what the detour over pixels costs.
"""

import keras
from keras import layers

SIZE = 40
"""Height and width of a mask, in pixels."""

# Output channels, stride and expansion of each inverted residual block.
_BLOCKS = ((16, 1, 1), (24, 2, 3), (32, 2, 3), (32, 1, 3), (64, 2, 3), (64, 1, 3))

_MOMENTUM = 0.9  # of the moving averages: training is short


def mask_core(classes: int, size: int = SIZE) -> keras.Model:
    """Return the network for one mask: (n, size, size, 1) of 0-255 to logits (n, classes).

    Inverted residual blocks as in MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381): widen by a
    1x1 convolution, filter each channel by a 3x3 one, narrow without an activation; blocks that
    keep their shape are bridged.
    """
    masks = keras.Input((size, size, 1), name="mask")
    x = layers.Rescaling(1 / 255)(masks)
    x = _conv(x, 16, 3, strides=2)
    for channels, strides, expansion in _BLOCKS:
        x = _inverted_residual(x, channels, strides, expansion)
    x = _conv(x, 192, 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(masks, layers.Dense(classes, name="logits")(x), name="mask_core")


def mask_recogniser(core: keras.Model, temperature: float = 1.0) -> keras.Model:
    """Return the model that is shipped: a mask and its mirror (n, size, size, 2) to probabilities.

    Both go through the same core, and the mean of the two answers counts: a left hand's mask is a
    right hand's mirror, so nobody has to say which hand signs.
    """
    size = core.input_shape[1]
    both = keras.Input((size, size, 2), name="masks")
    answers = [
        layers.Softmax()(core(both[..., place : place + 1]) * (1 / temperature))
        for place in range(2)
    ]
    return keras.Model(both, layers.Average(name="probabilities")(answers), name="masks")


def _conv(x, channels: int, kernel: int, strides: int = 1):
    """Convolve, normalise, ReLU6."""
    x = layers.Conv2D(channels, kernel, strides, padding="same", use_bias=False)(x)
    return layers.ReLU(6)(layers.BatchNormalization(momentum=_MOMENTUM)(x))


def _inverted_residual(x, channels: int, strides: int, expansion: int):
    """Widen, filter depthwise, project linearly; bridge where the shape stays."""
    before = x
    x = _conv(x, x.shape[-1] * expansion, 1)
    x = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(x)
    x = layers.ReLU(6)(layers.BatchNormalization(momentum=_MOMENTUM)(x))
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=_MOMENTUM)(x)
    if strides == 1 and before.shape[-1] == channels:
        x = layers.Add()([before, x])
    return x
