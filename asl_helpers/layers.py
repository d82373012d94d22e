"""Building blocks of MobileNet, ResNet and channel attention, for Keras's functional API.

A block is called on a symbolic tensor (batch, height, width, channels) and returns one. Its
``name`` becomes the prefix of the names of its layers; without it Keras chooses names.
"""

import keras
from keras import KerasTensor, layers

from asl_helpers.counting import squeezed_units


@keras.saving.register_keras_serializable(package="asl_helpers")
class SqueezeExcitation(layers.Layer):
    """Channel attention: scale every channel by a number between 0 and 1.

    Squeeze: take the mean of each channel over all positions, (batch, channels). Excite: a dense
    layer to channels / ratio units with ReLU, and one back to the channels with a sigmoid. The
    result multiplies the feature maps::

        y = x · sigmoid(W2 relu(W1 mean(x) + b1) + b2)

    Input and output are (batch, height, width, channels). The squeezed layer never has fewer than
    4 units. A model with this layer loads under Keras's ``safe_mode=True`` once
    ``asl_helpers.layers`` is imported.

    Source: Hu, Shen and Sun (2018), equations 2 to 4; the ratio of 16 is theirs.
    """

    def __init__(self, ratio: int = 16, **options):
        """Keep the ratio; the dense layers are made when the channels are known."""
        super().__init__(**options)
        self.ratio = ratio

    def build(self, input_shape):
        """Make the two dense layers for the channels of ``input_shape``."""
        channels = input_shape[-1]
        units = squeezed_units(channels, self.ratio)
        self.squeeze = layers.GlobalAveragePooling2D(keepdims=True, dtype=self.dtype_policy)
        self.reduce = layers.Dense(units, activation="relu", name="reduce", dtype=self.dtype_policy)
        self.excite = layers.Dense(
            channels, activation="sigmoid", name="excite", dtype=self.dtype_policy
        )
        self.reduce.build((None, 1, 1, channels))
        self.excite.build((None, 1, 1, units))
        self.built = True

    def call(self, inputs):
        """Return ``inputs`` with every channel scaled, in the same shape."""
        return inputs * self.weigh(inputs)

    def weigh(self, inputs):
        """Return the scales alone, (batch, 1, 1, channels), each between 0 and 1."""
        return self.excite(self.reduce(self.squeeze(inputs)))

    def get_config(self):
        """Return the settings that rebuild the layer."""
        return {**super().get_config(), "ratio": self.ratio}


def depthwise_separable(
    x: KerasTensor, filters: int, stride: int = 1, name: str | None = None
) -> KerasTensor:
    """Filter each channel by itself with 3 x 3, then mix the channels with 1 x 1.

    Batch normalization and ReLU follow both steps, and neither has a bias. ``stride`` is that of
    the 3 x 3 filter.

    Source: Howard et al. (2017), MobileNets, section 3.1 and figure 3.
    """
    x = _depthwise(x, stride, name)
    x = layers.ReLU(name=_part(name, "depthwise_relu"))(x)
    x = _pointwise(x, filters, _part(name, "pointwise"))
    return layers.ReLU(name=_part(name, "pointwise_relu"))(x)


def inverted_residual(
    x: KerasTensor, filters: int, stride: int = 1, expansion: int = 6, name: str | None = None
) -> KerasTensor:
    """Widen with 1 x 1, filter each channel with 3 x 3, narrow with 1 x 1 and no activation.

    Batch normalization follows all three steps, and ReLU6 the first two; the last is linear, as a
    ReLU would destroy what a narrow space holds. Where stride and channels keep the shape, the
    input is added: the shortcut joins the narrow ends. An expansion of 1 leaves out the first step.

    Source: Sandler et al. (2018), MobileNetV2, sections 3.2 and 3.3, table 1.
    """
    shortcut, channels = x, x.shape[-1]
    if expansion > 1:
        x = _pointwise(x, expansion * channels, _part(name, "expand"))
        x = layers.ReLU(6.0, name=_part(name, "expand_relu"))(x)
    x = _depthwise(x, stride, name)
    x = layers.ReLU(6.0, name=_part(name, "depthwise_relu"))(x)
    x = _pointwise(x, filters, _part(name, "project"))
    if stride == 1 and channels == filters:
        x = layers.Add(name=_part(name, "add"))([shortcut, x])
    return x


def residual_block(
    x: KerasTensor,
    filters: int,
    stride: int = 1,
    name: str | None = None,
    attention: bool = False,
) -> KerasTensor:
    """Add two 3 x 3 convolutions of the input to the input, then apply ReLU.

    Batch normalization follows each convolution, and neither has a bias. Where stride or channels
    change the shape, the shortcut is a 1 x 1 convolution with its own batch normalization. With
    ``attention``, `SqueezeExcitation` scales the result of the convolutions before the addition.

    Source: He et al. (2016), the basic block of figure 5, shortcut B of section 3.3; Hu, Shen and
    Sun (2018), figure 3, for the place of the attention.
    """
    shortcut = x
    if stride > 1 or x.shape[-1] != filters:
        shortcut = _pointwise(x, filters, _part(name, "shortcut"), stride)
    same = {"padding": "same", "use_bias": False}
    x = layers.Conv2D(filters, 3, stride, name=_part(name, "conv1"), **same)(x)
    x = layers.BatchNormalization(name=_part(name, "bn1"))(x)
    x = layers.ReLU(name=_part(name, "relu1"))(x)
    x = layers.Conv2D(filters, 3, name=_part(name, "conv2"), **same)(x)
    x = layers.BatchNormalization(name=_part(name, "bn2"))(x)
    if attention:
        x = SqueezeExcitation(name=_part(name, "attention"))(x)
    x = layers.Add(name=_part(name, "add"))([shortcut, x])
    return layers.ReLU(name=_part(name, "relu2"))(x)


def _depthwise(x, stride: int, block: str | None):
    """Filter each channel by itself with 3 x 3, then normalize."""
    name = _part(block, "depthwise")
    x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=_part(name, "bn"))(x)


def _pointwise(x, filters: int, name: str | None, stride: int = 1):
    """Mix the channels with 1 x 1, then normalize."""
    x = layers.Conv2D(filters, 1, stride, use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=_part(name, "bn"))(x)


def _part(name: str | None, part: str) -> str | None:
    """Return the name of a block's layer, or None where Keras is to choose one."""
    return f"{name}_{part}" if name else None
