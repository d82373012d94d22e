"""Maps on models whose reasons are known, because their weights were set by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from asl_helpers import explain, networks
from asl_helpers.errors import AslError

PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.float32)
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], np.float32)
SIDE = 16


def network(name, pooling, weights, bias):
    """Two channels, 1 where a plus or a cross lies and 0 elsewhere; then a linear layer."""
    kernel = np.stack([2 * PLUS - 1, 2 * CROSS - 1], axis=-1)[:, :, None]
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(2, 3, padding="same", activation="relu", name="conv"),
            pooling,
            layers.Dense(len(bias), name="logits"),
        ],
        name=name,
    )
    model.set_weights([kernel, np.full(2, -4.0), weights, np.array(bias)])
    return model


@pytest.fixture(scope="module")
def by_pattern():
    """Class 0 counts pluses, class 1 crosses, class 2 nothing; where they lie does not matter."""
    weights = np.array([[900, 0, 0], [0, 900, 0]])
    return network("by_pattern", layers.GlobalAveragePooling2D(), weights, [0, 0, 0])


@pytest.fixture(scope="module")
def by_corner():
    """Class 0 is a plus in the upper left quarter; what lies elsewhere changes nothing."""
    weights = np.zeros((SIDE, SIDE, 2, 2))
    weights[:8, :8, 0, 0] = 5
    return network("by_corner", layers.Flatten(), weights.reshape(-1, 2), [0, 1])


def picture(**marks):
    """A dark picture with marks: a name -> (pattern, row, column of its centre)."""
    image = np.zeros((SIDE, SIDE, 1), np.float32)
    for pattern, row, column in marks.values():
        image[row - 1 : row + 2, column - 1 : column + 2, 0] = pattern
    return image


BOTH = picture(plus=(PLUS, 4, 3), cross=(CROSS, 11, 12))


def places(heat):
    return [tuple(map(int, place)) for place in np.argwhere(heat)]


def test_grad_cam_marks_the_class_s_own_pattern_and_nothing_else(by_pattern):
    plus, cross = explain.grad_cam(by_pattern, np.stack([BOTH, BOTH]), classes=[0, 1])
    assert places(plus) == [(4, 3)]
    assert places(cross) == [(11, 12)]
    assert plus.dtype == np.float32
    assert plus.shape == (SIDE, SIDE)
    assert plus.max() == 1


def test_without_a_class_it_explains_what_the_model_reads(by_pattern):
    crosses = picture(one=(CROSS, 3, 3), two=(CROSS, 12, 4), plus=(PLUS, 8, 12))
    (heat,) = explain.grad_cam(by_pattern, crosses[None])
    assert places(heat) == [(3, 3), (12, 4)]


def test_a_class_without_evidence_has_an_empty_map(by_pattern):
    assert not explain.grad_cam(by_pattern, BOTH[None], classes=2).any()
    assert not explain.grad_cam(by_pattern, picture()[None], classes=0).any()


def test_evidence_against_a_class_is_cut_off(by_pattern):
    against = keras.models.clone_model(by_pattern)
    against.set_weights(by_pattern.get_weights())
    weights, bias = against.get_layer("logits").get_weights()
    weights[1, 0] = -900  # a cross speaks against class 0
    against.get_layer("logits").set_weights([weights, bias])
    (heat,) = explain.grad_cam(against, BOTH[None], classes=0)
    assert places(heat) == [(4, 3)]


def test_a_map_follows_its_pattern_and_nothing_else_changes_it(by_pattern, monkeypatch):
    (alone,) = explain.grad_cam(by_pattern, BOTH[None], classes=0)
    others = np.stack([picture(), BOTH, 2 * BOTH, np.roll(BOTH, (2, 1), axis=(0, 1))])
    beside = explain.grad_cam(by_pattern, others, classes=0)
    np.testing.assert_allclose(beside[1], alone)
    assert beside[2].max() == 1 and beside[2].argmax() == alone.argmax()  # a brighter image
    assert places(beside[3]) == [(6, 4)]
    monkeypatch.setattr(explain, "_BATCH", 3)
    np.testing.assert_array_equal(explain.grad_cam(by_pattern, others, classes=0), beside)


def test_a_dense_head_shows_what_grad_cam_cannot_tell(by_corner):
    two = picture(counts=(PLUS, 4, 4), ignored=(PLUS, 11, 11))
    (heat,) = explain.grad_cam(by_corner, two[None], classes=0)
    assert places(heat) == [(4, 4), (11, 11)], "slopes are averaged over places"
    (loss,) = explain.occlusion(by_corner, two[None], patch=3, stride=1, fill=0, classes=0)
    assert not loss[9:, 9:].any()


def test_occlusion_falls_where_the_pattern_is_and_nowhere_else(by_corner):
    image = picture(counts=(PLUS, 4, 4), ignored=(CROSS, 11, 11))
    for score in ("probability", "logit"):
        (loss,) = explain.occlusion(
            by_corner, image[None], patch=1, stride=1, fill=0, classes=0, score=score
        )
        on = np.zeros((SIDE, SIDE), bool)
        on[3:6, 3:6] = PLUS > 0
        assert (loss[on] > 0.1).all()
        np.testing.assert_allclose(loss[~on], 0, atol=1e-6)


def test_occlusion_gives_the_loss_itself_and_the_mean_where_squares_overlap(by_corner):
    image = picture(counts=(PLUS, 4, 4))[None]
    options = {"patch": 8, "fill": 0, "classes": 0, "score": "logit"}
    (loss,) = explain.occlusion(by_corner, image, stride=8, **options)
    expected = np.zeros((SIDE, SIDE))
    expected[:8, :8] = 5
    np.testing.assert_allclose(loss, expected)
    (loss,) = explain.occlusion(by_corner, image, stride=4, **options)
    assert loss[4, 4] == pytest.approx(5), "all four squares that cover it hide the plus"
    assert loss[9, 9] == pytest.approx(5 / 4), "one square of four hides it"


def test_occlusion_is_negative_where_a_square_helps(by_pattern):
    (loss,) = explain.occlusion(by_pattern, BOTH[None], patch=3, stride=1, fill=0, classes=0)
    assert loss[4, 3] > 0.1
    assert loss[11, 12] < -0.1, "without the cross, the plus is surer"


def test_the_default_square_has_the_picture_s_own_mean(by_corner):
    even = np.full((1, SIDE, SIDE, 1), 0.5, np.float32)
    assert not explain.occlusion(by_corner, even).any()


def test_random_weights_give_another_map():
    """The check of Adebayo et al. 2018: a map of the model must change with its weights."""
    keras.utils.set_random_seed(4)
    model = networks.baseline_cnn((20, 20, 1), classes=5)
    other = keras.models.clone_model(model)
    images = np.random.default_rng(1).random((6, 20, 20, 1), np.float32)
    for method in (explain.grad_cam, explain.occlusion):
        first, again = (method(model, images, classes=2) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        second = method(other, images, classes=2)
        alike = [
            np.corrcoef(a.ravel(), b.ravel())[0, 1]
            for a, b in zip(first, second, strict=True)
            if a.any() and b.any()
        ]
        assert len(alike) >= 3
        assert np.mean(alike) < 0.6
    np.testing.assert_array_equal(
        explain.grad_cam(model, images), explain.grad_cam(model, images, "conv2")
    )


def test_what_cannot_be_explained_is_named(by_pattern):
    image = BOTH[None]
    dense = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(3)])
    shares = keras.Sequential([*by_pattern.layers[:-1], layers.Dense(3, activation="softmax")])
    shares.build((None, SIDE, SIDE, 1))
    wrong = [
        (dense, image, None, "no convolution"),
        (by_pattern, image, "konv", "Did you mean 'conv'"),
        (shares, image, None, "ends in a softmax"),
        (by_pattern, (image * 255).astype(np.uint8), None, "preprocess"),
    ]
    for *given, message in wrong:
        with pytest.raises(AslError, match=message):
            explain.grad_cam(*given)


def test_no_pictures_give_no_maps(by_pattern):
    nothing = np.zeros((0, SIDE, SIDE, 1), np.float32)
    assert explain.grad_cam(by_pattern, nothing).shape == (0, SIDE, SIDE)
    assert explain.occlusion(by_pattern, nothing).shape == (0, SIDE, SIDE)
