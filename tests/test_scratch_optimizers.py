"""The NumPy optimizers take Keras's steps to 1e-5, a hundred of them, and the known first one."""

import numpy as np
import pytest

from asl_helpers.scratch import (
    Adam,
    GradientDescent,
    RMSprop,
    ScratchError,
    cosine_decay,
    step_decay,
    walk,
)

GRADIENTS = np.random.default_rng(3).normal(size=(100, 3, 4)) * [1e-3, 0.1, 1, 30]
START = np.random.default_rng(4).normal(size=(3, 4))


def ours(optimizer):
    weights, path = START, []
    for gradient in GRADIENTS:
        weights = optimizer.step(weights, gradient)
        path.append(weights)
    return np.array(path)


def theirs(optimizer):
    keras = pytest.importorskip("keras")
    variable, path = keras.Variable(START.astype("float32")), []
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))], [variable])
        path.append(keras.ops.convert_to_numpy(variable).copy())
    return np.array(path)


@pytest.mark.parametrize(
    ("mine", "name", "settings"),
    [
        (GradientDescent(0.01), "SGD", {"learning_rate": 0.01}),
        (GradientDescent(0.001, 0.9), "SGD", {"learning_rate": 0.001, "momentum": 0.9}),
        (RMSprop(0.01), "RMSprop", {"learning_rate": 0.01}),
        (Adam(), "Adam", {}),
        (Adam(0.01, 0.8, 0.99), "Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99}),
        (Adam(0.01, weight_decay=0.1), "AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hundred_steps_equal_keras(mine, name, settings):
    keras = pytest.importorskip("keras")
    wanted = theirs(getattr(keras.optimizers, name)(**settings))
    np.testing.assert_allclose(ours(mine), wanted, atol=1e-5, rtol=1e-5)


def test_schedules_equal_keras():
    schedules = pytest.importorskip("keras").optimizers.schedules
    cosine = schedules.CosineDecay(0.1, 50)
    stairs = schedules.ExponentialDecay(0.1, 20, 0.5, staircase=True)
    for step in (0, 1, 19, 20, 39, 40, 49, 50, 70):
        assert cosine_decay(step, 0.1, 50) == pytest.approx(float(cosine(step)), abs=1e-7)
        assert step_decay(step, 0.1, 0.5, 20) == pytest.approx(float(stairs(step)), abs=1e-7)


@pytest.mark.parametrize("slope", [1e-3, 1.0, -40.0])
def test_the_first_step_of_adam_is_the_rate_and_3_16_of_it_without_correction(slope):
    first = Adam(0.01).step(np.zeros(1), np.array([slope]))
    assert first.item() == pytest.approx(-0.01 * np.sign(slope), rel=1e-2)
    bare = Adam(0.01, bias_correction=False).step(np.zeros(1), np.array([slope]))
    assert bare.item() == pytest.approx(-0.01 * np.sqrt(10) * np.sign(slope), rel=1e-2)


def test_v_is_no_variance_and_no_curvature():
    optimizer = Adam()
    for _ in range(10_000):  # f(w) = 3 w: the slope never varies, the second derivative is 0
        optimizer.step(np.zeros(1), np.array([3.0]))
    assert optimizer.v.item() == pytest.approx(9, abs=1e-3)


def test_decoupled_decay_shrinks_all_alike_and_l2_does_not():
    noise = np.random.default_rng(0).choice([-1, 1], size=(500, 1)) * [10.0, 0.1]
    apart, within = Adam(0.01, weight_decay=0.1), Adam(0.01)
    one, two = np.ones(2), np.ones(2)
    for gradient in noise:
        one = apart.step(one, gradient)
        two = within.step(two, gradient + 0.1 * two)
    assert np.ptp(one) < 0.01
    assert two[0] - two[1] > 0.3


def test_a_schedule_is_asked_for_each_step():
    asked = []

    def rate(step):
        asked.append(step)
        return 0.1

    path = walk(GradientDescent(rate), lambda w: w, np.array([1.0]), 3)
    assert asked == [0, 1, 2]
    assert path[:, 0] == pytest.approx([1, 0.9, 0.81, 0.729])


def test_the_given_arrays_stay_and_each_place_is_its_own():
    start = np.array([1.0, 2.0])
    path = walk(Adam(0.1), lambda w: w, start, 5)
    assert start.tolist() == [1, 2]
    assert path.shape == (6, 2)
    assert len(np.unique(path[:, 0])) == 6


def test_what_cannot_be_done_is_named():
    with pytest.raises(ScratchError, match=r"above 0, such as 0.001; got -1"):
        Adam(-1)
    with pytest.raises(ScratchError, match=r"weights \(2,\), gradient \(3,\)"):
        Adam().step(np.zeros(2), np.zeros(3))
