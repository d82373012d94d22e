"""Checkers of chapter 7: architectures, counted."""

import collections
import contextlib
import functools
import math

import keras
import numpy as np
from keras import layers

from asl_helpers.checks.core import CAUGHT, Changed, case, compare, exercise, run, same
from asl_helpers.counting import count_multiply_adds


@exercise(points=3)
def multiply_adds(model):
    total = 0
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            total += math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
    return total


def _counted(*stack):
    """Return a test with a network of these layers, each a class and its arguments."""

    def test(call):
        model = keras.Sequential([keras.Input((12, 10, 2)), *(kind(*how) for kind, *how in stack)])
        known = ((message, wrong(model)) for message, wrong in multiply_adds.mistakes())
        return compare(call(model), multiply_adds.reference(model), known)

    return test


_CONV, _FILTER = (layers.Conv2D, 3, (3, 5), 2), (layers.DepthwiseConv2D, 3)
_DENSE = (layers.Flatten,), (layers.Dense, 7)
multiply_adds.cases = {
    "a convolution": _counted(_CONV),
    "a depthwise convolution": _counted(_FILTER, (layers.MaxPooling2D,)),
    "a dense layer": _counted(*_DENSE),
    "a whole network": _counted(_CONV, (layers.BatchNormalization,), _FILTER, *_DENSE),
}
multiply_adds.wrong = {
    "These are the weights: each is used at every position of the output.":
        (" * math.prod(layer.output.shape[1:-1])", ""),
    "The filters are counted twice: the kernel's shape contains them already.": ("1:-1", "1:"),
    "The positions are those of the output, not of the input.": ("layer.output", "layer.input"),
    "A map of h × w has h · w positions.": ("1:-1", "1:2"),
    "Biases do not count: take the shape of the kernel.":
        ("math.prod(layer.kernel.shape)", "layer.count_params()"),
    "Depthwise convolutions are missing: they have a kernel, too.":
        (":\n            total", ' and not hasattr(layer, "depth_multiplier"):\n            total'),
    "Dense layers are missing: each of their weights is used once.":
        (":\n            total", ' and not hasattr(layer, "units"):\n            total'),
    "This is the last layer alone: add up all layers.": ("total +=", "total ="),
    "These are the parameters: multiply each kernel's size by the positions of its layer's output.":
        lambda model: model.count_params(),
}  # fmt: skip


@exercise(points=3)
def depthwise(images, kernels):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijc->nhwc", windows, kernels)


_RNG = np.random.default_rng(61)

depthwise.cases = {
    "one channel, like corr2d": case(_RNG.normal(size=(1, 4, 5, 1)), _RNG.normal(size=(3, 3, 1))),
    "two channels keep apart": case(_RNG.normal(size=(1, 4, 4, 2)), _RNG.normal(size=(2, 2, 2))),
    "three channels, a batch": case(_RNG.normal(size=(2, 6, 5, 3)), _RNG.normal(size=(3, 3, 3))),
}
depthwise.wrong = {
    "The channels are added up, which is the ordinary convolution. A depthwise one returns as many "
    "maps as it gets.": [
        ("->nhwc", "->nhw"),
        Changed(lambda maps: maps.sum(axis=-1, keepdims=True)),
        Changed(lambda maps: 0 * maps + maps.sum(axis=-1, keepdims=True)),
    ],
    "One channel's kernel is used for all.": (", kernels)", ", 0 * kernels + kernels[..., :1])"),
    "The kernels are flipped: use them as they are.": (", kernels)", ", kernels[::-1, ::-1])"),
    "Rows and columns are exchanged.": (", kernels)", ", kernels.swapaxes(0, 1))"),
}


def _conv(x, *settings, kind=layers.Conv2D):
    return layers.BatchNormalization()(kind(*settings, padding="same", use_bias=False)(x))


def _depthwise(x, stride):
    return _conv(x, 3, stride, kind=layers.DepthwiseConv2D)


def _relu(x, most=None):
    return layers.ReLU(most)(x)


@exercise(points=4)
def small_network():
    images = keras.Input((28, 28, 1))
    x = _relu(_conv(images, 16, 3, 2))
    for filters, stride in ((32, 1), (64, 2), (64, 1)):
        x = _relu(_conv(_relu(_depthwise(x, stride)), filters, 1))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(24)(x))


def _shapes(call):
    model = call()
    if not isinstance(model, keras.Model) or not model.built:
        return "Return a Keras model that begins with keras.Input."
    shapes = model.input_shape[1:], model.output_shape[1:]
    if shapes != ((28, 28, 1), (24,)):
        return f"The model goes from {shapes[0]} to {shapes[1]}, not from (28, 28, 1) to (24,)."
    rows = np.array(model(np.random.default_rng(1).uniform(0, 255, (4, 28, 28, 1))))
    if np.allclose(rows.sum(axis=1), 1) and (rows >= 0).all():
        return "The outputs are probabilities: return logits, without a softmax."
    if rows.any() and ((rows >= 0).all() or (rows <= 0).all()):
        return "All outputs have the same sign: return logits, without an activation at the end."


def _within(most, what, count):
    def test(call):
        value = count(call())
        return f"{value:,} {what} are too many; {most:,} are allowed." if value > most else None

    return test


def _separable(call):
    kinds = layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Dense
    steps = [each for each in _single_layers(call()) if isinstance(each, kinds)]
    if not steps or not isinstance(steps[0], layers.Conv2D):
        return "Begin with an ordinary convolution."
    both = sum(isinstance(each, layers.SeparableConv2D) for each in steps)
    depthwise = both + sum(isinstance(each, layers.DepthwiseConv2D) for each in steps)
    pointwise = both + sum(_mixes_channels(each) for each in steps[1:])
    for name, count in {"depthwise": depthwise, "pointwise": pointwise}.items():
        if count < 3:
            return f"{count} {name} steps are too few; use at least 3."


def _single_layers(model):
    """Yield the layers of a model in order, and those of the models in it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _single_layers(layer)
        else:
            yield layer


def _mixes_channels(layer):
    """Tell whether a layer is a 1 x 1 convolution, or the dense layer that is the same."""
    if isinstance(layer, layers.Conv2D):
        return layer.kernel_size == (1, 1)
    return isinstance(layer, layers.Dense) and len(layer.input.shape) == 4


small_network.cases = {
    "from images to logits": _shapes,
    "the parameters": _within(15_000, "parameters", lambda model: model.count_params()),
    "the multiply-adds": _within(600_000, "multiply-adds", count_multiply_adds),
    "its blocks": _separable,
}
small_network.wrong = {
    "The model goes from (28, 28, 1) to (26,)": ("Dense(24)", "Dense(26)"),
    "The outputs are probabilities": ("Dense(24)", 'Dense(24, activation="softmax")'),
    "All outputs have the same sign": ("Dense(24)", 'Dense(24, activation="relu")'),
    "parameters are too many; 15,000 are allowed.": ("GlobalAveragePooling2D", "Flatten"),
    "multiply-adds are too many; 600,000 are allowed.": (", 16, 3, 2", ", 16, 3"),
    "Begin with an ordinary convolution.": ("_relu(_conv(images, 16, 3, 2))", "images"),
    "2 depthwise steps are too few; use at least 3.": ("(32, 1), ", ""),
    "0 pointwise steps are too few; use at least 3.":
        ("_relu(_conv(_relu(_depthwise(x, stride)), filters, 1))", "_relu(_depthwise(x, stride))"),
    "Return a Keras model": ("return keras.Model(images, layers.Dense(24)(x))", "return x"),
}  # fmt: skip


def _model(block, shape, *settings):
    """Return a model of one block; None where the block returns nothing."""
    images = keras.Input(shape)
    maps = block(images, *settings)
    return None if maps is None else keras.Model(images, maps)


_ONE_AXIS = {"gamma": 0.8, "beta": 0.1, "moving_mean": 0.2, "moving_variance": 1.5, "bias": 0.3}


def _facts(model):
    """Return a model's parameters, its values at weights set by shape and turn, and its work."""
    turns = collections.Counter()
    for weight in model.weights:
        shape = tuple(size for size in weight.shape if size > 1)
        drawn = np.random.default_rng([*shape, turns[shape]]).normal(size=shape)
        turns[shape] += 1
        drawn = drawn / math.prod(shape[:-1]) ** 0.5 if len(shape) > 1 else _ONE_AXIS[weight.name]
        weight.assign(np.broadcast_to(drawn, shape).reshape(weight.shape))
    images = 3 * np.random.default_rng(7).normal(size=(2, *model.input_shape[1:]))
    values = np.array(model(images, training=False))
    return model.count_params(), values, count_multiply_adds(model)


@functools.cache
def _known(asked, *given):
    """Return the facts of the reference's block, and of each mistake's by its message."""
    known = []
    for message, wrong in asked.mistakes():
        with contextlib.suppress(*CAUGHT):  # not every mistake can be made in every shape
            known.append((message, _facts(_model(wrong, *given))))
    return _facts(_model(asked.reference, *given)), known


def _alike(asked, *given):
    """Return a test: the block has the reference's shape, parameters, and values."""

    def test(call):
        answer = _facts(run(_model, *call.args, *given))
        right, known = _known(asked, *given)
        if same(answer, right):
            return None
        for message, wrong in known:
            if same(answer, wrong) and not same(wrong, right):
                return message
        if answer[1].shape != right[1].shape:
            return f"Two images give {answer[1].shape}; expected {right[1].shape}."
        if answer[0] != right[0]:
            hint = " Are there biases?" if answer[0] > right[0] else ""
            return f"The block has {answer[0]:,} parameters; expected {right[0]:,}.{hint}"
        if same(answer[1], right[1]):
            return f"It needs {answer[2]:,} multiply-adds; expected {right[2]:,}. Move the stride?"
        return "Shape and parameters are right, but not the values: compare the order of the steps."

    return test


@exercise(points=4)
def residual_block(x, filters, stride=1):
    shortcut = x
    if stride > 1 or x.shape[-1] != filters:
        shortcut = _conv(x, filters, 1, stride)
    x = _relu(_conv(x, filters, 3, stride))
    return _relu(shortcut + _conv(x, filters, 3))


residual_block.cases = {
    "the shape stays": _alike(residual_block, (6, 6, 4), 4),
    "more channels": _alike(residual_block, (6, 6, 4), 7),
    "a stride": _alike(residual_block, (7, 7, 4), 4, 2),
}
residual_block.wrong = {
    "The shortcut is missing: add the input.": ("shortcut + ", ""),
    "Where the shape stays, the shortcut is `x` itself, without a convolution.":
        ("stride > 1 or x.shape[-1] != filters", "True"),
    "The second convolution has no ReLU before the sum.":
        [("+ _conv(x, filters, 3)", "+ _relu(_conv(x, filters, 3))"),
         ("_relu(shortcut + _conv(x, filters, 3))", "shortcut + _relu(_conv(x, filters, 3))")],
    "The ReLU after the sum is missing.":
        ("_relu(shortcut + _conv(x, filters, 3))", "shortcut + _conv(x, filters, 3)"),
    "The ReLU between the convolutions is missing.":
        ("_relu(_conv(x, filters, 3, stride))", "_conv(x, filters, 3, stride)"),
    "The shortcut has no ReLU.": ("= _conv(x, filters, 1, stride)",
        "= _relu(_conv(x, filters, 1, stride))"),
    "The shortcut's convolution is 1 × 1.": ("filters, 1, stride", "filters, 3, stride"),
    "The shortcut's convolution needs a batch normalization after it.":
        ("_conv(x, filters, 1, stride)", "layers.Conv2D(filters, 1, stride, use_bias=False)(x)"),
    "The stride belongs to the first 3 × 3 convolution, not to the second.":
        ("3, stride))", "3))", "+ _conv(x, filters, 3)", "+ _conv(x, filters, 3, stride)"),
}  # fmt: skip


@exercise(points=4)
def inverted_residual(x, filters, stride=1, expansion=6):
    y, channels = x, x.shape[-1]
    if expansion > 1:
        y = _relu(_conv(y, expansion * channels, 1), 6)
    y = _conv(_relu(_depthwise(y, stride), 6), filters, 1)
    return x + y if stride == 1 and channels == filters else y


inverted_residual.cases = {
    "the shape stays": _alike(inverted_residual, (6, 6, 4), 4),
    "other filters: no shortcut": _alike(inverted_residual, (6, 6, 4), 5, 1, 3),
    "a stride: no shortcut": _alike(inverted_residual, (7, 7, 4), 4, 2),
    "an expansion of 1": _alike(inverted_residual, (6, 6, 3), 5, 1, 1),
}
inverted_residual.wrong = {
    "The last step is linear: no ReLU after it.":
        [("x + y if", "_relu(x + y) if", "else y", "else _relu(y)"),
         ("return", "y = _relu(y, 6)\n    return"), ("return", "y = _relu(y)\n    return"),
         ("x + y if", "_relu(x + y, 6) if")],
    "These are plain ReLUs: use ReLU6, `layers.ReLU(6.0)`.": (", 6)", ")"),
    "A ReLU6 is missing: one follows each of the first two steps.":
        [("_relu(_conv(y, expansion * channels, 1), 6)", "_conv(y, expansion * channels, 1)"),
         ("_relu(_depthwise(y, stride), 6)", "_depthwise(y, stride)")],
    "The middle is depthwise: it does not mix channels.":
        ("_depthwise(y, stride)", "_conv(y, y.shape[-1], 3, stride)"),
    "The depthwise step has the stride, not the last step.":
        ("_depthwise(y, stride)", "_depthwise(y, 1)", "filters, 1)", "filters, 1, stride)"),
    "The shortcut is missing where the shape stays.": (" if stride == 1", " if False"),
    "An expansion of 1 leaves out the first step.": ("if expansion > 1", "if True"),
    "Where the shape changes, there is no shortcut, not even a 1 × 1 convolution.":
        ("else y", "else _conv(x, filters, 1, stride) + y"),
    "The middle has `expansion` times the input's channels.":
        [("expansion * channels", "expansion * filters"), ("expansion * channels", "6 * channels")],
}  # fmt: skip


@exercise(points=3)
def attended_block(x, ratio):
    change = _relu(_conv(x, x.shape[-1], 3))
    change = _conv(change, x.shape[-1], 3)
    return _relu(x + _attention(change, ratio))


def _attention(x, ratio=16):
    z = layers.GlobalAveragePooling2D(keepdims=True)(x)
    z = layers.Dense(max(4, x.shape[-1] // ratio), activation="relu")(z)
    return x * layers.Dense(x.shape[-1], activation="sigmoid")(z)


attended_block.cases = {
    "a ratio of 2": _alike(attended_block, (6, 6, 12), 2),
    "a ratio of 4": _alike(attended_block, (5, 5, 24), 4),
    "never below four units": _alike(attended_block, (5, 5, 16), 16),
}
attended_block.wrong = {
    "The attention is missing.": ("_attention(change, ratio)", "change"),
    "The attention scales the change before the sum, not the sum.":
        [("_relu(x + _attention(change, ratio))", "_attention(_relu(x + change), ratio)"),
         ("x + _attention(change, ratio)", "_attention(x + change, ratio)")],
    "The attention scales the shortcut; it belongs to the change.":
        ("x + _attention(change, ratio)", "_attention(x, ratio) + change"),
    "The attention comes too early: it follows the second batch normalization.":
        ("_conv(change,", "_conv(_attention(change, ratio),",
         "+ _attention(change, ratio)", "+ change"),
    "The ratio is not used: pass it on.": (", ratio)", ")"),
    "The shortcut is missing: add the input.": ("x + ", ""),
    "The ReLU after the sum is missing.": ("return _relu", "return "),
    "No ReLU before the sum: a change may be negative.":
        ("_attention(change, ratio)", "_relu(_attention(change, ratio))"),
}  # fmt: skip
