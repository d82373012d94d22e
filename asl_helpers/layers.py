"""Building blocks of MobileNet, ResNet and channel attention, as Keras's functional API takes them.

A block is called on a symbolic tensor and returns one, both (batch, height, width, channels). Its
``name`` prefixes the names of its layers; without it Keras makes the names up.
"""

import keras
from keras import KerasTensor, layers

from asl_helpers.counting import squeezed_units
from asl_helpers.errors import AslError


class LayerError(AslError):
    """A layer or a block cannot be built with these settings."""


@keras.saving.register_keras_serializable(package="asl_helpers")
class SqueezeExcitation(layers.Layer):
    """Channel attention: every channel is scaled by a number between 0 and 1.

    Squeeze: the mean of each channel over all places, (batch, channels). Excite: a dense layer to
    channels / ratio units with ReLU, and one back to the channels with a sigmoid. The maps are
    multiplied by what comes out::

        y = x · sigmoid(W2 relu(W1 mean(x) + b1) + b2)

    Input and output are (batch, height, width, channels), floating. A model with it loads under
    Keras's ``safe_mode=True``, once ``asl_helpers.layers`` is imported.

    Parameters
    ----------
    ratio:
        How many times fewer units than channels the squeezed layer has; at least 1. It never has
        fewer than 4, where so few channels would leave one or two.

    Raises
    ------
    LayerError
        For a ratio that is no whole number from 1, or an input that is no batch of maps.

    Source: Hu, Shen and Sun (2018), equations 2 to 4; the ratio of 16 is theirs.
    """

    def __init__(self, ratio: int = 16, **options):
        """Note the ratio; the dense layers are made when the channels are known."""
        super().__init__(**options)
        self.ratio = _at_least_one("SqueezeExcitation's ratio", ratio)

    def build(self, input_shape):
        """Make the two dense layers for the channels of ``input_shape``."""
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise LayerError(
                "SqueezeExcitation takes maps (batch, height, width, channels) with a known number "
                f"of channels; got {tuple(input_shape)}. Put it before the pooling that flattens."
            )
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

    def compute_output_shape(self, input_shape):
        """Return the input's shape."""
        return input_shape

    def get_config(self):
        """Return what rebuilds the layer."""
        return {**super().get_config(), "ratio": self.ratio}


def depthwise_separable(
    x: KerasTensor, filters: int, stride: int = 1, name: str | None = None
) -> KerasTensor:
    """Filter each channel by itself with 3 x 3, then mix the channels with 1 x 1.

    Both steps are followed by batch normalisation and ReLU, and neither has a bias.

    Parameters
    ----------
    x:
        (batch, height, width, channels).
    filters, stride:
        Channels of the output; the step of the 3 x 3 filter, which divides height and width
        (rounded up).
    name:
        Prefix of the layers' names.

    Raises
    ------
    LayerError
        If ``filters`` or ``stride`` is no whole number from 1.

    Source: Howard et al. (2017), MobileNets, section 3.1 and figure 3.
    """
    _check(filters, stride)
    x = layers.DepthwiseConv2D(
        3, stride, padding="same", use_bias=False, name=_part(name, "depthwise")
    )(x)
    x = layers.BatchNormalization(name=_part(name, "depthwise_bn"))(x)
    x = layers.ReLU(name=_part(name, "depthwise_relu"))(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=_part(name, "pointwise"))(x)
    x = layers.BatchNormalization(name=_part(name, "pointwise_bn"))(x)
    return layers.ReLU(name=_part(name, "pointwise_relu"))(x)


def inverted_residual(
    x: KerasTensor, filters: int, stride: int = 1, expansion: int = 6, name: str | None = None
) -> KerasTensor:
    """Widen with 1 x 1, filter each channel with 3 x 3, make thin with 1 x 1 and no activation.

    Batch normalisation follows all three, ReLU6 the first two; the last is linear, since a ReLU
    would destroy what a thin space holds. Where stride and channels leave the shape as it was, the
    input is added: the shortcut joins the thin ends. An expansion of 1 leaves the first step out.

    Parameters
    ----------
    x:
        (batch, height, width, channels).
    filters, stride:
        Channels of the output; the step of the 3 x 3 filter.
    expansion:
        How many times wider the middle is than the input; a whole number from 1.
    name:
        Prefix of the layers' names.

    Raises
    ------
    LayerError
        If ``filters``, ``stride`` or ``expansion`` is no whole number from 1.

    Source: Sandler et al. (2018), MobileNetV2, sections 3.2 and 3.3, table 1.
    """
    _check(filters, stride)
    _at_least_one("expansion", expansion)
    thin, channels = x, x.shape[-1]
    if expansion > 1:
        x = layers.Conv2D(expansion * channels, 1, use_bias=False, name=_part(name, "expand"))(x)
        x = layers.BatchNormalization(name=_part(name, "expand_bn"))(x)
        x = layers.ReLU(6.0, name=_part(name, "expand_relu"))(x)
    x = layers.DepthwiseConv2D(
        3, stride, padding="same", use_bias=False, name=_part(name, "depthwise")
    )(x)
    x = layers.BatchNormalization(name=_part(name, "depthwise_bn"))(x)
    x = layers.ReLU(6.0, name=_part(name, "depthwise_relu"))(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=_part(name, "project"))(x)
    x = layers.BatchNormalization(name=_part(name, "project_bn"))(x)
    if stride == 1 and channels == filters:
        x = layers.Add(name=_part(name, "add"))([thin, x])
    return x


def residual_block(
    x: KerasTensor,
    filters: int,
    stride: int = 1,
    name: str | None = None,
    ratio: int | None = None,
) -> KerasTensor:
    """Add to the input what two 3 x 3 convolutions make of it, then ReLU.

    Batch normalisation follows each convolution, and neither has a bias. Where stride or channels
    change the shape, the shortcut is a 1 x 1 convolution with batch normalisation of its own.

    Parameters
    ----------
    x:
        (batch, height, width, channels).
    filters, stride:
        Channels of the output; the step of the first convolution, and of the shortcut.
    name:
        Prefix of the layers' names.
    ratio:
        Of channel attention on what the convolutions made, before the addition; None for none.

    Raises
    ------
    LayerError
        If ``filters``, ``stride`` or ``ratio`` is no whole number from 1.

    Source: He et al. (2016), the basic block of figure 5, shortcut B of section 3.3; Hu, Shen and
    Sun (2018), figure 3, for the place of the attention.
    """
    _check(filters, stride)
    shortcut = x
    if stride > 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, stride, use_bias=False, name=_part(name, "shortcut"))(
            x
        )
        shortcut = layers.BatchNormalization(name=_part(name, "shortcut_bn"))(shortcut)
    for step, pace in ((1, stride), (2, 1)):
        x = layers.Conv2D(
            filters, 3, pace, padding="same", use_bias=False, name=_part(name, f"conv{step}")
        )(x)
        x = layers.BatchNormalization(name=_part(name, f"bn{step}"))(x)
        if step == 1:
            x = layers.ReLU(name=_part(name, "relu1"))(x)
    if ratio is not None:
        x = SqueezeExcitation(ratio, name=_part(name, "attention"))(x)
    x = layers.Add(name=_part(name, "add"))([shortcut, x])
    return layers.ReLU(name=_part(name, "relu2"))(x)


def _part(name: str | None, part: str) -> str | None:
    """Return the name of a block's layer, or None where Keras is to make one up."""
    return f"{name}_{part}" if name else None


def _check(filters: int, stride: int) -> None:
    _at_least_one("filters", filters)
    _at_least_one("stride", stride)


def _at_least_one(what: str, value: int) -> int:
    """Return a count as it is, or raise a LayerError for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise LayerError(f"{what} counts and is a whole number from 1, not {value!r}.")
    return value
