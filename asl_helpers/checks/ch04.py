"""Checkers of chapter 4: backpropagation."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from asl_helpers.checks.core import Changed, Failed, case, compare, exercise, run, same


@dataclass(eq=False)
class Node:
    """A number with its parents and local derivatives, as in the chapter."""

    value: float
    parents: list = ()
    name: str = ""
    __add__ = lambda a, b: Node(a.value + b.value, [(a, 1.0), (b, 1.0)])  # noqa: E731
    __mul__ = lambda a, b: Node(a.value * b.value, [(a, b.value), (b, a.value)])  # noqa: E731


A, B = Node(6.0, name="a"), Node(2.0, name="b")


def _slope(node, name):
    """Return a node's derivative with respect to the input of a name: the sum over all paths."""
    if not node.parents:
        return float(node.name == name)
    return sum(local * _slope(parent, name) for parent, local in node.parents)


def _value_and_slopes(node):
    if not hasattr(node, "parents") or not isinstance(node.value, float | int | np.number):
        raise Failed("Return a Node whose value is a number: compute with a.value and b.value.")
    return float(node.value), _slope(node, "a"), _slope(node, "b")


@exercise(points=2, read=_value_and_slopes)
def divide(a, b):
    return Node(a.value / b.value, [(a, 1 / b.value), (b, -a.value / b.value**2)])


divide.cases = {
    "6 / 2": case(A, B),
    "-1 / -4": case(Node(-1.0, name="a"), Node(-4.0, name="b")),
    "parents in a graph": case(A * B, A + B),
}
divide.wrong = {
    "The sign is missing: if b grows, a / b falls.": ("-a.value", "a.value"),
    "The derivative of 1 / b is -1 / b²: the square is missing.": ("b.value**2", "b.value"),
    "The derivative with respect to b needs the factor a.": ("-a.value /", "-1 /"),
    "The derivative with respect to a is 1 / b.": [("1 / b", "1.0 + 0 * b"), ("1 / b", "b")],
    "The local derivatives are exchanged: each belongs to the parent beside it.":
        ("(a, 1", "(b, 1", "(b, -a", "(a, -a"),
    "A parent is missing: the result depends on a and on b.": (", (b, -a.value / b.value**2)", ""),
    "The node has no parents: without them the way back ends here.":
        ("[(a, 1 / b.value), (b, -a.value / b.value**2)]", "[]"),
    "Return a Node whose value is a number": lambda a, b: a.value / b.value,
}  # fmt: skip


@exercise(points=4)
def kernel_gradient(images, upstream):
    seen = sliding_window_view(images, upstream.shape[1:3], axis=(1, 2))
    return np.einsum("nijchw,nhwk->ijck", seen, upstream, optimize=True)


def _random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


kernel_gradient.cases = {
    "one row, by hand": case(np.float64([[[[1], [2], [4]]]]), np.float64([[[[1], [-1]]]])),
    "channels and filters": case(_random(1, 5, 5, 3), _random(1, 3, 3, 2)),
    "a batch": case(_random(4, 6, 6, 1), _random(4, 4, 4, 2)),
    "a kernel that is not square": case(_random(2, 6, 5, 2), _random(2, 5, 3, 3)),
}
kernel_gradient.wrong = {
    "Channels and filters are exchanged: the kernel is (height, width, channels, filters).":
        ("ijck", "ijkc"),
    "Kernel height and width are exchanged.": ("ijck", "jick"),
    "The kernel is turned: weight (i, j) was multiplied by the pixel at (m + i, n + j).":
        Changed(lambda gradient: gradient[::-1, ::-1]),
    "Do not divide by the batch: the upstream gradient already holds that factor.":
        ("seen, upstream,", "seen, upstream / len(images),"),
    "Only the first image counts: sum over the batch.":
        ("seen, upstream,", "seen[:1], upstream[:1],"),
    "The positions are averaged: add them up, because each one is a path to the loss.":
        ("seen, upstream,", "seen, upstream / upstream[0, ..., 0].size,"),
    "The upstream gradient is missing: multiply the pixels by it.":
        ("seen, upstream,", "seen, 0 * upstream + 1,"),
}  # fmt: skip


def _trained(answer, steps=1):
    """Let an answer train a small model; return its losses, weights, and what the model saw."""
    import keras

    seen = []

    class Watch(keras.layers.Layer):
        def call(self, x, training=None):
            seen.append(training)
            return x

    frozen = keras.layers.Dense(3, trainable=False)
    model = keras.Sequential([keras.Input((3,)), frozen, Watch(), keras.layers.Dense(2)])
    model.set_weights([_random(*each.shape, seed=5) for each in model.get_weights()])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9)
    images, labels = _random(4, 3, seed=4).astype("float32"), np.array([0, 1, 1, 0])
    losses = [float(loss(labels, model(images)))]
    seen.clear()
    for _ in range(steps):  # nothing is handed to `run`: it would copy the model
        returned = run(lambda: answer(model, loss, optimizer, images, labels))
    losses.append(float(loss(labels, model(images))))
    weights = model.get_weights()
    return SimpleNamespace(returned=returned, losses=losses, weights=weights, seen=seen)


@exercise(points=4)
def train_step(model, loss_function, optimizer, images, labels):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = loss_function(labels, logits)
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    optimizer.apply(gradients, variables)
    return loss


def _loss_of_the_batch(call):
    made = _trained(call.args[0])
    loss, after = made.losses
    if np.shape(made.returned) != ():
        return "Return the loss of the batch: one number."
    if abs(float(made.returned) - after) < 1e-5 < abs(after - loss):
        return "This is the loss after the move: return the one that was differentiated."
    return compare(float(made.returned), loss)


def _moved(steps, message):
    def test(call):
        made, right = _trained(call.args[0], steps), _trained(train_step.reference, steps)
        if made.losses[0] == made.losses[1]:
            return "The weights have not changed: give the gradients to the optimizer."
        if not np.allclose(made.weights[0], right.weights[0]):
            return "Weights of a frozen layer have changed: use model.trainable_variables."
        return None if all(map(same, made.weights, right.weights)) else message

    return test


def _training_mode(call):
    if True not in _trained(call.args[0]).seen:
        return "The model was not run in training mode: call it with training=True."


UPHILL = "Move each weight against the gradient of the loss: optimizer.apply does it."
OTHER = "After three steps with momentum the weights differ: use the given optimizer."
train_step.cases = {
    "the loss of the batch": _loss_of_the_batch,
    "one step against the gradient": _moved(1, UPHILL),
    "the given optimizer": _moved(3, OTHER),
    "training mode": _training_mode,
}
train_step.wrong = {
    "This is the loss after the move: return the one that was differentiated.":
        ("return loss", "return loss_function(labels, model(images))"),
    "Return the loss of the batch: one number.": ("return loss", "return logits"),
    "The weights have not changed: give the gradients to the optimizer.":
        ("optimizer.apply(gradients, variables)", "pass"),
    UPHILL: ("apply(gradients", "apply([-each for each in gradients]"),
    OTHER:
        ("optimizer.apply(gradients, variables)",
         "[v.assign_sub(0.5 * g) for v, g in zip(variables, gradients)]"),
    "The model was not run in training mode": ("training=True", "training=False"),
    "Weights of a frozen layer have changed: use model.trainable_variables.":
        ("model.trainable_variables", "model.variables"),
}  # fmt: skip


@exercise(points=2)
def round_through(x):
    import tensorflow as tf

    @tf.custom_gradient
    def rounded(x):
        return tf.round(x), lambda upstream: upstream

    return rounded(x)


ONES = "The gradient is always 1: return the upstream gradient itself."
NOTHING = "The gradient is 0: nothing before the rounding would learn."


def _passes(values, weights):
    def test(call):
        import tensorflow as tf

        x, weights_ = tf.constant(np.float32(values)), np.float32(weights)

        def differentiate():  # without `run`'s copies: the tape follows x itself
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(call.args[0](x) * weights_)
            return [tape.gradient(loss, x)]

        gradient = run(differentiate)[0]
        if gradient is None:
            return "There is no gradient: TensorFlow has none for tf.round."
        known = [(ONES, np.ones_like(weights_)), (NOTHING, np.zeros_like(weights_))]
        return compare(np.asarray(gradient), weights_, known)

    return test


round_through.cases = {
    "numbers are rounded": case(np.float32([0.4, 1.7, -2.6, 3])),
    "the gradient of a vector": _passes([0.4, 1.7, -2.6], [2, -3, 0.5]),
    "the gradient of a matrix": _passes([[0.2, 0.9], [1.4, 7.6]], [[0, 4], [-1, 2]]),
}
round_through.wrong = {
    "There is no gradient: TensorFlow has none for tf.round.": ("n rounded", "n tf.round"),
    ONES: (": upstream", ": tf.ones_like(upstream)"),
    NOTHING: (": upstream", ": 0 * upstream"),
    "This rounds down: use tf.round.": ("tf.round", "tf.floor"),
    "Nothing has changed": ("tf.round(x)", "tf.identity(x)"),
}  # fmt: skip


@exercise(points=3)
def StopAt(goal):
    import keras

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if (logs or {}).get("val_accuracy", 0) >= goal:
                self.model.stop_training = True

    return Stop()


def _stops(goal, scores, right):
    """Return a test that a training with these validation accuracies ends where it should."""

    def test(call):
        import keras

        callback, model = call(goal), SimpleNamespace(stop_training=False)
        if not isinstance(callback, keras.callbacks.Callback):
            return "StopAt(goal) must be a keras.callbacks.Callback: keep the first line."

        def epochs():
            callback.set_model(model)
            for epoch, score in enumerate(scores, 1):
                logs = {"val_accuracy": score} if score else {}  # 0: an epoch without validation
                callback.on_epoch_end(epoch - 1, {"accuracy": 1 - score, "loss": 2.0, **logs})
                if model.stop_training:
                    return epoch
            return len(scores) + 1

        count = run(epochs)
        if count > right:
            return EQUAL if goal in scores else GOES_ON
        return None if count == right else f"It stops after epoch {count}, not {right}."

    return test


EQUAL = "An accuracy equal to the goal is enough: compare with >=."
GOES_ON = "The training goes on: set self.model.stop_training = True."
StopAt.cases = {
    "a goal of 0.8": _stops(0.8, [0.5, 0.1, 0.85, 0.3], 3),
    "a goal of 0.6": _stops(0.6, [0.3, 0.65, 0.2], 2),
    "exactly the goal": _stops(0.75, [0.5, 0.75, 0.7], 2),
    "no validation in the first epoch": _stops(0.5, [0, 0.6, 0.2], 2),
}
StopAt.wrong = {
    GOES_ON: ("self.model.stop", "self.stop"),
    EQUAL: (">= goal", "> goal"),
    "It stops after epoch 2, not 3.": ("val_accuracy", "accuracy"),
    "It stops after epoch 1, not 3.": (">= goal", "< goal"),
    "It stops after epoch 1, not 2.": ('y", 0)', 'y", 1)'),
    "KeyError": ('(logs or {}).get("val_accuracy", 0)', 'logs["val_accuracy"]'),
    "must be a keras.callbacks.Callback": ("return Stop()", "return Stop"),
}  # fmt: skip
