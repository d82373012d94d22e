"""Parameters and multiply-adds, counted from a Keras model.

A multiply-add is one product of a weight with an input, and its addition to a sum. Only such
products count, as in the papers on MobileNet and ResNet: biases, activations, pooling, additions of
shortcuts and scalings do not, nor does batch normalization, which a finished network folds into the
convolution before it. "FLOPs" are sometimes this number and sometimes twice as many.
"""

import math

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


def squeezed_units(channels: int, ratio: int = 16) -> int:
    """Return the units between the two dense layers: channels / ratio rounded down, at least 4."""
    return max(4, channels // ratio)


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
