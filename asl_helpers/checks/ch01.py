"""Checkers of chapter 1: convolution."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import (
    Changed,
    Exercise,
    Failed,
    case,
    exercise,
    kind,
    numbers,
    same,
)

FLIPPED = (
    "Your kernel is flipped: this is convolution as mathematics defines it. A layer computes "
    "cross-correlation, which slides the kernel as it is."
)


@exercise(points=2)
def output_size(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride + 1


def _is_an_int(call):
    size = call(28, 3)
    if numbers(size) is None or np.asarray(size).dtype.kind not in "iu":
        return f"This is {kind(size)}: divide with `//`, so that a shape can be made of it."


output_size.cases = {
    "28 pixels, a kernel of 3": case(28, 3, stride=1, padding=0),
    "padding on both sides": case(28, 5, stride=1, padding=2),
    "stride 2": case(28, 4, stride=2, padding=0),
    "a stride that leaves pixels over": case(200, 3, stride=2, padding=1),
    "the size is an int": _is_an_int,
}
output_size.wrong = {
    "One is missing: add 1 for the first position.": (" + 1", ""),
    "The padding is counted once, but it is added at both ends.": ("2 * padding", "padding"),
    "The padding is ignored.": (" + 2 * padding", ""),
    "The stride is ignored.": (" // stride", ""),
    "This is rounded up: a last step that does not fit is not taken, so round down.":
        ("(n", "-(-(n", "stride", "stride)"),
    "A step that does not fit is not taken: divide with `//`.": ("//", "/"),
}  # fmt: skip


@exercise(points=4)
def corr2d(image, kernel, stride=1, padding=0):
    image = np.pad(image, padding)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("mnij,ij->mn", windows[::stride, ::stride], kernel)


def _square(image, kernel, stride, padding):
    """Take the kernel's height for its width when sizing the map."""
    image = np.pad(image, padding)
    out = np.zeros([(side - len(kernel)) // stride + 1 for side in image.shape])
    for m, n in np.ndindex(out.shape):
        window = image[m * stride :, n * stride :][: len(kernel), : kernel.shape[1]]
        out[m, n] = (window * kernel).sum()
    return out


def _dilated(image, kernel, stride, padding):
    spread = np.zeros([(side - 1) * stride + 1 for side in kernel.shape])
    spread[::stride, ::stride] = kernel
    return corr2d.reference(image, spread, 1, padding)


_RNG = np.random.default_rng(1)
_IMAGE, _KERNEL = _RNG.normal(size=(6, 7)), _RNG.normal(size=(3, 2))

corr2d.cases = {
    "one row and one column, by hand": case(np.array([[1.0, 2, 3]]), np.array([[1.0, 2]])),
    "a kernel without symmetry": case(_IMAGE, _KERNEL),
    "a stride of 2": case(_IMAGE, _KERNEL, stride=2, padding=0),
    "a padding of 1": case(_IMAGE, _KERNEL, stride=1, padding=1),
    "stride and padding together": case(_IMAGE, _KERNEL, stride=2, padding=1),
}
corr2d.wrong = {
    FLIPPED: ("], kernel", "], kernel[::-1, ::-1]"),
    "The map is sized for a square kernel: use `kernel.shape[1]` for its width.": _square,
    "The stride is ignored: the kernel moves by 1.": ("[::stride, ::stride]", ""),
    "The padding is ignored.": ("np.pad(image, padding)", "image"),
    "The stride is applied to the rows only.": ("[::stride, ::stride]", "[::stride]"),
    "The padding is at one end, not on all sides.": ("padding)", "(0, padding))"),
    "You used 'full' padding: the image is padded too far.":
        ("padding)", "[(side - 1, side - 1) for side in kernel.shape])"),
    "You used 'same' padding, whatever was asked for.":
        ("padding)", "[((side - 1) // 2, side // 2) for side in kernel.shape])"),
    "This is a mean; sum the products.": ("], kernel", "], kernel / kernel.size"),
    "The last row and column are missing: add 1.": Changed(lambda maps: maps[:-1, :-1]),
    "This is one number, but each position gives one.": Changed(np.sum),
    "The stride spreads the kernel; it must only move it.": _dilated,
}  # fmt: skip


_SOBEL = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])

horizontal = Exercise(_SOBEL, points=2)


def _finds_horizontal_edges(kernel: Any) -> Iterator[tuple[str, str | None]]:
    """Check that the kernel responds to horizontal edges only."""
    weights = numbers(kernel)
    if weights is None:
        raise Failed(f"A 3 × 3 array of numbers was expected, this is {kind(kernel)}.")
    if weights.shape != (3, 3):
        raise Failed(f"The shape is {weights.shape}, expected (3, 3).")
    total, columns, rows = weights.sum(), weights.sum(axis=0), weights.sum(axis=1)
    # What a step between rows, or columns, adds to the response to plain brightness.
    rise, side = (np.abs(sums - total / 3).max() > 1e-6 for sums in (rows, columns))
    message = None
    if not rise:
        message = "Its three rows have the same sum: give the upper and lower row opposite signs."
        if side:
            message = "This kernel is turned: it finds vertical edges. Transpose it."
    # A kernel of zeros gives 0 everywhere: that alone earns nothing.
    silent = None if rise else "It finds no horizontal edge yet, so a 0 here proves nothing."
    yield "it responds to a horizontal edge", message
    each = ", ".join(f"{value:.3g}" for value in columns)
    message = f"Its columns sum to {each}: with different sums it also responds to a vertical edge."
    yield "it gives 0 on a vertical edge", message if side else silent
    message = f"Its nine weights sum to {total:.3g}: make them sum to 0."
    yield "it gives 0 on a uniform area", message if abs(total) > 1e-6 else silent


horizontal.cases = _finds_horizontal_edges
horizontal.wrong = {
    "This kernel is turned: it finds vertical edges. Transpose it.": _SOBEL.T,
    "It finds no horizontal edge yet, so a 0 here proves nothing.": np.zeros((3, 3)),
    "Its three rows have the same sum": np.ones((3, 3)) / 9,
    "Its nine weights sum to -3: make them sum to 0.": np.array([[-2] * 3, [0] * 3, [1] * 3]),
    "Its columns sum to 4, 0, -4:": _SOBEL + _SOBEL.T,
    "The shape is (2, 3), expected (3, 3).": _SOBEL[:2],
}


@exercise(points=4)
def conv2d(images, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel) + bias


_RNG = np.random.default_rng(2)
_IMAGES, _KERNELS = _RNG.normal(size=(2, 5, 6, 3)), _RNG.normal(size=(3, 2, 3, 4))

conv2d.cases = {
    "one channel, one filter": case(_IMAGES[:1, ..., :1], _KERNELS[:, :, :1, :1], np.zeros(1)),
    "a sum over three channels": case(_IMAGES, _KERNELS, np.zeros(4)),
    "a bias for each filter": case(_IMAGES, _KERNELS, _RNG.normal(size=4)),
}
conv2d.wrong = {
    "You forgot the bias: add it once to each value.": (" + bias", ""),
    "The bias is added once per channel.": ("+ bias", "+ bias * kernel.shape[2]"),
    FLIPPED: ("windows, kernel", "windows, kernel[::-1, ::-1]"),
    "This is a mean over the channels; sum them.": (", kernel)", ", kernel / kernel.shape[2])"),
    "Only the first channel is used.":
        ("windows, kernel", "windows[..., :1, :, :], kernel[:, :, :1]"),
    "The filters are summed: keep one map per filter.": ("->nhwf", "->nhw", " + bias", ""),
    "The ReLU comes later: keep negative values.": Changed(lambda maps: np.maximum(maps, 0)),
}  # fmt: skip


# --- In Keras


def _on(asked, *convolutions, classes=0):
    """Return a case on a model of (kernel size, stride) layers, made when the case runs."""

    def test(call):
        from keras import Input, Sequential, layers

        parts = [layers.Conv2D(2, k, stride, padding="same") for k, stride in convolutions]
        if classes:
            ends = layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(6), layers.Dense(classes)
            parts = [layers.Rescaling(1 / 255), *parts, *ends]
        return asked._message(call, case(Sequential([Input((32, 32, 1)), *parts])))

    return test


def _output(layer):
    """Return what a layer or model makes of a gray image of 8 × 7 pixels."""
    import keras

    if not isinstance(layer, keras.layers.Layer):
        raise Failed(f"Return the layer itself; this is {kind(layer)}.")
    image = np.sin(np.arange(56.0)).reshape(1, 8, 7, 1)
    return keras.ops.convert_to_numpy(layer(image))


@exercise(points=3, read=_output)
def edge_layer(kernels):
    import keras

    weights = np.stack(kernels, axis=-1)[:, :, np.newaxis]
    layer = keras.layers.Conv2D(len(kernels), 3, padding="same", use_bias=False)
    layer.build((None, None, None, 1))
    layer.set_weights([weights])
    layer.trainable = False
    return layer


def _is_fixed(call):
    layers = [call([_SOBEL]) for _ in range(2)]
    if not same(*map(_output, layers)):
        return "The weights are random: call `build`, then `set_weights` with your kernels."
    if layers[0].trainable_variables:
        return "Training would still change the weights: set `trainable` to False."


def _has_no_bias(call):
    layer = call([_SOBEL])
    _output(layer)  # builds it, where the answer has not
    return "The layer has a bias: set use_bias=False." if len(layer.weights) > 1 else None


edge_layer.cases = {
    "the weights are fixed": _is_fixed,
    "no bias": _has_no_bias,
    "one kernel": case([_SOBEL]),
    "two kernels, two maps": case([_SOBEL, _SOBEL.T + np.eye(3)]),
}
edge_layer.wrong = {
    "The weights are random: call `build`, then `set_weights` with your kernels.":
        ("layer.set_weights([weights])", ""),
    "Training would still change the weights: set `trainable` to False.":
        ("layer.trainable = False", ""),
    "The layer has a bias: set use_bias=False.":
        ("use_bias=False", "use_bias=True", "[weights])", "[weights, np.zeros(len(kernels))])"),
    "The maps must have the size of the image: use padding=\"same\".": (', padding="same"', ""),
    "The weights of the kernels are mixed up: stack the kernels along a new last axis.":
        ("np.stack(kernels, axis=-1)[:, :, np.newaxis]", "np.reshape(kernels, (3, 3, 1, -1))"),
    "The kernels are transposed.":
        ("np.stack(kernels, axis=-1)", "np.transpose(kernels)"),
    FLIPPED: ("[:, :, np.newaxis]", "[::-1, ::-1, np.newaxis]"),
    "There is no activation here: keep negative values.":
        ("use_bias=False", "use_bias=False, activation='relu'"),
}  # fmt: skip


def _counted(model):
    """Return what a model makes of an image when its weights count up."""
    _output(model)
    weights = model.get_weights()
    if not weights:
        raise Failed("It has no weights: end with a Conv2D layer.")
    model.set_weights([np.arange(each.size).reshape(each.shape) / 9 for each in weights])
    return _output(model)


@exercise(points=2, read=_counted)
def torch_conv(filters):
    import keras

    pad = keras.layers.ZeroPadding2D(1)
    return keras.Sequential([pad, keras.layers.Conv2D(filters, 3, strides=2)])


torch_conv.cases = {f"{filters} filters": case(filters) for filters in (2, 3, 5)}
torch_conv.wrong = {
    "This is Keras's `same`, with the extra zero at the end: pad with ZeroPadding2D first.":
        ("pad, keras", "keras", "strides=2", 'strides=2, padding="same"'),
    "The image is padded twice: leave the padding of Conv2D at `valid`.":
        ("strides=2", 'strides=2, padding="same"'),
    "The padding is missing: add one zero on each side.": ("pad, keras", "keras"),
    "Zeros are added at the beginning only: PyTorch's padding=1 adds one on each side.":
        ("2D(1)", "2D(((1, 0), (1, 0)))"),
    "The stride is 1: set strides=2.": (", strides=2", ""),
    "PyTorch's layer has a bias: leave `use_bias` at True.": ("=2)", "=2, use_bias=False)"),
}  # fmt: skip


@exercise(points=3)
def receptive_field(model):
    field, step = 1, 1
    for layer in model.layers:
        field += (layer.kernel_size[0] - 1) * step
        step *= layer.strides[0]
    return field


receptive_field.cases = {
    "one layer": _on(receptive_field, (5, 1)),
    "three layers with stride 1": _on(receptive_field, (3, 1), (3, 1), (5, 1)),
    "a stride in the second layer": _on(receptive_field, (3, 1), (3, 2), (5, 1)),
    "every layer has a stride": _on(receptive_field, (7, 2), (3, 2), (5, 3)),
}
receptive_field.wrong = {
    "The strides are ignored.": ("step *= layer.strides[0]", "pass"),
    "A layer's own stride does not widen its window: multiply by it after the field.":
        ("* step", "* step * layer.strides[0]"),
    "Start with a field of 1: the one value itself.": ("field, step = 1", "field, step = 0"),
    "A kernel of k pixels adds k - 1 steps, not k.": ("[0] - 1)", "[0])"),
    "The strides are multiplied, not added.": ("*= layer", "+= layer"),
    "Only the layer directly below counts: multiply all the strides.": ("*= layer", "= layer"),
}  # fmt: skip


@exercise(points=2, read=lambda model: tuple(tuple(v.shape) for v in model.trainable_variables))
def freeze_kernels(model):
    import keras

    for layer in model.layers:
        layer.trainable = not isinstance(layer, keras.layers.Conv2D)
    return model


freeze_kernels.cases = {
    "one convolution": _on(freeze_kernels, (3, 1), classes=3),
    "two convolutions": _on(freeze_kernels, (3, 1), (5, 2), classes=2),
    "three convolutions": _on(freeze_kernels, (3, 1), (3, 1), (3, 2), classes=4),
}
freeze_kernels.wrong = {
    "Nothing is frozen: set `trainable` to False.":
        ("not isinstance(layer, keras.layers.Conv2D)", "True"),
    "Everything is frozen, but the dense layers must still learn.":
        ("not isinstance(layer, keras.layers.Conv2D)", "False"),
    "The dense layers are frozen, and the convolutions are not.": ("not isinstance", "isinstance"),
    "All layers but the last are frozen: freeze only the convolutions.":
        ("not isinstance(layer, keras.layers.Conv2D)", "layer is model.layers[-1]"),
    "Only the first convolution is frozen: go through all layers.":
        ("not isinstance(layer, keras.layers.Conv2D)", "layer is not model.layers[1]"),
}  # fmt: skip
