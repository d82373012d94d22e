"""Checkers of chapter 3: softmax and cross-entropy."""

import numpy as np

from asl_helpers.checks.core import Changed, Failed, case, compare, exercise

ROWS = "The probabilities add up down the columns, but one image is one row: use axis=1."


@exercise(points=2)
def softmax(logits):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


softmax.cases = {
    "one row, by hand": case(np.log([[1.0, 2.0, 5.0]])),
    "negative logits": case(np.array([[-1.0, -2.0, 0.5, -3.0]])),
    "a batch of four": case(np.random.default_rng(4).normal(size=(4, 3))),
    "logits of a thousand": case(np.array([[1000.0, 1001.0, 998.0]])),
    "rows far apart": case(np.array([[0.0, 1.0], [900.0, 901.0], [-900.0, -902.0]])),
}
softmax.wrong = {
    "exp overflows: subtract the largest logit of each row first.":
        (" - logits.max(axis=1, keepdims=True)", ""),
    "You subtract the maximum of the batch: subtract the maximum of each row.":
        ("max(axis=1, keepdims=True)", "max()"),
    ROWS: ("axis=1", "axis=0"),
    "The probabilities of the whole batch add up to 1: sum over axis=1, so that each row does.":
        ("axis=1, keepdims=True", ""),
    "You divide by the sum of the logits: apply exp first.":
        lambda logits: logits / logits.sum(axis=1, keepdims=True),
    "The rows do not add up to 1: divide by the sum of each row.":
        [np.exp, (" / exps.sum(axis=1, keepdims=True)", "")],
    "This is the logarithm of the probabilities: leave it out.": Changed(np.log),
    "The largest logit gets all the probability: every class needs a positive share.":
        lambda logits: np.eye(logits.shape[1])[logits.argmax(axis=1)],
}  # fmt: skip


@exercise(points=2)
def cross_entropy(logits, labels):
    true = logits[np.arange(len(labels)), labels]
    losses = np.logaddexp.reduce(logits, axis=1) - true
    return losses.mean()


def _minus_log(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()


_RNG = np.random.default_rng(5)
_LARGE = np.array([[1000.0, 0, 990.0], [0, -900.0, 3.0]])

cross_entropy.cases = {
    "one image, by hand": case(np.log([[0.5, 0.25, 0.25]]), np.array([1])),
    "a batch of six": case(_RNG.normal(size=(6, 4)), _RNG.integers(4, size=6)),
    "other logits": case(_RNG.normal(size=(3, 5)), np.array([0, 4, 2])),
    "logits of a thousand": case(_LARGE, np.array([2, 1])),
}
cross_entropy.wrong = {
    "exp overflows: use log-sum-exp.":
        lambda z, labels: _minus_log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), labels),
    "A probability was rounded to 0: do not take the log of the softmax; subtract log-sum-exp from "
    "the logit.": lambda logits, labels: _minus_log(softmax.reference(logits), labels),
    "You return one loss per image: return their mean.": (".mean()", ""),
    "You return the sum over the batch: return the mean.": ("mean", "sum"),
    "The minus sign is missing: log p is negative.": ("return ", "return -"),
    "This is also divided by the number of classes: average over the images only.":
        (".mean()", ".mean() / logits.shape[1]"),
    "This is the logarithm to base 2: use np.log.": ("mean()", "mean() / np.log(2)"),
    "This is the logarithm to base 10: use np.log.": ("mean()", "mean() / np.log(10)"),
    "The log-sum-exp is missing: this is only minus the logit.":
        ("np.logaddexp.reduce(logits, axis=1)", "0"),
    "The softmax is applied twice: apply log-sum-exp to the logits.":
        lambda logits, labels: cross_entropy.reference(softmax.reference(logits), labels),
    "This is 1 − p: the loss is −log p.": ("losses.mean()", "(1 - np.exp(-losses)).mean()"),
    "You sum over all classes: use the true class only.":
        lambda logits, labels: -np.log(softmax.reference(logits)).sum(axis=1).mean(),
}  # fmt: skip


@exercise(points=2)
def gradient(logits, labels):
    probs = softmax.reference(logits)
    probs[np.arange(len(labels)), labels] -= 1
    return probs / len(labels)


_RNG = np.random.default_rng(6)
_SURE = np.array([[9.0, 0, 0], [9.0, 0, 0]])

gradient.cases = {
    "one image, equal logits": case(np.zeros((1, 4)), np.array([2])),
    "a batch of five": case(_RNG.normal(size=(5, 3)), _RNG.integers(3, size=5)),
    "confident, once right and once wrong": case(_SURE, np.array([0, 1])),
}
gradient.wrong = {
    "The sign is reversed: the gradient is p − y.": Changed(np.negative),
    "This is the gradient of the sum: divide by the batch size.": (" / len(labels)", ""),
    "This is also divided by the number of classes: divide by the batch size only.":
        ("/ len(labels)", "/ probs.size"),
    "The label is not subtracted: subtract 1 at the true class.": ("-= 1", "-= 0"),
    "You subtract y from the logits: apply softmax to them first.":
        ("softmax.reference(logits)", "logits.copy()"),
    ROWS: ("softmax.reference(logits)", "softmax.reference(logits.T).T"),
    "You sum over the batch: keep one row for each image.":
        Changed(lambda slopes: slopes.sum(axis=0)),
}  # fmt: skip


@exercise(points=3)
def softmax_regression(features, classes, rate):
    import keras

    dense = keras.layers.Dense(classes, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((features,)), dense])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)
    return model


_INPUTS = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.0]], np.float32)
_LABELS = np.array([3, 0])


def _built(call):
    """Return the learner's model of three features and four classes."""
    import keras

    model = call(3, 4, 0.5)
    if not isinstance(model, keras.Model):
        raise Failed("Return the Keras model.")
    if not model.compiled:
        raise Failed("The model is not compiled: call model.compile.")
    try:
        shape = model(_INPUTS).shape
    except ValueError:
        raise Failed("The model does not take inputs of shape (batch, features).") from None
    if tuple(shape) != (2, 4):
        raise Failed(f"The output has the shape {tuple(shape)}: one logit per class is needed.")
    return model


def _one_layer(call):
    counts = [int(np.prod(weight.shape)) for weight in _built(call).weights]
    if counts == [12]:
        return "The bias is missing: leave use_bias at True."
    if sorted(counts) != [4, 12]:
        return f"There are {sum(counts)} weights, but one Dense layer has (features + 1) × classes."


def _logits(call):
    model = _built(call)
    model.set_weights([np.full(weight.shape, 0.5) for weight in model.get_weights()])
    expected = 0.5 * _INPUTS.sum(axis=1, keepdims=True) + np.full(4, 0.5)
    if np.allclose(model(_INPUTS), 0.25):
        return "The model ends in a softmax: leave the activation out, so that it returns logits."
    return compare(np.asarray(model(_INPUTS)), expected)


def _zeros(call):
    if any(np.any(weight) for weight in _built(call).get_weights()):
        return "The weights start with random values: set kernel_initializer to zeros."


def _loss(call):
    logits = np.array([[2.0, -1.0, 0.5, 0.0], [0.1, 0.2, 0.3, 0.9]], np.float32)
    try:
        value = np.mean(_built(call).compute_loss(x=_INPUTS, y=_LABELS, y_pred=logits))
    except (ValueError, TypeError):
        return "The labels are integers: use SparseCategoricalCrossentropy."
    if abs(value - cross_entropy.reference(logits, _LABELS)) > 1e-4:
        return "The loss is not the cross-entropy of logits: set from_logits=True."


def _step(call):
    model = _built(call)
    model.set_weights([np.zeros(weight.shape) for weight in model.weights])
    model.train_on_batch(_INPUTS, _LABELS)
    slope = gradient.reference(np.zeros((2, 4)), _LABELS)
    for weight in model.get_weights():
        step = -0.5 * (_INPUTS.T @ slope if weight.ndim == 2 else slope.sum(axis=0))
        if not np.allclose(weight, step, atol=1e-4):
            return "The step is not rate × gradient: use keras.optimizers.SGD(rate)."


softmax_regression.cases = {
    "one Dense layer": _one_layer,
    "the model returns logits": _logits,
    "the weights start at zero": _zeros,
    "the loss takes logits": _loss,
    "one step of gradient descent": _step,
}
softmax_regression.wrong = {
    "The model ends in a softmax: leave the activation out, so that it returns logits.":
        ("Dense(classes,", 'Dense(classes, "softmax",'),
    "The loss is not the cross-entropy of logits: set from_logits=True.": ("from_logits=True", ""),
    "The weights start with random values: set kernel_initializer to zeros.":
        (', kernel_initializer="zeros"', ""),
    "The labels are integers: use SparseCategoricalCrossentropy.": ("SparseC", "C"),
    "The step is not rate × gradient: use keras.optimizers.SGD(rate).":
        [("SGD(rate)", "Adam(rate)"), ("SGD(rate)", "SGD()")],
    "The bias is missing: leave use_bias at True.": ("zeros\")", "zeros\", use_bias=False)"),
    "Return the Keras model.": ("return model", "return dense"),
    "The model is not compiled: call model.compile.":
        ("model.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)", ""),
}  # fmt: skip


@exercise(points=2)
def with_probabilities(model):
    import keras

    return keras.Sequential([model, keras.layers.Softmax()])


def _pair(call):
    """Return a model of logits and what the learner makes of it."""
    import keras

    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    model.__deepcopy__ = lambda memo: model  # the answer gets the model itself, not a copy
    made = call(model)
    if not isinstance(made, keras.Model):
        raise Failed("Return a Keras model: wrap the layers in keras.Sequential.")
    return model, made


def _probabilities(call):
    model, made = _pair(call)
    logits, probs = np.asarray(model(_INPUTS)), np.asarray(made(_INPUTS))
    if np.allclose(probs, logits):
        return "The new model still returns logits: add a Softmax layer."
    if np.allclose(probs, 1 / (1 + np.exp(-logits)), atol=1e-5):
        return "This is the sigmoid of each logit: use softmax."
    if np.allclose(probs, softmax.reference(softmax.reference(logits)), atol=1e-5):
        return "The softmax is applied twice: add one Softmax layer."
    return compare(probs, softmax.reference(logits))


def _shared(call):
    model, made = _pair(call)
    model.set_weights([weight + 1 + np.arange(4) for weight in model.get_weights()])
    if not np.allclose(made(_INPUTS), softmax.reference(np.asarray(model(_INPUTS))), atol=1e-5):
        return "The new model does not follow the weights of the old one: use the model itself."


def _untouched(call):
    model, _ = _pair(call)
    if np.allclose(np.sum(model(_INPUTS), axis=1), 1):
        return "The given model now ends in a softmax: build a new model around it."


with_probabilities.cases = {
    "probabilities of the logits": _probabilities,
    "the new model shares the weights": _shared,
    "the given model still returns logits": _untouched,
}


def _added(model):
    import keras

    model.add(keras.layers.Softmax())
    return model


with_probabilities.wrong = {
    "This is the sigmoid of each logit: use softmax.":
        ("keras.layers.Softmax()", 'keras.layers.Activation("sigmoid")'),
    "The softmax is applied twice: add one Softmax layer.":
        ("keras.layers.Softmax()", "keras.layers.Softmax(), keras.layers.Softmax()"),
    "The new model still returns logits: add a Softmax layer.": (", keras.layers.Softmax()", ""),
    "Return a Keras model: wrap the layers in keras.Sequential.":
        ("keras.Sequential([model, keras.layers.Softmax()])", "keras.layers.Softmax()"),
    "The new model does not follow the weights of the old one: use the model itself.":
        ("[model", "[keras.models.clone_model(model)"),
    "The given model now ends in a softmax: build a new model around it.": _added,
}  # fmt: skip


def _mean(value):
    return np.asarray(value, np.float64).mean()


@exercise(points=3, read=_mean)
def smoothed_cross_entropy(labels, logits):
    import keras

    truth = keras.ops.one_hot(labels, logits.shape[-1])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return loss(truth, logits)


def _in_training(call):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.5), loss=call.args[0])  # tensors cannot be copied
    try:
        model.train_on_batch(_INPUTS, _LABELS)
    except (TypeError, ValueError):
        return "It fails in training, where labels and logits are tensors: use keras.ops."
    slope = (0.25 - (0.9 * np.eye(4)[_LABELS] + 0.025)) / 2
    return compare(np.asarray(model.get_weights()[1]), -0.5 * slope.sum(axis=0))


_RNG = np.random.default_rng(8)

smoothed_cross_entropy.cases = {
    "one image": case(np.array([1]), np.array([[2.0, 0.5, -1.0, 0.0]], np.float32)),
    "24 classes": case(_RNG.integers(24, size=6), 2 * _RNG.normal(size=(6, 24)).astype("float32")),
    "in model.compile": _in_training,
}
smoothed_cross_entropy.wrong = {
    "This is the loss without smoothing: set label_smoothing=0.1.": (", label_smoothing=0.1", ""),
    "The second argument holds logits: set from_logits=True.": ("from_logits=True, ", ""),
    "The softmax is applied twice: pass the logits to the loss.":
        ("(truth, logits)", "(truth, softmax.reference(np.asarray(logits)))"),
    "The amount of smoothing is wrong: use 0.1.":
        [("smoothing=0.1", "smoothing=0.2"), ("smoothing=0.1", "smoothing=0.01")],
    "The 0.1 goes to the wrong classes only: distribute it equally among all classes.":
        ("label_smoothing=0.1", "label_smoothing=0.1 * logits.shape[-1] / (logits.shape[-1] - 1)"),
    "The sign is reversed.": Changed(lambda loss: -loss),
}  # fmt: skip
