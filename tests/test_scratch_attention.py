"""Channel attention is Keras's two dense layers on the channels' means."""

import numpy as np
import pytest

from asl_helpers.scratch import ScratchError, squeeze_excitation

MAPS = np.random.default_rng(3).normal(size=(4, 6, 5, 24)).astype(np.float32)


def test_it_is_keras_layers_in_a_row():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(2)
    reduce = keras.layers.Dense(4, activation="relu", bias_initializer="random_normal")
    excite = keras.layers.Dense(24, activation="sigmoid", bias_initializer="random_normal")
    scales = excite(reduce(keras.layers.GlobalAveragePooling2D(keepdims=True)(MAPS)))
    ours = squeeze_excitation(MAPS, *reduce.get_weights(), *excite.get_weights())
    np.testing.assert_allclose(ours, MAPS * np.asarray(scales), atol=1e-5)


def test_it_cannot_tell_where_something_is():
    rng = np.random.default_rng(4)
    weights = [rng.normal(size=shape) for shape in ((24, 4), (4,), (4, 24), (24,))]
    moved = np.roll(MAPS, (2, 3), axis=(1, 2))
    again = np.roll(squeeze_excitation(MAPS, *weights), (2, 3), axis=(1, 2))
    np.testing.assert_allclose(squeeze_excitation(moved, *weights), again, atol=1e-5)


def test_weights_that_do_not_fit_are_named():
    with pytest.raises(ScratchError, match=r"w2 \(units, channels\)"):
        squeeze_excitation(MAPS, np.zeros((24, 4)), 0, np.zeros((24, 4)), 0)
