"""Checkers of chapter 5: from gradient descent to Adam."""

import numpy as np

from asl_helpers.checks.core import Failed, case, compare, exercise

REPEATED = "Every step holds the same array: append a copy."
START = "The start is missing: the path has steps + 1 points."


def _bowl(weights):
    return np.array([1.0, 20.0]) * weights


def _ramp(weights):
    return np.full(np.shape(weights), 2.0)


def _uneven(weights):
    return np.array([1e-3, 5.0, -300.0]) + 0.1 * np.asarray(weights)


def _tiny(weights):
    return np.full(np.shape(weights), 1e-6)


@exercise(points=3)
def momentum_path(gradient, start, rate, momentum, steps):
    path, velocity = [start], 0.0
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


momentum_path.cases = {
    "momentum 0 is gradient descent": case(_bowl, np.array([3.0, 1.0]), 0.04, 0.0, 5),
    "a gradient that never changes": case(_ramp, np.array([1.0]), 0.1, 0.5, 4),
    "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.03, 0.9, 8),
}
momentum_path.wrong = {
    START: ("(path)", "(path[1:])"),
    REPEATED: ("(path)", "(path[-1:] * len(path))"),
    "This goes uphill: subtract the gradient.": ("- rate", "+ rate"),
    "The velocity is forgotten: keep it.": ("momentum * velocity", "0"),
    "The gradient is multiplied by 1 − momentum: that is a running mean, with smaller steps.":
        ("- rate", "- (1 - momentum) * rate"),
    "The rate is missing: multiply by it.": ("rate * ", ""),
}  # fmt: skip


@exercise(points=5)
def adam_path(gradient, start, rate, steps):
    beta1, beta2 = 0.9, 0.999
    path, m, v = [start], 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(path[-1])
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        rate_t = rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        path.append(path[-1] - rate_t * m / (np.sqrt(v) + 1e-7))
    return np.array(path)


adam_path.cases = {
    "the first step is the rate": case(_uneven, np.array([1.0, 2.0, 3.0]), 0.1, 1),
    "a gradient that never changes": case(_ramp, np.array([4.0]), 0.05, 6),
    "down a bowl": case(_bowl, np.array([-3.0, 2.0]), 0.1, 12),
    "gradients of very different sizes": case(_uneven, np.array([0.5, 0.5, 0.5]), 0.01, 20),
    "gradients of a millionth": case(_tiny, np.array([0.5, 0.5]), 0.1, 3),
}
adam_path.wrong = {
    START: ("(path)", "(path[1:])"),
    REPEATED: ("(path)", "(path[-1:] * len(path))"),
    "The bias correction is missing: m and v start at 0 and are too small at first; the first step "
    "is 3.16 times the rate.": (" * np.sqrt(1 - beta2**t) / (1 - beta1**t)", ""),
    "v is not corrected: multiply the rate by √(1 − β₂ᵗ).": (" * np.sqrt(1 - beta2**t)", ""),
    "m is not corrected: divide the rate by 1 − β₁ᵗ.": (" / (1 - beta1**t)", ""),
    "0 / 0 at the first step: count the steps from 1.": ("(1, steps + 1)", "(steps)"),
    "The correction is one step late: t is 1 at the first step.":
        ("(1, steps + 1)", "(2, steps + 2)"),
    "The betas are exchanged: 0.9 is for m, 0.999 for v.": ("0.9, 0.999", "0.999, 0.9"),
    "The square root of v is missing: v is a squared gradient.": ("np.sqrt(v)", "v"),
    "v averages the squared gradients, not their absolute values.": ("g**2", "np.abs(g)"),
    "Epsilon is missing: add 1e-7 to the square root of v.": (" + 1e-7", ""),
    "Epsilon is added to the corrected root: that is the first form. Keras adds it to √v.":
        ("1e-7", "1e-7 * np.sqrt(1 - beta2**t)"),
    "Epsilon is under the root: add it after taking the root.":
        ("np.sqrt(v) + 1e-7", "np.sqrt(v + 1e-7)"),
    "This is another epsilon: use 1e-7.": [("1e-7", "1e-8"), ("1e-7", "1e-6")],
    "This goes uphill: subtract the step.": ("- rate_t", "+ rate_t"),
    "The rate is missing.": ("= rate * ", "= "),
    "This is gradient descent: use m and v.":
        lambda gradient, start, rate, steps:
            momentum_path.reference(gradient, start, rate, 0, steps),
}  # fmt: skip


@exercise(points=3)
def batches(count, size, rng):
    order = rng.permutation(count)
    return [order[first : first + size] for first in range(0, count, size)]


def _epoch(call, seed=3):
    """Return the arrays of one epoch of 50 rows in batches of 8."""
    found = call(50, 8, np.random.default_rng(seed))
    try:
        return [np.asarray(rows, np.int64).reshape(-1) for rows in found]
    except (TypeError, ValueError):
        raise Failed("A list of integer arrays was expected.") from None


def _sizes(call):
    sizes = [len(rows) for rows in _epoch(call)]
    if sizes == [8] * 6:
        return "The last batch is missing: it is shorter than the others."
    if sizes != [8] * 6 + [2]:
        return f"The batches have {sizes} rows; expected {[8] * 6 + [2]}."


def _once(call):
    rows = np.concatenate(_epoch(call))
    if len(rows) == 50 and len(set(rows)) < 50:
        return "Rows are repeated: draw a permutation, not random numbers."
    if set(rows) != set(range(50)):
        return "Each of the rows 0 to count − 1 must occur once."


def _shuffled(call):
    rows, other = (np.concatenate(_epoch(call, seed)) for seed in (3, 4))
    if np.array_equal(rows, np.sort(rows)):
        return "The rows are in order: shuffle them with rng.permutation."
    if np.array_equal(rows, other):
        return "The order is always the same: draw it from the `rng` that is given."
    if not np.array_equal(rows, np.concatenate(_epoch(call))):
        return "The same `rng` gives another order: draw from it alone."


batches.cases = {
    "batches of the right size": _sizes,
    "each row once": _once,
    "a random order": _shuffled,
}
batches.wrong = {
    "The last batch is missing: it is shorter than the others.": ("(0, count,", "(0, count - 2,"),
    "The batches have": ("first + size]", "first + size - 1]"),
    "Rows are repeated: draw a permutation, not random numbers.":
        ("permutation(count)", "integers(0, count, count)"),
    "Each of the rows 0 to count − 1 must occur once.":
        ("permutation(count)", "permutation(count) + 1"),
    "The rows are in order: shuffle them with rng.permutation.":
        ("rng.permutation", "np.arange"),
    "The order is always the same: draw it from the `rng` that is given.":
        ("rng.permutation", "np.random.default_rng(0).permutation"),
    "The same `rng` gives another order: draw from it alone.":
        ("rng.permutation", "np.random.default_rng().permutation"),
    "A list of integer arrays was expected.": lambda count, size, rng: count // size,
}  # fmt: skip


def _rates(schedule):
    return np.array([float(schedule(step)) for step in (0, 4, 10, 25, 55, 85, 100, 120)])


@exercise(points=4, read=_rates)
def warmup_cosine(rate, steps, warmup):
    from keras.optimizers.schedules import CosineDecay

    return CosineDecay(0.0, steps - warmup, warmup_target=rate, warmup_steps=warmup)


warmup_cosine.cases = {
    "100 steps, 10 of them warm-up": case(0.2, 100, 10),
    "a longer warm-up": case(1.0, 100, 25),
    "a short run": case(0.01, 40, 4),
}
warmup_cosine.wrong = {
    "The decay ends too late: `decay_steps` are counted after the warm-up.":
        ("steps - warmup", "steps"),
    "There is no warm-up: give `warmup_target` and `warmup_steps`.":
        ("0.0, steps - warmup, warmup_target=rate, warmup_steps=warmup", "rate, steps"),
    "The rate ends above 0: leave `alpha` at 0.": ("steps - warmup,", "steps - warmup, 0.1,"),
    "The warm-up starts at `rate`: the initial learning rate is 0.": ("0.0,", "rate,"),
}  # fmt: skip


@exercise(points=5)
def compile_model(model, rate, steps):
    import keras

    schedule = warmup_cosine.reference(rate, steps, steps // 10)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.01, global_clipnorm=1.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def _compiled(call):
    """Return a model of four classes that the answer has compiled."""
    import keras

    made = call(keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]), 0.2, 100)
    if not isinstance(made, keras.Model):
        raise Failed("Return the compiled model.")
    if getattr(made, "optimizer", None) is None:
        raise Failed("The model is not compiled: call model.compile.")
    return made


def _optimizer(call):
    name = type(_compiled(call).optimizer).__name__
    return None if name == "AdamW" else f"This is {name}; use AdamW."


def _schedule(call):
    import keras

    rate = _compiled(call).optimizer._learning_rate
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return "The learning rate is constant: pass the schedule to the optimizer."
    return compare(_rates(rate), _rates(warmup_cosine.reference(0.2, 100, 10)))


def _decay(call):
    decay = _compiled(call).optimizer.weight_decay
    return None if decay == 0.01 else f"weight_decay is {decay}; use 0.01."


def _clipping(call):
    optimizer = _compiled(call).optimizer
    if optimizer.clipnorm is not None:
        return "`clipnorm` limits each array separately: use `global_clipnorm`."
    return None if optimizer.global_clipnorm == 1 else "Set `global_clipnorm` to 1."


def _loss(call):
    logits, label = np.array([[2.0, -1.0, 0.5, 0.0]], "float32"), np.array([2])
    wanted = np.log(np.exp(logits).sum()) - logits[0, 2]
    try:
        value = float(_compiled(call).compute_loss(y=label, y_pred=logits))
    except (ValueError, TypeError):
        return "The labels are integers: use SparseCategoricalCrossentropy."
    if abs(value - wanted) > 1e-4:
        return "The last layer gives logits: set from_logits=True."


compile_model.cases = {
    "the optimizer is AdamW": _optimizer,
    "its rate is the schedule": _schedule,
    "weight decay": _decay,
    "clipping": _clipping,
    "the loss takes logits": _loss,
}
compile_model.wrong = {
    "This is Adam; use AdamW.": ("AdamW", "Adam"),
    "The learning rate is constant: pass the schedule to the optimizer.": ("(schedule,", "(rate,"),
    "weight_decay is 0.004; use 0.01.": ("weight_decay=0.01, ", ""),
    "`clipnorm` limits each array separately: use `global_clipnorm`.": ("global_clip", "clip"),
    "Set `global_clipnorm` to 1.": (", global_clipnorm=1.0", ""),
    "The last layer gives logits: set from_logits=True.": ("from_logits=True", ""),
    "The labels are integers: use SparseCategoricalCrossentropy.": ("SparseC", "C"),
    "Return the compiled model.": ("return model", "return schedule"),
    "The model is not compiled: call model.compile.":
        ("model.compile(optimizer, loss, metrics=[\"accuracy\"])", ""),
}  # fmt: skip
