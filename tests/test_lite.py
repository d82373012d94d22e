"""Models in LiteRT's format: the same answers, batches of any size, damaged bytes refused."""

import keras
import numpy as np
import pytest

from asl_helpers import lite


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])


@pytest.fixture(scope="module")
def converted(model):
    return lite.litert(model)


def test_it_answers_as_keras_does_for_batches_of_any_size(model, converted):
    inputs = np.random.default_rng(0).random((5, 4, 3))
    for batch in (inputs[:1], inputs, inputs[:2]):
        np.testing.assert_allclose(converted(batch), np.asarray(model(batch)), atol=1e-5)


def test_the_bytes_are_a_model_by_themselves(converted):
    again = lite.LiteModel(converted.content)
    assert tuple(again.source["shape"]) == (1, 4, 3) and tuple(again.target["shape"]) == (1, 2)
    inputs = np.ones((1, 4, 3), np.float32)
    np.testing.assert_array_equal(again(inputs), converted(inputs))


@pytest.mark.parametrize("content", [b"", b"no model", b"TFL3" * 40])
def test_bytes_that_are_no_model_are_refused(content):
    with pytest.raises(lite.LiteError, match="LiteRT cannot run"):
        lite.LiteModel(content)
