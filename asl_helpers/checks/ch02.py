"""Checkers of chapter 2: activations, starting weights and pooling."""

import numpy as np

from asl_helpers.checks.core import NOT_YET, Failed, case, compare, exercise
from asl_helpers.scratch import max_pool


@exercise(points=3)
def merge(first, second):
    rows, columns = first.shape
    merged = np.zeros(np.add(first.shape, second.shape) - 1)
    for i, j in np.ndindex(second.shape):
        merged[i : i + rows, j : j + columns] += second[i, j] * first
    return merged


_RNG = np.random.default_rng(1)

merge.cases = {
    "one row, by hand": case(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0, 5.0]])),
    "two kernels of 3 × 3": case(_RNG.normal(size=(3, 3)), _RNG.normal(size=(3, 3))),
    "kernels of two sizes": case(_RNG.normal(size=(2, 3)), _RNG.normal(size=(4, 2))),
}
merge.wrong = {
    "One kernel is flipped: no flip is needed.": ("* first", "* first[::-1, ::-1]"),
    "`second` is read backward: its weight [i, j] belongs at row i, column j.":
        ("second[i, j]", "second[::-1, ::-1][i, j]"),
    "You add copies of ones: multiply `first` by each weight.":
        ("* first", "* np.ones_like(first)"),
    "The weights are multiplied cell by cell; the second kernel must slide.": np.multiply,
    "This is the matrix product; the second kernel must slide.": np.matmul,
    "The kernels are added; the second must work on the map of the first.": np.add,
}  # fmt: skip


@exercise(points=2)
def relu_backward(x, upstream):
    return upstream * (x > 0)


_RNG = np.random.default_rng(2)

relu_backward.cases = {
    "four numbers, by hand": case(np.array([-2.0, -1, 1, 2]), np.array([5.0, -5, 5, -5])),
    "a batch of maps": case(_RNG.normal(size=(2, 4, 3)), _RNG.normal(size=(2, 4, 3))),
    "exactly 0 counts as off": case(np.array([0.0, 0, -3, 3]), np.array([1.0, -1, 4, 2])),
}
relu_backward.wrong = {
    "The gradient passes everywhere: it must stop where x was negative.": (" * (x > 0)", ""),
    "The sign of x matters, not the sign of the gradient.": ("* (x > 0)", "* (upstream > 0)"),
    "Negative gradients are lost: let them pass, too.": ("upstream", "np.maximum(upstream, 0)"),
    "This is the derivative alone: multiply it by `upstream`.": ("upstream", "1.0"),
    "This uses the value of the ReLU: use its derivative.": ("(x > 0)", "np.maximum(x, 0)"),
    "This is the ReLU itself, the forward pass.": ("upstream * (x > 0)", "np.maximum(x, 0)"),
    "At exactly 0 the gradient is 0: compare with `>`.": (">", ">="),
    "It is the other way around: the gradient passes where x is positive.": (">", "<="),
}


@exercise(points=3)
def LearnedSlope():
    import keras

    class Layer(keras.layers.Layer):
        def build(self, input_shape):
            start = keras.initializers.Constant(0.1)
            self.slope = self.add_weight(shape=(), initializer=start)

        def call(self, x):
            return keras.ops.where(x > 0, x, self.slope * x)

    return Layer()


_SIGNED = np.linspace(-3, 2.5, 24).astype("float32").reshape(2, 3, 4)


def _sloped(call, values=_SIGNED, slope=None):
    """Return the layer's weights, built by a first call, and what it makes of ``values``."""
    import keras

    layer = call()
    if not isinstance(layer, keras.layers.Layer):
        raise Failed("Expected a layer: write a class that inherits from `layers.Layer`.")
    try:
        result = layer(values)
    except NotImplementedError:
        raise Failed(NOT_YET) from None
    for weight in layer.trainable_weights if slope else ():
        weight.assign(weight * 0 + slope)
        result = layer(values)
    return layer.trainable_weights, np.asarray(result)


def _right(slope, values=_SIGNED):
    return np.where(values > 0, 1, slope) * values


def _slope_values(call):
    known = {
        "The positive values change: return x itself there.": 0.1 * _SIGNED,
        "The negative values are lost: multiply them by the slope.": np.maximum(_SIGNED, 0),
        "The two cases are swapped: return x where it is positive.": _right(10) / 10,
        "The slope does not start at 0.1 or is not used: the layer returns x.": _SIGNED,
    }
    return compare(_sloped(call)[1], _right(0.1), known.items())


def _slope_weight(call):
    shapes = [tuple(weight.shape) for weight in _sloped(call)[0]]
    if not shapes:
        return "The slope is not a trainable weight: create it with `self.add_weight`."
    if [np.prod(shape) for shape in shapes] != [1]:
        return f"The trainable weights have the shapes {shapes}: expected a single number."
    if not np.allclose(_sloped(call, slope=0.5)[1], _right(0.5)):
        return "With the weight set to 0.5, the slope is not 0.5: use the weight in `call`."


def _slope_shapes(call):
    for values in (_SIGNED[:, 0], _SIGNED[..., np.newaxis]):
        if not np.allclose(_sloped(call, values)[1], _right(0.1, values)):
            return f"The values are wrong for an input of shape {values.shape}."


LearnedSlope.cases = {
    "x where it is positive, 0.1 x elsewhere": _slope_values,
    "one trainable weight, the slope": _slope_weight,
    "inputs with two and with four axes": _slope_shapes,
}
LearnedSlope.wrong = {
    "The positive values change: return x itself there.":
        ("keras.ops.where(x > 0, x, self.slope * x)", "self.slope * x"),
    "The negative values are lost: multiply them by the slope.": ("self.slope * x)", "0.0 * x)"),
    "The two cases are swapped: return x where it is positive.": ("x > 0", "x < 0"),
    "The slope does not start at 0.1 or is not used: the layer returns x.":
        ("Constant(0.1)", "Constant(1.0)"),
    "The slope is not a trainable weight: create it with `self.add_weight`.":
        ("self.add_weight(shape=(), initializer=start)", "0.1"),
    "The trainable weights have the shapes": ("shape=()", "shape=(input_shape[-1],)"),
    "With the weight set to 0.5, the slope is not 0.5: use the weight in `call`.":
        ("self.slope * x)", "0.1 * x)"),
    "Expected a layer: write a class that inherits from `layers.Layer`.": lambda: 0.1,
}  # fmt: skip


@exercise(points=3)
def deep_network(stddev):
    import keras

    model = keras.Sequential([keras.Input((256,))])
    for _ in range(10):
        start = keras.initializers.RandomNormal(stddev=stddev)
        model.add(keras.layers.Dense(256, activation="relu", kernel_initializer=start))
    return model


def _model(call, inputs, *arguments):
    """Return the model that the answer builds, for inputs of this shape."""
    import keras

    model = call(*arguments)
    if not isinstance(model, keras.Model):
        raise Failed("Expected a Keras model: return the model.")
    if not model.built or model.input_shape != (None, *inputs):
        raise Failed(f"The model must begin with keras.Input({inputs}).")
    return model


def _dense(call, stddev=0.1):
    """Return the ten dense layers of the model."""
    import keras

    found = _model(call, (256,), stddev).layers
    found = [layer for layer in found if not isinstance(layer, keras.layers.InputLayer)]
    if [getattr(layer, "units", None) for layer in found] != [256] * 10:
        raise Failed("Expected exactly ten Dense layers of 256 units.")
    return found


def _relu_everywhere(call):
    pair = np.array([-1, 2], "float32")
    if any(not np.array_equal(layer.activation(pair), [0, 2]) for layer in _dense(call)):
        return 'A ReLU is missing: each layer needs activation="relu".'


def _kernels(call):
    for stddev in (0.05, 0.4):
        first, *others = (np.asarray(layer.kernel) for layer in _dense(call, stddev))
        for kernel in (first, *others):
            if abs(np.std(kernel) / stddev - 1) > 0.03:
                return (
                    f"With stddev={stddev}, a kernel has the standard deviation {kernel.std():.3f}."
                )
    if any(np.array_equal(first, kernel) for kernel in others):
        return "The layers start with equal kernels: create a new initializer for each layer."


deep_network.cases = {
    "ten layers of 256 units": lambda call: _dense(call) and None,
    "a ReLU in each layer": _relu_everywhere,
    "random kernels with the given standard deviation": _kernels,
}
deep_network.wrong = {
    "Expected exactly ten Dense layers of 256 units.":
        [("range(10)", "range(9)"), ("Dense(256", "Dense(10")],
    'A ReLU is missing: each layer needs activation="relu".': ('activation="relu", ', ""),
    "With stddev=0.05, a kernel has the standard deviation":
        [(", kernel_initializer=start", ""), ("stddev=stddev", "stddev=stddev**2")],
    "The layers start with equal kernels: create a new initializer for each layer.":
        ("stddev=stddev", "stddev=stddev, seed=0"),
    "The model must begin with keras.Input((256,)).": ("[keras.Input((256,))]", ""),
    "Expected a Keras model: return the model.": ("return model", "return start"),
}  # fmt: skip


@exercise(points=3)
def max_pool_backward(values, upstream, size):
    gradient = np.zeros(values.shape)
    for m, n in np.ndindex(upstream.shape):
        window = values[m * size : (m + 1) * size, n * size : (n + 1) * size]
        i, j = np.unravel_index(window.argmax(), window.shape)
        gradient[m * size + i, n * size + j] = upstream[m, n]
    return gradient


_RNG = np.random.default_rng(3)

max_pool_backward.cases = {
    "one window, by hand": case(np.array([[1.0, 5], [3, 2]]), np.array([[4.0]]), 2),
    "four windows": case(_RNG.normal(size=(4, 4)), _RNG.normal(size=(2, 2)), 2),
    "values that are all negative": case(_RNG.normal(size=(6, 9)) - 9, _RNG.normal(size=(2, 3)), 3),
    "several largest values": case(
        np.array([[0.0, 5, 5, 1], [5, 1, 1, 5]]), np.array([[2.0, -3.0]]), 2
    ),
}
max_pool_backward.wrong = {
    "Every value of the window gets the gradient: only the largest one should.":
        lambda values, upstream, size: np.kron(upstream, np.ones((size, size))),
    "The gradient is shared equally, as in average pooling: give all of it to the largest value.":
        lambda values, upstream, size: np.kron(upstream, np.ones((size, size))) / size**2,
    "The gradient goes to the smallest value: give it to the largest one.": ("argmax", "argmin"),
    "You return the largest values: put the gradient there.":
        ("= upstream[m, n]", "= window.max()"),
    "You mark the largest values with 1: put the gradient there.": ("= upstream[m, n]", "= 1"),
    "The row and the column in the window are swapped.": ("i, j =", "j, i ="),
    "With several largest values, each one gets the gradient: give it to the first one only.":
        lambda values, upstream, size: np.kron(upstream, np.ones((size, size)))
        * (values == np.kron(max_pool(values, size), np.ones((size, size)))),
}  # fmt: skip


@exercise(points=3)
def global_reader():
    import keras

    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 48, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(24, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(48, 3, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(6),
    ])  # fmt: skip


_DOT = np.zeros((2, 28, 48, 1), "float32")
_DOT[0, 8:16, 20:28] = _DOT[1, 8:16, 24:32] = _RNG.uniform(50, 255, (8, 8, 1))


def _logits(call):
    """Return the model and the logits of an image and of its copy four pixels further right."""
    model = _model(call, (28, 48, 1))
    if model.output_shape != (None, 6):
        raise Failed(f"The output has the shape {model.output_shape}, expected (None, 6).")
    return model, np.asarray(model(_DOT))


def _unmoved(call):
    still, moved = _logits(call)[1]
    if not np.allclose(still, moved, atol=1e-4):
        return (
            "The logits change when the image moves by four pixels: take the maximum of each "
            "channel over all positions, with `GlobalMaxPooling2D`."
        )


def _same_layers(call):
    model, logits = _logits(call)
    usual, weights = global_reader.reference(), model.get_weights()
    if [w.shape for w in weights] != [w.shape for w in usual.get_weights()]:
        return (
            f"The model has {model.count_params():,} weights, expected {usual.count_params():,}: "
            "keep the other layers of `flat_reader`."
        )
    usual.set_weights(weights)
    if np.allclose(logits.sum(axis=-1), 1):
        return "The last layer has a softmax: leave it out and return the logits."
    if not np.allclose(logits, usual(_DOT), atol=1e-4):
        return (
            "The weights have the right shapes, but the logits differ: compare activations, "
            "rescaling and pooling with `flat_reader`."
        )


global_reader.cases = {
    "six logits": lambda call: _logits(call) and None,
    "an image that moves": _unmoved,
    "all other layers unchanged": _same_layers,
}
global_reader.wrong = {
    "The logits change when the image moves": ("GlobalMaxPooling2D()", "Flatten()"),
    "The model has": ("Conv2D(48", "Conv2D(32"),
    "The last layer has a softmax": ("Dense(6)", 'Dense(6, activation="softmax")'),
    "The weights have the right shapes":
        [("GlobalMax", "GlobalAverage"), ("layers.Rescaling(1 / 255),", "")],
    "The output has the shape": ("Dense(6)", "Dense(24)"),
    "The model must begin with keras.Input((28, 48, 1)).": ("keras.Input((28, 48, 1)),", ""),
    "Expected a Keras model: return the model.": lambda: 6,
}  # fmt: skip
