"""Parameters and multiply-adds: by formula, block by block, and counted from a Keras model.

A multiply-add is one product of a weight with an input, and its addition to a sum. Only such
products count, as in the papers on MobileNet and ResNet: biases, activations, pooling, additions of
shortcuts and scalings do not, nor does batch normalization, which a finished network folds into the
convolution before it. "FLOPs" are sometimes this number and sometimes twice as many.

Images and maps are square here, and ``size`` is their side in pixels.
"""

import math
from dataclasses import astuple, dataclass

import pandas as pd

from asl_helpers.errors import AslError

MOBILENET_V2 = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks and first stride of each stage: Sandler et al. (2018), table 2."""

RESNET_18 = ((64, 1), (128, 2), (256, 2), (512, 2))
"""Channels and first stride of each stage of two blocks: He et al. (2016), table 1."""


@dataclass(frozen=True)
class Cost:
    """What a layer, a block or a network costs; costs can be added."""

    trained: int = 0  # numbers that the optimizer changes
    kept: int = 0  # moving means and variances of batch normalization
    multiply_adds: int = 0  # for one image

    @property
    def parameters(self) -> int:
        """All numbers in the file, as Keras's ``count_params`` counts them."""
        return self.trained + self.kept

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of both together."""
        return Cost(*(sum(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


def conv(size: int, kernel: int, channels: int, filters: int, bias: bool = False) -> Cost:
    """Return the cost of a convolution whose *output* is ``size`` pixels wide and high."""
    weights = kernel**2 * channels * filters
    return Cost(weights + bias * filters, 0, size**2 * weights)


def depthwise(size: int, kernel: int, channels: int) -> Cost:
    """Return the cost of one filter per channel, without a bias; ``size`` is the output's."""
    weights = kernel**2 * channels
    return Cost(weights, 0, size**2 * weights)


def pointwise(size: int, channels: int, filters: int) -> Cost:
    """Return the cost of a 1 x 1 convolution without a bias."""
    return conv(size, 1, channels, filters)


def dense(inputs: int, units: int) -> Cost:
    """Return the cost of a dense layer with a bias."""
    return Cost(inputs * units + units, 0, inputs * units)


def batch_norm(channels: int) -> Cost:
    """Return the cost of batch normalization: learned scale and shift, moving mean and variance."""
    return Cost(2 * channels, 2 * channels, 0)


def squeezed_units(channels: int, ratio: int = 16) -> int:
    """Return the units between the two dense layers: channels / ratio rounded down, at least 4."""
    return max(4, channels // ratio)


def depthwise_separable(size: int, channels: int, filters: int, stride: int = 1) -> Cost:
    """Return the cost of ``layers.depthwise_separable``; ``size`` is the input's."""
    size = after(size, stride)
    filtered = depthwise(size, 3, channels) + batch_norm(channels)
    return filtered + pointwise(size, channels, filters) + batch_norm(filters)


def inverted_residual(
    size: int, channels: int, filters: int, stride: int = 1, expansion: int = 6
) -> Cost:
    """Return the cost of ``layers.inverted_residual``; ``size`` is the input's."""
    wide, cost = expansion * channels, Cost()
    if expansion > 1:
        cost += pointwise(size, channels, wide) + batch_norm(wide)
    return cost + depthwise_separable(size, wide, filters, stride)


def mobilenet_v2(size: int = 224, *, classes: int = 1000, alpha: float = 1.0) -> Cost:
    """Return the cost of ``keras.applications.MobileNetV2`` with its classifier.

    ``alpha`` multiplies the channels of every layer, rounded to multiples of 8; the last
    convolution keeps its 1280 where alpha is below 1.
    """
    depth = rounded_width(32 * alpha)
    size = after(size, 2)
    cost = conv(size, 3, 3, depth) + batch_norm(depth)
    for expansion, filters, blocks, first in MOBILENET_V2:
        filters = rounded_width(filters * alpha)
        for stride in (first,) + (1,) * (blocks - 1):
            cost += inverted_residual(size, depth, filters, stride, expansion)
            size, depth = after(size, stride), filters
    last = rounded_width(1280 * alpha) if alpha > 1 else 1280
    return cost + pointwise(size, depth, last) + batch_norm(last) + dense(last, classes)


def after(size: int, stride: int) -> int:
    """Return the side of the maps after a layer with "same" padding: size / stride, rounded up."""
    return -(-size // stride)


def rounded_width(channels: float) -> int:
    """Return the nearest multiple of 8 that is not more than a tenth below ``channels``."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def count_multiply_adds(model) -> int:
    """Return the multiply-adds of a built Keras model for one image, layer by layer."""
    return sum(layer_multiply_adds(layer) for layer in model.layers)


def layer_multiply_adds(layer) -> int:
    """Return the multiply-adds of one built Keras layer, or of a model used as a layer."""
    if hasattr(layer, "layers"):
        return count_multiply_adds(layer)
    kind = type(layer).__name__
    if kind == "SqueezeExcitation":
        return _products(layer)
    if kind in ("Dense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv2D"):
        return _products(layer) * math.prod(layer.output.shape[1:-1])  # 1 for a dense layer
    if layer.count_params() and not kind.endswith("Normalization"):
        raise AslError(
            f"Layer {layer.name!r} is a {kind}, whose multiply-adds are not known here. Add its "
            "formula to asl_helpers.counting."
        )
    return 0


def layer_table(model) -> pd.DataFrame:
    """Return one row per layer, the input first: kind, output shape (no batch), parameters."""
    rows = [("images", "input", _shape(model.input_shape), 0)]
    rows += [
        (layer.name, type(layer).__name__, _shape(layer.output.shape), layer.count_params())
        for layer in model.layers
    ]
    names = ["layer", "kind", "output shape", "parameters"]
    return pd.DataFrame(rows, columns=names).set_index("layer")


def cost_table(model) -> pd.DataFrame:
    """Return the rows of ``layer_table`` that have parameters, with their multiply-adds."""
    table = layer_table(model)
    table = table[table["parameters"] > 0]
    costs = [layer_multiply_adds(model.get_layer(name)) for name in table.index]
    return table.assign(**{"multiply-adds": costs})


def _shape(shape) -> str:
    return " × ".join(str(size) for size in shape[1:])


def _products(layer) -> int:
    """Return the products at one position of a layer's output: the size of its kernels."""
    return sum(math.prod(w.shape) for w in layer.weights if w.name.endswith("kernel"))
