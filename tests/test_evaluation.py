import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, f1_score

from asl_helpers import evaluation
from asl_helpers.evaluation import EvaluationError

NAMES = ("A", "B", "C")


def certain(predictions, confidence=0.8, classes=3):
    """Probabilities that put ``confidence`` on each prediction and share the rest."""
    probs = np.full((len(predictions), classes), (1 - confidence) / (classes - 1), np.float32)
    probs[np.arange(len(predictions)), predictions] = confidence
    return probs


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [  # values of Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_values(correct, n, low, high):
    assert evaluation.wilson(correct, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("correct", "n"), [(0, 5), (57, 63), (2, 63), (63, 63), (123, 4567)])
def test_wilson_agrees_with_scipy(correct, n):
    for confidence in (0.8, 0.95):
        theirs = binomtest(correct, n).proportion_ci(confidence, method="wilson")
        assert evaluation.wilson(correct, n, confidence) == pytest.approx(tuple(theirs))


def test_wilson_stays_inside_and_narrows():
    assert evaluation.wilson(10, 10)[1] == 1
    wide, narrow = evaluation.wilson(90, 100), evaluation.wilson(9000, 10000)
    assert narrow[0] > wide[0]
    assert narrow[1] < wide[1]
    sure, half = evaluation.wilson(5, 10, 0.99), evaluation.wilson(5, 10, 0.5)
    assert sure[0] < half[0]


@pytest.mark.parametrize("bad", [(1, 0), (5, 4), (-1, 4)])
def test_wilson_refuses_impossible_counts(bad):
    with pytest.raises(EvaluationError, match="correct <= n"):
        evaluation.wilson(*bad)
    with pytest.raises(EvaluationError, match="between 0 and 1"):
        evaluation.wilson(1, 2, confidence=95)


def test_report_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    report = evaluation.report_from_probs(labels, certain(predictions), NAMES)
    assert len(report) == 200
    assert report.accuracy == pytest.approx((labels == predictions).mean())
    assert report.interval == evaluation.wilson(int((labels == predictions).sum()), 200)
    assert report.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predictions))
    assert report.macro_f1 == pytest.approx(f1_score(labels, predictions, average="macro"))
    assert report.confusion.sum() == 200
    assert np.allclose(report.confidence, 0.8)
    json.dumps(report.summary())


def test_means_leave_out_a_class_without_images():
    report = evaluation.report_from_probs([0, 0, 1, 1], certain([0, 0, 1, 2]), NAMES)
    assert report.balanced_accuracy == pytest.approx(0.75)
    assert report.macro_f1 == pytest.approx((1 + 2 / 3) / 2)
    assert report.per_class().loc["C", "images"] == 0


def test_rows_of_the_confusion_matrix_are_true_classes():
    report = evaluation.report_from_probs([0, 0, 0, 1, 2], certain([0, 1, 1, 1, 0]), NAMES)
    assert report.confusion.tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]
    table = report.top_confusions()
    assert table.to_dict("records") == [
        {"true": "A", "predicted": "B", "count": 2, "share": pytest.approx(2 / 3)},
        {"true": "C", "predicted": "A", "count": 1, "share": 1.0},
    ]
    assert len(report.top_confusions(1)) == 1


def test_per_class_scores():
    table = evaluation.report_from_probs([0, 0, 0, 1], certain([0, 1, 1, 1]), NAMES).per_class()
    assert table.loc["A", ["precision", "recall"]].tolist() == pytest.approx([1, 1 / 3])
    assert table.loc["B", ["precision", "recall"]].tolist() == pytest.approx([1 / 3, 1])
    assert table["images"].tolist() == [3, 1, 0]


def test_mistakes_come_with_the_most_confident_first():
    probs = np.array([[0.6, 0.4], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
    report = evaluation.report_from_probs([1, 0, 0, 0], probs, "AB")
    assert report.mistakes().tolist() == [1, 2, 0]


def test_calibration_error_of_known_cases():
    labels = np.zeros(10, int)
    right_eight = np.array([0] * 8 + [1] * 2)
    calibrated = certain(right_eight, 0.8)
    assert evaluation.expected_calibration_error(labels, calibrated) == pytest.approx(0, abs=1e-6)
    boastful = certain(right_eight, 1.0)
    assert evaluation.expected_calibration_error(labels, boastful) == pytest.approx(0.2)
    # Half the answers too sure by 0.45, half too modest by 0.45: bins do not cancel each other.
    mixed = np.concatenate([certain([0, 1] * 5, 0.95), certain([0] * 10, 0.55)])
    error = evaluation.expected_calibration_error(np.zeros(20, int), mixed)
    assert error == pytest.approx(0.45)


def test_log_loss_by_hand_and_never_infinite():
    labels = np.array([0, 1, 1, 0])
    first = np.array([0.5, 0.25, 0.25, 0.5])
    probs = np.stack([first, 1 - first], axis=1)
    by_hand = -(2 * np.log(0.5) + 2 * np.log(0.75)) / 4
    assert evaluation.log_loss(labels, probs) == pytest.approx(by_hand)
    wrong = certain([1, 0, 0, 1], 1.0, classes=2)
    assert evaluation.log_loss(labels, wrong) == pytest.approx(-np.log(1e-7))
    with pytest.raises(EvaluationError, match="a label a row"):
        evaluation.log_loss(labels[:2], probs)


def test_grouped_interval_is_wider_when_answers_come_in_groups():
    right = np.repeat(np.arange(20) < 15, 20)
    groups = np.repeat(np.arange(20), 20)
    low, high = evaluation.grouped_interval(right, groups)
    narrow = evaluation.wilson(300, 400)
    assert low < narrow[0]
    assert high > narrow[1]
    assert (low, high) == pytest.approx(evaluation.wilson(15, 20), abs=0.06)
    assert evaluation.grouped_interval(right, groups) == (low, high)


def test_grouped_interval_of_single_images_is_about_wilsons():
    right = np.arange(400) < 300
    found = evaluation.grouped_interval(right, np.arange(400))
    assert found == pytest.approx(evaluation.wilson(300, 400), abs=0.01)


def test_grouped_interval_wants_a_group_for_each_answer():
    with pytest.raises(EvaluationError, match="one group an answer"):
        evaluation.grouped_interval(np.ones(3), np.zeros(2))


def test_softmax_of_large_logits():
    probs = evaluation.softmax(np.array([[1e4, 1e4], [0.0, np.log(3)]]))
    assert probs == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
    assert probs.dtype == np.float32


class Echo:
    """A model whose logits are its input, called as Keras models are."""

    def __call__(self, batch, training):
        return batch


class Batches:
    """A dataset of two batches, read as tf.data's are."""

    def __init__(self, images, labels):
        self.parts = [(images[:2], labels[:2]), (images[2:], labels[2:])]

    def as_numpy_iterator(self):
        return iter(self.parts)


def test_report_reads_arrays_and_datasets_alike():
    logits, labels = np.eye(3, dtype=np.float32) * 4, np.array([0, 1, 0])
    arrays = evaluation.report(Echo(), logits, labels, NAMES)
    dataset = evaluation.report(Echo(), Batches(logits, labels), class_names=NAMES)
    pieces = evaluation.report(Echo(), logits, labels, NAMES, batch_size=2)
    assert np.array_equal(pieces.probs, arrays.probs)
    assert arrays.accuracy == dataset.accuracy == pytest.approx(2 / 3)
    assert np.array_equal(arrays.probs, dataset.probs)
    with pytest.raises(EvaluationError, match="leave labels out"):
        evaluation.report(Echo(), Batches(logits, labels), labels, NAMES)
    with pytest.raises(EvaluationError, match="one label for each image"):
        evaluation.report(Echo(), logits, labels[:2], NAMES)


@pytest.mark.parametrize(
    ("labels", "probs", "message"),
    [
        ([0, 3], certain([0, 1]), "run from 0 to 3"),
        ([0, 1], certain([0, 1, 2]), r"shape \(2, 3\)"),
        ([0, 1], certain([0, 1], classes=4), r"shape \(2, 3\)"),
        ([0.0, 1.0], certain([0, 1]), "integer labels"),
        ([], np.zeros((0, 3)), "n >= 1"),
        ([0, 1], np.eye(3)[:2] * 4, "sum to 1"),
    ],
)
def test_report_refuses_what_does_not_belong_together(labels, probs, message):
    with pytest.raises(EvaluationError, match=message):
        evaluation.report_from_probs(np.array(labels), probs, NAMES)
