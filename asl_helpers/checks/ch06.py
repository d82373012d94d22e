"""Checkers of chapter 6: dropout, batch normalization, and what replaces it."""

import numpy as np

from asl_helpers.checks.core import Failed, case, compare, exercise, numbers

KEEP = 0.8
SOFTMAX = "The outputs are probabilities: leave out the softmax and return logits."
SHARED = "Several values share a random number:"
SAME_MASK = "The mask is the same in every step: draw a new one in each call"


@exercise(points=3)
def dropout(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z / keep if training else z


_Z = np.full((40, 30, 20), 3.0)
_Z[::2] = -1.5


def _ratios(call, seed=7):
    """Return by what each value was multiplied in training, and which ones were dropped."""
    values = numbers(call(_Z, KEEP, np.random.default_rng(seed), True))
    if values is None or values.shape != _Z.shape:
        raise Failed(f"Expected an array with the shape of z, {_Z.shape}.")
    return values / _Z, np.isclose(values, 0)


def _scaled(call):
    ratios, dropped = _ratios(call)
    known = {
        1 / KEEP: None,
        1.0: "The values that are kept are unchanged: divide them by the probability of keeping.",
        KEEP: "The values that are kept are multiplied by the probability of keeping: divide.",
        1 / (1 - KEEP): "Divide by the probability of keeping, not by that of dropping.",
    }
    for factor, message in known.items():
        if not dropped.all() and np.allclose(ratios[~dropped], factor):
            return message
    return f"Each value must be multiplied by 0 or by {1 / KEEP:g}."


def _share(call):
    share = float(_ratios(call)[1].mean())
    if abs(share - KEEP) < 0.06:
        return "Most values are dropped: the probabilities of keeping and dropping are swapped."
    if abs(share - (1 - KEEP)) >= 0.06:
        return f"A share of {share:.2f} of the values is 0; expected about {1 - KEEP:.2f}."


def _masks(call):
    _, dropped = _ratios(call)
    if dropped.all() or not dropped.any():
        return "All values are treated alike: draw one random number for each value."
    if any(np.unique(dropped, axis=k).shape[k] < dropped.shape[k] for k in range(3)):
        return f"{SHARED} draw random numbers in the shape of the input."


def _steps(call):
    (_, first), (_, again), (_, other) = (_ratios(call, seed) for seed in (7, 7, 8))
    if first.any() and (first == other).all():
        return f"{SAME_MASK}, from the `rng` that is given."
    if (first != again).any():
        return "The same `rng` gives different masks: draw from the `rng` that is given."
    return None if first.any() else "Nothing is dropped."


def _inference(call):
    values = call(_Z, KEEP, np.random.default_rng(7), False)
    if np.any(np.asarray(values) == 0):
        return "Values are dropped in inference: return the input unchanged."
    known = {
        "In inference nothing is multiplied: the division in training is enough.": _Z * KEEP,
        "In inference nothing is dropped, so nothing is divided: return the input.": _Z / KEEP,
    }
    return compare(values, _Z, known.items())


dropout.cases = {
    "values that are kept are scaled": _scaled,
    "the right share is dropped": _share,
    "each value has its own random number": _masks,
    "each step has its own mask": _steps,
    "inference changes nothing": _inference,
}
dropout.wrong = {
    "Values are dropped in inference": (" if training else z", ""),
    "divide them by the probability of keeping.": (" / keep", ""),
    "In inference nothing is multiplied": (" / keep", "", "else z", "else z * keep"),
    "In inference nothing is dropped, so": ("else z", "else z / keep"),
    "the probabilities of keeping and dropping are swapped.": ("< keep", "< 1 - keep"),
    "Divide by the probability of keeping, not": ("/ keep", "/ (1 - keep)"),
    "by the probability of keeping: divide.": ("/ keep", "* keep"),
    SHARED: [
        ("z.shape", "z.shape[1:]"),
        ("z.shape", "(len(z), 1, 1)"),
        ("z.shape", "(*z.shape[:2], 1)"),
    ],
    SAME_MASK: ("rng.random", "np.random.default_rng(0).random"),
    "The same `rng` gives different masks": ("rng.random", "np.random.random"),
    "All values are treated alike": lambda z, keep, rng, training: z,
}


@exercise(points=4)
def dropout_layer(rate):
    import keras

    class InvertedDropout(keras.layers.Layer):
        def __init__(self, rate):
            super().__init__()
            self.rate = rate

        def call(self, x, training=False):
            if not training:
                return x
            mask = keras.random.uniform(keras.ops.shape(x)) >= self.rate
            return x * keras.ops.cast(mask, x.dtype) / (1 - self.rate)

    return InvertedDropout(rate)


def _on_a_layer(test):
    """Return a test of ``dropout`` that runs the answer's layer in place of the function."""

    def tested(call):
        import keras

        layer = call(1 - KEEP)
        if not isinstance(layer, keras.layers.Layer):
            raise Failed("InvertedDropout must be a Keras layer: derive it from layers.Layer.")
        return test(lambda z, keep, rng, training: layer(z.astype("float32"), training=training))

    return tested


def _compiled(call):
    import keras
    import tensorflow as tf

    layer, ones = call(1 - KEEP), np.ones((20, 30), "float32")
    try:
        step = tf.function(lambda: layer(tf.constant(ones), training=True))
        first, second = step(), step()
        model = keras.Sequential([keras.Input((30,)), call(1 - KEEP)])
        trained, used = model(ones, training=True), model(ones)
    except Exception:
        return "It fails in a model, where the batch size is unknown: use keras.ops.shape(x)."
    if np.allclose(trained, 1):
        return "In a model nothing is dropped: `call` needs an argument named `training`."
    if np.array_equal(first, second):
        return f"{SAME_MASK}, with keras.random and without a fixed seed."
    return None if np.allclose(used, 1) else "In a model, inference changes the values."


def _plain_call(call):
    layer, values = call(1 - KEEP), _Z.astype("float32")
    if not np.array_equal(layer(values), values):
        return "`layer(x)` drops values: `training` must be False or None by default."


dropout_layer.cases = {
    "values that are kept are scaled": _on_a_layer(_scaled),
    "the right share is dropped": _on_a_layer(_share),
    "each value has its own random number": _on_a_layer(_masks),
    "in a compiled model, each step has a new mask": _compiled,
    "inference changes nothing": _on_a_layer(_inference),
    "a plain call means inference": _plain_call,
}
dropout_layer.wrong = {
    "Values are dropped in inference": ("if not training:", "if False:"),
    "divide them by the probability of keeping.": (" / (1 - self.rate)", ""),
    "Divide by the probability of keeping, not": ("(1 - self.rate)", "self.rate"),
    "the probabilities of keeping and dropping are swapped.": (">=", "<"),
    SHARED: [("shape(x)", "shape(x[:1])"), ("shape(x)", "shape(x[..., :1])")],
    SAME_MASK: [
        ("keras.random.uniform(keras.ops.shape(x))", "np.random.random(x.shape)"),
        ("shape(x))", "shape(x), seed=1)"),
    ],
    "It fails in a model": ("keras.ops.shape(x)", "[len(x), *x.shape[1:]]"),
    "derive it from layers.Layer": ("InvertedDropout(rate)\n", "[rate]\n"),
    "`layer(x)` drops values": ("training=False", "training=True"),
}


@exercise(points=3)
def batch_norm(x, gamma, beta, eps=1e-3):
    mean = x.mean(axis=(0, 1, 2), keepdims=True)
    variance = x.var(axis=(0, 1, 2), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


_RNG = np.random.default_rng(1)
_PAIR = np.array([1.0, 5.0]).reshape(2, 1, 1, 1)
_MAPS = _RNG.normal([1, -2, 0.5], [1, 3, 0.2], size=(4, 3, 5, 3))
_GAMMA, _BETA = np.array([2.0, 0.5, -1.0]), np.array([0.0, 1.0, 3.0])

batch_norm.cases = {
    "the numbers 1 and 5": case(_PAIR, np.ones(1), np.zeros(1), eps=1e-3),
    "each channel separately": case(_MAPS, np.ones(3), np.zeros(3), eps=1e-3),
    "a large eps": case(_MAPS, np.ones(3), np.zeros(3), eps=0.5),
    "gamma and beta": case(_MAPS, _GAMMA, _BETA, eps=1e-3),
}
batch_norm.wrong = {
    "This is one mean for all channels: each channel has its own.": ("(0, 1, 2)", "None"),
    "This is a mean for each position: average over axes 0, 1 and 2.": ("(0, 1, 2)", "0"),
    "This is a mean for each image: average over axes 0, 1 and 2.": ("(0, 1, 2)", "(1, 2)"),
    "The mean is taken over the channels: that is layer normalization.": ("(0, 1, 2)", "-1"),
    "`gamma` and `beta` are missing: multiply by gamma, then add beta.":
        ("gamma * ", "", " + beta", ""),
    "beta is scaled as well: multiply by gamma first, then add beta.":
        ("* (x", "* ((x", "+ beta", "+ beta)"),
    "This divides by the variance: take its square root.": ("np.sqrt", ""),
    "eps is added to the root: add it to the variance, under the root.":
        ("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)"),
    "eps is missing under the root.": (" + eps", ""),
    "The variance is divided by n - 1: divide by n, as np.var does.": ("x.var(", "x.var(ddof=1, "),
    "The division is missing: divide by the standard deviation.":
        (" / np.sqrt(variance + eps)", ""),
}  # fmt: skip


@exercise(points=4)
def with_base(base, classes, fine_tune=False):
    import keras

    base.trainable = fine_tune
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = keras.layers.GlobalAveragePooling2D()(base(inputs))
    return keras.Model(inputs, keras.layers.Dense(classes)(x))


def _transfer(call, fine_tune):
    """Return the answer's model, images, their logits by hand, and its batch normalization."""
    import keras
    from keras import layers

    conv, norm = layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization()
    inputs = keras.Input((8, 8, 2))
    base = keras.Model(inputs, layers.ReLU()(norm(conv(inputs))))
    images = np.random.default_rng(6).normal(1, 2, (5, 8, 8, 2)).astype("float32")
    means = np.asarray(base(images)).mean(axis=(1, 2))
    model = call(base, 3, fine_tune)
    if not isinstance(model, keras.Model):
        raise Failed("Return a keras.Model.")
    heads = [weight for weight in model.weights if tuple(weight.shape) == (4, 3)]
    if model.output_shape != (None, 3) or not heads:
        raise Failed("After the base come GlobalAveragePooling2D and Dense(classes).")
    norms = [each for each in model._flatten_layers() if isinstance(each, type(norm))]
    return model, images, means @ np.asarray(heads[0]), norms[0]


def _logits(call):
    model, images, logits, _ = _transfer(call, False)
    if np.allclose(model(images).numpy().sum(axis=1), 1):
        return SOFTMAX
    return compare(model(images), logits)


def _trainable(call, fine_tune=False):
    weights = _transfer(call, fine_tune)[0].trainable_weights
    shapes = sorted(tuple(weight.shape) for weight in weights)
    if (3,) not in shapes:
        return "The dense layer is frozen, too: only the base must be frozen."
    if (4,) in shapes:
        return "Batch normalization is trainable: set its `trainable` last, after the base's."
    if fine_tune and (3, 3, 2, 4) not in shapes:
        return "The convolution of the base is still frozen: set base.trainable = fine_tune."
    if not fine_tune and len(shapes) > 2:
        return "The base can still be trained: set base.trainable = fine_tune."


def _averages(call, fine_tune=False):
    model, images, _, norm = _transfer(call, fine_tune)
    before = np.asarray(norm.moving_mean)
    model(images, training=True)
    if not np.array_equal(before, norm.moving_mean):
        return "A training step changes the moving averages: freeze batch normalization itself."


with_base.cases = {
    "the logits come from the averaged feature maps": _logits,
    "frozen: only the dense layer can be trained": _trainable,
    "frozen: the moving averages do not change": _averages,
    "fine-tuning: the convolution can be trained": lambda call: _trainable(call, True),
    "fine-tuning: the moving averages do not change": lambda call: _averages(call, True),
}
with_base.wrong = {
    "The outputs are probabilities": ("(classes)", "(classes, activation='softmax')"),
    "The dense layer is frozen, too": ("(classes)", "(classes, trainable=False)"),
    "The base can still be trained": ("= fine_tune", "= True"),
    "The convolution of the base is still frozen": ("= fine_tune", "= False"),
    "Batch normalization is trainable": ("layer.trainable = False", "pass"),
    "A training step changes the moving averages": [
        ("layer.trainable = False", "pass"),
        ("layer.trainable = False", "pass", "base(inputs)", "base(inputs, training=False)"),
    ],
    "After the base come GlobalAveragePooling2D": ("GlobalAveragePooling2D", "Flatten"),
    "Return a keras.Model.": ("return keras.Model", "return list, keras.Model"),
}


@exercise(points=3)
def group_norm_cnn(classes, groups):
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, use_bias=False),
        layers.GroupNormalization(groups),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, use_bias=False),
        layers.GroupNormalization(groups),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes),
    ])  # fmt: skip


_IMAGES = np.random.default_rng(60).integers(0, 256, (6, 28, 28, 1)).astype("float32")


def _cnn(call):
    """Return the answer's CNN of 5 classes and 4 groups, and the reference's."""
    import keras

    model = call(5, 4)
    if not isinstance(model, keras.Model):
        raise Failed("Return a keras.Model.")
    if (model.input_shape, model.output_shape) != ((None, 28, 28, 1), (None, 5)):
        raise Failed(
            f"The model maps {model.input_shape} to {model.output_shape}; expected "
            "(None, 28, 28, 1) to (None, 5)."
        )
    return model, group_norm_cnn.reference(5, 4)


def _weights(call):
    shapes, wanted = ([tuple(each.shape) for each in model.weights] for model in _cnn(call))
    if shapes == wanted:
        return None
    if sorted(shapes) == sorted([*wanted, (16,), (32,)]):
        return "The convolutions have biases, which the normalization removes: use_bias=False."
    return f"The weights have the shapes {shapes}; expected {wanted}."


def _alone(call):
    model, _ = _cnn(call)
    alone, together = model(_IMAGES[:1], training=True), model(_IMAGES, training=True)[:1]
    if not np.allclose(alone, together, atol=1e-4):
        return "The logits of an image depend on its batch: that is batch normalization."


def _same_logits(call):
    model, reference = _cnn(call)
    if [each.shape for each in model.weights] != [each.shape for each in reference.weights]:
        return "The logits cannot be compared, because the weights have other shapes."
    rng = np.random.default_rng(61)
    weights = [rng.normal(0.2, 0.5, each.shape) for each in model.weights]
    weights[0] /= 20  # small enough for epsilon to count, and with it the rescaling
    model.set_weights(weights)
    reference.set_weights(model.get_weights())
    if np.allclose(model(_IMAGES).numpy().sum(axis=1), 1):
        return SOFTMAX
    if not np.allclose(model(_IMAGES), reference(_IMAGES), rtol=1e-3, atol=1e-3):
        return "A layer differs: compare the order, `groups`, the ReLUs, rescaling, and pooling."


group_norm_cnn.cases = {
    "the weights have the right shapes": _weights,
    "an image's logits do not depend on its batch": _alone,
    "the same weights give the same logits": _same_logits,
}
group_norm_cnn.wrong = {
    "The convolutions have biases": (", use_bias=False", ""),
    "that is batch normalization.": ("GroupNormalization(groups)", "BatchNormalization()"),
    "A layer differs": [
        ("GroupNormalization(groups)", "LayerNormalization()"),
        ("(groups)", "(groups // 2)"),
        ("layers.ReLU(),\n        layers.G", "layers.G"),
        ("MaxPooling2D(2)", "AveragePooling2D(2)"),
    ],
    "The outputs are probabilities": ("(classes)", "(classes, activation='softmax')"),
    "expected (None, 28, 28, 1) to (None, 5).": ("layers.GlobalAveragePooling2D(),", ""),
    "The weights have the shapes": ("Conv2D(16", "Conv2D(32"),
}
